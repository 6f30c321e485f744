//! What the planner does not do yet.

use super::parked::Parked;
use super::states::STATES;

#[tokio::test(start_paused = true)]
async fn every_host_can_be_deleted_whatever_its_node_is_doing() {
    for state in STATES {
        for parked in [Parked::Available, Parked::Provisioned] {
            let mut life = parked.reach().await;
            life.witness.tell(format!("{parked}, and then {state}"));
            life.put_node(state).settle().await;
            life.restart_ironic().delete().await;
            life.expect_state("gone").expect_node("none");
        }
    }
}
