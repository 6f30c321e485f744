//! What was observed of one host: the only input of the planner.

use std::collections::BTreeMap;
use std::time::Duration;

use ironic_types::{Driver, Node, Port, VolumeConnector, VolumeTarget};
use jiff::Timestamp;
use metal_api::v1alpha1::{BareMetalHost, HardwareDetails};
use uuid::Uuid;

use crate::bmc::InterfaceKind;
use crate::config_drive::{ConfigDriveFacts, VirtualMediaFacts};
use crate::fingerprint::Fingerprint;
use crate::leases::LeaseFacts;
use crate::rivals::Rival;

/// One host and all that belongs to it, at one moment.
#[derive(Debug, Clone)]
pub struct Observation {
    /// The host as Kubernetes has it.
    pub host: BareMetalHost,
    /// The hardware that a HardwareData object of the same name lists, where one exists and [`Needs::hardware`](crate::Needs::hardware) asked.
    pub hardware: Option<HardwareDetails>,
    /// Facts about the Secret that `spec.bmc.credentialsName` names.
    pub bmc_credentials: SecretFacts,
    /// Facts about the Secrets of the host's [volumes](crate::iscsi_secrets), by name; of one that isn't here nothing was
    /// read.
    pub iscsi_credentials: BTreeMap<String, SecretFacts>,
    /// Facts about the config drive that the host's `userData`, `networkData` and `metaData` make.
    pub config_drive: ConfigDriveFacts,
    /// What Ironic said.
    pub ironic: IronicView,
    /// Other hosts that claim the same machine.
    pub rivals: Vec<Rival>,
    /// The Leases of the host's volumes.
    pub leases: LeaseFacts,
    /// How this operator is configured.
    pub settings: Settings,
    /// The time of the observation.
    pub now: Timestamp,
    /// A random value that no earlier observation had: the source of a new deployment id.
    pub fresh_id: Uuid,
}

impl Observation {
    /// The host's node, if Ironic answered and has one.
    pub fn node(&self) -> Option<&Node> {
        match &self.ironic {
            IronicView::Seen(seen) => seen.node.as_ref(),
            IronicView::Unavailable { .. } => None,
        }
    }

    /// Facts about a Secret of the host's volumes.
    pub(crate) fn iscsi_facts(&self, name: &str) -> &SecretFacts {
        self.iscsi_credentials
            .get(name)
            .unwrap_or(&SecretFacts::NotRead)
    }
}

/// What is known of a Secret without its contents.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SecretFacts {
    /// The host's state needs no look at it, or the host names none.
    NotRead,
    /// There is no Secret of that name in the host's namespace.
    Missing,
    /// It has neither the type nor the label that lets it be used for iSCSI.
    NotOptedIn,
    /// It can't be used.
    Invalid {
        /// Names the key and says what is wrong with it; never the value.
        problem: String,
    },
    /// It can be used for a BMC.
    Usable {
        /// The Secret's `metadata.resourceVersion`.
        version: String,
    },
    /// It can be used for a volume.
    Chap(ChapFacts),
}

/// What is known of a volume's credentials without knowing them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChapFacts {
    /// Tells them from others.
    pub fingerprint: Fingerprint,
    /// Whether the password is longer than some initiators and targets take.
    pub is_long: bool,
}

/// What Ironic said about the host's node.
#[derive(Debug, Clone)]
pub enum IronicView {
    /// No answer, or none that could be used.
    Unavailable {
        /// What went wrong, without a final dot.
        message: String,
    },
    /// Ironic answered.
    Seen(Box<Seen>),
}

/// The host's things in Ironic. Lists are empty where they weren't asked for: see [`needs`](crate::needs()) and [`volume_scope`](crate::volume_scope).
#[derive(Debug, Clone, Default)]
pub struct Seen {
    /// The node, found by its id, its name, or the MAC address of a port of a node without a name.
    pub node: Option<Node>,
    /// The node's ports.
    pub ports: Vec<Port>,
    /// The node's volume connectors.
    pub connectors: Vec<VolumeConnector>,
    /// The volume targets of the node, or of all nodes: see [`VolumeScope`](crate::VolumeScope).
    pub targets: Vec<VolumeTarget>,
    /// Whether `ports`, `connectors` and `targets` hold all that Ironic has for the node, as far as the watch knows.
    pub knows_belongings: bool,
    /// The machine's virtual CD drive.
    pub virtual_media: VirtualMediaFacts,
    /// What this Ironic has enabled for the host's driver.
    pub abilities: Option<Abilities>,
    /// Another node with a name of its own that has the host's `bootMACAddress`. Looked for while the host has no node.
    pub mac_owner: Option<MacOwner>,
    /// The name of the node that the host's record names, if that is no name of this host's: the node is another's.
    pub stranger: Option<String>,
    /// How many other nodes boot a ramdisk from the network: see [`is_busy`](crate::is_busy).
    pub busy_nodes: usize,
}

/// A node that has a port with the host's `bootMACAddress`, and isn't the host's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MacOwner {
    /// The MAC address.
    pub address: String,
    /// The node's name.
    pub node: String,
}

/// What Ironic has enabled for one driver (`GET /v1/drivers/{name}`).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Abilities {
    /// The driver's name, such as `redfish`.
    pub driver: String,
    /// Whether a conductor runs it: `enabled_hardware_types` of ironic.conf.
    pub is_enabled: bool,
    /// `enabled_bios_interfaces` of ironic.conf, as far as the driver supports them.
    pub bios_interfaces: Vec<String>,
    /// `enabled_boot_interfaces`, likewise.
    pub boot_interfaces: Vec<String>,
    /// `enabled_deploy_interfaces`, likewise.
    pub deploy_interfaces: Vec<String>,
    /// `enabled_firmware_interfaces`, likewise.
    pub firmware_interfaces: Vec<String>,
    /// `enabled_inspect_interfaces`, likewise.
    pub inspect_interfaces: Vec<String>,
    /// `enabled_management_interfaces`, likewise.
    pub management_interfaces: Vec<String>,
    /// `enabled_power_interfaces`, likewise.
    pub power_interfaces: Vec<String>,
    /// `enabled_raid_interfaces`, likewise.
    pub raid_interfaces: Vec<String>,
    /// `enabled_storage_interfaces`, likewise.
    pub storage_interfaces: Vec<String>,
    /// `enabled_vendor_interfaces`, likewise.
    pub vendor_interfaces: Vec<String>,
}

impl Abilities {
    /// What an Ironic can do that doesn't know the driver.
    pub fn none(driver: impl Into<String>) -> Self {
        Self {
            driver: driver.into(),
            ..Self::default()
        }
    }

    /// Whether a node of this driver can have an interface.
    pub(crate) fn has(&self, kind: InterfaceKind, interface: &str) -> bool {
        let enabled = match kind {
            InterfaceKind::Bios => &self.bios_interfaces,
            InterfaceKind::Boot => &self.boot_interfaces,
            InterfaceKind::Firmware => &self.firmware_interfaces,
            InterfaceKind::Management => &self.management_interfaces,
            InterfaceKind::Power => &self.power_interfaces,
            InterfaceKind::Raid => &self.raid_interfaces,
            InterfaceKind::Vendor => &self.vendor_interfaces,
        };
        enabled.iter().any(|enabled| enabled == interface)
    }
}

impl From<Driver> for Abilities {
    fn from(driver: Driver) -> Self {
        Self {
            driver: driver.name,
            is_enabled: true,
            bios_interfaces: driver.enabled_bios_interfaces.unwrap_or_default(),
            boot_interfaces: driver.enabled_boot_interfaces.unwrap_or_default(),
            deploy_interfaces: driver.enabled_deploy_interfaces.unwrap_or_default(),
            firmware_interfaces: driver.enabled_firmware_interfaces.unwrap_or_default(),
            inspect_interfaces: driver.enabled_inspect_interfaces.unwrap_or_default(),
            management_interfaces: driver.enabled_management_interfaces.unwrap_or_default(),
            power_interfaces: driver.enabled_power_interfaces.unwrap_or_default(),
            raid_interfaces: driver.enabled_raid_interfaces.unwrap_or_default(),
            storage_interfaces: driver.enabled_storage_interfaces.unwrap_or_default(),
            vendor_interfaces: driver.enabled_vendor_interfaces.unwrap_or_default(),
        }
    }
}

/// How this operator is configured: what the planner must know of its flags.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// How long a machine gets to shut down before its power is cut.
    pub soft_power_off_timeout: Duration,
    /// `driver_info.deploy_kernel`: Ironic's `ipxe` boot interface demands a value, though nothing fetches it when a
    /// node boots from a volume.
    pub deploy_kernel: String,
    /// `driver_info.deploy_ramdisk`, likewise.
    pub deploy_ramdisk: String,
    /// How many deployments may fail in a row before the host waits for a change of its spec; 0 for any number, as in Metal3.
    pub max_provisioning_retries: i64,
    /// How many machines may boot a ramdisk from the network at once.
    pub provisioning_limit: usize,
    /// Where the Leases of volumes are: messages name it.
    pub volume_lease_namespace: String,
}
