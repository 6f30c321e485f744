//! Ports (`api/controllers/v1/port.py`).

use serde_json::{Map, Value, json};

use super::args::{flag, mac, uuid};
use super::checks::is_uuid_like;
use super::paging::{PAGING, Page, Paging, Shown, fields_of_list};
use super::patch::Patch;
use super::route::Route;
use super::schema::{self, FLAG, FLAG_OR_NULL, Field, OBJECT_OR_NULL, Schema, TEXT, TEXT_OR_NULL};
use super::schema::{field, limited};
use super::{Answer, Ctx, Error};
use crate::clock::isoformat;
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

/// Fields that ports can't be sorted by.
const UNSORTABLE: [&str; 3] = ["extra", "internal_info", "local_link_connection"];

/// The lowest minor version that knows a field.
fn since(field: &str) -> u16 {
    match field {
        "internal_info" => 18,
        "pxe_enabled" | "local_link_connection" => 19,
        "portgroup_uuid" => 24,
        "physical_network" => 34,
        "is_smartnic" => 53,
        "name" => 88,
        "node_ident" => 94,
        "description" => 97,
        "vendor" => 100,
        "category" => 101,
        "available_for_dynamic_portgroup" => 111,
        _ => 1,
    }
}

pub(crate) fn answer(world: &mut World, ctx: &Ctx<'_>, route: &Route<'_>) -> Result<Answer, Error> {
    let method = ctx.request.method.as_str();
    match (method, *route) {
        ("GET", Route::Ports { node, is_detail }) => list(world, ctx, node, is_detail),
        (
            "POST",
            Route::Ports {
                node: None,
                is_detail: false,
            },
        ) => create(world, ctx),
        ("GET", Route::Port { node: None, ident }) => {
            let args = ctx.query(&["fields"])?;
            let key = find(world, ctx, ident)?;
            let fields = args.list("fields")?;
            check_fields(ctx, fields.as_deref())?;
            let shown = shown(world, ctx, key)?;
            shown.check(fields.as_deref())?;
            Answer::ok(&shown.only(fields.as_deref()))
        }
        ("PATCH", Route::Port { node: None, ident }) => update(world, ctx, ident),
        ("DELETE", Route::Port { node: None, ident }) => {
            let key = find_by_uuid(world, ident)?;
            let node = port(world, key)?.node;
            world.check_lock(node)?;
            world.store.remove_port(key);
            Ok(Answer::empty(204))
        }
        ("GET" | "POST" | "PATCH" | "DELETE", Route::Ports { .. } | Route::Port { .. }) => {
            Err(Error::invalid("Malformed request URI."))
        }
        _ => Err(Error::no_method()),
    }
}

fn port(world: &World, key: u64) -> Result<&Port, Error> {
    world
        .store
        .ports
        .get(&key)
        .ok_or_else(|| Error::not_found("Port could not be found."))
}

fn find(world: &World, ctx: &Ctx<'_>, ident: &str) -> Result<u64, Error> {
    let missing = || Error::not_found(format!("Port {ident} could not be found."));
    if is_uuid_like(ident) {
        return world.store.port_by_uuid(ident).ok_or_else(missing);
    }
    if !super::checks::is_logical_name(ident) {
        return Err(Error::invalid(format!(
            "Expected UUID or name for port_ident: {ident}"
        )));
    }
    let by_name = (ctx.minor >= 88)
        .then(|| world.store.port_by_name(ident))
        .flatten();
    by_name.ok_or_else(missing)
}

fn find_by_uuid(world: &World, ident: &str) -> Result<u64, Error> {
    uuid("port_uuid", &ident.into())?;
    world
        .store
        .port_by_uuid(ident)
        .ok_or_else(|| Error::not_found(format!("Port {ident} could not be found.")))
}

fn check_fields(ctx: &Ctx<'_>, fields: Option<&[String]>) -> Result<(), Error> {
    let Some(fields) = fields else {
        return Ok(());
    };
    if ctx.minor < 8 || fields.iter().any(|field| since(field) > ctx.minor) {
        return Err(Error::not_acceptable());
    }
    Ok(())
}

fn value(world: &World, port: &Port, field: &str) -> Option<Value> {
    let node = world.store.nodes.get(&port.node).map(|node| &node.uuid);
    Some(match field {
        "uuid" => json!(port.uuid),
        "created_at" => json!(isoformat(port.created_at)),
        "updated_at" => json!(port.updated_at.map(isoformat)),
        "address" => json!(port.address),
        "extra" => json!(port.extra),
        "internal_info" => json!({}),
        "is_smartnic" => json!(port.is_smartnic),
        "local_link_connection" => json!(port.local_link_connection),
        "physical_network" => json!(port.physical_network),
        "pxe_enabled" => json!(port.pxe_enabled),
        "node_uuid" => json!(node),
        "name" => json!(port.name),
        "description" => json!(port.description),
        "vendor" => json!(port.vendor),
        "category" => json!(port.category),
        "available_for_dynamic_portgroup" => json!(port.available_for_dynamic_portgroup),
        "portgroup_uuid" => Value::Null,
        _ => return None,
    })
}

/// The fields of a port, in Ironic's order.
const SHOWN: [&str; 16] = [
    "uuid",
    "created_at",
    "updated_at",
    "address",
    "extra",
    "internal_info",
    "is_smartnic",
    "local_link_connection",
    "physical_network",
    "pxe_enabled",
    "node_uuid",
    "name",
    "description",
    "vendor",
    "category",
    "available_for_dynamic_portgroup",
];

fn shown(world: &World, ctx: &Ctx<'_>, key: u64) -> Result<Shown, Error> {
    let port = port(world, key)?;
    let mut fields: Vec<(&'static str, Value)> = SHOWN
        .into_iter()
        .filter(|field| since(field) <= ctx.minor)
        .filter_map(|field| Some((field, value(world, port, field)?)))
        .collect();
    fields.push(("links", ctx.links(&format!("ports/{}", port.uuid))));
    if ctx.minor >= 24 {
        fields.push(("portgroup_uuid", Value::Null));
    }
    Ok(Shown(fields))
}

fn list(
    world: &World,
    ctx: &Ctx<'_>,
    parent: Option<&str>,
    is_detail: bool,
) -> Result<Answer, Error> {
    let mut allowed: Vec<&str> = PAGING.to_vec();
    allowed.extend([
        "node",
        "node_uuid",
        "address",
        "portgroup",
        "shard",
        "description_contains",
        "conductor_groups",
    ]);
    if !is_detail {
        allowed.extend(["fields", "detail"]);
    }
    let args = ctx.query(&allowed)?;
    let paging = Paging::of(&args, world.settings.max_limit)?;
    let asked = args.list("fields")?;
    check_fields(ctx, asked.as_deref())?;
    let address = args.mac("address")?;
    let detail = args.flag("detail")?;
    let fields = if is_detail {
        None
    } else {
        fields_of_list(ctx, asked, detail, &["uuid", "address"])?
    };
    let is_column = SHOWN.contains(&paging.sort_key.as_str());
    paging.check_key(&UNSORTABLE, is_column)?;
    let node = args.uuid("node_uuid")?.or(args.uuid_or_name("node")?);
    // Below a node, Ironic finds nodes by their UUID only.
    if let Some(parent) = parent.filter(|parent| !is_uuid_like(parent)) {
        let _ = parent;
        return Err(Error::not_found("Portgroup None could not be found."));
    }
    let node = parent.or(node);
    let marker = match paging.marker.as_deref() {
        Some(marker) => Some(find_by_uuid(world, marker)?),
        None => None,
    };
    let keys = wanted(world, ctx, node, address.as_deref())?;
    let keys = if address.is_some() && node.is_none() {
        keys
    } else {
        paging.page(keys, marker, |key| {
            let port = world.store.ports.get(&key);
            port.and_then(|port| value(world, port, &paging.sort_key))
                .unwrap_or_default()
        })
    };
    let mut items = Vec::with_capacity(keys.len());
    for &key in &keys {
        let shown = shown(world, ctx, key)?;
        shown.check(fields.as_deref())?;
        items.push(shown.only(fields.as_deref()));
    }
    let last = keys.last().and_then(|key| world.store.ports.get(key));
    let last = last.map(|port| port.uuid.as_str());
    let extra: Vec<_> = detail
        .map(|detail| {
            let text = if detail { "True" } else { "False" };
            ("detail", text.to_owned())
        })
        .into_iter()
        .collect();
    let resource = if is_detail { "ports/detail" } else { "ports" };
    let next = paging.next(ctx, resource, &extra, fields.as_deref(), last, keys.len());
    Answer::ok(&Page {
        name: "ports",
        items,
        next,
    })
}

/// The ports of a node, or with an address, or all.
fn wanted(
    world: &World,
    ctx: &Ctx<'_>,
    node: Option<&str>,
    address: Option<&str>,
) -> Result<Vec<u64>, Error> {
    if let Some(ident) = node {
        let key = world.find_node(ident, ctx.minor)?;
        return Ok(world.node(key)?.ports.iter().copied().collect());
    }
    if let Some(address) = address {
        return Ok(world.store.port_by_address(address).into_iter().collect());
    }
    Ok(world.store.ports.keys().copied().collect())
}

fn create(world: &mut World, ctx: &Ctx<'_>) -> Result<Answer, Error> {
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

fn port_uuid(world: &World, key: u64) -> &str {
    world
        .store
        .ports
        .get(&key)
        .map_or("", |port| port.uuid.as_str())
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
        _ => Ok(()),
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

fn update(world: &mut World, ctx: &Ctx<'_>, ident: &str) -> Result<Answer, Error> {
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
