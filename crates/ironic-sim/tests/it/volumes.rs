use ironic_sim::{Method, State};
use rstest::rstest;
use serde_json::{Value, json};

use crate::stack::{Asked, Stack, node, uuid, volume};

fn update(stack: &Stack, target: &str, field: &str, value: impl Into<Value>) -> Asked {
    let value = value.into();
    let patch = json!([{"op": "replace", "path": field, "value": value}]);
    let url = format!("/v1/volume/targets/{target}");
    stack.ask(Method::Patch, &url, Some(patch))
}

#[test]
fn boot_indices_are_unique_on_a_node() {
    let stack = Stack::with_node(State::Manageable);
    stack.target(0, &json!({}));
    let body =
        json!({"node_uuid": uuid(), "volume_type": "iscsi", "volume_id": "x", "boot_index": 0});
    let words = stack.post("/v1/volume/targets", body).words(409);
    let expected = "A volume target with boot index '0' for the same node already exists.";
    assert_eq!(words, expected);
}

#[test]
fn connectors_are_unique() {
    let stack = Stack::with_node(State::Manageable);
    let body = json!({"node_uuid": uuid(), "type": "iqn", "connector_id": "iqn.x"});
    stack
        .post("/v1/volume/connectors", body.clone())
        .status(201);
    let words = stack.post("/v1/volume/connectors", body).words(409);
    assert_eq!(
        words,
        "A volume connector with type iqn and connector ID iqn.x already exists."
    );
}

#[test]
fn secrets_are_masked_and_names_are_not() {
    let stack = Stack::with_node(State::Manageable);
    let target = stack.target(0, &volume("vol-1", 1));
    let shown = stack.get(&format!("/v1/volume/targets/{target}")).json();
    assert_eq!(shown["properties"]["auth_password"], "******");
    assert_eq!(shown["properties"]["auth_username"], "node-0");
}

#[test]
fn a_plain_list_has_no_properties() {
    let stack = Stack::ready();
    let plain = stack.get("/v1/volume/targets").json();
    assert_eq!(plain["targets"][0].get("properties"), None);
    let detailed = stack.get("/v1/volume/targets?detail=True").json();
    assert_eq!(detailed["targets"][0]["properties"]["target_lun"], 1);
}

#[rstest]
#[case::enroll(State::Enroll, None, 400)]
#[case::off(State::Available, None, 200)]
#[case::on(State::Available, Some("power on"), 400)]
fn targets_can_be_changed_while_the_machine_is_off(
    #[case] state: State,
    #[case] power: Option<&str>,
    #[case] status: u16,
) {
    let stack = Stack::with_node(state);
    let target = stack.target(0, &json!({}));
    if let Some(power) = power {
        stack.power(power).status(202);
        stack.settle();
    }
    update(&stack, &target, "/boot_index", 1).status(status);
}

#[rstest]
#[case::available(State::Available, 400)]
#[case::active(State::Active, 400)]
#[case::manageable(State::Manageable, 204)]
fn targets_of_machines_that_are_on_can_be_deleted_in_some_states(
    #[case] state: State,
    #[case] status: u16,
) {
    let stack = Stack::with_node(state);
    let target = stack.target(0, &json!({}));
    stack.power("power on").status(202);
    stack.settle();
    stack
        .delete(&format!("/v1/volume/targets/{target}"))
        .status(status);
}

#[test]
fn the_state_of_the_machine_is_told_with_the_refusal() {
    let stack = Stack::with_node(State::Active);
    let target = stack.target(0, &json!({}));
    stack.power("power on").status(202);
    stack.settle();
    let words = update(&stack, &target, "/boot_index", 1).words(400);
    assert_eq!(
        words,
        format!(
            "The requested action \"volume target update\" can not be performed on node \"{}\" \
             while it is in state \"power on\".",
            uuid()
        )
    );
}

#[rstest]
#[case::uuid("/uuid", json!("x"))]
#[case::no_number("/boot_index", json!("x"))]
#[case::no_text("/volume_id", json!(3))]
#[case::another_node("/node_uuid", json!("11111111-1111-4111-8111-111111111111"))]
fn patches_that_break_a_rule_are_refused(#[case] path: &str, #[case] value: Value) {
    let stack = Stack::with_node(State::Available);
    let target = stack.target(0, &json!({}));
    update(&stack, &target, path, value).status(400);
}

#[test]
fn types_that_nobody_knows_are_taken() {
    let stack = Stack::with_node(State::Manageable);
    let target =
        json!({"node_uuid": uuid(), "volume_type": "bogus", "volume_id": "x", "boot_index": 0});
    stack.post("/v1/volume/targets", target).status(201);
    let connector = json!({"node_uuid": uuid(), "type": "bogus", "connector_id": "x"});
    stack.post("/v1/volume/connectors", connector).status(201);
}

#[test]
fn volumes_are_listed_below_a_node_by_its_uuid_only() {
    let stack = Stack::ready();
    let targets = stack.get(&node("/volume/targets")).status(200).json();
    assert_eq!(targets["targets"].as_array().unwrap().len(), 1);
    stack.get("/v1/nodes/node-0/volume/targets").status(404);
}
