//! The operator is killed at any moment, and the next one goes on: nothing is made twice.

use rstest::rstest;
use serde_json::Value;

use super::whole::{Course, Undisturbed};
use crate::testing::{Life, Stop};

/// What must be asked for as often as without a stop: each of these does something to a machine.
const ONCE: [&str; 8] = [
    "manage",
    "provide",
    "adopt",
    "active",
    "deleted",
    "soft power off",
    "power off",
    "power on",
];

/// Leads a life with one death in it.
async fn with_stop(course: Course, stop: Stop) -> (Life, Value) {
    let mut life = Life::begin();
    life.stop_at(stop);
    let pictures = course.lead(&mut life).await;
    assert!(!life.is_stop_due(), "{stop:?} has not happened");
    (life, pictures)
}

/// Nothing was done more often than without the stop.
#[track_caller]
fn expect_as_often(life: &Life, whole: &Undisturbed, words: &str) {
    for verb in ONCE {
        assert_eq!(
            life.door.agreed_to(verb),
            whole.agreed_to(verb),
            "{words}: {verb}"
        );
    }
}

/// One of each, once it was deployed.
#[track_caller]
fn expect_one_of_each(pictures: &Value, words: &str) {
    for list in ["nodes", "targets", "connectors", "ports"] {
        let count = pictures[0]["ironic"][list].as_array().map(Vec::len);
        assert_eq!(count, Some(1), "{words}: {list}");
    }
}

async fn stopped_at(course: Course, stops: impl IntoIterator<Item = Stop>) {
    let whole = course.undisturbed().await;
    for stop in stops {
        let words = match stop {
            Stop::Request(request) => format!("stopped after {}", whole.words(request)),
            Stop::Write(write) => format!("stopped after write {write}"),
        };
        let (life, pictures) = with_stop(course, stop).await;
        whole.expect(&pictures, &words);
        expect_as_often(&life, &whole, &words);
        life.expect_no_warning(&words);
    }
}

#[rstest]
#[case(Course::Deployed)]
#[case(Course::External)]
#[case(Course::Lost)]
#[case(Course::Claimed)]
#[case(Course::Data)]
#[case(Course::Redeployed)]
#[tokio::test(start_paused = true)]
async fn a_stop_after_any_change_in_ironic_makes_no_difference(#[case] course: Course) {
    let changes = course.undisturbed().await.changes();
    stopped_at(course, changes.into_iter().map(Stop::Request)).await;
}

#[rstest]
#[case(Course::Deployed)]
#[case(Course::External)]
#[case(Course::Lost)]
#[case(Course::Claimed)]
#[case(Course::Data)]
#[case(Course::Redeployed)]
#[tokio::test(start_paused = true)]
async fn a_stop_after_any_write_to_kubernetes_makes_no_difference(#[case] course: Course) {
    let writes = course.undisturbed().await.writes;
    stopped_at(course, (1..=writes).map(Stop::Write)).await;
}

/// They change nothing, so a few of one life are enough.
#[tokio::test(start_paused = true)]
async fn a_stop_after_other_requests_makes_no_difference() {
    let requests = Course::Deployed.undisturbed().await.telling_requests();
    let every_fifth = requests.into_iter().step_by(5);
    stopped_at(Course::Deployed, every_fifth.map(Stop::Request)).await;
}

#[rstest]
#[case(Course::Deployed)]
#[case(Course::External)]
#[case(Course::Lost)]
#[case(Course::Claimed)]
#[case(Course::Data)]
#[case(Course::Redeployed)]
#[tokio::test(start_paused = true)]
#[ignore = "the whole matrix takes minutes: just lifecycles"]
async fn a_stop_after_any_request_makes_no_difference(#[case] course: Course) {
    let requests = course.undisturbed().await.requests.len();
    stopped_at(course, (1..=requests).map(Stop::Request)).await;
}

#[tokio::test(start_paused = true)]
async fn a_life_leaves_one_of_each_thing_in_ironic() {
    for course in [Course::Deployed, Course::Lost, Course::Redeployed] {
        expect_one_of_each(&course.undisturbed().await.pictures, &course.to_string());
    }
}

/// Not once but again and again.
#[rstest]
#[case(Course::Deployed)]
#[case(Course::External)]
#[case(Course::Lost)]
#[case(Course::Claimed)]
#[case(Course::Redeployed)]
#[tokio::test(start_paused = true)]
async fn an_operator_that_is_killed_all_the_time_still_gets_there(#[case] course: Course) {
    let whole = course.undisturbed().await;
    let mut life = Life::begin();
    life.stop_every(12);
    let pictures = course.lead(&mut life).await;
    let words = "killed after every twelfth request";
    whole.expect(&pictures, words);
    for verb in ["active", "adopt", "deleted"] {
        assert_eq!(
            life.door.agreed_to(verb),
            whole.agreed_to(verb),
            "{words}: {verb}"
        );
    }
}
