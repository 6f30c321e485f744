//! No `Debug` shows a secret.

use std::fmt::Debug;

use ironic_types::calls::{CreateNode, CreateTarget, PatchNode, PatchTarget};
use ironic_types::{
    Call, DriverInfo, IscsiTargetProperties, NewNode, NewVolumeTarget, Node, Patch, VolumeTarget,
    VolumeType,
};
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
fn a_new_target_hides_its_chap_secret() {
    let target = NewVolumeTarget {
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
        },
        extra: Map::new(),
    };
    check_call(&CreateTarget { target }, "iqn.2026-11.example:vol-1");
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
