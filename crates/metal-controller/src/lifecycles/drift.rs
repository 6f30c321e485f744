//! Somebody changes what Ironic keeps of a deployed machine: it is put right, and the machine notices nothing.

use std::time::Duration;

use ironic_sim::{Method, State};
use rstest::rstest;
use serde_json::{Value, json};

use crate::testing::{ISCSI_PASSWORD, Life, diskless};

/// What the watch needs to read all lists, and a little more.
const BULK: Duration = Duration::from_mins(6);

async fn deployed() -> Life {
    let mut life = Life::begin();
    life.create(diskless()).await;
    life.expect_state("provisioned");
    life
}

/// Everything is as it was, and no machine was switched for it.
#[track_caller]
fn expect_put_right(life: &mut Life, before: &Value, switched: usize) {
    life.expect_picture(before);
    assert_eq!(switches(life), switched);
    assert_eq!(life.door.agreed_to("active"), 1, "not deployed again");
}

/// How often the power was changed, and the node undeployed or adopted.
fn switches(life: &Life) -> usize {
    let verbs = [
        "power on",
        "power off",
        "soft power off",
        "rebooting",
        "soft rebooting",
        "deleted",
        "adopt",
    ];
    verbs.map(|verb| life.door.agreed_to(verb)).iter().sum()
}

fn warnings(life: &Life) -> Vec<String> {
    let events = life.kubernetes.events();
    let drift = events
        .iter()
        .filter(|event| event["reason"] == "BootVolumeDrift");
    drift
        .map(|event| event["note"].as_str().unwrap_or_default().to_owned())
        .collect()
}

fn message(life: &Life) -> String {
    let host = life.host();
    let conditions = host["status"]["conditions"].as_array().unwrap();
    let ready = conditions
        .iter()
        .find(|condition| condition["type"] == "BootVolumeReady")
        .unwrap();
    assert_eq!(
        (&ready["status"], &ready["reason"]),
        (&json!("True"), &json!("Ready"))
    );
    ready["message"].as_str().unwrap_or_default().to_owned()
}

fn uuids(life: &Life, list: &str) -> Vec<String> {
    let plural = list.rsplit('/').next().unwrap();
    let found = life.door.look(&format!("/v1/{list}"));
    let all = found[plural].as_array().unwrap().iter();
    all.map(|one| one["uuid"].as_str().unwrap().to_owned())
        .collect()
}

fn node_uuid(life: &Life) -> Value {
    life.node()["uuid"].clone()
}

fn change_node(life: &Life, patch: &Value) {
    let target = format!("/v1/nodes/{}", node_uuid(life).as_str().unwrap());
    life.door.change(Method::Patch, &target, patch);
}

fn maintenance(life: &Life, is_on: bool) {
    let target = format!(
        "/v1/nodes/{}/maintenance",
        node_uuid(life).as_str().unwrap()
    );
    let method = if is_on { Method::Put } else { Method::Delete };
    life.door.change(method, &target, &json!({}));
}

/// Removes all of a list at once. Ironic doesn't let that be done to a machine that is on, so the node is elsewhere for
/// this moment; to the same comes who does it in the moment of a reboot.
fn remove_all(life: &mut Life, list: &str) {
    life.put_node(State::Manageable);
    for uuid in uuids(life, list) {
        let target = format!("/v1/{list}/{uuid}");
        life.door.change(Method::Delete, &target, &Value::Null);
    }
    life.put_node(State::Active);
    assert_eq!(uuids(life, list), [] as [String; 0]);
}

#[rstest]
#[case(
    "volume/connectors",
    "volume connector iqn.2026-11.org.example:node-0 (missing)"
)]
#[case("volume/targets", "volume target of vol-1 (missing)")]
#[case("ports", "port 52:54:00:00:00:00 (missing)")]
#[tokio::test(start_paused = true)]
async fn what_was_deleted_is_back_within_the_period_of_the_lists(
    #[case] list: &str,
    #[case] words: &str,
) {
    let mut life = deployed().await;
    let (before, switched) = (life.picture(), switches(&life));
    remove_all(&mut life, list);
    life.run_for(BULK).await;
    expect_put_right(&mut life, &before, switched);
    let told = warnings(&life);
    assert!(told.len() == 1 && told[0].contains(words), "{told:?}");
    assert_eq!(message(&life), "");
}

/// Ironic masks the password, so that only the mark tells which one it is.
#[tokio::test(start_paused = true)]
async fn a_target_is_made_again_with_the_secret_as_it_is_now() {
    let mut life = deployed().await;
    let mark = |life: &Life| {
        let targets = life.door.look("/v1/volume/targets?detail=true");
        targets["targets"][0]["extra"]["ironboot_credentials"].clone()
    };
    let before = mark(&life);
    life.iscsi_secret("zebra-of-another").settle().await;
    assert_eq!(mark(&life), before, "a changed Secret alone is no drift");
    remove_all(&mut life, "volume/targets");
    life.settle().await;
    life.expect_volumes(1).expect_no_error();
    assert_ne!(mark(&life), before);
}

#[tokio::test(start_paused = true)]
async fn a_target_whose_secret_cannot_be_used_is_made_as_soon_as_it_can() {
    let mut life = deployed().await;
    let (before, switched) = (life.picture(), switches(&life));
    life.iscsi_secret("zebra-short");
    remove_all(&mut life, "volume/targets");
    life.settle().await;
    life.expect_state("provisioned").expect_no_error();
    assert!(
        message(&life).contains(
            "can't be made again: spec.bootVolume.iscsiCredentialsName: Secret vol-1-chap"
        ),
        "{}",
        message(&life)
    );
    assert_eq!(warnings(&life).len(), 1);
    life.iscsi_secret(ISCSI_PASSWORD)
        .run_for(Duration::from_secs(10))
        .await;
    expect_put_right(&mut life, &before, switched);
}

#[tokio::test(start_paused = true)]
async fn a_capability_that_was_taken_away_is_back_in_seconds() {
    let mut life = deployed().await;
    let (before, switched) = (life.picture(), switches(&life));
    change_node(
        &life,
        &json!([{"op": "remove", "path": "/properties/capabilities"}]),
    );
    life.settle().await;
    expect_put_right(&mut life, &before, switched);
    assert!(warnings(&life)[0].ends_with("put right: properties.capabilities"));
}

/// Somebody needs maintenance to change these, and in maintenance they are put right.
#[tokio::test(start_paused = true)]
async fn an_interface_that_is_changed_in_maintenance_is_put_right_and_the_maintenance_ended() {
    let mut life = deployed().await;
    let (before, switched) = (life.picture(), switches(&life));
    maintenance(&life, true);
    change_node(
        &life,
        &json!([{"op": "replace", "path": "/storage_interface", "value": "noop"}]),
    );
    life.settle().await;
    expect_put_right(&mut life, &before, switched);
}

#[tokio::test(start_paused = true)]
async fn an_interface_of_a_node_that_is_in_maintenance_no_more_waits_for_the_next() {
    let mut life = deployed().await;
    let (before, switched) = (life.picture(), switches(&life));
    maintenance(&life, true);
    change_node(
        &life,
        &json!([{"op": "replace", "path": "/storage_interface", "value": "noop"}]),
    );
    maintenance(&life, false);
    life.settle().await;
    life.expect_state("provisioned")
        .expect_no_error()
        .expect_visible();
    assert!(
        message(&life).contains(
            "storage_interface (noop), which Ironic lets be put right in maintenance only"
        ),
        "{}",
        message(&life)
    );
    assert_eq!(warnings(&life).len(), 1);
    maintenance(&life, true);
    life.settle().await;
    expect_put_right(&mut life, &before, switched);
}

#[tokio::test(start_paused = true)]
async fn a_port_that_no_longer_boots_waits_for_maintenance() {
    let mut life = deployed().await;
    let (before, switched) = (life.picture(), switches(&life));
    let port = uuids(&life, "ports").remove(0);
    maintenance(&life, true);
    life.door.change(
        Method::Patch,
        &format!("/v1/ports/{port}"),
        &json!([{"op": "replace", "path": "/pxe_enabled", "value": false}]),
    );
    maintenance(&life, false);
    life.settle().await;
    assert!(
        message(&life).contains("pxe_enabled of port"),
        "{}",
        message(&life)
    );
    maintenance(&life, true);
    life.settle().await;
    expect_put_right(&mut life, &before, switched);
}

/// Ironic removes no target of a machine that is on.
#[tokio::test(start_paused = true)]
async fn another_target_in_the_place_of_the_boot_volume_is_replaced_when_the_machine_is_rebooted() {
    let mut life = deployed().await;
    let before = life.picture();
    remove_all(&mut life, "volume/targets");
    let other = json!({
        "node_uuid": node_uuid(&life), "volume_type": "iscsi", "volume_id": "vol-2", "boot_index": 0,
        "properties": {"target_iqn": "iqn.2026-11.org.example:vol-2", "target_portal": "192.0.2.1:3260", "target_lun": 1},
    });
    life.door.change(Method::Post, "/v1/volume/targets", &other);
    let switched = switches(&life);
    life.settle().await;
    assert_eq!(switches(&life), switched, "never because of drift");
    assert!(
        message(&life).contains("only while the machine is off"),
        "{}",
        message(&life)
    );
    life.expect_volumes(1).expect_visible();

    life.annotate("reboot.metal3.io", "").await;
    expect_put_right(&mut life, &before, switched + 2);
    assert!(life.is_on());
    assert_eq!(message(&life), "");
}

#[tokio::test(start_paused = true)]
async fn a_connector_of_another_initiator_is_removed_when_the_machine_is_switched_off() {
    let mut life = deployed().await;
    let other = json!({
        "node_uuid": node_uuid(&life), "type": "iqn", "connector_id": "iqn.2026-11.org.example:other",
    });
    life.door
        .change(Method::Post, "/v1/volume/connectors", &other);
    life.settle().await;
    assert_eq!(uuids(&life, "volume/connectors").len(), 2);
    assert!(
        message(&life).contains("another initiator's"),
        "{}",
        message(&life)
    );
    life.spec(json!({"online": false})).await;
    life.expect_volumes(1).expect_no_error();
    assert!(!life.is_on());
}

#[tokio::test(start_paused = true)]
async fn a_host_that_rests_asks_nothing_of_its_own() {
    let mut life = deployed().await;
    let before = life.door.count();
    life.run_for(Duration::from_hours(1)).await;
    let asked = life.door.asked().split_off(before);
    let own: Vec<_> = asked
        .iter()
        .filter(|asked| asked.target.contains("node="))
        .collect();
    assert!(own.is_empty(), "{own:?}");
}

/// After a restart too: the lists of all nodes come first.
#[tokio::test(start_paused = true)]
async fn an_operator_that_is_started_anew_asks_nothing_for_a_host_at_rest() {
    let mut life = deployed().await;
    let before = life.door.count();
    life.stop().run_for(Duration::from_mins(20)).await;
    let asked = life.door.asked().split_off(before);
    assert!(!asked.iter().any(|asked| asked.target.contains("node=")));
}

#[tokio::test(start_paused = true)]
async fn what_is_changed_while_no_operator_runs_is_put_right_by_the_next() {
    let mut life = deployed().await;
    let (before, switched) = (life.picture(), switches(&life));
    life.stop();
    remove_all(&mut life, "volume/connectors");
    remove_all(&mut life, "volume/targets");
    life.run_for(BULK).await;
    expect_put_right(&mut life, &before, switched);
}
