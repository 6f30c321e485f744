//! The states of a node, on their own.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::power::PowerState;
use crate::provision::ProvisionState;
use crate::redact::or_default;

/// The answer to [`GetStates`](crate::calls::GetStates): some of the fields of a
/// [`Node`](crate::Node).
///
/// See `ironic/api/controllers/v1/node.py`, `node_states_convert`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct NodeStates {
    /// Where the node is in its life.
    pub provision_state: Option<ProvisionState>,
    /// Where Ironic is taking it; absent in states that last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target_provision_state: Option<ProvisionState>,
    /// When the provision state last changed: ISO 8601, in UTC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provision_updated_at: Option<String>,
    /// Whether it is on, as Ironic last saw it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub power_state: Option<PowerState>,
    /// Where Ironic is taking its power; absent when no action is under way.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target_power_state: Option<PowerState>,
    /// What went wrong last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_error: Option<String>,
    /// Whether its console is started.
    #[serde(default)]
    pub console_enabled: bool,
    /// Whether the machine booted by `bios` or by `uefi`, where its driver can tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub boot_mode: Option<String>,
    /// Whether the machine booted securely, where its driver can tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secure_boot: Option<bool>,
    /// The RAID configuration that it has, as Ironic last saw it.
    #[serde(
        default,
        deserialize_with = "or_default",
        skip_serializing_if = "Map::is_empty"
    )]
    pub raid_config: Map<String, Value>,
    /// The RAID configuration that it is to have.
    #[serde(
        default,
        deserialize_with = "or_default",
        skip_serializing_if = "Map::is_empty"
    )]
    pub target_raid_config: Map<String, Value>,
}
