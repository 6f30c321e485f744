//! Creating a node.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::super::args::{flag, uuid};
use super::super::schema::{FLAG_OR_NULL, Field, OBJECT_OR_NULL, Schema, TEXT, TEXT_OR_NULL};
use super::super::schema::{field, limited};
use super::super::{Answer, Ctx, Error};
use super::{Rendered, check_driver, check_name, since};
use crate::drivers::Interface;
use crate::model::{Node, Object};
use crate::states::State;
use crate::world::World;

/// What a node may be created with, and nearly what may be changed.
pub(super) const FIELDS: [Field; 38] = [
    field("automated_clean", FLAG_OR_NULL),
    field("bios_interface", TEXT_OR_NULL),
    field("boot_interface", TEXT_OR_NULL),
    field("boot_mode", TEXT_OR_NULL),
    field("chassis_uuid", TEXT_OR_NULL),
    field("conductor_group", TEXT_OR_NULL),
    field("console_enabled", FLAG_OR_NULL),
    field("console_interface", TEXT_OR_NULL),
    field("deploy_interface", TEXT_OR_NULL),
    limited("description", TEXT_OR_NULL, 4096),
    field("disable_power_off", FLAG_OR_NULL),
    field("driver", TEXT),
    field("driver_info", OBJECT_OR_NULL),
    field("extra", OBJECT_OR_NULL),
    field("firmware_interface", TEXT_OR_NULL),
    field("inspect_interface", TEXT_OR_NULL),
    field("instance_info", OBJECT_OR_NULL),
    limited("instance_name", TEXT_OR_NULL, 255),
    field("instance_uuid", TEXT_OR_NULL),
    field("lessee", TEXT_OR_NULL),
    field("maintenance", FLAG_OR_NULL),
    field("management_interface", TEXT_OR_NULL),
    field("name", TEXT_OR_NULL),
    field("network_data", OBJECT_OR_NULL),
    field("network_interface", TEXT_OR_NULL),
    field("owner", TEXT_OR_NULL),
    limited("parent_node", TEXT_OR_NULL, 36),
    field("power_interface", TEXT_OR_NULL),
    field("properties", OBJECT_OR_NULL),
    field("raid_interface", TEXT_OR_NULL),
    field("rescue_interface", TEXT_OR_NULL),
    limited("resource_class", TEXT_OR_NULL, 80),
    field("retired", FLAG_OR_NULL),
    field("retired_reason", TEXT_OR_NULL),
    field("secure_boot", FLAG_OR_NULL),
    field("shard", TEXT_OR_NULL),
    field("storage_interface", TEXT_OR_NULL),
    field("vendor_interface", TEXT_OR_NULL),
];

/// The same, and what a client may only say when it creates.
const CREATE: Schema = Schema {
    fields: &FIELDS_AND_UUID,
    required: &["driver"],
};

const FIELDS_AND_UUID: [Field; 39] = {
    let mut fields = [const { field("uuid", TEXT_OR_NULL) }; 39];
    let mut index = 0;
    while index < FIELDS.len() {
        let Field { name, kinds, max } = FIELDS[index];
        fields[index] = Field { name, kinds, max };
        index += 1;
    }
    fields
};

/// What is a flag, by whatever name.
pub(super) const FLAGS: [&str; 6] = [
    "automated_clean",
    "console_enabled",
    "disable_power_off",
    "protected",
    "maintenance",
    "retired",
];

/// What is a UUID.
pub(super) const UUIDS: [&str; 3] = ["chassis_uuid", "instance_uuid", "uuid"];

pub(super) fn create(world: &mut World, ctx: &Ctx<'_>) -> Result<Answer, Error> {
    let body = ctx.body()?;
    let body = CREATE.check("node", &body)?;
    check_values(body)?;
    if body.get("properties").is_some_and(Value::is_null) {
        return Err(Error::server("'NoneType' object has no attribute 'get'"));
    }
    reject_newer(ctx, body)?;
    let text = |name: &str| body.get(name).and_then(Value::as_str).map(str::to_owned);
    if let Some(name) = text("name") {
        check_name(ctx, &name, "Cannot create node with invalid name ")?;
    }
    if let Some(chassis) = text("chassis_uuid") {
        return Err(Error::invalid(format!(
            "Chassis {chassis} could not be found."
        )));
    }
    let parent = parent(world, ctx, text("parent_node").as_deref())?;
    let driver = text("driver").unwrap_or_default();
    let group = text("conductor_group").unwrap_or_default();
    check_driver(world, &driver, &group)?;
    let uuid = text("uuid").filter(|uuid| !uuid.is_empty());
    let uuid = uuid.unwrap_or_else(|| world.new_uuid());
    let mut node = Node::new(uuid, driver, world.date());
    node.name = text("name");
    node.parent_node = parent;
    node.conductor_group = group;
    fill(&mut node, body)?;
    node.interfaces = interfaces(world, &node.driver, body)?;
    if ctx.minor < 11 {
        node.state = State::Available;
    }
    let key = world.store.add_node(node)?;
    let node = world.node(key)?;
    let location = format!("{}/v1/nodes/{}", ctx.base, node.uuid);
    Ok(Answer::json(201, &Rendered::new(world, ctx, node, None))?.at(location))
}

/// Checks what the schema does not.
pub(super) fn check_values(body: &Map<String, Value>) -> Result<(), Error> {
    let present = |name: &str| body.get(name).filter(|value| !value.is_null());
    for name in FLAGS {
        if let Some(value) = present(name) {
            flag(name, value)?;
        }
    }
    for name in UUIDS {
        if let Some(value) = present(name) {
            uuid(name, value)?;
        }
    }
    Ok(())
}

/// Refuses fields that the version does not know.
fn reject_newer(ctx: &Ctx<'_>, body: &Map<String, Value>) -> Result<(), Error> {
    let is_newer = |(name, value): (&String, &Value)| {
        let is_empty = value.is_null() || (name == "conductor_group" && value == "");
        !is_empty && since(name) > ctx.minor
    };
    if body.iter().any(is_newer) {
        return Err(Error::not_acceptable());
    }
    Ok(())
}

/// The node that a node is a part of.
pub(super) fn parent(
    world: &World,
    ctx: &Ctx<'_>,
    ident: Option<&str>,
) -> Result<Option<String>, Error> {
    let Some(ident) = ident.filter(|ident| !ident.is_empty()) else {
        return Ok(None);
    };
    let found = world
        .find_node(ident, ctx.minor)
        .and_then(|key| world.node(key));
    match found {
        Ok(node) => Ok(Some(node.uuid.clone())),
        Err(_) => Err(Error::invalid(format!(
            "Unable to apply the requested parent_node '{ident}'. Requested value was invalid."
        ))),
    }
}

/// The interfaces that are asked for, and the defaults of those that are not.
pub(super) fn interfaces(
    world: &World,
    driver: &str,
    body: &Map<String, Value>,
) -> Result<BTreeMap<Interface, String>, Error> {
    let mut chosen = BTreeMap::new();
    for interface in Interface::ALL {
        let field = format!("{}_interface", interface.as_str());
        let enabled = &world.settings.interfaces;
        let name = match body.get(&field).and_then(Value::as_str) {
            Some(name) => {
                enabled.check(driver, interface, name)?;
                name.to_owned()
            }
            None => enabled.default_of(driver, interface)?,
        };
        chosen.insert(interface, name);
    }
    Ok(chosen)
}

/// Takes over what a body says, but for what needs more thought.
pub(super) fn fill(node: &mut Node, body: &Map<String, Value>) -> Result<(), Error> {
    let text = |name: &str| body.get(name).and_then(Value::as_str).map(str::to_owned);
    let object = |name: &str| -> Object {
        body.get(name)
            .and_then(Value::as_object)
            .cloned()
            .unwrap_or_default()
    };
    let set = |name: &str| -> Result<Option<bool>, Error> {
        body.get(name)
            .filter(|value| !value.is_null())
            .map(|value| flag(name, value))
            .transpose()
    };
    node.driver_info = object("driver_info");
    node.properties = object("properties");
    node.extra = object("extra");
    node.instance_info = object("instance_info");
    node.network_data = object("network_data");
    node.instance_uuid = text("instance_uuid");
    node.instance_name = text("instance_name");
    node.description = text("description");
    node.lessee = text("lessee");
    node.owner = text("owner");
    node.resource_class = text("resource_class");
    node.shard = text("shard");
    node.retired = set("retired")?.unwrap_or(false);
    node.retired_reason = text("retired_reason");
    node.automated_clean = set("automated_clean")?;
    node.maintenance = set("maintenance")?.unwrap_or(false);
    node.disable_power_off = set("disable_power_off")?.unwrap_or(false);
    Ok(())
}
