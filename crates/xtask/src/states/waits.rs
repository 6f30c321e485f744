//! Why a host waits, and where that is to be seen.

use std::collections::{BTreeMap, BTreeSet};

use metal_plan::Wait;

use super::answer::Waits;
use super::sections::table;
use super::source::Variant;
use super::survey::Survey;
use super::words::named;

/// The doc comments of waits and blockers.
pub(super) struct Docs {
    /// Of `Wait`.
    pub(super) waits: Vec<Variant>,
    /// Of `Blocker`.
    pub(super) blockers: Vec<Variant>,
}

/// The table of them.
pub(super) fn all(survey: &Survey, docs: &Docs) -> String {
    let mut seen: BTreeMap<String, Vec<&Waits>> = BTreeMap::new();
    for waits in survey.waits() {
        seen.entry(name_of(&waits.wait)).or_default().push(waits);
    }
    let waits = docs.waits.iter().map(|doc| (doc, doc.name.clone()));
    let blockers = docs.blockers.iter();
    let blockers = blockers.map(|doc| (doc, format!("{BLOCKED}{}", doc.name)));
    let rows = waits
        .filter(|(_, name)| name != BLOCKED)
        .chain(blockers)
        .map(|(doc, name)| row(doc, seen.get(&name).map_or(&[], Vec::as_slice)));
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

fn row(doc: &Variant, all: &[&Waits]) -> String {
    // An error that was on record before is not of the wait, unless the wait is because of it.
    let fresh: Vec<_> = all
        .iter()
        .copied()
        .filter(|seen| !seen.had_error())
        .collect();
    let telling = if fresh.is_empty() { all } else { &fresh };
    let statuses = telling.iter().filter_map(|seen| seen.operational_status());
    let errors = telling.iter().filter_map(|seen| seen.error_type());
    let mut conditions: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (condition, reason) in telling.iter().flat_map(|seen| seen.conditions()) {
        conditions.entry(condition).or_default().extend(reason);
    }
    let conditions = conditions.into_iter().map(|(condition, reasons)| {
        if reasons.is_empty() {
            condition
        } else {
            format!("{condition}: {}", joined(reasons, ", "))
        }
    });
    let look_again: BTreeSet<_> = all.iter().map(|seen| seen.look_again).collect();
    let look_again = look_again.into_iter().map(|seconds| format!("{seconds} s"));
    let cells = [
        doc.doc.trim_end_matches('.').to_owned(),
        joined(telling.first().map(|seen| seen.words.clone()), ""),
        joined(
            statuses
                .map(|status| named(&status))
                .collect::<BTreeSet<_>>(),
            ", ",
        ),
        joined(
            errors.map(|error| named(&error)).collect::<BTreeSet<_>>(),
            ", ",
        ),
        joined(conditions, "<br>"),
        joined(look_again, ", "),
    ];
    format!("| {} |", cells.join(" | "))
}

/// A dash for none.
fn joined(words: impl IntoIterator<Item = String>, between: &str) -> String {
    let words: Vec<_> = words.into_iter().collect();
    if words.is_empty() {
        "–".to_owned()
    } else {
        words.join(between)
    }
}
