use ironic_sim::{Boot, Method, SanBoot, State};
use secrecy::ExposeSecret;
use serde_json::json;

use crate::stack::{Stack, node, uuid, volume};

fn deploy(stack: &Stack) {
    stack.provision("active").status(202);
    stack.settle();
    assert_eq!(stack.state(), ("active".to_owned(), None));
}

/// What the machine boots from volumes.
fn san(stack: &Stack) -> SanBoot {
    match stack.sim.boot("node-0").unwrap() {
        Boot::San(san) => san,
        other => panic!("it boots otherwise: {other:?}"),
    }
}

#[test]
fn a_volume_is_attached_as_its_target_says() {
    let stack = Stack::with_node(State::Available);
    stack.prepare_volume(&volume("vol-1", 31));
    deploy(&stack);
    let san = san(&stack);
    assert_eq!(
        san.initiator.as_deref(),
        Some("iqn.2026-11.org.example:node-0")
    );
    let hook = &san.hooks[0];
    assert_eq!(hook.drive, 0x80);
    assert_eq!(
        hook.uris,
        ["iscsi:192.0.2.10::3260:1f:iqn.2026-11.org.example:vol-1"]
    );
    assert_eq!(hook.username.as_deref(), Some("node-0"));
    assert_eq!(
        hook.password.as_ref().unwrap().expose_secret(),
        "a-password-of-chap"
    );
}

#[test]
fn a_volume_is_attached_through_each_of_its_portals() {
    let stack = Stack::with_node(State::Available);
    stack.prepare_volume(&json!({
        "target_iqn": "iqn.x",
        "target_lun": 1,
        "target_portals": ["192.0.2.10:3260", "192.0.2.11:3260"],
    }));
    deploy(&stack);
    assert_eq!(
        san(&stack).hooks[0].uris,
        [
            "iscsi:192.0.2.10::3260:1:iqn.x",
            "iscsi:192.0.2.11::3260:1:iqn.x"
        ]
    );
}

#[test]
fn further_volumes_get_further_drives() {
    let stack = Stack::ready();
    stack.target(1, &volume("vol-2", 2));
    deploy(&stack);
    let drives: Vec<u8> = san(&stack).hooks.iter().map(|hook| hook.drive).collect();
    assert_eq!(drives, [0x80, 0x81]);
}

#[test]
fn nothing_is_found_if_no_port_boots_from_the_network() {
    let stack = Stack::ready();
    let port = stack.get("/v1/ports").json()["ports"][0]["uuid"].clone();
    let url = format!("/v1/ports/{}", port.as_str().unwrap());
    let patch = json!([{"op": "replace", "path": "/pxe_enabled", "value": false}]);
    stack.put(&node("/maintenance"), json!({})).status(202);
    stack.ask(Method::Patch, &url, Some(patch)).status(200);
    stack.delete(&node("/maintenance")).status(202);
    // Ironic is content.
    deploy(&stack);
    assert!(matches!(stack.sim.boot("node-0"), Some(Boot::NothingFound)));
}

#[test]
fn what_changes_after_deployment_does_not_reach_the_machine() {
    let stack = Stack::ready();
    deploy(&stack);
    stack.power("power off").status(202);
    stack.settle();
    let target = stack.get("/v1/volume/targets").json()["targets"][0]["uuid"].clone();
    let url = format!("/v1/volume/targets/{}", target.as_str().unwrap());
    let patch =
        json!([{"op": "replace", "path": "/properties/target_portal", "value": "192.0.2.99:3260"}]);
    stack.ask(Method::Patch, &url, Some(patch)).status(200);
    stack.power("power on").status(202);
    stack.settle();
    let uri = &san(&stack).hooks[0].uris[0];
    assert!(uri.starts_with("iscsi:192.0.2.10:"), "{uri}");
}

#[test]
fn undeploying_takes_the_script_away() {
    let stack = Stack::ready();
    stack.patch(json!([{"op": "add", "path": "/automated_clean", "value": false}]));
    deploy(&stack);
    stack.provision("deleted").status(202);
    stack.settle();
    assert!(matches!(stack.sim.boot("node-0"), Some(Boot::NothingFound)));
}

#[test]
fn adoption_writes_the_script_and_leaves_the_power_alone() {
    let stack = Stack::with_node(State::Manageable);
    stack.prepare_volume(&volume("vol-1", 1));
    stack.provision("adopt").status(202);
    assert_eq!(stack.state().0, "adopting");
    stack.settle();
    assert_eq!(stack.state(), ("active".to_owned(), None));
    assert_eq!(stack.node()["power_state"], "power off");
    assert_eq!(san(&stack).hooks.len(), 1);
}

#[test]
fn adoption_without_a_volume_is_silent() {
    let stack = Stack::with_node(State::Manageable);
    stack.patch(json!([{"op": "add", "path": "/storage_interface", "value": "external"}]));
    stack.provision("adopt").status(202);
    stack.settle();
    assert_eq!(stack.state(), ("active".to_owned(), None));
    assert!(matches!(stack.sim.boot("node-0"), Some(Boot::NothingFound)));
}

#[test]
fn scripts_outlive_the_database() {
    let stack = Stack::ready();
    deploy(&stack);
    stack.sim.lose_database();
    stack.get(&node("")).status(404);
    stack.sim.seed(&ironic_sim::Seed {
        nodes: Some(State::Manageable),
        ..ironic_sim::Seed::default()
    });
    assert_eq!(san(&stack).hooks.len(), 1);
    stack.sim.lose_boot_files();
    assert!(matches!(stack.sim.boot("node-0"), Some(Boot::NothingFound)));
}

#[test]
fn virtual_media_is_booted_from_the_drive() {
    let stack = Stack::with_node(State::Manageable);
    let body = json!({"device_type": "cdrom", "image_url": "http://192.0.2.1/x.iso"});
    stack.post(&node("/vmedia"), body).status(204);
    assert_eq!(stack.node()["reservation"], "ironic-sim");
    stack.settle();
    stack
        .put(
            &node("/management/boot_device"),
            json!({"boot_device": "cdrom"}),
        )
        .status(204);
    let boot = stack.sim.boot(&uuid()).unwrap();
    assert!(matches!(boot, Boot::VirtualMedia(_)), "{boot:?}");
    stack.delete(&node("/vmedia")).status(204);
    stack.settle();
    assert!(stack.machine().media.is_empty());
}
