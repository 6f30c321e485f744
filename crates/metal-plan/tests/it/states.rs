//! What is planned for every state of a host on a node in every state: one table, `states.txt`, to be read line by line.
//!
//! `UPDATE_TABLES=1 cargo test -p metal-plan` writes the table anew; the difference belongs into the review.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use ironic_types::{Node, PowerState, ProvisionState as N};
use metal_api::v1alpha1::{BareMetalHost, ErrorType, ProvisioningState as S};
use metal_plan::{Observation, Step, Transition, Wait, next_host, plan};
use serde_json::json;

use crate::fixtures::*;

const STATES: [S; 14] = [
    S::None,
    S::Unmanaged,
    S::Registering,
    S::Inspecting,
    S::MatchProfile,
    S::Preparing,
    S::Ready,
    S::Available,
    S::Provisioning,
    S::Provisioned,
    S::ExternallyProvisioned,
    S::Deprovisioning,
    S::PoweringOffBeforeDelete,
    S::Deleting,
];

/// What the host is for.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Kind {
    /// Nothing is deployed on it, nor to be.
    Plain,
    /// It boots from a volume.
    Diskless,
    /// Likewise, and its machine runs.
    Running,
    /// It is offered to consumers to be booted from its volume, and nobody has claimed it, or the one who had let go.
    Unclaimed,
    /// Another operator deployed it from an image.
    Image,
    /// It is deployed already.
    External,
}

/// How it is with the host.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Life {
    Living,
    Deleted,
    /// What its state is about failed on this node, and the next attempt is due.
    Again,
}

const KINDS: [Kind; 6] = [
    Kind::Plain,
    Kind::Diskless,
    Kind::Running,
    Kind::Unclaimed,
    Kind::Image,
    Kind::External,
];

fn has_volume(kind: Kind) -> bool {
    matches!(kind, Kind::Diskless | Kind::Running | Kind::Unclaimed)
}
const LIVES: [Life; 3] = [Life::Living, Life::Deleted, Life::Again];

fn of_kind(kind: Kind, state: S) -> BareMetalHost {
    let mut host = host(state);
    host.status.as_mut().unwrap().tried_credentials =
        Some(from(json!({"credentialsVersion": "7"})));
    if !has_volume(kind) {
        without_volume(&mut host);
        host.status.as_mut().unwrap().provisioning.boot_volume = None;
    }
    match kind {
        Kind::Plain | Kind::Diskless | Kind::Running => {}
        Kind::Unclaimed => for_claims(&mut host),
        Kind::Image => {
            host.spec.image = Some(from(json!({"url": "http://192.0.2.1/image"})));
            if matches!(state, S::Provisioned | S::Deprovisioning) {
                let provisioning = &mut host.status.as_mut().unwrap().provisioning;
                provisioning.image.clone_from(&host.spec.image);
            }
        }
        Kind::External => host.spec.externally_provisioned = Some(true),
    }
    host
}

fn in_life(life: Life, host: &mut BareMetalHost) {
    match life {
        Life::Living => {}
        Life::Deleted => deleted(host),
        Life::Again => {
            let error_type = match host.status.as_ref().unwrap().provisioning.state {
                S::None | S::Unmanaged | S::Registering => ErrorType::Registration,
                S::Inspecting => ErrorType::Inspection,
                S::MatchProfile | S::Preparing => ErrorType::Preparation,
                S::Provisioned | S::ExternallyProvisioned => ErrorType::ProvisionedRegistration,
                S::Ready | S::Available | S::PoweringOffBeforeDelete => ErrorType::PowerManagement,
                S::Provisioning | S::Deprovisioning | S::Deleting => ErrorType::Provisioning,
            };
            failed(host, error_type, 10_000);
        }
    }
}

/// Ironic says what it says in the state.
fn on_node(kind: Kind, state: &N) -> Node {
    let node = match kind {
        Kind::Diskless | Kind::Unclaimed => deployed_node(state.clone(), PowerState::Off),
        Kind::Running => deployed_node(state.clone(), PowerState::On),
        Kind::Plain | Kind::Image | Kind::External => node(state.clone(), PowerState::Off),
    };
    node.with(|node| {
        let has_failed = state.as_str().ends_with("failed") || *state == N::Error;
        node.maintenance = *state == N::CleanFailed;
        node.last_error = has_failed.then(|| "it failed".to_owned());
    })
}

/// All rows: none is left out for being impossible.
fn rows() -> Vec<(Kind, Life, S, String, Observation)> {
    let mut rows = Vec::new();
    for kind in KINDS {
        for life in LIVES {
            for state in STATES {
                let host = of_kind(kind, state).with(|host| in_life(life, host));
                let lost = observe(host.clone());
                rows.push((kind, life, state, "(no node)".to_owned(), lost));
                let nameless = observe(host.clone())
                    .seeing(on_node(kind, &N::Enroll).with(|node| node.provision_state = None));
                rows.push((kind, life, state, "(no state)".to_owned(), nameless));
                let future = N::Unknown("(unknown)".to_owned());
                for node_state in N::KNOWN.iter().chain([&future]) {
                    let observation = observe(host.clone())
                        .seeing(on_node(kind, node_state))
                        .with(|seen| {
                            if has_volume(kind) {
                                seen.seen().connectors = vec![connector(INITIATOR)];
                                seen.seen().targets = vec![target(NODE, DEPLOYMENT, "7")];
                            }
                        });
                    rows.push((kind, life, state, node_state.to_string(), observation));
                }
            }
        }
    }
    rows
}

#[test]
fn every_state_of_a_host_on_a_node_in_every_state() {
    let mut table = String::from(HEAD);
    let mut section = None;
    let mut plans: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let rows = rows();
    for (index, (kind, life, state, node_state, observation)) in rows.iter().enumerate() {
        let here = (*kind, *life, *state);
        if section != Some(here) {
            section = Some(here);
            let name = if *state == S::None {
                "(none)"
            } else {
                state.as_str()
            };
            write!(table, "\n## {kind:?}, {life:?}: {name}\n").unwrap();
        }
        plans
            .entry(in_words(observation, node_state))
            .or_default()
            .push(node_state.clone());
        let is_last = rows
            .get(index + 1)
            .is_none_or(|next| (next.0, next.1, next.2) != here);
        if is_last {
            write_section(&mut table, std::mem::take(&mut plans));
        }
    }
    compare("tests/it/states.txt", &table);
}

const HEAD: &str = "\
# What is planned for a host, by its kind, by how it is with it, by its state, and by its node's state.
# Living and Deleted: nothing has failed so far. Again: it failed on this node, and the next attempt is due.
# The machine is off, but for Running, spec.online is true, both Secrets are usable, and the node is as a deployment leaves it.
# STATE is the node's state, WHY its last error, and (all) every state there is and none.
# Written by the test that reads it: see states.rs.
";

/// One line for each plan, the states of the node after it in the order of their names.
fn write_section(table: &mut String, plans: BTreeMap<String, Vec<String>>) {
    let is_one = plans.len() == 1;
    for (plan, mut states) in plans {
        states.sort_unstable();
        let states = if is_one {
            "(all)".to_owned()
        } else {
            states.join(" | ")
        };
        writeln!(table, "{plan} <- {states}").unwrap();
    }
}

/// The plan, the same in all states that it names alike.
fn in_words(observation: &Observation, node_state: &str) -> String {
    planned(observation)
        .to_string()
        .replace(
            &format!("Ironic's node {NODE} is in the state {node_state}, "),
            "NODE is in STATE, ",
        )
        .replace(
            &format!("Ironic's node {NODE} is {node_state} "),
            "NODE is STATE ",
        )
        .replace(&format!("node is {node_state}"), "node is STATE")
        .replace("(it failed)", "(WHY)")
        .replace("(Ironic gives no reason)", "(WHY)")
}

/// Compares with the checked-in table, and shows where they part.
#[track_caller]
fn compare(path: &str, table: &str) {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    if std::env::var_os("UPDATE_TABLES").is_some() {
        std::fs::write(&path, table).unwrap();
        return;
    }
    let expected = std::fs::read_to_string(&path).unwrap();
    let (mut heading, mut differences) = (String::new(), Vec::new());
    let old: Vec<_> = with_headings(&expected);
    let new: Vec<_> = with_headings(table);
    for (mark, lines, others) in [('-', &old, &new), ('+', &new, &old)] {
        for line in lines.iter().filter(|line| !others.contains(line)) {
            if heading != line.0 {
                heading.clone_from(&line.0);
                differences.push(heading.clone());
            }
            differences.push(format!("{mark} {}", line.1));
        }
    }
    assert!(
        expected == *table,
        "the plans differ from {}:\n{}",
        path.display(),
        differences.join("\n")
    );
}

fn with_headings(table: &str) -> Vec<(String, &str)> {
    let mut heading = String::new();
    let mut lines = Vec::new();
    for line in table.lines() {
        if line.starts_with("##") {
            line.clone_into(&mut heading);
        } else if !line.is_empty() {
            lines.push((heading.clone(), line));
        }
    }
    lines
}

/// A host that waits says for what; one that rests has all that its spec asks for.
#[test]
fn no_plan_is_a_dead_end_without_a_word() {
    for (kind, life, state, node_state, observation) in rows() {
        let plan = plan(&observation);
        let place = format!("{kind:?} {life:?} {state} on {node_state}: {plan}");
        match &plan.step {
            Step::Ignore => panic!("{place}"),
            Step::Act(effects) => assert!(!effects.is_empty(), "{place}"),
            Step::Enter(_) => {}
            // All hosts are to be online.
            Step::Rest => {
                let is_done = kind == Kind::Running
                    && state == S::Provisioned
                    && node_state == N::Active.as_str();
                assert!(is_done, "{place}");
            }
            Step::Wait(Wait::NodeBusy { state: Some(state) }) => {
                let is_held = state.as_str().ends_with("hold");
                assert!(state.is_transient() && !is_held, "{place}");
            }
            Step::Wait(Wait::NodeBusy { state: None }) => assert_eq!(node_state, "(no state)"),
            Step::Wait(Wait::Blocked(blocker)) => {
                let shown = next_host(&observation, &plan, &[]).host.status.unwrap();
                assert_eq!(shown.error_message, reason(&blocker.to_string()), "{place}");
                assert!(!shown.error_message.is_empty(), "{place}");
            }
            Step::Wait(wait) => assert!(!wait.to_string().is_empty(), "{place}"),
        }
    }
}

/// A blocker's words begin with the condition's reason where they are of a volume.
fn reason(blocker: &str) -> &str {
    blocker
        .split_once(": ")
        .filter(|(reason, _)| {
            !reason.contains([' ', '.']) && reason.starts_with(char::is_uppercase)
        })
        .map_or(blocker, |(_, message)| message)
}

/// A transition permits something: it never leads to others alone, round and round.
#[test]
fn no_host_goes_from_state_to_state_without_doing_anything() {
    for (kind, life, state, node_state, mut observation) in rows() {
        let mut way = Vec::new();
        while let Step::Enter(transition) = plan(&observation).step {
            way.push(transition.to_string());
            assert!(
                way.len() < 7,
                "{kind:?} {life:?} {state} on {node_state}: {way:#?}"
            );
            if transition == Transition::Forget {
                break;
            }
            observation.host = after(&observation).host;
        }
    }
}

/// What failed is recorded once, and then something else is tried, or somebody is asked.
#[test]
fn a_failure_is_not_recorded_again_and_again() {
    for (kind, life, state, node_state, mut observation) in rows() {
        let first = plan(&observation);
        let Step::Enter(Transition::RecordFailure(attempt)) = &first.step else {
            continue;
        };
        let place = format!("{kind:?} {life:?} {state} on {node_state}: {first}");
        let next = after(&observation);
        let status = next.host.status.as_ref().unwrap();
        assert_eq!(status.error_type, Some(attempt.error_type), "{place}");
        assert_eq!(status.error_message, attempt.message, "{place}");
        assert!(
            next.events
                .iter()
                .any(|event| event.note == attempt.message),
            "{place}"
        );
        observation.host = next.host;
        observation.now += jiff::SignedDuration::from_hours(10);
        let second = plan(&observation);
        assert!(
            !matches!(second.step, Step::Enter(Transition::RecordFailure(_))),
            "{place}, then {second}"
        );
    }
}
