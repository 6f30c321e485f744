//! A node: a machine, as Ironic sees it.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use uuid::Uuid;

use crate::ids::NodeId;
use crate::power::PowerState;
use crate::provision::ProvisionState;
use crate::redact::{masked, or_default};

/// A node, as Ironic answers it.
///
/// Lists that ask for some fields leave out the others, so all but the UUID may be absent; what is
/// absent and what is `null` read alike.
/// Fields that this crate does not know are not kept: change a node by
/// [`Patch`](crate::Patch), never by sending one back.
/// Ironic writes `******` where a secret is; `Debug` leaves out all values of `driver_info` and
/// `instance_info` nevertheless.
///
/// See `ironic/api/controllers/v1/node.py` and "Bare Metal API reference, Nodes".
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Node {
    /// Its UUID.
    pub uuid: NodeId,
    /// Its name, unique among all nodes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Its hardware type, such as `redfish`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub driver: Option<String>,
    /// Where it is in its life.
    #[serde(default, skip_serializing_if = "Option::is_none")]
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
    /// What went wrong last. Ironic clears it when the next action starts, and at times sooner.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_error: Option<String>,
    /// The conductor that holds the node's lock.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reservation: Option<String>,
    /// Whether Ironic leaves it alone.
    #[serde(default, deserialize_with = "or_default")]
    pub maintenance: bool,
    /// Why Ironic leaves it alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub maintenance_reason: Option<String>,
    /// The kind of fault that Ironic set maintenance for by itself, such as `power failure`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fault: Option<String>,
    /// The caller's own mark of what runs on it; unique among all nodes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instance_uuid: Option<Uuid>,
    /// Whether it is cleaned between deployments; absent means as Ironic is configured.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub automated_clean: Option<bool>,
    /// Whether the machine booted by `bios` or by `uefi`, where its driver can tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub boot_mode: Option<String>,
    /// Whether the machine booted securely, where its driver can tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secure_boot: Option<bool>,
    /// What the machine is: `cpu_arch`, `capabilities` and the like.
    #[serde(
        default,
        deserialize_with = "or_default",
        skip_serializing_if = "Map::is_empty"
    )]
    pub properties: Map<String, Value>,
    /// How its BMC is reached, secrets masked.
    #[serde(
        default,
        deserialize_with = "or_default",
        skip_serializing_if = "Map::is_empty"
    )]
    pub driver_info: Map<String, Value>,
    /// What is to be deployed, secrets masked.
    #[serde(
        default,
        deserialize_with = "or_default",
        skip_serializing_if = "Map::is_empty"
    )]
    pub instance_info: Map<String, Value>,
    /// The caller's own notes.
    #[serde(
        default,
        deserialize_with = "or_default",
        skip_serializing_if = "Map::is_empty"
    )]
    pub extra: Map<String, Value>,
    /// The BIOS interface.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bios_interface: Option<String>,
    /// The boot interface, such as `ipxe`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub boot_interface: Option<String>,
    /// The console interface.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub console_interface: Option<String>,
    /// The deploy interface, such as `direct`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deploy_interface: Option<String>,
    /// The firmware interface.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub firmware_interface: Option<String>,
    /// The inspect interface, such as `no-inspect`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub inspect_interface: Option<String>,
    /// The management interface.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub management_interface: Option<String>,
    /// The network interface, such as `noop`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub network_interface: Option<String>,
    /// The power interface.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub power_interface: Option<String>,
    /// The RAID interface.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub raid_interface: Option<String>,
    /// The rescue interface.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rescue_interface: Option<String>,
    /// The storage interface: `noop`, `external` or `cinder`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub storage_interface: Option<String>,
    /// The vendor interface.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vendor_interface: Option<String>,
    /// When any field last changed: ISO 8601, in UTC. Not in lists that ask for fields.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub updated_at: Option<String>,
}

impl Node {
    /// The fields of this type, for `fields=` in lists: Ironic's own choice for lists is six.
    ///
    /// All but `updated_at`, which Ironic refuses to be asked for.
    /// The youngest of them came with 1.86, so all may be asked for at [`FLOOR`](crate::FLOOR).
    pub const FIELDS: &'static [&'static str] = &[
        "uuid",
        "name",
        "driver",
        "provision_state",
        "target_provision_state",
        "provision_updated_at",
        "power_state",
        "target_power_state",
        "last_error",
        "reservation",
        "maintenance",
        "maintenance_reason",
        "fault",
        "instance_uuid",
        "automated_clean",
        "boot_mode",
        "secure_boot",
        "properties",
        "driver_info",
        "instance_info",
        "extra",
        "bios_interface",
        "boot_interface",
        "console_interface",
        "deploy_interface",
        "firmware_interface",
        "inspect_interface",
        "management_interface",
        "network_interface",
        "power_interface",
        "raid_interface",
        "rescue_interface",
        "storage_interface",
        "vendor_interface",
    ];
}

impl fmt::Debug for Node {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // As JSON: the fields that are set, without the thirty that are not.
        let shown = Self {
            driver_info: masked(&self.driver_info),
            instance_info: masked(&self.instance_info),
            ..self.clone()
        };
        let json = serde_json::to_string(&shown).map_err(|_| fmt::Error)?;
        write!(f, "Node {json}")
    }
}
