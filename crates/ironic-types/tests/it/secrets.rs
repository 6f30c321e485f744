//! No `Debug` shows a secret.

use std::fmt::Debug;

use ironic_types::calls::{
    AttachVirtualMedia, CallVendorMethod, CleanNode, CreateNode, CreateTarget, DeployNode,
    PatchNode, PatchPort, PatchTarget, RescueNode,
};
use ironic_types::{
    Call, ConfigDrive, ConfigDriveParts, Console, DeployStep, DriverInfo, HistoryEvent,
    IscsiTargetProperties, MediaType, Method, NewNode, NewVolumeTarget, Node, Page, Patch, Step,
    Steps, VirtualMedia, VolumeTarget, VolumeType, without_secrets,
};
use rstest::rstest;
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Map, json};

use crate::node;

const PLANTED: &str = "planted-7f3a";

#[track_caller]
fn check(value: &impl Debug, shown: &str) {
    for text in [format!("{value:?}"), format!("{value:#?}")] {
        assert!(!text.contains(PLANTED), "{text}");
        assert!(text.contains(shown), "{text}");
    }
}

#[track_caller]
fn check_call<C: Call + Debug>(call: &C, shown: &str) {
    check(call, shown);
    let secrets: Vec<_> = call
        .secrets()
        .into_iter()
        .map(ExposeSecret::expose_secret)
        .collect();
    assert_eq!(
        secrets,
        [PLANTED],
        "the transport must know the secret to take it out of faults"
    );
    let body = serde_json::to_string(&call.body()).unwrap();
    assert!(body.contains(PLANTED), "Ironic needs it");
}

fn driver_info() -> DriverInfo {
    DriverInfo::new()
        .with("redfish_username", "admin")
        .with("redfish_password", SecretString::from(PLANTED))
}

#[test]
fn a_new_node_hides_its_password() {
    let node = NewNode {
        driver: "redfish".to_owned(),
        driver_info: driver_info(),
        ..NewNode::default()
    };
    check_call(&CreateNode { node }, "redfish_password");
}

#[test]
fn a_new_node_hides_what_is_secret_of_its_instance() {
    let node = NewNode {
        driver: "redfish".to_owned(),
        instance_info: DriverInfo::new().with("configdrive", planted()),
        ..NewNode::default()
    };
    check_call(&CreateNode { node }, "configdrive");
}

#[test]
fn a_new_target_hides_its_chap_secret() {
    let target = NewVolumeTarget {
        uuid: None,
        node_uuid: node(),
        volume_type: VolumeType::Iscsi,
        volume_id: "vol-1".to_owned(),
        boot_index: 0,
        properties: IscsiTargetProperties {
            target_iqn: "iqn.2026-11.example:vol-1".to_owned(),
            target_portal: "192.0.2.1:3260".to_owned(),
            target_lun: 1,
            auth_method: "CHAP".to_owned(),
            auth_username: "chapuser".to_owned(),
            auth_password: SecretString::from(PLANTED),
            ..IscsiTargetProperties::default()
        }
        .into(),
        extra: Map::new(),
    };
    check_call(&CreateTarget { target }, "iqn.2026-11.example:vol-1");
}

#[test]
fn a_new_target_of_another_kind_hides_its_secret() {
    let target = NewVolumeTarget {
        uuid: None,
        node_uuid: node(),
        volume_type: "nvmeof".into(),
        volume_id: "vol-1".to_owned(),
        boot_index: 0,
        properties: DriverInfo::new()
            .with("target_nqn", "nqn.2026-11.example:vol-1")
            .with("key", SecretString::from(PLANTED))
            .into(),
        extra: Map::new(),
    };
    check_call(&CreateTarget { target }, "nqn.2026-11.example:vol-1");
}

#[test]
fn a_patch_hides_secret_values() {
    let patch = Patch::new().add("/driver_info/redfish_password", SecretString::from(PLANTED));
    check_call(
        &PatchNode {
            node: node(),
            patch,
        },
        "/driver_info/redfish_password",
    );
    let patch = Patch::new().replace("/driver_info", driver_info());
    check_call(
        &PatchNode {
            node: node(),
            patch,
        },
        "redfish_username",
    );
    let patch = Patch::new().add("/properties/auth_password", SecretString::from(PLANTED));
    let target = "974b4143-8230-4049-bd67-570f6435175d".parse().unwrap();
    check_call(&PatchTarget { target, patch }, "/properties/auth_password");
}

#[test]
fn a_node_hides_what_an_ironic_that_masks_nothing_shows() {
    let node: Node = serde_json::from_value(json!({
        "uuid": node(),
        "name": "metal~host-0",
        "driver_info": {"redfish_password": PLANTED},
        "instance_info": {"configdrive": PLANTED},
    }))
    .unwrap();
    check(&node, "redfish_password");
    check(&node, "metal~host-0");
}

#[test]
fn a_target_hides_what_an_ironic_that_masks_nothing_shows() {
    let target: VolumeTarget = serde_json::from_value(json!({
        "uuid": "974b4143-8230-4049-bd67-570f6435175d",
        "node_uuid": node(),
        "volume_type": "iscsi",
        "volume_id": "vol-1",
        "properties": {"access_key": PLANTED},
    }))
    .unwrap();
    check(&target, "access_key");
}

fn planted() -> SecretString {
    SecretString::from(PLANTED)
}

/// An object whose one value is secret.
fn secret_map() -> Map<String, serde_json::Value> {
    Map::from_iter([("key".to_owned(), json!(PLANTED))])
}

#[rstest]
#[case::ready(ConfigDrive::Ready(planted()), "Ready")]
#[case::user_data(
    ConfigDrive::Parts(ConfigDriveParts {
        user_data: Some(planted()),
        ..ConfigDriveParts::default()
    }),
    "user_data"
)]
fn a_deployment_hides_its_config_drive(#[case] config_drive: ConfigDrive, #[case] shown: &str) {
    let call = DeployNode {
        node: node(),
        config_drive: Some(config_drive),
        ..DeployNode::default()
    };
    check_call(&call, shown);
}

#[test]
fn a_deployment_hides_all_values_of_its_config_drive_and_its_steps() {
    let call = DeployNode {
        node: node(),
        config_drive: Some(ConfigDrive::Parts(ConfigDriveParts {
            meta_data: secret_map(),
            network_data: secret_map(),
            user_data: None,
            vendor_data: secret_map(),
        })),
        deploy_steps: vec![DeployStep {
            step: "write_image".to_owned(),
            args: secret_map(),
            ..DeployStep::default()
        }],
        ..DeployNode::default()
    };
    check(&call, "vendor_data");
    check(&call, "write_image");
}

#[test]
fn cleaning_hides_the_arguments_of_its_steps() {
    let call = CleanNode {
        node: node(),
        steps: Steps::These(vec![Step {
            interface: "bios".to_owned(),
            step: "apply_configuration".to_owned(),
            args: secret_map(),
        }]),
        disable_ramdisk: false,
    };
    check(&call, "apply_configuration");
}

#[test]
fn rescuing_hides_its_password() {
    let call = RescueNode {
        node: node(),
        rescue_password: planted(),
    };
    check_call(&call, "rescue_password");
}

#[test]
fn attaching_virtual_media_hides_the_images_address() {
    let call = AttachVirtualMedia {
        node: node(),
        device_type: MediaType::Cdrom,
        image_url: planted(),
        image_download_source: None,
    };
    check_call(&call, "Cdrom");
}

#[test]
fn a_vendor_method_hides_its_arguments() {
    let call = CallVendorMethod {
        node: node(),
        http_method: Method::Post,
        name: "create_subscription".to_owned(),
        arguments: Some(secret_map().into()),
        secrets: vec![planted()],
    };
    check_call(&call, "create_subscription");
}

#[test]
fn a_patch_of_a_port_hides_secret_values() {
    let port = "974b4143-8230-4049-bd67-570f6435175d".parse().unwrap();
    let patch = Patch::new().add("/extra/key", planted());
    check_call(&PatchPort { port, patch }, "/extra/key");
}

#[test]
fn a_node_hides_the_arguments_of_the_step_it_is_at() {
    let step = json!({"interface": "bios", "step": "apply_configuration", "args": secret_map()});
    let node: Node = serde_json::from_value(json!({
        "uuid": node(),
        "clean_step": step,
        "deploy_step": step,
        "service_step": step,
    }))
    .unwrap();
    check(&node, "apply_configuration");
}

#[test]
fn an_event_hides_the_arguments_of_steps() {
    let event = format!("Starting manual cleaning with steps=[{{'args': {{'a': '{PLANTED}'}}}}]");
    let json = json!({"uuid": node(), "event": event});
    let event: HistoryEvent = serde_json::from_value(json.clone()).unwrap();
    check(&event, "Starting manual cleaning");
    assert_eq!(serde_json::to_value(&event).unwrap(), json);
}

#[test]
fn a_page_hides_all_of_the_next_address_but_its_marker() {
    let page = Page::<Node> {
        items: Vec::new(),
        next: Some(format!(
            "http://h/history?marker=NodeHistory({PLANTED})&marker=m-1"
        )),
    };
    check(&page, "m-1");
}

#[test]
fn virtual_media_and_a_console_hide_their_addresses() {
    let media: VirtualMedia =
        serde_json::from_value(json!({"media_types": ["CD"], "inserted": true, "image": PLANTED}))
            .unwrap();
    check(&media, "CD");
    let console: Console =
        serde_json::from_value(json!({"console_enabled": true, "console_info": {"url": PLANTED}}))
            .unwrap();
    check(&console, "url");
}

#[test]
fn a_patch_hides_what_may_be_a_secret_though_nobody_said_so() {
    let patch = Patch::new()
        .add("/driver_info/redfish_password", "planted")
        .replace("/properties/auth_password", "planted")
        .add(
            "/properties",
            serde_json::json!({"auth_password": "planted"}),
        )
        .add("/extra/owner", "somebody");
    let text = format!("{patch:?}");
    assert!(!text.contains("planted"), "{text}");
    assert!(text.contains("somebody"), "{text}");
}

#[test]
fn parts_of_an_address_that_is_a_secret_are_taken_out_too() {
    let url = SecretString::from("https://admin:planted-pw@images.example/a.iso?sig=planted-sig");
    let words = "Max retries exceeded with url: /a.iso?sig=planted-sig (user admin:planted-pw)";
    let text = without_secrets(words, &[&url]);
    assert!(!text.contains("planted"), "{text}");
}
