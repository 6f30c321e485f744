//! The conditions of a host and their reasons.
//!
//! A reason knows its condition and its status, so that no condition can be `True` for a reason
//! that means the opposite.

use jiff::Timestamp;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{Condition, Time};
use std::fmt;

/// The longest message that the schema of a condition accepts, in characters.
const MAX_MESSAGE: usize = 32_768;

/// An aspect of a host's state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ConditionType {
    /// The host is deployed and has no error.
    Ready,
    /// The host is deployed.
    Provisioned,
    /// The host's boot volume can be used.
    ///
    /// A host without a boot volume, or with one whose driver is `noop`, doesn't have this
    /// condition.
    BootVolumeReady,
}

impl ConditionType {
    /// The type as it stands in `status.conditions`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ready => "Ready",
            Self::Provisioned => "Provisioned",
            Self::BootVolumeReady => "BootVolumeReady",
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

/// Why the boot volume can be used, or can't.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum BootVolumeReason {
    /// It can be used.
    Ready,
    /// The Secret in `iscsiCredentialsName` doesn't exist.
    SecretMissing,
    /// The Secret in `iscsiCredentialsName` is not meant for this: it has neither the type
    /// `kubernetes.io/iscsi-chap` nor the label `ironboot.io/iscsi-credentials: "true"`, or it
    /// holds a host's BMC credentials.
    SecretNotOptedIn,
    /// A key of the Secret in `iscsiCredentialsName` is missing, or its value can't be used.
    SecretInvalid,
    /// Another node of this Ironic has the volume, or the host itself is deployed from another
    /// volume.
    VolumeConflict,
    /// The host has an `image` beside its `bootVolume`.
    ImageConflict,
    /// Ironic lacks an interface that a boot from a volume needs.
    IronicLacksInterface,
    /// The spec can't be used.
    ///
    /// Admission refuses such a spec. This is the second guard, for objects that were stored
    /// before a rule existed or while the schema was missing.
    Invalid,
    /// It is not known yet.
    Checking,
}

impl BootVolumeReason {
    /// The reason as it stands in `status.conditions`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ready => "Ready",
            Self::SecretMissing => "SecretMissing",
            Self::SecretNotOptedIn => "SecretNotOptedIn",
            Self::SecretInvalid => "SecretInvalid",
            Self::VolumeConflict => "VolumeConflict",
            Self::ImageConflict => "ImageConflict",
            Self::IronicLacksInterface => "IronicLacksInterface",
            Self::Invalid => "Invalid",
            Self::Checking => "Checking",
        }
    }

    /// The status of `BootVolumeReady` with this reason.
    pub const fn status(self) -> ConditionStatus {
        match self {
            Self::Ready => ConditionStatus::True,
            Self::SecretMissing
            | Self::SecretNotOptedIn
            | Self::SecretInvalid
            | Self::VolumeConflict
            | Self::ImageConflict
            | Self::IronicLacksInterface
            | Self::Invalid => ConditionStatus::False,
            Self::Checking => ConditionStatus::Unknown,
        }
    }
}

/// Why a host is deployed, or is not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ProvisionedReason {
    /// It is deployed.
    Provisioned,
    /// It is not deployed.
    NotProvisioned,
}

impl ProvisionedReason {
    /// The reason as it stands in `status.conditions`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Provisioned => "Provisioned",
            Self::NotProvisioned => "NotProvisioned",
        }
    }

    /// The status of `Provisioned` with this reason.
    pub const fn status(self) -> ConditionStatus {
        match self {
            Self::Provisioned => ConditionStatus::True,
            Self::NotProvisioned => ConditionStatus::False,
        }
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
    /// A field is set that nothing acts on; the message names it.
    NotImplemented,
    /// Its boot volume can't be used, or it is not known whether it can.
    BootVolume(BootVolumeReason),
}

impl ReadyReason {
    /// The reason as it stands in `status.conditions`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Provisioned => "Provisioned",
            Self::NotProvisioned => "NotProvisioned",
            Self::Error => "Error",
            Self::NotImplemented => "NotImplemented",
            Self::BootVolume(reason) => reason.as_str(),
        }
    }

    /// The status of `Ready` with this reason.
    pub const fn status(self) -> ConditionStatus {
        match self {
            Self::Provisioned => ConditionStatus::True,
            Self::NotProvisioned | Self::Error | Self::NotImplemented => ConditionStatus::False,
            Self::BootVolume(reason) => reason.status(),
        }
    }
}

/// A condition and why it has its status.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Reason {
    /// Of the condition `Ready`.
    Ready(ReadyReason),
    /// Of the condition `Provisioned`.
    Provisioned(ProvisionedReason),
    /// Of the condition `BootVolumeReady`.
    BootVolumeReady(BootVolumeReason),
}

impl Reason {
    /// The condition that the reason is about.
    pub const fn condition_type(self) -> ConditionType {
        match self {
            Self::Ready(_) => ConditionType::Ready,
            Self::Provisioned(_) => ConditionType::Provisioned,
            Self::BootVolumeReady(_) => ConditionType::BootVolumeReady,
        }
    }

    /// The reason as it stands in `status.conditions`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ready(reason) => reason.as_str(),
            Self::Provisioned(reason) => reason.as_str(),
            Self::BootVolumeReady(reason) => reason.as_str(),
        }
    }

    /// The status of the condition with this reason.
    pub const fn status(self) -> ConditionStatus {
        match self {
            Self::Ready(reason) => reason.status(),
            Self::Provisioned(reason) => reason.status(),
            Self::BootVolumeReady(reason) => reason.status(),
        }
    }
}

impl From<ReadyReason> for Reason {
    fn from(reason: ReadyReason) -> Self {
        Self::Ready(reason)
    }
}

impl From<ProvisionedReason> for Reason {
    fn from(reason: ProvisionedReason) -> Self {
        Self::Provisioned(reason)
    }
}

impl From<BootVolumeReason> for Reason {
    fn from(reason: BootVolumeReason) -> Self {
        Self::BootVolumeReady(reason)
    }
}

/// Puts a condition into a list, or replaces the one of its type.
///
/// `lastTransitionTime` becomes `now` only when the condition is new or its status changes.
/// A message that is longer than the schema accepts is cut.
pub fn set_condition(
    conditions: &mut Vec<Condition>,
    reason: impl Into<Reason>,
    message: &str,
    observed_generation: Option<i64>,
    now: Timestamp,
) {
    let reason = reason.into();
    let mut next = Condition {
        last_transition_time: Time(now),
        message: message.chars().take(MAX_MESSAGE).collect(),
        observed_generation,
        reason: reason.as_str().to_owned(),
        status: reason.status().as_str().to_owned(),
        type_: reason.condition_type().as_str().to_owned(),
    };
    match conditions.iter_mut().find(|old| old.type_ == next.type_) {
        None => conditions.push(next),
        Some(old) => {
            if old.status == next.status {
                next.last_transition_time = old.last_transition_time.clone();
            }
            *old = next;
        }
    }
}

/// Removes a condition from a list, if it is there.
pub fn remove_condition(conditions: &mut Vec<Condition>, condition_type: ConditionType) {
    conditions.retain(|condition| condition.type_ != condition_type.as_str());
}

/// The condition of a type, if it is in the list.
pub fn find_condition(
    conditions: &[Condition],
    condition_type: ConditionType,
) -> Option<&Condition> {
    conditions
        .iter()
        .find(|condition| condition.type_ == condition_type.as_str())
}

#[cfg(test)]
mod tests;
