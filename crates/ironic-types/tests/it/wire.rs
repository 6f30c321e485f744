//! What a real Ironic wrote is read, and survives being written and read again.

mod machine;
mod server;

use std::fmt::Debug;
use std::slice;

use ironic_types::{
    ConnectorType, Driver, Drivers, Empty, FLOOR, Health, Microversion, Node, NodeId,
    NodeValidation, Page, Port, PowerState, ProvisionState, ProvisionVerb, RootDocument,
    VolumeConnector, VolumeTarget, VolumeType,
};
use rstest::rstest;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::{node, recorded};

/// Reads an answer. What is written of it must read the same, and must be what Ironic wrote, but
/// for the differences that the types document.
#[track_caller]
pub(crate) fn read<T: Serialize + DeserializeOwned + PartialEq + Debug>(json: &str) -> T {
    let value: T = serde_json::from_str(json).unwrap();
    let written = serde_json::to_string(&value).unwrap();
    assert_eq!(value, serde_json::from_str(&written).unwrap());
    let recorded = comparable(serde_json::from_str(json).unwrap(), true);
    let written = comparable(serde_json::from_str(&written).unwrap(), true);
    assert_eq!(kept(&recorded, &written), Ok(()));
    value
}

/// Without what the types leave out: what is not set, links, and what is Ironic's own. A list has
/// its items under `items`.
fn comparable(value: Value, top: bool) -> Value {
    match value {
        Value::Object(map) => {
            let rename = |key: String| match key.as_str() {
                "nodes"
                | "children"
                | "ports"
                | "connectors"
                | "targets"
                | "drivers"
                | "conductors"
                | "traits"
                | "bios"
                | "firmware"
                | "history"
                | "supported_boot_devices"
                    if top =>
                {
                    "items".to_owned()
                }
                _ => key,
            };
            map.into_iter()
                .filter(|(key, value)| {
                    let own = key == "driver_internal_info"
                        || (key == "media_types" && value.is_object());
                    !own && !is_links(value)
                })
                .map(|(key, value)| (key, comparable(value, false)))
                .filter(|(_, value)| !is_nothing(value))
                .map(|(key, value)| (rename(key), value))
                .collect::<serde_json::Map<_, _>>()
                .into()
        }
        Value::Array(items) => items
            .into_iter()
            .map(|item| comparable(item, false))
            .collect(),
        other => other,
    }
}

fn is_links(value: &Value) -> bool {
    match value {
        Value::Object(map) => map.contains_key("href"),
        Value::Array(items) => !items.is_empty() && items.iter().all(is_links),
        _ => false,
    }
}

fn is_nothing(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Object(map) => map.is_empty(),
        Value::Array(items) => items.is_empty(),
        _ => false,
    }
}

/// Whether all that was recorded is written, and nothing else but flags that are not set.
fn kept(recorded: &Value, written: &Value) -> Result<(), String> {
    match (recorded, written) {
        (Value::Object(recorded), Value::Object(written)) => {
            for (key, value) in recorded {
                let written = written.get(key).ok_or_else(|| format!("{key} is lost"))?;
                kept(value, written).map_err(|difference| format!("{key}: {difference}"))?;
            }
            let added = |(key, value): &(&String, &Value)| {
                !recorded.contains_key(*key) && **value != json!(false)
            };
            match written.iter().find(added) {
                Some((key, value)) => Err(format!("{key} is made up: {value}")),
                None => Ok(()),
            }
        }
        (Value::Array(recorded), Value::Array(written)) if recorded.len() == written.len() => {
            let mut pairs = recorded.iter().zip(written);
            pairs.try_for_each(|(recorded, written)| kept(recorded, written))
        }
        _ if recorded == written => Ok(()),
        _ => Err(format!("{recorded} became {written}")),
    }
}

#[test]
fn a_new_node_is_read() {
    let read: Node = read(recorded!("node_enroll"));
    assert_eq!(read.uuid, node());
    assert_eq!(read.name.as_deref(), Some("metal~host-0"));
    assert_eq!(read.driver.as_deref(), Some("fake-hardware"));
    assert_eq!(read.provision_state, Some(ProvisionState::Enroll));
    assert_eq!(read.power_state, None);
    assert_eq!(read.automated_clean, Some(false));
    assert_eq!(read.storage_interface.as_deref(), Some("external"));
    assert_eq!(read.properties["cpu_arch"], "x86_64");
    assert_eq!(read.driver_info["redfish_password"], "******");
    assert_eq!(read.extra["owner"], "ironboot");
    assert!(!read.maintenance);
}

#[test]
fn the_answer_to_a_creation_is_the_node() {
    assert_eq!(
        read::<Node>(recorded!("node_created")),
        read::<Node>(recorded!("node_enroll"))
    );
}

#[test]
fn a_node_in_the_middle_of_something_is_read() {
    let read: Node = read(recorded!("node_locked"));
    assert_eq!(read.provision_state, Some(ProvisionState::Manageable));
    assert_eq!(read.target_power_state, Some(PowerState::On));
    assert_eq!(read.reservation.as_deref(), Some("rec-conductor"));
}

#[rstest]
#[case(recorded!("nodes_fields"), FLOOR)]
#[case(recorded!("nodes_fields_newest"), Microversion::v1(115))]
fn a_list_that_asks_for_fields_gives_all_of_them(
    #[case] json: &str,
    #[case] version: Microversion,
) {
    let nodes: Page<Node> = read(json);
    let full = read::<Node>(recorded!("node_full"));
    let listed = nodes.items.iter().find(|node| node.uuid == full.uuid);
    let listed = listed.unwrap();
    assert_eq!(listed.driver_info, full.driver_info);
    assert_eq!(listed.vendor_interface, full.vendor_interface);

    let answer: Value = serde_json::from_str(json).unwrap();
    for field in Node::fields_at(version) {
        let value = answer["nodes"][0].get(field);
        assert!(value.is_some(), "{field} was not answered");
    }
}

/// Every field of a node that this crate knows, set.
fn all_fields() -> Value {
    json!({
        "uuid": node(), "created_at": "", "updated_at": "", "name": "", "description": "",
        "resource_class": "", "traits": ["A"], "owner": "", "lessee": "", "parent_node": node(),
        "shard": "", "driver": "", "provision_state": "", "target_provision_state": "",
        "provision_updated_at": "", "clean_step": {"a": 1}, "deploy_step": {"a": 1},
        "service_step": {"a": 1}, "power_state": "", "target_power_state": "",
        "disable_power_off": true, "health": "", "last_error": "", "reservation": "",
        "conductor": "", "conductor_group": "", "maintenance": true, "maintenance_reason": "",
        "fault": "", "protected": true, "protected_reason": "", "retired": true,
        "retired_reason": "", "instance_uuid": node(), "instance_name": "",
        "allocation_uuid": node(), "chassis_uuid": node(), "automated_clean": true,
        "boot_mode": "", "secure_boot": true, "console_enabled": true,
        "inspection_started_at": "", "inspection_finished_at": "", "properties": {"a": 1},
        "driver_info": {"a": 1}, "instance_info": {"a": 1}, "network_data": {"a": 1},
        "raid_config": {"a": 1}, "target_raid_config": {"a": 1}, "extra": {"a": 1},
        "bios_interface": "", "boot_interface": "", "console_interface": "",
        "deploy_interface": "", "firmware_interface": "", "inspect_interface": "",
        "management_interface": "", "network_interface": "", "power_interface": "",
        "raid_interface": "", "rescue_interface": "", "storage_interface": "",
        "vendor_interface": "",
    })
}

#[test]
fn every_field_of_a_node_is_asked_for_but_those_that_ironic_refuses() {
    let all = all_fields();
    let node: Node = serde_json::from_value(all.clone()).unwrap();
    assert_eq!(serde_json::to_value(&node).unwrap(), all);
    let mut fields: Vec<&str> = all
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect();
    let refused = [
        "created_at",
        "updated_at",
        "conductor",
        "allocation_uuid",
        "chassis_uuid",
    ];
    fields.retain(|field| !refused.contains(field));
    let mut asked = Node::fields_at(Microversion::v1(u16::MAX)).to_vec();
    asked.sort_unstable();
    fields.sort_unstable();
    assert_eq!(asked, fields);
}

#[test]
fn ironic_has_no_field_of_a_node_that_is_not_read() {
    let recorded: Value = serde_json::from_str(recorded!("node_newest")).unwrap();
    let known = all_fields();
    let unknown: Vec<_> = recorded
        .as_object()
        .unwrap()
        .iter()
        .filter(|(key, value)| known.get(key.as_str()).is_none() && !is_links(value))
        .map(|(key, _)| key.as_str())
        .collect();
    assert_eq!(unknown, ["driver_internal_info"]);
}

#[rstest]
fn a_node_with_all_there_is_is_read(
    #[values(
        recorded!("node_full"),
        recorded!("node_newest"),
        recorded!("node_redfish_newest")
    )]
    json: &str,
) {
    read::<Node>(json);
}

#[test]
fn a_newer_version_says_more_about_a_node() {
    let floor: Node = read(recorded!("node_full"));
    assert_eq!(floor.disable_power_off, None);
    assert_eq!(
        floor.traits,
        ["CUSTOM_GPU", "CUSTOM_RACK_1", "HW_CPU_X86_VMX"]
    );
    assert_eq!(floor.conductor.as_deref(), Some("rec-conductor"));
    assert_eq!(floor.retired_reason.as_deref(), Some("worn"));
    assert_eq!(floor.network_data["links"][0]["id"], "l0");
    let newest: Node = read(recorded!("node_newest"));
    assert_eq!(newest.disable_power_off, Some(true));
    assert_eq!(newest.instance_name.as_deref(), Some("web-1"));
    assert_eq!(
        newest.target_raid_config["logical_disks"][1]["size_gb"],
        "MAX"
    );
    let real: Node = read(recorded!("node_redfish_newest"));
    assert_eq!(real.health, Some(Health::Ok));
}

#[test]
fn a_node_of_which_only_the_id_is_known_is_read() {
    let bare = json!({"uuid": node()}).to_string();
    assert_eq!(
        read::<Node>(&bare),
        Node {
            uuid: node(),
            ..Node::default()
        }
    );
}

#[test]
fn nulls_are_read_as_absent() {
    let nulls = json!({
        "uuid": node(),
        "provision_state": null,
        "power_state": null,
        "maintenance": null,
        "properties": null,
        "driver_info": null,
        "extra": null,
    });
    let read: Node = read(&nulls.to_string());
    assert_eq!(
        read,
        Node {
            uuid: node(),
            ..Node::default()
        }
    );
}

#[test]
fn a_validation_is_read_and_asked_by_interface() {
    let validation: NodeValidation = read(recorded!("validate"));
    assert_eq!(validation.get("boot").unwrap().result, Some(true));
    let failures: Vec<_> = validation
        .failures(&["boot", "deploy", "storage"])
        .collect();
    let [(interface, reason)] = failures.as_slice() else {
        panic!("{failures:?}");
    };
    assert_eq!(*interface, "deploy");
    assert!(reason.contains("instance_info.image_source"), "{reason}");
}

#[test]
fn ports_are_read_in_full_and_in_short() {
    let port: Port = read(recorded!("port"));
    assert_eq!(
        port.address, "52:54:00:e2:e0:01",
        "Ironic writes it in lower case"
    );
    assert_eq!(
        (port.node_uuid, port.pxe_enabled),
        (Some(node()), Some(true))
    );
    assert_eq!(
        read::<Page<Port>>(recorded!("ports")).items,
        slice::from_ref(&port)
    );
    let short: Page<Port> = read(recorded!("ports_plain"));
    assert_eq!(short.items[0].address, port.address);
    assert_eq!(short.items[0].pxe_enabled, None);
}

#[test]
fn connectors_are_read() {
    let connector: VolumeConnector = read(recorded!("connector"));
    assert_eq!(connector.connector_type, ConnectorType::Iqn);
    assert_eq!(connector.connector_id, "iqn.2026-11.example.e2e:node-0");
    assert_eq!(connector.node_uuid, node());
    assert_eq!(
        read::<Page<VolumeConnector>>(recorded!("connectors_detail")).items,
        slice::from_ref(&connector)
    );
    let plain: Page<VolumeConnector> = read(recorded!("connectors"));
    assert_eq!(plain.items[0].connector_id, connector.connector_id);
    assert_eq!(plain.items[0].created_at, None);
}

#[test]
fn targets_are_read_with_their_secret_masked() {
    let target: VolumeTarget = read(recorded!("target"));
    assert_eq!(target.volume_type, VolumeType::Iscsi);
    assert_eq!(target.boot_index, Some(0));
    assert_eq!(target.properties["target_lun"], 1);
    assert_eq!(target.properties["auth_password"], "******");
    assert_eq!(target.properties["auth_username"], "chapuser");
    assert_eq!(target.extra["generation"], 1);
    assert_eq!(
        read::<Page<VolumeTarget>>(recorded!("targets_detail")).items,
        [target]
    );
}

#[test]
fn a_plain_list_of_targets_has_no_properties() {
    let targets: Page<VolumeTarget> = read(recorded!("targets"));
    assert!(targets.items[0].properties.is_empty());
    assert_eq!(targets.items[0].volume_id, "vol-1");
}

#[test]
fn drivers_and_the_root_document_are_read() {
    let drivers: Drivers = read(recorded!("drivers"));
    let names: Vec<_> = drivers
        .items
        .iter()
        .map(|driver| driver.name.as_str())
        .collect();
    assert_eq!(names, ["fake-hardware", "redfish"]);
    assert_eq!(drivers.items[0].hosts, ["rec-conductor"]);
    read::<RootDocument>(recorded!("root"));
}

#[test]
fn a_single_driver_is_read_with_its_interfaces() {
    let driver: Driver = read(recorded!("driver"));
    assert_eq!(driver.name, "redfish");
    let has = |interfaces: &Option<Vec<String>>, name: &str| {
        let mut interfaces = interfaces.iter().flatten();
        interfaces.any(|interface| interface == name)
    };
    assert!(has(&driver.enabled_boot_interfaces, "ipxe"));
    assert!(has(&driver.enabled_deploy_interfaces, "direct"));
    assert!(has(&driver.enabled_storage_interfaces, "external"));
}

#[test]
fn a_page_names_the_marker_of_the_next() {
    let page: Page<Node> = read(recorded!("nodes_page_1"));
    assert_eq!(page.next_marker(), Some(node().to_string()));
    let last: Page<Node> = read(recorded!("nodes"));
    assert_eq!(last.next_marker(), None);
}

#[rstest]
#[case::last("http://h/v1/nodes?limit=1&marker=a%2Fb", Some("a/b"))]
#[case::first("http://h/v1/nodes?marker=a&limit=1#x", Some("a"))]
#[case::before_a_fragment("http://h/v1/nodes?marker=a#marker=b", Some("a"))]
#[case::empty("http://h/v1/nodes?marker=", None)]
#[case::similar("http://h/v1/nodes?bookmarker=a", None)]
#[case::no_query("http://h/v1/nodes", None)]
#[case::nonsense("%%%?&&=marker", None)]
fn the_marker_is_found_in_the_address(#[case] next: &str, #[case] marker: Option<&str>) {
    let page = Page::<Node> {
        items: Vec::new(),
        next: Some(next.to_owned()),
    };
    assert_eq!(page.next_marker().as_deref(), marker);
}

#[test]
fn unknown_values_survive_a_round_trip() {
    for text in ["quantum hold", "Active", ""] {
        let state: ProvisionState = serde_json::from_value(json!(text)).unwrap();
        assert_eq!(state, ProvisionState::Unknown(text.to_owned()));
        assert_eq!(serde_json::to_value(&state).unwrap(), json!(text));
    }
}

#[test]
fn known_values_are_no_unknown_ones() {
    for state in ProvisionState::KNOWN {
        assert_eq!(&ProvisionState::from(state.as_str()), state);
        assert_eq!(state.to_string().parse(), Ok(state.clone()));
    }
    assert_eq!(
        ProvisionState::from("wait call-back"),
        ProvisionState::DeployWait
    );
    assert_eq!(PowerState::from("power off"), PowerState::Off);
}

#[test]
fn verbs_are_written_as_ironic_spells_them() {
    let verbs = [
        ProvisionVerb::Manage,
        ProvisionVerb::Deleted,
        ProvisionVerb::Rebuild,
    ];
    for (verb, text) in verbs.into_iter().zip(["manage", "deleted", "rebuild"]) {
        assert_eq!(serde_json::to_value(verb).unwrap(), text);
        assert_eq!(verb.to_string(), text);
    }
}

#[rstest]
fn an_answer_without_content_is_read(#[values("null", "{}", "\"x\"", "[1]")] json: &str) {
    let _: Empty = serde_json::from_str(json).unwrap();
}

#[test]
fn ids_are_uuids() {
    assert_eq!(node().to_string(), crate::NODE);
    let refused = "host-0".parse::<NodeId>().unwrap_err();
    assert_eq!(
        refused.to_string(),
        "\"host-0\" is no node id: expected a UUID"
    );
}
