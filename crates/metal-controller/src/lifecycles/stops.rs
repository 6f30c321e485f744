//! The operator is killed at any moment, and the next one goes on: nothing is made twice.

use serde_json::{Value, json};

use super::whole::{live, undisturbed};
use crate::testing::{Life, Stop};

/// Leads a life with one death in it.
async fn with_stop(stop: Stop) -> (Life, Value) {
    let mut life = Life::begin();
    life.stop_at(stop);
    let pictures = live(&mut life).await;
    assert!(!life.is_stop_due(), "{stop:?} has not happened");
    (life, pictures)
}

/// One of each, as long as it was deployed.
#[track_caller]
fn expect_one_of_each(life: &Life, pictures: &Value, stop: Stop) {
    for list in ["nodes", "targets", "connectors", "ports"] {
        let count = pictures[0]["ironic"][list].as_array().map(Vec::len);
        assert_eq!(count, Some(1), "{stop:?}: {list}");
    }
    for verb in ["manage", "active", "deleted"] {
        assert_eq!(life.door.agreed_to(verb), 1, "{stop:?}: {verb}");
    }
}

async fn stopped_at(stops: impl IntoIterator<Item = Stop>) {
    let whole = undisturbed().await;
    for stop in stops {
        let (life, pictures) = with_stop(stop).await;
        whole.expect(&pictures, &format!("{stop:?}"));
        expect_one_of_each(&life, &pictures, stop);
        life.expect_no_warning(&format!("{stop:?}"));
    }
}

#[tokio::test(start_paused = true)]
async fn a_stop_after_any_change_in_ironic_makes_no_difference() {
    let changes = undisturbed().await.changes();
    stopped_at(changes.into_iter().map(Stop::Request)).await;
}

#[tokio::test(start_paused = true)]
async fn a_stop_after_any_write_to_kubernetes_makes_no_difference() {
    let writes = undisturbed().await.writes;
    stopped_at((1..=writes).map(Stop::Write)).await;
}

#[tokio::test(start_paused = true)]
async fn a_stop_after_other_requests_makes_no_difference() {
    let requests = undisturbed().await.telling_requests();
    stopped_at(requests.into_iter().step_by(5).map(Stop::Request)).await;
}

#[tokio::test(start_paused = true)]
#[ignore = "the whole matrix takes minutes: just lifecycles"]
async fn a_stop_after_any_request_makes_no_difference() {
    let requests = undisturbed().await.requests.len();
    stopped_at((1..=requests).map(Stop::Request)).await;
}

/// Not once but again and again.
#[tokio::test(start_paused = true)]
async fn an_operator_that_is_killed_all_the_time_still_gets_there() {
    let whole = undisturbed().await;
    let mut life = Life::begin();
    life.stop_every(12);
    let pictures = live(&mut life).await;
    whole.expect(&pictures, "killed after every twelfth request");
    for list in ["nodes", "targets", "connectors", "ports"] {
        assert_eq!(
            pictures[0]["ironic"][list].as_array().map(Vec::len),
            Some(1),
            "{list}"
        );
    }
    assert_eq!(json!(life.door.agreed_to("active")), json!(1));
}
