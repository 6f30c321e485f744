//! Calls about a node's states. Those that ask for one are taken (202) and worked on later.
//!
//! See `ironic/api/controllers/v1/node.py`, `NodeStatesController` and
//! `NodeMaintenanceController`.

use serde::Serialize;

use crate::call::{Call, Method};
use crate::empty::Empty;
use crate::ids::NodeId;
use crate::power::PowerTarget;
use crate::provision::ProvisionVerb;
use crate::states::NodeStates;
use crate::version::{Microversion, feature};

/// Reads what state a node is in: what Ironic has stored, at little cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GetStates {
    /// Of which node.
    pub node: NodeId,
}

impl Call for GetStates {
    type Body = ();
    type Response = NodeStates;
    const NAME: &'static str = "get states of node";
    const MIN_VERSION: Microversion = feature::INITIAL;

    fn method(&self) -> Method {
        Method::Get
    }

    fn path(&self) -> String {
        format!("/v1/nodes/{}/states", self.node)
    }
}

/// Asks for a provision state, with the verb alone.
///
/// Verbs that take more have calls of their own: [`DeployNode`](super::DeployNode),
/// [`CleanNode`](super::CleanNode), [`ServiceNode`](super::ServiceNode),
/// [`RescueNode`](super::RescueNode), [`AbortDeployment`](super::AbortDeployment).
///
/// Ironic refuses a verb that the node's state does not allow (400), an unfit node (400 for
/// `active`), and a node whose lock is held (409).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SetProvisionState {
    /// Which.
    #[serde(skip)]
    pub node: NodeId,
    /// What is asked for.
    pub target: ProvisionVerb,
}

impl Call for SetProvisionState {
    type Body = Self;
    type Response = Empty;
    const NAME: &'static str = "set provision state";
    const MIN_VERSION: Microversion = feature::INITIAL;

    fn method(&self) -> Method {
        Method::Put
    }

    fn path(&self) -> String {
        format!("/v1/nodes/{}/states/provision", self.node)
    }

    fn body(&self) -> Option<&Self> {
        Some(self)
    }

    fn required_version(&self) -> Microversion {
        self.target.since().max(Self::MIN_VERSION)
    }
}

/// Asks for a power state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct SetPowerState {
    /// Which.
    #[serde(skip)]
    pub node: NodeId,
    /// What is asked for.
    pub target: PowerTarget,
    /// How long Ironic waits for it, in seconds, at least 1; Ironic's own choice if `None`
    /// (`[conductor]power_state_change_timeout`, and for soft actions
    /// `[conductor]soft_power_off_timeout`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timeout: Option<u32>,
}

impl Call for SetPowerState {
    type Body = Self;
    type Response = Empty;
    const NAME: &'static str = "set power state";
    const MIN_VERSION: Microversion = feature::INITIAL;

    fn method(&self) -> Method {
        Method::Put
    }

    fn path(&self) -> String {
        format!("/v1/nodes/{}/states/power", self.node)
    }

    fn body(&self) -> Option<&Self> {
        Some(self)
    }

    fn required_version(&self) -> Microversion {
        let soft = match self.target {
            PowerTarget::SoftOff | PowerTarget::SoftReboot => true,
            PowerTarget::On | PowerTarget::Off | PowerTarget::Reboot => false,
        };
        if soft || self.timeout.is_some() {
            feature::SOFT_POWER
        } else {
            Self::MIN_VERSION
        }
    }
}

/// Makes Ironic leave a node alone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SetMaintenance {
    /// Which.
    #[serde(skip)]
    pub node: NodeId,
    /// Why, for people.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

impl Call for SetMaintenance {
    type Body = Self;
    type Response = Empty;
    const NAME: &'static str = "set maintenance";
    const MIN_VERSION: Microversion = feature::INITIAL;

    fn method(&self) -> Method {
        Method::Put
    }

    fn path(&self) -> String {
        format!("/v1/nodes/{}/maintenance", self.node)
    }

    fn body(&self) -> Option<&Self> {
        Some(self)
    }
}

/// Makes Ironic look after a node again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnsetMaintenance {
    /// Which.
    pub node: NodeId,
}

impl Call for UnsetMaintenance {
    type Body = ();
    type Response = Empty;
    const NAME: &'static str = "unset maintenance";
    const MIN_VERSION: Microversion = feature::INITIAL;

    fn method(&self) -> Method {
        Method::Delete
    }

    fn path(&self) -> String {
        format!("/v1/nodes/{}/maintenance", self.node)
    }
}
