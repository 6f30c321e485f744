//! The firmware settings that Metal3 keeps for compatibility.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Settings of the host's firmware.
///
/// Deprecated: no driver supports them any more.
#[derive(Serialize, Deserialize, JsonSchema, Clone, Debug, Default, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
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
