//! Power: following `spec.online` and the reboot annotations, and shutting a machine down before its power is cut.

use ironic_types::{Node, PowerState, PowerTarget, ProvisionState};
use jiff::Timestamp;
use metal_api::annotations::RebootMode;
use metal_api::v1alpha1::{BareMetalHost, ErrorType};

use crate::effect::Effect;
use crate::host::{is_deleted, is_ours, power_cut_at, shows_failure};
use crate::observation::Observation;
use crate::plan::{Blocker, Plan, Transition, Wait};
use crate::states::last_error;

mod cut;
mod reboots;

pub(crate) use cut::{CANNOT_BE_ASKED, after_failure, is_of_another_time, is_refusal_to_ask};
use cut::{allowed, cannot_be_asked, failed_to, may_be_cut};
pub(crate) use reboots::Reboots;

/// Brings the power to what `spec.online` and the reboot annotations say.
pub(crate) fn follow_online(observation: &Observation, node: &Node) -> Plan {
    let host = &observation.host;
    let reboots = Reboots::of(host);
    // Off is off: that the machine goes down for the reboot is done, however it came to be.
    if node.power_state == Some(PowerState::Off) && reboots.one_shot_is_set {
        return Plan::enter(Transition::EndReboot);
    }
    let is_off = match settled(node) {
        Err(wait) => return wait,
        Ok(state) => *state == PowerState::Off,
    };
    let goes_down = !reboots.that_count.is_empty();
    match (host.spec.online && !goes_down, is_off) {
        (true, true) => switch_on(observation, node),
        (true, false) if node.power_state != Some(PowerState::On) => switch_on(observation, node),
        (true, false) => reboots.ignored.map_or_else(Plan::rest, |annotation| {
            Plan::wait(Wait::RebootNotForced { annotation })
        }),
        (false, true) if host.spec.online => Plan::wait(Wait::KeptOff {
            annotations: reboots.that_count,
        }),
        (false, true) => Plan::rest(),
        (false, false) if must_stay_on(host) => reboot_in_place(observation, node, &reboots),
        (false, false) => switch_off(observation, node, reboots.mode),
    }
}

/// Shuts the machine down: the volume's file system is the user's data, so the operating system is asked first, and the
/// power is cut only after it was asked and failed to answer. None once the power is off, and for a machine that must
/// stay on and boots from no volume of ours.
pub(crate) fn shut_down(observation: &Observation, node: &Node) -> Option<Plan> {
    let host = &observation.host;
    if must_stay_on(host) && !is_ours(host) {
        return None;
    }
    match settled(node) {
        Err(wait) => Some(wait),
        Ok(PowerState::Off) => None,
        Ok(_) if must_stay_on(host) => Some(Plan::wait(kept_on(
            "the volume is given back only after the machine was powered off",
        ))),
        Ok(_) => Some(switch_off(observation, node, RebootMode::Soft)),
    }
}

/// Whether the machine of a host that is deleted can't be switched off: everything was tried and its BMC is dead, or it
/// must stay on.
pub(crate) fn is_out_of_reach(observation: &Observation, node: &Node) -> bool {
    let host = &observation.host;
    let runs = node.power_state != Some(PowerState::Off);
    let must_stay = runs && must_stay_on(host) && is_ours(host);
    is_deleted(host) && (must_stay || is_beyond_control(observation, node))
}

/// The time counts from what is on record of trying, never from the deletion alone: the operator may have been away.
fn is_beyond_control(observation: &Observation, node: &Node) -> bool {
    let host = &observation.host;
    let limit = allowed(observation).saturating_add(allowed(observation));
    let is_over = |since: Timestamp| observation.now.duration_since(since) > limit;
    match node.power_state {
        Some(PowerState::Off) => false,
        None => unknown_since(host).is_some_and(is_over),
        // Ironic clears its word on a failure within seconds: that the power was cut, and the time since, tell as much.
        Some(_) => power_cut_at(host)
            .is_some_and(|cut_at| observation.now.duration_since(cut_at) > allowed(observation)),
    }
}

/// Since when the host has shown that nobody knows whether its machine is on.
fn unknown_since(host: &BareMetalHost) -> Option<Timestamp> {
    let status = host.status.as_ref()?;
    let is_shown = status.error_type == Some(ErrorType::PowerManagement)
        && status.error_message.starts_with(POWER_UNKNOWN);
    let since = status.last_updated.as_ref().filter(|_| is_shown)?;
    Some(since.0)
}

const POWER_UNKNOWN: &str = "Ironic does not know whether the machine is on";

/// Whether the machine shares its power with something that must stay on, such as the BMC's own network interface.
pub(crate) fn must_stay_on(host: &BareMetalHost) -> bool {
    host.spec.disable_power_off == Some(true)
}

/// The power state, once the node rests, no action runs, and Ironic knows it.
fn settled(node: &Node) -> Result<&PowerState, Plan> {
    if is_busy(node) {
        return Err(Plan::node_busy(node.provision_state.as_ref()));
    }
    match (&node.target_power_state, &node.power_state) {
        (Some(target), _) => Err(Plan::wait(Wait::PowerChanging {
            target: target.clone(),
        })),
        (None, None) => Err(Plan::blocked(Blocker::PowerUnknown {
            message: format!(
                "{POWER_UNKNOWN}; see that its BMC answers ({})",
                why_unknown(node)
            ),
        })),
        (None, Some(state)) => Ok(state),
    }
}

/// Whether Ironic is taking the node somewhere: it may need the power itself.
///
/// In a failed state it rests, though the target is left (`ironic/common/states.py`); and a deployment that waits for the
/// machine is broken off, for which the machine is shut down first.
fn is_busy(node: &Node) -> bool {
    use ProvisionState as P;
    let rests = matches!(
        node.provision_state,
        Some(
            P::DeployWait
                | P::DeployFailed
                | P::CleanFailed
                | P::InspectFailed
                | P::AdoptFailed
                | P::RescueFailed
                | P::UnrescueFailed
                | P::ServiceFailed
                | P::Error
        )
    );
    node.target_provision_state.is_some() && !rests
}

/// After a power failure the node is in maintenance, and the reason of that is kept while `last_error` is not
/// (`ironic/conductor/manager.py`, `handle_sync_power_state_max_retries_exceeded`).
fn why_unknown(node: &Node) -> String {
    let words = node
        .last_error
        .as_ref()
        .or(node.maintenance_reason.as_ref());
    let words = words.cloned().unwrap_or_else(|| last_error(node));
    match &node.fault {
        Some(fault) => format!("{fault}: {words}"),
        None => words,
    }
}

fn switch_on(observation: &Observation, node: &Node) -> Plan {
    change(observation, node, PowerTarget::On)
}

fn switch_off(observation: &Observation, node: &Node, mode: RebootMode) -> Plan {
    match mode {
        RebootMode::Soft if !may_be_cut(observation, node) => {
            ask(observation, node, PowerTarget::SoftOff)
        }
        RebootMode::Soft | RebootMode::Hard => change(observation, node, PowerTarget::Off),
    }
}

/// Reboots a machine that must stay on, which is all that can be done to it. The annotation is removed once Ironic has
/// taken the request: nothing that can be seen of the machine would tell that it was carried out.
fn reboot_in_place(observation: &Observation, node: &Node, reboots: &Reboots) -> Plan {
    if !reboots.one_shot_counts() {
        let why = match reboots.that_count.first() {
            Some(annotation) => format!("{annotation} can't keep it off; remove the annotation"),
            None => "spec.online: false has no effect; set it to true".to_owned(),
        };
        return Plan::wait(kept_on(&why));
    }
    match reboots.mode {
        RebootMode::Soft
            if !after_failure(&observation.host) && !cannot_be_asked(&observation.host) =>
        {
            ask(observation, node, PowerTarget::SoftReboot)
        }
        RebootMode::Soft | RebootMode::Hard => Plan::act(vec![Effect::SetPower {
            node: node.uuid,
            target: PowerTarget::Reboot,
            timeout: None,
        }]),
    }
}

fn kept_on(why: &str) -> Wait {
    Wait::KeptOn {
        message: format!("spec.disablePowerOff keeps the machine on: {why}"),
    }
}

/// Asks the operating system. The time it gets is ours: Ironic's own is ten minutes (`[conductor]soft_power_off_timeout`).
fn ask(observation: &Observation, node: &Node, target: PowerTarget) -> Plan {
    Plan::act(vec![Effect::SetPower {
        node: node.uuid,
        target,
        timeout: Some(observation.settings.soft_power_off_timeout),
    }])
}

/// Starts a change, or records that the last one failed, after which the next one waits.
/// Without a timeout Ironic's own holds, `[conductor]power_state_change_timeout`.
fn change(observation: &Observation, node: &Node, target: PowerTarget) -> Plan {
    if failed_to(target, node) && !shows_failure(&observation.host) {
        return Plan::failed(ErrorType::PowerManagement, last_error(node));
    }
    Plan::act(vec![Effect::SetPower {
        node: node.uuid,
        target,
        timeout: None,
    }])
}

#[cfg(test)]
mod tests;
