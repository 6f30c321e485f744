//! The reasons of all events, in one place: users filter by them, and alerts hang on them.

use metal_api::conditions::{BootVolumeReason, UserDataReason};
use metal_api::v1alpha1::ErrorType;

/// Why an event is written: the word in its `reason`.
///
/// Those that Metal3's baremetal-operator has too (`publishEvent` in `internal/controller/metal3.io`) are spelt as
/// there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum EventReason {
    /// The status was taken from an annotation. Ironboot's own.
    StatusRestored,
    /// The hardware was taken from an annotation or a HardwareData.
    UpdateHardwareDetails,
    /// An annotation was removed that had no effect.
    RemoveAnnotation,
    /// The value of an annotation can't be read.
    InvalidAnnotationValue,
    /// The host names no BMC.
    Discovered,
    /// The node is verified.
    Registered,
    /// The BMC accepts the credentials.
    BmcAccessValidated,
    /// The BMC's address or its Secret can't be used.
    BmcCredentialError,
    /// Automated cleaning was switched off for want of a disk. Ironboot's own.
    CleaningSkipped,
    /// A deployment begins.
    ProvisioningStarted,
    /// A deployment is done.
    ProvisioningComplete,
    /// An undeployment begins.
    DeprovisioningStarted,
    /// An undeployment is done.
    DeprovisioningComplete,
    /// The machine is powered on.
    PowerOn,
    /// The machine is shut down, or its power is cut.
    PowerOff,
    /// The machine is rebooted. Ironboot's own.
    Reboot,
    /// A field is set that nothing acts on yet. Ironboot's own.
    NotImplemented,
    /// A volume that was held may be deployed again, or another one took its place. Ironboot's own.
    HoldEnded,
    /// A host was deleted while its machine may run. Ironboot's own.
    MachineMayRun,
    /// A host was deleted while its config drive may be in its machine. Ironboot's own.
    ConfigDriveLeft,
    /// Somebody else changed what Ironic keeps of a deployment from a volume. Ironboot's own.
    BootVolumeDrift,
    /// Credentials were changed since the deployment, and the present ones are used. Ironboot's own.
    CredentialsChanged,
    /// Credentials were changed since the deployment, and the machine has the old ones. Ironboot's own.
    CredentialsOutdated,
    /// A deployed host is deployed anew, as an annotation asks. Ironboot's own.
    RedeployStarted,
    /// An annotation asks for another deployment, and there is no reason for one. Ironboot's own.
    RedeploySkipped,
    /// Kubernetes refuses the status that the operator writes. Ironboot's own.
    StatusRefused,
    /// The boot volume can't be used, or with `Released` is held. Ironboot's own.
    BootVolume(BootVolumeReason),
    /// The user data can't be delivered. Ironboot's own.
    UserData(UserDataReason),
    /// Something failed.
    Error(ErrorType),
}

impl EventReason {
    /// The word, in `UpperCamelCase`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::StatusRestored => "StatusRestored",
            Self::UpdateHardwareDetails => "UpdateHardwareDetails",
            Self::RemoveAnnotation => "RemoveAnnotation",
            Self::InvalidAnnotationValue => "InvalidAnnotationValue",
            Self::Discovered => "Discovered",
            Self::Registered => "Registered",
            Self::BmcAccessValidated => "BMCAccessValidated",
            Self::BmcCredentialError => "BMCCredentialError",
            Self::CleaningSkipped => "CleaningSkipped",
            Self::ProvisioningStarted => "ProvisioningStarted",
            Self::ProvisioningComplete => "ProvisioningComplete",
            Self::DeprovisioningStarted => "DeprovisioningStarted",
            Self::DeprovisioningComplete => "DeprovisioningComplete",
            Self::PowerOn => "PowerOn",
            Self::PowerOff => "PowerOff",
            Self::Reboot => "Reboot",
            Self::NotImplemented => "NotImplemented",
            Self::HoldEnded => "HoldEnded",
            Self::MachineMayRun => "MachineMayRun",
            Self::ConfigDriveLeft => "ConfigDriveLeft",
            Self::BootVolumeDrift => "BootVolumeDrift",
            Self::CredentialsChanged => "CredentialsChanged",
            Self::CredentialsOutdated => "CredentialsOutdated",
            Self::RedeployStarted => "RedeployStarted",
            Self::RedeploySkipped => "RedeploySkipped",
            Self::StatusRefused => "StatusRefused",
            Self::BootVolume(reason) => reason.as_str(),
            Self::UserData(reason) => of_user_data(reason),
            Self::Error(error_type) => of_error(error_type),
        }
    }
}

/// Volumes have Secrets of their own, and events don't say what they are about.
const fn of_user_data(reason: UserDataReason) -> &'static str {
    match reason {
        UserDataReason::Attached => "UserDataAttached",
        UserDataReason::Pending => "UserDataPending",
        UserDataReason::NoVirtualMedia => "NoVirtualMedia",
        UserDataReason::AttachFailed => "UserDataAttachFailed",
        UserDataReason::SecretMissing => "UserDataSecretMissing",
        UserDataReason::SecretInvalid => "UserDataSecretInvalid",
        UserDataReason::NotServed => "UserDataNotServed",
    }
}

/// Metal3's word for a failure: of events, and of the label `error_type` of `metal3_host_error_total`
/// (`recordActionFailure` in `baremetalhost_controller.go`).
const fn of_error(error_type: ErrorType) -> &'static str {
    match error_type {
        ErrorType::Detach => "DetachError",
        ErrorType::ProvisionedRegistration => "ProvisionedRegistrationError",
        ErrorType::Registration => "RegistrationError",
        ErrorType::Inspection => "InspectionError",
        ErrorType::Preparation => "PreparationError",
        ErrorType::Provisioning => "ProvisioningError",
        ErrorType::PowerManagement => "PowerManagementError",
        ErrorType::Servicing => "ServicingError",
    }
}
