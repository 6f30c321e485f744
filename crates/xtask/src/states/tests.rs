//! What holds of the document, whatever the planner says.

use std::sync::LazyLock;

use metal_api::v1alpha1::ProvisioningState;

use super::answer::Place;
use super::survey::{Answers, Case};
use super::words::name;
use super::*;

/// What all tests look at: it takes a while.
static SURVEY: LazyLock<Survey> = LazyLock::new(|| survey::survey().unwrap());

fn generated() -> String {
    write_up(crate::root(), &SURVEY).unwrap()
}

/// The document's headings as GitHub's anchors.
fn anchors(document: &str) -> Vec<String> {
    let headings = document.lines().filter(|line| line.starts_with('#'));
    headings
        .map(|heading| {
            let heading = heading.trim_start_matches('#').trim().to_lowercase();
            heading.replace('`', "").replace(' ', "-")
        })
        .collect()
}

#[test]
fn the_file_is_current() {
    compare(crate::root(), &generated()).unwrap();
}

#[test]
fn an_outdated_file_is_named_with_what_to_do() {
    let error = compare(Path::new("/nonexistent"), "")
        .unwrap_err()
        .to_string();
    assert!(error.starts_with("docs/states.md differs"), "{error}");
    assert!(error.contains("run `cargo xtask states`"), "{error}");
}

#[test]
fn the_document_is_the_same_each_time() {
    assert_eq!(document(crate::root()).unwrap(), generated());
}

#[test]
fn every_state_of_the_api_has_its_section_with_its_meaning() {
    let document = generated();
    let states = source::variants(crate::root(), STATES_SOURCE, "ProvisioningState").unwrap();
    let names: Vec<_> = states.iter().map(|state| state.name.clone()).collect();
    assert_eq!(
        names,
        ProvisioningState::ALL.map(|state| format!("{state:?}"))
    );
    for state in ProvisioningState::ALL {
        let heading = format!("### {}\n\n", sections::heading(state));
        let (_, section) = document.split_once(&heading).expect(&heading);
        let meaning = section.lines().next().unwrap();
        assert!(
            meaning.ends_with('.') && !meaning.starts_with('|'),
            "{meaning}"
        );
    }
}

#[test]
fn every_arrow_leads_from_a_state_to_another() {
    let document = generated();
    let known = ProvisioningState::ALL.map(|state| name(state).replace(' ', "_"));
    let is_known = |end: &str| end == "[*]" || known.iter().any(|state| state == end);
    let arrows = document.lines().filter_map(|line| line.split_once(" --> "));
    let mut count = 0;
    for (from, to) in arrows {
        let (to, label) = to.split_once(": ").unwrap_or((to, ""));
        assert!(is_known(from.trim()) && is_known(to), "{from} --> {to}");
        assert_ne!(from.trim(), to);
        assert!(!label.contains([':', ';', '#', '"', '`']), "{label}");
        count += 1;
    }
    assert!(count > ProvisioningState::ALL.len(), "{count} arrows");
}

#[test]
fn every_state_can_be_reached_or_is_of_older_versions() {
    let edges: Vec<_> = [diagram::life(&SURVEY), diagram::deletion(&SURVEY)]
        .into_iter()
        .flatten()
        .collect();
    let older = [
        ProvisioningState::None,
        ProvisioningState::MatchProfile,
        ProvisioningState::Ready,
    ];
    for state in ProvisioningState::ALL {
        let is_reached = edges.iter().any(|edge| edge.to == Place::State(state));
        assert_ne!(is_reached, older.contains(&state), "{state:?}");
    }
    assert!(edges.iter().any(|edge| edge.to == Place::Gone));
}

#[test]
fn every_link_leads_to_a_heading() {
    let document = generated();
    let anchors = anchors(&document);
    let links: Vec<_> = document
        .split("](#")
        .skip(1)
        .filter_map(|rest| rest.split_once(')'))
        .map(|(anchor, _)| anchor)
        .collect();
    assert!(!links.is_empty());
    for link in links {
        assert!(anchors.iter().any(|anchor| anchor == link), "#{link}");
    }
}

#[test]
fn every_row_of_a_table_has_as_many_cells_as_its_head() {
    let cells = |line: &str| line.replace("\\|", "").matches('|').count();
    let document = generated();
    let lines: Vec<_> = document.lines().collect();
    for pair in lines.windows(2) {
        if let [one, other] = pair
            && one.starts_with('|')
            && other.starts_with('|')
        {
            assert_eq!(cells(one), cells(other), "{one}\n{other}");
        }
    }
}

/// What is done in a situation in each state, where it may be.
fn answers(when: &str) -> Vec<(&'static Answers, &'static Case)> {
    let states = SURVEY.states.iter();
    let found: Vec<_> = states
        .filter_map(|answers| {
            let mut cases = answers.cases();
            let case = cases.find(|case| answers.when(case) == when)?;
            Some((answers, case))
        })
        .collect();
    assert!(!found.is_empty(), "nowhere: {when}");
    found
}

#[test]
fn what_the_text_says_of_all_states_is_what_the_planner_does() {
    for (_, case) in answers("the paused annotation is set") {
        assert!(
            case.answers
                .iter()
                .all(|answer| answer.words == "touches nothing")
        );
    }
    for (answers, case) in answers("Ironic gives no answer") {
        let is_new = matches!(
            answers.state,
            ProvisioningState::None | ProvisioningState::Unmanaged
        );
        assert!(
            case.answers
                .iter()
                .all(|answer| answer.waits.is_some() != is_new)
        );
    }
    let detached = answers("the host is deleted, and it is detached");
    for (answers, case) in detached {
        let expected = match answers.state {
            ProvisioningState::None => None,
            _ => Some(Place::State(ProvisioningState::Deleting)),
        };
        assert!(
            case.answers
                .iter()
                .all(|answer| answer.leads_to == expected),
            "{}",
            name(answers.state)
        );
    }
}
