//! Hosts that consumers claim, release, and claim again.

use ironic_sim::{Failing, Fault, FaultKind};
use serde_json::{Value, json};

use crate::testing::{ISCSI_PASSWORD, Life, diskless, for_claims};

const RELEASED: &str = "ironboot.io/released-volume";
const REUSE: &str = "ironboot.io/reuse-volume";

#[tokio::test(start_paused = true)]
async fn a_host_is_offered_claimed_released_held_and_given_to_the_next() {
    let mut life = Life::begin();
    life.create(for_claims()).await;
    life.expect_state("available").expect_no_error();
    assert!(life.is_offered());
    assert_eq!(life.door.agreed_to("active"), 0);

    life.claim().await;
    life.expect_state("provisioned").expect_no_error();
    assert!(life.is_on());

    life.let_go().await;
    life.expect_state("available").expect_volumes(0);
    life.expect_no_error().expect_error("the volume is held");
    assert!(!life.is_offered() && !life.is_on());
    let released = life.annotation(RELEASED);

    life.claim().await;
    life.expect_state("available");
    assert_eq!(
        life.door.agreed_to("active"),
        1,
        "what is held is deployed for nobody"
    );
    life.let_go().await;

    life.annotate(REUSE, released).await;
    assert!(life.is_offered());
    assert_eq!(
        (life.annotation(RELEASED), life.annotation(REUSE)),
        (Value::Null, Value::Null)
    );
    life.claim().await;
    life.expect_state("provisioned").expect_no_error();
    assert_eq!(life.door.agreed_to("active"), 2);
    life.expect_no_warning("none of it is an error");
}

#[tokio::test(start_paused = true)]
async fn a_host_whose_volume_may_be_reused_is_offered_again_at_once() {
    let mut host = for_claims();
    host["spec"]["bootVolume"]["reclaimPolicy"] = "Reuse".into();
    let mut life = Life::begin();
    life.create(host).await;
    for _ in 0..2 {
        life.claim().await;
        life.expect_state("provisioned");
        life.let_go().await;
        assert!(life.is_offered());
        assert_eq!(life.annotation(RELEASED), Value::Null);
    }
}

/// Cluster API keeps the host for its Cluster: by a label that only its own machines look for.
#[tokio::test(start_paused = true)]
async fn a_host_that_is_kept_for_another_machine_of_the_cluster_stays_offered() {
    const NODE_REUSE: &str = "infrastructure.cluster.x-k8s.io/node-reuse";
    let mut host = for_claims();
    host["spec"]["bootVolume"]["reclaimPolicy"] = "Reuse".into();
    let mut life = Life::begin();
    life.create(host).await;
    life.claim().await;
    life.start_letting_go()
        .run_until_state_is("available")
        .await;
    let cluster = json!({"apiVersion": "cluster.x-k8s.io/v1beta2", "kind": "Cluster", "name": "c", "namespace": "metal"});
    life.patch(json!({
        "metadata": {"labels": {"cluster.x-k8s.io/cluster-name": null, NODE_REUSE: "workers"}},
        "spec": {"consumerRef": cluster},
    }))
    .await;
    assert!(life.is_offered());
    assert_eq!(life.host()["metadata"]["labels"][NODE_REUSE], "workers");
    life.start_patch(&json!({"metadata": {"labels": {NODE_REUSE: null}}}));
    life.claim().await;
    life.expect_state("provisioned").expect_no_error();
    assert_eq!(life.door.agreed_to("active"), 2);
}

#[tokio::test(start_paused = true)]
async fn another_volume_ends_the_hold() {
    let mut life = held().await;
    life.spec(json!({"bootVolume": {"volumeId": "vol-2", "iscsiTarget": {"lun": 2}}}))
        .await;
    assert!(life.is_offered());
    assert_eq!(life.annotation(RELEASED), Value::Null);
}

#[tokio::test(start_paused = true)]
async fn a_held_volume_is_not_deployed_by_a_host_that_waits_for_nobody_either() {
    let mut life = held().await;
    life.spec(json!({"bootVolume": {"provisionOn": "Immediate"}, "online": true}))
        .await;
    life.expect_state("available")
        .expect_error("the volume is held");
    assert_eq!(life.door.agreed_to("active"), 1);
}

#[tokio::test(start_paused = true)]
async fn a_host_is_offered_only_while_its_secret_can_be_used() {
    let mut life = Life::begin();
    life.create(for_claims()).await;
    assert!(life.is_offered());
    life.iscsi_secret("zebra").settle().await;
    assert!(!life.is_offered());
    life.expect_error("vol-1-chap");
    life.iscsi_secret(ISCSI_PASSWORD).settle().await;
    assert!(life.is_offered());
}

#[tokio::test(start_paused = true)]
async fn an_image_of_a_consumer_is_a_conflict_until_it_is_cleared() {
    let image = json!({"url": "http://192.0.2.1/image.qcow2", "checksum": "abc"});
    let mut life = Life::begin();
    life.create(for_claims()).await;
    life.start_claim().spec(json!({"image": image})).await;
    life.expect_state("available").expect_error("spec.image");
    assert_eq!(life.door.agreed_to("active"), 0);
    life.spec(json!({"image": null})).await;
    life.expect_state("provisioned").expect_no_error();
}

#[tokio::test(start_paused = true)]
async fn a_consumer_that_lets_go_at_any_moment_leaves_the_host_available() {
    let states = ["provisioning", "provisioned"];
    let nodes = ["available", "deploying", "active"];
    for (state, node) in states
        .into_iter()
        .flat_map(|state| nodes.map(|node| (state, node)))
    {
        if state == "provisioned" && node != "active" {
            continue;
        }
        let mut life = Life::begin();
        life.create(for_claims()).await;
        life.start_claim().run_until_state_is(state).await;
        life.run_until_node_is(node).await;
        life.let_go().await;
        life.expect_state("available").expect_node("available");
        life.expect_volumes(0)
            .expect_no_error()
            .expect_error("the volume is held");
        assert!(!life.is_on());
    }
}

#[tokio::test(start_paused = true)]
async fn a_consumer_that_gives_up_after_a_failed_deployment_leaves_a_hold() {
    let mut life = Life::begin();
    life.create(for_claims()).await;
    let words = "it failed by itself".to_owned();
    life.sim
        .inject(Fault::once(FaultKind::Fails(Failing::Deploy, words)));
    life.start_claim()
        .run_until_state_is("deprovisioning")
        .await;
    life.run_until_state_is("available").await;
    assert!(!life.is_offered());
    life.let_go().await;
    life.expect_state("available").expect_no_error();
    life.expect_error("the volume is held");
}

#[tokio::test(start_paused = true)]
async fn a_held_and_a_claimed_host_can_be_deleted() {
    let mut life = held().await;
    life.delete().await;
    life.expect_state("gone").expect_node("none");

    let mut life = Life::begin();
    life.create(for_claims()).await;
    life.claim().await;
    life.delete().await;
    life.expect_state("gone").expect_node("none");
    assert!(!life.is_on());
}

#[tokio::test(start_paused = true)]
async fn a_volume_that_the_owner_puts_back_into_a_host_that_waits_for_nobody_is_deployed_again() {
    let mut life = Life::begin();
    life.create(diskless()).await;
    life.release().await;
    assert_eq!(life.annotation(RELEASED), Value::Null);
    life.spec(json!({"bootVolume": diskless()["spec"]["bootVolume"]}))
        .await;
    life.expect_state("provisioned");
    assert_eq!(life.door.agreed_to("active"), 2);
}

/// A host whose consumer let go.
async fn held() -> Life {
    let mut life = Life::begin();
    life.create(for_claims()).await;
    life.claim().await;
    life.let_go().await;
    life.expect_error("the volume is held");
    life
}
