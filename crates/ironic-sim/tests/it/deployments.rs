use ironic_sim::{Boot, Failing, Fault, FaultKind, Settings, State};
use rstest::rstest;
use serde_json::{Value, json};

use crate::stack::{Stack, node, uuid, volume};

const MISSING_IMAGE: &str = "failed to validate deploy image info. Some parameters were missing. \
                             Missing are: ['instance_info.image_source']";

#[test]
fn a_node_is_deployed_from_a_volume() {
    let stack = Stack::ready();
    stack.provision("active").status(202);
    let shown = stack.node();
    assert_eq!(shown["provision_state"], "deploying");
    assert_eq!(shown["target_provision_state"], "active");
    stack.settle();
    let shown = stack.node();
    assert_eq!(shown["provision_state"], "active");
    assert_eq!(shown["power_state"], "power on");
    assert_eq!(shown["last_error"], Value::Null);
    assert!(matches!(stack.machine().booted, Some(Boot::San(_))));
}

#[rstest]
#[case::no_target("external", None, MISSING_IMAGE)]
#[case::target_that_is_not_booted("external", Some(1), MISSING_IMAGE)]
#[case::noop_does_not_look_at_targets("noop", Some(0), MISSING_IMAGE)]
fn deployments_that_can_not_work_are_refused(
    #[case] storage: &str,
    #[case] boot_index: Option<i64>,
    #[case] words: &str,
) {
    let stack = Stack::with_node(State::Available);
    stack.patch(json!([
        {"op": "add", "path": "/storage_interface", "value": storage},
        {"op": "add", "path": "/properties/capabilities", "value": "iscsi_boot:true"},
    ]));
    if let Some(boot_index) = boot_index {
        stack.target(boot_index, &volume("vol-1", 1));
    }
    let refusal = stack.provision("active").words(400);
    assert!(
        refusal.starts_with("Failed to validate deploy or power info for node "),
        "{refusal}"
    );
    assert!(refusal.contains(words), "{refusal}");
}

#[test]
fn what_cinder_misses_is_told_by_validation_only() {
    let stack = Stack::with_node(State::Available);
    stack.patch(json!([
        {"op": "add", "path": "/storage_interface", "value": "cinder"},
        {"op": "add", "path": "/properties/capabilities", "value": "iscsi_boot:true"},
    ]));
    stack.target(0, &volume("vol-1", 1));
    let verdicts = stack.get(&node("/validate")).json();
    assert_eq!(verdicts["deploy"]["result"], true);
    let words = verdicts["storage"]["reason"].as_str().unwrap();
    assert!(
        words.contains("In order to enable the 'iscsi_boot' capability"),
        "{words}"
    );
    stack.provision("active").status(202);
    stack.settle();
    assert_eq!(stack.state().0, "deploy failed");
    stack.provision("deleted").status(202);
    stack.settle();
    assert_eq!(stack.state().0, "error");
}

#[rstest]
#[case("deploy_kernel")]
#[case("deploy_ramdisk")]
fn a_deploy_image_is_needed_even_to_boot_from_a_volume(#[case] missing: &str) {
    let stack = Stack::ready();
    stack.patch(json!([{"op": "remove", "path": format!("/driver_info/{missing}")}]));
    let words = stack.provision("active").words(400);
    assert!(words.contains(missing), "{words}");
}

#[rstest]
#[case::capability(json!([{"op": "remove", "path": "/properties/capabilities"}]), volume("vol-1", 1), &format!("Failed to prepare to deploy: Node {} has an iSCSI boot volume defined and no iSCSI boot support available.", uuid()))]
#[case::text_for_lun(json!([]), json!({"target_iqn": "x", "target_lun": "1", "target_portal": "192.0.2.10:3260"}), "Deploy step deploy.prepare_instance_boot failed with TypeError: %x format: an integer is required, not str.")]
#[case::no_lun(json!([]), json!({"target_iqn": "x", "target_portal": "192.0.2.10:3260"}), "Deploy step deploy.prepare_instance_boot failed with TypeError: %x format: an integer is required, not str.")]
fn some_mistakes_are_found_only_by_deploying(
    #[case] patch: Value,
    #[case] properties: Value,
    #[case] words: &str,
) {
    let stack = Stack::with_node(State::Available);
    stack.prepare_volume(&properties);
    stack.patch_quietly(patch);
    stack.provision("active").status(202);
    stack.settle();
    assert_eq!(
        stack.state(),
        ("deploy failed".to_owned(), Some(words.to_owned()))
    );
}

#[test]
fn a_further_volume_needs_credentials() {
    let stack = Stack::ready();
    stack.target(
        1,
        &json!({"target_iqn": "x", "target_lun": 2, "target_portal": "192.0.2.10:3260"}),
    );
    stack.provision("active").status(202);
    stack.settle();
    let (state, error) = stack.state();
    assert_eq!(state, "deploy failed");
    assert_eq!(
        error.unwrap(),
        "Deploy step deploy.prepare_instance_boot failed with KeyError: 'auth_username'."
    );
}

#[test]
fn fibre_channel_needs_its_capability() {
    let stack = Stack::with_node(State::Available);
    stack.patch(json!([{"op": "add", "path": "/storage_interface", "value": "external"}]));
    let target = json!({"node_uuid": uuid(), "volume_type": "fibre_channel", "volume_id": "x", "boot_index": 0});
    stack.post("/v1/volume/targets", target).status(201);
    stack.provision("active").status(202);
    stack.settle();
    let (state, error) = stack.state();
    assert_eq!(state, "deploy failed");
    assert!(
        error
            .unwrap()
            .contains("has a Fibre Channel boot volume defined")
    );
}

#[test]
fn a_failed_deployment_can_be_tried_again() {
    let stack = Stack::ready();
    let words = "the image server burns".to_owned();
    stack
        .sim
        .inject(Fault::once(FaultKind::Fails(Failing::Deploy, words)).on_node(uuid()));
    stack.provision("active").status(202);
    stack.settle();
    let (state, error) = stack.state();
    assert_eq!(state, "deploy failed");
    assert_eq!(error.unwrap(), "the image server burns");
    stack.provision("active").status(202);
    stack.settle();
    assert_eq!(stack.state(), ("active".to_owned(), None));
}

#[test]
fn an_image_is_deployed_by_a_ramdisk() {
    let stack = Stack::with_settings(
        Settings {
            ramdisk_agent: true,
            ..Settings::default()
        },
        State::Available,
    );
    stack.change_machine(|machine| machine.has_disk = true);
    stack.patch(json!([
        {"op": "add", "path": "/instance_info/image_source", "value": "http://192.0.2.1/image"},
        {"op": "add", "path": "/instance_info/image_checksum", "value": "0123"},
    ]));
    stack.provision("active").status(202);
    stack.settle();
    assert_eq!(stack.state(), ("active".to_owned(), None));
    assert!(matches!(stack.machine().booted, Some(Boot::Disk)));
}

#[test]
fn undeploying_takes_volumes_and_instance_away() {
    let stack = Stack::ready();
    stack.patch(json!([
        {"op": "add", "path": "/instance_uuid", "value": "11111111-1111-4111-8111-111111111111"},
        {"op": "add", "path": "/instance_info/display_name", "value": "x"},
        {"op": "add", "path": "/automated_clean", "value": false},
    ]));
    stack.provision("active").status(202);
    stack.settle();
    stack.provision("deleted").status(202);
    assert_eq!(stack.state().0, "deleting");
    stack.settle();
    let shown = stack.node();
    assert_eq!(shown["provision_state"], "available");
    assert_eq!(shown["power_state"], "power off");
    assert_eq!(shown["instance_uuid"], Value::Null);
    assert_eq!(shown["instance_info"], json!({}));
    let count = |kind: &str| {
        let list = stack.get(&node(&format!("/volume/{kind}"))).json();
        list[kind].as_array().unwrap().len()
    };
    assert_eq!(count("targets"), 0);
    assert_eq!(count("connectors"), 1);
}
