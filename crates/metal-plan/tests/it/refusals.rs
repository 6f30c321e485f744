//! What must be changed by somebody before anything happens: each names the field, and nothing is half made.

use ironic_types::{PowerState, ProvisionState};
use metal_api::conditions::{ConditionType, find_condition};
use metal_api::v1alpha1::{BareMetalHost, LunMapping, ProvisioningState as S};
use metal_plan::SecretFacts;
use rstest::rstest;
use serde_json::json;

use crate::fixtures::*;

/// The plan of an available host waits, and the host says why.
#[track_caller]
fn refused(observation: &metal_plan::Observation, reason: &str, message: &str) {
    let plan = planned(observation);
    assert!(matches!(plan.step, metal_plan::Step::Wait(_)), "{plan}");
    let status = after(observation).host.status.unwrap();
    assert!(
        status.error_message.contains(message),
        "{}",
        status.error_message
    );
    let ready = find_condition(&status.conditions, ConditionType::Ready).unwrap();
    assert_eq!(
        (ready.status.as_str(), ready.reason.as_str()),
        ("False", reason)
    );
    assert!(ready.message.contains(message), "{}", ready.message);
    assert_eq!(status.error_count, 0, "a blocker is no failed attempt");
}

fn available(host: BareMetalHost) -> metal_plan::Observation {
    observe(host).seeing(node(ProvisionState::Available, PowerState::Off))
}

#[rstest]
#[case("spec.bootMACAddress", |host: &mut BareMetalHost| host.spec.boot_mac_address = None)]
#[case("spec.bootMACAddress", |host: &mut BareMetalHost| host.spec.boot_mac_address = Some("52:54".into()))]
#[case("spec.externallyProvisioned", |host: &mut BareMetalHost| host.spec.externally_provisioned = Some(true))]
#[case("spec.bootVolume.volumeId", |host: &mut BareMetalHost| host.spec.boot_volume.as_mut().unwrap().volume_id = "a\nb".into())]
#[case("spec.bootVolume.connectorId", |host: &mut BareMetalHost| host.spec.boot_volume.as_mut().unwrap().connector_id = Some("node-0".into()))]
#[case("spec.bootVolume.iscsiTarget", |host: &mut BareMetalHost| host.spec.boot_volume.as_mut().unwrap().iscsi_target = None)]
#[case("spec.bootVolume.iscsiTarget.iqn", |host: &mut BareMetalHost| iscsi(host).iqn = "vol-1 && reboot".into())]
#[case("spec.bootVolume.iscsiTarget.portal", |host: &mut BareMetalHost| iscsi(host).portal = Some(":3260".into()))]
#[case("spec.bootVolume.iscsiTarget.portal", |host: &mut BareMetalHost| iscsi(host).portal = Some("[2001:db8::1]:3260".into()))]
#[case("spec.bootVolume.iscsiTarget.portal", |host: &mut BareMetalHost| iscsi(host).portal = None)]
#[case("spec.bootVolume.iscsiTarget.portal", |host: &mut BareMetalHost| iscsi(host).portals = vec!["192.0.2.2".into()])]
#[case("spec.bootVolume.iscsiTarget.portals", |host: &mut BareMetalHost| portals(host, &["a", "b", "c", "d", "e", "f", "g", "h", "i"]))]
#[case("spec.bootVolume.iscsiTarget.portals[1]", |host: &mut BareMetalHost| portals(host, &["192.0.2.1", "192.0.2.1:3260"]))]
#[case("spec.bootVolume.iscsiTarget.portals[1]", |host: &mut BareMetalHost| portals(host, &["192.0.2.1", "2001:db8::1"]))]
#[case("spec.bootVolume.iscsiTarget.lun", |host: &mut BareMetalHost| iscsi(host).lun = 256)]
#[case("spec.bootVolume.iscsiTarget.lun", |host: &mut BareMetalHost| iscsi(host).lun = -1)]
#[case("spec.bootVolume.iscsiCredentialsName", |host: &mut BareMetalHost| {
    iscsi(host).auth_method = Some(metal_api::v1alpha1::AuthMethod::Chap);
    host.spec.boot_volume.as_mut().unwrap().iscsi_credentials_name = None;
})]
#[case("spec.bootVolume.iscsiTarget.authMethod", |host: &mut BareMetalHost| iscsi(host).auth_method = Some(metal_api::v1alpha1::AuthMethod::None))]
fn a_volume_that_admission_would_refuse_is_refused_again(
    #[case] field: &str,
    #[case] change: fn(&mut BareMetalHost),
) {
    refused(
        &available(host(S::Available).with(change)),
        "Invalid",
        field,
    );
    refused(
        &observe(host(S::Registering).with(change)),
        "Invalid",
        field,
    );
}

#[rstest]
#[case(&["192.0.2.1", "192.0.2.2", "192.0.2.3"], 29)]
#[case(&["192.0.2.1"], 220)]
fn a_bios_machine_is_not_deployed_from_what_its_firmware_has_no_room_for(
    #[case] addresses: &[&str],
    #[case] name: usize,
) {
    let mut asking = host(S::Available);
    portals(&mut asking, addresses);
    iscsi(&mut asking).iqn = format!("{:x<name$}", "iqn.2026-11.org.example:");
    asking.spec.boot_mode = Some(metal_api::v1alpha1::BootMode::Uefi);
    let by_uefi = available(asking.clone());
    assert!(matches!(planned(&by_uefi).step, metal_plan::Step::Enter(_)));
    asking.spec.boot_mode = Some(metal_api::v1alpha1::BootMode::Legacy);
    refused(&available(asking), "Invalid", "spec.bootMode: legacy: ");
}

#[test]
fn a_bios_machine_is_deployed_by_two_portals() {
    let mut asking = host(S::Available);
    portals(&mut asking, &["192.0.2.1", "192.0.2.2"]);
    asking.spec.boot_mode = Some(metal_api::v1alpha1::BootMode::Legacy);
    assert!(matches!(
        planned(&available(asking)).step,
        metal_plan::Step::Enter(_)
    ));
}

fn portals(host: &mut BareMetalHost, portals: &[&str]) {
    iscsi(host).portal = None;
    iscsi(host).portals = portals.iter().map(|&portal| portal.to_owned()).collect();
}

#[rstest]
#[case(
    SecretFacts::Missing,
    "SecretMissing",
    "Secret vol-1-chap does not exist"
)]
#[case(
    SecretFacts::NotOptedIn,
    "SecretNotOptedIn",
    "kubernetes.io/iscsi-chap"
)]
#[case(SecretFacts::Invalid { problem: "key password is missing".into() }, "SecretInvalid", "key password is missing")]
fn a_secret_that_cannot_be_used_stops_the_deployment_in_both_states(
    #[case] facts: SecretFacts,
    #[case] reason: &str,
    #[case] message: &str,
) {
    for state in [S::Available, S::Provisioning] {
        let observation = available(host(state))
            .with(|observation| observation.iscsi_credentials = chap_secret(facts.clone()));
        refused(&observation, reason, message);
    }
}

#[test]
fn the_bmcs_secret_is_never_used_for_the_volume() {
    let host = host(S::Available).with(|host| {
        host.spec
            .boot_volume
            .as_mut()
            .unwrap()
            .iscsi_credentials_name = Some("node-0-bmc".into());
    });
    refused(
        &available(host),
        "SecretNotOptedIn",
        "is the host's BMC credentials",
    );
}

#[test]
fn an_image_beside_the_volume_is_a_conflict() {
    let host = host(S::Available)
        .with(|host| host.spec.image = Some(from(json!({"url": "http://192.0.2.1/image"}))));
    refused(&available(host), "ImageConflict", "spec.image");
}

#[test]
fn a_host_that_must_not_be_powered_off_boots_from_no_volume() {
    let host = host(S::Available).with(|host| host.spec.disable_power_off = Some(true));
    let told = node(ProvisionState::Available, PowerState::Off)
        .with(|node| node.disable_power_off = Some(true));
    refused(
        &observe(host).seeing(told),
        "Invalid",
        "spec.disablePowerOff: ",
    );
}

#[rstest]
#[case("image", json!({"url": "http://192.0.2.1/image"}))]
#[case("customDeploy", json!({"method": "install"}))]
#[case("raid", json!({"hardwareRAIDVolumes": []}))]
#[case("firmware", json!({"sriovEnabled": true}))]
#[case("rootDeviceHints", json!({"deviceName": "/dev/sda"}))]
#[case("userData", json!({"name": "user-data"}))]
#[case("networkData", json!({"name": "network-data"}))]
#[case("metaData", json!({"name": "meta-data"}))]
#[case("preprovisioningNetworkDataName", json!("network-data"))]
#[case("networkInterfaces", json!([{"name": "eth0"}]))]
#[case("taints", json!([{"key": "a", "effect": "NoSchedule"}]))]
#[case("hardwareProfile", json!("dell"))]
fn a_field_that_nothing_acts_on_stops_the_deployment_and_is_named(
    #[case] field: &str,
    #[case] value: serde_json::Value,
) {
    let mut json = serde_json::to_value(host(S::Available).with(without_volume)).unwrap();
    json["spec"][field] = value;
    refused(
        &available(from(json)),
        "NotImplemented",
        &format!("spec.{field}: "),
    );
}

#[test]
fn inspection_is_the_default_and_can_be_switched_off_by_annotation() {
    let inspected = host(S::Inspecting).with(|host| host.spec.inspection_mode = None);
    let manageable = |host| observe(host).seeing(node(ProvisionState::Manageable, PowerState::Off));
    refused(
        &manageable(inspected.clone()),
        "NotImplemented",
        "spec.inspectionMode: ",
    );
    let annotated = inspected.with(|host| {
        host.metadata.annotations =
            Some([("inspect.metal3.io".to_owned(), "disabled".to_owned())].into());
    });
    expect(&manageable(annotated), "enter: preparing");
}

#[test]
fn a_volume_that_another_node_has_is_never_deployed() {
    let observation = available(host(S::Available))
        .with(|observation| observation.seen().targets = vec![target(OTHER_NODE, FRESH, "7")]);
    refused(&observation, "VolumeConflict", TARGET);
}

#[test]
fn where_each_initiator_has_luns_of_its_own_the_volume_id_tells_volumes_apart() {
    let per_initiator = host(S::Available).with(|host| {
        iscsi(host).lun_mapping = LunMapping::PerInitiator;
    });
    let with_volume = |volume_id: &str, lun: i64| {
        available(per_initiator.clone()).with(|observation| {
            let mut other = target(OTHER_NODE, FRESH, "7");
            other.volume_id = volume_id.to_owned();
            other.properties.insert("target_lun".to_owned(), lun.into());
            let mapping = "PerInitiator".into();
            other
                .extra
                .insert("ironboot_lun_mapping".to_owned(), mapping);
            observation.seen().targets = vec![other];
        })
    };
    expect(&with_volume("vol-2", 1), "enter: provisioning from vol-1");
    let of_everybody =
        with_volume("vol-2", 1).with(|observation| observation.seen().targets[0].extra.clear());
    refused(
        &of_everybody,
        "VolumeConflict",
        "spec.bootVolume.iscsiTarget.lunMapping: ",
    );
    refused(
        &with_volume("vol-1", 2),
        "VolumeConflict",
        "spec.bootVolume.volumeId: ",
    );
}

#[rstest]
#[case::another_s("iqn.2026-11.io.ironboot:metal.node-1", false)]
#[case::in_capitals("IQN.2026-11.IO.IRONBOOT:metal.node-1", false)]
#[case::its_own("iqn.2026-11.io.ironboot:metal.node-0", true)]
#[case::of_the_site("iqn.2026-11.org.example:metal.node-1", true)]
fn nobody_takes_the_initiator_that_another_host_has_by_default(
    #[case] connector_id: &str,
    #[case] is_accepted: bool,
) {
    let named = host(S::Available).with(|host| {
        host.spec.boot_volume.as_mut().unwrap().connector_id = Some(connector_id.to_owned());
    });
    let plan = planned(&available(named)).to_string();
    let is_refused = plan.starts_with("wait: Invalid: spec.bootVolume.connectorId: ");
    assert_eq!(is_refused, !is_accepted, "{plan}");
}

/// The fields that admission keeps as they are; `provisionOn` is in the tests of claims.
#[rstest]
#[case(|host: &mut BareMetalHost| host.spec.boot_volume.as_mut().unwrap().volume_id = "vol-2".into())]
#[case(|host: &mut BareMetalHost| host.spec.boot_volume.as_mut().unwrap().connector_id = None)]
#[case(|host: &mut BareMetalHost| iscsi(host).iqn = "iqn.2026-11.org.example:vol-2".into())]
#[case(|host: &mut BareMetalHost| iscsi(host).lun = 2)]
#[case(|host: &mut BareMetalHost| iscsi(host).lun_mapping = LunMapping::PerInitiator)]
fn another_volume_in_the_spec_of_a_deployed_host_changes_nothing(
    #[case] change: fn(&mut BareMetalHost),
) {
    let other = host(S::Provisioned).with(change);
    let observation = observe(other).seeing(deployed_node(ProvisionState::Active, PowerState::On));
    refused(
        &observation,
        "VolumeConflict",
        "spec.bootVolume: another volume than the deployed vol-1",
    );
}

/// Admission refuses another volume before the release is done, and the same one comes too late here.
#[rstest]
#[case(|_: &mut BareMetalHost| {})]
#[case(|host: &mut BareMetalHost| host.spec.boot_volume.as_mut().unwrap().volume_id = "vol-2".into())]
fn a_volume_that_is_set_while_another_is_released_waits_for_the_end_of_the_release(
    #[case] change: fn(&mut BareMetalHost),
) {
    let releasing = host(S::Deprovisioning).with(change);
    let deployed = deployed_node(ProvisionState::Active, PowerState::Off);
    let observation = observe(releasing).seeing(deployed);
    expect(&observation, "act: SetProvisionState(deleted)");
}

#[test]
fn an_ironic_that_lacks_an_interface_is_told_by_its_setting() {
    let observation = observe(host(S::Registering)).with(|observation| {
        observation
            .seen()
            .abilities
            .as_mut()
            .unwrap()
            .storage_interfaces = vec!["noop".into(), "cinder".into()];
    });
    refused(
        &observation,
        "IronicLacksInterface",
        "enabled_storage_interfaces in ironic.conf",
    );
}

#[rstest]
#[case("ilo4://192.0.2.1", "spec.bmc.address: the scheme ilo4 is not known")]
#[case("redfish://", "spec.bmc.address: it has no host")]
fn a_bmc_address_that_cannot_be_used_is_a_registration_error(
    #[case] address: &str,
    #[case] message: &str,
) {
    let host =
        host(S::Registering).with(|host| host.spec.bmc.as_mut().unwrap().address = address.into());
    refused(&observe(host), "Error", message);
}

#[test]
fn a_node_that_is_in_use_without_a_record_is_left_alone() {
    let registered = host(S::Registering).with(|host| {
        host.status.as_mut().unwrap().tried_credentials =
            Some(from(json!({"credentialsVersion": "7"})));
    });
    let observation =
        observe(registered).seeing(deployed_node(ProvisionState::Active, PowerState::On));
    refused(
        &observation,
        "Error",
        "is active though this host has no record of a deployment",
    );
}

#[test]
fn a_node_that_somebody_deployed_by_hand_is_not_deployed_again() {
    let observation =
        observe(host(S::Available)).seeing(node(ProvisionState::Active, PowerState::On));
    refused(
        &observation,
        "Error",
        "is active though this host has no record of a deployment",
    );
}

#[test]
fn a_machine_that_runs_elsewhere_is_not_even_cleaned() {
    for state in [S::Inspecting, S::Preparing] {
        let host = host(state)
            .with(without_volume)
            .with(|host| host.spec.externally_provisioned = Some(true));
        let observation = observe(host).seeing(node(ProvisionState::Manageable, PowerState::On));
        expect(&observation, "enter: externally provisioned");
    }
}

#[test]
fn an_intent_that_was_edited_never_reaches_a_boot_script() {
    let edited = host(S::Provisioning).with(|host| {
        let intent = host
            .status
            .as_mut()
            .unwrap()
            .provisioning
            .boot_volume
            .as_mut();
        intent.unwrap().iscsi_target.portal =
            Some("192.0.2.1:3260 && chain http://192.0.2.9/".into());
    });
    expect(&available(edited), "enter: deprovisioning");
}

#[rstest]
#[case("image", json!({"url": ""}))]
#[case("customDeploy", json!({"method": ""}))]
fn a_field_that_asks_for_nothing_does_not_count(
    #[case] field: &str,
    #[case] value: serde_json::Value,
) {
    let mut json = serde_json::to_value(host(S::Available)).unwrap();
    json["spec"][field] = value;
    expect(&available(from(json)), "enter: provisioning from vol-1");
}

#[test]
fn a_node_in_maintenance_is_waited_for_and_costs_no_attempt() {
    for state in [S::Available, S::Provisioning] {
        let resting = node(ProvisionState::Available, PowerState::Off).with(|node| {
            node.maintenance = true;
            node.maintenance_reason = Some("new memory".into());
        });
        refused(
            &observe(host(state)).seeing(resting),
            "Error",
            "is in maintenance (new memory)",
        );
    }
}

#[test]
fn a_state_that_somebody_brought_the_node_into_is_named() {
    let observation =
        observe(host(S::Provisioned)).seeing(deployed_node(ProvisionState::Rescue, PowerState::On));
    refused(&observation, "Error", "is in the state rescue");
}
