//! Lists and their filters.

use ironic_types::calls::{
    ListChildren, ListConductors, ListHistory, ListNodes, ListPorts, ListTargets, SortDirection,
};
use ironic_types::{Call, FLOOR, ListCall, Microversion, Node, Port, ProvisionState, feature};
use rstest::rstest;
use serde_json::Value;

use super::{OTHER, check, check_since};
use crate::{NODE, node};

#[rstest]
#[case::plain(ListNodes::default(), "GET /v1/nodes")]
#[case::narrow(
    ListNodes {
        fields: &["uuid", "name"],
        limit: Some(10),
        marker: Some(NODE.to_owned()),
        ..ListNodes::default()
    },
    "GET /v1/nodes?fields=uuid,name&limit=10&marker=NODE"
)]
#[case::in_a_state(
    ListNodes { provision_state: Some(ProvisionState::CleanWait), ..ListNodes::default() },
    "GET /v1/nodes?provision_state=clean wait"
)]
#[case::by_flags(
    ListNodes {
        associated: Some(true),
        maintenance: Some(false),
        retired: Some(false),
        detail: true,
        ..ListNodes::default()
    },
    "GET /v1/nodes?detail=True&associated=True&maintenance=False&retired=False"
)]
#[case::by_texts(
    ListNodes {
        instance_uuid: Some(OTHER.parse().unwrap()),
        driver: Some("redfish".to_owned()),
        resource_class: Some("big".to_owned()),
        fault: Some("power failure".to_owned()),
        conductor: Some("a".to_owned()),
        conductor_group: Some(String::new()),
        owner: Some("b".to_owned()),
        lessee: Some("c".to_owned()),
        shard: vec!["d".to_owned(), "e".to_owned()],
        description_contains: Some("f".to_owned()),
        ..ListNodes::default()
    },
    "GET /v1/nodes?instance_uuid=OTHER&driver=redfish&resource_class=big&fault=power failure\
     &conductor=a&conductor_group=&owner=b&lessee=c&shard=d,e&description_contains=f"
)]
#[case::parts_of_others(
    ListNodes { parent_node: Some(node()), include_children: true, ..ListNodes::default() },
    "GET /v1/nodes?parent_node=NODE&include_children=True"
)]
#[case::sorted(
    ListNodes {
        sort_key: Some("provision_updated_at"),
        sort_dir: Some(SortDirection::Descending),
        ..ListNodes::default()
    },
    "GET /v1/nodes?sort_key=provision_updated_at&sort_dir=desc"
)]
fn nodes_are_listed(#[case] call: ListNodes, #[case] line: &str) {
    check(&call, line, Value::Null);
}

#[rstest]
#[case::all(ListNodes::default(), feature::INITIAL)]
#[case::old_fields(ListNodes { fields: &["uuid"], ..ListNodes::default() }, feature::FIELDS)]
#[case::floor(
    ListNodes { fields: Node::FIELDS, ..ListNodes::default() },
    feature::SERVICE
)]
#[case::newest(
    ListNodes { fields: Node::fields_at(Microversion::v1(115)), ..ListNodes::default() },
    feature::HEALTH
)]
#[case::unknown(ListNodes { fields: &["uuid", "colour"], ..ListNodes::default() }, feature::FIELDS)]
#[case::sorted_by_a_young_field(
    ListNodes { sort_key: Some("health"), ..ListNodes::default() },
    feature::HEALTH
)]
#[case::filtered(
    ListNodes { instance_name: Some("a".to_owned()), ..ListNodes::default() },
    feature::INSTANCE_NAME
)]
fn a_list_of_nodes_needs_the_version_of_its_youngest_part(
    #[case] call: ListNodes,
    #[case] since: Microversion,
) {
    assert_eq!(call.required_version(), since);
}

#[test]
fn what_is_asked_for_grows_with_the_version_and_never_below_the_floor() {
    assert_eq!(Node::fields_at(FLOOR), Node::FIELDS);
    assert_eq!(Node::fields_at(Microversion::v1(1)), Node::FIELDS);
    assert_eq!(Port::fields_at(FLOOR), Port::FIELDS);
    let newer = |from: u16| {
        Node::fields_at(Microversion::v1(from))
            .split_at(Node::FIELDS.len())
            .1
    };
    assert!(newer(94).is_empty());
    assert_eq!(newer(95), ["disable_power_off"]);
    assert_eq!(newer(108), ["disable_power_off", "instance_name"]);
    assert_eq!(newer(115), ["disable_power_off", "instance_name", "health"]);
}

#[test]
fn children_are_listed() {
    check(
        &ListChildren { node: node() },
        "GET /v1/nodes/NODE/children",
        Value::Null,
    );
}

#[test]
fn ports_are_listed_by_filters() {
    let call = ListPorts {
        portgroup: Some(OTHER.parse().unwrap()),
        shard: vec!["a".to_owned()],
        fields: &["uuid", "address", "name"],
        sort_key: Some("address"),
        ..ListPorts::default()
    };
    let line = "GET /v1/ports?portgroup=OTHER&shard=a&fields=uuid,address,name&sort_key=address";
    check(&call, line, Value::Null);

    let call = ListPorts {
        conductor_groups: vec!["a".to_owned(), "b".to_owned()],
        description_contains: Some("left".to_owned()),
        ..ListPorts::default()
    };
    let line = "GET /v1/ports?conductor_groups=a,b&description_contains=left";
    check_since(feature::PORT_CONDUCTOR_GROUPS, &call, line, Value::Null);

    let call = ListPorts {
        fields: Port::fields_at(Microversion::v1(115)),
        ..ListPorts::default()
    };
    assert_eq!(call.required_version(), feature::DYNAMIC_PORT_GROUPS);
}

#[test]
fn history_and_conductors_are_listed() {
    let call = ListHistory {
        node: node(),
        sort_dir: Some(SortDirection::Descending),
        limit: Some(1),
        ..ListHistory::default()
    };
    let line = "GET /v1/nodes/NODE/history?sort_dir=desc&limit=1";
    check(&call, line, Value::Null);
    let call = ListHistory {
        node: node(),
        project: true,
        ..ListHistory::default()
    };
    let line = "GET /v1/nodes/NODE/history?detail=True";
    check_since(feature::HISTORY_PROJECT, &call, line, Value::Null);
    let call = ListHistory {
        node: node(),
        states: true,
        ..ListHistory::default()
    };
    let line = "GET /v1/nodes/NODE/history?detail=True";
    check_since(feature::HISTORY_STATES, &call, line, Value::Null);
    let call = ListConductors {
        detail: true,
        marker: Some("a".to_owned()),
        ..ListConductors::default()
    };
    let line = "GET /v1/conductors?detail=True&marker=a";
    check(&call, line, Value::Null);
}

/// The call for the page after the marker, as `path?query`.
fn next(call: impl ListCall) -> String {
    let call = call.after(OTHER.to_owned());
    let query = call.query();
    let query: Vec<_> = query
        .iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    format!("{}?{}", call.path(), query.join("&")).replace(OTHER, "OTHER")
}

#[test]
fn the_next_page_keeps_all_filters() {
    let nodes = ListNodes {
        conductor: Some("a".to_owned()),
        limit: Some(2),
        ..ListNodes::default()
    };
    assert_eq!(next(nodes), "/v1/nodes?conductor=a&limit=2&marker=OTHER");
    let targets = ListTargets {
        detail: true,
        sort_key: Some("boot_index"),
        ..ListTargets::default()
    };
    assert_eq!(
        next(targets),
        "/v1/volume/targets?detail=True&sort_key=boot_index&marker=OTHER"
    );
    assert_eq!(next(ListPorts::default()), "/v1/ports?marker=OTHER");
    assert_eq!(
        next(ListConductors::default()),
        "/v1/conductors?marker=OTHER"
    );
}
