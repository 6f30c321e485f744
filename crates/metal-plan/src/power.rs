//! Power: following `spec.online`, and shutting a machine down before its power is cut.

use ironic_types::{Node, PowerState, PowerTarget};
use jiff::{SignedDuration, Timestamp};

use crate::effect::Effect;
use crate::observation::Observation;
use crate::plan::{Plan, Wait};

/// Brings the power to what `spec.online` says.
pub(crate) fn follow_online(observation: &Observation, node: &Node) -> Plan {
    if observation.host.spec.online {
        switch_on(node).unwrap_or_else(Plan::rest)
    } else {
        shut_down(observation, node, None).unwrap_or_else(Plan::rest)
    }
}

fn switch_on(node: &Node) -> Option<Plan> {
    match settled(node) {
        Err(wait) => Some(wait),
        Ok(PowerState::On) => None,
        Ok(_) => Some(set(node, PowerTarget::On, None)),
    }
}

/// Shuts the machine down: the volume's file system is the user's data, so the operating system is asked first and the
/// power is cut only after it failed to answer. None once the power is off.
/// `since` is when the shutdown was decided, where that is on record: it bounds the asking even if Ironic's word of the
/// failure, which it clears within seconds, was missed.
pub(crate) fn shut_down(
    observation: &Observation,
    node: &Node,
    since: Option<Timestamp>,
) -> Option<Plan> {
    match settled(node) {
        Err(wait) => Some(wait),
        Ok(PowerState::Off) => None,
        Ok(_) if soft_failed(node) || is_over(observation, since) => {
            Some(set(node, PowerTarget::Off, None))
        }
        Ok(_) => {
            let timeout = observation.settings.soft_power_off_timeout;
            Some(set(node, PowerTarget::SoftOff, Some(timeout)))
        }
    }
}

/// Whether the BMC has had all the time it gets to switch off, and Ironic still can't say that it did.
pub(crate) fn gives_no_answer(observation: &Observation, node: &Node, since: Timestamp) -> bool {
    let limit = allowed(observation).saturating_add(allowed(observation));
    !matches!(node.power_state, Some(PowerState::Off))
        && observation.now.duration_since(since) > limit
}

/// The power state, once no action runs and Ironic knows it.
fn settled(node: &Node) -> Result<&PowerState, Plan> {
    let changing = |target: Option<&PowerState>| {
        Plan::wait(Wait::PowerChanging {
            target: target.cloned(),
        })
    };
    match (&node.target_power_state, &node.power_state) {
        (Some(target), _) => Err(changing(Some(target))),
        (None, None) => Err(changing(None)),
        (None, Some(state)) => Ok(state),
    }
}

/// Ironic's words for a soft power off that failed hold its name (`ironic/conductor/utils.py`, `node_power_action`).
fn soft_failed(node: &Node) -> bool {
    node.last_error
        .as_deref()
        .is_some_and(|error| error.contains("soft power off"))
}

fn is_over(observation: &Observation, since: Option<Timestamp>) -> bool {
    since.is_some_and(|since| observation.now.duration_since(since) > allowed(observation))
}

/// The soft power off's own limit, and time for Ironic to act on it.
fn allowed(observation: &Observation) -> SignedDuration {
    const GRACE: SignedDuration = SignedDuration::from_secs(30);
    SignedDuration::try_from(observation.settings.soft_power_off_timeout)
        .unwrap_or(SignedDuration::MAX)
        .saturating_add(GRACE)
}

/// Without a timeout Ironic's own holds, `[conductor]power_state_change_timeout`.
fn set(node: &Node, target: PowerTarget, timeout: Option<std::time::Duration>) -> Plan {
    Plan::act(vec![Effect::SetPower {
        node: node.uuid,
        target,
        timeout,
    }])
}
