//! Power follows what the host asks for.

use ironic_sim::Power;
use rstest::rstest;
use serde_json::{Value, json};

use crate::testing::{Life, Stop, diskless, with_disk};

const REBOOT: &str = "reboot.metal3.io";

#[rstest]
#[case::provisioned(diskless(), "provisioned")]
#[case::available(with_disk(), "available")]
#[tokio::test(start_paused = true)]
async fn the_machine_follows_online(#[case] host: Value, #[case] state: &str) {
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
    // Ironic forgets its words on the failure within seconds: where they were missed, it is asked once more.
    assert!((1..=2).contains(&life.door.agreed_to("soft power off")));
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

#[tokio::test(start_paused = true)]
async fn a_reboot_is_asked_for_once_and_done_once() {
    let mut life = Life::begin();
    life.create(diskless()).await;
    life.annotate(REBOOT, "").await;
    life.expect_state("provisioned").expect_no_error();
    assert_eq!(life.host()["metadata"]["annotations"].get(REBOOT), None);
    assert_eq!(life.door.agreed_to("soft power off"), 1);
    assert_eq!(life.door.agreed_to("power off"), 0);
    assert!(life.is_on());
}

#[tokio::test(start_paused = true)]
async fn a_hard_reboot_asks_nobody() {
    let mut life = Life::begin();
    life.create(diskless()).await;
    life.annotate(REBOOT, r#"{"mode": "hard"}"#).await;
    assert_eq!(life.host()["metadata"]["annotations"].get(REBOOT), None);
    assert_eq!(life.door.agreed_to("soft power off"), 0);
    assert_eq!(life.door.agreed_to("power off"), 1);
    assert!(life.is_on());
}

#[tokio::test(start_paused = true)]
async fn a_machine_is_off_as_long_as_somebody_keeps_it_from_running() {
    let mut life = Life::begin();
    life.create(diskless()).await;
    life.annotate("reboot.metal3.io/maintenance", "").await;
    life.expect_state("provisioned").expect_no_error();
    assert!(!life.is_on());
    assert_eq!(
        life.host()["metadata"]["annotations"]["reboot.metal3.io/maintenance"],
        ""
    );
    life.annotate("reboot.metal3.io/maintenance", Value::Null)
        .await;
    life.expect_state("provisioned").expect_no_error();
    assert!(life.is_on());
}

#[tokio::test(start_paused = true)]
async fn a_reboot_is_for_machines_that_run_something() {
    let mut life = Life::begin();
    life.create(with_disk()).await;
    life.annotate("reboot.metal3.io/somebody", "").await;
    assert!(
        life.is_on(),
        "without force it is for provisioned hosts only"
    );
    life.annotate("reboot.metal3.io/somebody", r#"{"force": true}"#)
        .await;
    assert!(!life.is_on());
}

#[tokio::test(start_paused = true)]
async fn an_operator_that_is_killed_in_a_reboot_does_no_second_one() {
    let mut life = Life::begin();
    life.create(diskless()).await;
    let mark = life.door.count();
    life.annotate(REBOOT, "").await;
    for request in (1..=(life.door.count() - mark).min(40)).step_by(3) {
        let mut life = Life::begin();
        life.create(diskless()).await;
        life.stop_at(Stop::Request(mark + request));
        life.annotate(REBOOT, "").await;
        assert_eq!(
            life.door.agreed_to("soft power off"),
            1,
            "stopped at {request}"
        );
        assert!(life.is_on(), "stopped at {request}");
    }
}
