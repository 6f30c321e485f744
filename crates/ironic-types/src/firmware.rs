//! Firmware of a node.

use serde::{Deserialize, Serialize};

/// A firmware component of a node, as Ironic last read it from the machine.
///
/// See `ironic/api/controllers/v1/firmware.py` and "Bare Metal API reference, Node Firmware".
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FirmwareComponent {
    /// What it is the firmware of: `bios`, `bmc`, or a card such as `nic:1`.
    pub component: String,
    /// The version that it had when Ironic first read it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub initial_version: Option<String>,
    /// The version that it has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub current_version: Option<String>,
    /// The version that Ironic flashed last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_version_flashed: Option<String>,
    /// Who made it. Since 1.114.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vendor: Option<String>,
    /// Which model it is. Since 1.114.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// Its serial number. Since 1.114.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub serial_number: Option<String>,
    /// When Ironic first read it: ISO 8601, in UTC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created_at: Option<String>,
    /// When Ironic last saw it change: ISO 8601, in UTC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub updated_at: Option<String>,
}
