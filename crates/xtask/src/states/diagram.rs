//! The transitions as Mermaid's state diagrams.

use metal_api::v1alpha1::ProvisioningState;

use super::answer::Place;
use super::situations::USUAL;
use super::survey::{Answers, Cause, Survey};
use super::words::name;

/// An arrow.
pub(super) struct Edge {
    /// From this state.
    pub(super) from: ProvisioningState,
    /// To there.
    pub(super) to: Place,
    /// What stands at it.
    label: String,
}

/// The arrows of the life of a host that isn't deleted.
pub(super) fn life(survey: &Survey) -> Vec<Edge> {
    let living = survey.present().filter(|answers| !answers.is_of_deletion);
    edges(survey, living, Answers::causes_in_life)
}

/// The arrows of its deletion.
pub(super) fn deletion(survey: &Survey) -> Vec<Edge> {
    edges(survey, survey.present(), Answers::causes_in_deletion)
}

/// More at one arrow make the diagram unreadable; the states' tables have them all.
const MOST_LABELS: usize = 2;

fn edges<'a>(
    survey: &Survey,
    states: impl Iterator<Item = &'a Answers>,
    causes: fn(&Answers) -> Vec<Cause>,
) -> Vec<Edge> {
    let mut edges = Vec::new();
    for answers in states {
        let mut seen: Vec<(Place, Vec<String>)> = Vec::new();
        for cause in causes(answers).into_iter().filter(|cause| cause.is_drawn) {
            let label = label(survey, answers, &cause);
            match seen.iter_mut().find(|(to, _)| *to == cause.to) {
                Some((_, labels)) => labels.push(label),
                None => seen.push((cause.to, vec![label])),
            }
        }
        edges.extend(seen.into_iter().map(|(to, mut labels)| {
            // What leads there anyway needs no more words.
            let label = if labels.iter().any(String::is_empty) {
                String::new()
            } else {
                let has_more = labels.len() > MOST_LABELS;
                labels.truncate(MOST_LABELS);
                labels.extend(has_more.then(|| "…".to_owned()));
                labels.join(" / ")
            };
            Edge {
                from: answers.state,
                to,
                label,
            }
        }));
    }
    edges
}

/// What is out of the ordinary, else what the node is.
fn label(survey: &Survey, answers: &Answers, cause: &Cause) -> String {
    if cause.when != USUAL.when {
        return plain(&cause.when);
    }
    if cause.nodes.len() == survey.nodes.len() {
        return String::new();
    }
    let first = if cause.nodes.contains(&answers.home()) {
        Some(answers.home())
    } else {
        cause.nodes.first().copied()
    };
    let state = first.and_then(|node| survey.nodes[node].state());
    state.map_or_else(
        || "node is gone".to_owned(),
        |state| format!("node is {state}"),
    )
}

/// Without Markdown and without what ends a label.
fn plain(text: &str) -> String {
    text.chars()
        .filter(|c| !matches!(c, '`' | ':' | ';' | '#' | '"'))
        .collect::<String>()
        .replace("spec.", "")
}

/// A diagram, in Markdown.
pub(super) fn draw(edges: &[Edge]) -> String {
    let mut states: Vec<ProvisioningState> = Vec::new();
    for edge in edges {
        let ends = [Place::State(edge.from), edge.to];
        for end in ends {
            if let Place::State(state) = end
                && state != ProvisioningState::None
                && !states.contains(&state)
            {
                states.push(state);
            }
        }
    }
    let mut lines = vec!["```mermaid".to_owned(), "stateDiagram-v2".to_owned()];
    for state in states {
        if name(state) != id(state) {
            lines.push(format!("    state \"{}\" as {}", name(state), id(state)));
        }
    }
    for Edge { from, to, label } in edges {
        let to = match to {
            Place::State(state) => id(*state),
            Place::Gone => "[*]".to_owned(),
        };
        let arrow = format!("    {} --> {to}", id(*from));
        lines.push(if label.is_empty() {
            arrow
        } else {
            format!("{arrow}: {label}")
        });
    }
    lines.push("```".to_owned());
    lines.join("\n")
}

/// A word for a state; a host without one is Mermaid's start.
fn id(state: ProvisioningState) -> String {
    if state == ProvisioningState::None {
        "[*]".to_owned()
    } else {
        name(state).replace(' ', "_")
    }
}
