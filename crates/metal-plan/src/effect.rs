//! What can be done to Ironic, as values.

use std::time::Duration;

use ironic_types::{ConnectorId, NodeId, Patch, PortId, PowerTarget, ProvisionVerb, TargetId};
use metal_api::v1alpha1::DeployedVolume;

use crate::bmc::{Bmc, Interfaces};
use crate::fingerprint::Fingerprint;
use crate::leases::HeldLease;

/// One change in Ironic. Each is idempotent or guarded by what was observed, so that a pass that was cut off between
/// two of them is continued by the next.
#[derive(Debug, Clone, PartialEq)]
pub enum Effect {
    /// `POST /v1/nodes`. Ironic refuses a second node of the same name.
    CreateNode {
        /// All but the secrets.
        node: Box<NodeBlueprint>,
        /// The BMC's user and password.
        credentials: CredentialsRef,
    },
    /// `PATCH /v1/nodes/{node}` with all of `driver_info`: the BMC's address, user and password.
    SetDriverInfo {
        /// The node.
        node: NodeId,
        /// The driver and its interfaces, as far as the node has others; they go into the same request.
        settings: Patch,
        /// All but the secrets.
        driver: Box<DriverBlueprint>,
        /// The BMC's user and password.
        credentials: CredentialsRef,
    },
    /// `PATCH /v1/nodes/{node}`.
    UpdateNode {
        /// The node.
        node: NodeId,
        /// What differs from what was observed; holds no secret.
        patch: Patch,
        /// Whether this switches off automated cleaning for want of a disk.
        skips_cleaning: bool,
    },
    /// `PUT /v1/nodes/{node}/maintenance`: without it Ironic refuses to delete a node in some states.
    SetMaintenance {
        /// The node.
        node: NodeId,
    },
    /// `DELETE /v1/nodes/{node}/maintenance`: Ironic sets it when a cleaning fails.
    UnsetMaintenance {
        /// The node.
        node: NodeId,
    },
    /// `PUT /v1/nodes/{node}/states/provision`.
    SetProvisionState {
        /// The node.
        node: NodeId,
        /// What to start.
        verb: ProvisionVerb,
    },
    /// `PUT /v1/nodes/{node}/states/power`.
    SetPower {
        /// The node.
        node: NodeId,
        /// What to start.
        target: PowerTarget,
        /// How long a soft action may take.
        timeout: Option<Duration>,
    },
    /// `POST /v1/ports`. Ironic refuses a second port with that address.
    CreatePort {
        /// The node.
        node: NodeId,
        /// The MAC address.
        address: String,
        /// Whether the network card boots.
        pxe_enabled: bool,
    },
    /// `PATCH /v1/ports/{port}`: without `pxe_enabled` Ironic writes no boot script for it.
    EnablePxe {
        /// The port.
        port: PortId,
    },
    /// `POST /v1/volume/connectors` of type `iqn`. Ironic refuses a second one with the same IQN.
    CreateConnector {
        /// The node.
        node: NodeId,
        /// The initiator's IQN.
        connector_id: String,
    },
    /// `DELETE /v1/volume/connectors/{id}`.
    DeleteConnector {
        /// The connector.
        connector: ConnectorId,
    },
    /// `POST /v1/volume/targets`. Ironic refuses a second one with the same `boot_index`.
    CreateTarget {
        /// The node.
        node: NodeId,
        /// The recorded intent; its deployment id goes into the target's `extra`.
        volume: Box<DeployedVolume>,
        /// Which of its [volumes](crate::wanted_targets).
        boot_index: i64,
        /// The CHAP user and password, where the volume wants them.
        credentials: Option<ChapRef>,
    },
    /// `POST /v1/nodes/{node}/vmedia`: Ironic gets the host's config drive from this operator, publishes it for the BMC, and
    /// has the BMC insert it as a CD. It takes the request, and works on it later.
    AttachConfigDrive {
        /// The node.
        node: NodeId,
        /// What must be on it.
        content: Fingerprint,
    },
    /// `DELETE /v1/nodes/{node}/vmedia` of the CD. Ironic takes the request, and works on it later.
    DetachConfigDrive {
        /// The node.
        node: NodeId,
    },
    /// `DELETE /v1/volume/targets/{id}`.
    DeleteTarget {
        /// The target.
        target: TargetId,
    },
    /// `GET /v1/nodes/{node}/validate`: done if Ironic finds that `deploy` would work.
    Validate {
        /// The node.
        node: NodeId,
    },
    /// `DELETE /v1/nodes/{node}`, and with it its ports, volume connectors and volume targets.
    DeleteNode {
        /// The node.
        node: NodeId,
    },
    /// `POST …/leases`, or `PATCH` for one that is taken over: one after the other, each with the host's UID. Kubernetes
    /// refuses a second one of a name, and to take over what was changed since. If one of them is another's by now, those
    /// that were just taken are deleted again.
    TakeLeases {
        /// What to take, in this order.
        claims: Vec<LeaseClaim>,
        /// `spec.holderIdentity`.
        holder: String,
    },
    /// `DELETE …/leases/{name}`, of each of them, if it is as it was seen.
    GiveBackLeases {
        /// The Leases.
        leases: Vec<HeldLease>,
    },
}

/// A Lease to be taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeaseClaim {
    /// Its name.
    pub name: String,
    /// What it stands for, for people.
    pub volume: String,
    /// The `metadata.resourceVersion` of the fenced machine's that is taken over; none if it is free.
    pub over: Option<String>,
}

/// A node to be made, but for its secrets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NodeBlueprint {
    /// `namespace~name`.
    pub name: String,
    /// Its driver and `driver_info`.
    pub driver: DriverBlueprint,
    /// `properties.capabilities`.
    pub capabilities: String,
    /// `properties.cpu_arch`, where the spec gives it.
    pub cpu_arch: Option<String>,
    /// Whether Ironic must never power it off. Ironic knows this since 1.95.
    pub disable_power_off: bool,
}

/// A node's driver, its interfaces and its `driver_info`, but for its secrets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DriverBlueprint {
    /// The BMC: the driver, and the way to it.
    pub bmc: Bmc,
    /// The driver's interfaces, as far as they aren't left to Ironic.
    pub interfaces: Interfaces,
    /// `deploy_kernel`.
    pub deploy_kernel: String,
    /// `deploy_ramdisk`.
    pub deploy_ramdisk: String,
}

/// A BMC's Secret as the plan saw it. Whoever opens it stops if it has another version by then.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CredentialsRef {
    /// The Secret's name, in the host's namespace.
    pub name: String,
    /// Its `metadata.resourceVersion`.
    pub version: String,
}

/// A volume's Secret as the plan saw it. Whoever opens it stops if it holds other credentials by then.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChapRef {
    /// The Secret's name, in the host's namespace.
    pub name: String,
    /// Of the user and the password that are in it.
    pub fingerprint: Fingerprint,
}

/// What came of an effect.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It was done.
    Done,
    /// A node was made, with this id.
    NodeCreated(NodeId),
    /// The node is locked by a conductor; nothing happened.
    Locked {
        /// Ironic's words.
        message: String,
    },
    /// Ironic refused.
    Refused {
        /// Ironic's words.
        message: String,
    },
    /// Ironic refused because the node is not in the state that was observed any more; look again.
    Overtaken {
        /// Ironic's words.
        message: String,
    },
    /// No answer: it may have been done or not.
    Unavailable {
        /// What went wrong.
        message: String,
    },
    /// The Secret is not the one that was observed; nothing happened.
    CredentialsChanged,
    /// A Lease is another's than was observed, or was changed since; nothing happened.
    LeasesChanged,
    /// Kubernetes can't read or write the Leases of volumes, or gave no answer.
    LeasesUnavailable {
        /// What went wrong.
        message: String,
    },
}

impl Effect {
    /// Whether it lets a machine run from the volumes of the host's deployment, or readies it for that: nobody does that
    /// who doesn't hold their Leases.
    pub fn needs_leases(&self) -> bool {
        match self {
            Self::SetProvisionState { verb, .. } => match verb {
                ProvisionVerb::Active | ProvisionVerb::Adopt | ProvisionVerb::Rebuild => true,
                ProvisionVerb::Deleted
                | ProvisionVerb::Manage
                | ProvisionVerb::Provide
                | ProvisionVerb::Inspect
                | ProvisionVerb::Abort
                | ProvisionVerb::Clean
                | ProvisionVerb::Rescue
                | ProvisionVerb::Unrescue
                | ProvisionVerb::Service
                | ProvisionVerb::Unhold => false,
            },
            Self::SetPower { target, .. } => match target {
                PowerTarget::On | PowerTarget::Reboot | PowerTarget::SoftReboot => true,
                PowerTarget::Off | PowerTarget::SoftOff => false,
            },
            Self::CreateConnector { .. } | Self::CreateTarget { .. } => true,
            Self::CreateNode { .. }
            | Self::SetDriverInfo { .. }
            | Self::UpdateNode { .. }
            | Self::SetMaintenance { .. }
            | Self::UnsetMaintenance { .. }
            | Self::CreatePort { .. }
            | Self::EnablePxe { .. }
            | Self::DeleteConnector { .. }
            | Self::DeleteTarget { .. }
            | Self::Validate { .. }
            | Self::DeleteNode { .. }
            | Self::AttachConfigDrive { .. }
            | Self::DetachConfigDrive { .. }
            | Self::TakeLeases { .. }
            | Self::GiveBackLeases { .. } => false,
        }
    }

    /// A stable word for logs and metrics.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::CreateNode { .. } => "CreateNode",
            Self::SetDriverInfo { .. } => "SetDriverInfo",
            Self::UpdateNode { .. } => "UpdateNode",
            Self::SetMaintenance { .. } => "SetMaintenance",
            Self::UnsetMaintenance { .. } => "UnsetMaintenance",
            Self::SetProvisionState { .. } => "SetProvisionState",
            Self::SetPower { .. } => "SetPower",
            Self::CreatePort { .. } => "CreatePort",
            Self::EnablePxe { .. } => "EnablePxe",
            Self::CreateConnector { .. } => "CreateConnector",
            Self::DeleteConnector { .. } => "DeleteConnector",
            Self::CreateTarget { .. } => "CreateTarget",
            Self::DeleteTarget { .. } => "DeleteTarget",
            Self::Validate { .. } => "Validate",
            Self::DeleteNode { .. } => "DeleteNode",
            Self::AttachConfigDrive { .. } => "AttachConfigDrive",
            Self::DetachConfigDrive { .. } => "DetachConfigDrive",
            Self::TakeLeases { .. } => "TakeLeases",
            Self::GiveBackLeases { .. } => "GiveBackLeases",
        }
    }
}

impl Effect {
    /// Whether it would do harm if the node is no longer as it was observed: if the machine was switched on since, or the
    /// node deployed. Ironic refuses what a provision state forbids and looks at no power.
    pub fn is_harmful_if_outdated(&self) -> bool {
        match self {
            Self::SetProvisionState { verb, .. } => match verb {
                ProvisionVerb::Active | ProvisionVerb::Deleted | ProvisionVerb::Rebuild => true,
                ProvisionVerb::Manage
                | ProvisionVerb::Provide
                | ProvisionVerb::Inspect
                | ProvisionVerb::Adopt
                | ProvisionVerb::Abort
                | ProvisionVerb::Clean
                | ProvisionVerb::Rescue
                | ProvisionVerb::Unrescue
                | ProvisionVerb::Service
                | ProvisionVerb::Unhold => false,
            },
            // A machine that was started since would lose its disc, or get another; and another machine gets the volume next.
            Self::AttachConfigDrive { .. }
            | Self::DetachConfigDrive { .. }
            | Self::GiveBackLeases { .. }
            | Self::SetPower { .. }
            | Self::SetMaintenance { .. }
            | Self::DeleteNode { .. } => true,
            Self::CreateNode { .. }
            | Self::SetDriverInfo { .. }
            | Self::UpdateNode { .. }
            | Self::UnsetMaintenance { .. }
            | Self::CreatePort { .. }
            | Self::EnablePxe { .. }
            | Self::CreateConnector { .. }
            | Self::DeleteConnector { .. }
            | Self::CreateTarget { .. }
            | Self::DeleteTarget { .. }
            | Self::Validate { .. }
            | Self::TakeLeases { .. } => false,
        }
    }
}

impl Outcome {
    /// Whether the next effect may follow.
    pub fn is_done(&self) -> bool {
        match self {
            Self::Done | Self::NodeCreated(_) => true,
            Self::Locked { .. }
            | Self::Overtaken { .. }
            | Self::Refused { .. }
            | Self::Unavailable { .. }
            | Self::CredentialsChanged
            | Self::LeasesChanged
            | Self::LeasesUnavailable { .. } => false,
        }
    }
}
