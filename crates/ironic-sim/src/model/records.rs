//! What belongs to a node: ports, volume connectors and targets, events.

use jiff::Timestamp;

use super::{NodeKey, Object};

/// A network card.
pub(crate) struct Port {
    pub(crate) uuid: String,
    pub(crate) node: NodeKey,
    pub(crate) created_at: Timestamp,
    pub(crate) updated_at: Option<Timestamp>,
    /// In lower case.
    pub(crate) address: String,
    pub(crate) name: Option<String>,
    pub(crate) pxe_enabled: bool,
    pub(crate) is_smartnic: bool,
    pub(crate) available_for_dynamic_portgroup: bool,
    pub(crate) extra: Object,
    pub(crate) local_link_connection: Object,
    pub(crate) physical_network: Option<String>,
    pub(crate) description: Option<String>,
    pub(crate) vendor: Option<String>,
    pub(crate) category: Option<String>,
}

/// What identifies a node to a storage.
#[expect(clippy::struct_field_names, reason = "the fields are Ironic's")]
pub(crate) struct Connector {
    pub(crate) uuid: String,
    pub(crate) node: NodeKey,
    pub(crate) created_at: Timestamp,
    pub(crate) updated_at: Option<Timestamp>,
    /// `type`.
    pub(crate) kind: String,
    pub(crate) connector_id: String,
    pub(crate) extra: Object,
}

/// A volume of a node. Its properties hold secrets.
pub(crate) struct Target {
    pub(crate) uuid: String,
    pub(crate) node: NodeKey,
    pub(crate) created_at: Timestamp,
    pub(crate) updated_at: Option<Timestamp>,
    pub(crate) volume_type: String,
    pub(crate) volume_id: String,
    pub(crate) boot_index: i64,
    pub(crate) properties: Object,
    pub(crate) extra: Object,
}

/// Something that happened to a node: a line of its history.
#[expect(clippy::struct_field_names, reason = "the fields are Ironic's")]
pub(crate) struct Event {
    pub(crate) uuid: String,
    pub(crate) created_at: Timestamp,
    pub(crate) severity: &'static str,
    pub(crate) event_type: String,
    pub(crate) event: String,
    pub(crate) conductor: String,
    pub(crate) state: &'static str,
    pub(crate) target_state: Option<&'static str>,
    /// How long the node had been in that state, in seconds.
    pub(crate) duration: Option<i64>,
}
