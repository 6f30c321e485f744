//! Objects on the wire.

use metal_api::v1alpha1::{
    AutomatedCleaningMode, BareMetalHost, BareMetalHostStatus, BootMode, ErrorType, HardwareData,
    ImageFormat, LunMapping, OperationalStatus, ProvisioningState, TargetType, VolumeDriver,
};
use rstest::rstest;
use serde_json::{Value, json};

const FULL_HOST: &str = include_str!("full_host.yaml");
const FULL_HARDWARE: &str = include_str!("full_hardware.yaml");

#[test]
fn a_host_with_every_field_survives_a_round_trip() {
    let object: Value = serde_saphyr::from_str(FULL_HOST).unwrap();
    let host: BareMetalHost = serde_json::from_value(object.clone()).unwrap();
    assert_eq!(serde_json::to_value(&host).unwrap(), object);
    let again: BareMetalHost =
        serde_json::from_value(serde_json::to_value(&host).unwrap()).unwrap();
    assert_eq!(again, host);
}

#[test]
fn hardware_data_with_every_field_survives_a_round_trip() {
    let object: Value = serde_saphyr::from_str(FULL_HARDWARE).unwrap();
    let data: HardwareData = serde_json::from_value(object.clone()).unwrap();
    assert_eq!(serde_json::to_value(&data).unwrap(), object);
}

/// Metal3's operator writes structures that are empty, and `null` for times that are not known.
#[test]
fn a_host_is_read_as_metal3_writes_it() {
    let host: BareMetalHost = serde_json::from_value(json!({
        "apiVersion": "metal3.io/v1alpha1",
        "kind": "BareMetalHost",
        "metadata": {"name": "node-0", "namespace": "metal"},
        "spec": {
            "automatedCleaningMode": "metadata",
            "bmc": {"address": "", "credentialsName": ""},
            "image": {"url": "http://172.22.0.1/image", "format": ""},
            "online": true,
            "raid": {"hardwareRAIDVolumes": null, "softwareRAIDVolumes": []},
        },
        "status": {
            "errorCount": 0,
            "errorMessage": "",
            "goodCredentials": {},
            "hardwareProfile": "unknown",
            "operationHistory": {
                "deprovision": {"end": null, "start": null},
                "inspect": {"end": "2026-11-22T08:00:01Z", "start": "2026-11-22T08:00:00Z"},
            },
            "operationalStatus": "",
            "poweredOn": false,
            "provisioning": {"ID": "", "image": {"url": ""}, "state": ""},
            "provisioningFailCount": 0,
            "triedCredentials": {},
        },
    }))
    .unwrap();
    assert_eq!(
        host.spec.automated_cleaning_mode,
        Some(AutomatedCleaningMode::Metadata)
    );
    assert_eq!(host.spec.image.unwrap().format, Some(ImageFormat::Unset));
    let raid = host.spec.raid.unwrap();
    assert_eq!(raid.hardware_raid_volumes, None);
    assert_eq!(raid.software_raid_volumes, Some(Vec::new()));
    let status = host.status.unwrap();
    assert_eq!(status.operational_status, OperationalStatus::None);
    assert_eq!(status.provisioning.state, ProvisioningState::None);
    assert_eq!(
        status.operation_history.unwrap().deprovision.unwrap().end,
        None
    );
}

#[test]
fn the_first_status_holds_what_the_schema_requires_and_nothing_else() {
    assert_eq!(
        serde_json::to_value(BareMetalHostStatus::default()).unwrap(),
        json!({
            "errorCount": 0,
            "errorMessage": "",
            "operationalStatus": "",
            "poweredOn": false,
            "provisioning": {"ID": "", "state": ""},
            "provisioningFailCount": 0,
        })
    );
}

#[test]
fn a_boot_volume_has_defaults() {
    let host: BareMetalHost = serde_json::from_value(json!({
        "metadata": {"name": "node-0"},
        "spec": {
            "online": true,
            "bootVolume": {
                "volumeId": "vol-1",
                "volumeDriver": "external",
                "iscsiTarget": {"iqn": "iqn.2026-11.org.example:vol-1", "portal": "172.22.0.1"},
            },
        },
    }))
    .unwrap();
    let volume = host.spec.boot_volume.unwrap();
    assert_eq!(volume.target_type, TargetType::Iscsi);
    assert!(volume.is_used());
    let target = volume.iscsi_target.unwrap();
    assert_eq!((target.lun, target.lun_mapping), (0, LunMapping::Shared));
}

#[rstest]
#[case(ProvisioningState::None)]
#[case(ProvisioningState::Unmanaged)]
#[case(ProvisioningState::Registering)]
#[case(ProvisioningState::Inspecting)]
#[case(ProvisioningState::MatchProfile)]
#[case(ProvisioningState::Preparing)]
#[case(ProvisioningState::Ready)]
#[case(ProvisioningState::Available)]
#[case(ProvisioningState::Provisioning)]
#[case(ProvisioningState::Provisioned)]
#[case(ProvisioningState::ExternallyProvisioned)]
#[case(ProvisioningState::Deprovisioning)]
#[case(ProvisioningState::PoweringOffBeforeDelete)]
#[case(ProvisioningState::Deleting)]
fn a_state_is_shown_as_it_is_written(#[case] state: ProvisioningState) {
    assert_eq!(serde_json::to_value(state).unwrap(), json!(state.as_str()));
    assert_eq!(state.to_string(), state.as_str());
}

#[rstest]
#[case(ErrorType::ProvisionedRegistration)]
#[case(ErrorType::Registration)]
#[case(ErrorType::Inspection)]
#[case(ErrorType::Preparation)]
#[case(ErrorType::Provisioning)]
#[case(ErrorType::PowerManagement)]
#[case(ErrorType::Detach)]
#[case(ErrorType::Servicing)]
fn a_kind_of_error_is_shown_as_it_is_written(#[case] error: ErrorType) {
    assert_eq!(serde_json::to_value(error).unwrap(), json!(error.as_str()));
}

#[test]
fn other_words_are_shown_as_they_are_written() {
    for driver in [VolumeDriver::External, VolumeDriver::Noop] {
        assert_eq!(
            serde_json::to_value(driver).unwrap(),
            json!(driver.as_str())
        );
    }
    assert_eq!(
        serde_json::to_value(TargetType::Iscsi).unwrap(),
        json!(TargetType::Iscsi.as_str())
    );
    assert_eq!(
        serde_json::to_value(BootMode::UefiSecureBoot).unwrap(),
        json!("UEFISecureBoot")
    );
}
