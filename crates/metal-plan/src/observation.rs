//! What was observed of one host: the only input of the planner.

use std::time::Duration;

use ironic_types::{Driver, Node, Port, ProvisionState, VolumeConnector, VolumeTarget};
use jiff::Timestamp;
use metal_api::v1alpha1::{BareMetalHost, HardwareDetails, ProvisioningState};
use uuid::Uuid;

/// One host and all that belongs to it, at one moment.
#[derive(Debug, Clone)]
pub struct Observation {
    /// The host as Kubernetes has it.
    pub host: BareMetalHost,
    /// The hardware that a HardwareData object of the same name lists, where one exists and [`Needs::hardware`] asked.
    pub hardware: Option<HardwareDetails>,
    /// Facts about the Secret that `spec.bmc.credentialsName` names.
    pub bmc_credentials: SecretFacts,
    /// Facts about the Secret that `spec.bootVolume.iscsiCredentialsName` names.
    pub iscsi_credentials: SecretFacts,
    /// What Ironic said.
    pub ironic: IronicView,
    /// How this operator is configured.
    pub settings: Settings,
    /// The time of the observation.
    pub now: Timestamp,
    /// A random value that no earlier observation had: the source of a new deployment id.
    pub fresh_id: Uuid,
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
    /// It can be used.
    Usable {
        /// The Secret's `metadata.resourceVersion`.
        version: String,
    },
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

/// The host's things in Ironic. Lists are empty where they weren't asked for: see [`needs`] and [`volume_scope`].
#[derive(Debug, Clone, Default)]
pub struct Seen {
    /// The node, found by its id or its name.
    pub node: Option<Node>,
    /// The node's ports.
    pub ports: Vec<Port>,
    /// The node's volume connectors.
    pub connectors: Vec<VolumeConnector>,
    /// The volume targets of the node, or of all nodes: see [`VolumeScope`].
    pub targets: Vec<VolumeTarget>,
    /// What this Ironic has enabled for the host's driver.
    pub abilities: Option<Abilities>,
}

/// The interfaces that Ironic has enabled for one driver (`GET /v1/drivers/{name}`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Abilities {
    /// The driver's name, such as `redfish`.
    pub driver: String,
    /// `enabled_boot_interfaces` of ironic.conf, as far as the driver supports them.
    pub boot_interfaces: Vec<String>,
    /// `enabled_storage_interfaces`, likewise.
    pub storage_interfaces: Vec<String>,
    /// `enabled_deploy_interfaces`, likewise.
    pub deploy_interfaces: Vec<String>,
}

impl Abilities {
    /// What an Ironic can do that doesn't know the driver.
    pub fn none(driver: impl Into<String>) -> Self {
        Self {
            driver: driver.into(),
            boot_interfaces: Vec::new(),
            storage_interfaces: Vec::new(),
            deploy_interfaces: Vec::new(),
        }
    }
}

impl From<Driver> for Abilities {
    fn from(driver: Driver) -> Self {
        Self {
            driver: driver.name,
            boot_interfaces: driver.enabled_boot_interfaces.unwrap_or_default(),
            storage_interfaces: driver.enabled_storage_interfaces.unwrap_or_default(),
            deploy_interfaces: driver.enabled_deploy_interfaces.unwrap_or_default(),
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
    /// How many deployments may fail in a row before the host waits for a change of its spec.
    pub max_provisioning_retries: i64,
}

/// What to read, beside the node, to plan for a host in its present state.
#[expect(
    clippy::struct_excessive_bools,
    reason = "independent questions, each answered by its own request"
)]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Needs {
    /// The node and all below. Hosts that were just created or have no BMC need nothing of Ironic.
    pub node: bool,
    /// Facts about the BMC's Secret.
    pub bmc_credentials: bool,
    /// Facts about the volume's Secret.
    pub iscsi_credentials: bool,
    /// The node's ports.
    pub ports: bool,
    /// The driver's enabled interfaces.
    pub abilities: bool,
    /// The HardwareData object.
    pub hardware: bool,
}

/// Which volume connectors and targets to read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum VolumeScope {
    /// None: the plan doesn't depend on them.
    None,
    /// Those of the host's node.
    Node,
    /// The connectors of the host's node and the targets of all nodes, to see whether another one has the volume.
    AllTargets,
}

/// What the plan for this host will depend on, judged by its state alone.
pub fn needs(host: &BareMetalHost) -> Needs {
    use ProvisioningState as S;
    let node = Needs {
        node: true,
        ..Needs::default()
    };
    match host
        .status
        .as_ref()
        .map(|status| status.provisioning.state)
        .unwrap_or_default()
    {
        S::None | S::Unmanaged => Needs::default(),
        S::Registering => Needs {
            bmc_credentials: true,
            ports: true,
            abilities: true,
            ..node
        },
        S::Inspecting | S::MatchProfile | S::Preparing | S::Deprovisioning => Needs {
            hardware: true,
            ..node
        },
        S::Ready | S::Available => Needs {
            iscsi_credentials: true,
            ..node
        },
        S::Provisioning => Needs {
            iscsi_credentials: true,
            hardware: true,
            ..node
        },
        S::Provisioned | S::ExternallyProvisioned | S::PoweringOffBeforeDelete | S::Deleting => {
            node
        }
    }
}

/// Which volumes the plan will depend on, once the node is known.
pub fn volume_scope(host: &BareMetalHost, node: &Node) -> VolumeScope {
    use ProvisioningState as S;
    let settled = matches!(
        node.provision_state,
        Some(ProvisionState::Available | ProvisionState::Active)
    );
    match host
        .status
        .as_ref()
        .map(|status| status.provisioning.state)
        .unwrap_or_default()
    {
        S::Ready | S::Available if crate::effective(&host.spec).is_some() => {
            VolumeScope::AllTargets
        }
        S::Provisioning | S::Deprovisioning if settled => VolumeScope::Node,
        S::None
        | S::Unmanaged
        | S::Registering
        | S::Inspecting
        | S::MatchProfile
        | S::Preparing
        | S::Ready
        | S::Available
        | S::Provisioning
        | S::Provisioned
        | S::ExternallyProvisioned
        | S::Deprovisioning
        | S::PoweringOffBeforeDelete
        | S::Deleting => VolumeScope::None,
    }
}
