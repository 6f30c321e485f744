//! User data, by a config drive in the machine's virtual CD drive.

use ironic_sim::{Failing, Fault, FaultKind};
use ironic_types::{Microversion, VersionRange};
use serde_json::{Value, json};

use crate::testing::{Life, USER_DATA, USER_DATA_SECRET, for_claims, with_user_data};

const DEPLOYED: &str = "ironboot.io/deployed-config-drive";
const CONDITION: &str = "UserDataDelivered";

/// A host that is deployed with user data.
async fn deployed() -> Life {
    let mut life = Life::begin();
    life.user_data(USER_DATA).create(with_user_data()).await;
    life.expect_state("provisioned").expect_no_error();
    life.expect_condition(CONDITION, "Attached");
    assert!(life.has_disc());
    life
}

/// The URLs of the discs that Ironic was asked to insert.
fn insertions(life: &Life) -> Vec<String> {
    let asked = life.door.asked().into_iter();
    asked.filter_map(|asked| asked.disc).collect()
}

/// The content that the status says the machine has; null without a config drive.
fn recorded(life: &Life) -> Value {
    life.host()["status"]["provisioning"]["bootVolume"]["configDrive"].clone()
}

#[tokio::test(start_paused = true)]
async fn a_claimed_machine_has_its_user_data_before_it_starts_and_loses_it_with_the_release() {
    let mut life = Life::begin();
    life.create(for_claims()).await;
    assert!(life.is_offered());
    assert_eq!(life.condition(CONDITION).0, "");

    life.user_data(USER_DATA)
        .start_patch(&json!({"spec": {"userData": {"name": USER_DATA_SECRET}}}));
    life.claim().await;
    life.expect_state("provisioned").expect_no_error();
    life.expect_condition(CONDITION, "Attached");
    assert!(life.has_disc() && life.is_on());
    let asked = life.door.asked();
    let inserted = asked.iter().position(|asked| asked.disc.is_some());
    let started = asked.iter().position(|asked| asked.agreed_to("active"));
    assert!(inserted.unwrap() < started.unwrap());
    assert_eq!(life.annotation(DEPLOYED), recorded(&life));

    life.let_go().await;
    life.expect_state("available");
    assert!(!life.has_disc());
    assert_eq!(
        (life.annotation(DEPLOYED), recorded(&life)),
        (Value::Null, Value::Null)
    );
    life.expect_no_warning("none of it is an error");
}

#[tokio::test(start_paused = true)]
async fn ironic_is_told_where_the_disc_is_and_not_what_is_on_it() {
    let life = deployed().await;
    let [url] = <[String; 1]>::try_from(insertions(&life)).unwrap();
    assert!(
        url.starts_with("https://ironboot.example/config-drive/metal/node-0/"),
        "{url}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_disc_that_cannot_be_had_is_told_without_the_way_to_it_and_tried_again() {
    let mut life =
        Life::with(|settings| settings.missing_images = vec!["/config-drive/".to_owned()]);
    life.user_data(USER_DATA).create(with_user_data()).await;
    assert_eq!(life.door.agreed_to("active"), 0);
    assert!(insertions(&life).len() > 1, "it was not tried again");
    life.expect_condition(CONDITION, "AttachFailed");
    let error = life.error();
    assert!(
        error.starts_with("the config drive could not be inserted: Could not attach device cdrom"),
        "{error}"
    );
    assert!(error.contains("Got HTTP code 404"), "{error}");
    for url in insertions(&life) {
        let signature = url.rsplit('/').next().unwrap();
        assert!(!life.host().to_string().contains(signature), "{error}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_insertion_that_failed_once_delays_no_more_than_the_deployment() {
    let mut life = Life::begin();
    let words = "The BMC said no.".to_owned();
    life.sim
        .inject(Fault::once(FaultKind::Fails(Failing::VirtualMedia, words)));
    life.user_data(USER_DATA).create(with_user_data()).await;
    life.expect_state("provisioned").expect_no_error();
    assert!(life.has_disc());
    assert_eq!(
        (insertions(&life).len(), life.door.agreed_to("active")),
        (2, 1)
    );
}

#[tokio::test(start_paused = true)]
async fn an_ejection_that_fails_keeps_the_host_until_it_succeeds() {
    let mut life = deployed().await;
    let words = "The BMC said no.".to_owned();
    life.sim
        .inject(Fault::once(FaultKind::Fails(Failing::VirtualMedia, words)).times(2));
    life.spec(json!({"bootVolume": null, "userData": null}))
        .await;
    life.expect_state("available").expect_no_error();
    assert!(!life.has_disc());
}

#[tokio::test(start_paused = true)]
async fn an_ejection_that_always_fails_does_not_keep_a_deleted_host() {
    let mut life = deployed().await;
    let words = "The BMC said no.".to_owned();
    life.sim
        .inject(Fault::once(FaultKind::Fails(Failing::VirtualMedia, words)).always());
    life.delete().await;
    life.expect_state("gone").expect_node("none");
}

#[tokio::test(start_paused = true)]
async fn a_disc_of_somebody_is_not_taken_for_ours() {
    let mut life = Life::begin();
    life.machine(|machine| {
        machine.media.insert(
            ironic_sim::Slot::Cd,
            "http://192.0.2.9/other.iso".to_owned(),
        );
    });
    life.user_data(USER_DATA).create(with_user_data()).await;
    life.expect_state("provisioned").expect_no_error();
    let machine = life.sim.machine_of("metal~node-0").unwrap();
    let disc = &machine.media[&ironic_sim::Slot::Cd];
    assert!(disc.contains("/redfish/cdrom-"), "{disc}");
}

/// The Secret may come with its host or after it, as with a controller that writes both.
#[tokio::test(start_paused = true)]
async fn a_host_waits_for_its_user_data_and_goes_on_when_it_comes() {
    let mut life = Life::begin();
    life.create(with_user_data()).await;
    life.expect_state("available")
        .expect_error("spec.userData: Secret node-0-user-data does not exist")
        .expect_visible();
    life.expect_condition(CONDITION, "SecretMissing");
    life.user_data(USER_DATA).settle().await;
    life.expect_state("provisioned").expect_no_error();
}

#[tokio::test(start_paused = true)]
async fn other_user_data_waits_for_the_next_deployment() {
    let mut life = deployed().await;
    let before = recorded(&life);
    let requests = life.door.changes();
    life.user_data("zebra-of-another").settle().await;
    assert_eq!(
        (recorded(&life), life.door.changes()),
        (before.clone(), requests)
    );

    life.annotate("ironboot.io/redeploy", "1").await;
    life.expect_state("provisioned").expect_no_error();
    assert_ne!(recorded(&life), before);
    assert!(life.has_disc());
    assert_eq!(insertions(&life).len(), 2);

    life.annotate("ironboot.io/redeploy", "2").await;
    assert_eq!(insertions(&life).len(), 2, "nothing has changed");
}

#[tokio::test(start_paused = true)]
async fn a_redeployment_without_user_data_takes_the_disc_out() {
    let mut life = deployed().await;
    life.spec(json!({"userData": null})).await;
    assert!(life.has_disc());
    life.annotate("ironboot.io/redeploy", "1").await;
    life.expect_state("provisioned").expect_no_error();
    assert!(!life.has_disc() && life.is_on());
    assert_eq!(
        (life.annotation(DEPLOYED), recorded(&life)),
        (Value::Null, Value::Null)
    );
}

#[tokio::test(start_paused = true)]
async fn a_disc_of_before_that_cannot_be_ejected_is_told_and_tried_again() {
    let mut life = Life::begin();
    life.machine(|machine| {
        let other = "http://192.0.2.9/other.iso".to_owned();
        machine.media.insert(ironic_sim::Slot::Cd, other);
    });
    let words = "The BMC said no.".to_owned();
    let fails = FaultKind::Fails(Failing::VirtualMedia, words);
    life.sim.inject(Fault::once(fails).times(2));
    life.user_data(USER_DATA).create(with_user_data()).await;
    life.expect_state("provisioned").expect_no_error();
    assert!(life.has_disc());
    let events = life.kubernetes.events();
    let told = events.iter().filter(|event| {
        let note = event["note"].as_str().unwrap_or_default();
        note.contains("could not be ejected")
    });
    assert!(told.count() > 0);
}

#[tokio::test(start_paused = true)]
async fn a_status_that_was_lost_before_a_deletion_leaves_no_disc() {
    let mut life = deployed().await;
    life.lose_status().delete().await;
    life.expect_state("gone").expect_node("none");
    assert!(!life.has_disc());
}

/// A consumer would bring user data, and wait for ever.
#[tokio::test(start_paused = true)]
async fn a_host_whose_virtual_media_cannot_be_used_is_offered_only_if_it_forgoes_user_data() {
    let mut life = Life::with(|settings| {
        settings.versions = VersionRange {
            min: Microversion::v1(1),
            max: Microversion::v1(92),
        };
    });
    life.create(for_claims()).await;
    assert!(!life.is_offered());
    life.expect_condition(CONDITION, "NoVirtualMedia");
    life.spec(json!({"bootVolume": {"configDrive": "None"}}))
        .await;
    assert!(life.is_offered());
}

/// A pool that waits for months asks no BMC all the time.
#[tokio::test(start_paused = true)]
async fn an_offered_host_asks_its_bmc_once() {
    let mut life = Life::begin();
    life.create(for_claims()).await;
    let looks = || {
        let asked = life.door.asked().into_iter();
        asked
            .filter(|asked| asked.target.ends_with("/vmedia?"))
            .count()
    };
    assert_eq!(looks(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_loss_of_the_database_leaves_the_disc_and_a_release_takes_it_out() {
    let mut life = deployed().await;
    life.lose_database().settle().await;
    life.expect_state("provisioned").expect_no_error();
    assert!(life.has_disc() && life.is_on());
    life.release().await;
    life.expect_state("available");
    assert!(!life.has_disc());
}

/// Metal3's types drop the record on a move.
#[tokio::test(start_paused = true)]
async fn a_loss_of_the_status_leaves_the_disc_and_a_release_takes_it_out() {
    let mut life = deployed().await;
    let before = recorded(&life);
    life.lose_status().settle().await;
    life.expect_state("provisioned").expect_no_error();
    assert_eq!(recorded(&life), before);
    life.expect_condition(CONDITION, "Attached");
    life.release().await;
    assert!(!life.has_disc());
}
