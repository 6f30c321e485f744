//! Volume connectors (who a node is to its storage) and volume targets (what it attaches).

use std::fmt;

use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::ids::{ConnectorId, NodeId, TargetId};
use crate::new_node::DriverInfo;
use crate::redact::{expose, masked, or_default};
use crate::wire_enum::open_enum;

open_enum! {
    /// What a connector's id is.
    ///
    /// Ironic's API takes any text here; its storage interfaces act on these.
    pub enum ConnectorType {
        /// The name of an iSCSI initiator.
        Iqn = "iqn",
        /// An IP address.
        Ip = "ip",
        /// A MAC address.
        Mac = "mac",
        /// The name of a Fibre Channel node.
        Wwnn = "wwnn",
        /// The name of a Fibre Channel port.
        Wwpn = "wwpn",
        /// The UUID of a port.
        Port = "port",
        /// The UUID of a port group.
        Portgroup = "portgroup",
    }
}

open_enum! {
    /// How a volume is attached.
    ///
    /// Ironic's API takes any text here; its boot interfaces act on these.
    pub enum VolumeType {
        /// By iSCSI.
        Iscsi = "iscsi",
        /// By Fibre Channel.
        FibreChannel = "fibre_channel",
    }
}

/// A volume connector, as Ironic answers it.
///
/// See `ironic/api/controllers/v1/volume_connector.py` and "Bare Metal API reference, Volume".
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VolumeConnector {
    /// Its UUID.
    pub uuid: ConnectorId,
    /// When it was created: ISO 8601, in UTC. In lists with `detail` only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created_at: Option<String>,
    /// When any field last changed: ISO 8601, in UTC. In lists with `detail` only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub updated_at: Option<String>,
    /// The node it belongs to.
    pub node_uuid: NodeId,
    /// What its id is.
    #[serde(rename = "type")]
    pub connector_type: ConnectorType,
    /// Its id, unique with its type among all nodes; for `iqn` the initiator's name.
    pub connector_id: String,
    /// The caller's own notes; in lists with `detail` only.
    #[serde(
        default,
        deserialize_with = "or_default",
        skip_serializing_if = "Map::is_empty"
    )]
    pub extra: Map<String, Value>,
}

/// The body of [`CreateConnector`](crate::calls::CreateConnector).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct NewVolumeConnector {
    /// The node it belongs to.
    pub node_uuid: NodeId,
    /// What its id is.
    #[serde(rename = "type")]
    pub connector_type: ConnectorType,
    /// Its id, unique with its type among all nodes.
    pub connector_id: String,
    /// The caller's own notes.
    #[serde(skip_serializing_if = "Map::is_empty")]
    pub extra: Map<String, Value>,
}

/// A volume target, as Ironic answers it.
///
/// Secrets in `properties` read as `******`: never write back what was read.
/// See `ironic/api/controllers/v1/volume_target.py` and "Bare Metal API reference, Volume".
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VolumeTarget {
    /// Its UUID.
    pub uuid: TargetId,
    /// When it was created: ISO 8601, in UTC. In lists with `detail` only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created_at: Option<String>,
    /// When any field last changed: ISO 8601, in UTC. In lists with `detail` only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub updated_at: Option<String>,
    /// The node it belongs to.
    pub node_uuid: NodeId,
    /// How the volume is attached.
    pub volume_type: VolumeType,
    /// The volume's id in its storage.
    pub volume_id: String,
    /// Its place among the node's volumes, unique for the node: 0 is what the node boots from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub boot_index: Option<i64>,
    /// How it is reached; in lists with `detail` only.
    #[serde(
        default,
        deserialize_with = "or_default",
        skip_serializing_if = "Map::is_empty"
    )]
    pub properties: Map<String, Value>,
    /// The caller's own notes; in lists with `detail` only.
    #[serde(
        default,
        deserialize_with = "or_default",
        skip_serializing_if = "Map::is_empty"
    )]
    pub extra: Map<String, Value>,
}

impl fmt::Debug for VolumeTarget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            uuid,
            created_at,
            updated_at,
            node_uuid,
            volume_type,
            volume_id,
            boot_index,
            properties,
            extra,
        } = self;
        // Ironic masks keys whose names it knows; a driver's own may hold a secret as well.
        f.debug_struct("VolumeTarget")
            .field("uuid", uuid)
            .field("created_at", created_at)
            .field("updated_at", updated_at)
            .field("node_uuid", node_uuid)
            .field("volume_type", volume_type)
            .field("volume_id", volume_id)
            .field("boot_index", boot_index)
            .field("properties", &masked(properties))
            .field("extra", extra)
            .finish()
    }
}

/// The body of [`CreateTarget`](crate::calls::CreateTarget).
#[derive(Clone, Debug, Serialize)]
pub struct NewVolumeTarget {
    /// Its UUID; Ironic makes one up if there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub uuid: Option<TargetId>,
    /// The node it belongs to.
    pub node_uuid: NodeId,
    /// How the volume is attached.
    pub volume_type: VolumeType,
    /// The volume's id in its storage.
    pub volume_id: String,
    /// Its place among the node's volumes: 0 is what the node boots from.
    pub boot_index: i64,
    /// How it is reached.
    pub properties: TargetProperties,
    /// The caller's own notes.
    #[serde(skip_serializing_if = "Map::is_empty")]
    pub extra: Map<String, Value>,
}

/// How a volume is reached. Ironic's API checks none of it.
///
/// `Debug` shows no secret; `Serialize` writes all in clear.
#[derive(Clone, Debug, Serialize)]
#[serde(untagged)]
pub enum TargetProperties {
    /// By iSCSI.
    Iscsi(IscsiTargetProperties),
    /// In another way: keys that the node's storage or boot interface knows. Empty for an interface
    /// that finds out by itself.
    Other(DriverInfo),
}

impl TargetProperties {
    /// The secrets in them.
    pub(crate) fn secrets(&self) -> Vec<&SecretString> {
        match self {
            Self::Iscsi(iscsi) => vec![&iscsi.auth_password],
            Self::Other(keys) => keys.secrets().collect(),
        }
    }
}

impl From<IscsiTargetProperties> for TargetProperties {
    fn from(iscsi: IscsiTargetProperties) -> Self {
        Self::Iscsi(iscsi)
    }
}

impl From<DriverInfo> for TargetProperties {
    fn from(keys: DriverInfo) -> Self {
        Self::Other(keys)
    }
}

/// How an iSCSI volume is reached.
///
/// Ironic's API checks none of this; `get_volume_pxe_options` in `ironic/common/pxe_utils.py` reads
/// it when the node is deployed. Of the lists `target_iqns` and `target_luns` it reads the first
/// only, for all portals, so that they are not here.
///
/// The keys of authentication are always sent: a further volume without `auth_username` fails the
/// deployment.
#[derive(Clone, Debug, Default, Serialize)]
pub struct IscsiTargetProperties {
    /// The target's name.
    pub target_iqn: String,
    /// The target's portal, `host:port`; left out if empty.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub target_portal: String,
    /// All portals of a target that has several, each `host:port`; left out if empty. Ironic reads
    /// these alone if there are any.
    ///
    /// The firmware takes the first that answers, and the machine's system learns of all of them in
    /// this order, by its iBFT.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub target_portals: Vec<String>,
    /// The logical unit. A JSON integer, for Ironic formats it as a number and fails on a text.
    pub target_lun: u32,
    /// `CHAP`, or empty for no authentication.
    pub auth_method: String,
    /// The CHAP name, or empty.
    pub auth_username: String,
    /// The CHAP secret, or empty.
    #[serde(serialize_with = "expose")]
    pub auth_password: SecretString,
}
