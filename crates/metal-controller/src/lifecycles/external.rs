//! Machines that somebody else deployed (`spec.externallyProvisioned`): they are adopted, and left as they are.

use ironic_sim::Power;
use serde_json::json;

use crate::testing::{Life, external, with_disk};

/// A machine that runs something of somebody else's.
async fn with_external() -> Life {
    let mut life = Life::begin();
    life.machine(|machine| machine.power = Power::On);
    life.create(external()).await;
    life
}

/// The machine was neither deployed nor switched by anybody.
#[track_caller]
fn expect_untouched(life: &Life) {
    for verb in [
        "active",
        "deleted",
        "power off",
        "soft power off",
        "power on",
        "rebooting",
    ] {
        assert_eq!(life.door.agreed_to(verb), 0, "{verb}");
    }
    assert!(life.is_on());
}

#[tokio::test(start_paused = true)]
async fn an_externally_provisioned_machine_is_adopted_and_runs_on() {
    let mut life = with_external().await;
    life.expect_state("externally provisioned")
        .expect_node("active")
        .expect_no_error();
    assert_eq!(life.door.agreed_to("adopt"), 1);
    expect_untouched(&life);
}

#[tokio::test(start_paused = true)]
async fn an_externally_provisioned_machine_follows_online() {
    let mut life = with_external().await;
    life.spec(json!({"online": false})).await;
    assert!(!life.is_on());
    life.spec(json!({"online": true})).await;
    assert!(life.is_on());
    life.expect_state("externally provisioned")
        .expect_no_error();
}

#[tokio::test(start_paused = true)]
async fn an_available_host_becomes_externally_provisioned_when_it_says_so() {
    let mut life = Life::begin();
    life.create(with_disk()).await;
    life.spec(json!({"externallyProvisioned": true})).await;
    life.expect_state("externally provisioned")
        .expect_no_error();
    assert_eq!(life.door.agreed_to("active"), 0);
}

#[tokio::test(start_paused = true)]
async fn a_host_that_is_externally_provisioned_no_longer_is_undeployed() {
    let mut life = with_external().await;
    life.spec(json!({"externallyProvisioned": false})).await;
    life.expect_state("available")
        .expect_node("available")
        .expect_no_error();
    assert_eq!(life.door.agreed_to("deleted"), 1);
}

#[tokio::test(start_paused = true)]
async fn an_externally_provisioned_machine_is_switched_off_and_forgotten_with_its_host() {
    let mut life = with_external().await;
    life.delete().await;
    life.expect_state("gone").expect_node("none");
    assert!(!life.is_on());
    assert_eq!(life.door.agreed_to("deleted"), 0, "it is not cleaned");
}

#[tokio::test(start_paused = true)]
async fn an_externally_provisioned_machine_is_adopted_again_after_a_loss_of_the_database() {
    let mut life = with_external().await;
    let before = life.picture();
    life.lose_database().settle().await;
    life.expect_picture(&before);
    assert_eq!(life.door.agreed_to("adopt"), 2);
    expect_untouched(&life);
}
