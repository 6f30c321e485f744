//! What a host's record becomes: state, errors, counters, events, annotations.

use ironic_types::{PowerState, ProvisionState};
use metal_api::v1alpha1::{ErrorType, OperationalStatus, ProvisioningState as S};
use metal_plan::{LeaseFacts, Outcome, Step, next_host};

use crate::fixtures::*;

fn reasons(next: &metal_plan::NextHost) -> Vec<&str> {
    next.events
        .iter()
        .map(|event| event.reason.as_str())
        .collect()
}

#[test]
fn a_new_host_gets_the_finalizer_and_its_state() {
    let new = host(S::None).with(|host| {
        host.metadata.finalizers = None;
        host.status = None;
    });
    let next = after(&observe(new)).host;
    assert_eq!(
        next.metadata.finalizers.unwrap(),
        ["baremetalhost.metal3.io"]
    );
    let status = next.status.unwrap();
    assert_eq!(status.provisioning.state, S::Registering);
    assert_eq!(status.operational_status, OperationalStatus::Ok);
    assert_eq!(status.boot_volume.unwrap().connector_id.unwrap(), INITIATOR);
}

#[test]
fn the_default_initiator_is_shown_from_registration_on() {
    let host =
        host(S::None).with(|host| host.spec.boot_volume.as_mut().unwrap().connector_id = None);
    let status = after(&observe(host)).host.status.unwrap();
    assert_eq!(
        status.boot_volume.unwrap().connector_id.unwrap(),
        "iqn.2026-11.io.ironboot:metal.node-0"
    );
}

#[test]
fn the_intent_is_recorded_with_a_fresh_deployment_id_before_any_effect() {
    let observation =
        observe(host(S::Available)).seeing(node(ProvisionState::Available, PowerState::Off));
    let next = after(&observation);
    let volume = next.host.status.unwrap().provisioning.boot_volume.unwrap();
    assert_eq!(volume.deployment_id, FRESH);
    assert_eq!(
        volume.iscsi_target.portal.as_deref(),
        Some("192.0.2.1:3260")
    );
    let annotations = next.host.metadata.annotations.unwrap();
    assert_eq!(
        annotations["ironboot.io/deployed-volume"],
        format!("{TARGET}/1/vol-1@{FRESH}")
    );
    assert_eq!(next.events[0].reason.as_str(), "ProvisioningStarted");
}

#[test]
fn a_release_ends_with_nothing_of_the_deployment_on_record() {
    let host = host(S::Deprovisioning).with(without_volume).with(|host| {
        host.metadata.annotations =
            Some([("ironboot.io/deployed-volume".to_owned(), "x".to_owned())].into());
    });
    let next = after(&observe(host).seeing(node(ProvisionState::Available, PowerState::Off)));
    assert_eq!(reasons(&next), ["DeprovisioningComplete"]);
    assert_eq!(next.host.metadata.annotations, None);
    let status = next.host.status.unwrap();
    assert_eq!(status.provisioning.state, S::Available);
    assert_eq!(status.provisioning.boot_volume, None);
    assert_eq!(status.error_message, "");
}

#[test]
fn an_available_host_that_boots_its_own_volume_is_never_offered_to_consumers() {
    let next = after(
        &observe(host(S::Preparing)).seeing(node(ProvisionState::Available, PowerState::Off)),
    );
    let status = next.host.status.unwrap();
    assert_eq!(status.provisioning.state, S::Available);
    assert!(status.error_message.contains("not offered to consumers"));
    assert_eq!(
        (status.operational_status, status.error_type),
        (OperationalStatus::Ok, None)
    );
}

#[test]
fn nothing_is_written_when_nothing_but_time_changed() {
    let observation =
        observe(host(S::Provisioned)).seeing(deployed_node(ProvisionState::Active, PowerState::On));
    let once = after(&observation).host;
    let later = observation.with(|observation| {
        observation.host = once.clone();
        observation.now += jiff::SignedDuration::from_hours(1);
    });
    assert_eq!(after(&later).host, once);
    assert_eq!(after(&later).events, []);
}

#[test]
fn wrong_bmc_credentials_are_recorded_once_with_ironics_words() {
    let host = host(S::Registering).with(|host| {
        host.status.as_mut().unwrap().tried_credentials =
            Some(from(serde_json::json!({"credentialsVersion": "7"})));
    });
    let refused = node(ProvisionState::Enroll, PowerState::Off)
        .with(|node| node.last_error = Some("HTTP response code: 401".into()));
    let observation = observe(host).seeing(refused);
    let next = after(&observation);
    assert_eq!(reasons(&next), ["RegistrationError"]);
    let status = next.host.status.clone().unwrap();
    assert_eq!(status.error_type, Some(ErrorType::Registration));
    assert_eq!(status.error_message, "HTTP response code: 401");
    assert_eq!(status.error_count, 1);
    let again = observation.with(|observation| observation.host = next.host);
    expect_start(&again, "wait: next attempt at ");
    assert_eq!(after(&again).events, []);
}

#[test]
fn a_failed_deployment_is_undone_shown_and_tried_again_later_and_not_for_ever() {
    let failed_node = deployed_node(ProvisionState::DeployFailed, PowerState::Off)
        .with(|node| node.last_error = Some("no iSCSI boot support".into()));
    let mut observation = observe(host(S::Provisioning)).seeing(failed_node);
    observation.host = after(&observation).host;
    let status = observation.host.status.clone().unwrap();
    assert_eq!((status.error_count, status.provisioning_fail_count), (1, 1));
    assert_eq!(status.error_type, Some(ErrorType::Provisioning));

    expect(&observation, "enter: deprovisioning");
    observation.host = after(&observation).host;
    expect(&observation, "act: SetProvisionState(deleted)");
    observation.host = after(&observation).host;
    observation = observation.seeing(node(ProvisionState::Available, PowerState::Off));
    expect(&observation, "enter: available");
    observation.host = after(&observation).host;
    let status = observation.host.status.clone().unwrap();
    assert_eq!(status.error_message, "no iSCSI boot support");

    expect_start(&observation, "wait: next attempt at ");
    assert_eq!(
        after(&observation).host.status.unwrap().error_message,
        "no iSCSI boot support"
    );
    let later = observation
        .clone()
        .with(|later| later.now += jiff::SignedDuration::from_mins(3));
    expect_start(&later, "act: TakeLeases(");
    let later = later.with(|later| later.leases = LeaseFacts::Known(held(&later.host)));
    expect(&later, "enter: provisioning from vol-1");
    let given_up = later.clone().with(|given_up| {
        given_up
            .host
            .status
            .as_mut()
            .unwrap()
            .provisioning_fail_count = 5;
    });
    expect(&given_up, "wait: no iSCSI boot support");
    let changed = given_up.with(|changed| changed.host.metadata.generation = Some(2));
    expect(&changed, "enter: provisioning from vol-1");
    assert_eq!(
        after(&changed).host.status.unwrap().provisioning_fail_count,
        0
    );
}

#[test]
fn a_refused_effect_is_counted_and_backed_off() {
    let observation = observe(host(S::Provisioned))
        .seeing(deployed_node(ProvisionState::Active, PowerState::Off));
    let plan = planned(&observation);
    let next = next_host(
        &observation,
        &plan,
        &[Outcome::Refused {
            message: "BMC says no".into(),
        }],
    );
    let status = next.host.status.clone().unwrap();
    assert_eq!(status.error_type, Some(ErrorType::PowerManagement));
    assert_eq!(
        (status.error_message.as_str(), status.error_count),
        ("BMC says no", 1)
    );
    let again = observation.with(|again| again.host = next.host);
    expect_start(&again, "wait: next attempt at ");
}

#[test]
fn a_locked_node_is_no_error() {
    let observation = observe(host(S::Provisioned))
        .seeing(deployed_node(ProvisionState::Active, PowerState::Off));
    let Step::Act(effects) = planned(&observation).step else {
        panic!("no effects")
    };
    assert_eq!(effects.len(), 1);
    let locked = Outcome::Locked {
        message: "Node is locked by host a".into(),
    };
    let next = next_host(&observation, &planned(&observation), &[locked]);
    let status = next.host.status.unwrap();
    assert_eq!((status.error_message.as_str(), status.error_count), ("", 0));
}

#[test]
fn the_last_pass_takes_the_finalizer_away() {
    let next = after(&observe(host(S::Deleting).with(deleted)));
    assert_eq!(next.host.metadata.finalizers.unwrap(), Vec::<String>::new());
}

#[test]
fn after_a_success_nothing_waits_for_the_failure_before_it() {
    let mut observation = observe(host(S::Registering).with(|host| {
        failed(host, ErrorType::Registration, 1);
        host.status.as_mut().unwrap().error_count = 7;
    }))
    .seeing(node(ProvisionState::Enroll, PowerState::Off));
    expect(&observation, "act: SetDriverInfo SetProvisionState(manage)");
    observation.host = after(&observation).host;
    let mut observation = observation.seeing(node(ProvisionState::Manageable, PowerState::Off));
    observation.seen().ports.clear();
    expect(&observation, "act: CreatePort(52:54:00:e2:e0:01)");
}

#[test]
fn a_cleaning_that_fails_after_a_failed_deployment_is_counted_and_backed_off() {
    let failing = host(S::Deprovisioning).with(|host| {
        let status = host.status.as_mut().unwrap();
        status.provisioning_fail_count = 1;
        status.error_type = Some(ErrorType::Provisioning);
        status.error_message = "no iSCSI boot support".into();
    });
    let mut observation =
        observe(failing).seeing(node(ProvisionState::CleanFailed, PowerState::Off));
    for _ in 0..3 {
        expect_start(&observation, "enter: failure: ");
        observation.host = after(&observation).host;
        expect_start(&observation, "wait: next attempt at ");
        observation.now += jiff::SignedDuration::from_hours(1);
        expect(&observation, "act: SetProvisionState(manage)");
        observation.host = after(&observation).host;
    }
    assert_eq!(observation.host.status.unwrap().error_count, 3);
}

#[test]
fn ironics_changing_words_are_written_once() {
    let unavailable = |message: &str| {
        observe(host(S::Provisioned)).with(|observation| {
            observation.ironic = metal_plan::IronicView::Unavailable {
                message: message.into(),
            };
        })
    };
    let once = after(&unavailable("answered 500 (1)")).host;
    let again = unavailable("answered 500 (2)").with(|again| again.host = once.clone());
    assert_eq!(after(&again).host, once);
}

#[test]
fn an_effect_that_was_overtaken_is_no_failure() {
    let observation = observe(host(S::Provisioning))
        .seeing(deployed_node(ProvisionState::Available, PowerState::Off));
    let overtaken = Outcome::Overtaken {
        message: "state is deploying".into(),
    };
    let next = next_host(&observation, &planned(&observation), &[overtaken]);
    let status = next.host.status.unwrap();
    assert_eq!((status.error_count, status.provisioning_fail_count), (0, 0));
}
