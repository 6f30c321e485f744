//! A checker of plans: the promises that no plan may break, whatever was observed.

use std::fmt;

use ironic_types::{Node, PowerState, ProvisionVerb};
use metal_api::v1alpha1::ProvisioningState;

use crate::effect::Effect;
use crate::host::state;
use crate::observation::{IronicView, Observation};
use crate::plan::{Plan, Step};

/// A promise that a plan breaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Violation {
    /// A deployment, or a part of one, without its recorded intent.
    DeploysWithoutIntent,
    /// A target for another volume or deployment than the recorded one.
    TargetIsNotTheIntent,
    /// An undeployment that was not recorded as an intent.
    UndeploysWithoutIntent,
    /// An undeployment or deployment of a machine that was not switched off before.
    CutsPowerOfRunningMachine,
    /// The deletion of a node whose host is not being deleted.
    DeletesNodeOfLivingHost,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::DeploysWithoutIntent => "deploys without a recorded intent",
            Self::TargetIsNotTheIntent => "makes a target that is not the intent's",
            Self::UndeploysWithoutIntent => "undeploys without a recorded intent",
            Self::CutsPowerOfRunningMachine => "cuts the power of a machine that may run",
            Self::DeletesNodeOfLivingHost => "deletes the node of a host that is not deleted",
        })
    }
}

/// The promises that this plan breaks for this observation: none, if the planner is right.
pub fn check(observation: &Observation, plan: &Plan) -> Vec<Violation> {
    let Step::Act(effects) = &plan.step else {
        return Vec::new();
    };
    effects
        .iter()
        .filter_map(|effect| violation(observation, effect))
        .collect()
}

fn violation(observation: &Observation, effect: &Effect) -> Option<Violation> {
    let state = state(&observation.host);
    let status = observation.host.status.as_ref();
    let intent = status.and_then(|status| status.provisioning.boot_volume.as_ref());
    let deploys = state == ProvisioningState::Provisioning && intent.is_some();
    match effect {
        Effect::CreateTarget { volume, .. } if deploys => {
            (intent != Some(volume.as_ref())).then_some(Violation::TargetIsNotTheIntent)
        }
        Effect::CreateTarget { .. } | Effect::CreateConnector { .. } if !deploys => {
            Some(Violation::DeploysWithoutIntent)
        }
        Effect::SetProvisionState {
            verb: ProvisionVerb::Active,
            ..
        } if !deploys => Some(Violation::DeploysWithoutIntent),
        Effect::SetProvisionState {
            verb: ProvisionVerb::Deleted,
            ..
        } if state != ProvisioningState::Deprovisioning && !deploys => {
            Some(Violation::UndeploysWithoutIntent)
        }
        Effect::SetProvisionState {
            verb: ProvisionVerb::Active | ProvisionVerb::Deleted,
            ..
        } => runs(observation).then_some(Violation::CutsPowerOfRunningMachine),
        Effect::DeleteNode { .. } => (observation.host.metadata.deletion_timestamp.is_none())
            .then_some(Violation::DeletesNodeOfLivingHost),
        Effect::CreateNode { .. }
        | Effect::SetDriverInfo { .. }
        | Effect::UpdateNode { .. }
        | Effect::SetMaintenance { .. }
        | Effect::UnsetMaintenance { .. }
        | Effect::SetProvisionState { .. }
        | Effect::SetPower { .. }
        | Effect::CreatePort { .. }
        | Effect::EnablePxe { .. }
        | Effect::CreateConnector { .. }
        | Effect::DeleteConnector { .. }
        | Effect::CreateTarget { .. }
        | Effect::DeleteTarget { .. }
        | Effect::Validate { .. } => None,
    }
}

fn runs(observation: &Observation) -> bool {
    let node: Option<&Node> = match &observation.ironic {
        IronicView::Seen(seen) => seen.node.as_ref(),
        IronicView::Unavailable { .. } => None,
    };
    node.is_none_or(|node| {
        node.power_state != Some(PowerState::Off) || node.target_power_state.is_some()
    })
}
