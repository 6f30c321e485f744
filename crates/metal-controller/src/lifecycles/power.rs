//! Power follows what the host asks for.

use ironic_sim::Power;
use rstest::rstest;
use serde_json::json;

use crate::testing::{Life, diskless, with_disk};

#[rstest]
#[case::provisioned(diskless(), "provisioned")]
#[case::available(with_disk(), "available")]
#[tokio::test(start_paused = true)]
async fn the_machine_follows_online(#[case] host: serde_json::Value, #[case] state: &str) {
    let mut life = Life::begin();
    life.create(host).await;
    life.expect_state(state);
    assert!(life.is_on());
    life.spec(json!({"online": false})).await;
    life.expect_state(state).expect_no_error();
    assert!(!life.is_on());
    life.spec(json!({"online": true})).await;
    life.expect_state(state).expect_no_error();
    assert!(life.is_on());
}

#[tokio::test(start_paused = true)]
async fn a_machine_that_was_switched_by_other_hands_is_switched_back() {
    let mut life = Life::begin();
    life.create(diskless()).await;
    life.machine(|machine| machine.power = Power::Off)
        .settle()
        .await;
    life.expect_state("provisioned").expect_no_error();
    assert!(life.is_on());
}

#[tokio::test(start_paused = true)]
async fn a_machine_that_does_not_shut_down_loses_its_power_in_the_end() {
    let mut life = Life::begin();
    life.create(diskless()).await;
    life.machine(|machine| machine.honours_acpi = false);
    life.spec(json!({"online": false})).await;
    life.expect_state("provisioned").expect_no_error();
    assert!(!life.is_on());
    assert_eq!(life.door.agreed_to("soft power off"), 1);
}

#[tokio::test(start_paused = true)]
async fn a_power_that_is_stuck_is_an_error_until_it_is_not() {
    let mut life = Life::begin();
    life.create(diskless()).await;
    life.machine(|machine| machine.is_power_stuck = true);
    life.spec(json!({"online": false})).await;
    life.expect_state("provisioned").expect_visible();
    assert_eq!(life.host()["status"]["errorType"], "power management error");
    life.machine(|machine| machine.is_power_stuck = false);
    life.settle().await;
    life.spec(json!({"description": "look again"})).await;
    life.expect_state("provisioned").expect_no_error();
    assert!(!life.is_on());
}
