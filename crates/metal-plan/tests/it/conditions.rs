//! The conditions that people and Cluster API wait for.

use ironic_types::{Health, Node, PowerState, ProvisionState};
use metal_api::conditions::{ConditionType, find_condition};
use metal_api::v1alpha1::{
    BareMetalHost, ErrorType, OperationalStatus as O, ProvisioningState as S,
};
use metal_plan::{
    Attempt, Blocker, Observation, Outcome, Plan, SecretFacts, Step, Transition, Wait, next_host,
};
use rstest::rstest;
use serde_json::json;

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

/// A pass that leaves state and operational status as they are.
fn untouched() -> Plan {
    plan_of(Step::Enter(Transition::Forget))
}

fn plan_of(step: Step) -> Plan {
    Plan {
        step,
        look_again: std::time::Duration::from_mins(1),
    }
}

fn in_condition(state: S, operational_status: O) -> Observation {
    observe(host(state).with(|host| {
        host.status.as_mut().unwrap().operational_status = operational_status;
    }))
    .seeing(node(ProvisionState::Available, PowerState::On))
}

#[track_caller]
fn expect_conditions(observation: &Observation, expected: [(ConditionType, &str); 5]) {
    let next = next_host(observation, &untouched(), &[]).host;
    for (condition_type, expected) in expected {
        assert_eq!(
            condition(&next, condition_type).as_deref(),
            Some(expected),
            "{condition_type}"
        );
    }
}

#[track_caller]
fn expect_message(next: &BareMetalHost, condition_type: ConditionType, expected: &str) {
    let conditions = &next.status.as_ref().unwrap().conditions;
    assert_eq!(
        find_condition(conditions, condition_type).unwrap().message,
        expected
    );
}

// Manageable, AvailableForProvisioning, Provisioned, Ready, Progressing.
#[rstest]
#[case::new(
    S::None,
    O::None,
    "False/NotManaged",
    "False/NotAvailable",
    "False/NotProvisioned",
    "False/NotProvisioned",
    "False/NotProgressing"
)]
#[case::unmanaged(
    S::Unmanaged,
    O::Discovered,
    "False/NotManaged",
    "False/NotAvailable",
    "False/NotProvisioned",
    "False/NotProvisioned",
    "False/NotProgressing"
)]
#[case::registering(
    S::Registering,
    O::Ok,
    "False/Registering",
    "False/NotAvailable",
    "False/NotProvisioned",
    "False/NotProvisioned",
    "True/Registering"
)]
#[case::registering_in_vain(
    S::Registering,
    O::Error,
    "False/RegistrationFailed",
    "False/NotAvailable",
    "False/NotProvisioned",
    "False/Error",
    "True/Registering"
)]
#[case::inspecting(
    S::Inspecting,
    O::Ok,
    "True/Manageable",
    "False/NotAvailable",
    "False/NotProvisioned",
    "False/NotProvisioned",
    "True/Inspecting"
)]
#[case::match_profile(
    S::MatchProfile,
    O::Ok,
    "True/Manageable",
    "False/NotAvailable",
    "False/NotProvisioned",
    "False/NotProvisioned",
    "True/Inspecting"
)]
#[case::preparing(
    S::Preparing,
    O::Ok,
    "True/Manageable",
    "False/NotAvailable",
    "False/NotProvisioned",
    "False/NotProvisioned",
    "True/Preparing"
)]
#[case::preparing_in_vain(
    S::Preparing,
    O::Error,
    "True/Manageable",
    "False/NotAvailable",
    "False/NotProvisioned",
    "False/Error",
    "True/Preparing"
)]
#[case::ready(
    S::Ready,
    O::Ok,
    "True/Manageable",
    "True/Available",
    "False/NotProvisioned",
    "False/NotProvisioned",
    "False/NotProgressing"
)]
#[case::available(
    S::Available,
    O::Ok,
    "True/Manageable",
    "True/Available",
    "False/NotProvisioned",
    "False/NotProvisioned",
    "False/NotProgressing"
)]
#[case::available_with_error(
    S::Available,
    O::Error,
    "True/Manageable",
    "True/Available",
    "False/NotProvisioned",
    "False/Error",
    "False/NotProgressing"
)]
#[case::available_detached(
    S::Available,
    O::Detached,
    "True/Manageable",
    "True/Available",
    "False/NotProvisioned",
    "False/Detached",
    "False/Detached"
)]
#[case::provisioning(
    S::Provisioning,
    O::Ok,
    "True/Manageable",
    "False/NotAvailable",
    "False/NotProvisioned",
    "False/NotProvisioned",
    "True/Provisioning"
)]
#[case::provisioning_delayed(
    S::Provisioning,
    O::Delayed,
    "True/Manageable",
    "False/NotAvailable",
    "False/NotProvisioned",
    "False/NotProvisioned",
    "True/Provisioning"
)]
#[case::provisioning_in_vain(
    S::Provisioning,
    O::Error,
    "True/Manageable",
    "False/NotAvailable",
    "False/NotProvisioned",
    "False/Error",
    "True/Provisioning"
)]
#[case::provisioning_detached(
    S::Provisioning,
    O::Detached,
    "True/Manageable",
    "False/NotAvailable",
    "False/NotProvisioned",
    "False/Detached",
    "False/Detached"
)]
#[case::provisioned(
    S::Provisioned,
    O::Ok,
    "True/Manageable",
    "False/NotAvailable",
    "True/Provisioned",
    "True/Provisioned",
    "False/NotProgressing"
)]
#[case::provisioned_with_error(
    S::Provisioned,
    O::Error,
    "True/Manageable",
    "False/NotAvailable",
    "True/Provisioned",
    "False/Error",
    "False/NotProgressing"
)]
#[case::provisioned_servicing(
    S::Provisioned,
    O::Servicing,
    "True/Manageable",
    "False/NotAvailable",
    "True/Provisioned",
    "False/Servicing",
    "False/NotProgressing"
)]
#[case::provisioned_detached(
    S::Provisioned,
    O::Detached,
    "True/Manageable",
    "False/NotAvailable",
    "True/Provisioned",
    "False/Detached",
    "False/Detached"
)]
#[case::externally_provisioned(
    S::ExternallyProvisioned,
    O::Ok,
    "True/Manageable",
    "False/NotAvailable",
    "True/Provisioned",
    "True/Provisioned",
    "False/NotProgressing"
)]
#[case::externally_provisioned_detached(
    S::ExternallyProvisioned,
    O::Detached,
    "True/Manageable",
    "False/NotAvailable",
    "True/Provisioned",
    "False/Detached",
    "False/Detached"
)]
#[case::deprovisioning(
    S::Deprovisioning,
    O::Ok,
    "True/Manageable",
    "False/NotAvailable",
    "False/NotProvisioned",
    "False/NotProvisioned",
    "True/Deprovisioning"
)]
#[case::deprovisioning_in_vain(
    S::Deprovisioning,
    O::Error,
    "True/Manageable",
    "False/NotAvailable",
    "False/NotProvisioned",
    "False/Error",
    "True/Deprovisioning"
)]
#[case::powering_off(
    S::PoweringOffBeforeDelete,
    O::Ok,
    "True/Manageable",
    "False/NotAvailable",
    "False/NotProvisioned",
    "False/NotProvisioned",
    "True/PoweringOffBeforeDelete"
)]
#[case::deleting(
    S::Deleting,
    O::Ok,
    "True/Manageable",
    "False/NotAvailable",
    "False/NotProvisioned",
    "False/NotProvisioned",
    "True/Deleting"
)]
fn a_state_and_an_operational_status_give_the_conditions_of_metal3(
    #[case] state: S,
    #[case] operational_status: O,
    #[case] manageable: &str,
    #[case] available: &str,
    #[case] provisioned: &str,
    #[case] ready: &str,
    #[case] progressing: &str,
) {
    use ConditionType as C;
    expect_conditions(
        &in_condition(state, operational_status),
        [
            (C::Manageable, manageable),
            (C::AvailableForProvisioning, available),
            (C::Provisioned, provisioned),
            (C::Ready, ready),
            (C::Progressing, progressing),
        ],
    );
}

#[rstest]
#[case(S::None, O::None, "False/NotManaged")]
#[case(S::Unmanaged, O::Discovered, "False/NotManaged")]
#[case(S::Registering, O::Ok, "False/Registering")]
#[case(S::Registering, O::Error, "False/RegistrationFailed")]
#[case(S::Inspecting, O::Ok, "False/PowerFailure")]
#[case(S::MatchProfile, O::Ok, "False/PowerFailure")]
#[case(S::Preparing, O::Ok, "False/PowerFailure")]
#[case(S::Ready, O::Ok, "False/PowerFailure")]
#[case(S::Available, O::Ok, "False/PowerFailure")]
#[case(S::Provisioning, O::Ok, "False/PowerFailure")]
#[case(S::Provisioned, O::Ok, "False/PowerFailure")]
#[case(S::Provisioned, O::Error, "False/PowerFailure")]
#[case(S::Provisioned, O::Detached, "True/Manageable")]
#[case(S::ExternallyProvisioned, O::Ok, "False/PowerFailure")]
#[case(S::Deprovisioning, O::Ok, "False/PowerFailure")]
#[case(S::PoweringOffBeforeDelete, O::Ok, "False/PowerFailure")]
#[case(S::Deleting, O::Ok, "True/Manageable")]
fn a_power_failure_makes_a_managed_host_unmanageable(
    #[case] state: S,
    #[case] operational_status: O,
    #[case] expected: &str,
) {
    let observation = in_condition(state, operational_status).with(|observation| {
        observation.seen().node.as_mut().unwrap().fault = Some("power failure".into());
    });
    let next = next_host(&observation, &untouched(), &[]).host;
    assert_eq!(
        condition(&next, ConditionType::Manageable).as_deref(),
        Some(expected)
    );
}

#[test]
fn another_fault_leaves_the_host_manageable() {
    let observation = in_condition(S::Provisioned, O::Ok).with(|observation| {
        observation.seen().node.as_mut().unwrap().fault = Some("clean failure".into());
    });
    let next = next_host(&observation, &untouched(), &[]).host;
    assert_eq!(
        condition(&next, ConditionType::Manageable).as_deref(),
        Some("True/Manageable")
    );
}

#[rstest]
#[case(None, None, "Unknown/Unknown")]
#[case(None, Some(Health::Ok), "True/Healthy")]
#[case(None, Some(Health::Warning), "False/Warning")]
#[case(None, Some(Health::Critical), "False/CriticalError")]
#[case(None, Some(Health::from("Splendid")), "Unknown/Unknown")]
#[case::what_was_known_stays_where_nothing_is_said(Some(Health::Warning), None, "False/Warning")]
#[case(Some(Health::Ok), Some(Health::Critical), "False/CriticalError")]
#[case(Some(Health::Ok), Some(Health::from("Splendid")), "Unknown/Unknown")]
fn health_is_what_the_bmc_says(
    #[case] before: Option<Health>,
    #[case] health: Option<Health>,
    #[case] expected: &str,
) {
    let with_health = |observation: Observation, health| {
        observation.with(|observation| {
            observation.seen().node.as_mut().unwrap().health = health;
        })
    };
    let mut observation = in_condition(S::Provisioned, O::Ok);
    if let Some(before) = before {
        let seen = with_health(observation.clone(), Some(before));
        observation.host = next_host(&seen, &untouched(), &[]).host;
    }
    let next = next_host(&with_health(observation, health), &untouched(), &[]).host;
    assert_eq!(
        condition(&next, ConditionType::Healthy).as_deref(),
        Some(expected)
    );
}

fn cleaning_at(step: serde_json::Value) -> Node {
    Node {
        clean_step: from(step),
        ..node(ProvisionState::CleanWait, PowerState::On)
    }
}

#[rstest]
#[case(
    Wait::NodeBusy { state: Some(ProvisionState::CleanWait) },
    "Ironic's node is clean wait, at the step deploy.erase_devices_metadata"
)]
#[case(Wait::NodeBusy { state: Some(ProvisionState::Verifying) }, "Ironic's node is verifying")]
#[case(Wait::NodeBusy { state: None }, "Ironic's node has no state yet")]
#[case(
    Wait::PowerChanging { target: PowerState::Off },
    "the machine's power is changing to power off"
)]
#[case(Wait::BackOff { until: now() }, "the next attempt is at 2026-11-22T12:00:00Z")]
#[case(Wait::Offline, "the deployment waits for spec.online: true")]
#[case(
    Wait::IronicUnavailable { message: "answered 500 (17)".into() },
    "Ironic gives no answer"
)]
#[case(
    Wait::Blocked(Blocker::Node { error_type: ErrorType::Registration, message: "Secret x does not exist".into() }),
    "Secret x does not exist"
)]
#[case(
    Wait::Blocked(Blocker::PowerUnknown { message: "see that its BMC answers".into() }),
    "see that its BMC answers"
)]
#[case(
    Wait::Blocked(Blocker::NotImplemented { message: "spec.raid".into() }),
    "spec.raid"
)]
fn what_a_host_on_its_way_waits_for_is_said_in_progressing(
    #[case] wait: Wait,
    #[case] expected: &str,
) {
    let observation = observe(host(S::Deprovisioning)).seeing(cleaning_at(
        json!({"interface": "deploy", "step": "erase_devices_metadata", "priority": 10, "args": {"secret": "x"}}),
    ));
    let next = next_host(&observation, &plan_of(Step::Wait(wait)), &[]).host;
    expect_message(&next, ConditionType::Progressing, expected);
    assert_eq!(
        condition(&next, ConditionType::Progressing).as_deref(),
        Some("True/Deprovisioning")
    );
}

#[test]
fn a_deployment_tells_the_step_it_is_at() {
    let deploying = Node {
        deploy_step: from(json!({"interface": "deploy", "step": "write_image"})),
        ..deployed_node(ProvisionState::DeployWait, PowerState::On)
    };
    let next = after(&observe(host(S::Provisioning)).seeing(deploying)).host;
    expect_message(
        &next,
        ConditionType::Progressing,
        "Ironic's node is wait call-back, at the step deploy.write_image",
    );
}

#[rstest]
#[case(
    Wait::PowerChanging { target: PowerState::On },
    "the machine's power is changing to power on"
)]
#[case(
    Wait::NodeBusy { state: Some(ProvisionState::Servicing) },
    "Ironic's node is servicing"
)]
#[case(
    Wait::IronicUnavailable { message: "timed out".into() },
    "Ironic gives no answer: timed out"
)]
#[case(
    Wait::Blocked(Blocker::PowerUnknown { message: "see that its BMC answers".into() }),
    "see that its BMC answers"
)]
fn what_a_host_in_a_lasting_state_waits_for_is_said_in_ready(
    #[case] wait: Wait,
    #[case] expected: &str,
) {
    let observation =
        observe(host(S::Provisioned)).seeing(deployed_node(ProvisionState::Active, PowerState::On));
    let next = next_host(&observation, &plan_of(Step::Wait(wait)), &[]).host;
    expect_message(&next, ConditionType::Ready, expected);
    expect_message(&next, ConditionType::Progressing, "");
}

#[test]
fn a_missing_secret_is_named_where_progress_is_looked_for() {
    let observation = observe(host(S::Registering))
        .with(|observation| observation.bmc_credentials = SecretFacts::Missing);
    let next = after(&observation).host;
    let expected = "spec.bmc.credentialsName: Secret node-0-bmc does not exist in the host's namespace; create it with username and password";
    expect_message(&next, ConditionType::Progressing, expected);
    expect_message(&next, ConditionType::Manageable, expected);
    expect_message(&next, ConditionType::Ready, expected);
}

#[rstest]
#[case(
    Outcome::Locked { message: "Node is locked by host a".into() },
    "Ironic's node is locked by another action; the same is tried again"
)]
#[case(
    Outcome::Overtaken { message: "state is deploying".into() },
    "Ironic's node changed in the meantime; it is looked at again"
)]
#[case(Outcome::Unavailable { message: "answered 503".into() }, "Ironic gives no answer")]
#[case(
    Outcome::CredentialsChanged,
    "a Secret changed in the meantime; it is read again"
)]
#[case(
    Outcome::LeasesChanged,
    "a volume's Lease changed hands in the meantime; it is looked at again"
)]
#[case(
    Outcome::LeasesUnavailable { message: "forbidden".into() },
    "the Leases of volumes can't be read or written"
)]
#[case(Outcome::Done, "")]
fn what_keeps_an_effect_from_being_done_is_visible(
    #[case] outcome: Outcome,
    #[case] expected: &str,
) {
    let observation =
        observe(host(S::Preparing)).seeing(node(ProvisionState::Manageable, PowerState::Off));
    let plan = planned(&observation);
    let next = next_host(&observation, &plan, std::slice::from_ref(&outcome)).host;
    expect_message(&next, ConditionType::Progressing, expected);
    let again = observation.with(|again| {
        again.host = next.clone();
        again.now += jiff::SignedDuration::from_secs(10);
    });
    let plan = planned(&again);
    assert_eq!(next_host(&again, &plan, &[outcome]).host, next);
}

#[test]
fn the_time_of_the_next_attempt_is_told_with_the_failure_and_stays() {
    let mut observation =
        observe(host(S::Preparing)).seeing(node(ProvisionState::CleanFailed, PowerState::Off));
    expect_start(&observation, "enter: failure: ");
    observation.host = after(&observation).host;
    let message = |observation: &Observation| {
        let conditions = &observation.host.status.as_ref().unwrap().conditions;
        find_condition(conditions, ConditionType::Progressing)
            .unwrap()
            .message
            .clone()
    };
    let told = message(&observation);
    let until = told.strip_prefix("the next attempt is at ").unwrap();
    expect(&observation, &format!("wait: next attempt at {until}"));

    observation.now += jiff::SignedDuration::from_secs(20);
    let again = after(&observation).host;
    assert_eq!(again, observation.host);

    // Another change moves it once, and then it stays again.
    observation.seen().node.as_mut().unwrap().power_state = Some(PowerState::On);
    observation.host = after(&observation).host;
    let moved = message(&observation);
    assert_ne!(moved, told);
    expect(
        &observation,
        &format!(
            "wait: {}",
            moved.replace("the next attempt is at", "next attempt at")
        ),
    );
    assert_eq!(after(&observation).host, observation.host);
}

#[test]
fn a_refused_effect_of_a_deployed_host_tells_error_and_next_attempt_in_ready() {
    let observation = observe(host(S::Provisioned))
        .seeing(deployed_node(ProvisionState::Active, PowerState::Off));
    let refused = Outcome::Refused {
        message: "BMC says no".into(),
    };
    let next = next_host(&observation, &planned(&observation), &[refused]).host;
    let conditions = &next.status.as_ref().unwrap().conditions;
    let ready = find_condition(conditions, ConditionType::Ready).unwrap();
    assert!(
        ready
            .message
            .starts_with("BMC says no; the next attempt is at 2026-11-22T12:0"),
        "{}",
        ready.message
    );
}

#[test]
fn a_recorded_failure_tells_the_next_attempt() {
    let observation =
        observe(host(S::Provisioned)).seeing(deployed_node(ProvisionState::Active, PowerState::On));
    let failure = Transition::RecordFailure(Attempt {
        error_type: ErrorType::PowerManagement,
        message: "it failed".into(),
    });
    let next = next_host(&observation, &plan_of(Step::Enter(failure)), &[]).host;
    let conditions = &next.status.as_ref().unwrap().conditions;
    let ready = find_condition(conditions, ConditionType::Ready).unwrap();
    assert!(
        ready
            .message
            .starts_with("it failed; the next attempt is at "),
        "{}",
        ready.message
    );
}

#[test]
fn a_paused_host_keeps_the_conditions_it_has() {
    let paused = host(S::Provisioned).with(|host| {
        host.metadata.annotations =
            Some([("baremetalhost.metal3.io/paused".to_owned(), String::new())].into());
    });
    let next = after(&observe(paused)).host;
    assert_eq!(next.status.unwrap().conditions, []);
}
