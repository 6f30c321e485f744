//! What must be observed to plan for a host in its state: no less, and no request more.

use ironic_types::{Node, ProvisionState};
use metal_api::v1alpha1::{BareMetalHost, ProvisioningState};

use crate::boot_volume::effective;
use crate::host::{is_detached, is_paused};
use crate::restore;

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
    "driver_info",
    "instance_info",
    "boot_interface",
    "deploy_interface",
    "storage_interface",
];

const COUNT: usize = NODE_FIELDS.len() + 1;

const WITH_HEALTH: [&str; COUNT] = {
    let mut fields = ["health"; COUNT];
    let mut i = 0;
    while i < NODE_FIELDS.len() {
        fields[i] = NODE_FIELDS[i];
        i += 1;
    }
    fields
};

/// The same for an Ironic that knows the health of machines, which came with version 1.109 of its API.
pub const NEWER_NODE_FIELDS: &[&str] = &WITH_HEALTH;

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
}

/// What the plan for this host will depend on, judged by its state alone.
pub fn needs(host: &BareMetalHost) -> Needs {
    if is_paused(host) {
        return Needs::default();
    }
    let needs = of_state(host);
    Needs {
        hardware: needs.hardware || restore::needs_hardware(host),
        ..needs
    }
}

fn of_state(host: &BareMetalHost) -> Needs {
    use ProvisioningState as S;
    let node = Needs {
        node: true,
        ..Needs::default()
    };
    if is_detached(host) {
        return Needs::default();
    }
    match host.state() {
        S::None | S::Unmanaged => Needs::default(),
        S::Registering => Needs {
            bmc_credentials: true,
            ports: true,
            abilities: true,
            ..node
        },
        S::Inspecting | S::MatchProfile | S::Preparing => Needs {
            hardware: true,
            ..node
        },
        S::Ready | S::Available if effective(&host.spec).is_some() => Needs {
            bmc_credentials: true,
            iscsi_credentials: true,
            ports: true,
            ..node
        },
        S::Ready | S::Available => node,
        S::Provisioning => Needs {
            iscsi_credentials: true,
            hardware: true,
            ..node
        },
        S::Deprovisioning => Needs {
            bmc_credentials: true,
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
    let is = |wanted: ProvisionState| node.provision_state.as_ref() == Some(&wanted);
    match host.state() {
        S::Ready | S::Available if effective(&host.spec).is_some() => VolumeScope::AllTargets,
        S::Provisioning | S::Deprovisioning if is(ProvisionState::Available) => VolumeScope::Node,
        S::Provisioning if is(ProvisionState::Active) => VolumeScope::NodeTargets,
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
