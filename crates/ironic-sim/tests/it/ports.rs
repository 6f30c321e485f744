use ironic_sim::{Method, Seed, State};
use rstest::rstest;
use serde_json::{Value, json};

use crate::stack::{Stack, node, uuid};

fn port(stack: &Stack) -> String {
    let ports = stack.get("/v1/ports").json();
    format!("/v1/ports/{}", ports["ports"][0]["uuid"].as_str().unwrap())
}

fn update(stack: &Stack, field: &str, value: impl Into<Value>) -> crate::stack::Asked {
    let value = value.into();
    let patch = json!([{"op": "replace", "path": format!("/{field}"), "value": value}]);
    stack.ask(Method::Patch, &port(stack), Some(patch))
}

#[test]
fn addresses_are_lower_case_and_unique() {
    let stack = Stack::with_node(State::Manageable);
    let body = json!({"node_uuid": uuid(), "address": "52:54:00:AA:BB:01"});
    let created = stack.post("/v1/ports", body.clone()).status(201).json();
    assert_eq!(created["address"], "52:54:00:aa:bb:01");
    assert_eq!(created["pxe_enabled"], true);
    let words = stack.post("/v1/ports", body).words(409);
    assert_eq!(
        words,
        "A port with MAC address 52:54:00:aa:bb:01 already exists."
    );
    let words = update(&stack, "address", "52:54:00:aa:bb:01").words(409);
    assert_eq!(
        words,
        "A port with MAC address 52:54:00:aa:bb:01 already exists."
    );
}

#[test]
fn a_plain_list_does_not_tell_whether_a_port_boots() {
    let stack = Stack::with_node(State::Manageable);
    let plain = stack.get("/v1/ports").json();
    assert_eq!(plain["ports"][0].get("pxe_enabled"), None);
    let detailed = stack.get("/v1/ports?detail=True").json();
    assert_eq!(detailed["ports"][0]["pxe_enabled"], true);
}

#[rstest]
#[case::of_the_node("node", &uuid(), 1)]
#[case::by_name("node", "node-0", 1)]
#[case::by_address("address", &Seed::mac(0), 1)]
#[case::by_another_address("address", &Seed::mac(1), 0)]
fn ports_are_found(#[case] key: &str, #[case] value: &str, #[case] count: usize) {
    let stack = Stack::with_node(State::Manageable);
    let body = stack.get(&format!("/v1/ports?{key}={value}")).json();
    assert_eq!(body["ports"].as_array().unwrap().len(), count);
}

#[rstest]
#[case(State::Enroll, false, 200)]
#[case(State::Manageable, false, 200)]
#[case(State::Available, false, 409)]
#[case(State::Active, false, 409)]
#[case(State::Active, true, 200)]
fn what_a_port_boots_can_be_changed_in_some_states_or_in_maintenance(
    #[case] state: State,
    #[case] in_maintenance: bool,
    #[case] status: u16,
) {
    let stack = Stack::with_node(state);
    if in_maintenance {
        stack.put(&node("/maintenance"), json!({})).status(202);
    }
    update(&stack, "pxe_enabled", false).status(status);
}

#[test]
fn the_address_of_a_deployed_machine_can_not_be_changed() {
    let stack = Stack::with_node(State::Active);
    let words = update(&stack, "address", "52:54:00:aa:bb:01").words(409);
    assert!(
        words.starts_with("Cannot update hardware address"),
        "{words}"
    );
}

#[rstest]
#[case::no_node(json!({"address": "52:54:00:aa:bb:01"}), 400)]
#[case::no_address(json!({"node_uuid": uuid()}), 400)]
#[case::no_mac_address(json!({"node_uuid": uuid(), "address": "x"}), 400)]
#[case::unknown_node(json!({"node_uuid": Seed::uuid(9), "address": "52:54:00:aa:bb:01"}), 400)]
#[case::name_for_uuid(json!({"node_uuid": "node-0", "address": "52:54:00:aa:bb:01"}), 400)]
#[case::too_new(json!({"node_ident": "node-0", "address": "52:54:00:aa:bb:01"}), 406)]
fn ports_that_break_a_rule_are_refused(#[case] body: Value, #[case] status: u16) {
    let stack = Stack::with_node(State::Manageable);
    stack.post("/v1/ports", body).status(status);
}

#[test]
fn a_port_is_removed_by_its_uuid() {
    let stack = Stack::with_node(State::Manageable);
    let path = port(&stack);
    stack.delete(&path).status(204);
    stack.delete(&path).status(404);
}
