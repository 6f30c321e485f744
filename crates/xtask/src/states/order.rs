//! What is looked at before a host's state has its say.

use metal_api::v1alpha1::ProvisioningState;

use super::example::NodeCase;
use super::sections::table;
use super::situations::{DELETED, DETACHED, DETACHED_BY_FORCE, NO_ANSWER, NO_SECRET, Of, PAUSED};
use super::survey::{Answers, Survey};
use super::words::link;

/// What these questions lead to, by state.
pub(super) fn all(survey: &Survey) -> String {
    let mut rows = Vec::new();
    for when in [
        PAUSED,
        NO_ANSWER,
        DELETED.when,
        DETACHED,
        DETACHED_BY_FORCE,
        NO_SECRET,
    ] {
        rows.extend(rows_of(survey, when, |answers| words_in(answers, when)));
    }
    let missing = survey
        .nodes
        .iter()
        .position(|node| *node == NodeCase::Missing);
    rows.extend(rows_of(survey, "there is no node", |answers| {
        let answer = answers.usual.answers.get(missing?)?;
        Some(answer.words.clone())
    }));
    table("| When | in the state | Ironboot |", rows.into_iter())
}

/// None where it makes no difference, or can't be.
fn words_in(answers: &Answers, when: &str) -> Option<String> {
    let case = answers
        .cases()
        .find(|case| case.situation.when == when && case.situation.of != Of::Deleted)?;
    let words = &answers.at_home(case).words;
    let makes_difference = *words != answers.at_home(&answers.usual).words;
    makes_difference.then(|| words.clone())
}

fn rows_of(
    survey: &Survey,
    when: &str,
    words_in: impl Fn(&Answers) -> Option<String>,
) -> Vec<String> {
    let mut rows: Vec<(Option<String>, Vec<ProvisioningState>)> = Vec::new();
    let present = survey
        .states
        .iter()
        .filter(|answers| survey.twin(answers).is_none());
    for answers in present {
        let words = words_in(answers);
        match rows.iter_mut().find(|(other, _)| *other == words) {
            Some((_, states)) => states.push(answers.state),
            None => rows.push((words, vec![answers.state])),
        }
    }
    // What makes no difference comes last.
    rows.sort_by_key(|(words, _)| words.is_none());
    let is_alone = rows.len() == 1;
    rows.into_iter()
        .map(|(words, states)| {
            let states = if is_alone {
                "any".to_owned()
            } else {
                states.into_iter().map(link).collect::<Vec<_>>().join(", ")
            };
            let words = words.unwrap_or_else(|| "does what it would do else".to_owned());
            format!("| {when} | {states} | {words} |")
        })
        .collect()
}
