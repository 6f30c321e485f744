//! The guard of a volume's Secret, from the deployment of the first host that uses it to the release of the last.

use ironic_sim::Seed;
use rstest::rstest;
use serde_json::{Value, json};

use crate::testing::{
    BMC_SECRET, ISCSI_SECRET, Life, Part, diskless, for_claims, key_of, with_disk,
};

const FINALIZER: &str = "ironboot.io/in-use";

fn guard_labels() -> Value {
    json!({"environment.metal3.io": "baremetal", "clusterctl.cluster.x-k8s.io/move": ""})
}

#[track_caller]
fn expect_guard(life: &Life, is_guarded: bool) {
    let metadata = &life.secret(ISCSI_SECRET)["metadata"];
    let (finalizers, labels) = if is_guarded {
        (json!([FINALIZER]), guard_labels())
    } else {
        (Value::Null, Value::Null)
    };
    assert_eq!(metadata["finalizers"], finalizers);
    assert_eq!(metadata["labels"], labels);
    assert_eq!(metadata["ownerReferences"], Value::Null);
    assert_eq!(
        life.secret(BMC_SECRET)["metadata"]["finalizers"],
        Value::Null
    );
}

/// Another host that shares the Secret.
fn second() -> Value {
    let mut host = diskless();
    host["metadata"]["name"] = "node-1".into();
    host["spec"]["bootMACAddress"] = Seed::mac(1).into();
    let system = format!("redfish+{}{}", Seed::default().address, Seed::system(1));
    host["spec"]["bmc"]["address"] = system.into();
    host["spec"]["bootVolume"]["volumeId"] = "vol-2".into();
    host["spec"]["bootVolume"]["connectorId"] = "iqn.2026-11.org.example:node-1".into();
    host["spec"]["bootVolume"]["iscsiTarget"]["iqn"] = "iqn.2026-11.org.example:vol-2".into();
    host
}

#[tokio::test(start_paused = true)]
async fn a_secret_is_guarded_from_the_deployment_to_the_release() {
    let mut life = Life::begin();
    expect_guard(&life, false);
    life.create(diskless()).await;
    expect_guard(&life, true);
    life.release().await;
    expect_guard(&life, false);
}

#[tokio::test(start_paused = true)]
async fn the_last_host_lets_go_of_a_shared_secret() {
    let mut life = Life::begin();
    life.seed_another_machine();
    life.create(diskless()).await;
    life.create(second()).await;
    assert_eq!(
        life.host_named("node-1")["status"]["provisioning"]["state"],
        "provisioned"
    );
    life.release().await;
    expect_guard(&life, true);
    life.delete().await;
    expect_guard(&life, true);
    life.delete_named("node-1").await;
    expect_guard(&life, false);
}

#[tokio::test(start_paused = true)]
async fn a_secret_that_is_deleted_while_it_is_used_stays_until_the_release() {
    let mut life = Life::begin();
    life.create(diskless()).await;
    life.remove_secret(ISCSI_SECRET).settle().await;
    life.expect_state("provisioned").expect_no_error();
    let deleted_at = &life.secret(ISCSI_SECRET)["metadata"]["deletionTimestamp"];
    assert_ne!(*deleted_at, Value::Null);

    // It is needed once more, and there.
    life.lose_database().settle().await;
    life.expect_state("provisioned").expect_no_error();
    life.release().await;
    assert_eq!(life.secret(ISCSI_SECRET), Value::Null);
}

#[tokio::test(start_paused = true)]
async fn labels_that_the_user_has_set_stay_when_the_host_lets_go() {
    let mut life = Life::begin();
    let label = json!({"environment.metal3.io": "baremetal", "team": "storage"});
    life.edit_secret(ISCSI_SECRET, &json!({"metadata": {"labels": label}}));
    life.create(diskless()).await;
    life.release().await;
    let metadata = &life.secret(ISCSI_SECRET)["metadata"];
    assert_eq!(metadata["labels"], label);
    assert_eq!(metadata["finalizers"], Value::Null);
}

#[tokio::test(start_paused = true)]
async fn a_label_with_another_value_is_left_alone() {
    let mut life = Life::begin();
    let label = json!({"environment.metal3.io": "theirs"});
    life.edit_secret(ISCSI_SECRET, &json!({"metadata": {"labels": label}}));
    life.create(diskless()).await;
    let metadata = life.secret(ISCSI_SECRET)["metadata"].take();
    assert_eq!(metadata["labels"]["environment.metal3.io"], "theirs");
    assert_eq!(metadata["finalizers"], json!([FINALIZER]));
    life.release().await;
    assert_eq!(life.secret(ISCSI_SECRET)["metadata"]["labels"], label);
}

/// As after a move from another cluster, or after an operator that was stopped.
#[tokio::test(start_paused = true)]
async fn a_guard_that_somebody_else_brought_goes_with_the_last_host() {
    let mut life = Life::begin();
    let guard = json!({"metadata": {"finalizers": [FINALIZER], "labels": guard_labels()}});
    life.edit_secret(ISCSI_SECRET, &guard);
    life.settle().await;
    let metadata = life.secret(ISCSI_SECRET)["metadata"].take();
    assert_eq!(metadata["finalizers"], Value::Null, "nobody uses it");
}

#[tokio::test(start_paused = true)]
async fn a_guard_that_is_taken_away_by_hand_comes_back() {
    let mut life = Life::begin();
    life.create(diskless()).await;
    let bare = json!({"metadata": {"finalizers": null, "labels": null}});
    life.edit_secret(ISCSI_SECRET, &bare);
    life.settle().await;
    expect_guard(&life, true);
}

#[tokio::test(start_paused = true)]
async fn the_guard_of_a_paused_hosts_secret_is_left_alone() {
    let mut life = Life::begin();
    life.create(diskless()).await;
    life.annotate("baremetalhost.metal3.io/paused", "").await;
    let bare = json!({"metadata": {"finalizers": null, "labels": null}});
    life.edit_secret(ISCSI_SECRET, &bare);
    life.settle().await;
    expect_guard(&life, false);
    life.annotate("baremetalhost.metal3.io/paused", Value::Null)
        .await;
    expect_guard(&life, true);
}

#[tokio::test(start_paused = true)]
async fn a_secret_that_is_only_named_is_not_touched() {
    let mut life = Life::begin();
    life.edit_secret(ISCSI_SECRET, &json!({"type": "Opaque"}));
    life.create(diskless()).await;
    life.expect_state("available")
        .expect_error("may not be used for iSCSI");
    expect_guard(&life, false);
}

/// As after a status that another version wrote.
#[rstest]
#[tokio::test(start_paused = true)]
async fn a_guard_that_a_host_let_go_of_while_another_could_not_be_read_goes_once_that_can_be_or_is_gone(
    #[values(true, false)] is_repaired: bool,
) {
    let mut life = Life::begin();
    life.create(diskless()).await;
    let mut unreadable = with_disk();
    unreadable["metadata"]["name"] = "node-1".into();
    unreadable["spec"]["online"] = "perhaps".into();
    life.kubernetes.create(&key_of("node-1"), unreadable);
    life.settle().await;
    life.release().await;
    life.expect_state("available");
    expect_guard(&life, true);
    if is_repaired {
        life.kubernetes.edit(&key_of("node-1"), Part::Main, |host| {
            host["spec"] = json!({"online": true});
        });
    } else {
        life.kubernetes.delete(&key_of("node-1"));
    }
    life.settle().await;
    expect_guard(&life, false);
}

const FOREIGN: &str = "database-tls";

/// Beside the volume's Secret there is one that has nothing to do with volumes.
fn begin_with_foreign_secret() -> Life {
    let mut life = Life::begin();
    let secret = json!({"apiVersion": "v1", "kind": "Secret", "metadata": {}, "type": "Opaque"});
    life.write_secret(FOREIGN, secret);
    life
}

#[track_caller]
fn expect_untouched(life: &Life, name: &str) {
    let metadata = &life.secret(name)["metadata"];
    assert_eq!(metadata["finalizers"], Value::Null);
    assert_eq!(metadata["labels"], Value::Null);
}

/// Who may edit a host must not keep others from deleting their Secrets, or have them moved to another cluster.
#[tokio::test(start_paused = true)]
async fn a_secret_that_did_not_opt_in_is_not_guarded_though_a_deployed_host_names_it() {
    let mut life = begin_with_foreign_secret();
    life.create(diskless()).await;
    life.spec(json!({"bootVolume": {"iscsiCredentialsName": FOREIGN}}))
        .await;
    life.expect_state("provisioned");
    expect_untouched(&life, FOREIGN);
    expect_guard(&life, true);

    let label = json!({"metadata": {"labels": {"ironboot.io/iscsi-credentials": "true"}}});
    life.edit_secret(FOREIGN, &label).settle().await;
    assert_eq!(
        life.secret(FOREIGN)["metadata"]["finalizers"],
        json!([FINALIZER])
    );
}

#[tokio::test(start_paused = true)]
async fn a_secret_that_did_not_opt_in_is_not_guarded_though_a_host_claims_to_be_deployed() {
    let mut life = begin_with_foreign_secret();
    let mut host = diskless();
    host["metadata"]["annotations"] = json!({"ironboot.io/deployed-volume": "anything@1"});
    host["spec"]["bootVolume"]["iscsiCredentialsName"] = FOREIGN.into();
    life.create(host).await;
    expect_untouched(&life, FOREIGN);
}

/// A new operator knows of a Secret's type only once a host had it read.
#[tokio::test(start_paused = true)]
async fn a_guard_that_is_taken_away_while_no_operator_runs_comes_back() {
    let mut life = Life::begin();
    life.create(diskless()).await;
    life.stop();
    let bare = json!({"metadata": {"finalizers": null, "labels": null}});
    life.edit_secret(ISCSI_SECRET, &bare).settle().await;
    expect_guard(&life, true);
}

/// A volume that is held asks for no guard, and keeps none from the others.
#[tokio::test(start_paused = true)]
async fn a_secret_that_a_held_host_names_as_well_is_guarded() {
    let mut life = Life::begin();
    life.seed_another_machine();
    life.create(for_claims()).await;
    life.claim().await;
    life.let_go().await;
    life.expect_error("the volume is held");
    life.edit_secret(
        ISCSI_SECRET,
        &json!({"metadata": {"finalizers": null, "labels": null}}),
    );
    life.settle().await;
    expect_guard(&life, false);
    life.create(second()).await;
    expect_guard(&life, true);
}

const MOVE_LABEL: &str = "clusterctl.cluster.x-k8s.io/move";

#[tokio::test(start_paused = true)]
async fn the_secret_of_a_bmc_is_labelled_for_a_move_until_no_host_names_it() {
    let mut life = Life::begin();
    life.create(with_disk()).await;
    let labels = |life: &Life, name| life.secret(name)["metadata"]["labels"].take();
    assert_eq!(labels(&life, BMC_SECRET), json!({MOVE_LABEL: ""}));

    let another = life.secret(BMC_SECRET)["data"].take();
    life.write_secret("another", json!({"metadata": {}, "data": another}));
    life.spec(json!({"bmc": {"credentialsName": "another"}}))
        .await;
    assert_eq!(labels(&life, BMC_SECRET), Value::Null);
    assert_eq!(labels(&life, "another"), json!({MOVE_LABEL: ""}));

    life.delete().await;
    assert_eq!(labels(&life, "another"), Value::Null);
}

/// What a host merely names may be anybody's.
#[tokio::test(start_paused = true)]
async fn a_secret_that_opens_no_bmc_is_not_labelled() {
    let mut life = Life::begin();
    life.bmc_secret("not the password")
        .create(with_disk())
        .await;
    life.expect_state("registering");
    expect_untouched(&life, BMC_SECRET);
}

#[tokio::test(start_paused = true)]
async fn a_label_on_a_bmcs_secret_that_a_user_has_set_stays() {
    let mut life = Life::begin();
    let label = json!({MOVE_LABEL: ""});
    life.edit_secret(BMC_SECRET, &json!({"metadata": {"labels": label}}));
    life.create(with_disk()).await;
    life.delete().await;
    assert_eq!(life.secret(BMC_SECRET)["metadata"]["labels"], label);
}
