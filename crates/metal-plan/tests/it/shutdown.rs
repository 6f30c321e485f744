//! A machine is shut down before its power is cut, and only then undeployed.

use ironic_types::{Node, PowerState, ProvisionState};
use metal_api::v1alpha1::{BareMetalHost, ProvisioningState as S};
use rstest::rstest;
use serde_json::json;

use crate::fixtures::*;

fn releasing(seconds_ago: i64) -> BareMetalHost {
    host(S::Deprovisioning).with(without_volume).with(|host| {
        host.status.as_mut().unwrap().operation_history =
            Some(from(json!({"deprovision": {"start": ago(seconds_ago)}})));
    })
}

fn running(change: impl FnOnce(&mut Node)) -> Node {
    deployed_node(ProvisionState::Active, PowerState::On).with(change)
}

#[test]
fn the_operating_system_is_asked_first() {
    expect(
        &observe(releasing(1)).seeing(running(|_| ())),
        "act: SetPower(soft power off)",
    );
}

#[test]
fn nothing_is_sent_while_the_power_changes() {
    let changing = running(|node| node.target_power_state = Some(PowerState::Off));
    expect(
        &observe(releasing(1)).seeing(changing),
        "wait: power changes to power off",
    );
}

#[test]
fn the_power_is_cut_when_ironic_says_that_the_shutdown_failed() {
    let failed = running(|node| {
        node.last_error =
            Some("Failed to change power state to 'power off' by 'soft power off': timeout".into());
    });
    let observation = observe(releasing(1)).seeing(failed);
    expect(&observation, "act: SetPower(power off)");
    assert_eq!(
        after(&observation).events[0].note,
        "the shutdown got no answer; cutting the power"
    );
}

#[test]
fn the_power_is_cut_when_its_time_is_over_even_if_ironics_word_was_missed() {
    expect(
        &observe(releasing(209)).seeing(running(|_| ())),
        "act: SetPower(soft power off)",
    );
    expect(
        &observe(releasing(211)).seeing(running(|_| ())),
        "act: SetPower(power off)",
    );
}

#[test]
fn an_unknown_power_state_is_waited_for() {
    expect(
        &observe(releasing(1)).seeing(running(|node| node.power_state = None)),
        "wait: power state is unknown",
    );
}

#[test]
fn a_machine_that_runs_before_its_deployment_is_shut_down() {
    let observation =
        observe(host(S::Provisioning)).seeing(node(ProvisionState::Available, PowerState::On));
    expect(&observation, "act: SetPower(soft power off)");
}

#[rstest]
#[case(10, PowerState::On, "act: SetPower(soft power off)")]
#[case(300, PowerState::On, "act: SetPower(power off)")]
#[case(500, PowerState::On, "enter: deleting")]
#[case(10, PowerState::Off, "enter: deleting")]
fn a_deleted_host_is_switched_off_if_its_bmc_answers_in_time(
    #[case] seconds_ago: i64,
    #[case] power: PowerState,
    #[case] expected: &str,
) {
    let host = host(S::PoweringOffBeforeDelete)
        .with(|host| host.metadata.deletion_timestamp = Some(ago(seconds_ago)));
    expect(
        &observe(host).seeing(node(ProvisionState::Available, power)),
        expected,
    );
}
