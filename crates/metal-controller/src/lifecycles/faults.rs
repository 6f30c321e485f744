//! Everything that can go wrong with a request, at each request of a life: the end is the same.

use std::time::Duration;

use ironic_sim::{Failing, Fault, FaultKind};
use rstest::rstest;

use super::whole::{live, undisturbed};
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

async fn with_fault(request: usize, kind: FaultKind) -> (Life, serde_json::Value) {
    let mut life = Life::begin();
    life.fault(request, kind);
    let pictures = live(&mut life).await;
    assert!(!life.door.is_fault_due(), "the fault has not happened");
    (life, pictures)
}

#[tokio::test(start_paused = true)]
async fn a_fault_at_any_change_leads_to_the_same_end() {
    let life = undisturbed().await;
    let (telling, others) = (&kinds()[..2], &kinds()[2..]);
    for (turn, request) in life.changes().into_iter().enumerate() {
        let asked = &life.requests[request - 1];
        let other = &others[turn % others.len()];
        for kind in telling.iter().chain([other]) {
            let words = format!("{kind:?} at {request}: {} {}", asked.method, asked.target);
            let (_disturbed, pictures) = with_fault(request, kind.clone()).await;
            life.expect(&pictures, &words);
        }
    }
}

/// Every fifth, each with another kind.
#[tokio::test(start_paused = true)]
async fn a_fault_at_other_requests_leads_to_the_same_end() {
    let life = undisturbed().await;
    let kinds = kinds();
    for (turn, request) in life.telling_requests().into_iter().step_by(5).enumerate() {
        let asked = &life.requests[request - 1];
        let kind = kinds[turn % kinds.len()].clone();
        let words = format!("{kind:?} at {request}: {} {}", asked.method, asked.target);
        let (_disturbed, pictures) = with_fault(request, kind).await;
        life.expect(&pictures, &words);
    }
}

#[tokio::test(start_paused = true)]
#[ignore = "the whole matrix takes minutes: just lifecycles"]
async fn every_fault_at_every_request_leads_to_the_same_end() {
    let life = undisturbed().await;
    for request in life.telling_requests() {
        let asked = &life.requests[request - 1];
        for kind in kinds() {
            let words = format!("{kind:?} at {request}: {} {}", asked.method, asked.target);
            let (_disturbed, pictures) = with_fault(request, kind).await;
            life.expect(&pictures, &words);
        }
    }
}

/// What a conductor fails at once, it is asked for again.
#[rstest]
#[case(Failing::Deploy)]
#[case(Failing::TearDown)]
#[case(Failing::Power)]
#[tokio::test(start_paused = true)]
async fn work_that_fails_once_is_tried_again(#[case] failing: Failing) {
    let whole = undisturbed().await;
    let mut life = Life::begin();
    let words = "it failed by itself".to_owned();
    life.sim
        .inject(Fault::once(FaultKind::Fails(failing, words)));
    let pictures = live(&mut life).await;
    assert!(life.sim.are_faults_used_up());
    whole.expect(&pictures, &format!("{failing:?}"));
}

#[tokio::test(start_paused = true)]
async fn a_write_that_is_overtaken_or_fails_is_made_again() {
    let whole = undisturbed().await;
    for write in 1..=whole.writes {
        let trouble = [Trouble::Overtaken, Trouble::Failed][write % 2];
        let mut life = Life::begin();
        life.trouble(write, trouble);
        let pictures = live(&mut life).await;
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
