//! `deleting`: the node goes, and with it its ports, volume connectors and volume targets; then the finalizer.

use ironic_types::ProvisionState;
use metal_api::names;
use metal_api::v1alpha1::BareMetalHost;

use crate::effect::Effect;
use crate::host::is_deleted;
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
        Some(ProvisionState::Available | ProvisionState::Manageable | ProvisionState::Enroll) => {
            Plan::act(vec![delete])
        }
        // Its status was lost or edited: the machine may run.
        Some(ProvisionState::Active) => Plan::enter(Transition::Deprovision),
        Some(state) if state.is_transient() => Plan::node_busy(Some(state)),
        _ if node.maintenance => Plan::act(vec![delete]),
        _ => Plan::act(vec![Effect::SetMaintenance { node: node.uuid }, delete]),
    }
}

/// The object may stay for a while: for a finalizer that is not ours.
fn forget(host: &BareMetalHost) -> Plan {
    let finalizers = host.metadata.finalizers.as_deref().unwrap_or_default();
    if finalizers
        .iter()
        .any(|finalizer| finalizer == names::FINALIZER)
    {
        Plan::enter(Transition::Forget)
    } else {
        Plan::rest()
    }
}
