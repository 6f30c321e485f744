//! A node, as Ironic shows it.

use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};
use serde_json::{Value, json};

use super::super::{Ctx, Error};
use crate::drivers::Interface;
use crate::mask;
use crate::model::Node;
use crate::states::State;
use crate::world::World;

/// The fields of a node, in Ironic's order.
pub(crate) const FIELDS: [&str; 65] = [
    "uuid",
    "created_at",
    "updated_at",
    "automated_clean",
    "bios_interface",
    "boot_interface",
    "boot_mode",
    "clean_step",
    "conductor_group",
    "console_enabled",
    "console_interface",
    "disable_power_off",
    "deploy_interface",
    "deploy_step",
    "description",
    "driver",
    "driver_info",
    "driver_internal_info",
    "extra",
    "fault",
    "firmware_interface",
    "health",
    "inspection_finished_at",
    "inspection_started_at",
    "inspect_interface",
    "instance_info",
    "instance_name",
    "instance_uuid",
    "last_error",
    "lessee",
    "maintenance",
    "maintenance_reason",
    "management_interface",
    "name",
    "network_data",
    "network_interface",
    "owner",
    "parent_node",
    "power_interface",
    "power_state",
    "properties",
    "protected",
    "protected_reason",
    "provision_state",
    "provision_updated_at",
    "raid_config",
    "raid_interface",
    "rescue_interface",
    "reservation",
    "resource_class",
    "retired",
    "retired_reason",
    "secure_boot",
    "service_step",
    "shard",
    "storage_interface",
    "target_power_state",
    "target_provision_state",
    "target_raid_config",
    "traits",
    "vendor_interface",
    "links",
    "conductor",
    "allocation_uuid",
    "chassis_uuid",
];

/// The lowest minor version that knows a field.
pub(crate) fn since(field: &str) -> u16 {
    if let Some(interface) = Interface::of_field(field) {
        return interface.since();
    }
    match field {
        "driver_internal_info" => 3,
        "name" => 5,
        "inspection_finished_at" | "inspection_started_at" => 6,
        "clean_step" => 7,
        "raid_config" | "target_raid_config" => 12,
        "resource_class" => 21,
        "traits" => 37,
        "fault" => 42,
        "deploy_step" => 44,
        "conductor_group" => 46,
        "automated_clean" => 47,
        "protected" | "protected_reason" => 48,
        "conductor" => 49,
        "owner" => 50,
        "description" => 51,
        "allocation_uuid" => 52,
        "retired" | "retired_reason" => 61,
        "lessee" => 65,
        "network_data" => 66,
        "boot_mode" | "secure_boot" => 75,
        "shard" => 82,
        "parent_node" => 83,
        "service_step" => 87,
        "disable_power_off" => 95,
        "instance_name" => 104,
        "health" => 109,
        _ => 1,
    }
}

/// Refuses fields that the version does not know.
pub(crate) fn check_fields(ctx: &Ctx<'_>, fields: Option<&[String]>) -> Result<(), Error> {
    let Some(fields) = fields else {
        return Ok(());
    };
    if ctx.minor < 8 || fields.iter().any(|field| since(field) > ctx.minor) {
        return Err(Error::not_acceptable());
    }
    Ok(())
}

/// A node, ready to be written.
pub(crate) struct Rendered<'a> {
    node: &'a Node,
    ctx: &'a Ctx<'a>,
    conductor: &'a str,
    fields: Option<&'a [String]>,
    /// Whether the conductor is shown to hold the node, which it does while it changes it.
    is_held: bool,
}

impl<'a> Rendered<'a> {
    pub(crate) fn new(
        world: &'a World,
        ctx: &'a Ctx<'a>,
        node: &'a Node,
        fields: Option<&'a [String]>,
    ) -> Self {
        Self {
            node,
            ctx,
            conductor: &world.settings.conductor,
            fields,
            is_held: false,
        }
    }

    /// The same, as the conductor sees it that just changed it.
    pub(super) fn held(self) -> Self {
        Self {
            is_held: true,
            ..self
        }
    }

    fn is_shown(&self, field: &str) -> bool {
        since(field) <= self.ctx.minor
            && self
                .fields
                .is_none_or(|fields| field == "links" || fields.iter().any(|asked| asked == field))
    }

    fn value(&self, field: &str) -> Value {
        let Self {
            node,
            ctx,
            conductor,
            ..
        } = self;
        match field {
            "driver_info" => Value::Object(mask::masked_driver_info(&node.driver_info)),
            "instance_info" => Value::Object(mask::masked_instance_info(&node.instance_info)),
            "driver_internal_info" => Value::Object(mask::masked(&node.driver_internal_info)),
            "provision_state" => state(ctx, node.state),
            "conductor" => Value::from(*conductor),
            "reservation" if self.is_held => Value::from(*conductor),
            "links" => ctx.links(&format!("nodes/{}", node.uuid)),
            other => node.field(other).unwrap_or_default(),
        }
    }
}

/// A state, by the name that it had in the version that is spoken.
pub(crate) fn state(ctx: &Ctx<'_>, state: State) -> Value {
    match state {
        State::Available if ctx.minor < 2 => Value::Null,
        State::InspectWait if ctx.minor < 39 => json!(State::Inspecting.as_str()),
        other => json!(other.as_str()),
    }
}

impl Serialize for Rendered<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        for field in FIELDS {
            if self.is_shown(field) {
                map.serialize_entry(field, &self.value(field))?;
            }
        }
        if self.fields.is_none() {
            let below = [
                ("ports", 1),
                ("states", 14),
                ("portgroups", 24),
                ("volume", 32),
            ];
            for (name, minor) in below {
                if self.ctx.minor >= minor {
                    let path = format!("nodes/{}/{name}", self.node.uuid);
                    map.serialize_entry(name, &self.ctx.links(&path))?;
                }
            }
        }
        map.end()
    }
}
