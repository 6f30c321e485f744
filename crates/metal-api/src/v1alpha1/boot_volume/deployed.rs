//! What the status says of the volume that a host boots from.

use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::data_volume::{self, DataVolume};
use super::{IscsiTarget, ProvisionOn, TargetType, VolumeDriver};

/// The volume that a host is deployed from.
#[derive(Serialize, Deserialize, JsonSchema, Clone, Debug, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
pub struct DeployedVolume {
    /// The config drive that the machine has: a keyed hash of its content, with the identifier of the key, which tells
    /// whether that was changed since, and nothing else.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("maxLength" = 128))]
    pub config_drive: Option<String>,

    /// The name of the initiator.
    #[schemars(extend("maxLength" = 223))]
    pub connector_id: String,

    /// The CHAP credentials that are used, by their Secrets.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(
        extend("maxItems" = 16),
        extend("x-kubernetes-list-type" = "map"),
        extend("x-kubernetes-list-map-keys" = ["name"])
    )]
    pub credentials: Vec<UsedCredentials>,

    /// The data volumes, in the order of their boot indexes: the first has 1.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(schema_with = "data_volume::list")]
    pub data_volumes: Vec<DataVolume>,

    /// The identifier of this deployment, which no other deployment has.
    /// Ironic's volume targets carry it too.
    pub deployment_id: String,

    /// The Secret with the CHAP credentials that were used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub iscsi_credentials_name: Option<String>,

    /// Where the volume is.
    pub iscsi_target: IscsiTarget,

    /// Whether the deployment began by itself or by a claim, whose end is then its release.
    #[serde(default)]
    pub provision_on: ProvisionOn,

    /// The value of the annotation ironboot.io/redeploy that this deployment answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("maxLength" = 253))]
    pub redeploy: Option<String>,

    /// How the host reaches the volume.
    pub target_type: TargetType,

    /// Who provides the volume.
    pub volume_driver: VolumeDriver,

    /// The name of the volume in the system that it comes from.
    #[schemars(extend("maxLength" = 255))]
    pub volume_id: String,
}

/// CHAP credentials as they were when a deployment began.
#[derive(Serialize, Deserialize, JsonSchema, Clone, Debug, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
pub struct UsedCredentials {
    /// A keyed hash of the user and the password, with the identifier of the key: it tells whether
    /// they were changed since, and nothing else.
    #[schemars(extend("maxLength" = 128))]
    pub fingerprint: String,

    /// The name of the Secret.
    #[schemars(extend("maxLength" = 253))]
    pub name: String,
}

/// What is known about a boot volume.
#[derive(Serialize, Deserialize, JsonSchema, Clone, Debug, Default, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
pub struct BootVolumeStatus {
    /// The name of the initiator, for the access list of the storage.
    /// It is shown from the registration of the host on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub connector_id: Option<String>,

    /// The metadata.generation of the host whose deployment failed last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failed_generation: Option<i64>,

    /// When the machine's power was first cut; unset once the machine is off.
    /// If it stays on, the deletion of its host goes on after a while.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub power_cut_at: Option<Time>,

    /// When the operating system was asked to shut down, or the machine of a deleted host was first switched off; unset
    /// once the machine is off.
    /// If the operating system gives no answer in time, the machine's power is cut.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shutdown_asked_at: Option<Time>,
}
