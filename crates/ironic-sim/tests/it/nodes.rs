use ironic_sim::{Method, Request, Settings, State};
use rstest::rstest;
use serde_json::{Value, json};

use crate::stack::{Stack, node, uuid};

const OTHER: &str = "11111111-1111-4111-8111-111111111111";

#[test]
fn a_new_node_has_the_default_interfaces_of_its_driver() {
    let stack = Stack::new(Settings::default());
    let created = stack.post(
        "/v1/nodes",
        json!({"driver": "redfish", "uuid": OTHER, "name": "n"}),
    );
    let node = created.status(201).json();
    assert_eq!(node["uuid"], OTHER);
    assert_eq!(node["provision_state"], "enroll");
    assert_eq!(node["power_state"], Value::Null);
    for (field, expected) in [
        ("boot_interface", "ipxe"),
        ("deploy_interface", "direct"),
        ("power_interface", "redfish"),
        ("storage_interface", "noop"),
        ("network_interface", "noop"),
    ] {
        assert_eq!(node[field], expected, "{field}");
    }
}

#[rstest]
#[case::no_driver(json!({"name": "n"}), 400, "Schema error for node: 'driver' is a required property")]
#[case::unknown_field(json!({"driver": "redfish", "foo": 1}), 400, "Schema error for node: Additional properties are not allowed ('foo' was unexpected)")]
#[case::bad_name(json!({"driver": "redfish", "name": "a b"}), 400, "Cannot create node with invalid name 'a b'")]
#[case::taken_name(json!({"driver": "redfish", "name": "node-0"}), 409, "A node with name node-0 already exists.")]
fn nodes_that_break_a_rule_are_refused(
    #[case] body: Value,
    #[case] status: u16,
    #[case] words: &str,
) {
    let stack = Stack::with_node(State::Available);
    assert_eq!(stack.post("/v1/nodes", body).words(status), words);
}

#[test]
fn uuids_are_unique() {
    let stack = Stack::with_node(State::Available);
    let words = stack
        .post("/v1/nodes", json!({"driver": "redfish", "uuid": uuid()}))
        .words(409);
    assert_eq!(
        words,
        format!("A node with UUID {} already exists.", uuid())
    );
}

#[rstest]
#[case::driver("no-such-driver", json!({}))]
#[case::interface("redfish", json!({"boot_interface": "no-such-interface"}))]
fn unknown_drivers_and_interfaces_are_refused(#[case] driver: &str, #[case] more: Value) {
    let stack = Stack::new(Settings::default());
    let mut body = json!({ "driver": driver });
    let object = body.as_object_mut().unwrap();
    object.extend(more.as_object().unwrap().clone());
    let words = stack.post("/v1/nodes", body).words(400);
    assert!(words.contains("no-such"), "{words}");
}

#[rstest]
#[case::not_patchable(json!([{"op": "replace", "path": "/provision_state", "value": "active"}]), 400)]
#[case::not_a_list(json!({"op": "add"}), 400)]
#[case::no_slash(json!([{"op": "add", "path": "extra", "value": 1}]), 400)]
#[case::unknown_operation(json!([{"op": "swap", "path": "/extra/x", "value": 1}]), 400)]
#[case::absent(json!([{"op": "remove", "path": "/extra/x"}]), 400)]
#[case::no_value(json!([{"op": "add", "path": "/extra/x"}]), 400)]
#[case::no_value_for_a_name(json!([{"op": "replace", "path": "/name"}]), 500)]
#[case::wrong_type(json!([{"op": "add", "path": "/extra", "value": 1}]), 400)]
fn patches_that_break_a_rule_are_refused(#[case] patch: Value, #[case] status: u16) {
    let stack = Stack::with_node(State::Manageable);
    stack
        .ask(Method::Patch, &node(""), Some(patch))
        .status(status);
}

#[test]
fn a_patch_is_applied_as_a_whole_or_not_at_all() {
    let stack = Stack::with_node(State::Manageable);
    let patch = json!([
        {"op": "add", "path": "/extra/a", "value": 1},
        {"op": "remove", "path": "/extra/b"},
    ]);
    stack.ask(Method::Patch, &node(""), Some(patch)).status(400);
    assert_eq!(stack.node()["extra"], json!({}));
}

#[test]
fn interfaces_can_be_changed_only_where_nothing_depends_on_them() {
    let stack = Stack::with_node(State::Active);
    let patch = json!([{"op": "replace", "path": "/storage_interface", "value": "external"}]);
    let words = stack.ask(Method::Patch, &node(""), Some(patch)).words(409);
    assert!(
        words.contains("can not have storage_interface updated"),
        "{words}"
    );
}

#[rstest]
#[case(State::Enroll, 204)]
#[case(State::Manageable, 204)]
#[case(State::Available, 204)]
#[case(State::AdoptFailed, 204)]
#[case(State::Active, 409)]
#[case(State::Deploying, 409)]
#[case(State::Error, 409)]
fn nodes_can_be_deleted_in_some_states(#[case] state: State, #[case] status: u16) {
    let stack = Stack::with_node(state);
    stack.delete(&node("")).status(status);
}

#[test]
fn a_node_with_an_instance_can_be_deleted_only_in_maintenance() {
    let stack = Stack::with_node(State::Manageable);
    let patch = json!([{"op": "add", "path": "/instance_uuid", "value": OTHER}]);
    stack.patch(patch);
    let words = stack.delete(&node("")).words(409);
    assert_eq!(
        words,
        format!("Node {} is associated with instance {OTHER}.", uuid())
    );
    stack.put(&node("/maintenance"), json!({})).status(202);
    stack.delete(&node("")).status(204);
}

#[test]
fn a_node_takes_everything_of_its_own_along() {
    let stack = Stack::ready();
    stack.delete(&node("")).status(204);
    for list in ["ports", "volume/connectors", "volume/targets"] {
        let body = stack.get(&format!("/v1/{list}")).json();
        let items = body[list.rsplit('/').next().unwrap()].as_array().unwrap();
        assert!(items.is_empty(), "{body}");
    }
}

#[test]
fn maintenance_has_a_reason() {
    let stack = Stack::with_node(State::Manageable);
    stack
        .put(&node("/maintenance"), json!({"reason": "cables"}))
        .status(202);
    let shown = stack.node();
    assert_eq!(shown["maintenance"], true);
    assert_eq!(shown["maintenance_reason"], "cables");
    stack.delete(&node("/maintenance")).status(202);
    let shown = stack.node();
    assert_eq!(shown["maintenance"], false);
    assert_eq!(shown["maintenance_reason"], Value::Null);
}

#[rstest]
#[case::no_json(b"{\"driver\"".as_slice(), 500)]
#[case::no_text(b"\xff\xfe\x00".as_slice(), 400)]
#[case::no_object(b"3".as_slice(), 400)]
fn bodies_that_are_no_object_are_refused(#[case] body: &[u8], #[case] status: u16) {
    let stack = Stack::new(Settings::default());
    let request = Request::new(Method::Post, "/v1/nodes")
        .version("1.89")
        .body(body);
    assert_eq!(stack.sim.handle(&request).status, status);
}

#[test]
fn traits_are_added_replaced_and_removed() {
    let stack = Stack::with_node(State::Manageable);
    stack.put(&node("/traits/CUSTOM_A"), json!({})).status(204);
    stack
        .put(
            &node("/traits"),
            json!({"traits": ["CUSTOM_B", "HW_CPU_X86_VMX"]}),
        )
        .status(204);
    let traits = stack.get(&node("/traits")).json();
    assert_eq!(traits, json!({"traits": ["CUSTOM_B", "HW_CPU_X86_VMX"]}));
    stack.delete(&node("/traits/CUSTOM_A")).status(404);
    stack.delete(&node("/traits/CUSTOM_B")).status(204);
    stack.put(&node("/traits/lower"), json!({})).status(400);
}

#[test]
fn validation_tells_the_verdict_of_each_interface() {
    let stack = Stack::with_node(State::Manageable);
    let verdicts = stack.get(&node("/validate")).json();
    assert_eq!(verdicts["power"], json!({"result": true}));
    assert_eq!(verdicts["storage"], json!({"result": true}));
    assert_eq!(verdicts["deploy"]["result"], false);
    let words = verdicts["deploy"]["reason"].as_str().unwrap();
    assert!(words.contains("['instance_info.image_source']"), "{words}");
}
