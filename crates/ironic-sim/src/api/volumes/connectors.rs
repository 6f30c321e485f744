//! Volume connectors.

use serde_json::{Map, Value, json};

use super::super::paging::Shown;
use super::super::patch::Patch;
use super::super::schema::{Field, OBJECT_OR_NULL, Schema, TEXT, TEXT_OR_NULL, field};
use super::super::{Answer, Ctx, Error};
use super::{check_power, new_node, node_of};
use crate::clock::isoformat;
use crate::model::Connector;
use crate::world::World;

/// The fields, by name.
pub(super) const FIELDS: [&str; 8] = [
    "connector_id",
    "created_at",
    "extra",
    "links",
    "node_uuid",
    "type",
    "updated_at",
    "uuid",
];

const CONNECTOR: Schema = Schema {
    fields: &SCHEMA,
    required: &["connector_id", "node_uuid", "type"],
};

const SCHEMA: [Field; 5] = [
    field("connector_id", TEXT),
    field("extra", OBJECT_OR_NULL),
    field("node_uuid", TEXT),
    field("type", TEXT),
    field("uuid", TEXT_OR_NULL),
];

pub(super) fn shown(world: &World, ctx: &Ctx<'_>, key: u64) -> Result<Shown, Error> {
    let connector = world
        .store
        .connectors
        .get(&key)
        .ok_or_else(|| Error::not_found("Volume connector could not be found."))?;
    let uuid = &connector.uuid;
    Ok(Shown(vec![
        ("uuid", json!(uuid)),
        ("created_at", json!(isoformat(connector.created_at))),
        ("updated_at", json!(connector.updated_at.map(isoformat))),
        ("connector_id", json!(connector.connector_id)),
        ("extra", json!(connector.extra)),
        ("type", json!(connector.kind)),
        ("links", ctx.links(&format!("volume/connectors/{uuid}"))),
        ("node_uuid", json!(world.node(connector.node)?.uuid)),
    ]))
}

pub(super) fn create(
    world: &mut World,
    ctx: &Ctx<'_>,
    body: &Value,
    parent: Option<&str>,
) -> Result<Answer, Error> {
    let body = CONNECTOR.check("connector", body)?;
    let node = node_of(world, body)?;
    if parent.is_some() {
        return Err(Error::invalid("Malformed request URI."));
    }
    let uuid = body.get("uuid").and_then(Value::as_str).map(str::to_owned);
    let uuid = uuid.unwrap_or_else(|| world.new_uuid());
    let location = format!("{}/v1/volume/connectors/{uuid}", ctx.base);
    let connector = Connector {
        uuid,
        node,
        created_at: world.date(),
        updated_at: None,
        ..built(body, node)
    };
    let key = world.store.add_connector(connector)?;
    Ok(Answer::json(201, &shown(world, ctx, key)?)?.at(location))
}

/// A connector of what a body says. The rest is the caller's.
fn built(body: &Map<String, Value>, node: crate::model::NodeKey) -> Connector {
    let text = |name: &str| {
        body.get(name)
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned()
    };
    Connector {
        uuid: String::new(),
        node,
        created_at: jiff::Timestamp::UNIX_EPOCH,
        updated_at: None,
        kind: text("type"),
        connector_id: text("connector_id"),
        extra: body
            .get("extra")
            .and_then(Value::as_object)
            .cloned()
            .unwrap_or_default(),
    }
}

pub(super) fn update(
    world: &mut World,
    ctx: &Ctx<'_>,
    patch: &Patch,
    key: u64,
) -> Result<Answer, Error> {
    patch.allow(&["connector_id", "extra", "node_uuid", "type"])?;
    let old = world
        .store
        .connectors
        .get(&key)
        .ok_or_else(|| Error::not_found("Volume connector could not be found."))?;
    let node = new_node(world, ctx, patch, old.node)?;
    let document = json!({
        "connector_id": old.connector_id,
        "extra": old.extra,
        "node_uuid": null,
        "type": old.kind,
        "uuid": old.uuid,
    });
    let document = document.as_object().cloned().unwrap_or_default();
    let mut document = patch.apply(document)?;
    let uuid = world.node(node)?.uuid.clone();
    document.insert("node_uuid".to_owned(), uuid.into());
    CONNECTOR.check("patch", &Value::Object(document.clone()))?;
    let new = Connector {
        uuid: old.uuid.clone(),
        created_at: old.created_at,
        updated_at: Some(world.date()),
        ..built(&document, node)
    };
    check_power(world, node, "volume connector update")?;
    world.store.replace_connector(key, new)?;
    Answer::ok(&shown(world, ctx, key)?)
}
