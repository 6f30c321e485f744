//! The table of what can go wrong (`docs/boot-volume.md`), a test for each row: what the user sees, and what Ironic has
//! afterwards. What others tell of in whole is not repeated: [`database`](super::database), [`drift`](super::drift) and
//! [`stops`](super::stops).

use std::time::Duration;

use ironic_sim::{Failing, Fault, FaultKind, Interface, Method, Seed};
use ironic_types::{Microversion, VersionRange};
use rstest::rstest;
use serde_json::{Value, json};

use crate::testing::{ISCSI_PASSWORD, ISCSI_SECRET, Life, diskless};

/// The condition of a type: its status, reason and message.
fn condition(host: &Value, wanted: &str) -> (String, String, String) {
    let conditions = host["status"]["conditions"].as_array().unwrap();
    let found = conditions
        .iter()
        .find(|condition| condition["type"] == wanted)
        .unwrap_or_else(|| panic!("no condition {wanted}"));
    let text = |key: &str| found[key].as_str().unwrap_or_default().to_owned();
    (text("status"), text("reason"), text("message"))
}

#[track_caller]
fn expect_not_ready(host: &Value, reason: &str, words: &[&str]) {
    let (status, found, message) = condition(host, "BootVolumeReady");
    assert_eq!(
        (status.as_str(), found.as_str()),
        ("False", reason),
        "{message}"
    );
    for word in words {
        assert!(message.contains(word), "{word}: {message}");
    }
    assert_eq!(condition(host, "Ready").0, "False");
}

/// Nothing was deployed, and nothing is left of an attempt.
#[track_caller]
fn expect_nothing_deployed(life: &mut Life) {
    life.expect_node("available")
        .expect_volumes(0)
        .expect_visible();
    assert_eq!(life.door.agreed_to("active"), 0);
    assert_eq!(life.node()["instance_uuid"], Value::Null);
}

/// How often this was told as a Warning.
fn warnings(life: &Life, reason: &str) -> usize {
    let events = life.kubernetes.events();
    let told = events
        .iter()
        .filter(|event| event["type"] == "Warning" && event["reason"] == reason);
    told.count()
}

fn chap(kind: &str, username: &str, password: &str) -> Value {
    use k8s_openapi::ByteString;
    let bytes = |text: &str| ByteString(text.as_bytes().to_vec());
    let mut secret = json!({
        "apiVersion": "v1", "kind": "Secret", "metadata": {}, "type": kind,
        "data": {"username": bytes(username), "password": bytes(password)},
    });
    if password.is_empty() {
        secret["data"].as_object_mut().unwrap().remove("password");
    }
    secret
}

const OPTED_IN: &str = "kubernetes.io/iscsi-chap";

/// Row "Secret missing, not opted in, key missing, bad characters, too short".
#[rstest]
#[case::missing(None, "SecretMissing", &["does not exist"])]
#[case::not_opted_in(Some(chap("Opaque", "node-0", ISCSI_PASSWORD)), "SecretNotOptedIn", &["ironboot.io/iscsi-credentials"])]
#[case::key_missing(Some(chap(OPTED_IN, "node-0", "")), "SecretInvalid", &["password"])]
#[case::bad_characters(Some(chap(OPTED_IN, "node 0", ISCSI_PASSWORD)), "SecretInvalid", &["username"])]
#[case::too_short(Some(chap(OPTED_IN, "node-0", "zebra-short")), "SecretInvalid", &["password", "12"])]
#[tokio::test(start_paused = true)]
async fn a_volume_secret_that_cannot_be_used_is_named_and_the_host_goes_on_when_it_is_fixed(
    #[case] secret: Option<Value>,
    #[case] reason: &str,
    #[case] words: &[&str],
) {
    let mut life = Life::begin();
    life.remove_secret(ISCSI_SECRET);
    if let Some(secret) = secret {
        life.write_secret(ISCSI_SECRET, secret);
    }
    life.create(diskless()).await;
    let words = [
        &["spec.bootVolume.iscsiCredentialsName", ISCSI_SECRET],
        words,
    ]
    .concat();
    expect_not_ready(&life.host(), reason, &words);
    expect_nothing_deployed(&mut life);
    assert_eq!(warnings(&life, reason), 1, "told once");

    life.write_secret(ISCSI_SECRET, chap(OPTED_IN, "node-0", ISCSI_PASSWORD));
    life.settle().await;
    life.expect_state("provisioned").expect_no_error();
    assert_eq!(condition(&life.host(), "BootVolumeReady").0, "True");
}

/// A second host of the namespace, on a machine of its own.
fn second() -> Value {
    let mut host = diskless();
    host["metadata"]["name"] = "node-1".into();
    host["spec"]["bootMACAddress"] = Seed::mac(1).into();
    let address = format!("redfish+{}{}", Seed::default().address, Seed::system(1));
    host["spec"]["bmc"]["address"] = address.into();
    host["spec"]["bootVolume"]["connectorId"] = "iqn.2026-11.org.example:node-1".into();
    host
}

/// A world with a second machine behind the BMC.
fn two_machines() -> Life {
    let life = Life::begin();
    let first = life.sim.machine(&Seed::default().address, &Seed::system(0));
    let mut second = first.unwrap();
    second.system = Seed::system(1);
    second.macs = vec![Seed::mac(1)];
    life.sim.add_machine(second);
    life
}

/// Row "the same volume on two hosts".
#[tokio::test(start_paused = true)]
async fn the_second_host_with_a_volume_is_a_conflict_and_is_deployed_when_the_first_lets_go() {
    let mut life = two_machines();
    life.create(diskless()).await;
    life.create(second()).await;
    let second = life.host_named("node-1");
    expect_not_ready(
        &second,
        "VolumeConflict",
        &["spec.bootVolume.volumeId: host node-0 has"],
    );
    assert_eq!(second["status"]["provisioning"]["state"], "available");
    life.expect_volumes(1).expect_state("provisioned");
    assert_eq!(life.door.agreed_to("active"), 1);

    life.release().await;
    let second = life.host_named("node-1");
    assert_eq!(second["status"]["provisioning"]["state"], "provisioned");
    life.expect_volumes(1);
}

/// Row "the same connector on two hosts".
#[tokio::test(start_paused = true)]
async fn the_second_host_with_an_initiator_is_told_and_never_deployed() {
    let mut life = two_machines();
    life.create(diskless()).await;
    let mut other = second();
    other["spec"]["bootVolume"]["connectorId"] = "iqn.2026-11.org.example:node-0".into();
    other["spec"]["bootVolume"]["iscsiTarget"]["iqn"] = "iqn.2026-11.org.example:vol-2".into();
    other["spec"]["bootVolume"]["volumeId"] = "vol-2".into();
    life.create(other).await;
    let other = life.host_named("node-1");
    let message = other["status"]["errorMessage"].as_str().unwrap_or_default();
    assert!(
        message.contains("iqn.2026-11.org.example:node-0"),
        "{message}"
    );
    assert_eq!(condition(&other, "Ready").0, "False");
    assert_eq!(life.door.agreed_to("active"), 1);
    life.expect_state("provisioned")
        .expect_no_error()
        .expect_volumes(1);
}

/// Row "Ironic has no external storage or no ipxe boot interface enabled".
#[rstest]
#[case(Interface::Storage, "external", "enabled_storage_interfaces")]
#[case(Interface::Boot, "ipxe", "enabled_boot_interfaces")]
#[case(Interface::Deploy, "direct", "enabled_deploy_interfaces")]
#[tokio::test(start_paused = true)]
async fn an_interface_that_ironic_lacks_is_a_registration_error_that_names_the_setting(
    #[case] kind: Interface,
    #[case] name: &str,
    #[case] setting: &str,
) {
    let mut life = Life::with(|settings| {
        let interfaces = &mut settings.interfaces;
        interfaces.defaults.remove(&kind);
        if let Some(enabled) = interfaces.enabled.get_mut(&kind) {
            enabled.retain(|enabled| enabled != name);
        }
    });
    life.create(diskless()).await;
    expect_not_ready(
        &life.host(),
        "IronicLacksInterface",
        &[name, setting, "ironic.conf"],
    );
    assert_eq!(life.host()["status"]["errorType"], "registration error");
    life.expect_state("registering").expect_node("none");
    assert_eq!(life.door.changes(), 0, "nothing was made");
    assert_eq!(warnings(&life, "IronicLacksInterface"), 1);
}

/// Row "Ironic too old".
#[tokio::test(start_paused = true)]
async fn an_ironic_that_is_too_old_is_told_and_asked_for_nothing() {
    let mut life = Life::with(|settings| {
        settings.versions = VersionRange {
            min: Microversion::v1(1),
            max: Microversion::v1(72),
        };
    });
    life.create(diskless()).await;
    life.expect_state("registering")
        .expect_error("Ironic gives no answer")
        .expect_visible();
    assert!(life.error().contains("1.72"), "{}", life.error());
    assert_eq!(condition(&life.host(), "Ready").0, "False");
    assert_eq!(life.door.changes(), 0);
}

/// Row "or unreachable": see `an_ironic_that_is_away_for_an_hour_is_waited_for` too. Nothing happens to what is deployed.
#[tokio::test(start_paused = true)]
async fn an_unreachable_ironic_changes_nothing_of_a_deployed_host() {
    let mut life = Life::begin();
    life.create(diskless()).await;
    let (before, host) = (life.picture(), life.host());
    life.sim.crash();
    life.run_for(Duration::from_mins(30)).await;
    let away = life.host();
    assert_eq!(
        condition(&away, "BootVolumeReady"),
        condition(&host, "BootVolumeReady")
    );
    life.sim.restart();
    life.settle().await;
    life.expect_picture(&before);
    assert!(life.is_on());
}

/// Row "deployment fails in Ironic".
#[tokio::test(start_paused = true)]
async fn a_deployment_that_fails_is_told_in_ironics_words_undone_tried_again_and_given_up() {
    let mut life = Life::begin();
    let words = "the storage is on holiday".to_owned();
    life.sim
        .inject(Fault::once(FaultKind::Fails(Failing::Deploy, words)).always());
    life.create(diskless()).await;
    let host = life.host();
    assert_eq!(host["status"]["errorType"], "provisioning error");
    life.expect_error("the storage is on holiday")
        .expect_state("available");
    assert_eq!(host["status"]["provisioningFailCount"], 5);
    assert_eq!(life.door.agreed_to("active"), 5, "as often as may be");
    let (status, _, message) = condition(&host, "Ready");
    assert!(
        status == "False" && message.contains("given up after 5 deployments"),
        "{message}"
    );
    assert_eq!(
        condition(&host, "BootVolumeReady").0,
        "True",
        "the volume is not at fault"
    );
    life.expect_node("available").expect_volumes(0);
    assert_eq!(warnings(&life, "ProvisioningError"), 5, "each attempt");

    life.sim.clear_faults();
    life.spec(json!({"description": "another attempt"})).await;
    life.expect_state("provisioned")
        .expect_no_error()
        .expect_volumes(1);
}

/// Row "wrong CHAP secret": Ironic can't know. What the console shows is in the docs, and an end-to-end test has it.
#[tokio::test(start_paused = true)]
async fn a_wrong_chap_secret_is_nothing_that_ironic_can_see() {
    let mut life = Life::begin();
    life.iscsi_secret("zebra-not-the-one");
    life.create(diskless()).await;
    life.expect_state("provisioned")
        .expect_no_error()
        .expect_node("active");
    let (status, reason, message) = condition(&life.host(), "BootVolumeReady");
    assert_eq!(
        (status.as_str(), reason.as_str(), message.as_str()),
        ("True", "Ready", "")
    );
}

/// Row "Ironic node deleted by hand": see `database` for the adoption, and `drift` for what is changed.
#[tokio::test(start_paused = true)]
async fn a_node_that_was_changed_by_hand_before_its_deployment_is_put_right_by_it() {
    let mut life = Life::begin();
    let mut host = diskless();
    host["spec"]["online"] = false.into();
    life.create(host).await;
    life.expect_state("available");
    let node = life.node()["uuid"].as_str().unwrap().to_owned();
    let target = json!({
        "node_uuid": node, "volume_type": "iscsi", "volume_id": "vol-9", "boot_index": 0,
        "properties": {"target_iqn": "iqn.2026-11.org.example:vol-9", "target_portal": "192.0.2.1:3260", "target_lun": 1},
    });
    let connector =
        json!({"node_uuid": node, "type": "iqn", "connector_id": "iqn.2026-11.org.example:other"});
    let patch = json!([
        {"op": "replace", "path": "/deploy_interface", "value": "ramdisk"},
        {"op": "replace", "path": "/properties/capabilities", "value": "iscsi_boot:false"},
    ]);
    life.door
        .change(Method::Post, "/v1/volume/targets", &target);
    life.door
        .change(Method::Post, "/v1/volume/connectors", &connector);
    life.door
        .change(Method::Patch, &format!("/v1/nodes/{node}"), &patch);

    life.spec(json!({"online": true})).await;
    life.expect_state("provisioned")
        .expect_no_error()
        .expect_volumes(1);
    let boot = life.sim.boot(&node).unwrap();
    let uris = &boot.san().unwrap().hooks[0].uris;
    assert_eq!(
        uris[..],
        ["iscsi:192.0.2.1::3260:1:iqn.2026-11.org.example:vol-1"]
    );
}

/// Row "host deleted while deployed": in this order, and nothing is left.
#[tokio::test(start_paused = true)]
async fn a_host_that_is_deleted_while_deployed_is_shut_down_undeployed_and_removed_in_that_order() {
    let mut life = Life::begin();
    life.create(diskless()).await;
    let before = life.door.count();
    life.delete().await;
    life.expect_state("gone")
        .expect_node("none")
        .expect_volumes(0);
    assert!(!life.is_on());
    let asked = life.door.asked().split_off(before);
    let place =
        |wanted: &dyn Fn(&crate::testing::Asked) -> bool| asked.iter().position(wanted).unwrap();
    let shut_down = place(&|asked| asked.agreed_to("soft power off"));
    let undeployed = place(&|asked| asked.agreed_to("deleted"));
    let removed =
        place(&|asked| asked.method == "DELETE" && asked.target.starts_with("/v1/nodes/"));
    assert!(
        shut_down < undeployed && undeployed < removed,
        "{shut_down} {undeployed} {removed}"
    );
    assert_eq!(life.door.agreed_to("power off"), 0, "nothing cut its power");
}
