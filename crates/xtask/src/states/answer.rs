//! What the planner answers, in words.

use jiff::SignedDuration;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Condition;
use metal_api::v1alpha1::{
    BareMetalHost, BareMetalHostStatus, ErrorType, OperationalStatus, ProvisioningState,
};
use metal_plan::{EventKind, NextHost, Observation, Plan, Step, Transition, Wait, next_host, plan};

use super::example::NodeCase;
use super::words::{effects, link, message, named};

/// What is done for a host.
pub(super) struct Answer {
    /// In words, in Markdown, without the state that the node is in: alike for all nodes with which the same is done.
    pub(super) words: String,
    /// Where the host goes, if it leaves its state.
    pub(super) leads_to: Option<Place>,
    /// What it shows, if it waits.
    pub(super) waits: Option<Waits>,
}

/// Where a host may go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// To this state.
    State(ProvisioningState),
    /// Away: nothing keeps its object any more.
    Gone,
}

/// A wait and what a host shows of it.
pub(super) struct Waits {
    /// The wait.
    pub(super) wait: Wait,
    /// The wait in words.
    pub(super) words: String,
    /// How long until the next look, in seconds, if nothing calls earlier.
    pub(super) look_again: u64,
    /// What was shown before.
    before: BareMetalHostStatus,
    /// What would be shown if nothing were to be waited for.
    resting: BareMetalHostStatus,
    /// What is shown.
    shown: BareMetalHostStatus,
}

impl Waits {
    fn new(observation: &Observation, plan: &Plan, wait: &Wait, node: &NodeCase) -> Self {
        let rest = Plan {
            step: Step::Rest,
            look_again: plan.look_again,
        };
        Self {
            wait: wait.clone(),
            words: message(&wait.to_string(), node),
            look_again: plan.look_again.as_secs(),
            before: status(&observation.host),
            resting: status(&next_host(observation, &rest, &[]).host),
            shown: status(&next_host(observation, plan, &[]).host),
        }
    }

    /// Whether an error was on record before.
    pub(super) fn had_error(&self) -> bool {
        self.before.error_type.is_some()
    }

    /// The error that is shown.
    pub(super) fn error_type(&self) -> Option<ErrorType> {
        self.shown.error_type
    }

    /// The operational status that tells of the wait.
    pub(super) fn operational_status(&self) -> Option<OperationalStatus> {
        let shown = self.shown.operational_status;
        (self.resting.operational_status != shown).then_some(shown)
    }

    /// The conditions that tell of the wait: type and status, and the reason where that is because of it, too.
    pub(super) fn conditions(&self) -> impl Iterator<Item = (String, Option<String>)> {
        self.shown.conditions.iter().filter_map(|shown| {
            let resting = self.resting(&shown.type_);
            let has_reason = resting.is_some_and(|resting| resting.reason == shown.reason);
            let has_message = resting.is_some_and(|resting| resting.message == shown.message);
            let condition = format!("`{}` {}", shown.type_, shown.status);
            match (has_reason, has_message) {
                (true, true) => None,
                (true, false) => Some((condition, None)),
                (false, _) => Some((condition, Some(format!("`{}`", shown.reason)))),
            }
        })
    }

    fn resting(&self, condition: &str) -> Option<&Condition> {
        let mut conditions = self.resting.conditions.iter();
        conditions.find(|resting| resting.type_ == condition)
    }
}

/// Asks the planner.
pub(super) fn ask(observation: &Observation, node: &NodeCase) -> Answer {
    let plan = plan(observation);
    let mut leads_to = None;
    let mut waits = None;
    let words = match &plan.step {
        Step::Ignore => "touches nothing".to_owned(),
        Step::Rest => "rests".to_owned(),
        Step::Act(steps) => effects(steps),
        Step::Enter(_) => {
            let next = next_host(observation, &plan, &[]);
            leads_to = place(&observation.host, &next.host);
            transition(observation, &plan, &next, node)
        }
        Step::Wait(wait) => {
            let shown = Waits::new(observation, &plan, wait, node);
            let words = waiting(&shown, node);
            waits = Some(shown);
            words
        }
    };
    Answer {
        words,
        leads_to,
        waits,
    }
}

fn place(before: &BareMetalHost, after: &BareMetalHost) -> Option<Place> {
    let count = |host: &BareMetalHost| host.metadata.finalizers.iter().flatten().count();
    if before.state() != after.state() {
        Some(Place::State(after.state()))
    } else if count(after) < count(before) {
        Some(Place::Gone)
    } else {
        None
    }
}

/// A change of the host's own record, by what differs after it.
fn transition(observation: &Observation, plan: &Plan, next: &NextHost, node: &NodeCase) -> String {
    let host = &observation.host;
    let (before, after) = (status(host), status(&next.host));
    if after.error_count > before.error_count {
        return failure(observation, next, node);
    }
    let mut words = match place(host, &next.host) {
        Some(Place::State(state)) => format!("goes to {}", link(state)),
        Some(Place::Gone) => "removes the finalizer, and the host goes".to_owned(),
        None => lesser_change(host, &next.host).unwrap_or_else(|| format!("`{plan}`")),
    };
    for event in next
        .events
        .iter()
        .filter(|event| event.kind == EventKind::Warning)
    {
        words = format!("{words}, with the event `{}`", event.reason.as_str());
    }
    words
}

/// What changes while the state stays.
fn lesser_change(before: &BareMetalHost, after: &BareMetalHost) -> Option<String> {
    let names = |host: &BareMetalHost| host.metadata.annotations.clone().unwrap_or_default();
    let kept = names(after);
    let removed: Vec<_> = names(before)
        .into_keys()
        .filter(|name| !kept.contains_key(name))
        .map(|name| format!("`{name}`"))
        .collect();
    if !removed.is_empty() {
        return Some(format!("removes the annotation {}", removed.join(", ")));
    }
    let (shown_before, shown_after) = (status(before), status(after));
    let deployment = |status: &BareMetalHostStatus| {
        let volume = status.provisioning.boot_volume.as_ref();
        volume.map(|volume| (volume.deployment_id.clone(), volume.credentials.clone()))
    };
    let (old, new) = (deployment(&shown_before), deployment(&shown_after));
    if old.as_ref().map(|old| &old.0) != new.as_ref().map(|new| &new.0) {
        return Some("begins with a new intent".to_owned());
    }
    if old != new {
        return Some("records the present credentials".to_owned());
    }
    let before_it = names(before);
    let set: Vec<_> = kept
        .into_keys()
        .filter(|name| !before_it.contains_key(name))
        .map(|name| format!("`{name}`"))
        .collect();
    if !set.is_empty() {
        return Some(format!("sets the annotation {}", set.join(", ")));
    }
    (shown_before.operational_status != shown_after.operational_status).then(|| {
        let shown = named(&shown_after.operational_status);
        format!("sets `operationalStatus` to {shown}")
    })
}

/// An attempt that failed: it is written down, and what follows depends on that.
fn failure(observation: &Observation, next: &NextHost, node: &NodeCase) -> String {
    let error = status(&next.host)
        .error_type
        .map_or_else(|| "error".to_owned(), |error| named(&error));
    let recorded = Observation {
        host: next.host.clone(),
        ..observation.clone()
    };
    let is_held_back = matches!(plan(&recorded).step, Step::Wait(Wait::BackOff { .. }));
    let later = Observation {
        now: recorded.now + SignedDuration::from_hours(24),
        ..recorded
    };
    let when = if is_held_back {
        "after the back-off"
    } else {
        "then"
    };
    // Where nothing can be sent, each look that finds the same is a failure.
    if matches!(plan(&later).step, Step::Enter(Transition::RecordFailure(_))) {
        return format!("records a {error}, and {when} looks again");
    }
    format!("records a {error}, and {when} {}", ask(&later, node).words)
}

fn waiting(waits: &Waits, node: &NodeCase) -> String {
    match &waits.wait {
        Wait::NodeBusy { state: Some(_) } => "waits until the node leaves the state".to_owned(),
        Wait::BackOff { .. } => "waits until its back-off is over".to_owned(),
        Wait::Blocked(_) => {
            let message = message(&waits.shown.error_message, node);
            let error = waits.error_type().map(|error| named(&error));
            format!(
                "waits, with a {}: “{message}”",
                error.unwrap_or_else(|| "error".to_owned())
            )
        }
        _ => format!("waits: {}", waits.words),
    }
}

fn status(host: &BareMetalHost) -> BareMetalHostStatus {
    host.status.clone().unwrap_or_default()
}
