//! One volume, one machine: hosts that want what another has, had, or may still have.

use ironic_sim::{Bmc, Seed};
use rstest::rstest;
use serde_json::{Value, json};

use crate::testing::{Life, Stop, diskless};

const FIRST: &str = "metal/node-0/52:54:00:00:00:00";
const SECOND: &str = "metal/node-1/52:54:00:00:00:01";
const DETACHED: &str = "baremetalhost.metal3.io/detached";

/// Another host that wants the same volume.
fn second() -> Value {
    let mut host = on_second_machine(diskless());
    host["metadata"]["name"] = "node-1".into();
    host["spec"]["bootVolume"]["connectorId"] = "iqn.2026-11.org.example:node-1".into();
    host
}

fn on_second_machine(mut host: Value) -> Value {
    host["spec"]["bootMACAddress"] = Seed::mac(1).into();
    let system = format!("redfish+{}{}", Seed::default().address, Seed::system(1));
    host["spec"]["bmc"]["address"] = system.into();
    host
}

fn state(life: &Life, name: &str) -> Value {
    life.host_named(name)["status"]["provisioning"]["state"].clone()
}

#[track_caller]
fn expect_conflict(life: &Life, name: &str, words: &str) {
    let status = &life.host_named(name)["status"];
    let conditions = status["conditions"].as_array().unwrap();
    let ready = conditions
        .iter()
        .find(|one| one["type"] == "BootVolumeReady");
    let ready = ready.unwrap();
    assert_eq!(
        (&ready["status"], &ready["reason"]),
        (&json!("False"), &json!("VolumeConflict"))
    );
    let message = ready["message"].as_str().unwrap();
    assert!(message.contains(words), "{message:?} lacks {words:?}");
}

#[track_caller]
fn expect_holders(life: &Life, holder: &str) {
    assert_eq!(life.lease_holders(), [holder; 3]);
}

/// A world with two machines.
fn begin() -> Life {
    let mut life = Life::begin();
    life.seed_another_machine();
    life
}

/// The first host was deployed, its BMC died, and it was deleted.
async fn bereaved() -> Life {
    let mut life = begin();
    life.create(diskless()).await;
    life.machine(|machine| machine.bmc = Bmc::Absent)
        .delete()
        .await;
    life.expect_state("gone");
    expect_holders(&life, FIRST);
    life
}

#[tokio::test(start_paused = true)]
async fn of_two_hosts_that_come_at_the_same_instant_one_is_deployed() {
    let mut life = begin();
    life.start(&diskless()).start(&second()).settle().await;
    let states = [state(&life, "node-0"), state(&life, "node-1")];
    let (holder, loser, winner) = if states[0] == "provisioned" {
        (FIRST, "node-1", "node-0")
    } else {
        (SECOND, "node-0", "node-1")
    };
    assert_eq!(state(&life, winner), "provisioned");
    assert_eq!(state(&life, loser), "available");
    expect_holders(&life, holder);
    expect_conflict(&life, loser, &format!("host {winner} has "));
    assert_eq!(life.door.agreed_to("active"), 1);
}

/// Wherever the operator dies, and whoever goes on first.
#[tokio::test(start_paused = true)]
async fn of_two_hosts_one_is_deployed_wherever_the_operator_is_stopped() {
    let mut whole = begin();
    whole.start(&diskless()).start(&second()).settle().await;
    for write in 1..=whole.kubernetes.writes() {
        let mut life = begin();
        life.stop_at(Stop::Write(write));
        life.start(&diskless()).start(&second()).settle().await;
        assert_eq!(life.door.agreed_to("active"), 1, "{write}");
        let holders = life.lease_holders();
        assert_eq!(holders.len(), 3, "{write}: {holders:?}");
        assert!(
            holders.iter().all(|holder| *holder == holders[0]),
            "{write}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_release_hands_the_volume_over_by_itself() {
    let mut life = begin();
    life.create(diskless()).await;
    life.create(second()).await;
    expect_conflict(&life, "node-1", "host node-0 has ");
    life.release().await;
    life.expect_state("available");
    assert_eq!(state(&life, "node-1"), "provisioned");
    expect_holders(&life, SECOND);
}

#[tokio::test(start_paused = true)]
async fn a_deletion_gives_the_volume_back() {
    let mut life = begin();
    life.create(diskless()).await;
    expect_holders(&life, FIRST);
    life.delete().await;
    life.expect_state("gone");
    assert_eq!(life.lease_holders(), Vec::<String>::new());
}

#[tokio::test(start_paused = true)]
async fn the_volume_of_a_machine_that_may_run_is_given_to_another_only_once_it_is_fenced() {
    let mut life = bereaved().await;
    life.create(second()).await;
    assert_eq!(state(&life, "node-1"), "available");
    expect_conflict(&life, "node-1", "set the annotation ironboot.io/fenced");

    let fence = |holder: &str| json!({"metadata": {"annotations": {"ironboot.io/fenced": holder}}});
    life.edit_leases(&fence(SECOND)).settle().await;
    expect_conflict(&life, "node-1", "does not name the holder");
    expect_holders(&life, FIRST);

    life.edit_leases(&fence(FIRST)).settle().await;
    assert_eq!(state(&life, "node-1"), "provisioned");
    // The dead machine's initiator, which the second has no use for.
    assert_eq!(life.lease_holders(), [FIRST, SECOND, SECOND, SECOND]);
    let leases = life.kubernetes.all("leases").into_iter();
    for lease in leases.filter(|lease| lease["spec"]["holderIdentity"] == SECOND) {
        assert_eq!(
            lease["metadata"]["annotations"]["ironboot.io/fenced"],
            Value::Null
        );
        assert_eq!(
            lease["metadata"]["labels"]["ironboot.io/host-name"],
            "node-1"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_fence_is_of_no_use_while_its_host_is_there() {
    let mut life = begin();
    life.create(diskless()).await;
    life.create(second()).await;
    let fence = json!({"metadata": {"annotations": {"ironboot.io/fenced": FIRST}}});
    life.edit_leases(&fence).settle().await;
    expect_conflict(&life, "node-1", "delete or detach that host first");
    expect_holders(&life, FIRST);
}

#[tokio::test(start_paused = true)]
async fn a_detached_host_that_was_fenced_is_not_attached_to_its_volume_again() {
    let mut life = begin();
    life.create(diskless()).await;
    life.annotate(DETACHED, "").await;
    life.create(second()).await;
    expect_conflict(&life, "node-1", "its host is detached");
    let fence = json!({"metadata": {"annotations": {"ironboot.io/fenced": FIRST}}});
    life.edit_leases(&fence).settle().await;
    assert_eq!(state(&life, "node-1"), "provisioned");

    life.annotate(DETACHED, Value::Null).await;
    life.expect_state("provisioned").expect_node("none");
    expect_conflict(&life, "node-0", "host node-1 has ");
    assert_eq!(life.door.agreed_to("adopt"), 0);
}

#[tokio::test(start_paused = true)]
async fn a_host_that_is_made_again_with_its_mac_is_the_holder() {
    let mut life = bereaved().await;
    life.machine(|machine| machine.bmc = Bmc::Present)
        .create(diskless())
        .await;
    life.expect_state("provisioned").expect_no_error();
    expect_holders(&life, FIRST);
    life.release().await;
    assert_eq!(life.lease_holders(), Vec::<String>::new());
}

#[tokio::test(start_paused = true)]
async fn a_host_that_is_made_again_with_another_mac_is_another_machine() {
    let mut life = bereaved().await;
    life.create(on_second_machine(diskless())).await;
    life.expect_state("available");
    expect_conflict(&life, "node-0", "an earlier machine of this name");
    expect_conflict(&life, "node-0", "ironboot.io/fenced");
    expect_holders(&life, FIRST);
}

/// Nobody undeployed the machine: it may start from the volume again.
#[tokio::test(start_paused = true)]
async fn a_host_that_is_made_again_without_the_volume_does_not_free_it() {
    let mut life = bereaved().await;
    let mut host = diskless();
    host["spec"]["bootVolume"] = Value::Null;
    life.machine(|machine| machine.bmc = Bmc::Present)
        .create(host)
        .await;
    life.expect_state("available");
    expect_holders(&life, FIRST);
}

#[tokio::test(start_paused = true)]
async fn leases_that_somebody_deleted_are_taken_again() {
    let mut life = begin();
    life.create(diskless()).await;
    let changes = life.door.changes();
    life.remove_leases().settle().await;
    life.expect_state("provisioned").expect_no_error();
    expect_holders(&life, FIRST);
    assert_eq!(life.door.changes(), changes);
}

/// As with `--namespace` and a permission for that alone.
#[tokio::test(start_paused = true)]
async fn a_fence_has_no_effect_until_the_operator_may_look_for_the_holder() {
    const ELSEWHERE: &str = "elsewhere/host-x/52:54:00:00:00:09";
    let mut life = begin();
    life.create(diskless()).await;
    life.kubernetes.forbid_hosts_of(Some("elsewhere"));
    let taken = json!({
        "spec": {"holderIdentity": ELSEWHERE},
        "metadata": {"annotations": {"ironboot.io/fenced": ELSEWHERE}},
    });
    life.edit_leases(&taken).settle().await;
    expect_conflict(&life, "node-0", "a host in another namespace has ");
    expect_conflict(&life, "node-0", "let the operator get baremetalhosts");
    expect_holders(&life, ELSEWHERE);

    life.kubernetes.forbid_hosts_of(None);
    life.stop().settle().await;
    life.expect_state("provisioned").expect_no_error();
    expect_holders(&life, FIRST);
}

/// What a deletion only marks is neither held any more nor free yet.
#[tokio::test(start_paused = true)]
async fn a_lease_with_somebody_elses_finalizer_is_free_once_that_is_gone() {
    let mut life = begin();
    life.create(diskless()).await;
    life.edit_leases(&json!({"metadata": {"finalizers": ["example.org/audit"]}}))
        .settle()
        .await;
    life.release().await;
    life.expect_state("available").expect_no_error();
    expect_holders(&life, FIRST);
    for lease in life.kubernetes.all("leases") {
        assert_ne!(lease["metadata"]["deletionTimestamp"], Value::Null);
    }

    life.create(second()).await;
    life.spec(json!({"bootVolume": diskless()["spec"]["bootVolume"]}))
        .await;
    for name in ["node-0", "node-1"] {
        assert_eq!(state(&life, name), "available");
        expect_conflict(&life, name, "waits for its finalizers");
    }
    life.spec(json!({"bootVolume": null})).await;
    life.edit_leases(&json!({"metadata": {"finalizers": null}}))
        .settle()
        .await;
    assert_eq!(state(&life, "node-1"), "provisioned");
    expect_holders(&life, SECOND);
}

#[tokio::test(start_paused = true)]
async fn a_deployed_host_whose_lease_is_being_deleted_is_left_as_it_is_until_it_can_be_taken_again()
{
    let mut life = begin();
    life.create(diskless()).await;
    let changes = life.door.changes();
    life.edit_leases(&json!({"metadata": {"finalizers": ["example.org/audit"]}}));
    life.remove_leases().settle().await;
    life.expect_state("provisioned");
    expect_conflict(&life, "node-0", "waits for its finalizers");
    assert!(life.is_on());
    life.edit_leases(&json!({"metadata": {"finalizers": null}}))
        .settle()
        .await;
    life.expect_state("provisioned").expect_no_error();
    expect_holders(&life, FIRST);
    assert_eq!(life.door.changes(), changes);
}

#[tokio::test(start_paused = true)]
async fn a_lease_that_somebody_else_wrote_is_left_to_them() {
    let mut life = begin();
    life.create(diskless()).await;
    life.edit_leases(&json!({"spec": {"holderIdentity": "another-controller"}}))
        .settle()
        .await;
    expect_conflict(&life, "node-0", "a holder that this operator did not write");
    expect_holders(&life, "another-controller");
    life.remove_leases().settle().await;
    life.expect_state("provisioned").expect_no_error();
    expect_holders(&life, FIRST);
}

#[rstest]
#[case::in_ironic(false)]
#[case::lost(true)]
#[tokio::test(start_paused = true)]
async fn a_deployed_host_whose_volume_is_anothers_is_left_as_it_is(#[case] is_lost: bool) {
    let mut life = begin();
    life.create(diskless()).await;
    life.edit_leases(&json!({"spec": {"holderIdentity": SECOND}}))
        .settle()
        .await;
    if is_lost {
        life.lose_database().settle().await;
    }
    let changes = life.door.changes();
    life.spec(json!({"online": false})).await;
    life.expect_state("provisioned");
    expect_conflict(&life, "node-0", " has ");
    assert!(life.is_on(), "its power is left alone");
    assert_eq!(life.door.changes(), changes);
}

#[tokio::test(start_paused = true)]
async fn a_host_that_lost_its_database_holds_its_volume() {
    let mut life = begin();
    life.create(diskless()).await;
    life.create(second()).await;
    life.lose_database().settle().await;
    life.expect_state("provisioned").expect_no_error();
    expect_conflict(&life, "node-1", "host node-0 has ");
    expect_holders(&life, FIRST);
}
