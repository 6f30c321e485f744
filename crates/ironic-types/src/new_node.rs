//! The body that creates a node.

use std::collections::BTreeMap;
use std::fmt;

use secrecy::{ExposeSecret, SecretString};
use serde::{Serialize, Serializer};
use serde_json::{Map, Value};
use uuid::Uuid;

use crate::ids::NodeId;

/// The body of [`CreateNode`](crate::calls::CreateNode).
///
/// What is `None` is left to Ironic: an interface becomes the first enabled one that the driver
/// supports, `automated_clean` follows Ironic's configuration.
///
/// See `ironic/api/controllers/v1/node.py`, `node_schema`. Not here are `boot_mode`,
/// `secure_boot` and `console_enabled`: they tell what the machine is like, and calls of their own
/// change it.
#[derive(Clone, Debug, Default, Serialize)]
pub struct NewNode {
    /// Its UUID; Ironic makes one up if there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub uuid: Option<NodeId>,
    /// Its name: unreserved characters of a URL (`A-Z a-z 0-9 . _ ~ -`), and no UUID.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// What people say about it, in at most 4096 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// What kind of machine it is, for whoever schedules.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resource_class: Option<String>,
    /// The project that owns it. Ironic refuses it (400) from callers that it takes for a project's, and
    /// without authentication it takes everyone for that: patch the node then.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
    /// The project that may use it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lessee: Option<String>,
    /// The node that it is a part of, as a card is of its server.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parent_node: Option<NodeId>,
    /// Its hardware type, such as `redfish`.
    pub driver: String,
    /// How its BMC is reached.
    #[serde(skip_serializing_if = "DriverInfo::is_empty")]
    pub driver_info: DriverInfo,
    /// What the machine is: `cpu_arch`, `capabilities` and the like.
    #[serde(skip_serializing_if = "Map::is_empty")]
    pub properties: Map<String, Value>,
    /// The instance that it is for, unique among all nodes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub instance_uuid: Option<Uuid>,
    /// The instance's name. Since 1.104.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub instance_name: Option<String>,
    /// What the instance is: `image_source` and the like.
    #[serde(skip_serializing_if = "DriverInfo::is_empty")]
    pub instance_info: DriverInfo,
    /// The caller's own notes.
    #[serde(skip_serializing_if = "Map::is_empty")]
    pub extra: Map<String, Value>,
    /// Whether it is cleaned between deployments.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub automated_clean: Option<bool>,
    /// Whether Ironic must not switch it off.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub disable_power_off: Option<bool>,
    /// The group whose conductors may look after it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub conductor_group: Option<String>,
    /// The shard that it is in, for whoever shares the nodes out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shard: Option<String>,
    /// The chassis that it is in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub chassis_uuid: Option<Uuid>,
    /// Whether Ironic must leave it alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub maintenance: Option<bool>,
    /// Whether it is kept from further deployments.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retired: Option<bool>,
    /// Why it is, for people.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retired_reason: Option<String>,
    /// The addresses that the ramdisk takes, in OpenStack's `network_data.json`.
    #[serde(skip_serializing_if = "Map::is_empty")]
    pub network_data: Map<String, Value>,
    /// The BIOS interface.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bios_interface: Option<String>,
    /// The boot interface.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub boot_interface: Option<String>,
    /// The console interface.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub console_interface: Option<String>,
    /// The deploy interface.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deploy_interface: Option<String>,
    /// The firmware interface.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub firmware_interface: Option<String>,
    /// The inspect interface.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub inspect_interface: Option<String>,
    /// The management interface.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub management_interface: Option<String>,
    /// The network interface.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub network_interface: Option<String>,
    /// The power interface.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub power_interface: Option<String>,
    /// The RAID interface.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub raid_interface: Option<String>,
    /// The rescue interface.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rescue_interface: Option<String>,
    /// The storage interface.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub storage_interface: Option<String>,
    /// The vendor interface.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vendor_interface: Option<String>,
}

/// Keys and values, some of them secret: how a BMC is reached, by the keys of its driver such as
/// `redfish_address`, and other objects whose keys are not Ironic's own.
///
/// `Debug` shows no secret; `Serialize` writes all in clear.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(transparent)]
pub struct DriverInfo(pub BTreeMap<String, DriverInfoValue>);

impl DriverInfo {
    /// Nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// Whether there is nothing in it.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Sets a key, and replaces what it had.
    pub fn insert(&mut self, key: impl Into<String>, value: impl Into<DriverInfoValue>) {
        self.0.insert(key.into(), value.into());
    }

    /// With a key set.
    #[must_use]
    pub fn with(mut self, key: impl Into<String>, value: impl Into<DriverInfoValue>) -> Self {
        self.insert(key, value);
        self
    }

    /// The secrets in it.
    pub(crate) fn secrets(&self) -> impl Iterator<Item = &SecretString> {
        self.0.values().filter_map(|value| match value {
            DriverInfoValue::Secret(secret) => Some(secret),
            DriverInfoValue::Text(_) | DriverInfoValue::Bool(_) | DriverInfoValue::Integer(_) => {
                None
            }
        })
    }
}

impl<K: Into<String>, V: Into<DriverInfoValue>> FromIterator<(K, V)> for DriverInfo {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(pairs: I) -> Self {
        Self(
            pairs
                .into_iter()
                .map(|(key, value)| (key.into(), value.into()))
                .collect(),
        )
    }
}

/// One value of a [`DriverInfo`].
#[derive(Clone)]
pub enum DriverInfoValue {
    /// A text that anyone may see.
    Text(String),
    /// A text that nobody may see.
    Secret(SecretString),
    /// A flag, such as `redfish_verify_ca`.
    Bool(bool),
    /// A number, such as `ipmi_port`.
    Integer(i64),
}

impl fmt::Debug for DriverInfoValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => text.fmt(f),
            Self::Secret(_) => f.write_str("[REDACTED]"),
            Self::Bool(flag) => flag.fmt(f),
            Self::Integer(number) => number.fmt(f),
        }
    }
}

impl Serialize for DriverInfoValue {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Text(text) => serializer.serialize_str(text),
            Self::Secret(secret) => serializer.serialize_str(secret.expose_secret()),
            Self::Bool(flag) => serializer.serialize_bool(*flag),
            Self::Integer(number) => serializer.serialize_i64(*number),
        }
    }
}

impl From<&str> for DriverInfoValue {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for DriverInfoValue {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<SecretString> for DriverInfoValue {
    fn from(secret: SecretString) -> Self {
        Self::Secret(secret)
    }
}

impl From<bool> for DriverInfoValue {
    fn from(flag: bool) -> Self {
        Self::Bool(flag)
    }
}

impl From<i64> for DriverInfoValue {
    fn from(number: i64) -> Self {
        Self::Integer(number)
    }
}
