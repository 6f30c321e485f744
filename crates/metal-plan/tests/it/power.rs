//! Power follows `spec.online` and the reboot annotations, and fails in ways that are seen.
//!
//! The tables are those of Metal3's baremetal-operator: `TestHasRebootAnnotation`, `TestRebootWith…` of its host
//! controller, `power_test.go` of its Ironic provisioner.

use ironic_types::{Node, PowerState, PowerTarget, ProvisionState};
use metal_api::v1alpha1::{BareMetalHost, ErrorType, OperationalStatus, ProvisioningState as S};
use metal_plan::{
    Effect, EventKind, NextHost, Observation, Outcome, Plan, Step, Violation, check, next_host,
};
use rstest::rstest;
use serde_json::json;

use crate::fixtures::*;

const ONE_SHOT: &str = "reboot.metal3.io";
const KEYED: &str = "reboot.metal3.io/key";
const OTHER: &str = "reboot.metal3.io/other";
const HARD: &str = r#"{"mode": "hard"}"#;
const FORCED: &str = r#"{"force": true}"#;
const HARD_FORCED: &str = r#"{"mode": "hard", "force": true}"#;

const ON: &str = "act: SetPower(power on)";
const SOFT: &str = "act: SetPower(soft power off)";
const CUT: &str = "act: SetPower(power off)";
const SOFT_REBOOT: &str = "act: SetPower(soft rebooting)";
const RESET: &str = "act: SetPower(rebooting)";
const END: &str = "enter: off for the reboot";

fn failed_by(target: PowerTarget) -> String {
    format!("Failed to change power state to 'power off' by '{target}': no answer")
}

/// A host that power is followed for, deployed from its volume or not deployed at all.
fn observed(state: S, power: PowerState, annotations: &[(&str, &str)]) -> Observation {
    let node = if state == S::Provisioned {
        deployed_node(ProvisionState::Active, power)
    } else {
        node(ProvisionState::Available, power)
    };
    let host = host(state).with(|host| {
        if state != S::Provisioned {
            without_volume(host);
        }
        for (name, value) in annotations {
            annotated(host, name, value);
        }
    });
    observe(host).seeing(node)
}

fn seen(observation: &mut Observation) -> &mut Node {
    observation.seen().node.as_mut().unwrap()
}

fn offline(observation: &mut Observation) {
    observation.host.spec.online = false;
}

/// A machine whose power Ironic doesn't switch off, and says so.
fn must_stay_on(observation: &mut Observation) {
    observation.host.spec.disable_power_off = Some(true);
    seen(observation).disable_power_off = Some(true);
}

fn asked(host: &mut BareMetalHost, seconds_ago: i64) {
    host.status.as_mut().unwrap().boot_volume =
        Some(from(json!({"shutdownAskedAt": ago(seconds_ago)})));
}

fn reasons(next: &NextHost) -> Vec<&str> {
    let events = next.events.iter();
    events.map(|event| event.reason.as_str()).collect()
}

fn has(host: &BareMetalHost, annotation: &str) -> bool {
    let annotations = host.metadata.annotations.as_ref();
    annotations.is_some_and(|all| all.contains_key(annotation))
}

#[rstest]
#[case::none(&[], "rest")]
#[case::one_shot(&[(ONE_SHOT, "")], SOFT)]
#[case::keyed(&[(KEYED, "")], SOFT)]
#[case::two_keyed(&[(KEYED, ""), (OTHER, "")], SOFT)]
#[case::soft(&[(KEYED, r#"{"mode": "soft"}"#)], SOFT)]
#[case::hard(&[(KEYED, HARD)], CUT)]
#[case::hard_one_shot(&[(ONE_SHOT, HARD)], CUT)]
#[case::bad_json(&[(KEYED, r#"{"bad"= "json"]"#)], SOFT)]
#[case::unknown_mode(&[(KEYED, r#"{"mode": "medium"}"#)], SOFT)]
#[case::hard_wins(&[(KEYED, HARD), (OTHER, r#"{"mode": "soft"}"#)], CUT)]
#[case::hard_wins_whatever_the_order(&[(KEYED, ""), (OTHER, HARD)], CUT)]
#[case::hard_wins_over_the_one_shot(&[(ONE_SHOT, ""), (OTHER, HARD)], CUT)]
#[case::forced(&[(KEYED, FORCED)], SOFT)]
#[case::another_annotation(&[("example.org/reboot.metal3.io", "")], "rest")]
fn a_deployed_machine_that_runs(#[case] annotations: &[(&str, &str)], #[case] expected: &str) {
    expect(
        &observed(S::Provisioned, PowerState::On, annotations),
        expected,
    );
}

#[rstest]
#[case::none(&[], "rest")]
#[case::one_shot(&[(ONE_SHOT, "")], "wait: reboot.metal3.io has no effect before the host is deployed")]
#[case::keyed(&[(KEYED, "")], "wait: reboot.metal3.io/key has no effect before the host is deployed")]
#[case::hard(&[(KEYED, HARD)], "wait: reboot.metal3.io/key has no effect before the host is deployed")]
#[case::unreadable(&[(KEYED, "force")], "wait: reboot.metal3.io/key has no effect before the host is deployed")]
#[case::forced(&[(KEYED, FORCED)], SOFT)]
#[case::forced_one_shot(&[(ONE_SHOT, FORCED)], SOFT)]
#[case::hard_forced(&[(KEYED, HARD_FORCED)], CUT)]
#[case::hard_counts_only_if_forced(&[(KEYED, FORCED), (OTHER, HARD)], SOFT)]
fn a_machine_that_runs_and_is_not_deployed(
    #[values(S::Available, S::Ready)] state: S,
    #[case] annotations: &[(&str, &str)],
    #[case] expected: &str,
) {
    expect_start(&observed(state, PowerState::On, annotations), expected);
}

#[rstest]
#[case::none(&[], ON)]
#[case::one_shot(&[(ONE_SHOT, "")], END)]
#[case::one_shot_hard(&[(ONE_SHOT, HARD)], END)]
#[case::one_shot_unreadable(&[(ONE_SHOT, "?")], END)]
#[case::one_shot_beside_a_keyed(&[(ONE_SHOT, ""), (KEYED, FORCED)], END)]
#[case::keyed(&[(KEYED, FORCED)], "wait: kept off by reboot.metal3.io/key, which whoever set it removes")]
#[case::two_keyed(&[(KEYED, FORCED), (OTHER, HARD_FORCED)], "wait: kept off by reboot.metal3.io/key, reboot.metal3.io/other, which whoever set it removes")]
fn a_machine_that_is_off_and_to_be_online(
    #[values(S::Provisioned, S::Available)] state: S,
    #[case] annotations: &[(&str, &str)],
    #[case] expected: &str,
) {
    expect(&observed(state, PowerState::Off, annotations), expected);
}

#[rstest]
#[case::keyed(S::Provisioned, "wait: kept off by ")]
#[case::keyed_without_force(S::Available, ON)]
fn an_annotation_without_force_keeps_only_a_deployed_machine_off(
    #[case] state: S,
    #[case] expected: &str,
) {
    expect_start(&observed(state, PowerState::Off, &[(KEYED, "")]), expected);
}

#[rstest]
#[case::on(PowerState::On, &[], SOFT)]
#[case::off(PowerState::Off, &[], "rest")]
#[case::on_and_one_shot(PowerState::On, &[(ONE_SHOT, FORCED)], SOFT)]
#[case::on_and_hard(PowerState::On, &[(KEYED, HARD_FORCED)], CUT)]
#[case::off_and_one_shot(PowerState::Off, &[(ONE_SHOT, "")], END)]
#[case::off_and_keyed(PowerState::Off, &[(KEYED, FORCED)], "rest")]
fn a_machine_that_is_not_to_be_online(
    #[values(S::Provisioned, S::Available)] state: S,
    #[case] power: PowerState,
    #[case] annotations: &[(&str, &str)],
    #[case] expected: &str,
) {
    expect(&observed(state, power, annotations).with(offline), expected);
}

#[rstest]
#[case::on(PowerState::On, &[], "rest")]
#[case::off(PowerState::Off, &[], ON)]
#[case::one_shot(PowerState::On, &[(ONE_SHOT, FORCED)], SOFT_REBOOT)]
#[case::one_shot_hard(PowerState::On, &[(ONE_SHOT, HARD_FORCED)], RESET)]
#[case::one_shot_and_keyed_hard(PowerState::On, &[(ONE_SHOT, FORCED), (KEYED, HARD_FORCED)], RESET)]
#[case::one_shot_without_force(PowerState::On, &[(ONE_SHOT, HARD)], "wait: reboot.metal3.io has no effect")]
#[case::keyed(PowerState::On, &[(KEYED, HARD_FORCED)], "wait: spec.disablePowerOff keeps the machine on: reboot.metal3.io/key can't keep it off")]
#[case::one_shot_on_a_machine_that_is_off(PowerState::Off, &[(ONE_SHOT, "")], END)]
fn a_machine_that_must_stay_on(
    #[case] power: PowerState,
    #[case] annotations: &[(&str, &str)],
    #[case] expected: &str,
) {
    expect_start(
        &observed(S::Available, power, annotations).with(must_stay_on),
        expected,
    );
}

#[rstest]
#[case::on(PowerState::On, &[], "wait: spec.disablePowerOff keeps the machine on: spec.online: false has no effect")]
#[case::off(PowerState::Off, &[], "rest")]
#[case::reboot(PowerState::On, &[(ONE_SHOT, FORCED)], SOFT_REBOOT)]
fn a_machine_that_must_stay_on_is_not_to_be_online(
    #[case] power: PowerState,
    #[case] annotations: &[(&str, &str)],
    #[case] expected: &str,
) {
    let observation = observed(S::Available, power, annotations)
        .with(must_stay_on)
        .with(offline);
    expect_start(&observation, expected);
    assert_eq!(after(&observation).host.status.unwrap().error_count, 0);
}

/// By a reset Ironic means to switch off and on, unless it is told of the machine.
#[rstest]
#[case::not_yet_told(Some(false))]
#[case::too_old_to_be_told(None)]
fn a_machine_that_must_stay_on_is_not_rebooted_before_ironic_knows_that(
    #[case] disable_power_off: Option<bool>,
) {
    let observation = observed(S::Available, PowerState::On, &[(ONE_SHOT, FORCED)])
        .with(must_stay_on)
        .with(|observation| seen(observation).disable_power_off = disable_power_off);
    expect(&observation, "act: UpdateNode(/disable_power_off)");
    assert!(has(&after(&observation).host, ONE_SHOT));
}

#[rstest]
#[case(PowerState::On)]
#[case(PowerState::Off)]
#[case(PowerState::Error)]
fn a_machine_that_must_stay_on_is_left_as_it_is_before_its_host_is_deleted(
    #[case] power: PowerState,
) {
    let observation = observed(S::PoweringOffBeforeDelete, power, &[])
        .with(must_stay_on)
        .with(|observation| deleted(&mut observation.host));
    expect(&observation, "enter: deleting");
}

#[test]
fn a_volume_is_not_given_back_while_its_machine_must_stay_on() {
    let told = |power| {
        deployed_node(ProvisionState::Active, power)
            .with(|node| node.disable_power_off = Some(true))
    };
    let releasing = observed(S::Deprovisioning, PowerState::On, &[])
        .with(must_stay_on)
        .seeing(told(PowerState::On));
    expect_start(
        &releasing,
        "wait: spec.disablePowerOff keeps the machine on: the volume is given back only after",
    );
    let off = releasing.seeing(told(PowerState::Off));
    expect(&off, "act: SetProvisionState(deleted)");
}

/// `TestPowerOn`.
#[rstest]
#[case::on_already(|node: &mut Node| node.power_state = Some(PowerState::On), "rest")]
#[case::under_way(
    |node: &mut Node| node.target_power_state = Some(PowerState::On),
    "wait: power changes to power on"
)]
#[case::off(|_: &mut Node| (), ON)]
#[case::another_action_is_under_way(
    |node: &mut Node| node.target_power_state = Some(PowerState::Off),
    "wait: power changes to power off"
)]
#[case::on_its_way(
    |node: &mut Node| node.target_provision_state = Some(ProvisionState::Deleted),
    "wait: node is available"
)]
#[case::failed(
    |node: &mut Node| node.last_error = Some(failed_by(PowerTarget::On)),
    "enter: failure: Failed to change power state"
)]
#[case::failed_in_another_way(|node: &mut Node| node.last_error = Some("Cleaning failed".into()), ON)]
#[case::unknown(
    |node: &mut Node| node.power_state = None,
    "wait: Ironic does not know whether the machine is on"
)]
#[case::ironic_could_not_tell(|node: &mut Node| node.power_state = Some(PowerState::Error), ON)]
fn a_machine_that_is_to_go_on(#[case] change: fn(&mut Node), #[case] expected: &str) {
    let observation =
        observed(S::Available, PowerState::Off, &[]).with(|observation| change(seen(observation)));
    expect_start(&observation, expected);
}

/// `TestPowerOff`, as far as the node is not inspected or cleaned.
#[rstest]
#[case::off_already(|node: &mut Node| node.power_state = Some(PowerState::Off), "rest")]
#[case::under_way(
    |node: &mut Node| node.target_power_state = Some(PowerState::Off),
    "wait: power changes to power off"
)]
#[case::on(|_: &mut Node| (), SOFT)]
#[case::on_its_way(
    |node: &mut Node| node.target_provision_state = Some(ProvisionState::Deleted),
    "wait: node is available"
)]
#[case::failed_before_it_was_asked(
    |node: &mut Node| node.last_error = Some(failed_by(PowerTarget::SoftOff)),
    SOFT
)]
#[case::another_operation_was_aborted(
    |node: &mut Node| node.last_error = Some("Inspection was aborted by request.".into()),
    SOFT
)]
#[case::unknown(
    |node: &mut Node| node.power_state = None,
    "wait: Ironic does not know whether the machine is on"
)]
fn a_machine_that_is_to_go_off(#[case] change: fn(&mut Node), #[case] expected: &str) {
    let observation = observed(S::Available, PowerState::On, &[])
        .with(offline)
        .with(|observation| change(seen(observation)));
    expect_start(&observation, expected);
}

#[rstest]
#[case::not_asked(&|_: &mut Observation| (), SOFT)]
#[case::asked_just_now(&|it: &mut Observation| asked(&mut it.host, 10), SOFT)]
#[case::asked_and_ironic_gave_up(&|it: &mut Observation| {
    asked(&mut it.host, 10);
    seen(it).last_error = Some(failed_by(PowerTarget::SoftOff));
}, CUT)]
#[case::asked_long_ago(&|it: &mut Observation| asked(&mut it.host, 211), CUT)]
#[case::after_a_power_failure(
    &|it: &mut Observation| failed(&mut it.host, ErrorType::PowerManagement, 600),
    CUT
)]
#[case::after_another_failure(
    &|it: &mut Observation| failed(&mut it.host, ErrorType::Registration, 600),
    SOFT
)]
fn a_machine_without_a_volume(#[case] change: &dyn Fn(&mut Observation), #[case] expected: &str) {
    let observation = observed(S::Available, PowerState::On, &[])
        .with(offline)
        .with(change);
    expect(&observation, expected);
}

/// The user's data is on the volume: the machine is asked before its power is cut, whatever else failed.
#[rstest]
#[case::not_asked(&|_: &mut Observation| (), SOFT)]
#[case::after_a_power_failure(
    &|it: &mut Observation| failed(&mut it.host, ErrorType::PowerManagement, 600),
    SOFT
)]
#[case::asked_long_ago(&|it: &mut Observation| asked(&mut it.host, 211), CUT)]
#[case::hard(&|it: &mut Observation| annotated(&mut it.host, KEYED, HARD), CUT)]
fn a_machine_with_a_volume(#[case] change: &dyn Fn(&mut Observation), #[case] expected: &str) {
    let observation = observed(S::Provisioned, PowerState::On, &[])
        .with(offline)
        .with(change);
    expect(&observation, expected);
}

#[test]
fn only_a_question_has_a_time_limit_of_ours() {
    let timeout = |observation: &Observation| match planned(observation).step {
        Step::Act(effects) => match effects[..] {
            [Effect::SetPower { timeout, .. }] => timeout,
            _ => panic!("{effects:?}"),
        },
        step => panic!("{step:?}"),
    };
    let limit = Some(std::time::Duration::from_mins(3));
    let on = |annotations| observed(S::Available, PowerState::On, annotations);
    assert_eq!(timeout(&on(&[(KEYED, FORCED)])), limit);
    assert_eq!(timeout(&on(&[(KEYED, HARD_FORCED)])), None);
    let one_shot = on(&[(ONE_SHOT, FORCED)]).with(must_stay_on);
    assert_eq!(timeout(&one_shot), limit);
    let reset = on(&[(ONE_SHOT, HARD_FORCED)]).with(must_stay_on);
    assert_eq!(timeout(&reset), None);
    assert_eq!(timeout(&observed(S::Available, PowerState::Off, &[])), None);
}

#[rstest]
#[case::no_word(&|_: &mut Node| (), "Ironic gives no reason")]
#[case::last_error(&|node: &mut Node| node.last_error = Some("no route".into()), "no route")]
#[case::in_maintenance(&|node: &mut Node| {
    node.maintenance = true;
    node.maintenance_reason = Some("During sync_power_state, max retries exceeded".into());
    node.fault = Some("power failure".into());
}, "power failure: During sync_power_state, max retries exceeded")]
#[case::fault_alone(
    &|node: &mut Node| node.fault = Some("power failure".into()),
    "power failure: Ironic gives no reason"
)]
fn power_that_ironic_does_not_know_is_shown_with_what_it_says(
    #[values(PowerState::On, PowerState::Off)] wanted: PowerState,
    #[case] change: &dyn Fn(&mut Node),
    #[case] why: &str,
) {
    let observation = observed(S::Provisioned, PowerState::On, &[]).with(|observation| {
        observation.host.spec.online = wanted == PowerState::On;
        seen(observation).power_state = None;
        change(seen(observation));
    });
    let expected =
        format!("Ironic does not know whether the machine is on; see that its BMC answers ({why})");
    expect(&observation, &format!("wait: {expected}"));
    let status = after(&observation).host.status.unwrap();
    assert_eq!(status.error_message, expected);
    assert_eq!(status.error_type, Some(ErrorType::PowerManagement));
    assert_eq!(status.error_count, 0);
}

#[rstest]
#[case(PowerState::On, true)]
#[case(PowerState::Off, false)]
fn the_status_shows_the_power_that_ironic_sees(#[case] power: PowerState, #[case] shown: bool) {
    let observation = observed(S::Provisioned, power, &[]).with(|observation| {
        observation.host.status.as_mut().unwrap().powered_on = !shown;
    });
    assert_eq!(after(&observation).host.status.unwrap().powered_on, shown);
}

#[rstest]
#[case(None)]
#[case(Some(PowerState::Error))]
#[case(Some(PowerState::Rebooting))]
fn the_status_keeps_the_power_while_it_is_not_known(
    #[case] power: Option<PowerState>,
    #[values(true, false)] shown: bool,
) {
    let observation = observed(S::Provisioned, PowerState::On, &[]).with(|observation| {
        observation.host.status.as_mut().unwrap().powered_on = shown;
        seen(observation).power_state = power;
    });
    assert_eq!(after(&observation).host.status.unwrap().powered_on, shown);
}

/// What came of the one effect of a plan.
fn outcome(observation: &Observation, outcome: Outcome) -> NextHost {
    next_host(observation, &planned(observation), &[outcome])
}

fn refused(message: &str) -> Outcome {
    Outcome::Refused {
        message: message.into(),
    }
}

#[test]
fn a_locked_node_is_waited_for() {
    let observation = observed(S::Provisioned, PowerState::Off, &[]);
    let message = "Node is locked by host a".into();
    let next = outcome(&observation, Outcome::Locked { message });
    let status = next.host.status.as_ref().unwrap();
    assert_eq!((status.error_count, status.error_type), (0, None));
    assert_eq!(reasons(&next), Vec::<&str>::new());
    expect(&observation.with(|it| it.host = next.host), ON);
}

#[rstest]
#[case::on(PowerState::Off, true, ON)]
#[case::off(PowerState::On, false, SOFT)]
fn what_ironic_refuses_is_counted_and_tried_again_later(
    #[case] power: PowerState,
    #[case] online: bool,
    #[case] expected: &str,
) {
    let mut observation =
        observed(S::Provisioned, power, &[]).with(|it| it.host.spec.online = online);
    for failures in 1..=3 {
        expect(&observation, expected);
        let next = outcome(&observation, refused("BMC says no"));
        // The same again is told by the count alone.
        let told: &[&str] = if failures == 1 {
            &["PowerManagementError"]
        } else {
            &[]
        };
        assert_eq!(reasons(&next), told);
        let status = next.host.status.clone().unwrap();
        assert_eq!(status.error_type, Some(ErrorType::PowerManagement));
        assert_eq!(status.error_message, "BMC says no");
        assert_eq!(status.error_count, failures);
        observation.host = next.host;
        expect_start(&observation, "wait: next attempt at ");
        observation.now += jiff::SignedDuration::from_hours(1);
    }
}

#[test]
fn a_power_failure_is_forgotten_when_the_power_is_right_again() {
    let mut observation = observed(S::Provisioned, PowerState::Off, &[])
        .with(|it| failed(&mut it.host, ErrorType::PowerManagement, 600));
    expect(&observation, ON);
    observation.host = after(&observation).host;
    let status = observation.host.status.clone().unwrap();
    assert_eq!((status.error_count, status.error_type), (1, None));
    seen(&mut observation).power_state = Some(PowerState::On);
    expect(&observation, "rest");
    let status = after(&observation).host.status.unwrap();
    assert_eq!((status.error_count, status.error_type), (0, None));
    assert_eq!(status.operational_status, OperationalStatus::Ok);
}

/// The words are Ironic's (`ironic/conductor/manager.py`, `change_node_power_state`).
#[rstest]
#[case::deployed(S::Provisioned)]
#[case::available(S::Available)]
fn a_machine_whose_driver_can_not_ask_is_switched_off_at_once_and_the_host_says_so(
    #[case] state: S,
) {
    let mut observation = observed(state, PowerState::On, &[]).with(offline);
    let words = "The driver redfish does not support the power state, soft power off";
    let next = outcome(&observation, refused(words));
    let status = next.host.status.clone().unwrap();
    assert_eq!(status.error_count, 0, "nothing waits");
    assert_eq!(status.error_type, Some(ErrorType::PowerManagement));
    assert_eq!(
        status.error_message,
        format!("the machine can't be asked to shut down, so its power is cut: {words}")
    );
    assert_eq!(reasons(&next), ["PowerOff"]);
    assert_eq!(next.events[0].kind, EventKind::Warning);
    observation.host = next.host;
    expect(&observation, CUT);
    let next = after(&observation);
    assert_eq!(next.host.status.unwrap().error_type, None);
}

#[test]
fn a_machine_that_must_stay_on_and_can_not_be_asked_is_reset() {
    let mut observation =
        observed(S::Available, PowerState::On, &[(ONE_SHOT, FORCED)]).with(must_stay_on);
    let words = "The driver redfish does not support the power state, soft rebooting";
    observation.host = outcome(&observation, refused(words)).host;
    assert!(has(&observation.host, ONE_SHOT));
    expect(&observation, RESET);
    assert!(!has(&after(&observation).host, ONE_SHOT));
}

#[rstest]
#[case::of_power(ErrorType::PowerManagement, RESET)]
#[case::of_something_else(ErrorType::Registration, SOFT_REBOOT)]
fn a_machine_that_must_stay_on_is_reset_after_a_power_failure(
    #[case] error_type: ErrorType,
    #[case] expected: &str,
) {
    let observation = observed(S::Available, PowerState::On, &[(ONE_SHOT, FORCED)])
        .with(must_stay_on)
        .with(|it| failed(&mut it.host, error_type, 600));
    expect(&observation, expected);
}

#[test]
fn a_refusal_for_another_reason_is_no_right_to_cut_the_power_of_a_volumes_machine() {
    let mut observation = observed(S::Provisioned, PowerState::On, &[]).with(offline);
    observation.host = outcome(&observation, refused("Missing redfish_address")).host;
    observation.now += jiff::SignedDuration::from_hours(1);
    expect(&observation, SOFT);
}

#[rstest]
#[case::refused(Outcome::Refused { message: "no".into() })]
#[case::locked(Outcome::Locked { message: "locked".into() })]
#[case::overtaken(Outcome::Overtaken { message: "changed".into() })]
#[case::no_answer(Outcome::Unavailable { message: "timeout".into() })]
fn the_annotation_stays_until_ironic_has_taken_the_reboot(
    #[values(FORCED, HARD_FORCED)] value: &str,
    #[case] what: Outcome,
) {
    let observation =
        observed(S::Available, PowerState::On, &[(ONE_SHOT, value)]).with(must_stay_on);
    assert!(has(&outcome(&observation, what).host, ONE_SHOT));
    let done = outcome(&observation, Outcome::Done);
    assert!(!has(&done.host, ONE_SHOT));
    assert_eq!(reasons(&done), ["Reboot"]);
}

#[test]
fn nobody_elses_annotation_is_removed() {
    let all = [(ONE_SHOT, FORCED), (KEYED, FORCED), ("example.org/a", "b")];
    let off = observed(S::Available, PowerState::Off, &all);
    let stays_on = observed(S::Available, PowerState::On, &all).with(must_stay_on);
    for observation in [off, stays_on] {
        let next = after(&observation).host;
        assert!(!has(&next, ONE_SHOT));
        assert!(has(&next, KEYED) && has(&next, "example.org/a"));
    }
}

/// Passes one after the other, each of which sees what the one before published.
struct Passes(Observation);

impl Passes {
    #[track_caller]
    fn expect(&mut self, expected: &str) -> NextHost {
        expect_start(&self.0, expected);
        let next = after(&self.0);
        self.0.host = next.host.clone();
        self.0.now += jiff::SignedDuration::from_secs(1);
        next
    }

    fn node(&mut self, change: impl FnOnce(&mut Node)) {
        change(seen(&mut self.0));
    }

    /// Ironic works on what was asked, and is done.
    #[track_caller]
    fn reaches(&mut self, power: PowerState) {
        self.node(|node| node.target_power_state = Some(power.clone()));
        self.expect(&format!("wait: power changes to {power}"));
        self.node(|node| {
            node.target_power_state = None;
            node.power_state = Some(power);
        });
    }

    fn is_shown_on(&self) -> bool {
        self.0.host.status.as_ref().unwrap().powered_on
    }
}

/// `TestRebootWithSuffixlessAnnotation`.
#[rstest]
#[case::soft(S::Provisioned, "", SOFT)]
#[case::hard(S::Provisioned, HARD, CUT)]
#[case::forced(S::Available, FORCED, SOFT)]
#[case::hard_and_forced(S::Available, HARD_FORCED, CUT)]
fn one_reboot(#[case] state: S, #[case] value: &str, #[case] off: &str) {
    let mut passes = Passes(observed(state, PowerState::On, &[(ONE_SHOT, value)]));
    assert_eq!(reasons(&passes.expect(off)), ["PowerOff"]);
    assert!(has(&passes.0.host, ONE_SHOT), "it is not done yet");
    passes.reaches(PowerState::Off);
    passes.expect(END);
    assert!(!passes.is_shown_on());
    assert!(!has(&passes.0.host, ONE_SHOT));
    assert_eq!(reasons(&passes.expect(ON)), ["PowerOn"]);
    passes.reaches(PowerState::On);
    passes.expect("rest");
    assert!(passes.is_shown_on());
    passes.expect("rest");
}

#[test]
fn one_reboot_of_a_machine_that_does_not_react() {
    let mut passes = Passes(observed(S::Provisioned, PowerState::On, &[(ONE_SHOT, "")]));
    passes.expect(SOFT);
    passes.node(|node| node.last_error = Some(failed_by(PowerTarget::SoftOff)));
    let cut = passes.expect(CUT);
    assert_eq!(
        cut.events[0].note,
        "the machine was asked to shut down and did not; cutting its power"
    );
    passes.node(|node| node.last_error = None);
    passes.reaches(PowerState::Off);
    passes.expect(END);
    passes.expect(ON);
    passes.reaches(PowerState::On);
    passes.expect("rest");
}

#[test]
fn one_reboot_whose_power_off_fails() {
    let mut passes = Passes(observed(
        S::Provisioned,
        PowerState::On,
        &[(ONE_SHOT, HARD)],
    ));
    passes.expect(CUT);
    passes.node(|node| node.last_error = Some(failed_by(PowerTarget::Off)));
    let failure = passes.expect("enter: failure: Failed to change power state");
    assert_eq!(reasons(&failure), ["PowerManagementError"]);
    passes.expect("wait: next attempt at ");
    passes.0.now += jiff::SignedDuration::from_mins(3);
    passes.expect(CUT);
    passes.node(|node| node.last_error = None);
    passes.reaches(PowerState::Off);
    passes.expect(END);
    passes.expect(ON);
    passes.reaches(PowerState::On);
    passes.expect("rest");
    assert_eq!(passes.0.host.status.as_ref().unwrap().error_count, 0);
}

/// `TestRebootWithSuffixedAnnotation`.
#[rstest]
#[case::soft(S::Provisioned, "", SOFT)]
#[case::hard(S::Provisioned, HARD, CUT)]
#[case::forced(S::Available, FORCED, SOFT)]
fn off_until_the_last_key_is_gone(#[case] state: S, #[case] value: &str, #[case] off: &str) {
    let all = [(KEYED, value), (OTHER, value)];
    let mut passes = Passes(observed(state, PowerState::On, &all));
    passes.expect(off);
    passes.reaches(PowerState::Off);
    passes.expect("wait: kept off by reboot.metal3.io/key, reboot.metal3.io/other");
    for key in [KEYED, OTHER] {
        passes.expect("wait: kept off by ");
        assert!(!passes.is_shown_on());
        let annotations = passes.0.host.metadata.annotations.as_mut();
        annotations.unwrap().remove(key);
    }
    passes.expect(ON);
    passes.reaches(PowerState::On);
    passes.expect("rest");
    assert!(passes.is_shown_on());
}

#[test]
fn a_reboot_beside_a_key_ends_off_until_the_key_is_gone() {
    let all = [(ONE_SHOT, ""), (KEYED, "")];
    let mut passes = Passes(observed(S::Provisioned, PowerState::On, &all));
    passes.expect(SOFT);
    passes.reaches(PowerState::Off);
    passes.expect(END);
    assert!(has(&passes.0.host, KEYED));
    passes.expect("wait: kept off by reboot.metal3.io/key,");
}

#[test]
fn a_reboot_of_a_machine_that_is_not_to_be_online_ends_off() {
    let mut passes =
        Passes(observed(S::Provisioned, PowerState::On, &[(ONE_SHOT, "")]).with(offline));
    passes.expect(SOFT);
    passes.reaches(PowerState::Off);
    passes.expect(END);
    passes.expect("rest");
}

/// `TestRebootWithSuffixedAnnotationPowerOffDisabled`.
#[rstest]
#[case::soft(FORCED, SOFT_REBOOT)]
#[case::hard(HARD_FORCED, RESET)]
fn one_reboot_of_a_machine_that_must_stay_on(#[case] value: &str, #[case] reboot: &str) {
    let all = [(ONE_SHOT, value)];
    let mut passes = Passes(observed(S::Available, PowerState::On, &all).with(must_stay_on));
    assert_eq!(reasons(&passes.expect(reboot)), ["Reboot"]);
    assert!(!has(&passes.0.host, ONE_SHOT));
    // Ironic's target of a reboot.
    passes.reaches(PowerState::On);
    passes.expect("rest");
    assert!(passes.is_shown_on());
}

#[rstest]
#[case::one_shot(ONE_SHOT)]
#[case::keyed(KEYED)]
fn a_value_that_can_not_be_read_is_told_once(#[case] name: &str) {
    let mut passes = Passes(observed(
        S::Provisioned,
        PowerState::On,
        &[(name, "please")],
    ));
    let next = passes.expect(SOFT);
    assert_eq!(reasons(&next), ["InvalidAnnotationValue", "PowerOff"]);
    assert_eq!(next.events[0].kind, EventKind::Warning);
    assert!(next.events[0].note.starts_with(&format!("{name}: ")));
    // Once more, and then the power is cut.
    assert_eq!(reasons(&passes.expect(SOFT)), ["PowerOff"]);
    passes.node(|node| node.last_error = Some(failed_by(PowerTarget::SoftOff)));
    assert_eq!(reasons(&passes.expect(CUT)), ["PowerOff"]);
    passes.reaches(PowerState::Off);
    if name == ONE_SHOT {
        assert_eq!(passes.expect(END).events, []);
        assert_eq!(reasons(&passes.expect(ON)), ["PowerOn"]);
    } else {
        assert_eq!(passes.expect("wait: kept off by").events, []);
        assert_eq!(passes.expect("wait: kept off by").events, []);
    }
}

#[test]
fn a_machine_that_stays_on_before_its_host_is_deleted_is_given_up_in_time() {
    let mut passes = Passes(
        observed(S::PoweringOffBeforeDelete, PowerState::On, &[])
            .with(|observation| deleted(&mut observation.host)),
    );
    passes.expect(CUT);
    passes.0.now += jiff::SignedDuration::from_mins(3);
    passes.expect(CUT);
    passes.0.now += jiff::SignedDuration::from_mins(1);
    passes.expect("enter: deleting");
}

#[rstest]
#[case::verifying(ProvisionState::Verifying, ProvisionState::Manageable)]
#[case::cleaning(ProvisionState::Cleaning, ProvisionState::Available)]
#[case::clean_wait(ProvisionState::CleanWait, ProvisionState::Available)]
#[case::inspecting(ProvisionState::Inspecting, ProvisionState::Manageable)]
fn no_power_action_is_sent_before_delete_while_the_node_is_on_its_way(
    #[case] state: ProvisionState,
    #[case] target: ProvisionState,
) {
    let words = format!("wait: node is {state}");
    let observation = observed(S::PoweringOffBeforeDelete, PowerState::On, &[])
        .with(|observation| deleted(&mut observation.host))
        .with(|observation| {
            seen(observation).provision_state = Some(state);
            seen(observation).target_provision_state = Some(target);
        });
    expect(&observation, &words);
}

#[rstest]
#[case::deploy_failed(ProvisionState::DeployFailed)]
#[case::waiting_for_the_machine(ProvisionState::DeployWait)]
fn a_deployment_that_ended_badly_is_no_reason_to_wait(#[case] state: ProvisionState) {
    let node = deployed_node(state, PowerState::On)
        .with(|node| node.target_provision_state = Some(ProvisionState::Active));
    let observation = observe(host(S::Deprovisioning).with(without_volume)).seeing(node);
    expect(&observation, SOFT);
}

fn sets(target: PowerTarget) -> Plan {
    Plan {
        step: Step::Act(vec![Effect::SetPower {
            node: NODE.parse().unwrap(),
            target,
            timeout: None,
        }]),
        look_again: std::time::Duration::ZERO,
    }
}

#[rstest]
#[case::nobody(S::Provisioned, &|_: &mut Observation| (), false)]
#[case::asked(S::Provisioned, &|it: &mut Observation| asked(&mut it.host, 1), true)]
#[case::user(S::Provisioned, &|it: &mut Observation| annotated(&mut it.host, ONE_SHOT, HARD), true)]
#[case::user_asks_for_soft(
    S::Provisioned,
    &|it: &mut Observation| annotated(&mut it.host, ONE_SHOT, ""),
    false
)]
#[case::user_does_not_insist(
    S::Available,
    &|it: &mut Observation| annotated(&mut it.host, ONE_SHOT, HARD),
    false
)]
#[case::user_insists(
    S::Available,
    &|it: &mut Observation| annotated(&mut it.host, ONE_SHOT, HARD_FORCED),
    true
)]
#[case::failed_without_volume(
    S::Available,
    &|it: &mut Observation| failed(&mut it.host, ErrorType::PowerManagement, 1),
    true
)]
#[case::failed_otherwise(
    S::Available,
    &|it: &mut Observation| failed(&mut it.host, ErrorType::Registration, 1),
    false
)]
#[case::failed_with_volume(
    S::Provisioned,
    &|it: &mut Observation| failed(&mut it.host, ErrorType::PowerManagement, 1),
    false
)]
#[case::failed_with_volume_on_the_annotation(
    S::Available,
    &|it: &mut Observation| {
        failed(&mut it.host, ErrorType::PowerManagement, 1);
        annotated(&mut it.host, "ironboot.io/deployed-volume", "vol-1");
    },
    false
)]
#[case::deleted(
    S::PoweringOffBeforeDelete,
    &|it: &mut Observation| deleted(&mut it.host),
    true
)]
#[case::not_deleted(S::PoweringOffBeforeDelete, &|_: &mut Observation| (), false)]
#[case::deleted_in_another_state(
    S::Available,
    &|it: &mut Observation| deleted(&mut it.host),
    false
)]
fn who_may_cut_the_power(
    #[values(PowerTarget::Off, PowerTarget::Reboot)] target: PowerTarget,
    #[case] state: S,
    #[case] change: &dyn Fn(&mut Observation),
    #[case] may: bool,
) {
    let observation = observed(state, PowerState::On, &[]).with(change);
    let violations = check(&observation, &sets(target));
    let expected: &[_] = if may {
        &[]
    } else {
        &[Violation::CutsPowerUnasked]
    };
    assert_eq!(violations, expected);
}

#[rstest]
#[case(PowerTarget::Off, &[Violation::SwitchesOffWhatMustStayOn])]
#[case(PowerTarget::SoftOff, &[Violation::SwitchesOffWhatMustStayOn])]
#[case(PowerTarget::Reboot, &[])]
#[case(PowerTarget::SoftReboot, &[])]
#[case(PowerTarget::On, &[])]
fn what_may_be_done_to_a_machine_that_must_stay_on(
    #[case] target: PowerTarget,
    #[case] expected: &[Violation],
) {
    let observation =
        observed(S::Available, PowerState::On, &[(ONE_SHOT, HARD_FORCED)]).with(must_stay_on);
    assert_eq!(check(&observation, &sets(target)), expected);
}
