//! What a host waits for, in words that stay the same while it waits for the same.

use ironic_types::{Node, ProvisionState};
use serde_json::{Map, Value};

use super::Facts;
use crate::backoff;
use crate::detachment;
use crate::effect::Outcome;
use crate::host::{detached, is_deleted};
use crate::plan::{Blocker, Step, Transition, Wait};

/// Empty where the host waits for nothing.
pub(super) fn message(facts: &Facts<'_>) -> String {
    let message = of_step(facts);
    if !waits_to_be_detached(facts) {
        message
    } else if message.is_empty() {
        DETACHED_LATER.to_owned()
    } else {
        format!("{message}; {DETACHED_LATER}")
    }
}

const DETACHED_LATER: &str =
    "the host is detached once it is in a state that lasts, or at once with {\"force\": true}";

fn waits_to_be_detached(facts: &Facts<'_>) -> bool {
    let host = facts.host;
    detached(host).is_some() && detachment::takes_out(host).is_none() && !is_deleted(host)
}

fn of_step(facts: &Facts<'_>) -> String {
    match &facts.plan.step {
        Step::Wait(wait) => of_wait(facts, wait),
        Step::Act(_) => of_outcomes(facts),
        Step::Enter(Transition::RecordFailure(_)) => next_attempt(facts),
        Step::Enter(Transition::Detach) => DETACHED.to_owned(),
        Step::Enter(_) | Step::Ignore | Step::Rest => String::new(),
    }
}

fn of_wait(facts: &Facts<'_>, wait: &Wait) -> String {
    match wait {
        Wait::NodeBusy { state: Some(state) } => busy(facts, state),
        Wait::NodeBusy { state: None } => "Ironic's node has no state yet".to_owned(),
        Wait::PowerChanging { target } => format!("the machine's power is changing to {target}"),
        Wait::BackOff { until } => match next_attempt(facts) {
            counted if counted.is_empty() => at(*until),
            counted => counted,
        },
        Wait::Offline => "the deployment waits for spec.online: true".to_owned(),
        Wait::Detached => DETACHED.to_owned(),
        Wait::Delayed { limit } => format!(
            "{limit} other machines boot a ramdisk, which is the limit (PROVISIONING_LIMIT); it goes on when one is done"
        ),
        Wait::KeptOff { annotations } => format!(
            "kept off by the annotation {}, which whoever set it removes",
            annotations.join(", ")
        ),
        Wait::RebootNotForced { annotation } => format!(
            "the annotation {annotation} has no effect before the host is deployed, unless its value has \"force\": true"
        ),
        // What exactly is wrong differs from attempt to attempt; the first of it is in the error message.
        Wait::IronicUnavailable { .. } => NO_ANSWER.to_owned(),
        Wait::VirtualMedia => "Ironic is changing the machine's virtual media".to_owned(),
        Wait::Unclaimed => {
            "the deployment waits for a consumer, who sets spec.customDeploy.method: boot-volume and spec.online: true".to_owned()
        }
        Wait::KeptOn { message }
        | Wait::Held { message }
        | Wait::Drifted { message }
        | Wait::Blocked(
            Blocker::Node { message, .. }
            | Blocker::BmcAccess { message }
            | Blocker::BootVolume { message, .. }
            | Blocker::UserData { message, .. }
            | Blocker::PowerUnknown { message }
            | Blocker::NotImplemented { message }
            | Blocker::TooManyFailures { message },
        ) => message.clone(),
    }
}

const DETACHED: &str =
    "the host was taken out of Ironic, and stays out until its annotation is removed";
const NO_ANSWER: &str = "Ironic gives no answer";
const NO_LEASES: &str = "the Leases of volumes can't be read or written";

/// What came of the first effect that was not done.
fn of_outcomes(facts: &Facts<'_>) -> String {
    let not_done = facts.outcomes.iter().find(|outcome| !outcome.is_done());
    match not_done {
        None | Some(Outcome::Done | Outcome::NodeCreated(_)) => String::new(),
        Some(Outcome::Locked { .. }) => {
            "Ironic's node is locked by another action; the same is tried again".to_owned()
        }
        Some(Outcome::Overtaken { .. }) => {
            "Ironic's node changed in the meantime; it is looked at again".to_owned()
        }
        Some(Outcome::Refused { .. }) => next_attempt(facts),
        Some(Outcome::Unavailable { .. }) => NO_ANSWER.to_owned(),
        Some(Outcome::CredentialsChanged) => {
            "a Secret changed in the meantime; it is read again".to_owned()
        }
        Some(Outcome::LeasesChanged) => {
            "a volume's Lease changed hands in the meantime; it is looked at again".to_owned()
        }
        Some(Outcome::LeasesUnavailable { .. }) => NO_LEASES.to_owned(),
    }
}

/// The state, and the step that Ironic is at, where it says.
fn busy(facts: &Facts<'_>, state: &ProvisionState) -> String {
    let step = facts.observation.node().and_then(|node| step(node, state));
    match step {
        Some(step) => format!("Ironic's node is {state}, at the step {step}"),
        None => format!("Ironic's node is {state}"),
    }
}

fn step(node: &Node, state: &ProvisionState) -> Option<String> {
    let step = match state {
        ProvisionState::Cleaning | ProvisionState::CleanWait => &node.clean_step,
        ProvisionState::Deploying | ProvisionState::DeployWait => &node.deploy_step,
        _ => return None,
    };
    Some(format!(
        "{}.{}",
        word(step, "interface")?,
        word(step, "step")?
    ))
}

fn word<'a>(step: &'a Map<String, Value>, key: &str) -> Option<&'a str> {
    step.get(key)?.as_str()
}

/// When the next attempt follows a failure that is counted; empty where none is.
///
/// It counts from the time that this very status is written.
fn next_attempt(facts: &Facts<'_>) -> String {
    let uid = facts.host.metadata.uid.as_deref().unwrap_or_default();
    backoff::next_attempt(facts.status, uid).map_or_else(String::new, at)
}

fn at(time: jiff::Timestamp) -> String {
    format!("the next attempt is at {time}")
}
