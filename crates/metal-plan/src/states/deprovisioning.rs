//! `deprovisioning`: the machine is shut down, undeployed, and its node is as it was before.

use ironic_types::{Node, ProvisionState};
use metal_api::v1alpha1::ErrorType;

use crate::host::{began, is_deleted};
use crate::observation::{Observation, Seen};
use crate::plan::{Plan, Transition};
use crate::volumes;

pub(crate) fn plan(observation: &Observation, seen: &Seen) -> Plan {
    let host = &observation.host;
    let Some(node) = &seen.node else {
        return if is_deleted(host) {
            Plan::enter(Transition::Delete)
        } else {
            super::node_is_lost(host)
        };
    };
    let since = began(host, |history| history.deprovision.as_ref());
    match &node.provision_state {
        Some(
            ProvisionState::Active
            | ProvisionState::DeployFailed
            | ProvisionState::DeployWait
            | ProvisionState::Error,
        ) => super::undeploy(observation, node, since),
        Some(ProvisionState::Available) => give_back(observation, seen, node),
        Some(ProvisionState::Manageable) => super::provide(observation, node),
        Some(ProvisionState::CleanFailed) => {
            super::clean_failed(observation, node, ErrorType::Provisioning)
        }
        Some(ProvisionState::Enroll) if is_deleted(host) => Plan::enter(Transition::Delete),
        Some(ProvisionState::Enroll) => super::node_is_lost(host),
        other => Plan::node_busy(other.as_ref()),
    }
}

/// Undeployed: what the boot from the volume needed is undone, so that the host can be deployed in another way next.
fn give_back(observation: &Observation, seen: &Seen, node: &Node) -> Plan {
    match volumes::undo(node, seen) {
        effects if !effects.is_empty() => Plan::act(effects),
        _ if is_deleted(&observation.host) => Plan::enter(Transition::PowerOffBeforeDelete),
        _ => Plan::enter(Transition::BecomeAvailable),
    }
}
