//! Why a condition has its status: one type for each condition.

use super::ConditionStatus;

/// The reasons of one condition, each with its status.
macro_rules! reasons {
    ($(#[$doc:meta])* $name:ident of $condition:literal {
        $($(#[$reason_doc:meta])* $reason:ident = $word:literal: $status:ident,)+
    }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum $name {
            $($(#[$reason_doc])* $reason,)+
        }

        impl $name {
            /// The reason as it stands in `status.conditions`.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$reason => $word,)+
                }
            }

            #[doc = concat!("The status of `", $condition, "` with this reason.")]
            pub const fn status(self) -> ConditionStatus {
                match self {
                    $(Self::$reason => ConditionStatus::$status,)+
                }
            }
        }
    };
}

reasons! {
    /// Why Ironic can manage the host, or can't.
    ManageableReason of "Manageable" {
        /// The host is registered, and its power is under control.
        Manageable = "Manageable": True,
        /// The host has no BMC, or was not looked at yet.
        NotManaged = "NotManaged": False,
        /// The host is being registered.
        Registering = "Registering": False,
        /// The host could not be registered; `status.errorMessage` says why.
        RegistrationFailed = "RegistrationFailed": False,
        /// Ironic lost control over the host's power.
        PowerFailure = "PowerFailure": False,
    }
}

reasons! {
    /// Why a host can be deployed, or can't.
    AvailableForProvisioningReason of "AvailableForProvisioning" {
        /// It is in the state `available`.
        Available = "Available": True,
        /// It is in another state.
        NotAvailable = "NotAvailable": False,
    }
}

reasons! {
    /// Why a host is deployed, or is not.
    ProvisionedReason of "Provisioned" {
        /// It is deployed.
        Provisioned = "Provisioned": True,
        /// It is not deployed.
        NotProvisioned = "NotProvisioned": False,
    }
}

reasons! {
    /// What a host is on its way to, or why it is not on its way.
    ProgressingReason of "Progressing" {
        /// It is being registered.
        Registering = "Registering": True,
        /// Its hardware is being looked at.
        Inspecting = "Inspecting": True,
        /// It is being made ready for a deployment.
        Preparing = "Preparing": True,
        /// It is being deployed.
        Provisioning = "Provisioning": True,
        /// It is being released.
        Deprovisioning = "Deprovisioning": True,
        /// It is being powered off before it is deleted.
        PoweringOffBeforeDelete = "PoweringOffBeforeDelete": True,
        /// Its node is being removed from Ironic.
        Deleting = "Deleting": True,
        /// It is in a state that lasts.
        NotProgressing = "NotProgressing": False,
        /// It is left alone while its detached annotation is set.
        Detached = "Detached": False,
    }
}

reasons! {
    /// How the host's hardware is, as its BMC says.
    HealthyReason of "Healthy" {
        /// Well.
        Healthy = "Healthy": True,
        /// In need of attention.
        Warning = "Warning": False,
        /// In need of attention at once.
        CriticalError = "CriticalError": False,
        /// Ironic doesn't say.
        Unknown = "Unknown": Unknown,
    }
}

reasons! {
    /// Why the boot volume can be used, or can't.
    BootVolumeReason of "BootVolumeReady" {
        /// It can be used.
        Ready = "Ready": True,
        /// The Secret in `iscsiCredentialsName` doesn't exist.
        SecretMissing = "SecretMissing": False,
        /// The Secret in `iscsiCredentialsName` is not meant for this: it has neither the type
        /// `kubernetes.io/iscsi-chap` nor the label `ironboot.io/iscsi-credentials: "true"`, or it
        /// holds a host's BMC credentials.
        SecretNotOptedIn = "SecretNotOptedIn": False,
        /// A key of the Secret in `iscsiCredentialsName` is missing, or its value can't be used.
        SecretInvalid = "SecretInvalid": False,
        /// Another node of this Ironic has the volume, or the host itself is deployed from another
        /// volume.
        VolumeConflict = "VolumeConflict": False,
        /// The host has an `image`, or a `customDeploy` of another method, beside its `bootVolume`.
        ImageConflict = "ImageConflict": False,
        /// Ironic lacks an interface that a boot from a volume needs.
        IronicLacksInterface = "IronicLacksInterface": False,
        /// The spec can't be used.
        ///
        /// Admission refuses such a spec. This is the second guard, for objects that were stored
        /// before a rule existed or while the schema was missing.
        Invalid = "Invalid": False,
        /// It is not known yet.
        Checking = "Checking": Unknown,
        /// Its last consumer let go of it, and it is held until somebody says how to go on.
        Released = "Released": False,
    }
}

reasons! {
    /// Whether the machine was deployed with the data volumes that the spec asks for.
    DataVolumesReason of "DataVolumesApplied" {
        /// It was.
        Applied = "Applied": True,
        /// It was not; the next deployment attaches them.
        Pending = "Pending": False,
    }
}

reasons! {
    /// Whether a host is deployed with the credentials that are in its volumes' Secrets.
    CredentialsAppliedReason of "CredentialsApplied" {
        /// It is.
        Applied = "Applied": True,
        /// They were changed since.
        Outdated = "Outdated": False,
        /// It can't be told.
        Unknown = "Unknown": Unknown,
    }
}

reasons! {
    /// Whether the machine has a config drive with its user data.
    UserDataReason of "UserDataDelivered" {
        /// It was inserted before the machine started.
        Attached = "Attached": True,
        /// It is not inserted yet.
        Pending = "Pending": False,
        /// The BMC has no virtual media, or Ironic has no way to them.
        NoVirtualMedia = "NoVirtualMedia": False,
        /// Ironic could not insert it, or not eject it.
        AttachFailed = "AttachFailed": False,
        /// A Secret that `userData`, `networkData` or `metaData` names doesn't exist.
        SecretMissing = "SecretMissing": False,
        /// Such a Secret can't be used.
        SecretInvalid = "SecretInvalid": False,
        /// The operator has no address at which Ironic could get config drives.
        NotServed = "NotServed": False,
    }
}

/// Why a host is ready, or is not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ReadyReason {
    /// It is deployed and has no error.
    Provisioned,
    /// It is not deployed.
    NotProvisioned,
    /// It has an error, which `status.errorType` and `status.errorMessage` describe.
    Error,
    /// Its firmware is being serviced.
    Servicing,
    /// It is left alone while its detached annotation is set.
    Detached,
    /// A field is set that nothing acts on; the message names it.
    NotImplemented,
    /// Its boot volume can't be used, or it is not known whether it can.
    BootVolume(BootVolumeReason),
    /// Its user data can't be delivered.
    UserData(UserDataReason),
}

impl ReadyReason {
    /// The reason as it stands in `status.conditions`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Provisioned => "Provisioned",
            Self::NotProvisioned => "NotProvisioned",
            Self::Error => "Error",
            Self::Servicing => "Servicing",
            Self::Detached => "Detached",
            Self::NotImplemented => "NotImplemented",
            Self::BootVolume(reason) => reason.as_str(),
            Self::UserData(reason) => reason.as_str(),
        }
    }

    /// The status of `Ready` with this reason.
    pub const fn status(self) -> ConditionStatus {
        match self {
            Self::Provisioned => ConditionStatus::True,
            Self::NotProvisioned
            | Self::Error
            | Self::Servicing
            | Self::Detached
            | Self::NotImplemented => ConditionStatus::False,
            Self::BootVolume(reason) => reason.status(),
            Self::UserData(reason) => reason.status(),
        }
    }
}
