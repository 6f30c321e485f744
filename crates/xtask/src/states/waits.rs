//! Why a host waits, and where that is to be seen.

use std::collections::{BTreeMap, BTreeSet};

use metal_plan::Wait;

use super::answer::Waits;
use super::sections::table;
use super::source::Variant;
use super::survey::Survey;
use super::words::{cell, named};

/// The doc comments of waits and blockers.
pub(super) struct Docs {
    /// Of `Wait`.
    pub(super) waits: Vec<Variant>,
    /// Of `Blocker`.
    pub(super) blockers: Vec<Variant>,
}

/// All that was seen of one kind of wait.
struct Kind {
    name: String,
    example: String,
    statuses: BTreeSet<String>,
    errors: BTreeSet<String>,
    conditions: BTreeMap<String, BTreeSet<String>>,
    look_again: BTreeSet<u64>,
}

/// The table of them.
pub(super) fn all(survey: &Survey, docs: &Docs) -> String {
    let kinds = kinds(survey);
    let in_order = |docs: &[Variant], prefix: &str| -> Vec<String> {
        docs.iter()
            .map(|doc| format!("{prefix}{}", doc.name))
            .collect()
    };
    let mut order = in_order(&docs.waits, "");
    order.extend(in_order(&docs.blockers, BLOCKED));
    let mut kinds: Vec<_> = kinds
        .into_iter()
        .map(|kind| {
            let place = order.iter().position(|name| *name == kind.name);
            (place.unwrap_or(order.len()), kind)
        })
        .collect();
    kinds.sort_by_key(|(place, _)| *place);
    let rows = kinds.iter().map(|(_, kind)| row(kind, docs));
    table(
        "| Why | Such as | `operationalStatus` | `errorType` | Conditions | Next look after |",
        rows,
    )
}

const BLOCKED: &str = "Blocked";

fn kinds(survey: &Survey) -> Vec<Kind> {
    let mut kinds: Vec<Kind> = Vec::new();
    for answers in &survey.states {
        let waits = answers
            .cases()
            .flat_map(|case| &case.answers)
            .filter_map(|answer| answer.waits.as_ref());
        for seen in waits {
            let name = name_of(&seen.wait);
            let at = kinds.iter().position(|kind| kind.name == name);
            let at = at.unwrap_or_else(|| {
                kinds.push(Kind::new(name, seen));
                kinds.len() - 1
            });
            if let Some(kind) = kinds.get_mut(at) {
                kind.add(seen);
            }
        }
    }
    kinds
}

/// What `Debug` begins with: the variant's name, and that of the blocker if it is one.
fn name_of(wait: &Wait) -> String {
    let text = format!("{wait:?}");
    let text: String = text
        .chars()
        .take_while(|c| c.is_alphanumeric() || *c == '(')
        .collect();
    text.replace('(', "")
}

impl Kind {
    fn new(name: String, seen: &Waits) -> Self {
        Self {
            name,
            example: seen.words.clone(),
            statuses: BTreeSet::new(),
            errors: BTreeSet::new(),
            conditions: BTreeMap::new(),
            look_again: BTreeSet::new(),
        }
    }

    fn add(&mut self, seen: &Waits) {
        let status = seen.operational_status();
        self.statuses.extend(status.map(|status| named(&status)));
        let error = seen.error_type();
        self.errors.extend(error.map(|error| named(&error)));
        for condition in seen.conditions() {
            let kind = format!("`{}` {}", condition.type_, condition.status);
            let reasons = self.conditions.entry(kind).or_default();
            reasons.insert(format!("`{}`", condition.reason));
        }
        self.look_again.insert(seen.look_again);
    }
}

fn row(kind: &Kind, docs: &Docs) -> String {
    let (name, docs) = match kind.name.strip_prefix(BLOCKED) {
        Some(name) => (name, &docs.blockers),
        None => (kind.name.as_str(), &docs.waits),
    };
    let doc = docs.iter().find(|doc| doc.name == name);
    let what = doc.map_or_else(
        || cell(&kind.name),
        |doc| doc.doc.trim_end_matches('.').to_owned(),
    );
    let conditions: Vec<_> = kind
        .conditions
        .iter()
        .map(|(kind, reasons)| format!("{kind}: {}", joined(reasons)))
        .collect();
    let look_again: Vec<_> = kind
        .look_again
        .iter()
        .map(|seconds| format!("{seconds} s"))
        .collect();
    format!(
        "| {what} | {} | {} | {} | {} | {} |",
        kind.example,
        joined(&kind.statuses),
        joined(&kind.errors),
        conditions.join("<br>"),
        look_again.join(", ")
    )
}

fn joined(words: &BTreeSet<String>) -> String {
    words
        .iter()
        .map(String::as_str)
        .collect::<Vec<_>>()
        .join(", ")
}
