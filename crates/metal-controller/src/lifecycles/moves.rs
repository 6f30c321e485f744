//! Hosts that move to another cluster, whose operator uses the same Ironic or an empty one.

use rstest::rstest;
use serde_json::{Value, json};

use crate::testing::{Life, diskless, for_claims};

/// Which Ironic the operator of the other cluster uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ironic {
    /// The one that knows the host's node.
    Same,
    /// One that knows nothing.
    Empty,
}

async fn moved(life: &mut Life, ironic: Ironic) {
    life.change_cluster().await;
    if ironic == Ironic::Empty {
        life.lose_database();
    }
    life.unpause().await;
}

/// What no move may ask of Ironic.
const HARMFUL: [&str; 6] = [
    "active",
    "deleted",
    "power on",
    "power off",
    "soft power off",
    "rebooting",
];

fn harm(life: &Life) -> Vec<usize> {
    HARMFUL
        .iter()
        .map(|verb| life.door.agreed_to(verb))
        .collect()
}

#[rstest]
#[case::by_itself(diskless())]
#[case::claimed(for_claims())]
#[tokio::test(start_paused = true)]
async fn a_deployed_host_is_moved_and_its_machine_does_not_notice(
    #[case] host: Value,
    #[values(Ironic::Same, Ironic::Empty)] ironic: Ironic,
) {
    let mut life = Life::begin();
    life.create(host).await;
    life.claim().await;
    life.expect_state("provisioned");
    let (mut before, record, harmed) = (life.picture(), deployment(&life), harm(&life));
    moved(&mut life, ironic).await;
    if ironic == Ironic::Same {
        // This cluster's fingerprints have another key, and the machine still has what the other's operator gave it.
        before["host"]["conditions"]["CredentialsApplied"] = "Unknown/Unknown".into();
    }
    life.expect_picture(&before);
    assert_eq!(deployment(&life), record);
    assert_eq!(harm(&life), harmed);
    assert_eq!(
        life.door.agreed_to("adopt"),
        usize::from(ironic == Ironic::Empty)
    );

    // There it goes on as anywhere.
    life.delete().await;
    life.expect_state("gone").expect_node("none");
    assert!(!life.is_on());
}

/// The record of the deployment but for its fingerprints, and the initiator that is shown.
fn deployment(life: &Life) -> Value {
    let status = &life.host()["status"];
    let mut record = status["provisioning"]["bootVolume"].clone();
    record["credentials"].take();
    json!([record, status["bootVolume"]["connectorId"]])
}

#[rstest]
#[tokio::test(start_paused = true)]
async fn a_held_host_is_held_in_the_other_cluster(
    #[values(Ironic::Same, Ironic::Empty)] ironic: Ironic,
) {
    let mut life = Life::begin();
    life.create(for_claims()).await;
    life.claim().await;
    life.let_go().await;
    let (before, harmed) = (life.picture(), harm(&life));
    let released = life.annotation("ironboot.io/released-volume");
    moved(&mut life, ironic).await;
    life.expect_picture(&before)
        .expect_error("the volume is held");
    assert_eq!(harm(&life), harmed);
    assert_eq!(life.annotation("ironboot.io/released-volume"), released);

    life.claim().await;
    life.expect_state("available");
    life.let_go().await;
    life.annotate("ironboot.io/reuse-volume", released).await;
    assert!(life.is_offered());
    life.claim().await;
    life.expect_state("provisioned").expect_no_error();
}

#[rstest]
#[tokio::test(start_paused = true)]
async fn an_offered_host_is_offered_in_the_other_cluster(
    #[values(Ironic::Same, Ironic::Empty)] ironic: Ironic,
) {
    let mut life = Life::begin();
    life.create(for_claims()).await;
    let before = life.picture();
    moved(&mut life, ironic).await;
    life.expect_picture(&before);
    assert!(life.is_offered());
}

/// The hold was on record before the release began.
#[rstest]
#[case::shutting_down("active")]
#[case::undeploying("deleting")]
#[tokio::test(start_paused = true)]
async fn a_release_goes_on_in_the_other_cluster_and_ends_in_a_hold(
    #[case] node: &str,
    #[values(Ironic::Same, Ironic::Empty)] ironic: Ironic,
) {
    let mut life = Life::begin();
    life.create(for_claims()).await;
    life.claim().await;
    life.start_letting_go()
        .run_until_state_is("deprovisioning")
        .await;
    life.run_until_node_is(node).await;
    moved(&mut life, ironic).await;
    life.expect_state("available").expect_volumes(0);
    life.expect_no_error().expect_error("the volume is held");
    assert!(!life.is_on());
}

#[rstest]
#[tokio::test(start_paused = true)]
async fn a_deployment_goes_on_in_the_other_cluster(#[values("available", "deploying")] node: &str) {
    let mut life = Life::begin();
    life.create(for_claims()).await;
    life.start_claim().run_until_state_is("provisioning").await;
    life.run_until_node_is(node).await;
    moved(&mut life, Ironic::Same).await;
    life.expect_state("provisioned").expect_no_error();
    assert!(life.is_on());
    assert_eq!(life.door.agreed_to("active"), 1, "deployed once");
}
