//! A host can always be deleted.

use ironic_sim::{Bmc, Fault, FaultKind};

use super::parked::Parked;
use super::states::STATES;
use crate::testing::{BMC_SECRET, Life, diskless};

#[tokio::test(start_paused = true)]
async fn a_host_can_be_deleted_from_every_state() {
    for parked in Parked::ALL {
        let mut life = parked.reach().await;
        life.delete().await;
        life.expect_state("gone").expect_node("none");
        assert_eq!(life.is_on(), parked.is_let_go(), "{parked}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_host_can_be_deleted_from_every_state_without_its_bmc_secret() {
    for parked in Parked::ALL {
        let mut life = parked.reach().await;
        life.remove_secret(BMC_SECRET).delete().await;
        life.expect_state("gone").expect_node("none");
        assert_eq!(life.is_on(), parked.is_let_go(), "{parked}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_host_can_be_deleted_from_every_state_after_ironic_lost_its_database() {
    for parked in Parked::ALL {
        let mut life = parked.reach().await;
        life.lose_database().delete().await;
        life.expect_state("gone").expect_node("none");
    }
}

#[tokio::test(start_paused = true)]
async fn a_host_can_be_deleted_from_every_state_in_a_namespace_that_ends() {
    for parked in Parked::ALL {
        let mut life = parked.reach().await;
        // Nothing can be created in it any more, events neither.
        life.kubernetes.end_namespace();
        life.delete().await;
        life.expect_state("gone").expect_node("none");
    }
}

#[tokio::test(start_paused = true)]
async fn a_deletion_waits_for_an_ironic_that_is_away() {
    let mut life = Life::begin();
    life.create(diskless()).await;
    life.sim
        .inject(Fault::once(FaultKind::Status(503)).always());
    life.delete().await;
    life.expect_state("deprovisioning").expect_visible();
    life.sim.clear_faults();
    life.settle().await;
    life.expect_state("gone").expect_node("none");
    assert!(!life.is_on());
}

#[tokio::test(start_paused = true)]
async fn every_host_can_be_deleted_though_its_bmc_is_dead() {
    for parked in Parked::ALL {
        let mut life = parked.reach().await;
        life.machine(|machine| machine.bmc = Bmc::Absent)
            .delete()
            .await;
        life.expect_state("gone").expect_node("none");
    }
}

#[tokio::test(start_paused = true)]
async fn hosts_can_be_deleted_whatever_their_nodes_are_doing() {
    for state in STATES {
        for parked in [Parked::Available, Parked::Provisioned, Parked::External] {
            let mut life = parked.reach().await;
            life.witness.tell(format!("{parked}, and then {state}"));
            life.put_node(state).settle().await;
            life.restart_ironic().delete().await;
            life.expect_state("gone").expect_node("none");
        }
    }
}
