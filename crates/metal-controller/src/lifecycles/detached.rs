//! Hosts that are taken out of Ironic while their machines run on, and come back.

use serde_json::Value;

use crate::testing::{Life, diskless, with_disk};

const DETACHED: &str = "baremetalhost.metal3.io/detached";

#[tokio::test(start_paused = true)]
async fn a_detached_host_is_not_in_ironic_and_its_machine_runs_on() {
    let mut life = Life::begin();
    life.create(diskless()).await;
    life.annotate(DETACHED, "").await;
    life.expect_state("provisioned").expect_node("none");
    assert_eq!(life.host()["status"]["operationalStatus"], "detached");
    assert!(life.is_on());
    for verb in ["deleted", "power off", "soft power off"] {
        assert_eq!(life.door.agreed_to(verb), 0, "{verb}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_host_that_is_attached_again_is_what_it_was() {
    let mut life = Life::begin();
    life.create(diskless()).await;
    let before = life.picture();
    life.annotate(DETACHED, "").await;
    life.annotate(DETACHED, Value::Null).await;
    life.expect_picture(&before);
    assert_eq!(life.door.agreed_to("active"), 1, "not deployed again");
    for verb in ["deleted", "power off", "soft power off", "rebooting"] {
        assert_eq!(life.door.agreed_to(verb), 0, "{verb}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_available_host_is_detached_and_attached_again() {
    let mut life = Life::begin();
    life.create(with_disk()).await;
    let before = life.picture();
    life.annotate(DETACHED, "").await;
    life.expect_state("available").expect_node("none");
    life.annotate(DETACHED, Value::Null).await;
    life.expect_picture(&before);
}

#[tokio::test(start_paused = true)]
async fn a_host_on_its_way_is_detached_at_once_by_force() {
    let mut life = Life::begin();
    life.start(&diskless()).run_until_node_is("deploying").await;
    life.annotate(DETACHED, r#"{"force": true}"#).await;
    life.expect_state("provisioning").expect_node("none");
    assert_eq!(life.host()["status"]["operationalStatus"], "detached");
}

#[tokio::test(start_paused = true)]
async fn a_detached_host_is_deleted_and_its_machine_runs_on() {
    let mut life = Life::begin();
    life.create(diskless()).await;
    life.annotate(DETACHED, "").await;
    life.delete().await;
    life.expect_state("gone").expect_node("none");
    assert!(life.is_on());
}

#[tokio::test(start_paused = true)]
async fn the_deletion_of_a_detached_host_waits_if_it_says_so() {
    let mut life = Life::begin();
    life.create(diskless()).await;
    life.annotate(DETACHED, r#"{"deleteAction": "delay"}"#)
        .await;
    life.delete().await;
    life.expect_state("provisioned")
        .expect_node("none")
        .expect_visible();
    assert!(life.is_on());
    life.annotate(DETACHED, Value::Null).await;
    life.expect_state("gone").expect_node("none");
    assert!(
        !life.is_on(),
        "it is attached, shut down and undeployed first"
    );
}

#[tokio::test(start_paused = true)]
async fn a_host_on_its_way_is_detached_once_it_has_arrived() {
    let mut life = Life::begin();
    life.start(&diskless()).run_until_node_is("deploying").await;
    life.annotate(DETACHED, "").await;
    life.expect_state("provisioned").expect_node("none");
    assert!(life.is_on());
}
