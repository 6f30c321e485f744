//! `preparing`: the node becomes `available` in Ironic. (RAID and firmware will stand here.)

use ironic_types::{Node, ProvisionState};
use metal_api::v1alpha1::ErrorType;

use crate::host::is_externally_provisioned;
use crate::not_implemented;
use crate::observation::Observation;
use crate::plan::{Plan, Transition};

pub(crate) fn plan(observation: &Observation, node: &Node) -> Plan {
    // A machine that runs elsewhere is not even cleaned.
    if is_externally_provisioned(&observation.host) {
        return Plan::enter(Transition::TakeOver);
    }
    match &node.provision_state {
        Some(ProvisionState::Available) => Plan::enter(Transition::BecomeAvailable),
        // A machine that the spec asks something else of is not even cleaned.
        Some(ProvisionState::Manageable) => match not_implemented::blocker(&observation.host) {
            Some(blocker) => Plan::blocked(blocker),
            None => super::provide(observation, node),
        },
        Some(ProvisionState::CleanFailed) => {
            super::clean_failed(observation, node, ErrorType::Preparation)
        }
        Some(ProvisionState::InspectFailed) => super::manage(node),
        _ => super::other_state(node),
    }
}
