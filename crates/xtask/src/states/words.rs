//! Words for what the planner's answers are made of.

use ironic_types::ProvisionState;
use metal_api::v1alpha1::ProvisioningState;
use metal_plan::Effect;
use serde::Serialize;

use super::example::{NODE, NodeCase};

/// How a state is called.
pub(super) fn name(state: ProvisioningState) -> &'static str {
    match state.as_str() {
        "" => "no state",
        name => name,
    }
}

/// A state as a link to its section.
pub(super) fn link(state: ProvisioningState) -> String {
    let name = name(state);
    format!("[`{name}`](#{})", name.replace(' ', "-"))
}

/// A value as it is in the object.
pub(super) fn named(value: &impl Serialize) -> String {
    let value = serde_json::to_value(value).unwrap_or_default();
    format!("`{}`", value.as_str().unwrap_or_default())
}

/// A list for people.
pub(super) fn listed(words: &[String], last: &str) -> String {
    match words {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., end] => format!("{} {last} {end}", first.join(", ")),
    }
}

/// What is sent to Ironic, in order.
pub(super) fn effects(effects: &[Effect]) -> String {
    let words: Vec<_> = effects.iter().map(effect).collect();
    listed(&words, "and")
}

fn effect(effect: &Effect) -> String {
    match effect {
        Effect::SetProvisionState { verb, .. } => format!("sends `{verb}`"),
        Effect::SetPower { target, .. } => format!("sends `{target}`"),
        Effect::UpdateNode { patch, .. } => {
            let paths: Vec<_> = patch
                .paths()
                .map(|path| format!("`{}`", path.trim_start_matches('/').replace('/', ".")))
                .collect();
            format!("updates {}", listed(&paths, "and"))
        }
        other => words_of_kind(other.kind()).map_or_else(|| format!("`{other}`"), str::to_owned),
    }
}

/// None for an effect without words of its own: it goes by the planner's.
fn words_of_kind(kind: &str) -> Option<&'static str> {
    Some(match kind {
        "CreateNode" => "creates the node",
        "SetDriverInfo" => "tells Ironic the BMC's address and credentials",
        "SetMaintenance" => "sets maintenance",
        "UnsetMaintenance" => "ends maintenance",
        "CreatePort" => "creates the port",
        "EnablePxe" => "sets the port's `pxe_enabled`",
        "CreateConnector" => "creates the volume connector",
        "DeleteConnector" => "deletes the volume connector",
        "CreateTarget" => "creates the volume target",
        "DeleteTarget" => "deletes the volume target",
        "Validate" => "validates the node",
        "DeleteNode" => "deletes the node",
        "AttachConfigDrive" => "inserts the config drive",
        "DetachConfigDrive" => "ejects the config drive",
        "TakeLeases" => "takes the volume's Leases",
        "GiveBackLeases" => "gives the volume's Leases back",
        _ => return None,
    })
}

/// A message, for a cell of a table: `…` stands for the state that the node is in, and the node's id is left out.
pub(super) fn message(text: &str, node: &NodeCase) -> String {
    let mut text = text.replace(&format!(" {NODE}"), "");
    if let Some(state) = node.state() {
        text = without(&text, state.as_str());
    }
    cell(&text)
}

/// With `…` for each word, or words, that are the same as these.
fn without(text: &str, words: &str) -> String {
    let is_part = |c: char| c.is_alphanumeric() || c == '_' || c == '\'';
    let mut rest = text;
    let mut done = String::new();
    while let Some(at) = rest.find(words) {
        let (before, found) = rest.split_at(at);
        let (word, after) = found.split_at(words.len());
        let stands_alone = !before.ends_with(is_part) && !after.starts_with(is_part);
        done.push_str(before);
        done.push_str(if stands_alone { "…" } else { word });
        rest = after;
    }
    done + rest
}

/// A text in a cell of a table, where it isn't Markdown.
pub(super) fn cell(text: &str) -> String {
    let mut cell = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' => cell.push(' '),
            '|' | '*' | '<' | '`' | '~' => cell.extend(['\\', c]),
            _ => cell.push(c),
        }
    }
    cell
}

/// The states of nodes, those that pass by themselves in a word if they are most of these.
pub(super) fn nodes(cases: &[&NodeCase]) -> String {
    let all = NodeCase::all();
    if cases.len() == all.len() {
        return "any".to_owned();
    }
    let others: Vec<_> = all.iter().filter(|case| !cases.contains(case)).collect();
    if others.len() <= MOST_EXCEPTIONS {
        let others: Vec<_> = others.into_iter().map(node).collect();
        return format!("any but {}", listed(&others, "and"));
    }
    let passing: Vec<_> = all.iter().filter(|case| passes(case)).collect();
    let (among, others): (Vec<_>, Vec<_>) = cases.iter().copied().partition(|case| passes(case));
    let mut words: Vec<_> = others.into_iter().map(node).collect();
    if among.len() * 2 > passing.len() {
        let exceptions: Vec<_> = passing
            .into_iter()
            .filter(|case| !among.contains(case))
            .map(node)
            .collect();
        words.push(if exceptions.is_empty() {
            PASSING.to_owned()
        } else {
            format!("{PASSING} other than {}", listed(&exceptions, "and"))
        });
    } else {
        words.extend(among.into_iter().map(node));
    }
    words.join(", ")
}

/// Beyond this the states are named that belong to it, not those that don't.
const MOST_EXCEPTIONS: usize = 6;

const PASSING: &str = "a [passing state](#passing-states)";

/// The states that a node leaves by itself.
pub(super) fn passing_states() -> String {
    let states: Vec<_> = ProvisionState::KNOWN
        .iter()
        .filter(|state| state.is_transient())
        .map(|state| format!("`{state}`"))
        .collect();
    listed(&states, "and")
}

/// Whether the node leaves its state by itself.
fn passes(case: &NodeCase) -> bool {
    case.state().is_some_and(ProvisionState::is_transient)
}

fn node(case: &NodeCase) -> String {
    match case {
        NodeCase::Missing => "*missing*".to_owned(),
        NodeCase::In(state) => format!("`{state}`"),
        NodeCase::Unverified => "`enroll` after a failed verification".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nodes_state_is_left_out_of_a_message_where_it_stands_alone() {
        let node = NodeCase::In(ProvisionState::Error);
        let text = format!("Ironic's node {NODE} is error, and no errors_ are shown: error");
        assert_eq!(
            message(&text, &node),
            "Ironic's node is …, and no errors_ are shown: …"
        );
    }

    #[test]
    fn a_cell_holds_no_markdown_and_no_second_line() {
        assert_eq!(
            cell("a|b\n*c* <d> `e` ~f"),
            "a\\|b \\*c\\* \\<d> \\`e\\` \\~f"
        );
    }

    #[test]
    fn the_states_that_pass_are_named_in_a_word_with_the_exceptions() {
        let all = NodeCase::all();
        let most: Vec<_> = all
            .iter()
            .filter(|case| passes(case) && **case != NodeCase::In(ProvisionState::CleanHold))
            .collect();
        assert_eq!(nodes(&most), format!("{PASSING} other than `clean hold`"));
        assert_eq!(nodes(&most[..2]), "`verifying`, `deploying`");
        assert_eq!(nodes(&all.iter().collect::<Vec<_>>()), "any");
    }
}
