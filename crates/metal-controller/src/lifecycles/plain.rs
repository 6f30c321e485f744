//! Lives in which nothing goes wrong.

use ironic_sim::Seed;
use serde_json::{Value, json};

use crate::testing::{Life, diskless, with_disk};

#[tokio::test(start_paused = true)]
async fn a_diskless_host_is_deployed_released_and_deleted() {
    let mut life = Life::begin();
    life.create(diskless()).await;
    life.expect_state("provisioned")
        .expect_node("active")
        .expect_no_error();
    life.expect_volumes(1);
    assert!(life.is_on());

    life.release().await;
    life.expect_state("available")
        .expect_node("available")
        .expect_no_error();

    life.expect_volumes(0);

    life.delete().await;
    life.expect_state("gone").expect_node("none");
    assert!(!life.is_on());
}

#[tokio::test(start_paused = true)]
async fn a_host_is_deployed_again_after_its_release_under_another_id() {
    let mut life = Life::begin();
    life.create(diskless()).await;
    let first = life.picture();
    let volume = diskless()["spec"]["bootVolume"].clone();
    life.release().await;
    life.spec(serde_json::json!({"bootVolume": volume})).await;
    life.expect_picture(&first);
    assert_eq!(life.door.agreed_to("active"), 2);
}

#[tokio::test(start_paused = true)]
async fn a_host_that_asks_for_nothing_is_cleaned_and_offered() {
    let mut life = Life::begin();
    life.create(with_disk()).await;
    life.expect_state("available")
        .expect_node("available")
        .expect_no_error();
    assert_eq!(life.door.agreed_to("active"), 0);
}

#[tokio::test(start_paused = true)]
async fn a_paused_host_is_left_alone_until_it_goes_on() {
    let mut life = Life::begin();
    life.create(diskless()).await;
    life.annotate("baremetalhost.metal3.io/paused", "").await;
    let (host, changes) = (life.host(), life.door.changes());
    life.machine(|machine| machine.power = ironic_sim::Power::Off)
        .settle()
        .await;
    assert_eq!((life.host(), life.door.changes()), (host, changes));

    life.annotate("baremetalhost.metal3.io/paused", Value::Null)
        .await;
    life.expect_state("provisioned").expect_no_error();
    assert!(life.is_on());
}

#[tokio::test(start_paused = true)]
async fn an_operator_that_is_started_anew_writes_nothing_for_a_host_at_rest() {
    let mut life = Life::begin();
    life.create(diskless()).await;
    let (host, changes) = (life.host(), life.door.changes());
    life.stop().settle().await;
    assert_eq!((life.host(), life.door.changes()), (host, changes));
}

#[tokio::test(start_paused = true)]
async fn two_hosts_with_one_volume_are_not_deployed_both() {
    let mut life = Life::of_many(2);
    life.create(diskless()).await;
    let mut other = diskless();
    other["metadata"]["name"] = "node-1".into();
    other["spec"]["bootMACAddress"] = Seed::mac(1).into();
    let address = format!("redfish+{}{}", Seed::default().address, Seed::system(1));
    other["spec"]["bmc"]["address"] = address.into();
    other["spec"]["bootVolume"]["connectorId"] = "iqn.2026-11.org.example:node-1".into();
    life.create(other).await;
    let other = life.host_named("node-1");
    assert_eq!(other["status"]["provisioning"]["state"], "available");
    let message = other["status"]["errorMessage"].as_str().unwrap_or_default();
    assert!(
        message.contains("which belongs to one machine"),
        "{message}"
    );
    life.expect_state("provisioned").expect_no_error();
}

#[tokio::test(start_paused = true)]
async fn a_host_whose_status_was_lost_is_the_deployment_that_it_was() {
    let mut life = Life::begin();
    life.create(diskless()).await;
    let before = life.picture();
    life.lose_status().settle().await;
    life.expect_visible();
    assert_eq!(life.picture()["ironic"], before["ironic"]);
    assert!(life.is_on());
    assert_eq!(life.door.agreed_to("active"), 1);
}

#[tokio::test(start_paused = true)]
async fn a_port_of_another_node_is_a_conflict_that_names_it() {
    let mut life = Life::begin();
    life.create(with_disk()).await;
    // Its node stays behind.
    life.start_patch(&json!({"metadata": {"finalizers": null}}));
    life.delete().await;
    let mut other = with_disk();
    other["metadata"]["name"] = "node-1".into();
    life.create(other).await;
    let status = life.host_named("node-1")["status"].clone();
    assert_eq!(status["errorType"], "registration error");
    let message = status["errorMessage"].as_str().unwrap_or_default();
    assert!(
        message.contains("52:54:00:00:00:00") && message.contains("metal~node-0"),
        "{message}"
    );
    life.expect_node("available");
}
