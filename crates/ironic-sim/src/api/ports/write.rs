//! Making and changing ports.

use serde_json::{Map, Value};

use super::super::args::{flag, mac, uuid};
use super::super::patch::Patch;
use super::super::schema::{
    self, FLAG, FLAG_OR_NULL, Field, OBJECT_OR_NULL, Schema, TEXT, TEXT_OR_NULL, field, limited,
};
use super::super::{Answer, Ctx, Error};
use super::{find, port, port_uuid, shown, since, value};
use crate::model::{NodeKey, Object, Port};
use crate::python;
use crate::states::State;
use crate::world::World;

const PORT: Schema = Schema {
    fields: &FIELDS,
    required: &["address"],
};

const FIELDS: [Field; 15] = [
    field("address", TEXT),
    field("extra", OBJECT_OR_NULL),
    field("is_smartnic", FLAG_OR_NULL),
    field("local_link_connection", OBJECT_OR_NULL),
    field("node_ident", TEXT),
    field("node_uuid", TEXT),
    limited("physical_network", TEXT_OR_NULL, 64),
    field("portgroup_uuid", TEXT_OR_NULL),
    field("pxe_enabled", FLAG_OR_NULL),
    field("uuid", TEXT_OR_NULL),
    field("name", TEXT_OR_NULL),
    limited("description", TEXT_OR_NULL, 255),
    limited("vendor", TEXT_OR_NULL, 32),
    limited("category", TEXT_OR_NULL, 80),
    field("available_for_dynamic_portgroup", FLAG),
];

/// What may be changed, in the order of Ironic's message.
const PATCHABLE: [&str; 14] = [
    "address",
    "extra",
    "is_smartnic",
    "local_link_connection",
    "node_ident",
    "node_uuid",
    "physical_network",
    "portgroup_uuid",
    "pxe_enabled",
    "name",
    "description",
    "vendor",
    "category",
    "available_for_dynamic_portgroup",
];

pub(super) fn create(world: &mut World, ctx: &Ctx<'_>) -> Result<Answer, Error> {
    let body = ctx.body()?;
    let body = PORT.check("port", &body)?;
    check_node_reference(body)?;
    check_values(body)?;
    let text = |name: &str| body.get(name).and_then(Value::as_str);
    if text("node_ident").is_some() && ctx.minor < 94 {
        return Err(Error::not_acceptable());
    }
    let ident = text("node_ident").or(text("node_uuid")).unwrap_or_default();
    let node = world
        .find_node(ident, ctx.minor)
        .map_err(|error| error.with_status(400))?;
    if body
        .keys()
        .any(|field| field != "node_ident" && since(field) > ctx.minor)
    {
        return Err(Error::not_acceptable());
    }
    if let Some(portgroup) = text("portgroup_uuid") {
        return Err(Error::invalid(format!(
            "Portgroup {portgroup} could not be found."
        )));
    }
    if text("physical_network") == Some("") {
        return Err(Error::invalid(
            "A non-empty value is required when setting physical_network",
        ));
    }
    let uuid = text("uuid")
        .filter(|uuid| !uuid.is_empty())
        .map(str::to_owned);
    let uuid = uuid.unwrap_or_else(|| world.new_uuid());
    let port = build(world, node, uuid, body)?;
    let key = world.store.add_port(port)?;
    let shown = shown(world, ctx, key)?;
    let location = format!("{}/v1/ports/{}", ctx.base, port_uuid(world, key));
    Ok(Answer::json(201, &shown)?.at(location))
}

/// A port names its node in one of two ways.
fn check_node_reference(body: &Map<String, Value>) -> Result<(), Error> {
    let shown = || python::repr(&Value::Object(body.clone()));
    match (
        body.contains_key("node_ident"),
        body.contains_key("node_uuid"),
    ) {
        (false, false) => Err(schema::error(
            "port",
            &format!(
                "{} is not valid under any of the given schemas. Possible root cause: 'node_ident' \
                 is a required property",
                shown()
            ),
        )),
        (true, true) => Err(schema::error(
            "port",
            &format!(
                "{} is valid under each of {{'required': ['node_uuid']}}, {{'required': \
                 ['node_ident']}}",
                shown()
            ),
        )),
        (true, false) | (false, true) => Ok(()),
    }
}

fn check_values(body: &Map<String, Value>) -> Result<(), Error> {
    let present = |name: &str| body.get(name).filter(|value| !value.is_null());
    if let Some(address) = present("address") {
        mac("address", address)?;
    }
    for name in ["node_uuid", "portgroup_uuid", "uuid"] {
        if let Some(value) = present(name) {
            uuid(name, value)?;
        }
    }
    for name in ["is_smartnic", "pxe_enabled"] {
        if let Some(value) = present(name) {
            flag(name, value)?;
        }
    }
    Ok(())
}

/// A port of what a body says, and of defaults.
fn build(
    world: &World,
    node: NodeKey,
    uuid: String,
    body: &Map<String, Value>,
) -> Result<Port, Error> {
    let present = |name: &str| body.get(name).filter(|value| !value.is_null());
    let text = |name: &str| present(name).and_then(Value::as_str).map(str::to_owned);
    let set =
        |name: &str, default: bool| present(name).map_or(Ok(default), |value| flag(name, value));
    let object = |name: &str| -> Object {
        present(name)
            .and_then(Value::as_object)
            .cloned()
            .unwrap_or_default()
    };
    let mut link = object("local_link_connection");
    if let Some(Value::String(switch)) = link.get_mut("switch_id") {
        *switch = switch.to_lowercase();
    }
    Ok(Port {
        uuid,
        node,
        created_at: world.date(),
        updated_at: None,
        address: text("address").unwrap_or_default().to_lowercase(),
        name: text("name"),
        pxe_enabled: set("pxe_enabled", true)?,
        is_smartnic: set("is_smartnic", false)?,
        available_for_dynamic_portgroup: set("available_for_dynamic_portgroup", true)?,
        extra: object("extra"),
        local_link_connection: link,
        physical_network: text("physical_network"),
        description: text("description"),
        vendor: text("vendor"),
        category: text("category"),
    })
}

pub(super) fn update(world: &mut World, ctx: &Ctx<'_>, ident: &str) -> Result<Answer, Error> {
    let body = ctx.body()?;
    ctx.query(&[])?;
    let patch = Patch::parse(&body)?;
    patch.allow(&PATCHABLE)?;
    let too_new = [
        "pxe_enabled",
        "local_link_connection",
        "portgroup_uuid",
        "physical_network",
        "is_smartnic",
    ]
    .into_iter()
    .any(|field| since(field) > ctx.minor && patch.touches(&format!("/{field}")));
    if too_new {
        return Err(Error::not_acceptable());
    }
    let key = find(world, ctx, ident)?;
    let old = port(world, key)?;
    let node = new_node(world, ctx, &patch, old.node)?;
    let document: Map<String, Value> = PATCHABLE
        .into_iter()
        .filter(|field| !matches!(*field, "node_ident"))
        .filter_map(|field| Some((field.to_owned(), value(world, old, field)?)))
        .collect();
    let mut document = patch.apply(document)?;
    let uuid = world.node(node)?.uuid.clone();
    document.insert("node_uuid".to_owned(), uuid.into());
    PORT.check("patch", &Value::Object(document.clone()))?;
    check_values(&document)?;
    for field in ["pxe_enabled", "is_smartnic"] {
        if document.get(field).is_none_or(Value::is_null) {
            return Err(Error::server(format!("Field `{field}' cannot be None")));
        }
    }
    let new = build(world, node, old.uuid.clone(), &document)?;
    check_change(world, ctx, old, &new)?;
    world.check_lock(node)?;
    let new = Port {
        created_at: old.created_at,
        updated_at: Some(world.date()),
        ..new
    };
    world.store.replace_port(key, new)?;
    Answer::ok(&shown(world, ctx, key)?)
}

fn new_node(world: &World, ctx: &Ctx<'_>, patch: &Patch, old: NodeKey) -> Result<NodeKey, Error> {
    let values = patch.values("/node_uuid")?;
    let Some(value) = values.first() else {
        return Ok(old);
    };
    value
        .as_str()
        .and_then(|ident| world.find_node(ident, ctx.minor).ok())
        .ok_or_else(|| {
            Error::invalid(format!(
                "Unable to apply the requested node_uuid '{}'. Requested value was invalid.",
                python::text(value)
            ))
        })
}

fn check_change(world: &World, ctx: &Ctx<'_>, old: &Port, new: &Port) -> Result<(), Error> {
    let node = world.node(new.node)?;
    if node.state == State::Inspecting && ctx.minor >= 39 {
        return Err(Error::conflict(format!(
            "Cannot update port \"{}\" on \"{}\" while it is in state \"inspecting\".",
            old.uuid, node.uuid
        )));
    }
    if new.physical_network.as_deref() == Some("") {
        return Err(Error::invalid(
            "A non-empty value is required when setting physical_network",
        ));
    }
    let is_used = node.state == State::Active || node.instance_uuid.is_some();
    if is_used && new.address != old.address && !node.maintenance {
        return Err(Error::conflict(format!(
            "Cannot update hardware address for port {} as node {} is active or has instance UUID \
             assigned",
            old.uuid, node.uuid
        )));
    }
    let connects = new.pxe_enabled != old.pxe_enabled
        || new.local_link_connection != old.local_link_connection
        || new.physical_network != old.physical_network;
    if connects && !(node.state.allows_connectivity() || node.maintenance) {
        return Err(Error::conflict(format!(
            "Port {} can not have any connectivity attributes (portgroup_id, pxe_enabled, \
             local_link_connection, physical_network) updated unless node {} is in a enroll, \
             inspecting, inspect wait, manageable state or in maintenance mode. The current state \
             is {}.",
            old.uuid, node.uuid, node.state
        )));
    }
    Ok(())
}
