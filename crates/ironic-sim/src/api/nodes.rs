//! Nodes (`api/controllers/v1/node.py`).

mod create;
mod list;
mod render;
mod update;

pub(crate) use render::{FIELDS, Rendered, since, state};

use super::checks::{is_hostname, is_logical_name, is_uuid_like};
use super::{Answer, Ctx, Error};
use crate::model::NodeKey;
use crate::states::State;
use crate::validate;
use crate::world::World;

/// Words that mean something where a node's name would stand.
const RESERVED: [&str; 6] = [
    "maintenance",
    "management",
    "states",
    "vendor_passthru",
    "detail",
    "validate",
];

pub(crate) fn collection(world: &mut World, ctx: &Ctx<'_>) -> Result<Answer, Error> {
    match ctx.request.method.as_str() {
        "GET" => list::list(world, ctx, false),
        "POST" => create::create(world, ctx),
        "PATCH" | "DELETE" => Err(Error::invalid("Missing mandatory parameter: node_ident")),
        _ => Err(Error::no_method()),
    }
}

pub(crate) fn detail(world: &World, ctx: &Ctx<'_>) -> Result<Answer, Error> {
    ctx.only_get()?;
    list::list(world, ctx, true)
}

pub(crate) fn validate_by_query(world: &World, ctx: &Ctx<'_>) -> Result<Answer, Error> {
    ctx.only_get()?;
    let args = ctx.query(&["node", "node_uuid"])?;
    let ident = args.uuid("node_uuid")?.or(args.uuid_or_name("node")?);
    let ident = ident
        .ok_or_else(|| Error::invalid("Expected a logical name or UUID but received None."))?;
    let key = world.find_node(ident, ctx.minor)?;
    Answer::ok(&validate::all(world, key)?)
}

pub(crate) fn one(world: &mut World, ctx: &Ctx<'_>, ident: &str) -> Result<Answer, Error> {
    match ctx.request.method.as_str() {
        "GET" => get(world, ctx, ident),
        "POST" => Err(super::schema::wrong_type(
            "node",
            &ident.into(),
            &[super::schema::Kind::Object],
        )),
        "PATCH" => {
            check_ident(ident)?;
            update::update(world, ctx, ident)
        }
        "DELETE" => {
            check_ident(ident)?;
            let key = find(world, ctx, ident)?;
            ctx.query(&[])?;
            delete(world, key)
        }
        _ => Err(Error::no_method()),
    }
}

fn get(world: &World, ctx: &Ctx<'_>, ident: &str) -> Result<Answer, Error> {
    check_ident(ident)?;
    let key = find(world, ctx, ident)?;
    let fields = ctx.query(&["fields"])?.list("fields")?;
    render::check_fields(ctx, fields.as_deref())?;
    if let Some(fields) = &fields {
        list::check_known(fields)?;
    }
    let node = world.node(key)?;
    Answer::ok(&Rendered::new(world, ctx, node, fields.as_deref()))
}

/// Paths below a node that lead nowhere: Ironic takes the next part for fields.
pub(crate) fn answer_unknown(
    world: &World,
    ctx: &Ctx<'_>,
    ident: &str,
    rest: &str,
) -> Result<Answer, Error> {
    check_ident(ident)?;
    if ctx.request.method != "GET" {
        return Err(Error::no_method());
    }
    let extra = rest.split('/').count();
    if extra > 1 {
        return Err(Error::server(format!(
            "NodesController.get_one() takes from 2 to 3 positional arguments but {} were given",
            extra + 2
        )));
    }
    world.find_node(ident, ctx.minor)?;
    Err(Error::invalid(format!(
        "Field {rest} is not a valid field."
    )))
}

/// Refuses what can be neither a name nor a UUID.
pub(crate) fn check_ident(ident: &str) -> Result<(), Error> {
    if is_logical_name(ident) || is_uuid_like(ident) {
        Ok(())
    } else {
        Err(Error::framework(
            400,
            format!("Expected UUID or name for node: {ident}"),
        ))
    }
}

/// The node of a path; below 1.91 its name may have lost a `.json`.
pub(crate) fn find(world: &World, ctx: &Ctx<'_>, ident: &str) -> Result<NodeKey, Error> {
    let found = world.find_node(ident, ctx.minor);
    match found {
        Err(error) if ctx.had_json_suffix && error.status == 404 => {
            world.find_node(&format!("{ident}.json"), ctx.minor)
        }
        found => found,
    }
}

/// Refuses what can't be a node's name.
fn check_name(ctx: &Ctx<'_>, name: &str, refusal: &str) -> Result<(), Error> {
    if ctx.minor < 5 {
        return Err(Error::not_acceptable());
    }
    let is_name = if ctx.minor < 10 {
        is_hostname(name)
    } else {
        is_logical_name(name)
    };
    if !is_name || is_uuid_like(name) {
        return Err(Error::invalid(format!("{refusal}'{name}'")));
    }
    if RESERVED.contains(&name) {
        return Err(Error::invalid(format!(
            "The word \"{name}\" is reserved and can not be used as a node name. Reserved words \
             are: {}.",
            RESERVED.join(", ")
        )));
    }
    Ok(())
}

/// Refuses a driver that no conductor has.
fn check_driver(world: &World, driver: &str, group: &str) -> Result<(), Error> {
    let is_enabled = world
        .settings
        .hardware_types
        .iter()
        .any(|enabled| enabled == driver);
    if is_enabled && group.is_empty() {
        return Ok(());
    }
    Err(Error::invalid(format!(
        "No valid host was found. Reason: No conductor service registered which supports driver \
         {driver} for conductor group \"{group}\". Ensure the driver is valid and enabled."
    )))
}

fn delete(world: &mut World, key: NodeKey) -> Result<Answer, Error> {
    world.check_lock(key)?;
    let allows_available = world.settings.allow_deleting_available_nodes;
    let node = world.node(key)?;
    let uuid = &node.uuid;
    if let (false, Some(instance)) = (node.maintenance, &node.instance_uuid) {
        return Err(Error::conflict(format!(
            "Node {uuid} is associated with instance {instance}."
        )));
    }
    if node.protected {
        return Err(protected(uuid));
    }
    let is_allowed =
        node.state.allows_deletion() || (allows_available && node.state == State::Available);
    if !node.maintenance && !is_allowed {
        let available = if allows_available {
            ", 'available'"
        } else {
            ""
        };
        return Err(Error::conflict(format!(
            "Can not delete node \"{uuid}\" while it is in provision state \"{}\". Valid provision \
             states to perform deletion are: \"('manageable', 'enroll', 'adopt failed'{available})\"\
             , or set the node into maintenance mode",
            node.state
        )));
    }
    world.store.remove_node(key);
    Ok(Answer::empty(204))
}

/// 403: somebody protected the node.
pub(crate) fn protected(uuid: &str) -> Error {
    Error::new(
        403,
        format!("Node {uuid} is protected and cannot be undeployed, rebuilt or deleted"),
    )
}
