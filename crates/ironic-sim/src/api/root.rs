//! The documents that say what there is, and collections without content.

use serde_json::{Map, Value, json};

use super::{Answer, Ctx, Error};
use crate::world::World;

/// What the version document links to, and the minor version that it came with.
const CONTROLLERS: [(&str, u16); 16] = [
    ("chassis", 1),
    ("nodes", 1),
    ("ports", 1),
    ("drivers", 1),
    ("portgroups", 23),
    ("volume", 32),
    ("lookup", 22),
    ("heartbeat", 22),
    ("conductors", 49),
    ("allocations", 52),
    ("events", 54),
    ("deploy_templates", 55),
    ("shards", 82),
    ("runbooks", 92),
    ("inspection_rules", 96),
    ("continue_inspection", 84),
];

/// Whatever the method.
pub(crate) fn root(world: &World, ctx: &Ctx<'_>) -> Result<Answer, Error> {
    Answer::ok(&root_document(world, ctx))
}

pub(crate) fn v1(world: &World, ctx: &Ctx<'_>) -> Result<Answer, Error> {
    if matches!(ctx.request.method.as_str(), "GET" | "HEAD") {
        return Answer::ok(&v1_document(world, ctx));
    }
    // Ironic wraps the framework's refusal into its own shape here.
    Err(Error::new(
        405,
        "The server could not comply with the request since it is either malformed or otherwise \
         incorrect.",
    ))
}

pub(crate) fn shards(world: &World, ctx: &Ctx<'_>) -> Result<Answer, Error> {
    ctx.only_get()?;
    ctx.since(82)?;
    Answer::ok(&json!({ "shards": count_shards(world) }))
}

/// A collection that has no items.
pub(crate) fn empty(ctx: &Ctx<'_>, name: &str, since: u16) -> Result<Answer, Error> {
    ctx.only_get()?;
    ctx.since(since)?;
    let mut list = Map::new();
    list.insert(name.to_owned(), json!([]));
    Answer::ok(&list)
}

fn version(world: &World, ctx: &Ctx<'_>) -> Value {
    let range = world.settings.versions;
    json!({
        "id": "v1",
        "links": [{"href": format!("{}/v1/", ctx.base), "rel": "self"}],
        "status": "CURRENT",
        "min_version": range.min.to_string(),
        "version": range.max.to_string(),
    })
}

fn root_document(world: &World, ctx: &Ctx<'_>) -> Value {
    let version = version(world, ctx);
    json!({
        "name": "OpenStack Ironic API",
        "description": "A simulated Ironic, without machines.",
        "default_version": version.clone(),
        "versions": [version],
    })
}

fn v1_document(world: &World, ctx: &Ctx<'_>) -> Value {
    let mut document = Map::new();
    document.insert("id".to_owned(), json!("v1"));
    let links = json!([
        {"href": format!("{}/v1/", ctx.base), "rel": "self"},
        {
            "href": "https://docs.openstack.org//ironic/latest/contributor//webapi.html",
            "rel": "describedby",
            "type": "text/html",
        },
    ]);
    document.insert("links".to_owned(), links);
    let types = json!({
        "base": "application/json",
        "type": "application/vnd.openstack.ironic.v1+json",
    });
    document.insert("media_types".to_owned(), types);
    document.insert("version".to_owned(), version(world, ctx));
    for (name, since) in CONTROLLERS {
        if ctx.minor >= since {
            document.insert(name.to_owned(), ctx.links(&format!("{name}/")));
        }
    }
    Value::Object(document)
}

/// How many nodes each shard has, most first.
fn count_shards(world: &World) -> Vec<Value> {
    let mut counts: Vec<(String, u64)> = Vec::new();
    for node in world.store.nodes.values() {
        let name = node.shard.as_deref().unwrap_or("None");
        match counts.iter_mut().find(|(other, _)| other == name) {
            Some((_, count)) => *count += 1,
            None => counts.push((name.to_owned(), 1)),
        }
    }
    counts.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    counts
        .into_iter()
        .map(|(name, count)| json!({"name": name, "count": count}))
        .collect()
}
