//! What must be observed to plan for a host in its state: no less, and no request more.

use ironic_types::{Node, ProvisionState};
use metal_api::v1alpha1::{BareMetalHost, ProvisioningState};

use crate::boot_volume::effective;
use crate::capacity;
use crate::config_drive;
use crate::detachment;
use crate::drift;
use crate::host::{deployment, is_deleted, is_paused};
use crate::redeploy;
use crate::registration::{changes_driver, ports_matter};
use crate::restore;

/// What to read, beside the node, to plan for a host in its present state.
#[expect(
    clippy::struct_excessive_bools,
    reason = "independent questions, each answered by its own request"
)]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Needs {
    /// Facts about the BMC's Secret.
    pub bmc_credentials: bool,
    /// Facts about the Secrets of the [volumes](crate::iscsi_secrets).
    pub iscsi_credentials: bool,
    /// And of these as they are now, not as they were when they were seen last.
    pub fresh_iscsi_credentials: bool,
    /// The node's ports.
    pub ports: bool,
    /// The driver's enabled interfaces.
    pub abilities: bool,
    /// The HardwareData object.
    pub hardware: bool,
    /// Which node has the host's MAC address.
    pub mac_owner: bool,
    /// How many other nodes boot a ramdisk.
    pub busy_nodes: bool,
    /// Facts about the config drive.
    pub config_drive: bool,
    /// The machine's virtual CD drive.
    pub virtual_media: bool,
    /// And that as it is now, not as it was when it was seen last.
    pub fresh_virtual_media: bool,
}

/// The fields of a node that a plan may depend on, as Ironic names them: no others need be read.
pub const NODE_FIELDS: &[&str] = &[
    "uuid",
    "name",
    "provision_state",
    "target_provision_state",
    "clean_step",
    "deploy_step",
    "power_state",
    "target_power_state",
    "last_error",
    "maintenance",
    "maintenance_reason",
    "fault",
    "instance_uuid",
    "automated_clean",
    "properties",
    "driver",
    "driver_info",
    "instance_info",
    "bios_interface",
    "boot_interface",
    "deploy_interface",
    "firmware_interface",
    "management_interface",
    "power_interface",
    "raid_interface",
    "storage_interface",
    "vendor_interface",
    "secure_boot",
    "disable_power_off",
    "health",
];

/// How many of [`NODE_FIELDS`], counted from the last, an Ironic may be too old to know: since 1.95 and 1.109.
pub const YOUNG_NODE_FIELDS: usize = 2;

/// Which volume connectors and targets to read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum VolumeScope {
    /// None: the plan doesn't depend on them.
    None,
    /// The connectors and targets of the host's node.
    Node,
    /// No connectors, and the targets of the host's node, to see which deployment it is of.
    NodeTargets,
    /// No connectors, and the targets of all nodes, to see whether another one has the volume.
    AllTargets,
    /// The connectors of the host's node, and the targets of all nodes.
    NodeAndAllTargets,
    /// The ports, connectors and targets of the host's node as far as they are known without a request; read anew only
    /// where they are [otherwise than they were deployed](crate::has_drifted).
    Known,
    /// The same, and the targets of all nodes.
    KnownAndAllTargets,
}

/// Whether the plan for this host depends on anything in Ironic. Hosts that were just created or have no BMC don't.
pub fn needs_node(host: &BareMetalHost) -> bool {
    let is_managed = !matches!(
        host.state(),
        ProvisioningState::None | ProvisioningState::Unmanaged
    );
    is_managed && !is_paused(host)
}

/// What else the plan for this host will depend on, once its node is known, or that there is none.
pub fn needs(host: &BareMetalHost, node: Option<&Node>) -> Needs {
    if is_paused(host) {
        return Needs::default();
    }
    let needs = of_state(host, node);
    Needs {
        hardware: needs.hardware || restore::needs_hardware(host),
        ..needs
    }
}

fn of_state(host: &BareMetalHost, node: Option<&Node>) -> Needs {
    use ProvisioningState as S;
    let leaves = matches!(host.state(), S::Registering | S::Deleting) && is_deleted(host);
    if !needs_node(host) || leaves || detachment::takes_out(host).is_some() {
        return Needs::default();
    }
    let has_volume = deployment(host).is_some() || effective(&host.spec).is_some();
    let is = |wanted: ProvisionState| {
        node.is_some_and(|node| node.provision_state.as_ref() == Some(&wanted))
    };
    let is_being_adopted = is(ProvisionState::Manageable) || is(ProvisionState::AdoptFailed);
    let ports = node.is_some_and(|node| ports_matter(host, node));
    let drive = drive(host, node.filter(|_| is(ProvisionState::Available)));
    Needs {
        bmc_credentials: true,
        iscsi_credentials: has_volume
            && match host.state() {
                S::Ready | S::Available | S::Provisioning | S::Provisioned => true,
                S::Deprovisioning => is_being_adopted,
                S::None
                | S::Unmanaged
                | S::Registering
                | S::Inspecting
                | S::MatchProfile
                | S::Preparing
                | S::ExternallyProvisioned
                | S::PoweringOffBeforeDelete
                | S::Deleting => false,
            },
        // Whoever has just changed a Secret and asks for a deployment means that change.
        fresh_iscsi_credentials: has_volume
            && host.state() == S::Provisioned
            && redeploy::token(host).is_some(),
        ports,
        abilities: host.state() == S::Registering
            || node.is_none_or(|node| changes_driver(host, node)),
        // The ports of its cards, and whether it has disks to clean.
        hardware: ports
            || matches!(
                host.state(),
                S::Preparing | S::Provisioning | S::Deprovisioning
            ),
        mac_owner: node.is_none() && !is_deleted(host),
        busy_nodes: capacity::matters(host),
        config_drive: drive.is_planned,
        virtual_media: drive.is_planned || drive.is_changed,
        fresh_virtual_media: drive.is_changed,
    }
}

/// How the plan depends on a config drive.
#[derive(Default)]
struct DriveNeeds {
    /// Whether the machine gets one.
    is_planned: bool,
    /// Whether it is inserted or ejected next.
    is_changed: bool,
}

/// With the node, if it is `available`.
fn drive(host: &BareMetalHost, available: Option<&Node>) -> DriveNeeds {
    use ProvisioningState as S;
    let is_available = available.is_some();
    let may_change = available.is_some_and(drift::is_off);
    let may_be_in = config_drive::may_be_in(host);
    let lives = !is_deleted(host);
    match host.state() {
        S::Ready | S::Available => DriveNeeds {
            is_planned: lives && is_available && config_drive::may_be_wanted(host),
            is_changed: false,
        },
        S::Provisioning => DriveNeeds {
            is_planned: lives && is_available && config_drive::is_wanted(&host.spec),
            is_changed: lives && may_change && may_be_in,
        },
        S::Provisioned => DriveNeeds {
            is_planned: lives
                && redeploy::token(host).is_some()
                && config_drive::is_wanted(&host.spec),
            is_changed: false,
        },
        S::Deprovisioning => DriveNeeds {
            is_planned: false,
            is_changed: may_change && may_be_in,
        },
        S::None
        | S::Unmanaged
        | S::Registering
        | S::Inspecting
        | S::MatchProfile
        | S::Preparing
        | S::ExternallyProvisioned
        | S::PoweringOffBeforeDelete
        | S::Deleting => DriveNeeds::default(),
    }
}

/// Which volumes the plan will depend on, once the node is known.
pub fn volume_scope(host: &BareMetalHost, node: &Node) -> VolumeScope {
    use ProvisioningState as S;
    let is = |wanted: ProvisionState| node.provision_state.as_ref() == Some(&wanted);
    match host.state() {
        S::Ready | S::Available if effective(&host.spec).is_some() => VolumeScope::AllTargets,
        S::Provisioning | S::Deprovisioning if is(ProvisionState::Available) => VolumeScope::Node,
        // It is about to be adopted.
        S::Provisioned | S::Deprovisioning
            if deployment(host).is_some()
                && (is(ProvisionState::Manageable) || is(ProvisionState::AdoptFailed)) =>
        {
            VolumeScope::NodeAndAllTargets
        }
        S::Provisioning if is(ProvisionState::Active) => VolumeScope::NodeTargets,
        S::Provisioned if drift::matters(host, node) => match redeploy::token(host) {
            Some(_) => VolumeScope::KnownAndAllTargets,
            None => VolumeScope::Known,
        },
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
