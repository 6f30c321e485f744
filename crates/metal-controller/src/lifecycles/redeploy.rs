//! Credentials that change while a host is deployed, and the deployment with the new ones.

use std::time::Duration;

use ironic_sim::{Method, State};
use serde_json::{Value, json};

use crate::testing::{ISCSI_PASSWORD, ISCSI_SECRET, Life, Stop, diskless};

const REDEPLOY: &str = "ironboot.io/redeploy";
const HANDLED: &str = "ironboot.io/redeploy-handled";
const NEW_PASSWORD: &str = "zebra-of-now";

fn handled(life: &Life) -> Value {
    life.host()["metadata"]["annotations"][HANDLED].clone()
}

#[track_caller]
fn expect_credentials(life: &mut Life, reason: &str) {
    life.expect_state("provisioned").expect_no_error();
    life.expect_condition("CredentialsApplied", reason);
}

#[tokio::test(start_paused = true)]
async fn a_changed_password_is_told_and_applied_by_a_redeployment() {
    let mut life = Life::begin();
    life.create(diskless()).await;
    expect_credentials(&mut life, "Applied");
    assert_eq!(life.boots_with().as_deref(), Some(ISCSI_PASSWORD));

    life.iscsi_secret(NEW_PASSWORD).settle().await;
    expect_credentials(&mut life, "Outdated");
    life.expect_condition("Ready", "Provisioned");
    assert_eq!(life.door.agreed_to("active"), 1);
    assert_eq!(life.boots_with().as_deref(), Some(ISCSI_PASSWORD));

    life.annotate(REDEPLOY, "1").await;
    expect_credentials(&mut life, "Applied");
    assert_eq!(life.boots_with().as_deref(), Some(NEW_PASSWORD));
    assert!(life.is_on());
    assert_eq!(life.door.agreed_to("active"), 2);
    assert_eq!(handled(&life), "1");
    life.expect_volumes(1);
}

#[tokio::test(start_paused = true)]
async fn a_changed_secret_calls_its_host_at_once() {
    let mut life = Life::begin();
    life.create(diskless()).await;
    life.iscsi_secret(NEW_PASSWORD)
        .run_for(Duration::from_secs(1))
        .await;
    expect_credentials(&mut life, "Outdated");
}

#[tokio::test(start_paused = true)]
async fn a_secret_that_comes_or_is_repaired_calls_its_host_at_once() {
    let mut life = Life::begin();
    life.lose_secret(ISCSI_SECRET).create(diskless()).await;
    life.expect_state("available");
    life.iscsi_secret("zebra")
        .run_for(Duration::from_secs(2))
        .await;
    life.expect_error("shorter than 12");
    life.iscsi_secret(ISCSI_PASSWORD)
        .run_for(Duration::from_secs(3))
        .await;
    life.expect_state("provisioning");
}

#[tokio::test(start_paused = true)]
async fn a_password_that_is_put_back_is_applied_again() {
    let mut life = Life::begin();
    life.create(diskless()).await;
    life.iscsi_secret(NEW_PASSWORD).settle().await;
    expect_credentials(&mut life, "Outdated");
    life.iscsi_secret(ISCSI_PASSWORD).settle().await;
    expect_credentials(&mut life, "Applied");
}

#[tokio::test(start_paused = true)]
async fn a_label_on_the_secret_changes_nothing() {
    let mut life = Life::begin();
    life.create(diskless()).await;
    let writes = life.kubernetes.writes();
    life.edit_secret(
        ISCSI_SECRET,
        &json!({"metadata": {"labels": {"team": "storage"}}}),
    );
    life.settle().await;
    expect_credentials(&mut life, "Applied");
    assert_eq!(life.kubernetes.writes(), writes);
}

#[tokio::test(start_paused = true)]
async fn a_secret_is_read_again_only_when_it_changes() {
    let mut life = Life::begin();
    life.create(diskless()).await;
    let opened = life.kubernetes.opened();
    life.run_for(Duration::from_hours(2)).await;
    assert_eq!(
        life.kubernetes.opened(),
        opened,
        "an idle host asks for nothing"
    );
    life.iscsi_secret(NEW_PASSWORD).settle().await;
    assert_eq!(life.kubernetes.opened(), opened + 1);
}

#[tokio::test(start_paused = true)]
async fn a_token_acts_once() {
    let mut life = Life::begin();
    life.create(diskless()).await;
    life.annotate(REDEPLOY, "1").await;
    assert_eq!(handled(&life), "1", "there was no reason");
    life.iscsi_secret(NEW_PASSWORD).settle().await;
    expect_credentials(&mut life, "Outdated");
    assert_eq!(life.door.agreed_to("active"), 1);

    life.annotate(REDEPLOY, "2").await;
    expect_credentials(&mut life, "Applied");
    life.iscsi_secret(ISCSI_PASSWORD).settle().await;
    expect_credentials(&mut life, "Outdated");
    assert_eq!(life.door.agreed_to("active"), 2);
}

/// The watch brings the host's annotation, and not yet the Secret that was changed before it.
#[tokio::test(start_paused = true)]
async fn a_token_that_follows_a_change_at_once_means_that_change() {
    let mut life = Life::begin();
    life.create(diskless()).await;
    life.keep_secret_events_back();
    life.iscsi_secret(NEW_PASSWORD)
        .annotate(REDEPLOY, "1")
        .await;
    expect_credentials(&mut life, "Applied");
    assert_eq!(life.boots_with().as_deref(), Some(NEW_PASSWORD));
    assert_eq!(life.door.agreed_to("active"), 2);
}

#[tokio::test(start_paused = true)]
async fn a_change_in_the_middle_of_a_redeployment_gets_in_or_is_told() {
    for step in 0..24 {
        let mut life = Life::begin();
        life.create(diskless()).await;
        life.iscsi_secret(NEW_PASSWORD);
        life.start_patch(&json!({"metadata": {"annotations": {REDEPLOY: "1"}}}));
        life.run_for(Duration::from_millis(1250 * step)).await;
        life.iscsi_secret("zebra-of-later").settle().await;
        life.expect_state("provisioned").expect_no_error();
        let (reason, _) = life.condition("CredentialsApplied");
        let boots_with = life.boots_with();
        match reason.as_str() {
            "Applied" => assert_eq!(boots_with.as_deref(), Some("zebra-of-later"), "{step}"),
            "Outdated" => assert_eq!(boots_with.as_deref(), Some(NEW_PASSWORD), "{step}"),
            other => panic!("{step}: {other}"),
        }
        assert_eq!(life.door.agreed_to("active"), 2, "{step}");
    }
}

#[tokio::test(start_paused = true)]
async fn without_the_secret_the_machine_runs_on_until_it_is_there() {
    let mut life = Life::begin();
    life.create(diskless()).await;
    life.lose_secret(ISCSI_SECRET);
    life.annotate(REDEPLOY, "1").await;
    life.expect_state("provisioned")
        .expect_error("vol-1-chap does not exist");
    assert!(life.is_on());
    assert_eq!(life.door.agreed_to("deleted"), 0);
    assert_eq!(handled(&life), Value::Null);

    life.iscsi_secret(NEW_PASSWORD).settle().await;
    expect_credentials(&mut life, "Applied");
    assert_eq!(life.boots_with().as_deref(), Some(NEW_PASSWORD));
}

#[tokio::test(start_paused = true)]
async fn a_new_portal_takes_effect_with_a_redeployment() {
    let mut life = Life::begin();
    life.create(diskless()).await;
    life.spec(json!({"bootVolume": {"iscsiTarget": {"portal": "192.0.2.2:3260"}}}))
        .await;
    assert_eq!(life.door.agreed_to("active"), 1);
    life.annotate(REDEPLOY, "1").await;
    life.expect_state("provisioned").expect_no_error();
    assert_eq!(life.door.agreed_to("active"), 2);
    let deployed = &life.host()["status"]["provisioning"]["bootVolume"];
    assert_eq!(deployed["iscsiTarget"]["portal"], "192.0.2.2:3260");
}

/// Ironic lets it be put right neither while the machine runs nor while the node is available.
#[tokio::test(start_paused = true)]
async fn a_port_that_boots_no_more_is_put_right_by_a_redeployment() {
    let mut life = Life::begin();
    life.create(diskless()).await;
    life.put_node(State::Manageable);
    let port = life.door.look("/v1/ports")["ports"][0]["uuid"].clone();
    let target = format!("/v1/ports/{}", port.as_str().unwrap());
    let disabled = json!([{"op": "replace", "path": "/pxe_enabled", "value": false}]);
    life.door.change(Method::Patch, &target, &disabled);
    life.put_node(State::Active).settle().await;
    life.annotate(REDEPLOY, "1").await;
    life.expect_state("provisioned").expect_no_error();
    assert_eq!(life.door.agreed_to("active"), 2);
    assert_eq!(life.boots_with().as_deref(), Some(ISCSI_PASSWORD));
    assert_eq!(life.door.look(&target)["pxe_enabled"], true);
}

#[tokio::test(start_paused = true)]
async fn after_a_loss_of_the_key_nothing_is_known_until_the_next_deployment() {
    let mut life = Life::begin();
    life.create(diskless()).await;
    life.lose_key().stop().settle().await;
    expect_credentials(&mut life, "Unknown");
    assert_eq!(life.door.agreed_to("active"), 1);
    life.annotate(REDEPLOY, "1").await;
    expect_credentials(&mut life, "Applied");
}

/// Ironic writes the boot script when it adopts: with what is in the Secret by then.
#[tokio::test(start_paused = true)]
async fn a_lost_node_is_made_again_with_the_present_password() {
    let mut life = Life::begin();
    life.create(diskless()).await;
    life.iscsi_secret(NEW_PASSWORD)
        .lose_database()
        .settle()
        .await;
    expect_credentials(&mut life, "Applied");
    assert_eq!(life.boots_with().as_deref(), Some(NEW_PASSWORD));
    assert_eq!(
        (life.door.agreed_to("active"), life.door.agreed_to("adopt")),
        (1, 1)
    );
    let events = life.kubernetes.events();
    assert!(
        events
            .iter()
            .any(|event| event["reason"] == "CredentialsChanged")
    );
}

#[tokio::test(start_paused = true)]
async fn a_stop_while_the_key_is_made_leaves_one_key() {
    for write in 1..8 {
        let mut life = Life::begin();
        life.stop_at(Stop::Write(write));
        life.create(diskless()).await;
        expect_credentials(&mut life, "Applied");
    }
}

#[tokio::test(start_paused = true)]
async fn nothing_of_a_password_is_where_its_fingerprint_is() {
    let mut life = Life::begin();
    life.create(diskless()).await;
    let used = life.host()["status"]["provisioning"]["bootVolume"]["credentials"].clone();
    assert_eq!(used[0]["name"], ISCSI_SECRET);
    let fingerprint = used[0]["fingerprint"].as_str().unwrap();
    let target = &life.door.look("/v1/volume/targets?detail=true")["targets"][0];
    assert_eq!(target["extra"]["ironboot_credentials"], fingerprint);
    let key = life.key();
    assert_eq!(key["immutable"], true);
    let plain = json!(k8s_openapi::ByteString(ISCSI_PASSWORD.as_bytes().to_vec()));
    assert!(!used.to_string().contains(plain.as_str().unwrap()));
    assert!(
        !used
            .to_string()
            .contains(key["data"]["key"].as_str().unwrap())
    );
}
