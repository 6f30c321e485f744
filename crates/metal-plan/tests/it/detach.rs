//! A host that somebody wants out of Ironic, in each state, on a node in each state; and how it comes back.
//!
//! The rows are Metal3's: `checkDetachedHost` (`internal/controller/metal3.io/host_state_machine.go`) and `realDelete`
//! (`pkg/provisioner/ironic/ironic.go`), with those of its `TestDetach`, `TestDetachError` and `TestDeleteWaitsForDetach`.

use ironic_types::{PowerState, ProvisionState as N};
use metal_api::v1alpha1::{BareMetalHost, ErrorType, OperationalStatus, ProvisioningState as S};
use metal_plan::{IronicView, Observation, Outcome, SecretFacts, next_host};
use rstest::rstest;

use crate::fixtures::*;

const DETACHED: &str = "baremetalhost.metal3.io/detached";
const FORCE: &str = r#"{"force": true}"#;
const DELAY: &str = r#"{"deleteAction": "delay"}"#;

/// The states that last: a host in them is taken out without force.
const STABLE: [S; 4] = [
    S::Provisioned,
    S::ExternallyProvisioned,
    S::Available,
    S::Ready,
];
/// The states in which Ironic works on the machine.
const UNSTABLE: [S; 6] = [
    S::Registering,
    S::Inspecting,
    S::MatchProfile,
    S::Preparing,
    S::Provisioning,
    S::Deprovisioning,
];

fn marked(state: S, value: &str) -> BareMetalHost {
    host(state).with(|host| annotated(host, DETACHED, value))
}

fn shown_detached(host: &mut BareMetalHost) {
    host.status.as_mut().unwrap().operational_status = OperationalStatus::Detached;
}

fn on(host: BareMetalHost, state: N) -> Observation {
    observe(host).seeing(node(state, PowerState::On))
}

#[rstest]
#[case(N::Enroll, "act: DeleteNode")]
#[case(N::Verifying, "wait: node is verifying")]
#[case(N::Manageable, "act: DeleteNode")]
#[case(N::Available, "act: DeleteNode")]
#[case(N::Active, "act: SetMaintenance DeleteNode")]
#[case(N::Deploying, "wait: node is deploying")]
#[case(N::DeployWait, "wait: node is wait call-back")]
#[case(N::DeployFailed, "act: SetMaintenance DeleteNode")]
#[case(N::DeployHold, "act: SetMaintenance DeleteNode")]
#[case(N::DeployComplete, "wait: node is deploy complete")]
#[case(N::Deleting, "wait: node is deleting")]
#[case(N::Deleted, "wait: node is deleted")]
#[case(N::Cleaning, "wait: node is cleaning")]
#[case(N::CleanWait, "wait: node is clean wait")]
#[case(N::CleanFailed, "act: SetMaintenance DeleteNode")]
#[case(N::CleanHold, "act: SetMaintenance DeleteNode")]
#[case(N::Error, "act: SetMaintenance DeleteNode")]
#[case(N::Rebuild, "wait: node is rebuild")]
#[case(N::Inspecting, "wait: node is inspecting")]
#[case(N::InspectWait, "wait: node is inspect wait")]
#[case(N::InspectFailed, "act: SetMaintenance DeleteNode")]
#[case(N::Adopting, "wait: node is adopting")]
#[case(N::AdoptFailed, "act: SetMaintenance DeleteNode")]
#[case(N::Rescue, "act: SetMaintenance DeleteNode")]
#[case(N::Rescuing, "wait: node is rescuing")]
#[case(N::RescueWait, "wait: node is rescue wait")]
#[case(N::RescueFailed, "act: SetMaintenance DeleteNode")]
#[case(N::Unrescuing, "wait: node is unrescuing")]
#[case(N::UnrescueFailed, "act: SetMaintenance DeleteNode")]
#[case(N::Service, "act: SetMaintenance DeleteNode")]
#[case(N::Servicing, "wait: node is servicing")]
#[case(N::ServiceWait, "wait: node is service wait")]
#[case(N::ServiceFailed, "act: SetMaintenance DeleteNode")]
#[case(N::ServiceHold, "act: SetMaintenance DeleteNode")]
#[case(N::Unknown("of the future".into()), "act: SetMaintenance DeleteNode")]
fn a_node_is_taken_out_without_disturbing_its_machine(#[case] state: N, #[case] expected: &str) {
    for host_state in STABLE {
        for value in ["", "true", DELAY, FORCE] {
            expect(&on(marked(host_state, value), state.clone()), expected);
        }
    }
}

#[rstest]
#[case(N::Enroll, "act: DeleteNode")]
#[case(N::Verifying, "wait: node is verifying")]
#[case(N::Manageable, "act: DeleteNode")]
#[case(N::Available, "act: DeleteNode")]
#[case(N::Active, "act: SetMaintenance DeleteNode")]
#[case(N::Deploying, "wait: node is deploying")]
#[case(N::DeployWait, "act: SetProvisionState(deleted)")]
#[case(N::DeployFailed, "act: SetMaintenance DeleteNode")]
#[case(N::DeployHold, "act: SetMaintenance DeleteNode")]
#[case(N::DeployComplete, "wait: node is deploy complete")]
#[case(N::Deleting, "wait: node is deleting")]
#[case(N::Deleted, "wait: node is deleted")]
#[case(N::Cleaning, "wait: node is cleaning")]
#[case(N::CleanWait, "act: SetProvisionState(abort)")]
#[case(N::CleanFailed, "act: SetMaintenance DeleteNode")]
#[case(N::CleanHold, "act: SetMaintenance DeleteNode")]
#[case(N::Error, "act: SetMaintenance DeleteNode")]
#[case(N::Rebuild, "wait: node is rebuild")]
#[case(N::Inspecting, "wait: node is inspecting")]
#[case(N::InspectWait, "act: SetProvisionState(abort)")]
#[case(N::InspectFailed, "act: SetMaintenance DeleteNode")]
#[case(N::Adopting, "wait: node is adopting")]
#[case(N::AdoptFailed, "act: SetMaintenance DeleteNode")]
#[case(N::Rescue, "act: SetMaintenance DeleteNode")]
#[case(N::Rescuing, "wait: node is rescuing")]
#[case(N::RescueWait, "wait: node is rescue wait")]
#[case(N::RescueFailed, "act: SetMaintenance DeleteNode")]
#[case(N::Unrescuing, "wait: node is unrescuing")]
#[case(N::UnrescueFailed, "act: SetMaintenance DeleteNode")]
#[case(N::Service, "act: SetMaintenance DeleteNode")]
#[case(N::Servicing, "wait: node is servicing")]
#[case(N::ServiceWait, "act: SetProvisionState(abort)")]
#[case(N::ServiceFailed, "act: SetMaintenance DeleteNode")]
#[case(N::ServiceHold, "act: SetMaintenance DeleteNode")]
#[case(N::Unknown("of the future".into()), "act: SetMaintenance DeleteNode")]
fn force_breaks_off_what_ironic_takes_an_abort_for(#[case] state: N, #[case] expected: &str) {
    for host_state in UNSTABLE {
        expect(&on(marked(host_state, FORCE), state.clone()), expected);
    }
}

#[test]
fn without_force_what_ironic_works_on_is_finished_first() {
    for host_state in UNSTABLE {
        for state in N::KNOWN {
            for value in ["", "true", DELAY, r#"{"force": false}"#] {
                let plain = planned(&on(host(host_state), state.clone()));
                let plan = planned(&on(marked(host_state, value), state.clone()));
                assert_eq!(plan, plain, "{host_state} with {value:?}");
            }
        }
    }
}

#[rstest]
#[case(FORCE, true)]
#[case(r#"{"Force": true}"#, true)]
#[case(r#"{"deleteAction": "delay", "force": true}"#, true)]
#[case(r#"{"force": "true"}"#, false)]
#[case(r#"{"force": null}"#, false)]
#[case("force", false)]
#[case("[true]", false)]
#[case("", false)]
fn a_value_that_cannot_be_read_asks_for_no_force(#[case] value: &str, #[case] is_forced: bool) {
    let plan = planned(&on(marked(S::Inspecting, value), N::InspectWait)).to_string();
    assert_eq!(plan == "act: SetProvisionState(abort)", is_forced, "{plan}");
}

/// Nobody can be taken out of Ironic who is not in it: these go their way.
#[rstest]
#[case(S::None, "enter: registering")]
#[case(S::Unmanaged, "enter: registering")]
fn a_host_without_a_node_is_registered_all_the_same(#[case] state: S, #[case] expected: &str) {
    expect(&observe(marked(state, "")), expected);
    expect(&observe(marked(state, FORCE)), expected);
}

#[test]
fn an_instance_is_taken_off_the_node_before_it_is_deleted() {
    for state in [N::Enroll, N::Available, N::Manageable] {
        let claimed =
            observe(marked(S::Available, "")).seeing(deployed_node(state, PowerState::On));
        expect(&claimed, "act: UpdateNode(/instance_uuid) DeleteNode");
    }
}

#[test]
fn maintenance_is_set_once() {
    let in_maintenance =
        deployed_node(N::Active, PowerState::On).with(|node| node.maintenance = true);
    expect(
        &observe(marked(S::Provisioned, "")).seeing(in_maintenance),
        "act: DeleteNode",
    );
}

#[rstest]
#[case(S::Provisioned, "")]
#[case(S::ExternallyProvisioned, "")]
#[case(S::Available, "")]
#[case(S::Ready, "")]
#[case(S::Registering, FORCE)]
#[case(S::Inspecting, FORCE)]
#[case(S::Preparing, FORCE)]
#[case(S::Provisioning, FORCE)]
#[case(S::Deprovisioning, FORCE)]
fn once_the_node_is_gone_the_host_is_shown_as_detached_and_keeps_its_state(
    #[case] state: S,
    #[case] value: &str,
) {
    let failing = marked(state, value).with(|host| {
        failed(host, ErrorType::PowerManagement, 1000);
    });
    let mut observation = observe(failing);
    expect(&observation, "enter: detached");
    let next = after(&observation);
    let status = next.host.status.as_ref().unwrap();
    assert_eq!(status.operational_status, OperationalStatus::Detached);
    assert_eq!(status.provisioning.state, state);
    assert_eq!((status.error_type, status.error_count), (None, 0));
    observation.host = next.host;
    expect(&observation, "wait: the host is detached");
    assert_eq!(after(&observation).host, observation.host);
}

/// What the status holds of the machine outlives the detachment.
#[test]
fn a_detached_host_keeps_the_record_of_its_deployment() {
    let next = after(&observe(marked(S::Provisioned, "")));
    assert_eq!(
        next.host.status.unwrap().provisioning.boot_volume,
        Some(intent())
    );
}

#[test]
fn ironic_is_not_asked_for_a_detached_host() {
    let unavailable = |host| {
        observe(host).with(|observation| {
            observation.ironic = IronicView::Unavailable {
                message: "refused".into(),
            };
        })
    };
    let detached = marked(S::Provisioned, "").with(shown_detached);
    expect(&unavailable(detached.clone()), "wait: the host is detached");
    let asked = "wait: Ironic gives no answer: refused";
    expect(&unavailable(marked(S::Provisioned, "")), asked);
    expect(&unavailable(detached.clone().with(deleted)), asked);
    let delayed = marked(S::Provisioned, DELAY)
        .with(shown_detached)
        .with(deleted);
    expect(&unavailable(delayed), "wait: the host is detached");
}

#[test]
fn a_missing_secret_keeps_no_node_in_ironic() {
    let missing = on(marked(S::Provisioned, ""), N::Active)
        .with(|observation| observation.bmc_credentials = SecretFacts::Missing);
    expect(&missing, "act: SetMaintenance DeleteNode");
}

#[rstest]
#[case(None, OperationalStatus::Ok)]
#[case(Some(ErrorType::PowerManagement), OperationalStatus::Error)]
#[case(Some(ErrorType::ProvisionedRegistration), OperationalStatus::Error)]
fn a_host_whose_annotation_goes_is_attached_with_the_error_that_it_had(
    #[case] error_type: Option<ErrorType>,
    #[case] expected: OperationalStatus,
) {
    let detached = host(S::Provisioned).with(|host| {
        if let Some(error_type) = error_type {
            failed(host, error_type, 10_000);
        }
        shown_detached(host);
    });
    let mut observation = observe(detached);
    expect(&observation, "enter: attached");
    observation.host = after(&observation).host;
    let status = observation.host.status.as_ref().unwrap();
    assert_eq!(
        (status.operational_status, status.error_type),
        (expected, error_type)
    );
    observation.now += jiff::SignedDuration::from_mins(2);
    expect(&observation, "act: CreateNode(metal~node-0)");
}

#[rstest]
#[case(N::Active, Some(PowerState::On), "DeleteNode")]
#[case(N::Available, None, "DeleteNode")]
fn a_node_that_cannot_be_taken_out_is_a_detach_error(
    #[case] state: N,
    #[case] power: Option<PowerState>,
    #[case] effect: &str,
) {
    for host_state in STABLE {
        let seen = node(state.clone(), PowerState::On).with(|node| {
            node.power_state = power.clone();
            node.maintenance = true;
        });
        let mut observation = observe(marked(host_state, "")).seeing(seen);
        let plan = planned(&observation);
        assert_eq!(plan.to_string(), format!("act: {effect}"));
        let no = Outcome::Refused {
            message: "no".into(),
        };
        let next = next_host(&observation, &plan, &[no]);
        let status = next.host.status.as_ref().unwrap();
        assert_eq!(status.error_type, Some(ErrorType::Detach));
        assert_eq!(
            (status.error_count, status.error_message.as_str()),
            (1, "no")
        );
        assert_eq!(next.events[0].reason.as_str(), "DetachError");
        observation.host = next.host;
        expect_start(&observation, "wait: next attempt at ");

        let given_up = observation
            .clone()
            .with(|given_up| given_up.host.metadata.annotations = None);
        expect(&given_up, "enter: attached");
        let status = after(&given_up).host.status.unwrap();
        assert_eq!((status.error_type, status.error_count), (None, 0));
        assert_eq!(status.operational_status, OperationalStatus::Ok);

        observation.now += jiff::SignedDuration::from_mins(2);
        expect(&observation, "act: DeleteNode");
        observation.host = after(&observation).host;
        observation.seen().node = None;
        expect(&observation, "enter: detached");
        assert_eq!(after(&observation).host.status.unwrap().error_count, 0);
    }
}

/// Whatever failed before, and however often: somebody asks for it now.
#[rstest]
#[case(ErrorType::Registration)]
#[case(ErrorType::ProvisionedRegistration)]
#[case(ErrorType::PowerManagement)]
#[case(ErrorType::Provisioning)]
fn a_detachment_does_not_wait_for_the_back_off_of_something_else(#[case] error_type: ErrorType) {
    let failing = marked(S::Provisioned, "").with(|host| {
        failed(host, error_type, 1);
        host.status.as_mut().unwrap().error_count = 9;
    });
    expect(&on(failing, N::Active), "act: SetMaintenance DeleteNode");
    let waiting = host(S::Inspecting).with(|host| {
        failed(host, ErrorType::Registration, 1);
        annotated(host, DETACHED, FORCE);
    });
    expect(&on(waiting, N::CleanWait), "act: SetProvisionState(abort)");
}

#[test]
fn a_forced_detachment_that_fails_is_no_failed_deployment() {
    let mut observation = on(marked(S::Provisioning, FORCE), N::DeployWait);
    let plan = planned(&observation);
    assert_eq!(plan.to_string(), "act: SetProvisionState(deleted)");
    let no = Outcome::Refused {
        message: "no".into(),
    };
    observation.host = next_host(&observation, &plan, &[no]).host;
    let status = observation.host.status.as_ref().unwrap();
    assert_eq!(status.error_type, Some(ErrorType::Detach));
    assert_eq!(status.provisioning_fail_count, 0);
    expect_start(&observation, "wait: next attempt at ");
}

#[test]
fn too_many_busy_machines_keep_nobody_in_ironic() {
    let full = on(
        marked(S::Deprovisioning, FORCE).with(without_volume),
        N::DeployWait,
    )
    .with(|observation| observation.seen().busy_nodes = 20);
    expect(&full, "act: SetProvisionState(deleted)");
}

/// The deletion of a host that is detached, or about to be.
#[rstest]
#[case::delay(true, Some(DELAY), "wait: the host is detached")]
#[case::delete(
    true,
    Some(r#"{"deleteAction": "delete"}"#),
    "enter: deleting, without powering off"
)]
#[case::delete_by_default(true, Some(""), "enter: deleting, without powering off")]
#[case::not_json(true, Some("true"), "enter: deleting, without powering off")]
#[case::unknown_action(
    true,
    Some(r#"{"deleteAction": "never"}"#),
    "enter: deleting, without powering off"
)]
#[case::attached_first(true, None, "enter: attached")]
#[case::never_detached(false, None, "enter: deprovisioning")]
#[case::before_it_is_shown(false, Some(""), "enter: deleting, without powering off")]
#[case::delayed_before_it_is_shown(false, Some(DELAY), "enter: detached")]
fn a_deletion_of_a_detached_host(
    #[case] is_shown: bool,
    #[case] value: Option<&str>,
    #[case] expected: &str,
) {
    let going = host(S::Provisioned).with(deleted).with(|host| {
        if let Some(value) = value {
            annotated(host, DETACHED, value);
        }
        if is_shown {
            shown_detached(host);
        }
    });
    expect(&observe(going), expected);
}

#[test]
fn a_delayed_deletion_takes_the_node_out_first() {
    let delayed = marked(S::Provisioned, DELAY).with(deleted);
    expect(&on(delayed, N::Active), "act: SetMaintenance DeleteNode");
}

#[test]
fn a_delay_ends_with_the_annotation_and_the_machine_is_undeployed() {
    let delayed = marked(S::Provisioned, DELAY)
        .with(shown_detached)
        .with(deleted);
    let mut observation = observe(delayed);
    expect(&observation, "wait: the host is detached");
    observation.host.metadata.annotations = None;
    expect(&observation, "enter: attached");
    observation.host = after(&observation).host;
    expect(&observation, "enter: deprovisioning");
    observation.host = after(&observation).host;
    expect(&observation, "act: CreateNode(metal~node-0)");
}

#[test]
fn a_detached_host_that_is_deleted_goes_with_its_machine_running() {
    let mut observation = on(marked(S::Provisioned, "").with(deleted), N::Active);
    expect(&observation, "enter: deleting, without powering off");
    let next = after(&observation);
    assert_eq!(next.events[0].reason.as_str(), "MachineMayRun");
    observation.host = next.host;
    expect(&observation, "act: SetMaintenance DeleteNode");
    observation.seen().node = None;
    expect(&observation, "enter: gone");
}

#[rstest]
#[case(S::Registering)]
#[case(S::Inspecting)]
#[case(S::Preparing)]
#[case(S::Available)]
#[case(S::Provisioning)]
#[case(S::ExternallyProvisioned)]
#[case(S::Deprovisioning)]
#[case(S::PoweringOffBeforeDelete)]
fn a_detached_host_that_is_deleted_is_neither_undeployed_nor_powered_off(#[case] state: S) {
    for value in ["", FORCE] {
        let going = marked(state, value).with(deleted);
        expect(
            &on(going, N::Active),
            "enter: deleting, without powering off",
        );
    }
}
