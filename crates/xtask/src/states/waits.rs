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

/// The table of them.
pub(super) fn all(survey: &Survey, docs: &Docs) -> String {
    let mut kinds: Vec<(usize, String, Vec<&Waits>)> = Vec::new();
    for seen in survey.waits() {
        let name = name_of(&seen.wait);
        match kinds.iter_mut().find(|(_, other, _)| *other == name) {
            Some((.., all)) => all.push(seen),
            None => kinds.push((docs.place(&name), name, vec![seen])),
        }
    }
    kinds.sort_by_key(|(place, ..)| *place);
    let rows = kinds.iter().map(|(_, name, all)| row(docs, name, all));
    table(
        "| Why | Such as | `operationalStatus` | `errorType` | Conditions | Next look after |",
        rows,
    )
}

const BLOCKED: &str = "Blocked";

/// What `Debug` begins with: the variant's name, and that of the blocker if it is one.
fn name_of(wait: &Wait) -> String {
    let text = format!("{wait:?}");
    let names = text
        .chars()
        .take_while(|c| c.is_alphanumeric() || *c == '(');
    names.filter(|c| *c != '(').collect()
}

impl Docs {
    /// What is said of a wait, by the name that [`name_of`] gives it.
    fn of(&self, name: &str) -> Option<&str> {
        let (docs, name) = match name.strip_prefix(BLOCKED) {
            Some(name) => (&self.blockers, name),
            None => (&self.waits, name),
        };
        let variant = docs.iter().find(|variant| variant.name == name)?;
        Some(variant.doc.trim_end_matches('.'))
    }

    /// Where it stands: as in the source, the blockers last.
    fn place(&self, name: &str) -> usize {
        let blockers = self
            .blockers
            .iter()
            .map(|variant| format!("{BLOCKED}{}", variant.name));
        let names = self.waits.iter().map(|variant| variant.name.clone());
        let all = names.chain(blockers);
        all.take_while(|other| other != name).count()
    }
}

fn row(docs: &Docs, name: &str, all: &[&Waits]) -> String {
    // An error that was on record before is not of the wait, unless the wait is because of it.
    let fresh: Vec<_> = all
        .iter()
        .copied()
        .filter(|seen| !seen.had_error())
        .collect();
    let telling = if fresh.is_empty() { all } else { &fresh };
    let statuses: BTreeSet<_> = telling
        .iter()
        .filter_map(|seen| seen.operational_status())
        .map(|status| named(&status))
        .collect();
    let errors: BTreeSet<_> = telling
        .iter()
        .filter_map(|seen| seen.error_type())
        .map(|error| named(&error))
        .collect();
    let mut conditions: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for condition in telling.iter().flat_map(|seen| seen.conditions()) {
        let kind = format!("`{}` {}", condition.type_, condition.status);
        let reasons = conditions.entry(kind).or_default();
        reasons.insert(format!("`{}`", condition.reason));
    }
    let conditions: Vec<_> = conditions
        .iter()
        .map(|(kind, reasons)| format!("{kind}: {}", joined(reasons)))
        .collect();
    let look_again: BTreeSet<_> = all.iter().map(|seen| seen.look_again).collect();
    let look_again: Vec<_> = look_again
        .iter()
        .map(|seconds| format!("{seconds} s"))
        .collect();
    format!(
        "| {} | {} | {} | {} | {} | {} |",
        docs.of(name).map_or_else(|| cell(name), str::to_owned),
        telling.first().map_or("", |seen| &seen.words),
        joined(&statuses),
        joined(&errors),
        if conditions.is_empty() {
            "–".to_owned()
        } else {
            conditions.join("<br>")
        },
        look_again.join(", ")
    )
}

/// A dash for none.
fn joined(words: &BTreeSet<String>) -> String {
    if words.is_empty() {
        return "–".to_owned();
    }
    words
        .iter()
        .map(String::as_str)
        .collect::<Vec<_>>()
        .join(", ")
}
