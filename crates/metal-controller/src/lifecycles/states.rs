//! Every state of Ironic's under every state of ours: the host comes to rest or says what it waits for, and can be
//! deleted.

use ironic_sim::State;

use super::parked::Parked;

pub(super) const STATES: [State; 30] = [
    State::Enroll,
    State::Verifying,
    State::Manageable,
    State::Available,
    State::Active,
    State::Deploying,
    State::DeployWait,
    State::DeployFailed,
    State::DeployHold,
    State::Deleting,
    State::Cleaning,
    State::CleanWait,
    State::CleanFailed,
    State::CleanHold,
    State::Error,
    State::Inspecting,
    State::InspectWait,
    State::InspectFailed,
    State::Adopting,
    State::AdoptFailed,
    State::Rescue,
    State::Rescuing,
    State::RescueWait,
    State::RescueFailed,
    State::Unrescuing,
    State::UnrescueFailed,
    State::Servicing,
    State::ServiceWait,
    State::ServiceFailed,
    State::ServiceHold,
];

/// What somebody does to the node under the host must end in rest or in a wait that tells its reason; so must the
/// host's deletion.
async fn disturb(parked: Parked, state: State) {
    let mut life = parked.reach().await;
    life.witness.tell(format!("{parked}, and then {state}"));
    if life.node().is_null() {
        life.make_node();
    }
    life.put_node(state).settle().await;
    life.expect_visible_or_busy();
    // What Ironic was doing, if anything, ends now.
    life.restart_ironic().settle().await;
    life.expect_visible_or_busy();
    if life.is_gone() {
        return;
    }
    life.delete().await;
    life.expect_gone_or_told();
}

#[tokio::test(start_paused = true)]
async fn a_provisioned_host_bears_every_state_of_its_node() {
    for state in STATES {
        disturb(Parked::Provisioned, state).await;
    }
}

/// Each state under some host, and each host over some states.
#[tokio::test(start_paused = true)]
async fn hosts_bear_other_states_of_their_nodes() {
    for (column, parked) in Parked::ALL.into_iter().enumerate() {
        for (row, state) in STATES.into_iter().enumerate() {
            if (row + column) % 6 == 0 {
                disturb(parked, state).await;
            }
        }
    }
}

#[tokio::test(start_paused = true)]
#[ignore = "the whole matrix takes minutes: just lifecycles"]
async fn every_host_bears_every_state_of_its_node() {
    for parked in Parked::ALL {
        for state in STATES {
            disturb(parked, state).await;
        }
    }
}

#[tokio::test(start_paused = true)]
async fn no_wait_for_a_node_is_a_secret() {
    for state in STATES {
        for parked in [Parked::Available, Parked::Provisioned] {
            let mut life = parked.reach().await;
            life.put_node(state).settle().await;
            life.expect_visible();
        }
    }
}
