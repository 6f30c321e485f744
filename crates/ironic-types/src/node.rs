//! A node: a machine, as Ironic sees it.

pub(crate) mod fields;

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use uuid::Uuid;

use crate::ids::NodeId;
use crate::power::PowerState;
use crate::provision::ProvisionState;
use crate::redact::{masked, or_default, without_args};
use crate::wire_enum::open_enum;

open_enum! {
    /// How a machine is, as its BMC says.
    ///
    /// See `ironic/common/health_states.py`.
    pub enum Health {
        /// Well.
        Ok = "OK",
        /// In need of attention.
        Warning = "Warning",
        /// In need of attention at once.
        Critical = "Critical",
    }
}

/// A node, as Ironic answers it.
///
/// Lists that ask for some fields leave out the others, so all but the UUID may be absent; what is
/// absent and what is `null` read alike.
/// Fields that this crate does not know are not kept: change a node by
/// [`Patch`](crate::Patch), never by sending one back.
/// Ironic writes `******` where it knows of a secret; `Debug` leaves out all values of
/// `driver_info` and `instance_info`, and the arguments of steps.
///
/// Not read are `driver_internal_info`, which is Ironic's own, and the links to sub-resources.
///
/// See `ironic/api/controllers/v1/node.py` and "Bare Metal API reference, Nodes".
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Node {
    /// Its UUID.
    pub uuid: NodeId,
    /// When it was created: ISO 8601, in UTC. Not where fields are asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created_at: Option<String>,
    /// When any field last changed: ISO 8601, in UTC. Not where fields are asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub updated_at: Option<String>,
    /// Its name, unique among all nodes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// What people say about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// What kind of machine it is, for whoever schedules.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resource_class: Option<String>,
    /// What it can do, for whoever schedules.
    #[serde(
        default,
        deserialize_with = "or_default",
        skip_serializing_if = "Vec::is_empty"
    )]
    pub traits: Vec<String>,
    /// The project that owns it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
    /// The project that may use it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lessee: Option<String>,
    /// The node that it is a part of, as a card is of its server.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent_node: Option<NodeId>,
    /// The shard that it is in, for clients that share the nodes among them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shard: Option<String>,
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
    /// What cleaning is at: a step's `interface`, `step` and `args`.
    #[serde(
        default,
        deserialize_with = "or_default",
        skip_serializing_if = "Map::is_empty"
    )]
    pub clean_step: Map<String, Value>,
    /// What the deployment is at.
    #[serde(
        default,
        deserialize_with = "or_default",
        skip_serializing_if = "Map::is_empty"
    )]
    pub deploy_step: Map<String, Value>,
    /// What servicing is at.
    #[serde(
        default,
        deserialize_with = "or_default",
        skip_serializing_if = "Map::is_empty"
    )]
    pub service_step: Map<String, Value>,
    /// Whether it is on, as Ironic last saw it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub power_state: Option<PowerState>,
    /// Where Ironic is taking its power; absent when no action is under way.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target_power_state: Option<PowerState>,
    /// Whether Ironic must not switch it off, because its power is not its own. Since 1.95.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub disable_power_off: Option<bool>,
    /// How it is, as its BMC says. Since 1.109.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub health: Option<Health>,
    /// What went wrong last. Ironic clears it when the next action starts, and at times sooner.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_error: Option<String>,
    /// The conductor that holds the node's lock.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reservation: Option<String>,
    /// The conductor that looks after it. Not in lists that ask for fields.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub conductor: Option<String>,
    /// The group whose conductors may look after it; empty for the group without a name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub conductor_group: Option<String>,
    /// Whether Ironic leaves it alone.
    #[serde(default, deserialize_with = "or_default")]
    pub maintenance: bool,
    /// Why Ironic leaves it alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub maintenance_reason: Option<String>,
    /// The kind of fault that Ironic set maintenance for by itself, such as `power failure`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fault: Option<String>,
    /// Whether it can't be undeployed, rebuilt or deleted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub protected: Option<bool>,
    /// Why it is protected.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub protected_reason: Option<String>,
    /// Whether it is not to be deployed again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retired: Option<bool>,
    /// Why it is retired.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retired_reason: Option<String>,
    /// The caller's own mark of what runs on it; unique among all nodes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instance_uuid: Option<Uuid>,
    /// What runs on it, for people. Since 1.104.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instance_name: Option<String>,
    /// The allocation that chose it. Not in lists that ask for fields.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub allocation_uuid: Option<Uuid>,
    /// The chassis that it is in. Not in lists that ask for fields.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub chassis_uuid: Option<Uuid>,
    /// Whether it is cleaned between deployments; absent means as Ironic is configured.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub automated_clean: Option<bool>,
    /// Whether the machine booted by `bios` or by `uefi`, where its driver can tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub boot_mode: Option<String>,
    /// Whether the machine booted securely, where its driver can tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secure_boot: Option<bool>,
    /// Whether its console is started.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub console_enabled: Option<bool>,
    /// When the last inspection began: ISO 8601, in UTC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub inspection_started_at: Option<String>,
    /// When the last inspection ended: ISO 8601, in UTC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub inspection_finished_at: Option<String>,
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
    /// The addresses that the ramdisk takes, in OpenStack's `network_data.json`.
    #[serde(
        default,
        deserialize_with = "or_default",
        skip_serializing_if = "Map::is_empty"
    )]
    pub network_data: Map<String, Value>,
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
}

impl fmt::Debug for Node {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // As JSON: the fields that are set, without the fifty that are not.
        let shown = Self {
            driver_info: masked(&self.driver_info),
            instance_info: masked(&self.instance_info),
            clean_step: without_args(&self.clean_step),
            deploy_step: without_args(&self.deploy_step),
            service_step: without_args(&self.service_step),
            ..self.clone()
        };
        let json = serde_json::to_string(&shown).map_err(|_| fmt::Error)?;
        write!(f, "Node {json}")
    }
}
