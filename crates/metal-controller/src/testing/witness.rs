//! Sees every pass from within: what was observed, planned and done, and whether it leads anywhere.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::sync::{Arc, Mutex, MutexGuard};

use ironic_types::Node;
use metal_plan::{IronicView, Observation, Outcome, Plan, Step, Transition, check};
use tokio::time::Instant;

/// As often may the same be done with nothing changed by it: what was done may show late.
const MOST_REPEATS: usize = 3;

/// As many passes may a host have at one moment.
const MOST_AT_ONCE: usize = 20;

/// What was seen of all passes. A clone shares it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Witness(Arc<Mutex<Record>>);

#[derive(Debug, Default)]
struct Record {
    lines: Vec<Line>,
    /// The last pass of each host.
    last: BTreeMap<String, Seen>,
    /// The hosts whose deletion went on without an undeployment or a power off.
    given_up: BTreeSet<String>,
}

/// One line of the story.
#[derive(Debug)]
struct Line {
    at: Instant,
    /// The host of a pass; none for what others did.
    host: Option<String>,
    text: String,
}

/// The last pass that made a plan.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    pub(crate) plan: Plan,
    /// What it was made from, if it does something.
    observation: Option<Box<Observation>>,
    repeats: usize,
}

impl Witness {
    fn record(&self) -> MutexGuard<'_, Record> {
        self.0
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    /// Something happened besides the passes.
    pub(crate) fn tell(&self, text: impl Into<String>) {
        self.record().lines.push(Line {
            at: Instant::now(),
            host: None,
            text: text.into(),
        });
    }

    /// A plan was made. It must break no promise.
    pub(crate) fn planned(&self, observation: &Observation, plan: &Plan) {
        let name = observation.host.metadata.name.clone().unwrap_or_default();
        let text = format!(
            "{} → {}",
            situation(observation),
            shortened(&plan.to_string())
        );
        let mut record = self.record();
        record.lines.push(Line {
            at: Instant::now(),
            host: Some(name.clone()),
            text,
        });
        let violations = check(observation, plan);
        assert!(violations.is_empty(), "{plan}: {violations:?}");
        assert!(
            !record.spins(&name),
            "a host is looked at again and again at the same moment"
        );
        if let Step::Enter(Transition::SkipDeprovisioning | Transition::SkipPowerOff) = plan.step {
            record.given_up.insert(name.clone());
        }
        let is_repeated = |last: &Seen| {
            let before = last.observation.as_deref();
            last.plan.step == plan.step
                && before.is_some_and(|before| facts(before) == facts(observation))
        };
        let seen = Seen {
            plan: plan.clone(),
            repeats: match record.last.get(&name) {
                Some(last) if is_repeated(last) => last.repeats + 1,
                Some(_) | None => 0,
            },
            observation: acts(&plan.step).then(|| Box::new(observation.clone())),
        };
        record.last.insert(name, seen);
    }

    /// The plan was carried out. It must lead to something: a change, a wait or a failure.
    pub(crate) fn executed(&self, observation: &Observation, outcomes: &[Outcome]) {
        let name = observation.host.metadata.name.as_deref();
        let mut record = self.record();
        if let Some(line) = record.lines.last_mut()
            && let Some(failed) = outcomes.iter().find(|outcome| !outcome.is_done())
        {
            let _ = write!(line.text, " ✗ {}", shortened(&format!("{failed:?}")));
        }
        let Some(last) = record.last.get_mut(name.unwrap_or_default()) else {
            return;
        };
        if !outcomes.iter().all(Outcome::is_done) {
            last.repeats = 0;
        }
        assert!(
            last.repeats < MOST_REPEATS,
            "the same again and again, and nothing changes: {}",
            last.plan
        );
    }

    /// The last plan that was made for a host.
    pub(crate) fn last_plan(&self, host: &str) -> Option<Plan> {
        self.record().last.get(host).map(|seen| seen.plan.clone())
    }

    /// Whether a deletion of this host ever went on without an undeployment or a power off.
    pub(crate) fn was_given_up(&self, host: &str) -> bool {
        self.record().given_up.contains(host)
    }

    /// The hosts that plans were made for.
    pub(crate) fn hosts(&self) -> Vec<String> {
        self.record().last.keys().cloned().collect()
    }

    pub(crate) fn passes(&self) -> usize {
        let record = self.record();
        record
            .lines
            .iter()
            .filter(|line| line.host.is_some())
            .count()
    }

    /// The whole story, in lines; what repeats itself is one.
    pub(crate) fn story(&self, began: Instant) -> String {
        let record = self.record();
        let mut story = String::new();
        let same = |one: &Line, other: &Line| one.host == other.host && one.text == other.text;
        for lines in record.lines.chunk_by(same) {
            let Line { at, host, text } = &lines[0];
            let at = at.duration_since(began).as_secs_f64();
            let host = host.as_deref().unwrap_or("*");
            let _ = write!(story, "{at:>9.2}s {host} {text}");
            if lines.len() > 1 {
                let _ = write!(story, " (and {} times more)", lines.len() - 1);
            }
            story.push('\n');
        }
        story
    }
}

impl Record {
    fn spins(&self, host: &str) -> bool {
        let now = Instant::now();
        let at_once = self
            .lines
            .iter()
            .rev()
            .take_while(|line| line.at == now)
            .filter(|line| line.host.as_deref() == Some(host));
        at_once.count() > MOST_AT_ONCE
    }
}

fn acts(step: &Step) -> bool {
    match step {
        Step::Act(_) | Step::Enter(_) => true,
        Step::Ignore | Step::Wait(_) | Step::Rest => false,
    }
}

/// Where the host and its node are, in a few words.
fn situation(observation: &Observation) -> String {
    let host = &observation.host;
    let mut words = format!("[{}", host.state().as_str());
    if host.metadata.deletion_timestamp.is_some() {
        words += ", deleted";
    }
    if let Some(status) = &host.status
        && !status.error_message.is_empty()
    {
        let count = status.error_count;
        let _ = write!(
            words,
            ", {count} errors: {}",
            shortened(&status.error_message)
        );
    }
    words += " | ";
    match &observation.ironic {
        IronicView::Unavailable { .. } => words += "no answer",
        IronicView::Seen(seen) => match &seen.node {
            None => words += "no node",
            Some(node) => words += &node_in_words(node),
        },
    }
    words + "]"
}

fn node_in_words(node: &Node) -> String {
    let text = |value: Option<String>| value.unwrap_or_else(|| "?".to_owned());
    let mut words = text(node.provision_state.as_ref().map(ToString::to_string));
    let _ = write!(
        words,
        ", {}",
        text(node.power_state.as_ref().map(ToString::to_string))
    );
    if let Some(target) = &node.target_power_state {
        let _ = write!(words, " to {target}");
    }
    if node.maintenance {
        words += ", maintenance";
    }
    if let Some(error) = &node.last_error {
        let _ = write!(words, ", {:?}", shortened(error));
    }
    words
}

/// Ironic's words can be long.
fn shortened(text: &str) -> String {
    const LONGEST: usize = 150;
    if text.chars().count() <= LONGEST {
        return text.to_owned();
    }
    text.chars().take(LONGEST).chain("…".chars()).collect()
}

/// All that a plan depends on but for what changes with time alone. It costs more than the rest of a pass, so only what
/// may be a repetition is compared.
fn facts(observation: &Observation) -> String {
    let Observation {
        host,
        hardware,
        bmc_credentials,
        iscsi_credentials,
        ironic,
        leases,
        ..
    } = observation;
    let mut host = host.clone();
    host.metadata.resource_version = None;
    host.metadata.managed_fields = None;
    if let Some(status) = &mut host.status {
        status.last_updated = None;
        status.conditions.clear();
        status.operation_history = None;
    }
    format!("{host:?}{hardware:?}{bmc_credentials:?}{iscsi_credentials:?}{ironic:?}{leases:?}")
}
