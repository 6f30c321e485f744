//! `deleting`: the node goes, and with it its ports, volume connectors and volume targets; then the finalizer.

use ironic_types::{Node, Patch, ProvisionState};
use metal_api::v1alpha1::BareMetalHost;

use crate::effect::Effect;
use crate::host::{has_finalizer, is_deleted, is_ours};
use crate::observation::{Observation, Seen};
use crate::plan::{Plan, Transition};

pub(crate) fn plan(observation: &Observation, seen: &Seen) -> Plan {
    // A status that was copied from another object: this one lives.
    if !is_deleted(&observation.host) {
        return Plan::enter(Transition::Register);
    }
    let Some(node) = &seen.node else {
        return forget(&observation.host);
    };
    let delete = Effect::DeleteNode { node: node.uuid };
    match &node.provision_state {
        // Its record was lost or edited: the machine may run.
        Some(state) if super::is_used(state) && is_ours(&observation.host) => {
            Plan::enter(Transition::Deprovision)
        }
        Some(state) if super::is_used(state) => super::is_not_ours(Some(node)),
        Some(ProvisionState::Available | ProvisionState::Manageable | ProvisionState::Enroll) => {
            Plan::act(unclaim(node).into_iter().chain([delete]).collect())
        }
        Some(ProvisionState::CleanFailed | ProvisionState::InspectFailed) if node.maintenance => {
            Plan::act(vec![delete])
        }
        Some(ProvisionState::CleanFailed | ProvisionState::InspectFailed) => {
            Plan::act(vec![Effect::SetMaintenance { node: node.uuid }, delete])
        }
        _ => super::other_state(node),
    }
}

/// Ironic refuses to delete a node that an instance has.
fn unclaim(node: &Node) -> Option<Effect> {
    node.instance_uuid.map(|_| Effect::UpdateNode {
        node: node.uuid,
        patch: Patch::new().remove("/instance_uuid"),
        skips_cleaning: false,
    })
}

/// The object may stay for a while: for a finalizer that is not ours.
fn forget(host: &BareMetalHost) -> Plan {
    if has_finalizer(host) {
        Plan::enter(Transition::Forget)
    } else {
        Plan::rest()
    }
}
