//! Ironic loses its database, or somebody changes it: each host is registered again, and no machine notices.

use ironic_sim::{Boot, FaultKind, Seed, State};
use rstest::rstest;
use serde_json::json;

use super::parked::Parked;
use super::whole::Course;
use crate::testing::{Life, diskless, with_disk};

#[tokio::test(start_paused = true)]
async fn an_available_host_is_registered_again_after_a_loss_of_the_database() {
    let mut life = Life::begin();
    life.create(with_disk()).await;
    let before = life.picture();
    life.lose_database().settle().await;
    life.expect_picture(&before);
}

#[tokio::test(start_paused = true)]
async fn a_provisioned_host_is_adopted_again_after_a_loss_of_the_database_and_runs_on() {
    let mut life = Life::begin();
    life.create(diskless()).await;
    let before = life.picture();
    let switched = life.door.agreed_to("power on");
    life.lose_database().settle().await;
    life.expect_picture(&before);
    assert_eq!(life.door.agreed_to("adopt"), 1);
    assert_eq!(life.door.agreed_to("active"), 1, "not deployed again");
    assert_eq!(life.door.agreed_to("power on"), switched);
    for verb in ["power off", "soft power off", "rebooting", "deleted"] {
        assert_eq!(life.door.agreed_to(verb), 0, "{verb}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_machine_that_is_off_stays_off_through_a_loss_of_the_database() {
    let mut life = Parked::ProvisionedOff.reach().await;
    let before = life.picture();
    life.lose_database().settle().await;
    life.expect_picture(&before);
    assert!(!life.is_on());
}

#[tokio::test(start_paused = true)]
async fn a_provisioned_host_can_be_released_after_a_loss_of_the_database() {
    let mut life = Life::begin();
    life.create(diskless()).await;
    life.lose_database().release().await;
    life.expect_state("available")
        .expect_node("available")
        .expect_no_error();
}

/// Found by random lives. The machine may run from the volume of the one whose node is lost.
#[tokio::test(start_paused = true)]
async fn an_older_host_of_the_same_machine_does_not_get_it_by_a_loss_of_the_database() {
    let mut older = diskless();
    let bmc = older["spec"]["bmc"].take();
    let mut deployed = diskless();
    deployed["metadata"]["name"] = "node-1".into();
    let mut life = Life::begin();
    life.create(older).await;
    life.create(deployed).await;
    life.spec(json!({ "bmc": bmc })).await;
    life.expect_state("registering")
        .expect_error("host node-1 has the same BMC");
    life.lose_database().settle().await;
    life.expect_state("registering").expect_node("none");
    let status = &life.host_named("node-1")["status"];
    assert_eq!(status["provisioning"]["state"], "provisioned");
    assert_eq!(status["errorMessage"], "");
    assert!(life.is_on());
    assert_eq!(life.door.agreed_to("adopt"), 1);
}

/// Found by random lives. The boot script outlives the database, and only an undeployment takes it away.
#[tokio::test(start_paused = true)]
async fn a_deployment_that_is_lost_and_called_off_before_it_was_seen_is_undone() {
    let mut life = Life::begin();
    life.start(&diskless()).run_until_node_is("active").await;
    life.expect_state("provisioning").lose_database();
    life.release().await;
    life.expect_state("available").expect_no_error();
    let machine = (Seed::default().address, Seed::system(0));
    let boot = life.sim.boot_of_machine(&machine.0, &machine.1);
    assert!(matches!(boot, Some(Boot::NothingFound)), "{boot:?}");
}

/// In the middle of everything: what was going on is begun anew, or was done.
#[rstest]
#[case(Course::Deployed, 1)]
#[case(Course::External, 3)]
#[case(Course::Lost, 6)]
#[case(Course::Claimed, 8)]
#[tokio::test(start_paused = true)]
async fn a_database_that_is_lost_at_a_change_makes_no_difference_in_the_end(
    #[case] course: Course,
    #[case] distance: usize,
) {
    losses_at_every(course, distance).await;
}

#[rstest]
#[case(Course::External)]
#[case(Course::Lost)]
#[case(Course::Claimed)]
#[tokio::test(start_paused = true)]
#[ignore = "the whole matrix takes minutes: just lifecycles"]
async fn a_database_that_is_lost_at_any_change_makes_no_difference_in_the_end(
    #[case] course: Course,
) {
    losses_at_every(course, 1).await;
}

async fn losses_at_every(course: Course, distance: usize) {
    let whole = course.undisturbed().await;
    for request in whole.changes().into_iter().step_by(distance) {
        let mut life = Life::begin();
        life.fault(request, FaultKind::DatabaseLost);
        let pictures = course.lead(&mut life).await;
        whole.expect(&pictures, &format!("lost at {}", whole.words(request)));
    }
}

#[tokio::test(start_paused = true)]
async fn every_parked_host_gets_where_it_was_going_after_a_loss_of_the_database() {
    // A host whose registration fails tries again only when its time has come.
    for parked in Parked::ALL.into_iter().skip(1) {
        let mut whole = parked.reach().await;
        whole.settle().await;
        let mut life = parked.reach().await;
        life.lose_database().settle().await;
        assert_eq!(life.state(), whole.state(), "{parked}: {}", life.error());
        assert_eq!(life.node_state(), whole.node_state(), "{parked}");
        assert_eq!(life.is_on(), whole.is_on(), "{parked}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_provisioned_host_whose_node_was_undeployed_by_hand_is_adopted_again() {
    for state in [State::Manageable, State::Enroll] {
        let mut life = Life::begin();
        life.create(diskless()).await;
        life.put_node(state).settle().await;
        life.expect_state("provisioned")
            .expect_node("active")
            .expect_no_error();
        assert!(life.is_on());
        assert_eq!(life.door.agreed_to("active"), 1);
    }
}
