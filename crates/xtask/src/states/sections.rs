//! What is said of each state.

use anyhow::{Context, Result};
use metal_api::v1alpha1::ProvisioningState;

use super::answer::Place;
use super::source::Variant;
use super::survey::{Answers, Cause, Shared, Survey};
use super::words::{link, name, nodes};

/// One section for each state.
pub(super) fn all(survey: &Survey, docs: &[Variant]) -> Result<String> {
    let shared = survey.shared();
    let sections = ProvisioningState::ALL
        .iter()
        .map(|state| section(survey, &shared, docs, *state))
        .collect::<Result<Vec<_>>>()?;
    Ok(sections.join("\n\n"))
}

fn section(
    survey: &Survey,
    shared: &[Shared],
    docs: &[Variant],
    state: ProvisioningState,
) -> Result<String> {
    let answers = survey
        .of(state)
        .with_context(|| format!("nothing was asked for the state {}", name(state)))?;
    let mut parts = vec![format!("### {}", heading(state)), meaning(docs, state)?];
    if let Some(twin) = answers.twin {
        parts.push(format!("Everything is as in {}.", link(twin)));
    } else {
        parts.push(usual(survey, answers));
        parts.extend(others(answers, shared));
        parts.push(leaves(survey, answers));
    }
    Ok(parts.join("\n\n"))
}

/// A state as the title of its section.
pub(super) fn heading(state: ProvisioningState) -> String {
    match state {
        ProvisioningState::None => name(state).to_owned(),
        _ => format!("`{}`", name(state)),
    }
}

/// The doc comment of the state.
fn meaning(docs: &[Variant], state: ProvisioningState) -> Result<String> {
    let variant = format!("{state:?}");
    let Variant { doc, .. } = docs
        .iter()
        .find(|doc| doc.name == variant)
        .with_context(|| format!("the state {variant} has no doc comment"))?;
    // States are called there as the code calls them.
    Ok(ProvisioningState::ALL
        .iter()
        .fold(doc.clone(), |doc, state| {
            doc.replace(&format!("`{state:?}`"), &link(*state))
        }))
}

/// What is done if all goes well, by the state of the node.
fn usual(survey: &Survey, answers: &Answers) -> String {
    let mut rows: Vec<(&str, Vec<usize>)> = Vec::new();
    for (node, answer) in answers.usual.answers.iter().enumerate() {
        match rows.iter_mut().find(|(words, _)| *words == answer.words) {
            Some((_, nodes)) => nodes.push(node),
            None => rows.push((&answer.words, vec![node])),
        }
    }
    if let [(words, _)] = &rows[..] {
        return format!("Whatever Ironic has for it, Ironboot {words}.");
    }
    let rows = rows
        .into_iter()
        .map(|(words, cases)| format!("| {} | {words} |", named(survey, &cases)));
    table("| Ironic's node is | Ironboot |", rows)
}

/// What is done out of the ordinary, for the node that is most likely. What is done alike in many states stands elsewhere.
fn others(answers: &Answers, shared: &[Shared]) -> Option<String> {
    let mut rows: Vec<(String, Vec<String>)> = Vec::new();
    for case in answers.cases() {
        let Some(words) = answers.words_in(case) else {
            continue;
        };
        let when = answers.when(case);
        let is_shared = |shared: &Shared| shared.when == when && shared.words == words;
        if shared.iter().any(is_shared) {
            continue;
        }
        match rows.iter_mut().find(|(other, _)| *other == words) {
            Some((_, all)) => all.push(when),
            None => rows.push((words, vec![when])),
        }
    }
    if rows.is_empty() {
        return None;
    }
    let rows = rows
        .into_iter()
        .map(|(words, when)| format!("| {} | {words} |", when.join(OR)));
    Some(table("| When | Ironboot |", rows))
}

/// Where the host goes from here.
fn leaves(survey: &Survey, answers: &Answers) -> String {
    let mut rows: Vec<(Place, Vec<usize>, Vec<String>)> = Vec::new();
    for Cause {
        when, nodes, to, ..
    } in answers.causes()
    {
        let like = rows
            .iter_mut()
            .find(|(other, others, _)| *other == to && *others == nodes);
        match like {
            Some((_, _, all)) if all.contains(&when) => {}
            Some((_, _, all)) => all.push(when),
            None => rows.push((to, nodes, vec![when])),
        }
    }
    if rows.is_empty() {
        return "Nothing leads out of it.".to_owned();
    }
    rows.sort_by_key(|(to, ..)| match to {
        Place::State(state) => ProvisioningState::ALL
            .iter()
            .position(|other| other == state),
        Place::Gone => Some(ProvisioningState::ALL.len()),
    });
    let rows = rows.into_iter().map(|(to, nodes, when)| {
        let to = match to {
            Place::State(state) => link(state),
            Place::Gone => "*gone*".to_owned(),
        };
        format!("| {to} | {} | {} |", named(survey, &nodes), when.join(OR))
    });
    table("| It goes to | when Ironic's node is | and |", rows)
}

fn named(survey: &Survey, cases: &[usize]) -> String {
    let cases: Vec<_> = cases.iter().map(|node| &survey.nodes[*node]).collect();
    nodes(&cases)
}

/// Between situations in a cell.
pub(super) const OR: &str = ",<br>or ";

/// A table.
pub(super) fn table(head: &str, rows: impl Iterator<Item = String>) -> String {
    let columns = head.matches(" | ").count() + 1;
    let mut lines = vec![head.to_owned(), format!("|{}", "---|".repeat(columns))];
    lines.extend(rows);
    lines.join("\n")
}
