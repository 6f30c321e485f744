//! Everything that can go wrong with a request, at each request of a life: the end is the same.

use std::time::Duration;

use ironic_sim::{Failing, Fault, FaultKind};
use rstest::rstest;
use serde_json::Value;

use super::whole::Course;
use crate::testing::{Life, Trouble, diskless, with_disk};

/// What can go wrong with a request and pass; the most telling first.
fn kinds() -> Vec<FaultKind> {
    vec![
        FaultKind::CutAfter,
        FaultKind::Crash(Duration::from_secs(10)),
        FaultKind::Status(503),
        FaultKind::Slow(Duration::from_secs(90)),
        FaultKind::Locked(Duration::from_secs(30)),
        FaultKind::CutBefore,
        FaultKind::Status(500),
        FaultKind::Status(401),
    ]
}

async fn with_fault(course: Course, request: usize, kind: FaultKind) -> (Life, Value) {
    let mut life = Life::begin();
    life.fault(request, kind);
    let pictures = course.lead(&mut life).await;
    assert!(!life.door.is_fault_due(), "the fault has not happened");
    (life, pictures)
}

/// Leads a life to its end for each of these faults.
async fn faults_at(course: Course, faults: impl IntoIterator<Item = (usize, FaultKind)>) {
    let whole = course.undisturbed().await;
    for (request, kind) in faults {
        let words = format!("{kind:?} at {}", whole.words(request));
        let (_disturbed, pictures) = with_fault(course, request, kind).await;
        whole.expect(&pictures, &words);
    }
}

#[tokio::test(start_paused = true)]
async fn a_fault_at_any_change_leads_to_the_same_end() {
    let changes = Course::Deployed.undisturbed().await.changes();
    let kinds = kinds();
    let (telling, others) = kinds.split_at(2);
    let faults = changes.into_iter().enumerate().flat_map(|(turn, request)| {
        let other = &others[turn % others.len()];
        let kinds = telling.iter().chain([other]);
        kinds.map(move |kind| (request, kind.clone()))
    });
    faults_at(Course::Deployed, faults).await;
}

/// Each change with another kind.
#[rstest]
#[case(Course::External)]
#[case(Course::Lost)]
#[case(Course::Claimed)]
#[tokio::test(start_paused = true)]
async fn a_fault_at_a_change_of_another_life_leads_to_the_same_end(#[case] course: Course) {
    let changes = course.undisturbed().await.changes();
    assert!(changes.len() >= kinds().len(), "each kind has its turn");
    faults_at(course, changes.into_iter().zip(kinds().into_iter().cycle())).await;
}

/// Every fifth, each with another kind.
#[tokio::test(start_paused = true)]
async fn a_fault_at_other_requests_leads_to_the_same_end() {
    let requests = Course::Deployed.undisturbed().await.telling_requests();
    let requests = requests.into_iter().step_by(5);
    faults_at(Course::Deployed, requests.zip(kinds().into_iter().cycle())).await;
}

#[rstest]
#[case(Course::Deployed)]
#[case(Course::External)]
#[case(Course::Lost)]
#[case(Course::Claimed)]
#[tokio::test(start_paused = true)]
#[ignore = "the whole matrix takes minutes: just lifecycles"]
async fn every_fault_at_every_request_leads_to_the_same_end(#[case] course: Course) {
    let requests = course.undisturbed().await.telling_requests();
    let faults = requests
        .into_iter()
        .flat_map(|request| kinds().into_iter().map(move |kind| (request, kind)));
    faults_at(course, faults).await;
}

/// What a conductor fails at once, it is asked for again.
#[rstest]
#[case(Failing::Deploy)]
#[case(Failing::TearDown)]
#[case(Failing::Power)]
#[tokio::test(start_paused = true)]
async fn work_that_fails_once_is_tried_again(#[case] failing: Failing) {
    let whole = Course::Deployed.undisturbed().await;
    let mut life = Life::begin();
    let words = "it failed by itself".to_owned();
    life.sim
        .inject(Fault::once(FaultKind::Fails(failing, words)));
    let pictures = Course::Deployed.lead(&mut life).await;
    assert!(life.sim.are_faults_used_up());
    whole.expect(&pictures, &format!("{failing:?}"));
}

#[rstest]
#[case(Course::Deployed, 1)]
#[case(Course::External, 5)]
#[case(Course::Lost, 7)]
#[case(Course::Claimed, 6)]
#[tokio::test(start_paused = true)]
async fn a_write_that_is_overtaken_or_fails_is_made_again(
    #[case] course: Course,
    #[case] distance: usize,
) {
    troubles_at_every(course, distance).await;
}

#[rstest]
#[case(Course::External)]
#[case(Course::Lost)]
#[case(Course::Claimed)]
#[tokio::test(start_paused = true)]
#[ignore = "the whole matrix takes minutes: just lifecycles"]
async fn every_write_that_is_overtaken_or_fails_is_made_again(#[case] course: Course) {
    troubles_at_every(course, 1).await;
}

async fn troubles_at_every(course: Course, distance: usize) {
    let whole = course.undisturbed().await;
    for write in (1..=whole.writes).step_by(distance) {
        let trouble = [Trouble::Overtaken, Trouble::Failed][write % 2];
        let mut life = Life::begin();
        life.trouble(write, trouble);
        let pictures = course.lead(&mut life).await;
        whole.expect(&pictures, &format!("{trouble:?} at write {write}"));
    }
}

#[tokio::test(start_paused = true)]
async fn an_ironic_that_is_away_for_an_hour_is_waited_for() {
    let mut life = Life::begin();
    life.sim.crash();
    life.start(&diskless())
        .run_for(Duration::from_hours(1))
        .await;
    life.expect_state("registering")
        .expect_error("Ironic gives no answer")
        .expect_visible();
    life.sim.restart();
    life.settle().await;
    life.expect_state("provisioned").expect_no_error();
}

#[tokio::test(start_paused = true)]
async fn a_node_that_is_locked_for_long_is_waited_for_and_no_error() {
    let mut life = Life::begin();
    let locked = FaultKind::Locked(Duration::from_mins(3));
    life.sim
        .inject(Fault::once(locked).on_kind("PUT /v1/nodes/{node}/states/provision"));
    life.create(diskless()).await;
    life.expect_state("provisioned").expect_no_error();
    assert_eq!(life.door.agreed_to("manage"), 1);
}

#[tokio::test(start_paused = true)]
async fn a_cleaning_that_fails_once_is_tried_again() {
    let mut life = Life::begin();
    let words = "it failed by itself".to_owned();
    life.sim
        .inject(Fault::once(FaultKind::Fails(Failing::Clean, words)));
    life.create(with_disk()).await;
    assert!(life.sim.are_faults_used_up());
    life.expect_state("available").expect_no_error();
}
