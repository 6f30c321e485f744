//! The reasons of events.

use metal_api::conditions::{BootVolumeReason, UserDataReason};
use metal_api::v1alpha1::ErrorType;
use metal_plan::EventReason;
use rstest::rstest;

pub(crate) const REASONS: [EventReason; 51] = [
    EventReason::StatusRestored,
    EventReason::UpdateHardwareDetails,
    EventReason::RemoveAnnotation,
    EventReason::InvalidAnnotationValue,
    EventReason::BmcCredentialError,
    EventReason::Discovered,
    EventReason::Registered,
    EventReason::BmcAccessValidated,
    EventReason::CleaningSkipped,
    EventReason::ProvisioningStarted,
    EventReason::ProvisioningComplete,
    EventReason::DeprovisioningStarted,
    EventReason::DeprovisioningComplete,
    EventReason::PowerOn,
    EventReason::PowerOff,
    EventReason::Reboot,
    EventReason::NotImplemented,
    EventReason::MachineMayRun,
    EventReason::ConfigDriveLeft,
    EventReason::BootVolumeDrift,
    EventReason::BootVolume(BootVolumeReason::Ready),
    EventReason::BootVolume(BootVolumeReason::SecretMissing),
    EventReason::BootVolume(BootVolumeReason::SecretNotOptedIn),
    EventReason::BootVolume(BootVolumeReason::SecretInvalid),
    EventReason::BootVolume(BootVolumeReason::VolumeConflict),
    EventReason::BootVolume(BootVolumeReason::ImageConflict),
    EventReason::BootVolume(BootVolumeReason::IronicLacksInterface),
    EventReason::BootVolume(BootVolumeReason::Invalid),
    EventReason::BootVolume(BootVolumeReason::Checking),
    EventReason::BootVolume(BootVolumeReason::Released),
    EventReason::HoldEnded,
    EventReason::CredentialsChanged,
    EventReason::CredentialsOutdated,
    EventReason::RedeployStarted,
    EventReason::RedeploySkipped,
    EventReason::UserData(UserDataReason::Attached),
    EventReason::UserData(UserDataReason::Pending),
    EventReason::UserData(UserDataReason::NoVirtualMedia),
    EventReason::UserData(UserDataReason::AttachFailed),
    EventReason::UserData(UserDataReason::SecretMissing),
    EventReason::UserData(UserDataReason::SecretInvalid),
    EventReason::UserData(UserDataReason::NotServed),
    EventReason::StatusRefused,
    EventReason::Error(ErrorType::Detach),
    EventReason::Error(ErrorType::ProvisionedRegistration),
    EventReason::Error(ErrorType::Registration),
    EventReason::Error(ErrorType::Inspection),
    EventReason::Error(ErrorType::Preparation),
    EventReason::Error(ErrorType::Provisioning),
    EventReason::Error(ErrorType::PowerManagement),
    EventReason::Error(ErrorType::Servicing),
];

/// `publishEvent` in Metal3's `internal/controller/metal3.io` and `pkg/provisioner/ironic`.
#[rstest]
#[case("Discovered")]
#[case("Registered")]
#[case("BMCAccessValidated")]
#[case("ProvisioningStarted")]
#[case("ProvisioningComplete")]
#[case("DeprovisioningStarted")]
#[case("DeprovisioningComplete")]
#[case("BMCCredentialError")]
#[case("UpdateHardwareDetails")]
#[case("RemoveAnnotation")]
#[case("InvalidAnnotationValue")]
#[case("PowerOn")]
#[case("PowerOff")]
#[case("DetachError")]
#[case("ProvisionedRegistrationError")]
#[case("RegistrationError")]
#[case("InspectionError")]
#[case("PreparationError")]
#[case("ProvisioningError")]
#[case("PowerManagementError")]
#[case("ServicingError")]
fn a_reason_that_metal3_has_is_spelt_as_there(#[case] word: &str) {
    assert!(is_known(word));
}

#[test]
fn no_two_reasons_have_the_same_word() {
    let words: std::collections::HashSet<_> =
        REASONS.iter().map(|reason| reason.as_str()).collect();
    assert_eq!(words.len(), REASONS.len());
}

pub(crate) fn is_known(word: &str) -> bool {
    REASONS.iter().any(|reason| reason.as_str() == word)
}
