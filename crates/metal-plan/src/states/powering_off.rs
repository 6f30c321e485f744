//! `powering off before delete`: a machine whose host is deleted doesn't run on.

use ironic_types::ProvisionState;

use crate::observation::{Observation, Seen};
use crate::plan::{Plan, Transition};
use crate::power;

pub(crate) fn plan(observation: &Observation, seen: &Seen) -> Plan {
    // A status that was copied from another object: this one lives.
    let Some(since) = observation
        .host
        .metadata
        .deletion_timestamp
        .as_ref()
        .map(|time| time.0)
    else {
        return Plan::enter(Transition::Register);
    };
    let Some(node) = &seen.node else {
        return Plan::enter(Transition::Delete);
    };
    if node.provision_state == Some(ProvisionState::Enroll) {
        return Plan::enter(Transition::Delete);
    }
    // A dead BMC must not keep the host for ever. Nothing is deployed on it any more.
    if power::is_beyond_control(observation, node, since) {
        return Plan::enter(Transition::Delete);
    }
    power::shut_down(observation, node).unwrap_or_else(|| Plan::enter(Transition::Delete))
}
