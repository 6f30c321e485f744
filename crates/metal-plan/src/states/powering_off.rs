//! `powering off before delete`: a machine whose host is deleted doesn't run on.

use ironic_types::{Node, ProvisionState};
use metal_api::v1alpha1::{AutomatedCleaningMode, BareMetalHost};

use crate::leases;
use crate::observation::{Observation, Seen};
use crate::plan::{Plan, Transition};
use crate::power;
use crate::removal::is_held;

pub(crate) fn plan(observation: &Observation, seen: &Seen) -> Plan {
    let host = &observation.host;
    // Only a deletion comes here without a node: there is nothing to power off by.
    let Some(node) = &seen.node else {
        return Plan::enter(Transition::SkipPowerOff);
    };
    // A dead BMC must not keep the host for ever. Nothing is deployed on it any more.
    if power::is_out_of_reach(observation, node) {
        return Plan::enter(Transition::SkipPowerOff);
    }
    if host.spec.disable_power_off == Some(true) {
        return Plan::enter(Transition::Delete);
    }
    match &node.provision_state {
        Some(ProvisionState::Enroll) => Plan::enter(Transition::Delete),
        Some(state) if state.is_transient() => interrupt(host, node, state),
        // An abort leaves the target, and while that is set Ironic's power is not ours.
        Some(ProvisionState::InspectFailed) if node.target_provision_state.is_some() => {
            super::manage(node)
        }
        _ => power::shut_down(observation, node)
            .or_else(|| leases::give_back_unneeded(observation, node))
            .unwrap_or_else(|| Plan::enter(Transition::Delete)),
    }
}

/// An inspection serves nobody any more, nor does a cleaning that wasn't asked for, nor a hold. One that was is waited for.
fn interrupt(host: &BareMetalHost, node: &Node, state: &ProvisionState) -> Plan {
    let is_unwanted = match state {
        ProvisionState::InspectWait => true,
        ProvisionState::CleanWait => {
            let is_manual = node.target_provision_state == Some(ProvisionState::Manageable);
            is_manual || host.spec.automated_cleaning_mode == Some(AutomatedCleaningMode::Disabled)
        }
        // It would never end.
        state => is_held(state),
    };
    if is_unwanted {
        super::abort(node)
    } else {
        Plan::node_busy(Some(state))
    }
}
