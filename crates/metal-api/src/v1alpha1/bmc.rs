//! The board management controller and its credentials.

#![expect(
    unreachable_pub,
    reason = "kube's derive of the schema copies the struct into a function"
)]

mod rules;

use k8s_openapi::api::core::v1::SecretReference;
use kube::KubeSchema;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How to reach a host's board management controller.
#[derive(KubeSchema, Serialize, Deserialize, Clone, Debug, Default, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
#[x_kube(validation = rules::address_scheme(), validation = rules::address_host())]
pub struct BmcDetails {
    /// The BMC's URL, for example `redfish+https://192.0.2.10/redfish/v1/Systems/1`.
    /// Its scheme says which kind of BMC it is and how its machine boots: `ipmi`, `libvirt`,
    /// `redfish`, `ilo5-redfish`, `idrac-redfish`, `redfish-virtualmedia`, `ilo5-virtualmedia`,
    /// `idrac-virtualmedia` or `redfish-uefihttp`.
    /// `+http` or `+https`, the default, may follow those of Redfish.
    /// An address without a scheme is one for IPMI, whose query may be `privilegelevel=OPERATOR`.
    pub address: String,

    /// The name of the Secret, in the host's namespace, with the keys `username` and `password`.
    pub credentials_name: String,

    /// Accept any certificate that the BMC shows.
    /// The default is `false`.
    /// It is needed for self-signed certificates, and lets a man in the middle read the
    /// credentials.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub disable_certificate_verification: Option<bool>,
}

/// Which BMC credentials were used, and in which version.
#[derive(Serialize, Deserialize, JsonSchema, Clone, Debug, Default, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct CredentialsStatus {
    /// The Secret with the credentials.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-kubernetes-map-type" = "atomic"))]
    pub credentials: Option<SecretReference>,

    /// The resourceVersion of that Secret.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub credentials_version: Option<String>,
}
