//! A node.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use jiff::Timestamp;
use serde_json::Value;

use super::{Event, Object};
use crate::clock::isoformat;
use crate::drivers::Interface;
use crate::machine::Job;
use crate::states::{Power, State};

/// A node, with what only the conductor knows. Several of its fields hold secrets, so it has no
/// `Debug`.
#[expect(
    clippy::struct_excessive_bools,
    clippy::struct_field_names,
    reason = "the fields are Ironic's"
)]
pub(crate) struct Node {
    pub(crate) uuid: String,
    pub(crate) created_at: Timestamp,
    pub(crate) updated_at: Option<Timestamp>,
    pub(crate) name: Option<String>,
    pub(crate) driver: String,
    pub(crate) interfaces: BTreeMap<Interface, String>,
    pub(crate) driver_info: Object,
    pub(crate) driver_internal_info: Object,
    pub(crate) properties: Object,
    pub(crate) extra: Object,
    pub(crate) instance_info: Object,
    pub(crate) network_data: Object,
    pub(crate) raid_config: Object,
    pub(crate) target_raid_config: Object,
    pub(crate) clean_step: Object,
    pub(crate) deploy_step: Object,
    pub(crate) service_step: Object,
    pub(crate) instance_uuid: Option<String>,
    pub(crate) instance_name: Option<String>,
    pub(crate) conductor_group: String,
    pub(crate) description: Option<String>,
    pub(crate) lessee: Option<String>,
    pub(crate) owner: Option<String>,
    pub(crate) parent_node: Option<String>,
    pub(crate) resource_class: Option<String>,
    pub(crate) shard: Option<String>,
    pub(crate) protected: bool,
    pub(crate) protected_reason: Option<String>,
    pub(crate) retired: bool,
    pub(crate) retired_reason: Option<String>,
    pub(crate) automated_clean: Option<bool>,
    pub(crate) console_enabled: bool,
    pub(crate) disable_power_off: bool,
    pub(crate) maintenance: bool,
    pub(crate) maintenance_reason: Option<String>,
    pub(crate) fault: Option<String>,
    pub(crate) state: State,
    pub(crate) target_state: Option<State>,
    pub(crate) provision_updated_at: Option<Timestamp>,
    pub(crate) power: Option<Power>,
    pub(crate) target_power: Option<Power>,
    pub(crate) last_error: Option<String>,
    pub(crate) boot_mode: Option<String>,
    pub(crate) secure_boot: Option<bool>,
    pub(crate) health: Option<String>,
    pub(crate) inspection_started_at: Option<Timestamp>,
    pub(crate) inspection_finished_at: Option<Timestamp>,
    pub(crate) traits: BTreeSet<String>,
    pub(crate) bios: BTreeMap<String, Value>,
    pub(crate) inventory: Option<Value>,
    pub(crate) history: Vec<Event>,
    pub(crate) ports: BTreeSet<u64>,
    pub(crate) connectors: BTreeSet<u64>,
    pub(crate) targets: BTreeSet<u64>,
    /// What the conductor does with it.
    pub(crate) job: Option<Job>,
    /// A lock that nothing explains: a fault that was asked for.
    pub(crate) lock: Option<Locked>,
    /// When a wait for a ramdisk ends.
    pub(crate) wait_until: Option<Duration>,
    /// How often in a row its power could not be read.
    pub(crate) power_failures: u32,
}

/// A lock of a conductor that does nothing else.
#[derive(Clone, Debug)]
pub(crate) struct Locked {
    pub(crate) host: String,
    pub(crate) until: Duration,
}

impl Node {
    pub(crate) fn new(uuid: String, driver: String, created_at: Timestamp) -> Self {
        Self {
            uuid,
            created_at,
            updated_at: None,
            name: None,
            driver,
            interfaces: BTreeMap::new(),
            driver_info: Object::new(),
            driver_internal_info: Object::new(),
            properties: Object::new(),
            extra: Object::new(),
            instance_info: Object::new(),
            network_data: Object::new(),
            raid_config: Object::new(),
            target_raid_config: Object::new(),
            clean_step: Object::new(),
            deploy_step: Object::new(),
            service_step: Object::new(),
            instance_uuid: None,
            instance_name: None,
            conductor_group: String::new(),
            description: None,
            lessee: None,
            owner: None,
            parent_node: None,
            resource_class: None,
            shard: None,
            protected: false,
            protected_reason: None,
            retired: false,
            retired_reason: None,
            automated_clean: None,
            console_enabled: false,
            disable_power_off: false,
            maintenance: false,
            maintenance_reason: None,
            fault: None,
            state: State::Enroll,
            target_state: None,
            provision_updated_at: None,
            power: None,
            target_power: None,
            last_error: None,
            boot_mode: None,
            secure_boot: None,
            health: None,
            inspection_started_at: None,
            inspection_finished_at: None,
            traits: BTreeSet::new(),
            bios: BTreeMap::new(),
            inventory: None,
            history: Vec::new(),
            ports: BTreeSet::new(),
            connectors: BTreeSet::new(),
            targets: BTreeSet::new(),
            job: None,
            lock: None,
            wait_until: None,
            power_failures: 0,
        }
    }

    /// Its interface of a kind.
    pub(crate) fn interface(&self, interface: Interface) -> &str {
        self.interfaces.get(&interface).map_or("", String::as_str)
    }

    /// A capability of `properties.capabilities`, written `name:value,name:value`.
    pub(crate) fn capability(&self, name: &str) -> Option<&str> {
        self.properties
            .get("capabilities")?
            .as_str()?
            .split(',')
            .filter_map(|pair| pair.split_once(':'))
            .filter(|(key, _)| key.trim() == name)
            .map(|(_, value)| value.trim())
            .next_back()
    }

    /// A field as it is stored, without any mask. `None` for fields that a node has not.
    pub(crate) fn field(&self, name: &str) -> Option<Value> {
        if let Some(interface) = Interface::of_field(name) {
            return Some(Value::from(self.interface(interface)));
        }
        self.object(name)
            .map(|object| Value::Object(object.clone()))
            .or_else(|| self.flag(name))
            .or_else(|| self.date(name))
            .or_else(|| self.text(name))
    }

    fn object(&self, name: &str) -> Option<&Object> {
        Some(match name {
            "driver_info" => &self.driver_info,
            "driver_internal_info" => &self.driver_internal_info,
            "properties" => &self.properties,
            "extra" => &self.extra,
            "instance_info" => &self.instance_info,
            "network_data" => &self.network_data,
            "raid_config" => &self.raid_config,
            "target_raid_config" => &self.target_raid_config,
            "clean_step" => &self.clean_step,
            "deploy_step" => &self.deploy_step,
            "service_step" => &self.service_step,
            _ => return None,
        })
    }

    fn flag(&self, name: &str) -> Option<Value> {
        Some(match name {
            "protected" => self.protected.into(),
            "retired" => self.retired.into(),
            "console_enabled" => self.console_enabled.into(),
            "disable_power_off" => self.disable_power_off.into(),
            "maintenance" => self.maintenance.into(),
            "automated_clean" => self.automated_clean.into(),
            "secure_boot" => self.secure_boot.into(),
            _ => return None,
        })
    }

    fn date(&self, name: &str) -> Option<Value> {
        let date = match name {
            "created_at" => Some(self.created_at),
            "updated_at" => self.updated_at,
            "provision_updated_at" => self.provision_updated_at,
            "inspection_started_at" => self.inspection_started_at,
            "inspection_finished_at" => self.inspection_finished_at,
            _ => return None,
        };
        Some(date.map(isoformat).into())
    }

    fn text(&self, name: &str) -> Option<Value> {
        let text = match name {
            "uuid" => Some(self.uuid.as_str()),
            "name" => self.name.as_deref(),
            "driver" => Some(self.driver.as_str()),
            "instance_uuid" => self.instance_uuid.as_deref(),
            "instance_name" => self.instance_name.as_deref(),
            "conductor_group" => Some(self.conductor_group.as_str()),
            "description" => self.description.as_deref(),
            "lessee" => self.lessee.as_deref(),
            "owner" => self.owner.as_deref(),
            "parent_node" => self.parent_node.as_deref(),
            "resource_class" => self.resource_class.as_deref(),
            "shard" => self.shard.as_deref(),
            "protected_reason" => self.protected_reason.as_deref(),
            "retired_reason" => self.retired_reason.as_deref(),
            "maintenance_reason" => self.maintenance_reason.as_deref(),
            "fault" => self.fault.as_deref(),
            "provision_state" => Some(self.state.as_str()),
            "target_provision_state" => self.target_state.map(State::as_str),
            "power_state" => self.power.map(Power::as_str),
            "target_power_state" => self.target_power.map(Power::as_str),
            "last_error" => self.last_error.as_deref(),
            "boot_mode" => self.boot_mode.as_deref(),
            "health" => self.health.as_deref(),
            "reservation" => self.locked_by(),
            "chassis_uuid" | "allocation_uuid" => None,
            "traits" => return Some(self.traits.iter().cloned().collect::<Vec<_>>().into()),
            _ => return None,
        };
        Some(text.into())
    }

    /// The conductor that works on it.
    pub(crate) fn locked_by(&self) -> Option<&str> {
        self.job
            .as_ref()
            .map(|job| job.host.as_str())
            .or_else(|| self.lock.as_ref().map(|lock| lock.host.as_str()))
    }
}
