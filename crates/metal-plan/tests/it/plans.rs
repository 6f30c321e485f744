//! Each state of a host with each state of its node that a normal life leads through.

use ironic_types::{PowerState, ProvisionState};
use metal_api::v1alpha1::{BareMetalHost, ProvisioningState as S};
use metal_plan::{IronicView, SecretFacts};
use rstest::rstest;

use crate::fixtures::*;

fn no_change<T>(_: &mut T) {}

#[rstest]
#[case::new(S::None, no_change, "enter: registering")]
#[case::without_bmc(S::None, |host: &mut BareMetalHost| host.spec.bmc = None, "enter: unmanaged")]
#[case::still_without_bmc(S::Unmanaged, |host: &mut BareMetalHost| host.spec.bmc = None, "rest")]
#[case::bmc_appears(S::Unmanaged, no_change, "enter: registering")]
#[case::deleted_before_registration(S::None, deleted, "enter: deleting")]
#[case::registering_without_node(S::Registering, no_change, "act: CreateNode(metal~node-0)")]
#[case::registering_deleted(S::Registering, deleted, "enter: deleting")]
#[case::inspecting_lost(S::Inspecting, no_change, "act: CreateNode(metal~node-0)")]
#[case::preparing_lost(S::Preparing, no_change, "act: CreateNode(metal~node-0)")]
#[case::available_lost(S::Available, no_change, "act: CreateNode(metal~node-0)")]
#[case::provisioning_lost(S::Provisioning, no_change, "act: CreateNode(metal~node-0)")]
#[case::provisioned_lost(S::Provisioned, no_change, "act: CreateNode(metal~node-0)")]
#[case::deprovisioning_lost(S::Deprovisioning, no_change, "act: CreateNode(metal~node-0)")]
#[case::deleting_done(S::Deleting, deleted, "enter: gone")]
#[case::deprovisioning_deleted_and_lost(
    S::Deprovisioning,
    deleted,
    "act: CreateNode(metal~node-0)"
)]
#[case::powering_off_lost(S::PoweringOffBeforeDelete, deleted, "act: CreateNode(metal~node-0)")]
fn without_a_node(
    #[case] state: S,
    #[case] change: fn(&mut BareMetalHost),
    #[case] expected: &str,
) {
    expect(&observe(host(state).with(change)), expected);
}

#[rstest]
#[case(
    S::Registering,
    ProvisionState::Enroll,
    "act: SetDriverInfo SetProvisionState(manage)"
)]
#[case(S::Registering, ProvisionState::Verifying, "wait: node is verifying")]
#[case(S::Registering, ProvisionState::Manageable, "act: SetDriverInfo")]
#[case(S::Preparing, ProvisionState::Enroll, "act: SetProvisionState(manage)")]
#[case(
    S::Preparing,
    ProvisionState::Manageable,
    "act: SetProvisionState(provide)"
)]
#[case(S::Preparing, ProvisionState::Cleaning, "wait: node is cleaning")]
#[case(S::Preparing, ProvisionState::Available, "enter: available")]
#[case(
    S::Available,
    ProvisionState::Available,
    "enter: provisioning from vol-1"
)]
#[case(
    S::Provisioning,
    ProvisionState::Manageable,
    "act: SetProvisionState(provide)"
)]
#[case(
    S::Provisioning,
    ProvisionState::Available,
    "act: UpdateNode(/storage_interface,/properties/capabilities,/instance_uuid) \
     CreateConnector(iqn.2026-11.org.example:node-0) CreateTarget(vol-1) Validate SetProvisionState(active)"
)]
#[case(S::Provisioning, ProvisionState::Deploying, "wait: node is deploying")]
#[case(
    S::Provisioning,
    ProvisionState::DeployFailed,
    "enter: failure: Ironic gives no reason"
)]
#[case(S::Provisioned, ProvisionState::Active, "act: SetPower(power on)")]
#[case(
    S::Deprovisioning,
    ProvisionState::Active,
    "act: SetProvisionState(deleted)"
)]
#[case(
    S::Deprovisioning,
    ProvisionState::DeployFailed,
    "act: SetProvisionState(deleted)"
)]
#[case(
    S::Deprovisioning,
    ProvisionState::Error,
    "enter: failure: Ironic gives no reason"
)]
#[case(S::Deprovisioning, ProvisionState::Deleting, "wait: node is deleting")]
#[case(
    S::Deprovisioning,
    ProvisionState::Manageable,
    "act: SetProvisionState(provide)"
)]
#[case(S::Deprovisioning, ProvisionState::Available, "enter: available")]
fn with_a_node_that_is_off(
    #[case] state: S,
    #[case] node_state: ProvisionState,
    #[case] expected: &str,
) {
    expect(
        &observe(host(state)).seeing(node(node_state, PowerState::Off)),
        expected,
    );
}

#[rstest]
#[case(
    S::Preparing,
    ProvisionState::Available,
    "enter: powering off before delete"
)]
#[case(
    S::Available,
    ProvisionState::Available,
    "enter: powering off before delete"
)]
#[case(S::Provisioning, ProvisionState::Available, "enter: deprovisioning")]
#[case(S::Provisioning, ProvisionState::Deploying, "enter: deprovisioning")]
#[case(S::Provisioned, ProvisionState::Active, "enter: deprovisioning")]
#[case(
    S::Deprovisioning,
    ProvisionState::Available,
    "enter: powering off before delete"
)]
#[case(
    S::PoweringOffBeforeDelete,
    ProvisionState::Available,
    "enter: deleting"
)]
#[case(
    S::PoweringOffBeforeDelete,
    ProvisionState::Enroll,
    "act: SetProvisionState(manage)"
)]
#[case(S::Deleting, ProvisionState::Available, "act: DeleteNode")]
#[case(S::Deleting, ProvisionState::Enroll, "act: DeleteNode")]
#[case(S::Deleting, ProvisionState::Verifying, "wait: node is verifying")]
#[case(
    S::Deleting,
    ProvisionState::CleanFailed,
    "act: SetMaintenance DeleteNode"
)]
fn a_deleted_host_whose_node_is_off(
    #[case] state: S,
    #[case] node_state: ProvisionState,
    #[case] expected: &str,
) {
    expect(
        &observe(host(state).with(deleted)).seeing(node(node_state, PowerState::Off)),
        expected,
    );
}

#[rstest]
#[case(
    S::Available,
    ProvisionState::Available,
    PowerState::Off,
    "act: SetPower(power on)"
)]
#[case(S::Available, ProvisionState::Available, PowerState::On, "rest")]
#[case(
    S::Provisioning,
    ProvisionState::Available,
    PowerState::Off,
    "enter: deprovisioning"
)]
#[case(
    S::Provisioned,
    ProvisionState::Active,
    PowerState::On,
    "enter: deprovisioning"
)]
fn a_host_whose_volume_was_removed(
    #[case] state: S,
    #[case] node_state: ProvisionState,
    #[case] power: PowerState,
    #[case] expected: &str,
) {
    expect(
        &observe(host(state).with(without_volume)).seeing(node(node_state, power)),
        expected,
    );
}

#[test]
fn a_noop_volume_is_as_none() {
    let noop = host(S::Available).with(|host| {
        host.spec.boot_volume.as_mut().unwrap().volume_driver =
            metal_api::v1alpha1::VolumeDriver::Noop;
    });
    expect(
        &observe(noop).seeing(node(ProvisionState::Available, PowerState::On)),
        "rest",
    );
}

#[test]
fn a_deployment_waits_for_online() {
    let offline = host(S::Available).with(|host| host.spec.online = false);
    expect(
        &observe(offline).seeing(node(ProvisionState::Available, PowerState::Off)),
        "wait: spec.online is false",
    );
}

#[rstest]
#[case(true, PowerState::On, "rest")]
#[case(true, PowerState::Off, "act: SetPower(power on)")]
#[case(false, PowerState::On, "act: SetPower(soft power off)")]
#[case(false, PowerState::Off, "rest")]
fn the_power_of_a_provisioned_host_follows_online(
    #[case] online: bool,
    #[case] power: PowerState,
    #[case] expected: &str,
) {
    let host = host(S::Provisioned).with(|host| host.spec.online = online);
    expect(
        &observe(host).seeing(deployed_node(ProvisionState::Active, power)),
        expected,
    );
}

#[test]
fn a_deployed_node_is_recognised_by_the_deployment_id() {
    let observation = observe(host(S::Provisioning))
        .seeing(deployed_node(ProvisionState::Active, PowerState::On))
        .with(|observation| observation.seen().targets = vec![target(NODE, DEPLOYMENT, "7")]);
    expect(&observation, "enter: provisioned");
}

#[test]
fn a_node_that_runs_another_deployment_is_shut_down_and_undeployed_first() {
    let observation = |power| {
        observe(host(S::Provisioning))
            .seeing(deployed_node(ProvisionState::Active, power))
            .with(|observation| observation.seen().targets = vec![target(NODE, FRESH, "7")])
    };
    expect(
        &observation(PowerState::On),
        "act: SetPower(soft power off)",
    );
    expect(
        &observation(PowerState::Off),
        "act: SetProvisionState(deleted)",
    );
}

#[test]
fn what_a_deployment_changed_is_undone_after_it() {
    let observation = observe(host(S::Deprovisioning).with(without_volume))
        .seeing(deployed_node(ProvisionState::Available, PowerState::Off))
        .with(|observation| {
            observation.seen().connectors = vec![connector(INITIATOR)];
            observation.seen().targets = vec![
                target(NODE, DEPLOYMENT, "7"),
                target(OTHER_NODE, FRESH, "9"),
            ];
        });
    expect(
        &observation,
        "act: DeleteTarget DeleteConnector UpdateNode(/storage_interface,/deploy_interface,/properties/capabilities,/instance_uuid)",
    );
}

#[test]
fn an_initiator_that_is_not_the_hosts_is_replaced() {
    let observation = observe(host(S::Provisioning))
        .seeing(deployed_node(ProvisionState::Available, PowerState::Off))
        .with(|observation| {
            observation.seen().connectors = vec![connector("iqn.2020-01.org.example:old")];
        });
    expect(
        &observation,
        "act: DeleteConnector CreateConnector(iqn.2026-11.org.example:node-0) CreateTarget(vol-1) Validate SetProvisionState(active)",
    );
}

#[test]
fn the_port_that_boots_is_made_or_enabled_before_the_node_is_used() {
    let tried = || {
        host(S::Registering).with(|host| {
            host.status.as_mut().unwrap().tried_credentials =
                Some(from(serde_json::json!({"credentialsVersion": "7"})));
        })
    };
    let seeing = |state, ports| {
        observe(tried())
            .seeing(node(state, PowerState::Off))
            .with(|observation| observation.seen().ports = ports)
    };
    expect(
        &seeing(ProvisionState::Manageable, vec![]),
        "act: CreatePort(52:54:00:e2:e0:01)",
    );
    expect(
        &seeing(ProvisionState::Manageable, vec![port(false)]),
        "act: EnablePxe",
    );
    expect(
        &seeing(ProvisionState::Available, vec![port(false)]),
        "act: SetProvisionState(manage)",
    );
    expect(
        &seeing(ProvisionState::Manageable, vec![port(true)]),
        "enter: preparing",
    );
}

#[test]
fn cleaning_is_switched_off_for_a_host_without_disks() {
    let with_cleaning =
        |state| node(state, PowerState::Off).with(|node| node.automated_clean = None);
    let provide = observe(host(S::Preparing)).seeing(with_cleaning(ProvisionState::Manageable));
    expect(
        &provide,
        "act: UpdateNode(/automated_clean) SetProvisionState(provide)",
    );
    assert!(
        after(&provide)
            .events
            .iter()
            .any(|event| event.reason.as_str() == "CleaningSkipped")
    );
    let undeploy = observe(host(S::Deprovisioning).with(without_volume))
        .seeing(with_cleaning(ProvisionState::Active));
    expect(
        &undeploy,
        "act: UpdateNode(/automated_clean) SetProvisionState(deleted)",
    );
}

#[test]
fn a_host_with_disks_is_cleaned_as_its_spec_says() {
    let observation = observe(host(S::Preparing))
        .seeing(
            node(ProvisionState::Manageable, PowerState::Off)
                .with(|node| node.automated_clean = Some(true)),
        )
        .with(|observation| {
            observation.hardware =
                Some(from(serde_json::json!({"storage": [{"name": "/dev/sda"}]})));
        });
    expect(&observation, "act: SetProvisionState(provide)");
    let disabled = observation.with(|observation| {
        observation.host.spec.automated_cleaning_mode =
            Some(metal_api::v1alpha1::AutomatedCleaningMode::Disabled);
    });
    expect(
        &disabled,
        "act: UpdateNode(/automated_clean) SetProvisionState(provide)",
    );
}

#[rstest]
#[case("baremetalhost.metal3.io/paused")]
#[case("clusterctl.cluster.x-k8s.io/delete-for-move")]
fn a_paused_host_is_not_touched(#[case] annotation: &str) {
    let paused = host(S::Provisioned).with(|host| {
        host.metadata.annotations = Some([(annotation.to_owned(), String::new())].into());
    });
    let observation = observe(paused.with(deleted));
    expect(&observation, "ignore: paused");
    assert_eq!(after(&observation).host, observation.host);
}

#[test]
fn ironic_that_gives_no_answer_is_waited_for_and_shown() {
    let observation = observe(host(S::Provisioned)).with(|observation| {
        observation.ironic = IronicView::Unavailable {
            message: "connection refused".into(),
        }
    });
    expect(
        &observation,
        "wait: Ironic gives no answer: connection refused",
    );
    let status = after(&observation).host.status.unwrap();
    assert_eq!(
        status.error_message,
        "Ironic gives no answer: connection refused"
    );
    assert_eq!(status.error_count, 0);
}

#[test]
fn the_credentials_of_the_bmc_are_tried_again_only_when_they_changed_or_the_time_has_come() {
    let tried = |version: &str, seconds_ago| {
        let host = host(S::Registering).with(|host| {
            host.status.as_mut().unwrap().tried_credentials =
                Some(from(serde_json::json!({"credentialsVersion": version})));
            failed(
                host,
                metal_api::v1alpha1::ErrorType::Registration,
                seconds_ago,
            );
        });
        let node = node(ProvisionState::Enroll, PowerState::Off)
            .with(|node| node.last_error = Some("401".into()));
        observe(host).seeing(node)
    };
    expect_start(&tried("7", 5), "wait: next attempt at ");
    expect(&tried("7", 130), "act: SetProvisionState(manage)");
    expect(
        &tried("6", 5),
        "act: SetDriverInfo SetProvisionState(manage)",
    );
    let missing =
        tried("6", 5).with(|observation| observation.bmc_credentials = SecretFacts::Missing);
    expect_start(
        &missing,
        "wait: spec.bmc.credentialsName: Secret node-0-bmc does not exist",
    );
}

#[test]
fn a_bmc_that_moved_before_it_was_registered_is_told_to_ironic() {
    let host = host(S::Registering).with(|host| {
        host.status.as_mut().unwrap().tried_credentials =
            Some(from(serde_json::json!({"credentialsVersion": "7"})));
        host.spec.bmc.as_mut().unwrap().address = "redfish+http://192.0.2.2:8000".into();
    });
    let observation = observe(host).seeing(node(ProvisionState::Enroll, PowerState::Off));
    expect(&observation, "act: SetDriverInfo SetProvisionState(manage)");
}

#[test]
fn a_deleted_host_that_waits_for_another_finalizer_is_left_in_peace() {
    let host = host(S::Deleting).with(deleted).with(|host| {
        host.metadata.finalizers = Some(vec!["example.org/other".into()]);
    });
    expect(&observe(host), "rest");
}

#[test]
fn the_secrets_of_a_deployed_host_are_the_intents_and_those_that_the_spec_names() {
    let mut host = host(S::Provisioning);
    host.spec
        .boot_volume
        .as_mut()
        .unwrap()
        .iscsi_credentials_name = Some("other".into());
    assert_eq!(
        metal_plan::iscsi_secrets(&host),
        ["other", "vol-1-chap"].into()
    );
    host.status.as_mut().unwrap().provisioning.state = S::Deprovisioning;
    assert_eq!(metal_plan::iscsi_secrets(&host), ["vol-1-chap"].into());
    host.status.as_mut().unwrap().provisioning.state = S::Available;
    assert_eq!(metal_plan::iscsi_secrets(&host), ["other"].into());
}

#[test]
fn the_boot_mode_of_the_spec_is_the_boot_mode_of_the_deployment() {
    let uefi = host(S::Provisioning).with(|host| host.spec.boot_mode = None);
    let observation = observe(uefi)
        .seeing(deployed_node(ProvisionState::Available, PowerState::Off))
        .with(|observation| {
            observation.seen().connectors = vec![connector(INITIATOR)];
            observation.seen().targets = vec![target(NODE, DEPLOYMENT, "7")];
        });
    let metal_plan::Step::Act(effects) = planned(&observation).step else {
        panic!("no effects");
    };
    let metal_plan::Effect::UpdateNode { patch, .. } = &effects[0] else {
        panic!("{}", effects[0]);
    };
    let expected = ironic_types::Patch::new()
        .add("/properties/capabilities", "boot_mode:uefi,iscsi_boot:true");
    assert_eq!(*patch, expected);
}

#[test]
fn what_changed_since_the_registration_is_registered_before_a_deployment() {
    let available =
        || observe(host(S::Available)).seeing(node(ProvisionState::Available, PowerState::Off));
    let other_port = available().with(|observation| {
        observation.host.spec.boot_mac_address = Some("52:54:00:e2:e0:02".into());
    });
    expect(&other_port, "act: CreatePort(52:54:00:e2:e0:02)");
    let other_password = available().with(|observation| {
        observation.bmc_credentials = SecretFacts::Usable {
            version: "8".into(),
        };
    });
    expect(&other_password, "act: SetDriverInfo");
    let release = other_password.with(|observation| {
        observation.host.status.as_mut().unwrap().provisioning.state = S::Deprovisioning;
        observation
            .host
            .status
            .as_mut()
            .unwrap()
            .provisioning
            .boot_volume = Some(intent());
    });
    expect(&release, "act: SetDriverInfo");
}

#[test]
fn another_portal_before_anything_is_deployed_begins_with_another_intent() {
    let host = host(S::Provisioning).with(|host| {
        let target = host
            .spec
            .boot_volume
            .as_mut()
            .unwrap()
            .iscsi_target
            .as_mut();
        target.unwrap().portal = Some("192.0.2.2".into());
    });
    let observation = |state| observe(host.clone()).seeing(deployed_node(state, PowerState::Off));
    expect(
        &observation(ProvisionState::Available),
        "enter: deprovisioning",
    );
    expect(
        &observation(ProvisionState::Deploying),
        "wait: node is deploying",
    );
}

#[test]
fn a_node_that_an_instance_has_is_freed_before_it_is_deleted() {
    let observation = observe(host(S::Deleting).with(deleted))
        .seeing(deployed_node(ProvisionState::Available, PowerState::Off));
    expect(&observation, "act: UpdateNode(/instance_uuid) DeleteNode");
}

#[test]
fn a_deletion_without_a_node_warns_of_the_machine_that_may_run() {
    let observation = observe(host(S::Deprovisioning).with(deleted))
        .with(|observation| observation.bmc_credentials = SecretFacts::Missing);
    let next = after(&observation);
    assert_eq!(next.events[0].reason.as_str(), "MachineMayRun");
    assert!(
        next.events[0].note.contains("vol-1"),
        "{}",
        next.events[0].note
    );
}
