//! Ports (`api/controllers/v1/port.py`).

mod write;

use serde_json::{Value, json};

use super::args::uuid;
use super::checks::is_uuid_like;
use super::paging::{PAGING, Page, Paging, Shown, fields_of_list};
use super::{Answer, Ctx, Error};
use crate::clock::isoformat;
use crate::model::Port;
use crate::world::World;

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

pub(crate) fn collection(
    world: &mut World,
    ctx: &Ctx<'_>,
    node: Option<&str>,
    is_detail: bool,
) -> Result<Answer, Error> {
    match ctx.request.method.as_str() {
        "GET" => list(world, ctx, node, is_detail),
        "POST" if node.is_none() && !is_detail => write::create(world, ctx),
        "POST" | "PATCH" | "DELETE" => Err(Error::invalid("Malformed request URI.")),
        _ => Err(Error::no_method()),
    }
}

pub(crate) fn one(world: &mut World, ctx: &Ctx<'_>, ident: &str) -> Result<Answer, Error> {
    match ctx.request.method.as_str() {
        "GET" => {
            let args = ctx.query(&["fields"])?;
            let key = find(world, ctx, ident)?;
            let fields = args.list("fields")?;
            check_fields(ctx, fields.as_deref())?;
            let shown = shown(world, ctx, key)?;
            shown.check(fields.as_deref())?;
            Answer::ok(&shown.only(fields.as_deref()))
        }
        "PATCH" => write::update(world, ctx, ident),
        "DELETE" => {
            let key = find_by_uuid(world, ident)?;
            let node = port(world, key)?.node;
            world.check_lock(node)?;
            world.store.remove_port(key);
            Ok(Answer::empty(204))
        }
        "POST" => Err(Error::invalid("Malformed request URI.")),
        _ => Err(Error::no_method()),
    }
}

/// A port below a node: there is no such path.
pub(crate) fn one_of_node(ctx: &Ctx<'_>) -> Result<Answer, Error> {
    match ctx.request.method.as_str() {
        "GET" | "POST" | "PATCH" | "DELETE" => Err(Error::invalid("Malformed request URI.")),
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
    if parent.is_some_and(|parent| !is_uuid_like(parent)) {
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

fn port_uuid(world: &World, key: u64) -> &str {
    world
        .store
        .ports
        .get(&key)
        .map_or("", |port| port.uuid.as_str())
}
