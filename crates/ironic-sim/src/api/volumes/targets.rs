//! Volume targets.

use serde_json::{Map, Value, json};

use super::super::paging::Shown;
use super::super::patch::Patch;
use super::super::schema::{Field, INTEGER, OBJECT_OR_NULL, Schema, TEXT, TEXT_OR_NULL, field};
use super::super::{Answer, Ctx, Error};
use super::{check_power, new_node, node_of};
use crate::clock::isoformat;
use crate::mask;
use crate::model::{NodeKey, Target};
use crate::world::World;

/// The fields, by name.
pub(super) const FIELDS: [&str; 10] = [
    "boot_index",
    "created_at",
    "extra",
    "links",
    "node_uuid",
    "properties",
    "updated_at",
    "uuid",
    "volume_id",
    "volume_type",
];

const TARGET: Schema = Schema {
    fields: &SCHEMA,
    required: &["boot_index", "node_uuid", "volume_id", "volume_type"],
};

const SCHEMA: [Field; 7] = [
    field("boot_index", INTEGER),
    field("extra", OBJECT_OR_NULL),
    field("node_uuid", TEXT),
    field("properties", OBJECT_OR_NULL),
    field("volume_id", TEXT),
    field("volume_type", TEXT),
    field("uuid", TEXT_OR_NULL),
];

pub(super) fn shown(world: &World, ctx: &Ctx<'_>, key: u64) -> Result<Shown, Error> {
    let target = world
        .store
        .targets
        .get(&key)
        .ok_or_else(|| Error::not_found("Volume target could not be found."))?;
    let uuid = &target.uuid;
    Ok(Shown(vec![
        ("uuid", json!(uuid)),
        ("created_at", json!(isoformat(target.created_at))),
        ("updated_at", json!(target.updated_at.map(isoformat))),
        ("boot_index", json!(target.boot_index)),
        ("extra", json!(target.extra)),
        (
            "properties",
            Value::Object(mask::masked(&target.properties)),
        ),
        ("volume_id", json!(target.volume_id)),
        ("volume_type", json!(target.volume_type)),
        ("links", ctx.links(&format!("volume/targets/{uuid}"))),
        ("node_uuid", json!(world.node(target.node)?.uuid)),
    ]))
}

pub(super) fn create(
    world: &mut World,
    ctx: &Ctx<'_>,
    body: &Value,
    parent: Option<&str>,
) -> Result<Answer, Error> {
    let body = TARGET.check("target", body)?;
    let node = node_of(world, body)?;
    if parent.is_some() {
        return Err(Error::invalid("Malformed request URI."));
    }
    let uuid = body.get("uuid").and_then(Value::as_str).map(str::to_owned);
    let uuid = uuid.unwrap_or_else(|| world.new_uuid());
    let location = format!("{}/v1/volume/targets/{uuid}", ctx.base);
    let target = Target {
        uuid,
        created_at: world.date(),
        ..built(body, node)?
    };
    let key = world.store.add_target(target)?;
    Ok(Answer::json(201, &shown(world, ctx, key)?)?.at(location))
}

/// A target of what a body says. The rest is the caller's.
fn built(body: &Map<String, Value>, node: NodeKey) -> Result<Target, Error> {
    let text = |name: &str| {
        body.get(name)
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned()
    };
    let object = |name: &str| {
        body.get(name)
            .and_then(Value::as_object)
            .cloned()
            .unwrap_or_default()
    };
    let index = body.get("boot_index").unwrap_or(&Value::Null);
    #[expect(
        clippy::cast_possible_truncation,
        reason = "a whole number, and one that is too large is refused"
    )]
    let boot_index = index
        .as_i64()
        .or_else(|| {
            index
                .as_f64()
                .filter(|float| float.abs() < 9e15)
                .map(|float| float as i64)
        })
        .ok_or_else(|| Error::server("Python int too large to convert to SQLite INTEGER"))?;
    Ok(Target {
        uuid: String::new(),
        node,
        created_at: jiff::Timestamp::UNIX_EPOCH,
        updated_at: None,
        volume_type: text("volume_type"),
        volume_id: text("volume_id"),
        boot_index,
        properties: object("properties"),
        extra: object("extra"),
    })
}

pub(super) fn update(
    world: &mut World,
    ctx: &Ctx<'_>,
    patch: &Patch,
    key: u64,
) -> Result<Answer, Error> {
    patch.allow(&[
        "boot_index",
        "extra",
        "node_uuid",
        "properties",
        "volume_id",
        "volume_type",
    ])?;
    let old = world
        .store
        .targets
        .get(&key)
        .ok_or_else(|| Error::not_found("Volume target could not be found."))?;
    let node = new_node(world, ctx, patch, old.node)?;
    let document = json!({
        "boot_index": old.boot_index,
        "extra": old.extra,
        "node_uuid": null,
        "properties": old.properties,
        "volume_id": old.volume_id,
        "volume_type": old.volume_type,
        "uuid": old.uuid,
    });
    let document = document.as_object().cloned().unwrap_or_default();
    let mut document = patch.apply(document)?;
    let uuid = world.node(node)?.uuid.clone();
    document.insert("node_uuid".to_owned(), uuid.into());
    TARGET.check("patch", &Value::Object(document.clone()))?;
    let new = Target {
        uuid: old.uuid.clone(),
        created_at: old.created_at,
        updated_at: Some(world.date()),
        ..built(&document, node)?
    };
    check_power(world, node, "volume target update")?;
    world.store.replace_target(key, new)?;
    Answer::ok(&shown(world, ctx, key)?)
}
