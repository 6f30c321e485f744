//! The firmware settings that Metal3 keeps for compatibility.

#![expect(
    unreachable_pub,
    reason = "kube's derive of the schema copies the struct into a function"
)]
#![expect(clippy::struct_field_names, reason = "the names are Metal3's")]

mod rules;

use kube::KubeSchema;
use serde::{Deserialize, Serialize};

/// Settings of the host's firmware.
///
/// Deprecated: no driver supports them any more.
#[derive(KubeSchema, Serialize, Deserialize, Clone, Debug, Default, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
#[x_kube(validation = rules::unsupported())]
pub struct FirmwareConfig {
    /// Run each core as several logical processors.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("enum" = [true, false]))]
    pub simultaneous_multithreading_enabled: Option<bool>,

    /// Let a PCI Express device appear as several virtual ones.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("enum" = [true, false]))]
    pub sriov_enabled: Option<bool>,

    /// Support virtual machines in hardware.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("enum" = [true, false]))]
    pub virtualization_enabled: Option<bool>,
}
