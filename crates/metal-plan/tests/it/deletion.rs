//! The deletion of a host: by which states it goes, what it skips, and that it always ends.
//!
//! The rows are Metal3's (`checkInitiateDelete`, `handleDeprovisioning` and `handlePoweringOffBeforeDelete` in
//! `internal/controller/metal3.io/host_state_machine.go`; `realDelete` and `abortInspectionOrCleaning` in
//! `pkg/provisioner/ironic/ironic.go`).

use ironic_types::{Node, PowerState, ProvisionState as N};
use metal_api::v1alpha1::{
    AutomatedCleaningMode, BareMetalHost, ErrorType, OperationalStatus, ProvisioningState as S,
};
use metal_plan::{Observation, SecretFacts};
use proptest::prelude::*;
use rstest::rstest;

use crate::fixtures::*;
use crate::toy::{Refusal, Toy};

fn going(state: S) -> BareMetalHost {
    host(state).with(deleted)
}

fn seen(host: BareMetalHost, state: N) -> Observation {
    observe(host).seeing(node(state, PowerState::Off).with(broken))
}

/// As Ironic leaves a node whose cleaning failed.
fn broken(node: &mut Node) {
    node.maintenance = node.provision_state == Some(N::CleanFailed);
}

fn without_secret(observation: &mut Observation) {
    observation.bmc_credentials = SecretFacts::Missing;
}

fn without_address(observation: &mut Observation) {
    observation.host.spec.bmc.as_mut().unwrap().address = "floppy://192.0.2.1".into();
}

fn without_bmc(observation: &mut Observation) {
    observation.host.spec.bmc = None;
}

fn no_change<T>(_: &mut T) {}

/// Where a deletion begins says the host's state alone: not Ironic, not the BMC and not its Secret.
#[rstest]
#[case(S::None, "enter: deleting")]
#[case(S::Unmanaged, "enter: deleting")]
#[case(S::Registering, "enter: deleting")]
#[case(S::Inspecting, "enter: powering off before delete")]
#[case(S::MatchProfile, "enter: powering off before delete")]
#[case(S::Preparing, "enter: powering off before delete")]
#[case(S::Ready, "enter: powering off before delete")]
#[case(S::Available, "enter: powering off before delete")]
#[case(S::ExternallyProvisioned, "enter: powering off before delete")]
#[case(S::Provisioning, "enter: deprovisioning")]
#[case(S::Provisioned, "enter: deprovisioning")]
fn a_deletion_begins_by_the_state(#[case] state: S, #[case] expected: &str) {
    for change in [no_change, without_secret, without_address, without_bmc] {
        expect(&observe(going(state)).with(change), expected);
        for node_state in N::KNOWN {
            // A machine without a record may run.
            let observation = seen(going(state), node_state.clone()).with(change);
            expect(&observation, expected);
        }
    }
}

/// No error holds it back, and none is taken along.
#[rstest]
#[case(S::Registering, ErrorType::Registration)]
#[case(S::Inspecting, ErrorType::Inspection)]
#[case(S::Preparing, ErrorType::Preparation)]
#[case(S::Available, ErrorType::PowerManagement)]
#[case(S::Provisioning, ErrorType::Provisioning)]
#[case(S::Provisioned, ErrorType::ProvisionedRegistration)]
#[case(S::Provisioned, ErrorType::PowerManagement)]
#[case(S::ExternallyProvisioned, ErrorType::ProvisionedRegistration)]
fn a_deletion_begins_without_the_errors_before_it(#[case] state: S, #[case] error_type: ErrorType) {
    let failing = going(state).with(|host| {
        failed(host, error_type, 1);
        host.status.as_mut().unwrap().error_count = 9;
    });
    let next = after(&seen(failing, N::Active)).host.status.unwrap();
    assert_ne!(next.provisioning.state, state);
    assert_eq!(next.error_count, 0);
    assert_eq!(next.error_type, None);
}

/// After the fourth failure a deletion goes on without what fails.
#[rstest]
#[case(S::Deprovisioning, ErrorType::Registration, 3, "wait: next attempt")]
#[case(
    S::Deprovisioning,
    ErrorType::Registration,
    4,
    "enter: deleting, without powering off"
)]
#[case(S::Deprovisioning, ErrorType::Provisioning, 3, "wait: next attempt")]
#[case(
    S::Deprovisioning,
    ErrorType::Provisioning,
    4,
    "enter: powering off before delete, without deprovisioning"
)]
#[case(
    S::Deprovisioning,
    ErrorType::ProvisionedRegistration,
    3,
    "wait: next attempt"
)]
#[case(
    S::Deprovisioning,
    ErrorType::ProvisionedRegistration,
    4,
    "enter: powering off before delete, without deprovisioning"
)]
#[case(
    S::PoweringOffBeforeDelete,
    ErrorType::Registration,
    3,
    "wait: next attempt"
)]
#[case(
    S::PoweringOffBeforeDelete,
    ErrorType::Registration,
    4,
    "enter: deleting, without powering off"
)]
#[case(
    S::PoweringOffBeforeDelete,
    ErrorType::PowerManagement,
    3,
    "wait: next attempt"
)]
#[case(
    S::PoweringOffBeforeDelete,
    ErrorType::PowerManagement,
    4,
    "enter: deleting, without powering off"
)]
fn a_deletion_gives_up_what_fails_more_than_three_times(
    #[case] state: S,
    #[case] error_type: ErrorType,
    #[case] errors: i64,
    #[case] expected: &str,
) {
    let failing = |host: BareMetalHost| {
        host.with(|host| {
            failed(host, error_type, 1);
            host.status.as_mut().unwrap().error_count = errors;
        })
    };
    // What runs from its volume is shut down before an undeployment is given up.
    let power = if state == S::Deprovisioning {
        PowerState::Off
    } else {
        PowerState::On
    };
    let active = deployed_node(N::Active, power);
    let deleted = observe(failing(going(state))).seeing(active.clone());
    expect_start(&deleted, expected);
    if state == S::Deprovisioning {
        let living = observe(failing(host(state).with(without_volume))).seeing(active);
        expect_start(&living, "wait: next attempt");
    }
}

#[rstest]
#[case(
    S::Deprovisioning,
    ErrorType::PowerManagement,
    3,
    PowerState::On,
    "wait: next attempt"
)]
#[case(
    S::Deprovisioning,
    ErrorType::PowerManagement,
    4,
    PowerState::On,
    "enter: deleting, without powering off"
)]
#[case(
    S::Deprovisioning,
    ErrorType::PowerManagement,
    4,
    PowerState::Off,
    "wait: next attempt"
)]
fn a_machine_that_cannot_be_switched_off_is_given_up_too(
    #[case] state: S,
    #[case] error_type: ErrorType,
    #[case] errors: i64,
    #[case] power: PowerState,
    #[case] expected: &str,
) {
    let failing = going(state).with(|host| {
        failed(host, error_type, 1);
        host.status.as_mut().unwrap().error_count = errors;
    });
    expect_start(
        &observe(failing).seeing(deployed_node(N::Active, power)),
        expected,
    );
}

/// Nobody knows of the volume after this state, and the power is cut then.
#[rstest]
#[case(ErrorType::ProvisionedRegistration, N::AdoptFailed)]
#[case(ErrorType::Provisioning, N::Manageable)]
#[case(ErrorType::Provisioning, N::Error)]
fn a_machine_that_may_run_from_its_volume_is_asked_to_shut_down_before_that_is_given_up(
    #[case] error_type: ErrorType,
    #[case] state: N,
) {
    let failing = going(S::Deprovisioning).with(|host| {
        failed(host, error_type, 1000);
        host.status.as_mut().unwrap().error_count = 4;
    });
    let seen = |power| observe(failing.clone()).seeing(deployed_node(state.clone(), power));
    expect(&seen(PowerState::On), "act: SetPower(soft power off)");
    expect(
        &seen(PowerState::Off),
        "enter: powering off before delete, without deprovisioning",
    );
    let strange = |power| {
        observe(going(S::Deprovisioning)).seeing(deployed_node(N::Unknown("odd".into()), power))
    };
    expect(&strange(PowerState::On), "act: SetPower(soft power off)");
    expect(
        &strange(PowerState::Off),
        "enter: powering off before delete, without deprovisioning",
    );
}

/// On a node whose machine is off.
#[rstest]
#[case(N::Active, "act: SetProvisionState(deleted)")]
#[case(N::DeployFailed, "act: SetProvisionState(deleted)")]
#[case(N::DeployWait, "act: SetProvisionState(deleted)")]
#[case(N::Error, "enter: failure: Ironic gives no reason")]
#[case(N::Deploying, "wait: node is deploying")]
#[case(N::Deleting, "wait: node is deleting")]
#[case(N::Cleaning, "wait: node is cleaning")]
#[case(N::CleanWait, "wait: node is clean wait")]
#[case(N::CleanFailed, "enter: failure: Ironic gives no reason")]
#[case(N::CleanHold, "act: SetProvisionState(abort)")]
#[case(N::DeployHold, "act: SetProvisionState(abort)")]
#[case(N::ServiceHold, "act: SetProvisionState(abort)")]
#[case(N::ServiceWait, "wait: node is service wait")]
#[case(N::ServiceFailed, "act: SetProvisionState(deleted)")]
#[case(N::Rescue, "act: SetProvisionState(deleted)")]
#[case(N::RescueWait, "wait: node is rescue wait")]
#[case(N::RescueFailed, "act: SetProvisionState(deleted)")]
#[case(N::UnrescueFailed, "act: SetProvisionState(deleted)")]
#[case(N::InspectFailed, "act: SetProvisionState(manage)")]
#[case(N::Manageable, "act: SetProvisionState(provide)")]
#[case(N::Available, "enter: powering off before delete")]
fn a_deleted_host_is_undeployed_from_every_state(#[case] state: N, #[case] expected: &str) {
    let plain = going(S::Deprovisioning).with(without_volume).with(|host| {
        host.status.as_mut().unwrap().provisioning.boot_volume = None;
        host.spec.automated_cleaning_mode = Some(AutomatedCleaningMode::Disabled);
    });
    for change in [no_change, without_secret, without_address, without_bmc] {
        let observation = observe(plain.clone())
            .seeing(node(state.clone(), PowerState::Off))
            .with(change);
        expect(&observation, expected);
    }
}

#[rstest]
#[case::with_a_way_to_the_bmc(S::Deprovisioning, no_change, "act: CreateNode(metal~node-0)")]
#[case::no_secret(
    S::Deprovisioning,
    without_secret,
    "enter: deleting, without powering off"
)]
#[case::no_address(
    S::Deprovisioning,
    without_address,
    "enter: deleting, without powering off"
)]
#[case::no_bmc(
    S::Deprovisioning,
    without_bmc,
    "enter: deleting, without powering off"
)]
#[case::with_a_way_to_the_bmc(
    S::PoweringOffBeforeDelete,
    no_change,
    "act: CreateNode(metal~node-0)"
)]
#[case::no_secret(
    S::PoweringOffBeforeDelete,
    without_secret,
    "enter: deleting, without powering off"
)]
#[case::no_address(
    S::PoweringOffBeforeDelete,
    without_address,
    "enter: deleting, without powering off"
)]
#[case::no_bmc(
    S::PoweringOffBeforeDelete,
    without_bmc,
    "enter: deleting, without powering off"
)]
#[case::not_made_anew(S::Deleting, no_change, "enter: gone")]
#[case::not_made_anew(S::Deleting, without_secret, "enter: gone")]
#[case::not_made_anew(S::Deleting, without_bmc, "enter: gone")]
fn a_node_that_was_lost_is_made_again_only_where_its_bmc_can_be_reached(
    #[case] state: S,
    #[case] change: fn(&mut Observation),
    #[case] expected: &str,
) {
    expect(&observe(going(state)).with(change), expected);
}

/// A node that was made anew, and whose BMC can't be told for want of a Secret.
#[rstest]
#[case(S::Deprovisioning, "enter: deleting, without powering off")]
#[case(S::PoweringOffBeforeDelete, "enter: deleting")]
fn a_node_in_enroll_is_not_waited_for(#[case] state: S, #[case] expected: &str) {
    for change in [without_secret, without_address, without_bmc] {
        expect(&seen(going(state), N::Enroll).with(change), expected);
    }
    expect(
        &seen(going(state), N::Enroll),
        if state == S::Deprovisioning {
            "act: UpdateNode(/instance_uuid) SetProvisionState(manage)"
        } else {
            "act: SetProvisionState(manage)"
        },
    );
}

/// A machine that is off already is not touched.
#[rstest]
#[case(N::Manageable, "enter: deleting")]
#[case(N::Available, "enter: deleting")]
#[case(N::Active, "enter: deleting")]
#[case(N::DeployFailed, "enter: deleting")]
#[case(N::CleanFailed, "enter: deleting")]
#[case(N::InspectFailed, "enter: deleting")]
#[case(N::AdoptFailed, "enter: deleting")]
#[case(N::Error, "enter: deleting")]
#[case(N::Rescue, "enter: deleting")]
#[case(N::ServiceFailed, "enter: deleting")]
#[case(N::Verifying, "wait: node is verifying")]
#[case(N::Inspecting, "wait: node is inspecting")]
#[case(N::InspectWait, "act: SetProvisionState(abort)")]
#[case(N::Cleaning, "wait: node is cleaning")]
#[case(N::CleanWait, "wait: node is clean wait")]
#[case(N::CleanHold, "act: SetProvisionState(abort)")]
#[case(N::ServiceHold, "act: SetProvisionState(abort)")]
#[case(N::DeployHold, "act: SetProvisionState(abort)")]
#[case(N::Deleting, "wait: node is deleting")]
#[case(N::Adopting, "wait: node is adopting")]
fn before_a_machine_is_powered_off_what_serves_nobody_is_broken_off(
    #[case] state: N,
    #[case] expected: &str,
) {
    expect(&seen(going(S::PoweringOffBeforeDelete), state), expected);
}

#[rstest]
#[case::automated(Some(N::Available), None, "wait: node is clean wait")]
#[case::automated(
    Some(N::Available),
    Some(AutomatedCleaningMode::Metadata),
    "wait: node is clean wait"
)]
#[case::automated_no_more(
    Some(N::Available),
    Some(AutomatedCleaningMode::Disabled),
    "act: SetProvisionState(abort)"
)]
#[case::manual(Some(N::Manageable), None, "act: SetProvisionState(abort)")]
#[case::manual(
    Some(N::Manageable),
    Some(AutomatedCleaningMode::Disabled),
    "act: SetProvisionState(abort)"
)]
fn a_cleaning_that_is_asked_for_is_finished(
    #[case] target: Option<N>,
    #[case] mode: Option<AutomatedCleaningMode>,
    #[case] expected: &str,
) {
    let host =
        going(S::PoweringOffBeforeDelete).with(|host| host.spec.automated_cleaning_mode = mode);
    let cleaning = node(N::CleanWait, PowerState::On)
        .with(|node| node.target_provision_state = target.clone());
    expect(&observe(host).seeing(cleaning), expected);
}

#[test]
fn an_inspection_that_was_aborted_is_left_before_the_power_is_touched() {
    let aborted = |target| {
        observe(going(S::PoweringOffBeforeDelete)).seeing(
            node(N::InspectFailed, PowerState::Off)
                .with(|node| node.target_provision_state = target),
        )
    };
    expect(
        &aborted(Some(N::Manageable)),
        "act: SetProvisionState(manage)",
    );
    expect(&aborted(None), "enter: deleting");
}

#[test]
fn a_machine_that_must_not_be_powered_off_is_not() {
    for state in N::KNOWN
        .iter()
        .filter(|state| **state != N::Enroll && **state != N::Verifying)
    {
        let host =
            going(S::PoweringOffBeforeDelete).with(|host| host.spec.disable_power_off = Some(true));
        let stays_on =
            node(state.clone(), PowerState::On).with(|node| node.disable_power_off = Some(true));
        expect(&observe(host).seeing(stays_on), "enter: deleting");
    }
}

/// Metal3's `realDelete` without force.
#[rstest]
#[case(N::Enroll, "act: DeleteNode")]
#[case(N::Manageable, "act: DeleteNode")]
#[case(N::Available, "act: DeleteNode")]
#[case(N::Verifying, "wait: node is verifying")]
#[case(N::Deploying, "wait: node is deploying")]
#[case(N::DeployWait, "wait: node is wait call-back")]
#[case(N::Cleaning, "wait: node is cleaning")]
#[case(N::CleanWait, "wait: node is clean wait")]
#[case(N::Inspecting, "wait: node is inspecting")]
#[case(N::InspectWait, "wait: node is inspect wait")]
#[case(N::Servicing, "wait: node is servicing")]
#[case(N::ServiceWait, "wait: node is service wait")]
#[case(N::Deleting, "wait: node is deleting")]
#[case(N::Adopting, "wait: node is adopting")]
#[case(N::Rescuing, "wait: node is rescuing")]
#[case(N::RescueWait, "wait: node is rescue wait")]
#[case(N::Unrescuing, "wait: node is unrescuing")]
#[case(N::Rebuild, "wait: node is rebuild")]
#[case(N::Active, "act: SetMaintenance DeleteNode")]
#[case(N::DeployFailed, "act: SetMaintenance DeleteNode")]
#[case(N::CleanFailed, "act: DeleteNode")]
#[case(N::InspectFailed, "act: SetMaintenance DeleteNode")]
#[case(N::AdoptFailed, "act: SetMaintenance DeleteNode")]
#[case(N::Error, "act: SetMaintenance DeleteNode")]
#[case(N::Rescue, "act: SetMaintenance DeleteNode")]
#[case(N::RescueFailed, "act: SetMaintenance DeleteNode")]
#[case(N::UnrescueFailed, "act: SetMaintenance DeleteNode")]
#[case(N::ServiceFailed, "act: SetMaintenance DeleteNode")]
#[case(N::CleanHold, "act: SetMaintenance DeleteNode")]
#[case(N::DeployHold, "act: SetMaintenance DeleteNode")]
#[case(N::ServiceHold, "act: SetMaintenance DeleteNode")]
fn a_node_goes_from_every_state(#[case] state: N, #[case] expected: &str) {
    for change in [no_change, without_secret, without_address, without_bmc] {
        expect(
            &seen(going(S::Deleting), state.clone()).with(change),
            expected,
        );
    }
}

#[test]
fn the_deletion_of_a_node_is_tried_again() {
    let failing = going(S::Deleting).with(|host| {
        failed(host, ErrorType::Provisioning, 1);
        host.status.as_mut().unwrap().error_count = 4;
    });
    let mut observation = seen(failing, N::Available);
    expect_start(&observation, "wait: next attempt");
    observation.now += jiff::SignedDuration::from_mins(16);
    expect(&observation, "act: DeleteNode");
}

/// Metal3 leaves these to an error without end.
#[test]
fn a_machine_of_a_lost_record_is_shut_down_and_undeployed_before_its_host_goes() {
    for state in [S::Registering, S::Deleting] {
        let lost = going(state).with(|host| {
            annotated(host, "ironboot.io/deployed-volume", "vol-1");
        });
        let running = observe(lost).seeing(deployed_node(N::Active, PowerState::On));
        expect(&running, "enter: deprovisioning");
    }
}

#[test]
fn a_state_that_was_copied_from_a_deleted_host_does_not_delete_a_living_one() {
    for state in [S::PoweringOffBeforeDelete, S::Deleting] {
        for node_state in N::KNOWN {
            expect(&seen(host(state), node_state.clone()), "enter: registering");
        }
        expect(&observe(host(state)), "enter: registering");
    }
}

#[test]
fn the_last_is_the_finalizer() {
    let mut observation = seen(going(S::Deleting), N::Available);
    assert!(after(&observation).host.metadata.finalizers.unwrap().len() == 1);
    observation.seen().node = None;
    assert_eq!(
        after(&observation).host.metadata.finalizers.unwrap(),
        Vec::<String>::new()
    );
}

/// The life of a deletion, in plans.
#[rstest]
#[case::provisioned(S::Provisioned, N::Active, Toy::default(), &[
    "enter: deprovisioning",
    "act: SetPower(soft power off)",
    "act: SetProvisionState(deleted)",
    "act: UpdateNode(/storage_interface,/deploy_interface,/properties/capabilities)",
    "act: GiveBackLeases(3)",
    "enter: powering off before delete",
    "enter: deleting",
    "act: DeleteNode",
    "enter: gone",
])]
#[case::available(S::Available, N::Available, Toy { machine: PowerState::Off, ..Toy::default() }, &[
    "enter: powering off before delete",
    "act: GiveBackLeases(3)",
    "enter: deleting",
    "act: DeleteNode",
    "enter: gone",
])]
#[case::registering(S::Registering, N::Verifying, Toy::default(), &[
    "enter: deleting",
    "act: DeleteNode",
    "enter: gone",
])]
fn a_deletion_step_by_step(
    #[case] state: S,
    #[case] node_state: N,
    #[case] mut toy: Toy,
    #[case] expected: &[&str],
) {
    let node = if state == S::Provisioned {
        deployed_node(node_state, toy.machine.clone())
    } else {
        node(node_state, toy.machine.clone())
    };
    let mut observation = observe(going(state)).seeing(node);
    assert_eq!(toy.live(&mut observation, 50), expected);
}

fn error_types() -> impl Strategy<Value = Option<ErrorType>> {
    proptest::option::of(proptest::sample::select(vec![
        ErrorType::Registration,
        ErrorType::ProvisionedRegistration,
        ErrorType::Inspection,
        ErrorType::Preparation,
        ErrorType::Provisioning,
        ErrorType::PowerManagement,
        ErrorType::Detach,
    ]))
}

fn secrets() -> impl Strategy<Value = SecretFacts> {
    prop_oneof![
        Just(SecretFacts::Missing),
        Just(SecretFacts::Invalid {
            problem: "key password is missing".into()
        }),
        Just(SecretFacts::Usable {
            version: "7".into()
        }),
        Just(SecretFacts::Usable {
            version: "8".into()
        }),
    ]
}

prop_compose! {
    /// A host of any state that is deleted, and an Ironic in which anything may go wrong.
    fn deletion()(
        state in proptest::sample::select(vec![
            S::None, S::Unmanaged, S::Registering, S::Inspecting, S::MatchProfile, S::Preparing, S::Ready, S::Available,
            S::Provisioning, S::Provisioned, S::ExternallyProvisioned, S::Deprovisioning, S::PoweringOffBeforeDelete,
            S::Deleting,
        ]),
        node_state in proptest::option::weighted(0.9, proptest::sample::select(N::KNOWN.to_vec())),
        power in proptest::option::weighted(0.9, proptest::sample::select(vec![PowerState::On, PowerState::Off])),
        (is_ours, has_record, has_volume) in (any::<bool>(), any::<bool>(), any::<bool>()),
        (is_external, stays_on, is_detached) in (any::<bool>(), proptest::bool::weighted(0.1), proptest::bool::weighted(0.1)),
        (maintenance, cleans_not) in (any::<bool>(), any::<bool>()),
        (bmc, iscsi) in (secrets(), secrets()),
        has_address in proptest::bool::weighted(0.8),
        (error_type, errors) in (error_types(), 1..12_i64),
        (reaches_bmc, cleans, adopts, undeploys) in (any::<bool>(), any::<bool>(), any::<bool>(), any::<bool>()),
        refuses in proptest::option::weighted(0.7, proptest::sample::select(Refusal::ALL.to_vec())),
        machine in proptest::sample::select(vec![PowerState::On, PowerState::Off]),
        shown in proptest::sample::select(vec![OperationalStatus::Ok, OperationalStatus::Delayed, OperationalStatus::Detached]),
    ) -> (Observation, Toy) {
        let mut host = going(state);
        if let Some(error_type) = error_type {
            failed(&mut host, error_type, 1);
        }
        let status = host.status.as_mut().unwrap();
        status.error_count = error_type.map_or(0, |_| errors);
        status.operational_status = shown;
        if !has_record {
            status.provisioning.boot_volume = None;
        }
        if !has_volume {
            without_volume(&mut host);
        }
        if is_ours {
            annotated(&mut host, "ironboot.io/deployed-volume", "vol-1");
        }
        if is_detached {
            annotated(&mut host, "baremetalhost.metal3.io/detached", "");
        }
        host.spec.externally_provisioned = Some(is_external);
        host.spec.disable_power_off = Some(stays_on);
        host.spec.automated_cleaning_mode = cleans_not.then_some(AutomatedCleaningMode::Disabled);
        let mut observation = observe(host);
        if !has_address {
            without_address(&mut observation);
        }
        observation.bmc_credentials = bmc;
        observation.iscsi_credentials = chap_secret(iscsi);
        observation.seen().node = node_state.map(|state| Node {
            power_state: power,
            maintenance,
            instance_uuid: is_ours.then(|| HOST_UID.parse().unwrap()),
            ..node(state, PowerState::Off)
        });
        (observation, Toy { reaches_bmc, cleans, adopts, undeploys, refuses, machine, asked: None })
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_host_can_always_be_deleted((mut observation, mut toy) in deletion()) {
        let plans = toy.live(&mut observation, 150);
        let last = plans.last().map(String::as_str);
        prop_assert_eq!(last, Some("enter: gone"), "{:#?}", plans);
    }

    /// Whatever goes wrong: what runs from a volume is asked to shut down before anything cuts its power.
    #[test]
    fn a_deletion_cuts_no_power_unasked((mut observation, mut toy) in deletion()) {
        let status = observation.host.status.as_mut().unwrap();
        let runs_from_volume = status.provisioning.boot_volume.is_some();
        (status.error_type, status.error_count) = (None, 0);
        let plans = toy.live(&mut observation, 150);
        let first = |power: &str| plans.iter().position(|plan| plan.contains(power));
        if runs_from_volume && let Some(cut) = first("SetPower(power off)") {
            let asked = first("SetPower(soft power off)");
            prop_assert!(asked.is_some_and(|asked| asked < cut), "{:#?}", plans);
        }
    }
}
