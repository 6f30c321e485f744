//! Secrets that come late, change, or go.

use std::time::Duration;

use crate::testing::{
    BMC_PASSWORD, BMC_SECRET, ISCSI_PASSWORD, ISCSI_SECRET, Life, diskless, with_disk,
};

#[tokio::test(start_paused = true)]
async fn a_host_waits_for_its_bmc_secret_and_goes_on_when_it_comes() {
    let mut life = Life::begin();
    life.remove_secret(BMC_SECRET).create(diskless()).await;
    life.expect_state("registering").expect_node("none");
    life.expect_error("node-0-bmc does not exist")
        .expect_visible();

    life.bmc_secret(BMC_PASSWORD).settle().await;
    life.expect_state("provisioned").expect_no_error();
}

#[tokio::test(start_paused = true)]
async fn a_host_waits_for_its_volume_secret_and_goes_on_when_it_comes() {
    let mut life = Life::begin();
    life.remove_secret(ISCSI_SECRET).create(diskless()).await;
    life.expect_state("available")
        .expect_error("vol-1-chap")
        .expect_visible();

    life.iscsi_secret(ISCSI_PASSWORD).settle().await;
    life.expect_state("provisioned").expect_no_error();
}

#[tokio::test(start_paused = true)]
async fn a_wrong_bmc_password_is_an_error_until_it_is_corrected() {
    let mut life = Life::begin();
    life.bmc_secret("zebra-that-is-wrong")
        .create(with_disk())
        .await;
    life.expect_state("registering").expect_node("enroll");
    life.expect_error("Incorrect username or password")
        .expect_visible();

    life.bmc_secret(BMC_PASSWORD).settle().await;
    life.expect_state("available").expect_no_error();
}

#[tokio::test(start_paused = true)]
async fn a_wrong_bmc_password_never_keeps_a_host_from_being_deleted() {
    let mut life = Life::begin();
    life.bmc_secret("zebra-that-is-wrong")
        .create(with_disk())
        .await;
    life.delete().await;
    life.expect_state("gone").expect_node("none");
}

#[tokio::test(start_paused = true)]
async fn a_volume_password_that_changes_while_deployed_is_left_for_the_next_deployment() {
    let mut life = Life::begin();
    life.create(diskless()).await;
    life.iscsi_secret("zebra-that-is-new").settle().await;
    life.expect_state("provisioned").expect_no_error();
    assert_eq!(life.door.agreed_to("active"), 1);
    assert!(life.is_on());
}

#[tokio::test(start_paused = true)]
async fn a_secret_that_changes_at_any_moment_of_a_deployment_does_no_harm() {
    for seconds in 0..16 {
        let mut life = Life::begin();
        life.start(&diskless())
            .run_for(Duration::from_secs(seconds))
            .await;
        life.iscsi_secret("zebra-that-is-new").settle().await;
        life.expect_state("provisioned").expect_no_error();
    }
}
