//! `preparing`: the node becomes `available` in Ironic. (Inspection, RAID and firmware will stand here.)

use ironic_types::ProvisionState;
use metal_api::v1alpha1::ErrorType;

use crate::host::is_deleted;
use crate::not_implemented;
use crate::observation::{Observation, Seen};
use crate::plan::{Plan, Transition};

pub(crate) fn plan(observation: &Observation, seen: &Seen) -> Plan {
    if is_deleted(&observation.host) {
        return Plan::enter(Transition::PowerOffBeforeDelete);
    }
    let Some(node) = &seen.node else {
        return Plan::enter(Transition::Register);
    };
    match &node.provision_state {
        Some(ProvisionState::Available) => Plan::enter(Transition::BecomeAvailable),
        Some(ProvisionState::Enroll) => Plan::enter(Transition::Register),
        // A machine that the spec asks something else of is not even cleaned.
        Some(ProvisionState::Manageable) => match not_implemented::blocker(&observation.host) {
            Some(blocker) => Plan::blocked(blocker),
            None => super::provide(observation, node),
        },
        Some(ProvisionState::CleanFailed) => {
            super::clean_failed(observation, node, ErrorType::Preparation)
        }
        _ => super::other_state(node),
    }
}
