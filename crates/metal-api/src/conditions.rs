//! The conditions of a host and their reasons.
//!
//! A reason knows its condition and its status, so that no condition can be `True` for a reason
//! that means the opposite.
//!
//! All but `BootVolumeReady`, `CredentialsApplied`, `DataVolumesApplied` and `UserDataDelivered` are Metal3's, with its
//! reasons; `Ready` has some more.

use std::fmt;

mod list;
mod reasons;

pub use list::{find_condition, remove_condition, set_condition};
pub use reasons::{
    AvailableForProvisioningReason, BootVolumeReason, CredentialsAppliedReason, DataVolumesReason,
    HealthyReason, ManageableReason, ProgressingReason, ProvisionedReason, ReadyReason,
    UserDataReason,
};

/// An aspect of a host's state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ConditionType {
    /// The host is deployed and has no error.
    Ready,
    /// The host is deployed.
    Provisioned,
    /// The host is registered in Ironic, which has its power under control.
    Manageable,
    /// The host is in the state `available`.
    AvailableForProvisioning,
    /// The host is on its way to a state that lasts.
    Progressing,
    /// The host's hardware is well, as its BMC says.
    Healthy,
    /// The host's boot volume can be used.
    ///
    /// A host without a boot volume, or with one whose driver is `noop`, doesn't have this
    /// condition.
    BootVolumeReady,
    /// The machine was deployed with the data volumes that the spec asks for.
    ///
    /// A host that neither has nor asks for any doesn't have this condition.
    DataVolumesApplied,
    /// The host is deployed with the credentials that are in its volumes' Secrets.
    ///
    /// A host whose volumes want no credentials, or that is not deployed from one, doesn't have
    /// this condition.
    CredentialsApplied,
    /// The machine has a config drive with its user data.
    ///
    /// A host that gets none doesn't have this condition.
    UserDataDelivered,
}

impl ConditionType {
    /// The type as it stands in `status.conditions`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ready => "Ready",
            Self::Provisioned => "Provisioned",
            Self::Manageable => "Manageable",
            Self::AvailableForProvisioning => "AvailableForProvisioning",
            Self::Progressing => "Progressing",
            Self::Healthy => "Healthy",
            Self::BootVolumeReady => "BootVolumeReady",
            Self::DataVolumesApplied => "DataVolumesApplied",
            Self::CredentialsApplied => "CredentialsApplied",
            Self::UserDataDelivered => "UserDataDelivered",
        }
    }
}

impl fmt::Display for ConditionType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Whether a condition holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ConditionStatus {
    /// It does.
    True,
    /// It does not.
    False,
    /// It is not known.
    Unknown,
}

impl ConditionStatus {
    /// The status as it stands in `status.conditions`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::True => "True",
            Self::False => "False",
            Self::Unknown => "Unknown",
        }
    }
}

impl fmt::Display for ConditionStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A condition and why it has its status.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Reason {
    /// Of the condition `Ready`.
    Ready(ReadyReason),
    /// Of the condition `Provisioned`.
    Provisioned(ProvisionedReason),
    /// Of the condition `Manageable`.
    Manageable(ManageableReason),
    /// Of the condition `AvailableForProvisioning`.
    AvailableForProvisioning(AvailableForProvisioningReason),
    /// Of the condition `Progressing`.
    Progressing(ProgressingReason),
    /// Of the condition `Healthy`.
    Healthy(HealthyReason),
    /// Of the condition `BootVolumeReady`.
    BootVolumeReady(BootVolumeReason),
    /// Of the condition `DataVolumesApplied`.
    DataVolumesApplied(DataVolumesReason),
    /// Of the condition `CredentialsApplied`.
    CredentialsApplied(CredentialsAppliedReason),
    /// Of the condition `UserDataDelivered`.
    UserDataDelivered(UserDataReason),
}

impl Reason {
    /// The condition that the reason is about.
    pub const fn condition_type(self) -> ConditionType {
        match self {
            Self::Ready(_) => ConditionType::Ready,
            Self::Provisioned(_) => ConditionType::Provisioned,
            Self::Manageable(_) => ConditionType::Manageable,
            Self::AvailableForProvisioning(_) => ConditionType::AvailableForProvisioning,
            Self::Progressing(_) => ConditionType::Progressing,
            Self::Healthy(_) => ConditionType::Healthy,
            Self::BootVolumeReady(_) => ConditionType::BootVolumeReady,
            Self::DataVolumesApplied(_) => ConditionType::DataVolumesApplied,
            Self::CredentialsApplied(_) => ConditionType::CredentialsApplied,
            Self::UserDataDelivered(_) => ConditionType::UserDataDelivered,
        }
    }

    /// The reason as it stands in `status.conditions`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ready(reason) => reason.as_str(),
            Self::Provisioned(reason) => reason.as_str(),
            Self::Manageable(reason) => reason.as_str(),
            Self::AvailableForProvisioning(reason) => reason.as_str(),
            Self::Progressing(reason) => reason.as_str(),
            Self::Healthy(reason) => reason.as_str(),
            Self::BootVolumeReady(reason) => reason.as_str(),
            Self::DataVolumesApplied(reason) => reason.as_str(),
            Self::CredentialsApplied(reason) => reason.as_str(),
            Self::UserDataDelivered(reason) => reason.as_str(),
        }
    }

    /// The status of the condition with this reason.
    pub const fn status(self) -> ConditionStatus {
        match self {
            Self::Ready(reason) => reason.status(),
            Self::Provisioned(reason) => reason.status(),
            Self::Manageable(reason) => reason.status(),
            Self::AvailableForProvisioning(reason) => reason.status(),
            Self::Progressing(reason) => reason.status(),
            Self::Healthy(reason) => reason.status(),
            Self::BootVolumeReady(reason) => reason.status(),
            Self::DataVolumesApplied(reason) => reason.status(),
            Self::CredentialsApplied(reason) => reason.status(),
            Self::UserDataDelivered(reason) => reason.status(),
        }
    }
}

macro_rules! of_reason {
    ($($reason:ident => $condition:ident,)+) => {
        $(impl From<$reason> for Reason {
            fn from(reason: $reason) -> Self {
                Self::$condition(reason)
            }
        })+
    };
}

of_reason! {
    ReadyReason => Ready,
    ProvisionedReason => Provisioned,
    ManageableReason => Manageable,
    AvailableForProvisioningReason => AvailableForProvisioning,
    ProgressingReason => Progressing,
    HealthyReason => Healthy,
    BootVolumeReason => BootVolumeReady,
    DataVolumesReason => DataVolumesApplied,
    CredentialsAppliedReason => CredentialsApplied,
    UserDataReason => UserDataDelivered,
}

#[cfg(test)]
mod tests;
