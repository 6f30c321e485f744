//! A machine is shut down before its power is cut, and only then undeployed.

use ironic_types::{Node, PowerState, ProvisionState};
use metal_api::v1alpha1::{BareMetalHost, ProvisioningState as S};
use rstest::rstest;
use serde_json::json;

use crate::fixtures::*;

/// A host that is released, asked to shut down so long ago.
fn releasing(asked_ago: Option<i64>) -> BareMetalHost {
    host(S::Deprovisioning)
        .with(without_volume)
        .with(|host| asked(host, asked_ago))
}

fn asked(host: &mut BareMetalHost, ago_in_seconds: Option<i64>) {
    host.status.as_mut().unwrap().boot_volume =
        ago_in_seconds.map(|seconds| from(json!({"shutdownAskedAt": ago(seconds)})));
}

fn running(change: impl FnOnce(&mut Node)) -> Node {
    deployed_node(ProvisionState::Active, PowerState::On).with(change)
}

#[test]
fn the_operating_system_is_asked_first_however_long_ago_the_release_began() {
    expect(
        &observe(releasing(None)).seeing(running(|_| ())),
        "act: SetPower(soft power off)",
    );
}

#[test]
fn nothing_is_sent_while_the_power_changes() {
    let changing = running(|node| node.target_power_state = Some(PowerState::Off));
    expect(
        &observe(releasing(Some(1))).seeing(changing),
        "wait: power changes to power off",
    );
}

#[test]
fn the_power_is_cut_when_ironic_says_that_the_shutdown_failed() {
    let failed = running(|node| {
        node.last_error =
            Some("Failed to change power state to 'power off' by 'soft power off': timeout".into());
    });
    let observation = observe(releasing(Some(1))).seeing(failed);
    expect(&observation, "act: SetPower(power off)");
    assert_eq!(
        after(&observation).events[0].note,
        "the machine was asked to shut down and did not; cutting its power"
    );
}

#[test]
fn the_power_is_cut_when_its_time_is_over_even_if_ironics_word_was_missed() {
    expect(
        &observe(releasing(Some(209))).seeing(running(|_| ())),
        "act: SetPower(soft power off)",
    );
    expect(
        &observe(releasing(Some(211))).seeing(running(|_| ())),
        "act: SetPower(power off)",
    );
}

#[test]
fn nothing_is_done_to_a_machine_whose_power_state_is_unknown_and_the_host_says_so() {
    expect(
        &observe(releasing(Some(1))).seeing(running(|node| node.power_state = None)),
        "wait: Ironic does not know whether the machine is on; see that its BMC answers (Ironic gives no reason)",
    );
}

#[test]
fn a_machine_that_runs_before_its_deployment_is_shut_down() {
    let observation =
        observe(host(S::Provisioning)).seeing(node(ProvisionState::Available, PowerState::On));
    expect(&observation, "act: SetPower(soft power off)");
}

#[rstest]
#[case(None, PowerState::On, "act: SetPower(power off)")]
#[case(Some(10), PowerState::On, "act: SetPower(power off)")]
#[case(Some(209), PowerState::On, "act: SetPower(power off)")]
#[case(Some(211), PowerState::On, "enter: deleting, without powering off")]
#[case(None, PowerState::Off, "enter: deleting")]
fn a_deleted_host_is_switched_off_if_its_bmc_answers_in_time(
    #[case] cut_ago: Option<i64>,
    #[case] power: PowerState,
    #[case] expected: &str,
) {
    let host = host(S::PoweringOffBeforeDelete).with(|host| {
        host.metadata.deletion_timestamp = Some(ago(10_000));
        let status = host.status.as_mut().unwrap();
        status.boot_volume.get_or_insert_default().power_cut_at = cut_ago.map(ago);
    });
    expect(
        &observe(host).seeing(node(ProvisionState::Available, power)),
        expected,
    );
}

/// The operator may have been away, and a machine that was only asked may run from its volume.
#[rstest]
#[case(None, "act: SetPower(soft power off)")]
#[case(Some(100), "act: SetPower(power off)")]
#[case(Some(300), "enter: deleting, without powering off")]
fn a_machine_that_runs_from_its_volume_is_given_up_after_its_power_was_cut_in_vain(
    #[case] cut_ago: Option<i64>,
    #[case] expected: &str,
) {
    let host = releasing(Some(10_000)).with(deleted).with(|host| {
        let status = host.status.as_mut().unwrap();
        status.boot_volume.as_mut().unwrap().power_cut_at = cut_ago.map(ago);
    });
    expect(&observe(host).seeing(running(|_| ())), expected);
}

#[test]
fn the_first_time_that_the_machine_was_asked_counts_until_it_is_off() {
    let asked_at = |host: &BareMetalHost| {
        let shown = host
            .status
            .as_ref()
            .unwrap()
            .boot_volume
            .clone()
            .unwrap_or_default();
        shown.shutdown_asked_at
    };
    let mut observation = observe(releasing(None)).seeing(running(|_| ()));
    observation.host = after(&observation).host;
    assert_eq!(asked_at(&observation.host), Some(ago(0)));
    observation.now += jiff::SignedDuration::from_secs(60);
    observation.host = after(&observation).host;
    assert_eq!(asked_at(&observation.host), Some(ago(0)));
    let off = deployed_node(ProvisionState::Active, PowerState::Off);
    observation.host = after(&observation.clone().seeing(off)).host;
    assert_eq!(asked_at(&observation.host), None);
}

#[test]
fn an_undeployed_machine_that_was_switched_on_is_shut_down_before_its_volume_is_given_back() {
    let on = deployed_node(ProvisionState::Available, PowerState::On);
    expect(
        &observe(releasing(None)).seeing(on),
        "act: SetPower(soft power off)",
    );
}

#[test]
fn a_power_off_that_failed_is_not_followed_by_another_question() {
    let refused = running(|node| {
        node.last_error =
            Some("Failed to change power state to 'power off' by 'power off': no answer".into());
    });
    let mut observation = observe(releasing(Some(1))).seeing(refused);
    expect_start(&observation, "enter: failure: ");
    observation.host = after(&observation).host;
    expect_start(&observation, "wait: next attempt at ");
    let later = observation.with(|later| later.now += jiff::SignedDuration::from_mins(3));
    expect(&later, "act: SetPower(power off)");
}

#[test]
fn a_power_action_that_failed_is_shown_and_tried_again_later() {
    let failed = deployed_node(ProvisionState::Active, PowerState::Off).with(|node| {
        node.last_error =
            Some("Failed to change power state to 'power on' by 'power on': no answer".into());
    });
    let mut observation = observe(host(S::Provisioned)).seeing(failed);
    expect_start(&observation, "enter: failure: Failed to change power state");
    observation.host = after(&observation).host;
    let status = observation.host.status.clone().unwrap();
    assert_eq!(
        status.error_type,
        Some(metal_api::v1alpha1::ErrorType::PowerManagement)
    );
    expect_start(&observation, "wait: next attempt at ");
    let later = observation.with(|later| later.now += jiff::SignedDuration::from_mins(3));
    expect(&later, "act: SetPower(power on)");
}

#[test]
fn a_host_that_is_not_to_run_is_shut_down_while_its_deployment_waits() {
    let offline = host(S::Available).with(|host| host.spec.online = false);
    let running = node(ProvisionState::Available, PowerState::On);
    expect(
        &observe(offline).seeing(running),
        "act: SetPower(soft power off)",
    );
}

#[test]
fn a_node_that_runs_is_never_deleted_even_if_the_record_was_lost() {
    for state in [S::Registering, S::Deleting] {
        let lost = host(state).with(deleted).with(|host| {
            host.status.as_mut().unwrap().tried_credentials =
                Some(from(json!({"credentialsVersion": "7"})));
            let annotation = ("ironboot.io/deployed-volume".to_owned(), "vol-1".to_owned());
            host.metadata.annotations = Some([annotation].into());
        });
        let observation = observe(lost).seeing(running(|_| ()));
        expect(&observation, "enter: deprovisioning");
        let next = after(&observation).host;
        expect(
            &observe(next).seeing(running(|_| ())),
            "act: SetPower(soft power off)",
        );
    }
}

#[test]
fn a_question_of_another_time_does_not_count() {
    let mut observation = observe(host(S::Provisioned).with(|host| asked(host, Some(86_400))))
        .seeing(running(|_| ()));
    expect(&observation, "rest");
    observation.host = after(&observation).host.with(without_volume);
    expect(&observation, "enter: deprovisioning");
    observation.host = after(&observation).host;
    expect(&observation, "act: SetPower(soft power off)");
}
