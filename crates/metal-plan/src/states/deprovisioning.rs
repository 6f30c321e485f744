//! `deprovisioning`: the machine is shut down, undeployed, and its node is as it was before.

use ironic_types::{Node, ProvisionState};
use metal_api::v1alpha1::ErrorType;

use crate::adoption;
use crate::config_drive;
use crate::host::{deployment, is_deleted, is_instance, is_ours};
use crate::leases;
use crate::observation::{Observation, Seen};
use crate::plan::{Plan, Step, Transition, Wait};
use crate::power;
use crate::removal::is_held;
use crate::volumes;

pub(crate) fn plan(observation: &Observation, seen: &Seen) -> Plan {
    let host = &observation.host;
    // Only a deletion comes here without a node: it has no way to the BMC to register it anew.
    let Some(node) = &seen.node else {
        return Plan::enter(Transition::SkipPowerOff);
    };
    if power::is_out_of_reach(observation, node) {
        return Plan::enter(Transition::SkipPowerOff);
    }
    match &node.provision_state {
        Some(
            ProvisionState::Active | ProvisionState::DeployFailed | ProvisionState::DeployWait,
        ) => super::undeploy(observation, node),
        Some(ProvisionState::Error) => super::undeploy_again(observation, node),
        Some(ProvisionState::Available) => give_back(observation, seen, node),
        Some(ProvisionState::Manageable | ProvisionState::AdoptFailed)
            if deployment(host).is_some() && is_instance(node) =>
        {
            adopt_first(observation, seen, node)
        }
        Some(ProvisionState::Manageable) => super::provide(observation, node),
        Some(ProvisionState::CleanFailed) => {
            super::clean_failed(observation, node, ErrorType::Provisioning)
        }
        Some(ProvisionState::AdoptFailed | ProvisionState::InspectFailed) => super::manage(node),
        Some(state) if is_deleted(host) => bring_out(observation, node, state),
        _ => super::other_state(node),
    }
}

/// Nobody is waited for who brought the node there: the host could never be deleted. Ironic undeploys what is rescued or
/// serviced as well, and lets a hold be aborted (`ironic/common/states.py`).
fn bring_out(observation: &Observation, node: &Node, state: &ProvisionState) -> Plan {
    match state {
        // Made anew, and without a way to its BMC: else it would be verified.
        ProvisionState::Enroll => Plan::enter(Transition::SkipPowerOff),
        ProvisionState::Rescue
        | ProvisionState::RescueFailed
        | ProvisionState::UnrescueFailed
        | ProvisionState::ServiceFailed => super::undeploy(observation, node),
        state if is_held(state) => super::abort(node),
        state if state.is_transient() => Plan::node_busy(Some(state)),
        // Nothing is known that could be asked of Ironic in it.
        _ => shut_down_and_skip(observation, node),
    }
}

/// A machine whose node could not be adopted or undeployed may run from its volume yet.
pub(crate) fn give_up(observation: &Observation, seen: &Seen) -> Plan {
    match &seen.node {
        Some(node) if power::is_out_of_reach(observation, node) => {
            Plan::enter(Transition::SkipPowerOff)
        }
        // Nobody knows whether it is on, so it can't be asked, and the next state would cut its power.
        Some(node) if node.power_state.is_none() && is_ours(&observation.host) => {
            Plan::enter(Transition::SkipPowerOff)
        }
        Some(node) => shut_down_and_skip(observation, node),
        None => Plan::enter(Transition::SkipDeprovisioning),
    }
}

/// What runs from a volume is asked to shut down here: after this state nobody knows of the volume any more, and the
/// power is cut.
fn shut_down_and_skip(observation: &Observation, node: &Node) -> Plan {
    is_ours(&observation.host)
        .then(|| power::shut_down(observation, node))
        .flatten()
        .unwrap_or_else(|| Plan::enter(Transition::SkipDeprovisioning))
}

/// The node was made anew while the machine may run from its volume: only an undeployment takes the boot script away,
/// and only what is deployed can be undeployed. A deletion goes on without where the volume's Secret is gone.
/// If another machine has the volume by now, this one is not given back to it, and may not run either.
fn adopt_first(observation: &Observation, seen: &Seen, node: &Node) -> Plan {
    let plan = leases::secure(observation).or_else(|| adoption::adopt(observation, seen, node));
    match plan {
        Some(Plan {
            step: Step::Wait(Wait::Blocked(_)),
            ..
        }) if is_deleted(&observation.host) => shut_down_and_skip(observation, node),
        Some(plan) if leases::conflict(observation).is_some() => {
            power::shut_down(observation, node).unwrap_or(plan)
        }
        Some(plan) => plan,
        None => super::undeploy(observation, node),
    }
}

/// Undeployed: what the boot from the volume needed is undone, so that the host can be deployed in another way next.
fn give_back(observation: &Observation, seen: &Seen, node: &Node) -> Plan {
    // A machine that still runs may run from the volume, and Ironic takes no volume from it.
    if is_ours(&observation.host)
        && let Some(plan) = power::shut_down(observation, node)
    {
        return plan;
    }
    if let Some(plan) = config_drive::ejection(observation, seen, node) {
        return plan;
    }
    match volumes::undo(node, seen) {
        effects if !effects.is_empty() => Plan::act(effects),
        _ if let Some(plan) = leases::give_back(observation, node) => plan,
        _ if is_deleted(&observation.host) => Plan::enter(Transition::PowerOffBeforeDelete),
        _ => Plan::enter(Transition::BecomeAvailable),
    }
}
