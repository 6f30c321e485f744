//! Failures: of which type each is, how they are counted, how long the next attempt waits, and when they are forgotten;
//! and the delay of a host while too many machines boot a ramdisk.
//!
//! The rows are Metal3's (`recordActionFailure` in `internal/controller/metal3.io/baremetalhost_controller.go`,
//! `calculateBackoff` in `action_result.go`, `TestProvisioningRetryLimit` and `TestProvisioningCapacity` in
//! `host_state_machine_test.go`).

use ironic_types::{Node, PowerState, ProvisionState as N};
use jiff::SignedDuration;
use metal_api::v1alpha1::{
    AutomatedCleaningMode, BareMetalHost, ErrorType as E, OperationalStatus, ProvisioningState as S,
};
use metal_plan::{
    EventKind, IronicView, LeaseFacts, NextHost, Observation, Outcome, Step, Wait, next_host,
};
use rstest::rstest;
use serde_json::json;

use crate::fixtures::*;

fn told(state: S) -> BareMetalHost {
    host(state).with(|host| {
        let status = host.status.as_mut().unwrap();
        status.tried_credentials = Some(from(json!({"credentialsVersion": "7"})));
        if state == S::ExternallyProvisioned {
            host.spec.boot_volume = None;
            host.spec.externally_provisioned = Some(true);
        }
    })
}

fn on(state: S, node_state: N) -> Observation {
    observe(told(state)).seeing(node(node_state, PowerState::Off))
}

/// Whatever the plan sends, Ironic refuses the effect of this kind, and has done those before it.
#[track_caller]
fn refused(observation: &Observation, kind: &str) -> NextHost {
    let plan = planned(observation);
    let Step::Act(effects) = &plan.step else {
        panic!("{plan}")
    };
    let at = effects.iter().position(|effect| effect.kind() == kind);
    let mut outcomes = vec![Outcome::Done; at.unwrap_or_else(|| panic!("{plan}"))];
    outcomes.push(Outcome::Refused {
        message: "Ironic says no".into(),
    });
    next_host(observation, &plan, &outcomes)
}

fn off(host: &mut Observation) {
    host.host.spec.online = false;
    host.seen().node.as_mut().unwrap().power_state = Some(PowerState::On);
}

fn changed_secret(observation: &mut Observation) {
    observation.bmc_credentials = metal_plan::SecretFacts::Usable {
        version: "8".into(),
    };
}

fn without_node(observation: &mut Observation) {
    observation.seen().node = None;
}

fn without_ports(observation: &mut Observation) {
    observation.seen().ports.clear();
}

fn closed_port(observation: &mut Observation) {
    observation.seen().ports = vec![port(false)];
}

fn released(observation: &mut Observation) {
    without_volume(&mut observation.host);
    let node = observation.seen().node.as_mut().unwrap();
    node.properties = from(json!({"capabilities": "boot_mode:bios,iscsi_boot:true"}));
    observation.seen().connectors = vec![connector(INITIATOR)];
    observation.seen().targets = vec![target(NODE, DEPLOYMENT, "7")];
}

fn unclean(observation: &mut Observation) {
    observation.seen().node.as_mut().unwrap().automated_clean = None;
}

fn deleting(observation: &mut Observation) {
    deleted(&mut observation.host);
}

fn detaching(observation: &mut Observation) {
    annotated(
        &mut observation.host,
        "baremetalhost.metal3.io/detached",
        r#"{"force": true}"#,
    );
}

fn no_change<T>(_: &mut T) {}

#[rstest]
#[case(S::Registering, N::Enroll, without_node, "CreateNode", E::Registration)]
#[case(S::Inspecting, N::Enroll, without_node, "CreateNode", E::Registration)]
#[case(S::Preparing, N::Enroll, without_node, "CreateNode", E::Registration)]
#[case(S::Available, N::Enroll, without_node, "CreateNode", E::Registration)]
#[case(
    S::Provisioning,
    N::Enroll,
    without_node,
    "CreateNode",
    E::Registration
)]
#[case(S::Provisioned, N::Enroll, without_node, "CreateNode", E::Registration)]
#[case(
    S::ExternallyProvisioned,
    N::Enroll,
    without_node,
    "CreateNode",
    E::Registration
)]
#[case(
    S::Deprovisioning,
    N::Enroll,
    without_node,
    "CreateNode",
    E::Registration
)]
#[case(
    S::Registering,
    N::Enroll,
    changed_secret,
    "SetDriverInfo",
    E::Registration
)]
#[case(
    S::Registering,
    N::Manageable,
    changed_secret,
    "SetDriverInfo",
    E::Registration
)]
#[case(
    S::Preparing,
    N::Manageable,
    changed_secret,
    "SetDriverInfo",
    E::Registration
)]
#[case(
    S::Available,
    N::Available,
    changed_secret,
    "SetDriverInfo",
    E::Registration
)]
#[case(
    S::Provisioned,
    N::Active,
    changed_secret,
    "SetDriverInfo",
    E::Registration
)]
#[case(
    S::Deprovisioning,
    N::Active,
    changed_secret,
    "SetDriverInfo",
    E::Registration
)]
#[case(
    S::Registering,
    N::Manageable,
    without_ports,
    "CreatePort",
    E::Registration
)]
#[case(
    S::Provisioned,
    N::Manageable,
    without_ports,
    "CreatePort",
    E::Registration
)]
#[case(
    S::Registering,
    N::Manageable,
    closed_port,
    "EnablePxe",
    E::Registration
)]
#[case(
    S::Registering,
    N::Enroll,
    no_change,
    "SetProvisionState",
    E::Registration
)]
#[case(
    S::Preparing,
    N::Manageable,
    no_change,
    "SetProvisionState",
    E::Preparation
)]
#[case(S::Preparing, N::Manageable, unclean, "UpdateNode", E::Preparation)]
#[case(
    S::Provisioning,
    N::Available,
    no_change,
    "UpdateNode",
    E::Provisioning
)]
#[case(
    S::Provisioning,
    N::Available,
    no_change,
    "CreateConnector",
    E::Provisioning
)]
#[case(
    S::Provisioning,
    N::Available,
    no_change,
    "CreateTarget",
    E::Provisioning
)]
#[case(S::Provisioning, N::Available, no_change, "Validate", E::Provisioning)]
#[case(
    S::Provisioning,
    N::Available,
    no_change,
    "SetProvisionState",
    E::Provisioning
)]
#[case(
    S::Provisioning,
    N::Manageable,
    no_change,
    "SetProvisionState",
    E::Provisioning
)]
#[case(
    S::Provisioned,
    N::Manageable,
    no_change,
    "SetProvisionState",
    E::ProvisionedRegistration
)]
#[case(
    S::Provisioned,
    N::Manageable,
    no_change,
    "CreateTarget",
    E::ProvisionedRegistration
)]
#[case(
    S::Provisioned,
    N::Manageable,
    no_change,
    "Validate",
    E::ProvisionedRegistration
)]
#[case(
    S::ExternallyProvisioned,
    N::Manageable,
    no_change,
    "SetProvisionState",
    E::ProvisionedRegistration
)]
#[case(
    S::Deprovisioning,
    N::Active,
    no_change,
    "SetProvisionState",
    E::Provisioning
)]
#[case(S::Deprovisioning, N::Active, unclean, "UpdateNode", E::Provisioning)]
#[case(
    S::Deprovisioning,
    N::Available,
    released,
    "DeleteTarget",
    E::Provisioning
)]
#[case(
    S::Deprovisioning,
    N::Available,
    released,
    "DeleteConnector",
    E::Provisioning
)]
#[case(
    S::Deprovisioning,
    N::Available,
    released,
    "UpdateNode",
    E::Provisioning
)]
#[case(S::Provisioned, N::Active, no_change, "SetPower", E::PowerManagement)]
#[case(S::Provisioned, N::Active, off, "SetPower", E::PowerManagement)]
#[case(
    S::ExternallyProvisioned,
    N::Active,
    no_change,
    "SetPower",
    E::PowerManagement
)]
#[case(
    S::ExternallyProvisioned,
    N::Active,
    off,
    "SetPower",
    E::PowerManagement
)]
#[case(S::Available, N::Available, off, "SetPower", E::PowerManagement)]
#[case(S::Deleting, N::Available, deleting, "DeleteNode", E::Provisioning)]
#[case(S::Deleting, N::Active, deleting, "SetMaintenance", E::Provisioning)]
#[case(S::Provisioned, N::Active, detaching, "SetMaintenance", E::Detach)]
#[case(S::Provisioned, N::Active, detaching, "DeleteNode", E::Detach)]
#[case(S::Available, N::Available, detaching, "DeleteNode", E::Detach)]
#[case(
    S::Inspecting,
    N::InspectWait,
    detaching,
    "SetProvisionState",
    E::Detach
)]
#[case(
    S::Provisioning,
    N::DeployWait,
    detaching,
    "SetProvisionState",
    E::Detach
)]
fn a_refused_effect_is_an_error_of_its_kind(
    #[case] state: S,
    #[case] node_state: N,
    #[case] change: fn(&mut Observation),
    #[case] kind: &str,
    #[case] expected: E,
) {
    let observation = on(state, node_state).with(change);
    let next = refused(&observation, kind);
    let status = next.host.status.as_ref().unwrap();
    assert_eq!(status.error_type, Some(expected));
    assert_eq!(status.operational_status, OperationalStatus::Error);
    assert_eq!(
        (status.error_count, status.error_message.as_str()),
        (1, "Ironic says no")
    );
    assert_eq!(
        status.provisioning.state, state,
        "a failure leads to no other state"
    );
    let event = next.events.last().unwrap();
    assert_eq!(
        (event.kind, event.note.as_str()),
        (EventKind::Warning, "Ironic says no")
    );
    assert_eq!(event.reason.as_str(), reason(expected));

    let deploys = state == S::Provisioning && expected == E::Provisioning;
    assert_eq!(status.provisioning_fail_count, i64::from(deploys));
    let again = observation.with(|again| again.host = next.host);
    if deploys {
        expect(&again, "enter: deprovisioning");
    } else if kind == "SetDriverInfo" {
        expect_start(&again, "act: SetDriverInfo");
    } else {
        expect_start(&again, "wait: next attempt at ");
    }
}

fn reason(error_type: E) -> &'static str {
    match error_type {
        E::Detach => "DetachError",
        E::ProvisionedRegistration => "ProvisionedRegistrationError",
        E::Registration => "RegistrationError",
        E::Inspection => "InspectionError",
        E::Preparation => "PreparationError",
        E::Provisioning => "ProvisioningError",
        E::PowerManagement => "PowerManagementError",
        E::Servicing => "ServicingError",
    }
}

/// What Ironic says of an operation that failed while nobody waited for the answer.
#[rstest]
#[case(S::Registering, N::Enroll, E::Registration)]
#[case(S::Preparing, N::Enroll, E::Registration)]
#[case(S::Available, N::Enroll, E::Registration)]
#[case(S::Provisioned, N::Enroll, E::Registration)]
#[case(S::Preparing, N::CleanFailed, E::Preparation)]
#[case(S::Provisioning, N::DeployFailed, E::Provisioning)]
#[case(S::Provisioning, N::Error, E::Provisioning)]
#[case(S::Provisioning, N::CleanFailed, E::Provisioning)]
#[case(S::Deprovisioning, N::Error, E::Provisioning)]
#[case(S::Deprovisioning, N::CleanFailed, E::Provisioning)]
#[case(S::Provisioned, N::AdoptFailed, E::ProvisionedRegistration)]
#[case(S::ExternallyProvisioned, N::AdoptFailed, E::ProvisionedRegistration)]
#[case(S::Deprovisioning, N::AdoptFailed, E::ProvisionedRegistration)]
fn a_state_that_tells_of_a_failure_is_an_error_of_its_kind(
    #[case] state: S,
    #[case] node_state: N,
    #[case] expected: E,
) {
    let failed = deployed_node(node_state, PowerState::Off)
        .with(|node| node.last_error = Some("timed out".into()));
    let observation = observe(told(state)).seeing(failed);
    expect_start(&observation, "enter: failure: ");
    let next = after(&observation);
    let status = next.host.status.unwrap();
    assert_eq!((status.error_type, status.error_count), (Some(expected), 1));
    assert!(
        status.error_message.contains("timed out"),
        "{}",
        status.error_message
    );
    assert_eq!(status.provisioning.state, state);
    assert_eq!(
        next.events.last().unwrap().reason.as_str(),
        reason(expected)
    );
}

/// Nobody failed: these are tried again without a count and without an error.
#[rstest]
#[case(Outcome::Locked { message: "locked".into() })]
#[case(Outcome::Overtaken { message: "state is deploying".into() })]
#[case(Outcome::CredentialsChanged)]
fn what_is_no_failure_is_not_counted(#[case] outcome: Outcome) {
    for (state, node_state) in [
        (S::Registering, N::Enroll),
        (S::Preparing, N::Manageable),
        (S::Provisioning, N::Available),
        (S::Provisioned, N::Active),
        (S::Deprovisioning, N::Active),
    ] {
        let observation = on(state, node_state);
        let next = next_host(
            &observation,
            &planned(&observation),
            std::slice::from_ref(&outcome),
        );
        let status = next.host.status.unwrap();
        assert_eq!(
            (status.error_type, status.error_count),
            (None, 0),
            "{state}"
        );
        assert_eq!(next.events, [], "{state}");
    }
}

#[test]
fn an_ironic_that_gives_no_answer_is_an_error_without_a_type_and_not_counted() {
    for state in [
        S::Registering,
        S::Preparing,
        S::Available,
        S::Provisioned,
        S::Deprovisioning,
    ] {
        let silent = observe(told(state)).with(|silent| {
            silent.ironic = IronicView::Unavailable {
                message: "connection refused".into(),
            };
        });
        let status = after(&silent).host.status.unwrap();
        assert_eq!((status.error_type, status.error_count), (None, 0));
        assert_eq!(status.operational_status, OperationalStatus::Error);
        assert!(status.error_message.starts_with("Ironic gives no answer"));
    }
}

/// `2^n` minutes less up to a half, and not more than `2^9`.
#[rstest]
#[case(1, 2)]
#[case(2, 4)]
#[case(3, 8)]
#[case(4, 16)]
#[case(5, 32)]
#[case(6, 64)]
#[case(7, 128)]
#[case(8, 256)]
#[case(9, 512)]
#[case(10, 512)]
#[case(100, 512)]
fn the_back_off_doubles_with_each_failure(#[case] errors: i64, #[case] minutes: i64) {
    let whole = SignedDuration::from_mins(minutes);
    for uid in ["a", "b", HOST_UID] {
        let failing = told(S::Provisioned).with(|host| {
            failed(host, E::PowerManagement, 0);
            host.status.as_mut().unwrap().error_count = errors;
            host.metadata.uid = Some(uid.into());
        });
        let observation = observe(failing).seeing(node(N::Active, PowerState::Off));
        let Step::Wait(Wait::BackOff { until }) = planned(&observation).step else {
            panic!("{}", planned(&observation))
        };
        let delay = until.duration_since(now());
        assert!(delay * 2 >= whole && delay <= whole, "{delay}");
        let due = observation.with(|due| due.now = until);
        expect(&due, "act: SetPower(power on)");
    }
}

/// A state begins without the errors of the one before.
#[rstest]
#[case(S::Registering, N::Manageable, E::Registration, S::Preparing)]
#[case(S::Inspecting, N::Manageable, E::Inspection, S::Preparing)]
#[case(S::MatchProfile, N::Manageable, E::Registration, S::Preparing)]
#[case(S::Preparing, N::Available, E::Preparation, S::Available)]
#[case(S::Available, N::Manageable, E::PowerManagement, S::Preparing)]
#[case(S::Available, N::Available, E::PowerManagement, S::Provisioning)]
#[case(S::Provisioning, N::Active, E::Registration, S::Provisioned)]
fn errors_end_with_their_state(
    #[case] state: S,
    #[case] node_state: N,
    #[case] error_type: E,
    #[case] next_state: S,
) {
    let failing = told(state).with(|host| {
        failed(host, error_type, 100_000);
        host.status.as_mut().unwrap().error_count = 5;
    });
    let observation = observe(failing)
        .seeing(node(node_state, PowerState::Off))
        .with(|observation| observation.seen().targets = vec![target(NODE, DEPLOYMENT, "7")]);
    let status = after(&observation).host.status.unwrap();
    assert_eq!(status.provisioning.state, next_state);
    assert_eq!((status.error_type, status.error_count), (None, 0));
    assert_eq!(status.operational_status, OperationalStatus::Ok);
}

#[rstest]
#[case(S::Deprovisioning, N::Available, S::PoweringOffBeforeDelete)]
#[case(S::PoweringOffBeforeDelete, N::Available, S::Deleting)]
fn errors_end_with_their_state_in_a_deletion(
    #[case] state: S,
    #[case] node_state: N,
    #[case] next_state: S,
) {
    let failing = told(state)
        .with(deleted)
        .with(|host| failed(host, E::Provisioning, 100_000));
    let status = after(&observe(failing).seeing(node(node_state, PowerState::Off)))
        .host
        .status
        .unwrap();
    assert_eq!(status.provisioning.state, next_state);
    assert_eq!((status.error_type, status.error_count), (None, 0));
}

/// A power error ends when the power is as it should be; the count goes on as long as it is not.
#[test]
fn a_power_error_is_forgotten_once_the_power_is_right() {
    let failing = told(S::Provisioned).with(|host| {
        failed(host, E::PowerManagement, 1000);
        host.status.as_mut().unwrap().error_count = 3;
    });
    let mut observation = observe(failing).seeing(node(N::Active, PowerState::Off));
    expect(&observation, "act: SetPower(power on)");
    observation.host = after(&observation).host;
    let status = observation.host.status.clone().unwrap();
    assert_eq!((status.error_type, status.error_count), (None, 3));
    let done = observation.seeing(node(N::Active, PowerState::On));
    expect(&done, "rest");
    assert_eq!(after(&done).host.status.unwrap().error_count, 0);
}

/// A host whose deployment failed so often, of this generation, with this limit.
fn failing(failures: i64, failed_generation: i64, limit: i64) -> Observation {
    let host = told(S::Available).with(|host| {
        let status = host.status.as_mut().unwrap();
        status.provisioning_fail_count = failures;
        status.error_type = Some(E::Provisioning);
        status.error_message = "no iSCSI boot support".into();
        status.boot_volume = Some(from(json!({"failedGeneration": failed_generation})));
        status.operation_history = Some(from(json!({"deprovision": {"end": ago(100_000)}})));
    });
    observe(host)
        .seeing(node(N::Available, PowerState::Off))
        .with(|observation| observation.settings.max_provisioning_retries = limit)
}

const DEPLOYS: &str = "enter: provisioning from vol-1";
const GIVES_UP: &str = "wait: no iSCSI boot support";

/// Metal3 begins to count anew when the image changes; here any change of the spec deserves an attempt.
#[rstest]
#[case::below(4, 1, 5, DEPLOYS)]
#[case::reached(5, 1, 5, GIVES_UP)]
#[case::beyond(6, 1, 5, GIVES_UP)]
#[case::once(1, 1, 1, GIVES_UP)]
#[case::no_limit(100, 1, 0, DEPLOYS)]
#[case::another_spec(5, 0, 5, DEPLOYS)]
#[case::another_spec_once_more(100, 0, 1, DEPLOYS)]
#[case::never_failed(0, 1, 5, DEPLOYS)]
fn a_deployment_is_given_up_at_the_limit(
    #[case] failures: i64,
    #[case] failed_generation: i64,
    #[case] limit: i64,
    #[case] expected: &str,
) {
    let observation = failing(failures, failed_generation, limit);
    expect(&observation, expected);
    let status = after(&observation).host.status.unwrap();
    let is_kept = failed_generation == 1;
    assert_eq!(
        status.provisioning_fail_count,
        if is_kept { failures } else { 0 }
    );
    if expected == GIVES_UP {
        assert_eq!(status.error_type, Some(E::Provisioning));
        assert_eq!(status.operational_status, OperationalStatus::Error);
    }
}

#[test]
fn failures_are_forgotten_with_a_success_and_with_the_volume() {
    let deploying = told(S::Provisioning)
        .with(|host| host.status.as_mut().unwrap().provisioning_fail_count = 3);
    let done = observe(deploying)
        .seeing(deployed_node(N::Active, PowerState::On))
        .with(|done| done.seen().targets = vec![target(NODE, DEPLOYMENT, "7")]);
    expect(&done, "enter: provisioned");
    assert_eq!(after(&done).host.status.unwrap().provisioning_fail_count, 0);

    let mut given_up = failing(5, 1, 5);
    without_volume(&mut given_up.host);
    given_up.leases = LeaseFacts::Known(Vec::new());
    given_up.seen().node = Some(node(N::Available, PowerState::On));
    expect(&given_up, "rest");
    let status = after(&given_up).host.status.unwrap();
    assert_eq!(
        (status.provisioning_fail_count, status.error_type),
        (0, None)
    );
}

/// Which release is cleaned, and so boots a ramdisk.
fn releasing(disks: bool, mode: AutomatedCleaningMode) -> Observation {
    let host = told(S::Deprovisioning).with(without_volume).with(|host| {
        host.spec.automated_cleaning_mode = Some(mode);
        host.status.as_mut().unwrap().provisioning.boot_volume = None;
    });
    let disks = if disks {
        json!([{"name": "/dev/sda"}])
    } else {
        json!([])
    };
    observe(host)
        .seeing(node(N::Active, PowerState::Off))
        .with(|observation| {
            observation.hardware = Some(from(json!({"storage": disks})));
            observation.seen().node.as_mut().unwrap().automated_clean =
                Some(mode == AutomatedCleaningMode::Metadata);
        })
}

const DELAYED: &str = "wait: 20 other machines boot a ramdisk";
const UNDEPLOYS: &str = "act: SetProvisionState(deleted)";
use AutomatedCleaningMode::{Disabled, Metadata};

#[rstest]
#[case::room(19, true, Metadata, N::Active, UNDEPLOYS)]
#[case::full(20, true, Metadata, N::Active, DELAYED)]
#[case::more_than_full(21, true, Metadata, N::Active, DELAYED)]
#[case::not_cleaned(20, true, Disabled, N::Active, UNDEPLOYS)]
#[case::full(20, true, Metadata, N::DeployFailed, DELAYED)]
#[case::is_one_of_them(20, true, Metadata, N::DeployWait, UNDEPLOYS)]
#[case::is_one_of_them(20, true, Metadata, N::CleanWait, "wait: node is clean wait")]
#[case::is_one_of_them(20, true, Metadata, N::Deleting, "wait: node is deleting")]
#[case::cleans_again(20, true, Metadata, N::Manageable, DELAYED)]
#[case::cleans_again(19, true, Metadata, N::Manageable, "act: SetProvisionState(provide)")]
#[case::cleans_not(20, true, Disabled, N::Manageable, "act: SetProvisionState(provide)")]
#[case::is_done(20, true, Metadata, N::Available, "enter: available")]
fn a_release_that_cleans_waits_for_room(
    #[case] busy: usize,
    #[case] disks: bool,
    #[case] mode: AutomatedCleaningMode,
    #[case] node_state: N,
    #[case] expected: &str,
) {
    let observation = releasing(disks, mode).with(|observation| {
        observation.seen().busy_nodes = busy;
        observation.seen().node.as_mut().unwrap().provision_state = Some(node_state);
    });
    expect(&observation, expected);
    let status = after(&observation).host.status.unwrap();
    let is_delayed = status.operational_status == OperationalStatus::Delayed;
    assert_eq!(is_delayed, expected == DELAYED);
    assert_eq!((status.error_type, status.error_count), (None, 0));
}

#[test]
fn a_release_without_disks_boots_no_ramdisk() {
    let diskless = releasing(false, Metadata).with(|observation| {
        observation.seen().busy_nodes = 100;
        observation.seen().node.as_mut().unwrap().automated_clean = Some(false);
    });
    expect(&diskless, UNDEPLOYS);
}

#[rstest]
#[case("redfish-virtual-media")]
#[case("idrac-redfish-virtual-media")]
fn virtual_media_load_no_network(#[case] interface: &str) {
    let by_media = releasing(true, Metadata).with(|observation| {
        observation.seen().busy_nodes = 100;
        observation.seen().node.as_mut().unwrap().boot_interface = Some(interface.into());
    });
    expect(&by_media, UNDEPLOYS);
    for state in N::KNOWN {
        let node = Node {
            boot_interface: Some(interface.into()),
            ..node(state.clone(), PowerState::On)
        };
        assert!(!metal_plan::is_busy(&node), "{state}");
    }
}

/// Metal3's list, `loadBusyHosts` in `pkg/provisioner/ironic/ironic.go`.
#[test]
fn these_states_load_the_network() {
    let busy: Vec<_> = N::KNOWN
        .iter()
        .filter(|state| metal_plan::is_busy(&node((*state).clone(), PowerState::On)))
        .map(N::as_str)
        .collect();
    let mut expected = [
        "cleaning",
        "clean wait",
        "inspecting",
        "inspect wait",
        "deploying",
        "wait call-back",
        "deleting",
    ];
    let mut busy = busy;
    busy.sort_unstable();
    expected.sort_unstable();
    assert_eq!(busy, expected);
}

/// These boot no ramdisk, and Metal3's preparation isn't limited either.
#[rstest]
#[case(S::Registering, N::Enroll)]
#[case(S::Preparing, N::Manageable)]
#[case(S::Available, N::Available)]
#[case(S::Provisioning, N::Available)]
#[case(S::Provisioned, N::Active)]
#[case(S::Provisioned, N::Manageable)]
#[case(S::ExternallyProvisioned, N::Active)]
fn what_boots_no_ramdisk_is_never_delayed(#[case] state: S, #[case] node_state: N) {
    let free = on(state, node_state);
    let full = free.clone().with(|full| full.seen().busy_nodes = 100);
    assert_eq!(planned(&full), planned(&free));
}

#[rstest]
#[case::well(None, 0, OperationalStatus::Ok)]
#[case::failed_before(Some(E::Provisioning), 1, OperationalStatus::Error)]
fn a_delayed_host_goes_on_when_there_is_room(
    #[case] error_type: Option<E>,
    #[case] errors: i64,
    #[case] expected: OperationalStatus,
) {
    let mut observation = releasing(true, Metadata).with(|observation| {
        let host = &mut observation.host;
        if let Some(error_type) = error_type {
            failed(host, error_type, 100_000);
        }
        observation.seen().busy_nodes = 20;
    });
    expect(&observation, DELAYED);
    observation.host = after(&observation).host;
    let status = observation.host.status.clone().unwrap();
    assert_eq!(status.operational_status, OperationalStatus::Delayed);
    assert_eq!(
        (status.error_type, status.error_count),
        (error_type, errors)
    );
    assert_eq!(
        after(&observation).host,
        observation.host,
        "it is written once"
    );

    observation.seen().busy_nodes = 0;
    observation.now += SignedDuration::from_hours(10);
    let plan = planned(&observation);
    assert_eq!(plan.to_string(), UNDEPLOYS);
    let locked = Outcome::Locked {
        message: "locked".into(),
    };
    let next = next_host(&observation, &plan, &[locked])
        .host
        .status
        .unwrap();
    assert_eq!(next.operational_status, expected);
    let done = after(&observation).host.status.unwrap();
    assert_eq!(done.operational_status, OperationalStatus::Ok);
}

/// A host that is deleted waits for no room that it doesn't need.
#[test]
fn a_delay_holds_no_deletion_back_that_cleans_nothing() {
    let going = |observation: Observation| {
        observation.with(|observation| {
            deleted(&mut observation.host);
            observation.seen().busy_nodes = 100;
        })
    };
    expect(&going(releasing(true, Disabled)), UNDEPLOYS);
    expect(&going(releasing(true, Metadata)), DELAYED);
    let off = on(S::PoweringOffBeforeDelete, N::Available);
    expect(&going(off), "enter: deleting");
    expect(&going(on(S::Deleting, N::Available)), "act: DeleteNode");
}
