//! What Ironic says about one machine.

use std::collections::BTreeMap;

use ironic_types::{
    BiosSetting, BootDevice, Console, DiskSize, FirmwareComponent, HistoryEvent, Inspection,
    LogicalDisk, Method, NextBoot, NodeId, NodeStates, Page, Port, ProvisionState, RaidConfig,
    RaidLevel, VendorMethod, VirtualMedia,
};
use serde_json::{Map, Value, json};

use super::read;
use crate::recorded;

#[test]
fn states_are_read() {
    let states: NodeStates = read(recorded!("states"));
    assert_eq!(states.provision_state, Some(ProvisionState::Manageable));
    assert!(states.console_enabled);
    assert_eq!(states.power_state, None);
}

#[test]
fn the_raid_configuration_that_ironic_keeps_is_the_one_it_was_given() {
    let states: NodeStates = read(recorded!("states"));
    let raid = Value::Object(states.target_raid_config);
    let config: RaidConfig = read(&raid.to_string());
    let root = LogicalDisk {
        volume_name: Some("root".to_owned()),
        is_root_volume: Some(true),
        controller: Some("software".to_owned()),
        physical_disks: vec![json!({"size": "> 100"}); 2],
        ..LogicalDisk::new(RaidLevel::Raid1, DiskSize::Gib(100))
    };
    let rest = LogicalDisk::new(RaidLevel::Raid0, DiskSize::Rest);
    assert_eq!(config.logical_disks, [root, rest]);
}

#[test]
fn a_raid_keeps_what_is_the_drivers_own() {
    let json = json!({"logical_disks": [
        {"raid_level": "7", "size_gb": 1, "span_depth": 2, "disk_type": "ssd"},
    ]});
    let config: RaidConfig = read(&json.to_string());
    let disk = &config.logical_disks[0];
    assert_eq!(disk.raid_level, RaidLevel::Unknown("7".to_owned()));
    assert_eq!(
        disk.more,
        Map::from_iter([("span_depth".to_owned(), json!(2))])
    );
}

#[test]
fn boot_devices_are_read() {
    let next: NextBoot = read(recorded!("boot_device"));
    assert_eq!(next.boot_device, Some(BootDevice::Pxe));
    let devices: Page<BootDevice> = read(recorded!("boot_devices"));
    assert_eq!(
        devices.items,
        [
            BootDevice::Pxe,
            BootDevice::Disk,
            BootDevice::Cdrom,
            BootDevice::Bios,
            BootDevice::UefiHttp,
        ]
    );
    let silent: NextBoot = read(r#"{"boot_device": null, "persistent": null}"#);
    assert_eq!(silent, NextBoot::default());
}

#[test]
fn a_console_is_read_whether_started_or_not() {
    let console: Console = read(recorded!("console"));
    assert!(console.console_enabled);
    let off: Console = read(r#"{"console_enabled": false, "console_info": null}"#);
    assert!(off.console_info.is_empty());
}

#[test]
fn traits_and_children_are_read() {
    let traits: Page<String> = read(recorded!("traits"));
    assert_eq!(
        traits.items,
        ["CUSTOM_GPU", "CUSTOM_RACK_1", "HW_CPU_X86_VMX"]
    );
    let children: Page<NodeId> = read(recorded!("children"));
    let child = "7d9a9d51-0f0e-4c5f-9d43-0dfc19e75c2a";
    assert_eq!(children.items, [child.parse().unwrap()]);
}

#[test]
fn bios_settings_are_read_in_short_and_in_full() {
    let short: Page<BiosSetting> = read(recorded!("bios"));
    assert_eq!(short.items[0].name, "BootMode");
    assert_eq!(short.items[0].value.as_deref(), Some("Uefi"));
    assert_eq!(short.items[0].attribute_type, None);
    let full: Page<BiosSetting> = read(recorded!("bios_detail"));
    let mode = full.items.iter().find(|item| item.name == "BootMode");
    let mode = mode.unwrap();
    assert_eq!(mode.attribute_type.as_deref(), Some("Enumeration"));
    assert_eq!(mode.read_only, Some(false));
    let values = mode.allowable_values.as_deref().unwrap();
    assert_eq!(values, ["Bios", "Uefi"]);
    let one: BTreeMap<String, BiosSetting> = read(recorded!("bios_setting"));
    assert_eq!(one["BootMode"].value.as_deref(), Some("Uefi"));
}

#[test]
fn firmware_components_are_read() {
    let floor: Page<FirmwareComponent> = read(recorded!("firmware"));
    let names = floor.items.iter().map(|item| item.component.as_str());
    assert_eq!(names.collect::<Vec<_>>(), ["bios", "bmc"]);
    let newest: Page<FirmwareComponent> = read(recorded!("firmware_newest"));
    assert_eq!(newest.items[1].model.as_deref(), Some("Joo Janta 200"));
    assert_eq!(newest.items[1].current_version.as_deref(), Some("1.00"));
}

#[test]
fn a_history_is_read_in_short_and_in_full() {
    let short: Page<HistoryEvent> = read(recorded!("history"));
    assert_eq!(short.items[0].severity.as_deref(), Some("INFO"));
    assert_eq!(short.items[0].event_type, None);
    let full: Page<HistoryEvent> = read(recorded!("history_newest"));
    let event = &full.items[0];
    assert_eq!(event.event_type.as_deref(), Some("manual_cleaning_start"));
    assert_eq!(event.state, Some(ProvisionState::Cleaning));
    assert_eq!(event.duration_seconds, Some(0));
    let one: HistoryEvent = read(recorded!("history_event"));
    assert_eq!(one.uuid, event.uuid);
    assert_eq!(one.event, event.event);
}

#[test]
fn the_marker_of_a_histories_next_page_is_the_last_one_in_its_address() {
    let page: Page<HistoryEvent> = read(recorded!("history_page_2"));
    let next = page.next.as_deref().unwrap();
    assert!(
        next.contains("?marker=NodeHistory(conductor="),
        "recorded from a real Ironic: {next}"
    );
    assert_eq!(page.next_marker(), Some(page.items[0].uuid.to_string()));
}

#[test]
fn an_inventory_is_read() {
    let found: Inspection = read(recorded!("inventory"));
    let inventory = found.inventory;
    assert_eq!(inventory.memory.unwrap().physical_mb, Some(1024));
    assert_eq!(
        inventory.cpu.unwrap().architecture.as_deref(),
        Some("x86_64")
    );
    let mac = inventory.interfaces[0].mac_address.as_deref();
    assert_eq!(mac, Some("52:54:00:b0:07:00"));
    let vendor = inventory.system_vendor.unwrap();
    assert_eq!(vendor.manufacturer.as_deref(), Some("Sushy Emulator"));
    assert_eq!(
        vendor.more["system_uuid"],
        "b0070000-0000-4000-8000-000000000000"
    );
    let card = &found.plugin_data["all_interfaces"]["52:54:00:b0:07:00"];
    assert_eq!(card["pxe_enabled"], false);
}

#[test]
fn vendor_methods_are_read() {
    let methods: BTreeMap<String, VendorMethod> = read(recorded!("vendor_methods"));
    let method = &methods["delete_subscription"];
    assert_eq!(method.http_methods, [Method::Delete]);
    assert!(!method.is_async);
    assert!(methods["eject_vmedia"].is_async);
}

#[test]
fn virtual_media_is_read() {
    let media: Vec<VirtualMedia> = read(recorded!("vmedia"));
    assert!(media[0].inserted);
    assert_eq!(media[0].media_types, ["CD", "DVD"]);
    assert!(media[0].image.starts_with("http://192.0.2.1:"));
    assert!(!media[1].inserted);
    assert_eq!(media[1].image, "");
}

#[test]
fn a_newer_version_says_more_about_a_port() {
    let ports: Page<Port> = read(recorded!("ports_newest"));
    let port = &ports.items[0];
    assert_eq!(port.name.as_deref(), Some("eth0"));
    assert_eq!(port.description.as_deref(), Some("left"));
    assert_eq!(port.vendor.as_deref(), Some("acme"));
    assert_eq!(port.category.as_deref(), Some("fast"));
    assert_eq!(port.physical_network.as_deref(), Some("net1"));
    assert_eq!(port.is_smartnic, Some(false));
    assert_eq!(port.local_link_connection["port_id"], "Ethernet3/1");
}

#[test]
fn ironic_has_no_field_of_a_port_that_cannot_be_asked_for_but_its_times() {
    let answer: Value = serde_json::from_str(recorded!("ports_newest")).unwrap();
    let port = answer["ports"][0].as_object().unwrap();
    let asked = Port::fields_at(ironic_types::Microversion::v1(115));
    let mut other: Vec<_> = port
        .keys()
        .map(String::as_str)
        .filter(|key| !asked.contains(key))
        .collect();
    other.sort_unstable();
    assert_eq!(other, ["created_at", "links", "updated_at"]);
    for field in asked {
        assert!(port.contains_key(*field), "{field}");
    }
}
