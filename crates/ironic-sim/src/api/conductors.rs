//! Conductors: there is one (`api/controllers/v1/conductor.py`).

use serde_json::{Map, Value, json};

use super::paging::{PAGING, fields_of_list};
use super::{Answer, Ctx, Error};
use crate::clock::isoformat;
use crate::world::World;

/// What a plain list shows.
const USUAL: [&str; 3] = ["hostname", "conductor_group", "alive"];
/// What there is to be shown.
const FIELDS: [&str; 7] = [
    "created_at",
    "updated_at",
    "hostname",
    "conductor_group",
    "drivers",
    "links",
    "alive",
];

fn check_request(ctx: &Ctx<'_>) -> Result<(), Error> {
    ctx.only_get()?;
    if ctx.minor < 49 {
        return Err(Error::not_found(
            "The API is not supported for this version",
        ));
    }
    Ok(())
}

pub(crate) fn list(world: &World, ctx: &Ctx<'_>) -> Result<Answer, Error> {
    check_request(ctx)?;
    let allowed: Vec<&str> = PAGING.into_iter().chain(["fields", "detail"]).collect();
    let args = ctx.query(&allowed)?;
    let fields = fields_of_list(ctx, args.list("fields")?, args.flag("detail")?, &USUAL)?;
    check(fields.as_deref())?;
    let conductor = conductor(world, ctx, fields.as_deref());
    Answer::ok(&json!({"conductors": [conductor]}))
}

pub(crate) fn one(world: &World, ctx: &Ctx<'_>, name: &str) -> Result<Answer, Error> {
    check_request(ctx)?;
    let fields = ctx.query(&["fields"])?.list("fields")?;
    check(fields.as_deref())?;
    if name != world.settings.conductor {
        return Err(Error::not_found(format!(
            "Conductor {name} could not be found."
        )));
    }
    Answer::ok(&conductor(world, ctx, fields.as_deref()))
}

fn check(fields: Option<&[String]>) -> Result<(), Error> {
    let unknown = fields
        .unwrap_or_default()
        .iter()
        .find(|field| !FIELDS.contains(&field.as_str()));
    match unknown {
        Some(field) => Err(Error::invalid(format!(
            "Schema error: {} is not one of {}",
            crate::python::quoted(field),
            crate::python::quoted_list(FIELDS)
        ))),
        None => Ok(()),
    }
}

fn conductor(world: &World, ctx: &Ctx<'_>, fields: Option<&[String]>) -> Value {
    let name = &world.settings.conductor;
    let started = isoformat(world.clock.date(world.started_at));
    let mut drivers = world.settings.hardware_types.clone();
    drivers.sort_unstable();
    let conductor: Map<String, Value> = [
        ("created_at", json!(started)),
        ("updated_at", json!(isoformat(world.date()))),
        ("hostname", json!(name)),
        ("conductor_group", json!("")),
        ("drivers", json!(drivers)),
        ("links", ctx.links(&format!("conductors/{name}"))),
        ("alive", json!(true)),
    ]
    .into_iter()
    .filter(|(key, _)| {
        *key == "links" || fields.is_none_or(|fields| fields.iter().any(|field| field == key))
    })
    .map(|(key, value)| (key.to_owned(), value))
    .collect();
    Value::Object(conductor)
}
