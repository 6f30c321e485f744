//! Hardware types (`api/controllers/v1/driver.py`).

use serde_json::{Map, Value, json};

use super::route::DriverPart;
use super::{Answer, Ctx, Error};
use crate::drivers::{Interface, properties, raid_properties};
use crate::python;
use crate::world::World;

pub(crate) fn answer(
    world: &World,
    ctx: &Ctx<'_>,
    name: &str,
    what: DriverPart<'_>,
) -> Result<Answer, Error> {
    if let DriverPart::Vendor(handler) = what {
        check_known(world, name)?;
        let handler = handler.unwrap_or_default();
        return Err(Error::invalid(format!("No handler for method {handler}")));
    }
    ctx.only_get()?;
    match what {
        DriverPart::Itself => get(world, ctx, name),
        DriverPart::Properties => {
            check_known(world, name)?;
            Answer::ok(&properties(name))
        }
        DriverPart::Raid => {
            if ctx.minor < 12 {
                return Err(Error::not_acceptable());
            }
            check_known(world, name)?;
            Answer::ok(&raid_properties())
        }
        DriverPart::VendorMethods | DriverPart::Vendor(_) => {
            check_known(world, name)?;
            Answer::ok(&json!({}))
        }
    }
}

fn is_enabled(world: &World, name: &str) -> bool {
    world
        .settings
        .hardware_types
        .iter()
        .any(|enabled| enabled == name)
}

fn check_known(world: &World, name: &str) -> Result<(), Error> {
    if is_enabled(world, name) {
        return Ok(());
    }
    Err(Error::not_found(format!("The driver '{name}' is unknown.")))
}

pub(crate) fn list(world: &World, ctx: &Ctx<'_>) -> Result<Answer, Error> {
    ctx.only_get()?;
    let args = ctx.query(&["type", "detail", "fields"])?;
    let fields = args.list("fields")?;
    let detail = args.flag("detail")?;
    let kind = args.text("type")?;
    check_fields(ctx, fields.as_deref())?;
    if fields.is_some() && detail == Some(true) {
        return Err(Error::invalid(
            "Can not specify ?detail=True and fields in the same request.",
        ));
    }
    if ctx.minor < 30 && (detail.is_some() || kind.is_some()) {
        return Err(Error::needs_minor(30));
    }
    let mut names: Vec<&String> = match kind {
        None | Some("dynamic") => world.settings.hardware_types.iter().collect(),
        Some("classic") => Vec::new(),
        Some(_) => {
            return Err(Error::invalid(
                "\"type\" filter must be one of \"classic\" or \"dynamic\", if specified.",
            ));
        }
    };
    names.sort_unstable();
    let drivers: Vec<Value> = names
        .into_iter()
        .map(|name| {
            let driver = driver(world, ctx, name, detail == Some(true));
            only(driver, fields.as_deref())
        })
        .collect();
    Answer::ok(&json!({ "drivers": drivers }))
}

fn get(world: &World, ctx: &Ctx<'_>, name: &str) -> Result<Answer, Error> {
    let fields = ctx.query(&["fields"])?.list("fields")?;
    check_fields(ctx, fields.as_deref())?;
    if !is_enabled(world, name) {
        return Err(Error::not_found(format!(
            "Could not find the following driver(s) or hardware type(s): {name}."
        )));
    }
    Answer::ok(&only(driver(world, ctx, name, true), fields.as_deref()))
}

fn driver(world: &World, ctx: &Ctx<'_>, name: &str, is_detail: bool) -> Map<String, Value> {
    let mut driver = Map::new();
    driver.insert("name".to_owned(), json!(name));
    driver.insert("hosts".to_owned(), json!([world.settings.conductor]));
    driver.insert("links".to_owned(), ctx.links(&format!("drivers/{name}")));
    if ctx.minor >= 14 {
        let links = ctx.links(&format!("drivers/{name}/properties"));
        driver.insert("properties".to_owned(), links);
    }
    if ctx.minor >= 30 {
        driver.insert("type".to_owned(), json!("dynamic"));
    }
    if !is_detail || ctx.minor < 30 {
        return driver;
    }
    let interfaces = &world.settings.interfaces;
    for interface in Interface::ALL {
        // What came later than hardware types themselves is hidden until then.
        if interface.since() > ctx.minor.max(31) {
            continue;
        }
        let kind = interface.as_str();
        let default = interfaces.default_of(name, interface).ok();
        let enabled = interfaces.usable(name, interface);
        driver.insert(format!("default_{kind}_interface"), json!(default));
        driver.insert(format!("enabled_{kind}_interfaces"), json!(enabled));
    }
    driver
}

fn only(mut driver: Map<String, Value>, fields: Option<&[String]>) -> Value {
    if let Some(fields) = fields {
        driver.retain(|key, _| key == "links" || fields.contains(key));
    }
    Value::Object(driver)
}

fn check_fields(ctx: &Ctx<'_>, fields: Option<&[String]>) -> Result<(), Error> {
    let Some(fields) = fields else {
        return Ok(());
    };
    if ctx.minor < 77 {
        return Err(Error::not_acceptable());
    }
    let is_known = |field: &str| {
        let interface = field
            .strip_prefix("default_")
            .or_else(|| {
                field
                    .strip_prefix("enabled_")
                    .and_then(|field| field.strip_suffix('s'))
            })
            .and_then(Interface::of_field);
        interface.is_some() || matches!(field, "hosts" | "links" | "name" | "properties" | "type")
    };
    match fields.iter().find(|field| !is_known(field)) {
        Some(field) => Err(Error::invalid(format!(
            "Schema error: {} is not one of ['hosts', 'links', 'name', …]",
            python::quoted(field)
        ))),
        None => Ok(()),
    }
}
