//! What happened to a node (`NodeHistoryController`).

use serde_json::{Map, Value, json};

use super::super::paging::{PAGING, Page, Paging};
use super::super::{Answer, Ctx, Error};
use crate::clock::isoformat;
use crate::model::{Event, Node, NodeKey};
use crate::world::World;

pub(super) fn history(
    world: &World,
    ctx: &Ctx<'_>,
    ident: &str,
    key: NodeKey,
) -> Result<Answer, Error> {
    let allowed: Vec<&str> = PAGING.into_iter().chain(["detail"]).collect();
    let args = ctx.query(&allowed)?;
    let is_detail = args.flag("detail")?.unwrap_or(false);
    let paging = Paging::of(&args, world.settings.max_limit)?;
    let node = world.node(key)?;
    let marker = match &paging.marker {
        Some(marker) => Some(
            node.history
                .iter()
                .position(|event| event.uuid == *marker)
                .ok_or_else(|| no_event(marker))?,
        ),
        None => None,
    };
    let key_of = |index: usize| {
        let event = node
            .history
            .get(index)
            .map(|event| shown(ctx, node, event, true));
        event.map_or(Value::Null, |event| {
            event.get(&paging.sort_key).cloned().unwrap_or_default()
        })
    };
    let indices = paging.page((0..node.history.len()).collect(), marker, key_of);
    let events: Vec<&Event> = indices
        .into_iter()
        .filter_map(|index| node.history.get(index))
        .collect();
    let last = events.last().map(|event| event.uuid.as_str());
    let resource = format!("nodes/{ident}/history");
    let next = paging.next(ctx, &resource, &[], None, last, events.len());
    let items = events
        .iter()
        .map(|event| shown(ctx, node, event, is_detail))
        .collect();
    Answer::ok(&Page {
        name: "history",
        items,
        next,
    })
}

pub(super) fn history_event(
    world: &World,
    ctx: &Ctx<'_>,
    key: NodeKey,
    uuid: &str,
) -> Result<Answer, Error> {
    let node = world.node(key)?;
    let event = node.history.iter().find(|event| event.uuid == uuid);
    let event = event.ok_or_else(|| no_event(uuid))?;
    Answer::ok(&shown(ctx, node, event, true))
}

fn no_event(uuid: &str) -> Error {
    Error::not_found(format!("Node history record {uuid} could not be found."))
}

/// A line of a node's history; a plain list cuts long ones.
fn shown(ctx: &Ctx<'_>, node: &Node, event: &Event, is_detail: bool) -> Map<String, Value> {
    let text = if is_detail || event.event.chars().count() <= 255 {
        event.event.clone()
    } else {
        let start: String = event.event.chars().take(251).collect();
        format!("{start}...")
    };
    let mut shown = Map::new();
    let mut put = |key: &str, value: Value| shown.insert(key.to_owned(), value);
    put("uuid", event.uuid.clone().into());
    put("created_at", isoformat(event.created_at).into());
    put("severity", event.severity.into());
    put("event", text.into());
    if is_detail {
        put("event_type", event.event_type.clone().into());
        put("conductor", event.conductor.clone().into());
        put("user", Value::Null);
        if ctx.minor >= 113 {
            put("project", Value::Null);
        }
        if ctx.minor >= 115 {
            put("state", event.state.into());
            put("target_provision_state", event.target_state.into());
            put("duration_seconds", event.duration.into());
        }
    }
    let link = ctx.link(&format!("nodes/{}/history/{}", node.uuid, event.uuid));
    put("links", json!([link]));
    shown
}
