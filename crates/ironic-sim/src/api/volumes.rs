//! Volume connectors and volume targets
//! (`api/controllers/v1/volume.py`, `volume_connector.py`, `volume_target.py`).

mod connectors;
mod targets;

use serde_json::{Map, Value, json};

use super::args::uuid;
use super::checks::is_uuid_like;
use super::paging::{PAGING, Page, Paging, Shown};
use super::patch::Patch;
use super::route::VolumeKind;
use super::{Answer, Ctx, Error};
use crate::model::NodeKey;
use crate::python;
use crate::states::Power;
use crate::world::World;

pub(crate) fn collection(
    world: &mut World,
    ctx: &Ctx<'_>,
    node: Option<&str>,
    kind: VolumeKind,
) -> Result<Answer, Error> {
    ctx.since(32)?;
    match ctx.request.method.as_str() {
        "GET" => list(world, ctx, node, kind),
        "POST" => {
            let body = ctx.body()?;
            match kind {
                VolumeKind::Connectors => connectors::create(world, ctx, &body, node),
                VolumeKind::Targets => targets::create(world, ctx, &body, node),
            }
        }
        "PATCH" | "DELETE" => Err(Error::invalid(format!(
            "Missing mandatory parameter: {}_uuid",
            kind.singular()
        ))),
        _ => Err(Error::no_method()),
    }
}

pub(crate) fn index(ctx: &Ctx<'_>, node: Option<&str>) -> Result<Answer, Error> {
    ctx.only_get()?;
    if ctx.minor < 32 {
        return Err(Error::not_found(
            "The API is not supported for this version",
        ));
    }
    let below = match node {
        Some(ident) => format!("nodes/{ident}/volume/"),
        None => "volume/".to_owned(),
    };
    Answer::ok(&json!({
        "links": ctx.links(&below),
        "connectors": ctx.links(&format!("{below}connectors")),
        "targets": ctx.links(&format!("{below}targets")),
    }))
}

/// One connector or target.
pub(crate) fn record(
    world: &mut World,
    ctx: &Ctx<'_>,
    parent: Option<&str>,
    kind: VolumeKind,
    ident: &str,
) -> Result<Answer, Error> {
    ctx.since(32)?;
    let method = ctx.request.method.as_str();
    if !matches!(method, "GET" | "PATCH" | "DELETE") {
        return Err(Error::no_method());
    }
    // The body is read before anything is looked up.
    let patch = match method {
        "PATCH" => Some(ctx.body()?),
        _ => None,
    };
    uuid(&format!("{}_uuid", kind.singular()), &ident.into())?;
    let patch = patch.as_ref().map(Patch::parse).transpose()?;
    let key = find(world, kind, ident)?;
    if parent.is_some() {
        return Err(Error::invalid("Malformed request URI."));
    }
    match (patch, kind) {
        (Some(patch), VolumeKind::Connectors) => connectors::update(world, ctx, &patch, key),
        (Some(patch), VolumeKind::Targets) => targets::update(world, ctx, &patch, key),
        (None, _) if method == "DELETE" => delete(world, kind, key),
        (None, _) => {
            let fields = ctx.query(&["fields"])?.list("fields")?;
            check_fields(kind, fields.as_deref())?;
            Answer::ok(&shown(world, ctx, kind, key)?.only(fields.as_deref()))
        }
    }
}

fn find(world: &World, kind: VolumeKind, uuid: &str) -> Result<u64, Error> {
    let found = match kind {
        VolumeKind::Connectors => world.store.connector_by_uuid(uuid),
        VolumeKind::Targets => world.store.target_by_uuid(uuid),
    };
    found.ok_or_else(|| {
        Error::not_found(format!(
            "Volume {} {uuid} could not be found.",
            kind.singular()
        ))
    })
}

fn shown(world: &World, ctx: &Ctx<'_>, kind: VolumeKind, key: u64) -> Result<Shown, Error> {
    match kind {
        VolumeKind::Connectors => connectors::shown(world, ctx, key),
        VolumeKind::Targets => targets::shown(world, ctx, key),
    }
}

fn fields(kind: VolumeKind) -> &'static [&'static str] {
    match kind {
        VolumeKind::Connectors => &connectors::FIELDS,
        VolumeKind::Targets => &targets::FIELDS,
    }
}

/// What a plain list shows: neither `properties` nor `extra`.
fn usual(kind: VolumeKind) -> &'static [&'static str] {
    match kind {
        VolumeKind::Connectors => &["uuid", "node_uuid", "type", "connector_id"],
        VolumeKind::Targets => &[
            "uuid",
            "node_uuid",
            "volume_type",
            "boot_index",
            "volume_id",
        ],
    }
}

fn check_fields(kind: VolumeKind, asked: Option<&[String]>) -> Result<(), Error> {
    let known = fields(kind);
    let unknown = asked
        .unwrap_or_default()
        .iter()
        .find(|field| !known.contains(&field.as_str()));
    match unknown {
        None => Ok(()),
        Some(field) => Err(Error::invalid(format!(
            "Schema error: {} is not one of {}",
            python::quoted(field),
            python::quoted_list(known.iter().copied())
        ))),
    }
}

fn list(
    world: &World,
    ctx: &Ctx<'_>,
    parent: Option<&str>,
    kind: VolumeKind,
) -> Result<Answer, Error> {
    let allowed: Vec<&str> = PAGING
        .into_iter()
        .chain(["node", "fields", "detail", "project"])
        .collect();
    let args = ctx.query(&allowed)?;
    let asked = args.list("fields")?;
    let node = args.uuid_or_name("node")?;
    let is_detail = args.flag("detail")?.unwrap_or(false);
    check_fields(kind, asked.as_deref())?;
    if is_detail && asked.as_ref().is_some_and(|asked| !asked.is_empty()) {
        return Err(Error::invalid(
            "Can't fetch a subset of fields with 'detail' set",
        ));
    }
    let paging = Paging::of(&args, world.settings.max_limit)?;
    let unsortable: &[&str] = match kind {
        VolumeKind::Connectors => &["extra"],
        VolumeKind::Targets => &["extra", "properties"],
    };
    let is_column = fields(kind).contains(&paging.sort_key.as_str());
    paging.check_key(unsortable, is_column)?;
    let marker = match paging.marker.as_deref() {
        Some(marker) => Some(find(world, kind, marker)?),
        None => None,
    };
    let keys = wanted(world, ctx, parent, node, kind)?;
    let keys = paging.page(keys, marker, |key| {
        let shown = shown(world, ctx, kind, key).unwrap_or(Shown(Vec::new()));
        let field = shown
            .0
            .into_iter()
            .find(|(name, _)| *name == paging.sort_key);
        field.map(|(_, value)| value).unwrap_or_default()
    });
    let fields: Option<Vec<String>> = match asked {
        Some(asked) => Some(asked),
        None if is_detail => None,
        None => Some(usual(kind).iter().map(|&field| field.to_owned()).collect()),
    };
    let mut items = Vec::with_capacity(keys.len());
    let mut last = None;
    for &key in &keys {
        let item = shown(world, ctx, kind, key)?;
        last = item
            .0
            .first()
            .and_then(|(_, uuid)| uuid.as_str().map(str::to_owned));
        items.push(item.only(fields.as_deref()));
    }
    let extra: Vec<_> = is_detail
        .then(|| ("detail", "True".to_owned()))
        .into_iter()
        .collect();
    let resource = format!("volume/{}", kind.plural());
    let next = paging.next(
        ctx,
        &resource,
        &extra,
        fields.as_deref(),
        last.as_deref(),
        keys.len(),
    );
    Answer::ok(&Page {
        name: kind.plural(),
        items,
        next,
    })
}

/// Those of a node, or all. Below a node's path, nodes are found by their UUID only.
fn wanted(
    world: &World,
    ctx: &Ctx<'_>,
    parent: Option<&str>,
    node: Option<&str>,
    kind: VolumeKind,
) -> Result<Vec<u64>, Error> {
    if let Some(parent) = parent.filter(|parent| !is_uuid_like(parent)) {
        return Err(Error::not_found(format!(
            "Node {parent} could not be found."
        )));
    }
    let Some(ident) = parent.or(node) else {
        return Ok(match kind {
            VolumeKind::Connectors => world.store.connectors.keys().copied().collect(),
            VolumeKind::Targets => world.store.targets.keys().copied().collect(),
        });
    };
    let key = world.find_node(ident, ctx.minor)?;
    let node = world.node(key)?;
    Ok(match kind {
        VolumeKind::Connectors => node.connectors.iter().copied().collect(),
        VolumeKind::Targets => node.targets.iter().copied().collect(),
    })
}

/// The node that a new record names.
fn node_of(world: &World, body: &Map<String, Value>) -> Result<NodeKey, Error> {
    for name in ["node_uuid", "uuid"] {
        if let Some(value) = body.get(name).filter(|value| !value.is_null()) {
            uuid(name, value)?;
        }
    }
    let ident = body
        .get("node_uuid")
        .and_then(Value::as_str)
        .unwrap_or_default();
    world.store.node_by_uuid(ident).ok_or_else(|| {
        Error::invalid(format!(
            "Invalid input for field/attribute node_uuid. Value: '{ident}'. "
        ))
    })
}

/// The node that a changed record is to have.
fn new_node(world: &World, ctx: &Ctx<'_>, patch: &Patch, old: NodeKey) -> Result<NodeKey, Error> {
    let values = patch.values("/node_uuid")?;
    for value in &values {
        if !value.as_str().is_some_and(is_uuid_like) {
            return Err(Error::invalid(format!(
                "Expected a UUID for node_uuid, but received {}.",
                python::text(value)
            )));
        }
    }
    let Some(ident) = values.first().and_then(|value| value.as_str()) else {
        return Ok(old);
    };
    world.find_node(ident, ctx.minor).map_err(|_| {
        Error::invalid(format!(
            "Unable to apply the requested node_uuid '{ident}'. Requested value was invalid."
        ))
    })
}

/// Records change only while the machine is off.
fn check_power(world: &World, node: NodeKey, what: &str) -> Result<(), Error> {
    world.check_lock(node)?;
    let node = world.node(node)?;
    if node.power == Some(Power::Off) {
        return Ok(());
    }
    Err(super::states::invalid_state(
        what,
        &node.uuid,
        node.power.map_or("None", Power::as_str),
    ))
}

fn delete(world: &mut World, kind: VolumeKind, key: u64) -> Result<Answer, Error> {
    let node = match kind {
        VolumeKind::Connectors => world.store.connectors.get(&key).map(|record| record.node),
        VolumeKind::Targets => world.store.targets.get(&key).map(|record| record.node),
    };
    if let Some(node) = node {
        world.check_lock(node)?;
        if !world.node(node)?.state.allows_deletion() {
            check_power(world, node, &format!("volume {} deletion", kind.singular()))?;
        }
    }
    match kind {
        VolumeKind::Connectors => world.store.remove_connector(key),
        VolumeKind::Targets => world.store.remove_target(key),
    }
    Ok(Answer::empty(204))
}
