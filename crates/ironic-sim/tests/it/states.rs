use std::time::Duration;

use ironic_sim::{Bmc, Failing, Fault, FaultKind, Method, Settings, State};
use rstest::rstest;
use secrecy::SecretString;
use serde_json::{Value, json};

use crate::stack::{Stack, node, uuid};

#[rstest]
#[case(State::Enroll, "manage", "manageable")]
#[case(State::Manageable, "provide", "available")]
#[case(State::Manageable, "adopt", "active")]
#[case(State::Available, "manage", "manageable")]
#[case(State::CleanFailed, "manage", "manageable")]
#[case(State::InspectFailed, "manage", "manageable")]
#[case(State::AdoptFailed, "manage", "manageable")]
#[case(State::Active, "deleted", "available")]
#[case(State::DeployFailed, "deleted", "available")]
#[case(State::Error, "deleted", "available")]
#[case(State::DeployWait, "deleted", "available")]
#[case(State::CleanWait, "abort", "clean failed")]
fn verbs_lead_from_state_to_state(#[case] from: State, #[case] verb: &str, #[case] to: &str) {
    let settings = Settings {
        automated_clean: false,
        ..Settings::default()
    };
    let stack = Stack::with_settings(settings, from);
    stack.provision(verb).status(202);
    stack.settle();
    assert_eq!(stack.state().0, to);
}

#[rstest]
#[case(State::Enroll, "active")]
#[case(State::Enroll, "provide")]
#[case(State::Enroll, "inspect")]
#[case(State::Manageable, "active")]
#[case(State::Manageable, "deleted")]
#[case(State::Available, "provide")]
#[case(State::Available, "adopt")]
#[case(State::Active, "manage")]
#[case(State::Active, "active")]
#[case(State::Active, "provide")]
#[case(State::Deploying, "active")]
#[case(State::Cleaning, "abort")]
#[case(State::CleanFailed, "provide")]
#[case(State::Available, "no-such-verb")]
fn verbs_that_do_not_fit_the_state_are_refused(#[case] from: State, #[case] verb: &str) {
    let stack = Stack::with_node(from);
    let words = stack.provision(verb).words(400);
    assert_eq!(
        words,
        format!(
            "The requested action \"{verb}\" can not be performed on node \"{}\" while it is in \
             state \"{from}\".",
            uuid()
        )
    );
}

#[rstest]
#[case::manage("manage", "verifying", "manageable")]
fn what_takes_time_has_a_state_a_target_and_a_lock(
    #[case] verb: &str,
    #[case] during: &str,
    #[case] target: &str,
) {
    let stack = Stack::with_node(State::Enroll);
    stack.provision(verb).status(202);
    let shown = stack.node();
    assert_eq!(shown["provision_state"], during);
    assert_eq!(shown["target_provision_state"], target);
    assert_eq!(shown["reservation"], "ironic-sim");
    stack.settle();
    let shown = stack.node();
    assert_eq!(shown["target_provision_state"], Value::Null);
    assert_eq!(shown["reservation"], Value::Null);
    assert!(shown["provision_updated_at"].is_string());
}

#[rstest]
#[case::patch(Method::Patch, "", json!([{"op": "add", "path": "/extra/x", "value": 1}]))]
#[case::delete(Method::Delete, "", Value::Null)]
#[case::power(Method::Put, "/states/power", json!({"target": "power on"}))]
#[case::maintenance(Method::Put, "/maintenance", json!({}))]
#[case::boot_device(Method::Put, "/management/boot_device", json!({"boot_device": "pxe"}))]
fn what_changes_a_node_waits_for_its_lock(
    #[case] method: Method,
    #[case] below: &str,
    #[case] body: Value,
) {
    let stack = Stack::with_node(State::Enroll);
    stack.provision("manage").status(202);
    let body = (!body.is_null()).then_some(body);
    let words = stack.ask(method, &node(below), body.clone()).words(409);
    assert_eq!(
        words,
        format!(
            "Node {} is locked by host ironic-sim, please retry after the current operation is \
             completed.",
            uuid()
        )
    );
    stack.settle();
    assert!(stack.ask(method, &node(below), body).0.status < 300);
}

#[test]
fn what_only_looks_or_adds_volumes_does_not_wait_for_a_lock() {
    let stack = Stack::with_node(State::Enroll);
    stack.provision("manage").status(202);
    stack.get(&node("")).status(200);
    stack.get(&node("/states")).status(200);
    stack.get(&node("/validate")).status(200);
    stack.target(0, &json!({}));
}

#[rstest]
#[case::wrong_credentials(|machine: &mut ironic_sim::Machine| {
    machine.credentials = Some(ironic_sim::Credentials {
        username: "admin".to_owned(),
        password: SecretString::from("another"),
    });
}, "returned code 401")]
#[case::absent(|machine: &mut ironic_sim::Machine| machine.bmc = Bmc::Absent, "Unable to connect to http://192.0.2.1:8000/redfish/v1/")]
#[case::hanging(|machine: &mut ironic_sim::Machine| machine.bmc = Bmc::Hanging, "Unable to connect")]
fn a_bmc_that_does_not_answer_keeps_the_node_in_enroll(
    #[case] breaks: fn(&mut ironic_sim::Machine),
    #[case] words: &str,
) {
    let stack = Stack::with_node(State::Enroll);
    stack.change_machine(breaks);
    stack.provision("manage").status(202);
    assert_eq!(stack.state().0, "verifying");
    stack.settle();
    let (state, error) = stack.state();
    assert_eq!(state, "enroll");
    let error = error.unwrap();
    assert!(error.contains(words), "{error}");
}

#[test]
fn an_error_is_forgotten_when_something_new_begins() {
    let stack = Stack::with_node(State::Enroll);
    stack.change_machine(|machine| machine.bmc = Bmc::Absent);
    stack.provision("manage").status(202);
    stack.settle();
    assert!(stack.state().1.is_some());
    stack.change_machine(|machine| machine.bmc = Bmc::Present);
    stack.provision("manage").status(202);
    assert_eq!(stack.state(), ("verifying".to_owned(), None));
    stack.settle();
    assert_eq!(stack.state(), ("manageable".to_owned(), None));
}

#[rstest]
#[case(State::Manageable, "inspect", Failing::Inspect, "inspect failed")]
#[case(State::Manageable, "adopt", Failing::Adopt, "adopt failed")]
#[case(State::Manageable, "provide", Failing::Clean, "clean failed")]
#[case(State::Active, "deleted", Failing::TearDown, "error")]
fn what_fails_on_demand_leaves_its_words(
    #[case] from: State,
    #[case] verb: &str,
    #[case] work: Failing,
    #[case] to: &str,
) {
    let stack = Stack::with_node(from);
    stack.patch_quietly(
        json!([{"op": "replace", "path": "/inspect_interface", "value": "redfish"}]),
    );
    let fault = FaultKind::Fails(work, "the moon is full".to_owned());
    stack.sim.inject(Fault::once(fault));
    stack.provision(verb).status(202);
    stack.settle();
    let (state, error) = stack.state();
    assert_eq!(state, to);
    let error = error.unwrap();
    assert!(error.contains("the moon is full"), "{error}");
    assert!(stack.sim.are_faults_used_up());
}

#[test]
fn inspection_writes_an_inventory() {
    let stack = Stack::with_node(State::Manageable);
    stack.patch(json!([{"op": "replace", "path": "/inspect_interface", "value": "redfish"}]));
    stack.get(&node("/inventory")).status(404);
    stack.provision("inspect").status(202);
    stack.settle();
    assert_eq!(stack.state(), ("manageable".to_owned(), None));
    let inventory = stack.get(&node("/inventory")).status(200).json();
    assert!(inventory["inventory"].is_object(), "{inventory}");
    assert_eq!(stack.node()["properties"]["cpu_arch"], "x86_64");
}

#[test]
fn the_history_tells_errors() {
    let stack = Stack::with_node(State::Enroll);
    stack.change_machine(|machine| machine.bmc = Bmc::Absent);
    stack.provision("manage").status(202);
    stack.settle();
    let history = stack.get(&node("/history")).status(200).json();
    let events = history["history"].as_array().unwrap();
    let error = events.iter().find(|event| event["severity"] == "ERROR");
    assert!(error.is_some(), "{history}");
}

#[test]
fn a_node_in_maintenance_can_not_be_deployed() {
    let stack = Stack::ready();
    stack.put(&node("/maintenance"), json!({})).status(202);
    let words = stack.provision("active").words(400);
    assert_eq!(
        words,
        format!(
            "The provisioning operation can't be performed on node {} because it's in maintenance \
             mode.",
            uuid()
        )
    );
}

#[test]
fn time_does_not_pass_by_itself() {
    let stack = Stack::with_node(State::Enroll);
    stack.provision("manage").status(202);
    assert_eq!(stack.sim.next_event(), Some(Duration::from_secs(3)));
    stack.sim.advance(Duration::from_millis(2999));
    assert_eq!(stack.state().0, "verifying");
    stack.sim.advance(Duration::from_millis(1));
    assert_eq!(stack.state().0, "manageable");
    assert_eq!(stack.sim.next_event(), None);
}

#[test]
fn a_node_that_is_put_into_a_state_by_hand_leaves_it_as_it_would_by_itself() {
    let stack = Stack::with_node(State::Available);
    assert!(stack.sim.put_node(&uuid(), State::CleanWait));
    assert_eq!(stack.state().0, "clean wait");
    stack
        .sim
        .advance(Settings::default().delays.callback_timeout);
    assert_eq!(stack.state().0, "clean failed", "nobody called");

    assert!(stack.sim.put_node(&uuid(), State::Deploying));
    stack.settle();
    assert_eq!(stack.state().0, "deploying", "nobody works on it");
    stack.sim.restart();
    assert_eq!(stack.state().0, "deploy failed");

    assert!(!stack.sim.put_node("no-such-node", State::Active));
}
