//! What is told of each step: the reasons are Metal3's, and trouble is a Warning.

use ironic_types::{PowerState, ProvisionState as N};
use metal_api::v1alpha1::{BareMetalHost, ErrorType, ProvisioningState as S};
use metal_plan::{EventKind, LeaseFacts, Observation};
use rstest::rstest;
use serde_json::json;

use crate::fixtures::*;

use EventKind::{Normal, Warning};

/// The events of a pass whose effects are all done.
fn told(observation: &Observation) -> Vec<(EventKind, String)> {
    after(observation)
        .events
        .into_iter()
        .map(|event| (event.kind, event.reason.as_str().to_owned()))
        .collect()
}

fn on(state: S, node_state: N, power: PowerState) -> Observation {
    observe(host(state)).seeing(node(node_state, power))
}

fn new_registration(host: &mut BareMetalHost) {
    let status = host.status.as_mut().unwrap();
    status.tried_credentials = Some(from(json!({"credentialsVersion": "7"})));
    status.good_credentials = None;
    status.operation_history = Some(from(json!({"register": {"start": ago(10)}})));
}

fn no_bmc(host: &mut BareMetalHost) {
    host.spec.bmc = None;
}

fn offline(host: &mut BareMetalHost) {
    host.spec.online = false;
}

fn external(host: &mut BareMetalHost) {
    without_volume(host);
    host.spec.externally_provisioned = Some(true);
}

fn detached(host: &mut BareMetalHost) {
    annotated(host, "baremetalhost.metal3.io/detached", "");
}

fn ours(host: &mut BareMetalHost) {
    deleted(host);
    annotated(host, "ironboot.io/deployed-volume", "vol-1");
}

fn no_change<T>(_: &mut T) {}

#[rstest]
#[case::a_host_without_a_bmc(S::None, no_bmc, N::Enroll, PowerState::Off, &[(Normal, "Discovered")])]
#[case::a_host_with_one(S::None, no_change, N::Enroll, PowerState::Off, &[])]
#[case::registered(S::Registering, new_registration, N::Manageable, PowerState::Off, &[(Normal, "Registered"), (Normal, "BMCAccessValidated")])]
#[case::registered_and_external(S::Registering, |host: &mut BareMetalHost| { new_registration(host); external(host); }, N::Manageable, PowerState::Off, &[(Normal, "Registered"), (Normal, "BMCAccessValidated")])]
#[case::prepared(S::Preparing, no_change, N::Available, PowerState::Off, &[])]
#[case::to_be_deployed(S::Available, no_change, N::Available, PowerState::Off, &[(Normal, "ProvisioningStarted")])]
#[case::to_be_released(S::Provisioned, without_volume, N::Active, PowerState::On, &[(Normal, "DeprovisioningStarted")])]
#[case::cancelled(S::Provisioning, without_volume, N::Available, PowerState::Off, &[(Normal, "DeprovisioningStarted")])]
#[case::released(S::Deprovisioning, without_volume, N::Available, PowerState::Off, &[(Normal, "DeprovisioningComplete")])]
#[case::powered_on(S::Provisioned, no_change, N::Active, PowerState::Off, &[(Normal, "PowerOn")])]
#[case::shut_down(S::Provisioned, offline, N::Active, PowerState::On, &[(Normal, "PowerOff")])]
#[case::as_it_should_be(S::Provisioned, no_change, N::Active, PowerState::On, &[])]
#[case::taken_over(S::Available, external, N::Available, PowerState::Off, &[])]
#[case::to_be_deleted(S::Provisioned, deleted, N::Active, PowerState::On, &[(Normal, "DeprovisioningStarted")])]
#[case::to_be_powered_off(S::Available, deleted, N::Available, PowerState::On, &[])]
#[case::detached_and_deleted(S::Provisioned, |host: &mut BareMetalHost| { ours(host); detached(host); }, N::Active, PowerState::On, &[(Warning, "MachineMayRun")])]
#[case::deleted_with_its_node(S::Deleting, deleted, N::Available, PowerState::Off, &[])]
#[case::taken_out(S::Provisioned, detached, N::Active, PowerState::On, &[])]
fn a_step_is_told_by_its_reason(
    #[case] state: S,
    #[case] change: fn(&mut BareMetalHost),
    #[case] node_state: N,
    #[case] power: PowerState,
    #[case] expected: &[(EventKind, &str)],
) {
    let observation =
        on(state, node_state, power).with(|observation| change(&mut observation.host));
    let told = told(&observation);
    let told: Vec<_> = told
        .iter()
        .map(|(kind, reason)| (*kind, reason.as_str()))
        .collect();
    assert_eq!(told, expected, "{}", planned(&observation));
}

#[test]
fn a_deployment_that_is_done_is_told() {
    let done = on(S::Provisioning, N::Active, PowerState::On)
        .with(|done| done.seen().targets = vec![target(NODE, DEPLOYMENT, "7")]);
    assert_eq!(told(&done), [(Normal, "ProvisioningComplete".to_owned())]);
}

#[test]
fn a_detachment_and_what_ends_it_are_told_of_by_the_status_alone() {
    let mut observation = observe(host(S::Provisioned).with(detached));
    expect(&observation, "enter: detached");
    assert_eq!(told(&observation), []);
    observation.host = after(&observation).host;
    observation.host.metadata.annotations = None;
    expect(&observation, "enter: attached");
    assert_eq!(told(&observation), []);
}

/// What somebody must change is a Warning, once as long as it is the same.
#[rstest]
#[case(S::Registering, |observation: &mut Observation| observation.bmc_credentials = metal_plan::SecretFacts::Missing, "BMCCredentialError")]
#[case(S::Registering, |observation: &mut Observation| observation.host.spec.bmc.as_mut().unwrap().address = "floppy://".into(), "BMCCredentialError")]
#[case(S::Available, |observation: &mut Observation| observation.iscsi_credentials = chap_secret(metal_plan::SecretFacts::Missing), "SecretMissing")]
#[case(S::Available, |observation: &mut Observation| observation.seen().targets = vec![target(OTHER_NODE, FRESH, "7")], "VolumeConflict")]
#[case(S::Available, |observation: &mut Observation| observation.host.spec.taints = vec![from(json!({"key": "a", "effect": "NoSchedule"}))], "NotImplemented")]
fn what_somebody_must_change_is_told_once(
    #[case] state: S,
    #[case] change: fn(&mut Observation),
    #[case] reason: &str,
) {
    let mut observation = on(state, N::Available, PowerState::Off).with(change);
    assert_eq!(told(&observation), [(Warning, reason.to_owned())]);
    observation.host = after(&observation).host;
    assert_eq!(told(&observation), []);
}

#[rstest]
#[case(S::Registering, N::Enroll, "RegistrationError")]
#[case(S::Preparing, N::CleanFailed, "PreparationError")]
#[case(S::Provisioning, N::DeployFailed, "ProvisioningError")]
#[case(S::Deprovisioning, N::Error, "ProvisioningError")]
#[case(S::Provisioned, N::AdoptFailed, "ProvisionedRegistrationError")]
#[case(
    S::ExternallyProvisioned,
    N::AdoptFailed,
    "ProvisionedRegistrationError"
)]
fn a_failure_is_told_as_a_warning_with_ironics_words(
    #[case] state: S,
    #[case] node_state: N,
    #[case] reason: &str,
) {
    let failing = host(state).with(|host| {
        host.status.as_mut().unwrap().tried_credentials =
            Some(from(json!({"credentialsVersion": "7"})));
        if state == S::ExternallyProvisioned {
            external(host);
        }
    });
    let node = deployed_node(node_state, PowerState::Off)
        .with(|node| node.last_error = Some("why".into()));
    let events = after(&observe(failing).seeing(node)).events;
    assert_eq!(events.len(), 1);
    assert_eq!(
        (events[0].kind, events[0].reason.as_str()),
        (Warning, reason)
    );
    assert!(events[0].note.contains("why"), "{}", events[0].note);
}

#[test]
fn each_failed_attempt_is_told() {
    let mut observation = on(S::Preparing, N::CleanFailed, PowerState::Off)
        .with(|observation| observation.host.status.as_mut().unwrap().error_count = 2);
    assert_eq!(
        told(&observation),
        [(Warning, "PreparationError".to_owned())]
    );
    observation.host = after(&observation).host;
    assert_eq!(told(&observation), [], "it waits");
    let status = observation.host.status.as_ref().unwrap();
    assert_eq!(
        (status.error_type, status.error_count),
        (Some(ErrorType::Preparation), 3)
    );
}

/// The duration of an operation is what its metric is made of.
#[rstest]
#[case(S::None, N::Enroll, "register", true)]
#[case(S::Registering, N::Manageable, "register", false)]
#[case(S::Available, N::Available, "provision", true)]
#[case(S::Provisioning, N::Active, "provision", false)]
#[case(S::Provisioned, N::Active, "deprovision", true)]
#[case(S::Deprovisioning, N::Available, "deprovision", false)]
fn the_history_has_the_times_of_each_operation(
    #[case] state: S,
    #[case] node_state: N,
    #[case] operation: &str,
    #[case] begins: bool,
) {
    let observation = on(state, node_state, PowerState::Off).with(|observation| {
        let host = &mut observation.host;
        if matches!(state, S::Provisioned | S::Deprovisioning) {
            without_volume(host);
        }
        let status = host.status.as_mut().unwrap();
        status.tried_credentials = Some(from(json!({"credentialsVersion": "7"})));
        if !begins {
            status.operation_history = Some(from(json!({operation: {"start": ago(60)}})));
        }
        observation.seen().targets = vec![target(NODE, DEPLOYMENT, "7")];
        if state == S::Deprovisioning {
            observation.leases = LeaseFacts::Known(Vec::new());
            observation.seen().targets.clear();
        }
    });
    let status = after(&observation).host.status.unwrap();
    let history = serde_json::to_value(status.operation_history.unwrap()).unwrap();
    let (start, end) = (&history[operation]["start"], &history[operation]["end"]);
    if begins {
        assert_eq!(*start, json!(ago(0)));
        assert!(end.is_null(), "{end}");
    } else {
        assert_eq!((start, end), (&json!(ago(60)), &json!(ago(0))));
    }
}
