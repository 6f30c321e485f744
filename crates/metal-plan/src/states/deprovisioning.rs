//! `deprovisioning`: the machine is shut down, undeployed, and its node is as it was before.

use ironic_types::{Node, ProvisionState};
use metal_api::v1alpha1::{BareMetalHost, ErrorType};

use super::registering;
use crate::host::{is_deleted, is_ours};
use crate::observation::{Observation, Seen};
use crate::plan::{Plan, Transition};
use crate::power;
use crate::volumes;

pub(crate) fn plan(observation: &Observation, seen: &Seen) -> Plan {
    let host = &observation.host;
    if !is_ours(host) {
        return super::is_not_ours(seen.node.as_ref());
    }
    let Some(node) = &seen.node else {
        return lost(host);
    };
    // With the old address or password neither the power nor the undeployment would ever work.
    let stays = node
        .provision_state
        .as_ref()
        .is_some_and(|state| !state.is_transient());
    if let Some(effect) = registering::new_access(observation, node).filter(|_| stays) {
        return Plan::act(vec![effect]);
    }
    match &node.provision_state {
        Some(
            ProvisionState::Active | ProvisionState::DeployFailed | ProvisionState::DeployWait,
        ) => super::undeploy(observation, node),
        Some(ProvisionState::Error) => super::undeploy_again(observation, node),
        Some(ProvisionState::Available) => give_back(observation, seen, node),
        Some(ProvisionState::Manageable) => super::provide(observation, node),
        Some(ProvisionState::CleanFailed) => {
            super::clean_failed(observation, node, ErrorType::Provisioning)
        }
        Some(ProvisionState::Enroll) => lost(host),
        _ => super::other_state(node),
    }
}

/// Only a deletion goes on without a node; its event tells what may still run.
fn lost(host: &BareMetalHost) -> Plan {
    if is_deleted(host) {
        Plan::enter(Transition::Abandon)
    } else {
        super::node_is_lost(host)
    }
}

/// Undeployed: what the boot from the volume needed is undone, so that the host can be deployed in another way next.
fn give_back(observation: &Observation, seen: &Seen, node: &Node) -> Plan {
    // A machine that still runs may run from the volume, and Ironic takes no volume from it.
    if let Some(plan) = power::shut_down(observation, node) {
        return plan;
    }
    match volumes::undo(node, seen) {
        effects if !effects.is_empty() => Plan::act(effects),
        _ if is_deleted(&observation.host) => Plan::enter(Transition::PowerOffBeforeDelete),
        _ => Plan::enter(Transition::BecomeAvailable),
    }
}
