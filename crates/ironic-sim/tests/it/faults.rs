use std::time::Duration;

use ironic_sim::{Fault, FaultKind, LockRetry, Method, Request, SendError, Settings, State};
use ironic_types::calls::{GetNode, SetProvisionState};
use ironic_types::{NodeId, NodeIdent, ProvisionVerb};
use rstest::rstest;
use serde_json::json;

use crate::stack::{Stack, node, uuid};

#[test]
fn a_status_is_answered_as_often_as_is_asked_for() {
    let stack = Stack::with_node(State::Manageable);
    stack
        .sim
        .inject(Fault::once(FaultKind::Status(503)).times(2));
    stack.get(&node("")).status(503);
    stack.get(&node("")).status(503);
    stack.get(&node("")).status(200);
}

#[rstest]
#[case::kind(Fault::once(FaultKind::Status(503)).on_kind("PATCH /v1/nodes/{node}"), 200)]
#[case::this_kind(Fault::once(FaultKind::Status(503)).on_kind("GET /v1/nodes/{node}"), 503)]
#[case::node(Fault::once(FaultKind::Status(503)).on_node(uuid()), 503)]
#[case::another_node(Fault::once(FaultKind::Status(503)).on_node("11111111-1111-4111-8111-111111111111"), 200)]
fn faults_strike_where_they_are_asked_for(#[case] fault: Fault, #[case] status: u16) {
    let stack = Stack::with_node(State::Manageable);
    stack.sim.inject(fault);
    stack.get("/v1/nodes/node-0").status(status);
}

#[rstest]
#[case::before(FaultKind::CutBefore, false)]
#[case::after(FaultKind::CutAfter, true)]
fn a_cut_connection_tells_nothing_of_what_happened(
    #[case] kind: FaultKind,
    #[case] happened: bool,
) {
    let stack = Stack::with_node(State::Manageable);
    stack.sim.inject(Fault::once(kind));
    let request = Request::new(Method::Put, &node("/maintenance")).version("1.89");
    assert!(stack.sim.handle(&request).is_cut);
    assert_eq!(stack.node()["maintenance"], happened);
}

#[test]
fn a_slow_answer_takes_its_time() {
    let stack = Stack::with_node(State::Manageable);
    stack
        .sim
        .inject(Fault::once(FaultKind::Slow(Duration::from_secs(7))));
    let before = stack.sim.now();
    let call = GetNode {
        ident: NodeIdent::Name("node-0".to_owned()),
    };
    stack.sim.send(&call).unwrap();
    assert_eq!(stack.sim.now(), before + Duration::from_secs(7));
}

#[test]
fn another_conductor_may_hold_a_node() {
    let stack = Stack::with_node(State::Manageable);
    stack
        .sim
        .inject(Fault::once(FaultKind::Locked(Duration::from_secs(10))));
    let words = stack.put(&node("/maintenance"), json!({})).words(409);
    assert!(words.contains("is locked by host ironic-sim-2"), "{words}");
    stack.sim.advance(Duration::from_secs(10));
    stack.put(&node("/maintenance"), json!({})).status(202);
}

#[test]
fn a_lock_that_goes_soon_is_waited_for() {
    let stack = Stack::with_settings(
        Settings {
            lock_retry: Some(LockRetry {
                attempts: 3,
                interval: Duration::from_secs(1),
            }),
            ..Settings::default()
        },
        State::Manageable,
    );
    stack
        .sim
        .inject(Fault::once(FaultKind::Locked(Duration::from_secs(1))));
    let call = SetProvisionState {
        node: uuid().parse::<NodeId>().unwrap(),
        target: ProvisionVerb::Provide,
    };
    stack.sim.send(&call).unwrap();
    assert_eq!(stack.sim.journal().entries().len(), 1);
}

#[test]
fn a_database_can_be_lost_between_two_requests() {
    let stack = Stack::with_node(State::Manageable);
    stack
        .sim
        .inject(Fault::once(FaultKind::DatabaseLost).on_kind("GET /v1/nodes"));
    stack.get(&node("")).status(200);
    let body = stack.get("/v1/nodes").json();
    assert_eq!(body, json!({"nodes": []}));
}

#[rstest]
#[case(State::Enroll, "manage", "enroll", "verifying")]
#[case(State::Manageable, "adopt", "adopt failed", "adopting")]
#[case(State::Manageable, "provide", "clean failed", "cleaning")]
#[case(State::Active, "deleted", "error", "deleting")]
fn a_conductor_that_dies_fails_what_it_did(
    #[case] from: State,
    #[case] verb: &str,
    #[case] to: &str,
    #[case] during: &str,
) {
    let stack = Stack::with_node(from);
    stack.provision(verb).status(202);
    stack.sim.crash();
    assert!(stack.get(&node("")).0.is_cut);
    stack.sim.restart();
    let (state, error) = stack.state();
    assert_eq!(state, to);
    assert_eq!(
        error.unwrap(),
        format!(
            "The {during} state can't be resumed by conductor ironic-sim. Moving to fail state."
        )
    );
    assert_eq!(stack.node()["reservation"], serde_json::Value::Null);
    stack.settle();
    assert_eq!(stack.state().0, to);
}

#[test]
fn a_deployment_in_which_the_conductor_dies_has_failed() {
    let stack = Stack::ready();
    stack.provision("active").status(202);
    stack
        .sim
        .inject(Fault::once(FaultKind::Crash(Duration::from_secs(1))));
    assert!(stack.get(&node("")).0.is_cut);
    assert_eq!(stack.state().0, "deploy failed");
    stack.provision("active").status(202);
    stack.settle();
    assert_eq!(stack.state(), ("active".to_owned(), None));
}

#[test]
fn a_cut_connection_is_an_error_of_a_typed_call() {
    let stack = Stack::with_node(State::Manageable);
    stack.sim.inject(Fault::once(FaultKind::CutAfter));
    let call = GetNode {
        ident: NodeIdent::Name("node-0".to_owned()),
    };
    assert!(matches!(stack.sim.send(&call), Err(SendError::Cut { .. })));
}

#[test]
fn faults_can_be_taken_back() {
    let stack = Stack::with_node(State::Manageable);
    stack
        .sim
        .inject(Fault::once(FaultKind::Status(500)).always());
    stack.get(&node("")).status(500);
    stack.sim.clear_faults();
    stack.get(&node("")).status(200);
}
