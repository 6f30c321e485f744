//! Each call's method, address, body and version.

mod lists;
mod machine;
mod provision;
mod server;

use ironic_types::calls::{
    CreateConnector, CreateNode, CreatePort, CreateTarget, DeleteConnector, DeleteNode, DeletePort,
    DeleteTarget, GetConnector, GetNode, GetNodeFields, GetPort, GetTarget, ListConnectors,
    ListPorts, ListTargets, PatchConnector, PatchNode, PatchPort, PatchTarget, SetMaintenance,
    SetPowerState, UnsetMaintenance, ValidateNode,
};
use ironic_types::{
    Call, ConnectorType, DriverInfo, IscsiTargetProperties, ListCall, Microversion, NewNode,
    NewPort, NewVolumeConnector, NewVolumeTarget, Patch, PowerTarget, TargetProperties, VolumeType,
    feature,
};
use rstest::rstest;
use secrecy::SecretString;
use serde_json::{Map, Value, json};

use crate::{NODE, node};

const OTHER: &str = "0da730a8-8bd8-406d-b5db-cdc4630174bd";

/// Checks what a call asks for: `METHOD /path?query` and the body; and that any server will do.
#[track_caller]
fn check(call: &impl Call, line: &str, body: impl Into<Value>) {
    check_asked(call, line, body);
    assert!(call.required_version() <= ironic_types::FLOOR);
}

/// Checks what a call asks for, and the version that it needs.
#[track_caller]
fn check_since(since: Microversion, call: &impl Call, line: &str, body: impl Into<Value>) {
    check_asked(call, line, body);
    assert_eq!(call.required_version(), since);
}

#[track_caller]
fn check_asked(call: &impl Call, line: &str, body: impl Into<Value>) {
    let query: Vec<_> = call
        .query()
        .iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    let separator = if query.is_empty() { "" } else { "?" };
    let asked = format!(
        "{} {}{separator}{}",
        call.method(),
        call.path(),
        query.join("&")
    );
    assert_eq!(asked, line.replace("NODE", NODE).replace("OTHER", OTHER));
    assert_eq!(serde_json::to_value(call.body()).unwrap(), body.into());
}

#[test]
fn a_node_is_created_with_only_what_was_set() {
    let call = CreateNode {
        node: NewNode {
            name: Some("metal~host-0".to_owned()),
            driver: "redfish".to_owned(),
            driver_info: DriverInfo::new()
                .with("redfish_address", "https://192.0.2.10:8000")
                .with("redfish_password", SecretString::from("pw"))
                .with("redfish_verify_ca", false),
            automated_clean: Some(false),
            boot_interface: Some("ipxe".to_owned()),
            ..NewNode::default()
        },
    };
    let body = json!({
        "name": "metal~host-0",
        "driver": "redfish",
        "driver_info": {
            "redfish_address": "https://192.0.2.10:8000",
            "redfish_password": "pw",
            "redfish_verify_ca": false,
        },
        "automated_clean": false,
        "boot_interface": "ipxe",
    });
    check(&call, "POST /v1/nodes", body);
}

#[rstest]
#[case::by_id(node().into(), "GET /v1/nodes/NODE")]
#[case::by_name("metal~host-0".into(), "GET /v1/nodes/metal~host-0")]
#[case::escaped("a/b ?c%".into(), "GET /v1/nodes/a%2Fb%20%3Fc%25")]
fn a_node_is_read_by_id_or_by_name(#[case] ident: ironic_types::NodeIdent, #[case] line: &str) {
    check(&GetNode { ident }, line, Value::Null);
}

#[test]
fn some_fields_of_a_node_are_read() {
    let ident = || node().into();
    check_since(
        feature::CONDUCTORS,
        &GetNodeFields {
            ident: ident(),
            fields: &["uuid", "conductor"],
        },
        "GET /v1/nodes/NODE?fields=uuid,conductor",
        Value::Null,
    );
    check_since(
        feature::HEALTH,
        &GetNodeFields {
            ident: ident(),
            fields: &["uuid", "health"],
        },
        "GET /v1/nodes/NODE?fields=uuid,health",
        Value::Null,
    );
}

#[rstest]
#[case(Patch::new().add("/extra/a", 1), feature::DYNAMIC_INTERFACES)]
#[case(Patch::new().remove("/description"), feature::DESCRIPTION)]
#[case(Patch::new().add("/instance_info/health", 1), feature::DYNAMIC_INTERFACES)]
#[case(Patch::new().add("/disable_power_off", true).add("/owner", "a"), feature::DISABLE_POWER_OFF)]
#[case(Patch::new().add("/instance_name", "a"), feature::INSTANCE_NAME)]
fn a_path_raises_the_version_that_a_patch_needs(#[case] patch: Patch, #[case] since: Microversion) {
    let call = PatchNode {
        node: node(),
        patch,
    };
    assert_eq!(call.required_version(), since);
}

#[test]
fn a_path_raises_the_version_that_a_patch_of_a_port_needs() {
    let port = OTHER.parse().unwrap();
    let since = |patch| PatchPort { port, patch }.required_version();
    assert_eq!(since(Patch::new().add("/extra/a", 1)), feature::INITIAL);
    let patch = Patch::new().add("/pxe_enabled", true);
    assert_eq!(since(patch), feature::PORT_PXE_ENABLED);
    let patch = Patch::new().add("/description", "left");
    assert_eq!(since(patch), feature::PORT_DESCRIPTION);
}

#[test]
fn a_field_raises_the_version_that_a_creation_needs() {
    let mut node = NewNode {
        driver: "redfish".to_owned(),
        ..NewNode::default()
    };
    let needed = |node: &NewNode| CreateNode { node: node.clone() }.required_version();
    assert_eq!(needed(&node), feature::DYNAMIC_INTERFACES);
    node.automated_clean = Some(false);
    assert_eq!(needed(&node), feature::AUTOMATED_CLEAN);
    node.firmware_interface = Some("no-firmware".to_owned());
    assert_eq!(needed(&node), feature::FIRMWARE_INTERFACE);
    node.disable_power_off = Some(true);
    assert_eq!(needed(&node), feature::DISABLE_POWER_OFF);
}

#[test]
fn a_field_raises_the_version_that_the_creation_of_a_port_needs() {
    let mut port = NewPort::default();
    let needed = |port: &NewPort| CreatePort { port: port.clone() }.required_version();
    assert_eq!(needed(&port), feature::INITIAL);
    port.pxe_enabled = Some(true);
    assert_eq!(needed(&port), feature::PORT_PXE_ENABLED);
    port.physical_network = Some("left".to_owned());
    assert_eq!(needed(&port), feature::PORT_PHYSICAL_NETWORK);
    port.description = Some("left".to_owned());
    assert_eq!(needed(&port), feature::PORT_DESCRIPTION);
    port.available_for_dynamic_portgroup = Some(false);
    assert_eq!(needed(&port), feature::DYNAMIC_PORT_GROUPS);
}

#[test]
fn a_port_is_created_with_all_that_ironic_takes() {
    let port = NewPort {
        uuid: Some(OTHER.parse().unwrap()),
        node_uuid: node(),
        address: "52:54:00:e2:e0:01".to_owned(),
        pxe_enabled: Some(true),
        name: Some("left".to_owned()),
        description: Some("the left one".to_owned()),
        local_link_connection: Map::from_iter([("port_id".to_owned(), json!("1"))]),
        physical_network: Some("rack".to_owned()),
        portgroup_uuid: Some(OTHER.parse().unwrap()),
        is_smartnic: Some(false),
        vendor: Some("someone".to_owned()),
        category: Some("fast".to_owned()),
        available_for_dynamic_portgroup: Some(true),
        extra: Map::from_iter([("slot".to_owned(), json!(3))]),
    };
    let body = json!({
        "uuid": OTHER,
        "node_uuid": NODE,
        "address": "52:54:00:e2:e0:01",
        "pxe_enabled": true,
        "name": "left",
        "description": "the left one",
        "local_link_connection": {"port_id": "1"},
        "physical_network": "rack",
        "portgroup_uuid": OTHER,
        "is_smartnic": false,
        "vendor": "someone",
        "category": "fast",
        "available_for_dynamic_portgroup": true,
        "extra": {"slot": 3},
    });
    let since = feature::DYNAMIC_PORT_GROUPS;
    check_since(since, &CreatePort { port }, "POST /v1/ports", body);
}

#[test]
fn a_node_is_created_with_its_instance() {
    let node = NewNode {
        driver: "redfish".to_owned(),
        instance_uuid: Some(OTHER.parse().unwrap()),
        instance_name: Some("web-1".to_owned()),
        instance_info: DriverInfo::new().with("image_source", "http://192.0.2.1/a.img"),
        shard: Some("a".to_owned()),
        chassis_uuid: Some(OTHER.parse().unwrap()),
        maintenance: Some(true),
        retired: Some(true),
        retired_reason: Some("old".to_owned()),
        ..NewNode::default()
    };
    let body = json!({
        "driver": "redfish",
        "instance_uuid": OTHER,
        "instance_name": "web-1",
        "instance_info": {"image_source": "http://192.0.2.1/a.img"},
        "shard": "a",
        "chassis_uuid": OTHER,
        "maintenance": true,
        "retired": true,
        "retired_reason": "old",
    });
    let since = feature::INSTANCE_NAME;
    check_since(since, &CreateNode { node }, "POST /v1/nodes", body);
}

#[test]
fn a_soft_action_raises_the_version_that_power_needs() {
    let power = |target| SetPowerState {
        node: node(),
        target,
        timeout: None,
    };
    assert_eq!(power(PowerTarget::Off).required_version(), feature::INITIAL);
    assert_eq!(
        power(PowerTarget::SoftOff).required_version(),
        feature::SOFT_POWER
    );
}

#[test]
fn a_node_is_changed_validated_and_removed() {
    let node = node();
    let patch = Patch::new().add("/automated_clean", false);
    check(
        &PatchNode { node, patch },
        "PATCH /v1/nodes/NODE",
        json!([{"op": "add", "path": "/automated_clean", "value": false}]),
    );
    check(
        &ValidateNode { node },
        "GET /v1/nodes/NODE/validate",
        Value::Null,
    );
    check(&DeleteNode { node }, "DELETE /v1/nodes/NODE", Value::Null);
}

#[rstest]
#[case(PowerTarget::On, None, json!({"target": "power on"}))]
#[case(PowerTarget::Reboot, None, json!({"target": "rebooting"}))]
#[case(PowerTarget::SoftOff, Some(60), json!({"target": "soft power off", "timeout": 60}))]
fn a_power_state_is_asked_for(
    #[case] target: PowerTarget,
    #[case] timeout: Option<u32>,
    #[case] body: Value,
) {
    let call = SetPowerState {
        node: node(),
        target,
        timeout,
    };
    check(&call, "PUT /v1/nodes/NODE/states/power", body);
}

#[test]
fn maintenance_is_set_with_a_reason_and_unset() {
    let node = node();
    let reason = Some("looked at".to_owned());
    check(
        &SetMaintenance { node, reason },
        "PUT /v1/nodes/NODE/maintenance",
        json!({"reason": "looked at"}),
    );
    let call = SetMaintenance { node, reason: None };
    check(&call, "PUT /v1/nodes/NODE/maintenance", json!({}));
    check(
        &UnsetMaintenance { node },
        "DELETE /v1/nodes/NODE/maintenance",
        Value::Null,
    );
}

#[test]
fn ports_are_listed_created_read_changed_and_removed() {
    let address = || "52:54:00:e2:e0:01".to_owned();
    check(&ListPorts::default(), "GET /v1/ports", Value::Null);
    let call = ListPorts {
        node: Some(node()),
        address: Some(address()),
        detail: true,
        ..ListPorts::default()
    };
    let line = "GET /v1/ports?node=NODE&address=52:54:00:e2:e0:01&detail=True";
    check(&call, line, Value::Null);

    let port = NewPort {
        node_uuid: node(),
        address: address(),
        pxe_enabled: Some(true),
        ..NewPort::default()
    };
    let body = json!({"node_uuid": NODE, "address": address(), "pxe_enabled": true});
    check(&CreatePort { port }, "POST /v1/ports", body);

    let port = OTHER.parse().unwrap();
    let patch = Patch::new().replace("/pxe_enabled", true);
    let body = json!([{"op": "replace", "path": "/pxe_enabled", "value": true}]);
    check(&PatchPort { port, patch }, "PATCH /v1/ports/OTHER", body);
    check(&GetPort { port }, "GET /v1/ports/OTHER", Value::Null);
    check(&DeletePort { port }, "DELETE /v1/ports/OTHER", Value::Null);
}

#[test]
fn connectors_are_listed_created_read_changed_and_removed() {
    check(
        &ListConnectors::default(),
        "GET /v1/volume/connectors",
        Value::Null,
    );
    let call = ListConnectors {
        node: Some(node()),
        detail: true,
        ..ListConnectors::default()
    };
    check(
        &call,
        "GET /v1/volume/connectors?node=NODE&detail=True",
        Value::Null,
    );

    let connector = NewVolumeConnector {
        node_uuid: node(),
        connector_type: ConnectorType::Iqn,
        connector_id: "iqn.2026-11.example:node-0".to_owned(),
        extra: Map::new(),
    };
    let body = json!({
        "node_uuid": NODE,
        "type": "iqn",
        "connector_id": "iqn.2026-11.example:node-0",
    });
    check(
        &CreateConnector { connector },
        "POST /v1/volume/connectors",
        body,
    );

    let connector = OTHER.parse().unwrap();
    let patch = Patch::new().replace("/connector_id", "iqn.2026-11.example:node-1");
    check(
        &PatchConnector { connector, patch },
        "PATCH /v1/volume/connectors/OTHER",
        json!([{"op": "replace", "path": "/connector_id", "value": "iqn.2026-11.example:node-1"}]),
    );
    check(
        &GetConnector { connector },
        "GET /v1/volume/connectors/OTHER",
        Value::Null,
    );
    check(
        &DeleteConnector { connector },
        "DELETE /v1/volume/connectors/OTHER",
        Value::Null,
    );
}

fn target(properties: impl Into<TargetProperties>) -> CreateTarget {
    CreateTarget {
        target: NewVolumeTarget {
            uuid: None,
            node_uuid: node(),
            volume_type: VolumeType::Iscsi,
            volume_id: "vol-1".to_owned(),
            boot_index: 0,
            properties: properties.into(),
            extra: Map::new(),
        },
    }
}

fn properties() -> IscsiTargetProperties {
    IscsiTargetProperties {
        target_iqn: "iqn.2026-11.example:vol-1".to_owned(),
        target_portal: "192.0.2.1:3260".to_owned(),
        target_lun: 1,
        ..IscsiTargetProperties::default()
    }
}

#[test]
fn a_target_with_several_portals_is_created_with_no_other() {
    let portals = ["192.0.2.1:3260", "192.0.2.2:3260"].map(str::to_owned);
    let mut call = target(IscsiTargetProperties {
        target_portal: String::new(),
        target_portals: portals.into(),
        ..properties()
    });
    call.target.uuid = Some(OTHER.parse().unwrap());
    let body = json!({
        "uuid": OTHER,
        "node_uuid": NODE,
        "volume_type": "iscsi",
        "volume_id": "vol-1",
        "boot_index": 0,
        "properties": {
            "target_iqn": "iqn.2026-11.example:vol-1",
            "target_portals": ["192.0.2.1:3260", "192.0.2.2:3260"],
            "target_lun": 1,
            "auth_method": "",
            "auth_username": "",
            "auth_password": "",
        },
    });
    check(&call, "POST /v1/volume/targets", body);
}

#[test]
fn a_target_of_another_kind_is_created_with_its_own_keys() {
    let mut call = target(
        DriverInfo::new()
            .with("target_wwn", "50014380")
            .with("target_lun", 2),
    );
    call.target.volume_type = VolumeType::FibreChannel;
    let body = json!({
        "node_uuid": NODE,
        "volume_type": "fibre_channel",
        "volume_id": "vol-1",
        "boot_index": 0,
        "properties": {"target_wwn": "50014380", "target_lun": 2},
    });
    check(&call, "POST /v1/volume/targets", body);
}

#[test]
fn a_target_is_created_with_its_lun_as_a_number_and_its_secret_in_clear() {
    let call = target(IscsiTargetProperties {
        auth_method: "CHAP".to_owned(),
        auth_username: "chapuser".to_owned(),
        auth_password: SecretString::from("chap-secret"),
        ..properties()
    });
    let body = json!({
        "node_uuid": NODE,
        "volume_type": "iscsi",
        "volume_id": "vol-1",
        "boot_index": 0,
        "properties": {
            "target_iqn": "iqn.2026-11.example:vol-1",
            "target_portal": "192.0.2.1:3260",
            "target_lun": 1,
            "auth_method": "CHAP",
            "auth_username": "chapuser",
            "auth_password": "chap-secret",
        },
    });
    check(&call, "POST /v1/volume/targets", body);
}

#[test]
fn a_target_without_authentication_says_so_with_empty_texts() {
    let body = serde_json::to_value(target(properties()).body()).unwrap();
    for key in ["auth_method", "auth_username", "auth_password"] {
        assert_eq!(body["properties"][key], "", "{key}");
    }
}

#[test]
fn targets_are_listed_read_changed_and_removed() {
    check(
        &ListTargets::default(),
        "GET /v1/volume/targets",
        Value::Null,
    );
    let call = ListTargets {
        node: Some(node()),
        detail: true,
        ..ListTargets::default()
    };
    check(
        &call,
        "GET /v1/volume/targets?node=NODE&detail=True",
        Value::Null,
    );

    let target = OTHER.parse().unwrap();
    let patch = Patch::new().replace("/properties/auth_password", SecretString::from("new"));
    let body = json!([{"op": "replace", "path": "/properties/auth_password", "value": "new"}]);
    check(
        &PatchTarget { target, patch },
        "PATCH /v1/volume/targets/OTHER",
        body,
    );
    check(
        &GetTarget { target },
        "GET /v1/volume/targets/OTHER",
        Value::Null,
    );
    check(
        &DeleteTarget { target },
        "DELETE /v1/volume/targets/OTHER",
        Value::Null,
    );
}

#[test]
fn the_next_page_keeps_all_filters() {
    let call = ListTargets {
        node: Some(node()),
        detail: true,
        ..ListTargets::default()
    };
    let line = "GET /v1/volume/targets?node=NODE&detail=True&marker=OTHER";
    check(&call.after(OTHER.to_owned()), line, Value::Null);
}
