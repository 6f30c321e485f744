//! The conditions that people and Cluster API wait for.

use ironic_types::{PowerState, ProvisionState};
use metal_api::conditions::{ConditionType, find_condition};
use metal_api::v1alpha1::{BareMetalHost, ProvisioningState as S};
use rstest::rstest;

use crate::fixtures::*;

fn condition(host: &BareMetalHost, condition_type: ConditionType) -> Option<String> {
    let conditions = &host.status.as_ref().unwrap().conditions;
    find_condition(conditions, condition_type)
        .map(|found| format!("{}/{}", found.status, found.reason))
}

#[rstest]
#[case(
    S::None,
    ProvisionState::Enroll,
    "False/NotProvisioned",
    "False/NotProvisioned",
    "Unknown/Checking"
)]
#[case(
    S::Preparing,
    ProvisionState::Available,
    "False/NotProvisioned",
    "False/NotProvisioned",
    "Unknown/Checking"
)]
#[case(
    S::Available,
    ProvisionState::Available,
    "False/NotProvisioned",
    "False/NotProvisioned",
    "True/Ready"
)]
#[case(
    S::Provisioning,
    ProvisionState::Deploying,
    "False/NotProvisioned",
    "False/NotProvisioned",
    "True/Ready"
)]
#[case(
    S::Provisioned,
    ProvisionState::Active,
    "True/Provisioned",
    "True/Provisioned",
    "True/Ready"
)]
fn a_state_gives_these_conditions(
    #[case] state: S,
    #[case] node_state: ProvisionState,
    #[case] ready: &str,
    #[case] provisioned: &str,
    #[case] boot_volume: &str,
) {
    let next = after(&observe(host(state)).seeing(deployed_node(node_state, PowerState::On))).host;
    assert_eq!(
        condition(&next, ConditionType::Ready).as_deref(),
        Some(ready)
    );
    assert_eq!(
        condition(&next, ConditionType::Provisioned).as_deref(),
        Some(provisioned)
    );
    assert_eq!(
        condition(&next, ConditionType::BootVolumeReady).as_deref(),
        Some(boot_volume)
    );
}

#[test]
fn a_host_without_a_volume_has_no_volume_condition() {
    let observation = observe(host(S::Available).with(without_volume))
        .seeing(node(ProvisionState::Available, PowerState::On));
    assert_eq!(
        condition(&after(&observation).host, ConditionType::BootVolumeReady),
        None
    );
}

#[test]
fn a_condition_keeps_its_time_while_its_status_stays() {
    let observation = observe(host(S::Registering));
    let first = after(&observation).host;
    let later = observation.with(|later| {
        later.host = first.clone();
        later.bmc_credentials = metal_plan::SecretFacts::Missing;
        later.now += jiff::SignedDuration::from_mins(5);
    });
    let second = after(&later).host;
    let ready = |host: &BareMetalHost| {
        find_condition(
            &host.status.as_ref().unwrap().conditions,
            ConditionType::Ready,
        )
        .cloned()
        .unwrap()
    };
    assert_ne!(ready(&first).reason, ready(&second).reason);
    assert_eq!(
        ready(&first).last_transition_time,
        ready(&second).last_transition_time
    );
}
