//! Taking a node out of Ironic, whatever state it is in, and leaving its machine as it is.

use ironic_types::{Node, Patch, ProvisionState, ProvisionVerb};

use crate::effect::Effect;
use crate::plan::Plan;

/// Whether what Ironic does at the moment may be broken off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Haste {
    /// It is waited for.
    Patient,
    /// It is aborted where Ironic takes an abort.
    Forced,
}

/// The next step on the way out.
pub(crate) fn remove(node: &Node, haste: Haste) -> Plan {
    use ProvisionState as S;
    let delete = Effect::DeleteNode { node: node.uuid };
    let Some(state) = &node.provision_state else {
        return Plan::node_busy(None);
    };
    match state {
        S::Enroll | S::Available | S::Manageable => {
            Plan::act(unclaim(node).into_iter().chain([delete]).collect())
        }
        S::DeployWait | S::InspectWait | S::CleanWait | S::ServiceWait
            if haste == Haste::Forced =>
        {
            Plan::act(vec![Effect::SetProvisionState {
                node: node.uuid,
                verb: abort(state),
            }])
        }
        state if state.is_transient() && !is_held(state) => Plan::node_busy(Some(state)),
        // Ironic deletes it in no other way while it is deployed or broken.
        _ => in_maintenance(node),
    }
}

/// Deletes a node that Ironic refuses to delete otherwise.
pub(crate) fn in_maintenance(node: &Node) -> Plan {
    let maintenance = Effect::SetMaintenance { node: node.uuid };
    let delete = Effect::DeleteNode { node: node.uuid };
    let needed = (!node.maintenance).then_some(maintenance);
    Plan::act(needed.into_iter().chain([delete]).collect())
}

/// Ironic refuses to delete a node that an instance has.
fn unclaim(node: &Node) -> Option<Effect> {
    node.instance_uuid.map(|_| Effect::UpdateNode {
        node: node.uuid,
        patch: Patch::new().remove("/instance_uuid"),
        skips_cleaning: false,
    })
}

/// A deployment that waits can be aborted since 1.110 only, and undeployed always.
fn abort(state: &ProvisionState) -> ProvisionVerb {
    if *state == ProvisionState::DeployWait {
        ProvisionVerb::Deleted
    } else {
        ProvisionVerb::Abort
    }
}

/// Somebody's step asked for a hold, which doesn't end by itself.
pub(crate) fn is_held(state: &ProvisionState) -> bool {
    matches!(
        state,
        ProvisionState::DeployHold | ProvisionState::CleanHold | ProvisionState::ServiceHold
    )
}
