//! `preparing`: the node becomes `available` in Ironic. (Inspection, RAID and firmware will stand here.)

use ironic_types::ProvisionState;
use metal_api::v1alpha1::ErrorType;

use crate::host::is_deleted;
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
        Some(ProvisionState::Manageable) => super::provide(observation, node),
        Some(ProvisionState::CleanFailed) => {
            super::clean_failed(observation, node, ErrorType::Preparation)
        }
        other => Plan::node_busy(other.as_ref()),
    }
}
