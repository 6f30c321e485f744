//! Ports: the network cards of a node.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::ids::{NodeId, PortId};
use crate::redact::or_default;

/// A port, as Ironic answers it.
///
/// A list without `detail` gives the UUID and the address only.
/// See `ironic/api/controllers/v1/port.py` and "Bare Metal API reference, Ports".
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Port {
    /// Its UUID.
    pub uuid: PortId,
    /// The node it belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub node_uuid: Option<NodeId>,
    /// Its MAC address, in lower case; unique among all ports.
    pub address: String,
    /// Whether the machine may boot through it: Ironic prepares network boot for such ports only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pxe_enabled: Option<bool>,
    /// The caller's own notes.
    #[serde(
        default,
        deserialize_with = "or_default",
        skip_serializing_if = "Map::is_empty"
    )]
    pub extra: Map<String, Value>,
}

/// The body of [`CreatePort`](crate::calls::CreatePort).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct NewPort {
    /// The node it belongs to.
    pub node_uuid: NodeId,
    /// Its MAC address.
    pub address: String,
    /// Whether the machine may boot through it; Ironic takes `None` for yes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pxe_enabled: Option<bool>,
}
