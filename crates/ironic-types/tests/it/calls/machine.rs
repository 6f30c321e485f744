//! What is asked of and about one machine.

use ironic_types::calls::{
    AddTrait, AttachVirtualMedia, CallVendorMethod, DetachVirtualMedia, GetBiosSetting,
    GetBootDevice, GetConsole, GetHistoryEvent, GetInventory, GetStates, GetVirtualMedia,
    InjectNmi, ListBiosSettings, ListBootDevices, ListFirmware, ListTraits, ListVendorMethods,
    RemoveAllTraits, RemoveTrait, SetBootDevice, SetBootMode, SetConsole, SetRaidConfig,
    SetSecureBoot, SetTraits,
};
use ironic_types::{
    BootDevice, BootMode, DiskSize, ImageDownload, LogicalDisk, MediaType, Method, RaidConfig,
    RaidLevel, Trait, feature,
};
use rstest::rstest;
use secrecy::SecretString;
use serde_json::{Value, json};

use super::{OTHER, check, check_since};
use crate::node;

#[test]
fn states_and_what_inspection_found_are_read() {
    let node = node();
    check(
        &GetStates { node },
        "GET /v1/nodes/NODE/states",
        Value::Null,
    );
    check(
        &GetInventory { node },
        "GET /v1/nodes/NODE/inventory",
        Value::Null,
    );
    let event = OTHER.parse().unwrap();
    check(
        &GetHistoryEvent { node, event },
        "GET /v1/nodes/NODE/history/OTHER",
        Value::Null,
    );
}

#[test]
fn a_boot_device_is_read_and_set() {
    let node = node();
    let path = "/v1/nodes/NODE/management/boot_device";
    check(&GetBootDevice { node }, &format!("GET {path}"), Value::Null);
    check(
        &ListBootDevices { node },
        &format!("GET {path}/supported"),
        Value::Null,
    );
    let call = SetBootDevice {
        node,
        boot_device: BootDevice::UefiHttp,
        persistent: true,
    };
    let body = json!({"boot_device": "uefihttp", "persistent": true});
    check(&call, &format!("PUT {path}"), body);
    check(
        &InjectNmi { node },
        "PUT /v1/nodes/NODE/management/inject_nmi",
        Value::Null,
    );
}

#[test]
fn a_boot_mode_and_secure_boot_are_asked_for() {
    let node = node();
    let target = BootMode::Uefi;
    check_since(
        feature::SET_BOOT_MODE,
        &SetBootMode { node, target },
        "PUT /v1/nodes/NODE/states/boot_mode",
        json!({"target": "uefi"}),
    );
    check_since(
        feature::SET_BOOT_MODE,
        &SetSecureBoot { node, target: true },
        "PUT /v1/nodes/NODE/states/secure_boot",
        json!({"target": true}),
    );
}

#[test]
fn a_console_is_read_and_started() {
    let node = node();
    let path = "/v1/nodes/NODE/states/console";
    check(&GetConsole { node }, &format!("GET {path}"), Value::Null);
    let call = SetConsole {
        node,
        enabled: true,
    };
    check(&call, &format!("PUT {path}"), json!({"enabled": true}));
}

#[test]
fn a_raid_configuration_is_set_and_taken_back() {
    let config = RaidConfig {
        logical_disks: vec![
            LogicalDisk {
                is_root_volume: Some(true),
                ..LogicalDisk::new(RaidLevel::Raid1, DiskSize::Gib(100))
            },
            LogicalDisk::new(RaidLevel::Raid10, DiskSize::Rest),
        ],
    };
    let body = json!({"logical_disks": [
        {"raid_level": "1", "size_gb": 100, "is_root_volume": true},
        {"raid_level": "1+0", "size_gb": "MAX"},
    ]});
    let node = node();
    let line = "PUT /v1/nodes/NODE/states/raid";
    check(&SetRaidConfig { node, config }, line, body);
    let config = RaidConfig::default();
    check(&SetRaidConfig { node, config }, line, json!({}));
}

#[test]
fn traits_are_listed_set_added_and_removed() {
    let node = node();
    let name: Trait = "CUSTOM_GPU".parse().unwrap();
    let path = "/v1/nodes/NODE/traits";
    check(&ListTraits { node }, &format!("GET {path}"), Value::Null);
    let call = SetTraits {
        node,
        traits: vec![name.clone()],
    };
    check(
        &call,
        &format!("PUT {path}"),
        json!({"traits": ["CUSTOM_GPU"]}),
    );
    let call = AddTrait {
        node,
        name: name.clone(),
    };
    check(&call, &format!("PUT {path}/CUSTOM_GPU"), Value::Null);
    let call = RemoveTrait { node, name };
    check(&call, &format!("DELETE {path}/CUSTOM_GPU"), Value::Null);
    let call = RemoveAllTraits { node };
    check(&call, &format!("DELETE {path}"), Value::Null);
}

#[rstest]
fn what_is_no_trait_is_refused(
    #[values("", "custom_a", "CUSTOM A", "CUSTOM/A", "..", "CUSTOM_\u{c4}")] text: &str,
) {
    let refused = text.parse::<Trait>().unwrap_err();
    assert_eq!(refused.text, text);
}

#[test]
fn a_trait_has_at_most_255_characters() {
    assert!("A".repeat(255).parse::<Trait>().is_ok());
    assert!("A".repeat(256).parse::<Trait>().is_err());
}

#[test]
fn bios_settings_and_firmware_are_read() {
    let node = node();
    let call = |detail| ListBiosSettings { node, detail };
    check(&call(false), "GET /v1/nodes/NODE/bios", Value::Null);
    let line = "GET /v1/nodes/NODE/bios?detail=True";
    check_since(feature::BIOS_REGISTRY, &call(true), line, Value::Null);
    let name = "Boot Mode".to_owned();
    let line = "GET /v1/nodes/NODE/bios/Boot%20Mode";
    check(&GetBiosSetting { node, name }, line, Value::Null);

    let call = |identity| ListFirmware { node, identity };
    let line = "GET /v1/nodes/NODE/firmware";
    check(&call(false), line, Value::Null);
    check_since(feature::FIRMWARE_IDENTITY, &call(true), line, Value::Null);
}

#[test]
fn vendor_methods_are_listed_and_called() {
    let node = node();
    let path = "/v1/nodes/NODE/vendor_passthru";
    let line = format!("GET {path}/methods");
    check(&ListVendorMethods { node }, &line, Value::Null);
    let call = CallVendorMethod {
        node,
        http_method: Method::Delete,
        name: "delete_subscription".to_owned(),
        arguments: Some(json!({"id": "7"})),
        secrets: Vec::new(),
    };
    let line = format!("DELETE {path}?method=delete_subscription");
    check(&call, &line, json!({"id": "7"}));
    let call = CallVendorMethod {
        http_method: Method::Get,
        name: "get_all_subscriptions".to_owned(),
        arguments: None,
        ..call
    };
    let line = format!("GET {path}?method=get_all_subscriptions");
    check(&call, &line, Value::Null);
}

#[test]
fn virtual_media_is_read_attached_and_detached() {
    let node = node();
    let path = "/v1/nodes/NODE/vmedia";
    check_since(
        feature::GET_VIRTUAL_MEDIA,
        &GetVirtualMedia { node },
        &format!("GET {path}"),
        Value::Null,
    );
    let call = AttachVirtualMedia {
        node,
        device_type: MediaType::Cdrom,
        image_url: SecretString::from("https://192.0.2.1/a.iso?signature=b"),
        image_download_source: None,
    };
    let body = json!({
        "device_type": "cdrom",
        "image_url": "https://192.0.2.1/a.iso?signature=b",
    });
    check(&call, &format!("POST {path}"), body.clone());
    let call = AttachVirtualMedia {
        image_download_source: Some(ImageDownload::Http),
        ..call
    };
    let mut body = body;
    body["image_download_source"] = "http".into();
    check(&call, &format!("POST {path}"), body);

    let call = |device_types| DetachVirtualMedia { node, device_types };
    check(&call(Vec::new()), &format!("DELETE {path}"), Value::Null);
    let line = format!("DELETE {path}?device_types=cdrom,floppy");
    let types = vec![MediaType::Cdrom, MediaType::Floppy];
    check(&call(types), &line, Value::Null);
}
