//! Power: following `spec.online`, and shutting a machine down before its power is cut.

use ironic_types::{Node, PowerState, PowerTarget};
use jiff::{SignedDuration, Timestamp};
use metal_api::v1alpha1::ErrorType;

use crate::effect::Effect;
use crate::host::{shows_failure, shutdown_asked_at};
use crate::observation::Observation;
use crate::plan::{Blocker, Plan, Wait};
use crate::states::last_error;

/// Brings the power to what `spec.online` says.
pub(crate) fn follow_online(observation: &Observation, node: &Node) -> Plan {
    if observation.host.spec.online {
        switch_on(observation, node).unwrap_or_else(Plan::rest)
    } else {
        shut_down(observation, node).unwrap_or_else(Plan::rest)
    }
}

fn switch_on(observation: &Observation, node: &Node) -> Option<Plan> {
    match settled(node) {
        Err(wait) => Some(wait),
        Ok(PowerState::On) => None,
        Ok(_) => Some(change(observation, node, PowerTarget::On)),
    }
}

/// Shuts the machine down: the volume's file system is the user's data, so the operating system is asked first, and the
/// power is cut only after it was asked and failed to answer. None once the power is off.
pub(crate) fn shut_down(observation: &Observation, node: &Node) -> Option<Plan> {
    match settled(node) {
        Err(wait) => Some(wait),
        Ok(PowerState::Off) => None,
        Ok(_) if was_asked_in_vain(observation, node) => {
            Some(change(observation, node, PowerTarget::Off))
        }
        Ok(_) => Some(Plan::act(vec![Effect::SetPower {
            node: node.uuid,
            target: PowerTarget::SoftOff,
            timeout: Some(observation.settings.soft_power_off_timeout),
        }])),
    }
}

/// What Ironic says of a failure counts only after we asked: it may be of another time. Ironic clears it within seconds,
/// so the time since we asked counts too.
fn was_asked_in_vain(observation: &Observation, node: &Node) -> bool {
    shutdown_asked_at(&observation.host).is_some_and(|asked_at| {
        failed_to(PowerTarget::SoftOff, node)
            || failed_to(PowerTarget::Off, node)
            || observation.now.duration_since(asked_at) > allowed(observation)
    })
}

/// Whether everything was tried to switch off a machine whose host is deleted: its BMC is dead.
pub(crate) fn is_out_of_reach(observation: &Observation, node: &Node) -> bool {
    let deleted_at = observation.host.metadata.deletion_timestamp.as_ref();
    deleted_at.is_some_and(|since| is_beyond_control(observation, node, since.0))
}

fn is_beyond_control(observation: &Observation, node: &Node, since: Timestamp) -> bool {
    const MOST_ERRORS: i64 = 3;
    let limit = allowed(observation).saturating_add(allowed(observation));
    let is_over = |since| observation.now.duration_since(since) > limit;
    let errors = observation
        .host
        .status
        .as_ref()
        .map_or(0, |status| status.error_count);
    match node.power_state {
        Some(PowerState::Off) => false,
        None => is_over(since),
        Some(_) => {
            errors > MOST_ERRORS || shutdown_asked_at(&observation.host).is_some_and(is_over)
        }
    }
}

/// The power state, once no action runs and Ironic knows it.
fn settled(node: &Node) -> Result<&PowerState, Plan> {
    match (&node.target_power_state, &node.power_state) {
        (Some(target), _) => Err(Plan::wait(Wait::PowerChanging {
            target: target.clone(),
        })),
        (None, None) => Err(Plan::blocked(Blocker::PowerUnknown {
            message: format!(
                "Ironic does not know whether the machine is on; see that its BMC answers ({})",
                last_error(node)
            ),
        })),
        (None, Some(state)) => Ok(state),
    }
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

/// Ironic's words for a power action that failed end in what was tried: "Failed to change power state to 'power off' by
/// 'soft power off': …" (`ironic/conductor/utils.py`, `node_power_action`).
fn failed_to(target: PowerTarget, node: &Node) -> bool {
    let tried = format!("by '{target}'");
    node.last_error
        .as_deref()
        .is_some_and(|error| error.contains(&tried))
}

/// The soft power off's own limit, and time for Ironic to act on it.
fn allowed(observation: &Observation) -> SignedDuration {
    const GRACE: SignedDuration = SignedDuration::from_secs(30);
    SignedDuration::try_from(observation.settings.soft_power_off_timeout)
        .unwrap_or(SignedDuration::MAX)
        .saturating_add(GRACE)
}
