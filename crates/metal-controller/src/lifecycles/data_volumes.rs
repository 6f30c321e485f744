//! Volumes beside the boot volume, and several ways to one.

use ironic_sim::{Boot, SanBoot};
use secrecy::ExposeSecret;
use serde_json::{Value, json};

use super::whole::Course;
use crate::testing::{DATA_PASSWORD, DATA_SECRET, ISCSI_PASSWORD, Life, with_data};

const LOGS: &str = "iqn.2026-11.org.example:vol-logs";

async fn deployed() -> Life {
    let mut life = Life::begin();
    life.data_secret(DATA_PASSWORD).create(with_data()).await;
    life.expect_state("provisioned");
    life
}

fn san(life: &Life) -> SanBoot {
    match life.boot() {
        Some(Boot::San(san)) => san,
        other => panic!("{other:?}"),
    }
}

/// What is attached: the ways to each volume, the user and the password.
fn hooks(life: &Life) -> Vec<(Vec<String>, String, String)> {
    let hooks = san(life).hooks.into_iter();
    hooks
        .map(|hook| {
            let password = hook.password.map(|text| text.expose_secret().to_owned());
            (
                hook.uris,
                hook.username.unwrap_or_default(),
                password.unwrap_or_default(),
            )
        })
        .collect()
}

fn applied(life: &Life) -> (String, String) {
    let host = life.host();
    let conditions = host["status"]["conditions"].as_array().unwrap();
    let condition = conditions
        .iter()
        .find(|condition| condition["type"] == "DataVolumesApplied");
    let text = |key: &str| condition.map_or("absent", |found| found[key].as_str().unwrap());
    (text("reason").to_owned(), text("message").to_owned())
}

#[tokio::test(start_paused = true)]
async fn the_machine_gets_all_volumes_by_all_portals_each_with_its_own_credentials() {
    let life = deployed().await;
    let of = |uris: &[&str], user: &str, password: &str| {
        let uris = uris.iter().map(|&uri| uri.to_owned()).collect();
        (uris, user.to_owned(), password.to_owned())
    };
    let boot = [
        "iscsi:192.0.2.1::3260:1:iqn.2026-11.org.example:vol-1",
        "iscsi:192.0.2.2::3260:1:iqn.2026-11.org.example:vol-1",
    ];
    let expected = [
        of(&boot, "node-0", ISCSI_PASSWORD),
        of(
            &[&format!("iscsi:192.0.2.1::3260:1:{LOGS}")],
            "node-0",
            DATA_PASSWORD,
        ),
        of(
            &["iscsi:192.0.2.3::3260:2:iqn.2026-11.org.example:vol-scratch"],
            "",
            "",
        ),
    ];
    assert_eq!(hooks(&life), expected);
    assert_eq!(applied(&life).0, "Applied");
}

#[tokio::test(start_paused = true)]
async fn nothing_of_a_data_volume_is_left_after_a_release() {
    let pictures = Course::Data.undisturbed().await.pictures;
    let released = &pictures[2];
    assert_eq!(
        released["host"]["conditions"]["DataVolumesApplied"],
        Value::Null
    );
    for list in ["targets", "connectors"] {
        assert_eq!(released["ironic"][list], json!([]), "{list}");
    }
    assert_eq!(
        pictures[0]["ironic"]["targets"].as_array().map(Vec::len),
        Some(3)
    );
    assert_eq!(
        pictures[1], pictures[0],
        "after the loss of the database all is as it was"
    );
}

#[tokio::test(start_paused = true)]
async fn a_change_is_pending_until_the_next_deployment_and_touches_nothing() {
    let mut life = deployed().await;
    let before = life.picture()["ironic"].clone();
    let first = with_data()["spec"]["dataVolumes"][0].clone();
    life.spec(json!({"dataVolumes": [first]})).await;
    life.expect_state("provisioned").expect_no_error();
    assert_eq!(life.picture()["ironic"], before);
    let (reason, message) = applied(&life);
    assert_eq!(reason, "Pending");
    assert!(message.contains("scratch is still attached"), "{message}");

    life.release().await;
    life.expect_state("available");
    assert_eq!(applied(&life).0, "absent");
    let mut host = with_data()["spec"].clone();
    host["dataVolumes"] = json!([first]);
    life.spec(host).await;
    life.expect_state("provisioned");
    assert_eq!(applied(&life).0, "Applied");
    assert_eq!(hooks(&life).len(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_secret_of_a_data_volume_that_comes_lets_the_host_go_on() {
    let mut life = Life::begin();
    life.create(with_data()).await;
    life.expect_state("available")
        .expect_error(
            "spec.dataVolumes[logs].iscsiCredentialsName: Secret logs-chap does not exist",
        )
        .expect_visible();
    life.data_secret(DATA_PASSWORD).settle().await;
    life.expect_state("provisioned").expect_no_error();
}

#[tokio::test(start_paused = true)]
async fn without_the_password_of_a_data_volume_nothing_is_adopted() {
    let mut life = deployed().await;
    let before = life.picture();
    life.edit_secret(DATA_SECRET, &json!({"data": {"password": null}}));
    life.lose_database().settle().await;
    life.expect_node("manageable")
        .expect_error("spec.dataVolumes[logs].iscsiCredentialsName");
    assert!(life.is_on());
    life.data_secret(DATA_PASSWORD).settle().await;
    life.expect_picture(&before);
}

#[tokio::test(start_paused = true)]
async fn a_lost_status_keeps_what_the_machine_has_on_record() {
    let mut life = deployed().await;
    let first = with_data()["spec"]["dataVolumes"][0].clone();
    life.spec(json!({"dataVolumes": [first]})).await;
    let recorded = life.host()["status"]["provisioning"]["bootVolume"].clone();
    life.lose_status().settle().await;
    life.expect_state("provisioned");
    let volume = life.host()["status"]["provisioning"]["bootVolume"].clone();
    assert_eq!(volume["dataVolumes"], recorded["dataVolumes"]);
    assert_eq!(volume["deploymentId"], recorded["deploymentId"]);
}
