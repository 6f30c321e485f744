//! What else there is below a node.

mod history;
mod management;
mod traits;
mod vendor;

use serde_json::{Map, Value, json};

use super::nodes::{check_ident, find};
use super::route::Sub;
use super::{Answer, Ctx, Error, vmedia};
use crate::drivers::{Interface, vendor_methods};
use crate::model::NodeKey;
use crate::validate;
use crate::world::World;

pub(crate) fn answer(
    world: &mut World,
    ctx: &Ctx<'_>,
    ident: &str,
    what: Sub<'_>,
) -> Result<Answer, Error> {
    check_ident(ident)?;
    check_version(ctx, what)?;
    let method = ctx.request.method.as_str();
    if !allows(what, method) {
        return Err(Error::no_method());
    }
    if what == Sub::Maintenance {
        return maintenance(world, ctx, ident);
    }
    if what == Sub::Vmedia {
        return vmedia::answer(world, ctx, ident);
    }
    // A list of portgroups below a node is one of Ironic's bugs.
    if what == Sub::Portgroups {
        return Err(Error::not_found("Portgroup None could not be found."));
    }
    let key = find(world, ctx, ident)?;
    match what {
        Sub::Validate => Answer::ok(&validate::all(world, key)?),
        Sub::Traits => traits::traits(world, ctx, ident, key, None),
        Sub::Trait(name) => traits::traits(world, ctx, ident, key, Some(name)),
        Sub::History => history::history(world, ctx, ident, key),
        Sub::HistoryEvent(event) => history::history_event(world, ctx, key, event),
        Sub::Inventory => inventory(world, key),
        Sub::Bios | Sub::BiosSetting(_) => bios(world, ctx, key, what),
        Sub::Firmware => Answer::ok(&json!({"firmware": []})),
        Sub::Vifs => Answer::ok(&json!({"vifs": []})),
        Sub::Children => children(world, ctx, key),
        Sub::Allocation => Err(Error::not_found(format!(
            "Allocation for node {ident} was not found"
        ))),
        Sub::VendorMethods => {
            let vendor = world.node(key)?.interface(Interface::Vendor);
            Answer::ok(&vendor_methods(vendor))
        }
        Sub::Vendor(method) => vendor::vendor(world, ctx, key, method),
        Sub::BootDevice if method == "PUT" => management::set_boot_device(world, ctx, key),
        Sub::BootDevice => management::boot_device(world, key),
        Sub::BootDevices => management::supported_boot_devices(world, key),
        Sub::InjectNmi => management::inject_nmi(world, key),
        Sub::Indicators => management::indicators(world, ctx, key),
        Sub::Maintenance | Sub::Vmedia | Sub::Portgroups | Sub::Management => {
            Err(Error::no_method())
        }
    }
}

/// Whether there is anything at all in this version.
fn check_version(ctx: &Ctx<'_>, what: Sub<'_>) -> Result<(), Error> {
    ctx.since(match what {
        Sub::Traits | Sub::Trait(_) => 37,
        Sub::History | Sub::HistoryEvent(_) => 78,
        Sub::Inventory => 81,
        Sub::Bios | Sub::BiosSetting(_) => 40,
        Sub::Firmware => 86,
        Sub::Vmedia => 89,
        Sub::Vifs => 28,
        Sub::Portgroups => 24,
        Sub::Allocation => 52,
        Sub::Children => 83,
        Sub::InjectNmi => 29,
        Sub::Maintenance
        | Sub::Validate
        | Sub::Vendor(_)
        | Sub::VendorMethods
        | Sub::Management
        | Sub::BootDevice
        | Sub::BootDevices
        | Sub::Indicators => 1,
    })
}

fn allows(what: Sub<'_>, method: &str) -> bool {
    match what {
        Sub::Maintenance => matches!(method, "PUT" | "DELETE"),
        Sub::Traits => matches!(method, "GET" | "PUT" | "DELETE"),
        Sub::Trait(_) => matches!(method, "PUT" | "DELETE"),
        Sub::Vmedia => matches!(method, "GET" | "POST" | "DELETE"),
        Sub::BootDevice => matches!(method, "GET" | "PUT"),
        Sub::InjectNmi => method == "PUT",
        Sub::Vendor(_) => true,
        Sub::Management => false,
        Sub::Validate
        | Sub::History
        | Sub::HistoryEvent(_)
        | Sub::Inventory
        | Sub::Bios
        | Sub::BiosSetting(_)
        | Sub::Firmware
        | Sub::VendorMethods
        | Sub::Vifs
        | Sub::BootDevices
        | Sub::Indicators
        | Sub::Children
        | Sub::Portgroups
        | Sub::Allocation => method == "GET",
    }
}

fn maintenance(world: &mut World, ctx: &Ctx<'_>, ident: &str) -> Result<Answer, Error> {
    let is_on = ctx.request.method == "PUT";
    let args = ctx.args(if is_on { &["reason"] } else { &[] })?;
    let reason = args.text("reason")?.map(str::to_owned);
    let key = find(world, ctx, ident)?;
    world.check_lock(key)?;
    world.disturbed();
    let date = world.date();
    let node = world.node_mut(key)?;
    node.updated_at = Some(date);
    node.maintenance_reason = reason.filter(|_| is_on);
    if node.maintenance && !is_on {
        node.fault = None;
    }
    node.maintenance = is_on;
    Ok(Answer::empty(202))
}

fn inventory(world: &World, key: NodeKey) -> Result<Answer, Error> {
    match &world.node(key)?.inventory {
        Some(inventory) => Answer::ok(inventory),
        // Ironic shows the row's number.
        None => Err(Error::not_found(format!(
            "Node inventory record for node {} could not be found.",
            key.0
        ))),
    }
}

fn bios(world: &World, ctx: &Ctx<'_>, key: NodeKey, what: Sub<'_>) -> Result<Answer, Error> {
    let node = world.node(key)?;
    let link = |name: &str| ctx.links(&format!("nodes/{}/bios/{name}", node.uuid));
    let with_link = |name: &str, setting: &Value, is_detail: bool| {
        let mut shown = setting.as_object().cloned().unwrap_or_default();
        if !is_detail {
            shown.retain(|key, _| {
                matches!(key.as_str(), "created_at" | "updated_at" | "name" | "value")
            });
        }
        shown.insert("links".to_owned(), link(name));
        Value::Object(shown)
    };
    if let Sub::BiosSetting(name) = what {
        let setting = node.bios.get(name).ok_or_else(|| {
            Error::not_found(format!(
                "Node {} doesn't have a BIOS setting '{name}'",
                node.uuid
            ))
        })?;
        let mut document = Map::new();
        document.insert(name.to_owned(), with_link(name, setting, ctx.minor >= 74));
        return Answer::ok(&document);
    }
    let args = ctx.query(&["detail", "fields"])?;
    let is_detail = args.flag("detail")?.unwrap_or(false) && ctx.minor >= 74;
    let settings: Vec<Value> = node
        .bios
        .iter()
        .map(|(name, setting)| with_link(name, setting, is_detail))
        .collect();
    Answer::ok(&json!({ "bios": settings }))
}

fn children(world: &World, ctx: &Ctx<'_>, key: NodeKey) -> Result<Answer, Error> {
    let uuid = &world.node(key)?.uuid;
    let children: Vec<&str> = world
        .store
        .nodes
        .values()
        .filter(|node| node.parent_node.as_ref() == Some(uuid))
        .map(|node| node.uuid.as_str())
        .collect();
    let href = format!("{}/v1/nodes?parent_node={uuid}", ctx.base);
    Answer::ok(&json!({"children": children, "links": {"href": href, "rel": "children"}}))
}
