//! What is known about a host.

use k8s_openapi::apimachinery::pkg::apis::meta::v1::{Condition, Time};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::fmt;

use super::{
    BootVolumeStatus, CredentialsStatus, HardwareDetails, Image, ProvisionStatus,
    schema::{self, Integer},
};

/// The observed state of a host.
#[derive(Serialize, Deserialize, JsonSchema, Clone, Debug, Default, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct BareMetalHostStatus {
    /// What is known about the boot volume and about shutting the machine down before it is taken away.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub boot_volume: Option<BootVolumeStatus>,

    /// The conditions of the host.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(schema_with = "schema::conditions")]
    pub conditions: Vec<Condition>,

    /// How many errors happened since the last operation that succeeded.
    #[schemars(with = "Integer", extend("default" = 0))]
    pub error_count: i64,

    /// The last error, in words.
    /// It is empty when there is none.
    pub error_message: String,

    /// What kind of error the last one was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error_type: Option<ErrorType>,

    /// The last BMC credentials that worked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub good_credentials: Option<CredentialsStatus>,

    /// The hardware that inspection found.
    /// Prefer the `HardwareData` object with the host's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hardware: Option<HardwareDetails>,

    /// The name of the hardware profile that fits the hardware.
    /// Deprecated: nothing acts on it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hardware_profile: Option<String>,

    /// The image of the last deployment that was tried.
    /// Another image resets `provisioningFailCount`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_attempted_image: Option<Image>,

    /// When this status was written last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_updated: Option<Time>,

    /// When the last operations began and ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operation_history: Option<OperationHistory>,

    /// How the host is doing.
    pub operational_status: OperationalStatus,

    /// Whether the host is powered on.
    /// It may lag behind while an operation runs.
    pub powered_on: bool,

    /// Where the host stands on its way to being deployed, and what is deployed on it.
    pub provisioning: ProvisionStatus,

    /// How many deployments in a row failed.
    /// It is reset by a deployment that succeeds and by a change of the spec.
    #[schemars(with = "Integer", extend("default" = 0))]
    pub provisioning_fail_count: i64,

    /// The BMC credentials that Ironic was told last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tried_credentials: Option<CredentialsStatus>,
}

/// How a host is doing.
#[derive(Serialize, Deserialize, JsonSchema, Clone, Copy, Debug, Default, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub enum OperationalStatus {
    /// Nothing is known yet.
    #[default]
    #[serde(rename = "")]
    None,
    /// The host is managed and has no error.
    #[serde(rename = "OK")]
    Ok,
    /// The host is known, but its BMC's address or credentials are missing.
    Discovered,
    /// The host has an error; `errorType` and `errorMessage` say which.
    Error,
    /// The host waits because too many others are being deployed.
    Delayed,
    /// The host is not managed while its detached annotation is set.
    Detached,
    /// The host's firmware is being serviced.
    Servicing,
}

/// What kind of error a host has.
#[derive(Serialize, Deserialize, JsonSchema, Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ErrorType {
    /// A deployed host could not be registered again.
    #[serde(rename = "provisioned registration error")]
    ProvisionedRegistration,
    /// The host could not be registered, for example because its BMC refused the credentials.
    #[serde(rename = "registration error")]
    Registration,
    /// The host's hardware could not be looked at.
    #[serde(rename = "inspection error")]
    Inspection,
    /// The host could not be prepared for being deployed.
    #[serde(rename = "preparation error")]
    Preparation,
    /// The host could not be deployed or released.
    #[serde(rename = "provisioning error")]
    Provisioning,
    /// The host's power could not be changed.
    #[serde(rename = "power management error")]
    PowerManagement,
    /// The host could not be detached.
    ///
    /// Metal3's baremetal-operator writes it, though its own schema at the time of writing lacked
    /// the value.
    #[serde(rename = "detach error")]
    Detach,
    /// The host's firmware could not be serviced.
    #[serde(rename = "servicing error")]
    Servicing,
}

impl ErrorType {
    /// The kind of error as it stands in `status.errorType`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ProvisionedRegistration => "provisioned registration error",
            Self::Registration => "registration error",
            Self::Inspection => "inspection error",
            Self::Preparation => "preparation error",
            Self::Provisioning => "provisioning error",
            Self::PowerManagement => "power management error",
            Self::Detach => "detach error",
            Self::Servicing => "servicing error",
        }
    }
}

impl fmt::Display for ErrorType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// When the last operations on a host began and ended.
#[derive(Serialize, Deserialize, JsonSchema, Clone, Debug, Default, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
pub struct OperationHistory {
    /// The last release.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deprovision: Option<OperationMetric>,

    /// The last inspection.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub inspect: Option<OperationMetric>,

    /// The last deployment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provision: Option<OperationMetric>,

    /// The last registration.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub register: Option<OperationMetric>,
}

/// When an operation began and ended.
#[derive(Serialize, Deserialize, JsonSchema, Clone, Debug, Default, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
pub struct OperationMetric {
    /// When it ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("nullable" = true))]
    pub end: Option<Time>,

    /// When it began.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("nullable" = true))]
    pub start: Option<Time>,
}
