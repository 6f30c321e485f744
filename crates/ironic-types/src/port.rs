//! Ports: the network cards of a node.

pub(crate) mod fields;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use uuid::Uuid;

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
    /// When it was created: ISO 8601, in UTC. Not where fields are asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created_at: Option<String>,
    /// When any field last changed: ISO 8601, in UTC. Not where fields are asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub updated_at: Option<String>,
    /// The node it belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub node_uuid: Option<NodeId>,
    /// Its MAC address, in lower case; unique among all ports.
    pub address: String,
    /// Whether the machine may boot through it: Ironic prepares network boot for such ports only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pxe_enabled: Option<bool>,
    /// Its name, unique among all ports.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// What people say about it. Since 1.97.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// The port of the switch that it is plugged into.
    #[serde(
        default,
        deserialize_with = "or_default",
        skip_serializing_if = "Map::is_empty"
    )]
    pub local_link_connection: Map<String, Value>,
    /// The network that it is plugged into.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub physical_network: Option<String>,
    /// The port group that it is in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub portgroup_uuid: Option<Uuid>,
    /// Whether it is a card with a system of its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub is_smartnic: Option<bool>,
    /// Who made it. Since 1.100.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vendor: Option<String>,
    /// What kind of port it is, for whoever attaches networks. Since 1.101.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub category: Option<String>,
    /// Whether Ironic may put it into port groups of its own making. Since 1.111.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub available_for_dynamic_portgroup: Option<bool>,
    /// What Ironic's network interface keeps about it.
    #[serde(
        default,
        deserialize_with = "or_default",
        skip_serializing_if = "Map::is_empty"
    )]
    pub internal_info: Map<String, Value>,
    /// The caller's own notes.
    #[serde(
        default,
        deserialize_with = "or_default",
        skip_serializing_if = "Map::is_empty"
    )]
    pub extra: Map<String, Value>,
}

/// The body of [`CreatePort`](crate::calls::CreatePort).
///
/// What is `None` or empty is left to Ironic.
///
/// See `ironic/api/controllers/v1/port.py`, `PORT_SCHEMA`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct NewPort {
    /// Its UUID; Ironic makes one up if there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub uuid: Option<PortId>,
    /// The node it belongs to.
    pub node_uuid: NodeId,
    /// Its MAC address.
    pub address: String,
    /// Whether the machine may boot through it; Ironic takes `None` for yes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pxe_enabled: Option<bool>,
    /// Its name, unique among all ports.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// What people say about it, in at most 255 characters. Since 1.97.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// The port of the switch that it is plugged into: `switch_id`, `port_id` and the like.
    #[serde(skip_serializing_if = "Map::is_empty")]
    pub local_link_connection: Map<String, Value>,
    /// The network that it is plugged into, in at most 64 characters, and not empty.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub physical_network: Option<String>,
    /// The port group that it is in, which must be one of the same node.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub portgroup_uuid: Option<Uuid>,
    /// Whether it is a card with a system of its own. Ironic then wants `port_id` and `hostname` in
    /// `local_link_connection`, or refuses (400).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub is_smartnic: Option<bool>,
    /// Who made it, in at most 32 characters. Since 1.100.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vendor: Option<String>,
    /// What kind of port it is, for whoever attaches networks, in at most 80 characters. Since 1.101.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub category: Option<String>,
    /// Whether Ironic may put it into port groups of its own making. Since 1.111.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub available_for_dynamic_portgroup: Option<bool>,
    /// The caller's own notes.
    #[serde(skip_serializing_if = "Map::is_empty")]
    pub extra: Map<String, Value>,
}
