//! What is done in many states alike.

use metal_api::v1alpha1::ProvisioningState;

use super::sections::{OR, table};
use super::survey::{Shared, Survey};
use super::words::{link, listed};

/// The table of it.
pub(super) fn all(survey: &Survey) -> String {
    let mut rows: Vec<(Vec<String>, String, Vec<ProvisioningState>)> = Vec::new();
    for Shared {
        when,
        words,
        states,
        ..
    } in survey.shared()
    {
        let like = rows
            .iter_mut()
            .find(|(_, other, others)| *other == words && *others == states);
        match like {
            Some((all, ..)) => all.push(when),
            None => rows.push((vec![when], words, states)),
        }
    }
    let rows = rows.into_iter().map(|(when, words, states)| {
        format!(
            "| {} | {words} | {} |",
            when.join(OR),
            named(survey, &states)
        )
    });
    table("| When | Ironboot | in |", rows)
}

fn named(survey: &Survey, states: &[ProvisioningState]) -> String {
    let is_other = |state: &ProvisioningState| !states.contains(state);
    let others: Vec<_> = survey
        .present()
        .map(|answers| answers.state)
        .filter(is_other)
        .map(link)
        .collect();
    if others.is_empty() {
        "any state".to_owned()
    } else if others.len() < states.len() {
        format!("any state but {}", listed(&others, "and"))
    } else {
        states
            .iter()
            .copied()
            .map(link)
            .collect::<Vec<_>>()
            .join(", ")
    }
}
