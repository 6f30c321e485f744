//! What else there is below a node.

use serde_json::{Map, Value, json};

use super::nodes::{check_ident, find};
use super::paging::{PAGING, Page, Paging};
use super::route::Sub;
use super::schema::error;
use super::{Answer, Ctx, Error, vmedia};
use crate::clock::isoformat;
use crate::drivers::{Interface, vendor_methods};
use crate::machine::configure::unsupported;
use crate::model::{Event, Node, NodeKey};
use crate::python;
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
        Sub::Traits | Sub::Trait(_) => traits(world, ctx, ident, key, what),
        Sub::History => history(world, ctx, ident, key),
        Sub::HistoryEvent(event) => history_event(world, ctx, key, event),
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
        Sub::Vendor(method) => vendor(world, ctx, key, method),
        Sub::BootDevice if method == "PUT" => set_boot_device(world, ctx, key),
        Sub::BootDevice => boot_device(world, key),
        Sub::BootDevices => supported_boot_devices(world, key),
        Sub::InjectNmi => inject_nmi(world, key),
        Sub::Indicators => indicators(world, ctx, key),
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

fn traits(
    world: &mut World,
    ctx: &Ctx<'_>,
    ident: &str,
    key: NodeKey,
    what: Sub<'_>,
) -> Result<Answer, Error> {
    let method = ctx.request.method.as_str();
    let named = match what {
        Sub::Trait(name) => Some(name),
        _ => None,
    };
    match (method, named) {
        ("GET", _) => {
            let traits = world.node(key)?.field("traits");
            Answer::ok(&json!({ "traits": traits }))
        }
        ("PUT", None) => {
            let traits = trait_list(&ctx.body()?)?;
            world.check_lock(key)?;
            world.node_mut(key)?.traits = traits.into_iter().collect();
            Ok(Answer::empty(204))
        }
        ("PUT", Some(name)) => {
            check_trait("trait", name)?;
            if !matches!(ctx.body()?, Value::Object(map) if map.is_empty()) {
                return Err(Error::invalid(
                    "No body should be provided when adding a trait",
                ));
            }
            world.check_lock(key)?;
            world.node_mut(key)?.traits.insert(name.to_owned());
            let location = format!("{}/v1/nodes/{ident}/traits/{name}", ctx.base);
            Ok(Answer::empty(204).at(location))
        }
        (_, None) => {
            world.check_lock(key)?;
            world.node_mut(key)?.traits.clear();
            Ok(Answer::empty(204))
        }
        (_, Some(name)) => {
            world.check_lock(key)?;
            let node = world.node_mut(key)?;
            if node.traits.remove(name) {
                return Ok(Answer::empty(204));
            }
            Err(Error::not_found(format!(
                "Node {} doesn't have a trait '{name}'",
                node.uuid
            )))
        }
    }
}

fn trait_list(body: &Value) -> Result<Vec<String>, Error> {
    let Some(Value::Array(traits)) = body.get("traits") else {
        return Err(Error::invalid(
            "A single node trait may be added via PUT /v1/nodes/<node identifier>/traits/<trait> \
             with no body, or all node traits may be replaced via PUT /v1/nodes/<node \
             identifier>/traits with the list of traits specified in the request body.",
        ));
    };
    traits
        .iter()
        .map(|name| {
            let text = name.as_str().unwrap_or_default();
            check_trait("body", text)?;
            Ok(text.to_owned())
        })
        .collect()
}

/// Standard traits begin with what they are of; the simulator takes any such name for one.
fn check_trait(what: &str, name: &str) -> Result<(), Error> {
    let is_upper = |text: &str| {
        !text.is_empty()
            && text
                .bytes()
                .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_')
    };
    let is_custom = name.strip_prefix("CUSTOM_").is_some_and(is_upper);
    let is_standard = ["HW_", "COMPUTE_", "STORAGE_", "MISC_", "OWNER_", "GUEST_"]
        .iter()
        .any(|prefix| name.starts_with(prefix))
        && is_upper(name);
    if (is_custom || is_standard) && name.len() <= 255 {
        return Ok(());
    }
    let name = python::quoted(name);
    Err(error(
        what,
        &format!(
            "{name} is not valid under any of the given schemas. Possible root cause: {name} does \
             not match '^CUSTOM_[A-Z0-9_]+$'"
        ),
    ))
}

fn history(world: &World, ctx: &Ctx<'_>, ident: &str, key: NodeKey) -> Result<Answer, Error> {
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

fn history_event(world: &World, ctx: &Ctx<'_>, key: NodeKey, uuid: &str) -> Result<Answer, Error> {
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

fn vendor(
    world: &mut World,
    ctx: &Ctx<'_>,
    key: NodeKey,
    in_path: Option<&str>,
) -> Result<Answer, Error> {
    let args = super::args::Args::of_query(&ctx.request.query);
    let name = if let Some(name) = in_path {
        name
    } else {
        args.require("method")?;
        args.text("method")?.unwrap_or_default()
    };
    let body = ctx.body()?;
    let method = ctx.request.method.as_str();
    let node = world.node(key)?;
    let methods = vendor_methods(node.interface(Interface::Vendor));
    let described = methods
        .get(name)
        .ok_or_else(|| Error::invalid(format!("No handler for method {name}")))?;
    let takes = described
        .get("http_methods")
        .and_then(Value::as_array)
        .is_some_and(|methods| methods.iter().any(|known| known == method));
    if !takes {
        return Err(Error::invalid(format!(
            "The method {name} does not support HTTP {method}"
        )));
    }
    let is_true = |key: &str| described.get(key) == Some(&Value::Bool(true));
    if is_true("require_exclusive_lock") {
        world.check_lock(key)?;
    }
    let node = world.node(key)?;
    if node.interface(Interface::Vendor) == "fake" && name != "log_passthrough" {
        let bar = body.get("bar").and_then(Value::as_str);
        let bar = bar.ok_or_else(|| {
            Error::invalid(format!("Parameter 'bar' not passed to method '{name}'."))
        })?;
        if !is_true("async") {
            return Answer::ok(&(bar == "meow"));
        }
    }
    if is_true("async") {
        return Ok(Answer::empty(202));
    }
    subscriptions(world, key, name)
}

/// Subscriptions to a BMC's events: the simulated BMC takes none.
fn subscriptions(world: &mut World, key: NodeKey, name: &str) -> Result<Answer, Error> {
    world
        .open_bmc(key)
        .map_err(|error| Error::server(error.text()))?;
    if name == "get_all_subscriptions" {
        return Answer::ok(&json!({"Members": []}));
    }
    Err(Error::server(
        "Redfish exception occurred. Error: the simulated BMC takes no subscriptions",
    ))
}

fn boot_device(world: &mut World, key: NodeKey) -> Result<Answer, Error> {
    world.check_lock(key)?;
    let management = world.node(key)?.interface(Interface::Management);
    match management {
        "fake" => Answer::ok(&json!({"boot_device": "pxe", "persistent": false})),
        "noop" => Answer::ok(&json!({"boot_device": null, "persistent": null})),
        _ => {
            let machine = world
                .open_bmc(key)
                .map_err(|error| Error::server(error.text()))?;
            Answer::ok(&json!({
                "boot_device": machine.boot_device,
                "persistent": machine.is_boot_device_persistent,
            }))
        }
    }
}

/// What the boot device of a node may be.
fn boot_devices(management: &str) -> &'static [&'static str] {
    match management {
        "fake" => &["pxe"],
        "noop" => &["pxe", "disk"],
        _ => &["pxe", "disk", "cdrom", "bios", "uefihttp"],
    }
}

fn supported_boot_devices(world: &World, key: NodeKey) -> Result<Answer, Error> {
    let management = world.node(key)?.interface(Interface::Management);
    Answer::ok(&json!({"supported_boot_devices": boot_devices(management)}))
}

fn set_boot_device(world: &mut World, ctx: &Ctx<'_>, key: NodeKey) -> Result<Answer, Error> {
    let args = ctx.args(&["boot_device", "persistent"])?;
    args.require("boot_device")?;
    let device = args.text("boot_device")?.unwrap_or_default().to_owned();
    let is_persistent = args.flag("persistent")?.unwrap_or(false);
    world.check_lock(key)?;
    let management = world.node(key)?.interface(Interface::Management).to_owned();
    if !boot_devices(&management).contains(&device.as_str()) {
        return Err(if management == "fake" {
            Error::invalid(format!("Invalid boot device {device} specified."))
        } else {
            Error::server(python::quoted(&device))
        });
    }
    if management == "redfish" {
        world.set_boot_device(key, &device).map_err(Error::server)?;
        if let Ok(machine) = world.open_bmc(key) {
            machine.is_boot_device_persistent = is_persistent;
        }
    }
    Ok(Answer::empty(204))
}

fn inject_nmi(world: &mut World, key: NodeKey) -> Result<Answer, Error> {
    world.check_lock(key)?;
    let node = world.node(key)?;
    if node.interface(Interface::Management) != "redfish" {
        return Err(Error::invalid(unsupported(&node.driver, "inject_nmi")));
    }
    world
        .open_bmc(key)
        .map_err(|error| Error::server(error.text()))?;
    Ok(Answer::empty(204))
}

fn indicators(world: &World, ctx: &Ctx<'_>, key: NodeKey) -> Result<Answer, Error> {
    let node = world.node(key)?;
    if node.interface(Interface::Management) != "fake" {
        return Answer::ok(&json!({"indicators": []}));
    }
    let indicator = |name: &str, component: &str, readonly: bool, states: &[&str]| {
        let path = format!(
            "nodes/{}/management/indicators/{name}@{component}",
            node.uuid
        );
        json!({
            "name": format!("{name}@{component}"),
            "component": component,
            "readonly": readonly,
            "states": states,
            "links": ctx.links(&path),
        })
    };
    Answer::ok(&json!({"indicators": [
        indicator("led-0", "chassis", true, &["off", "on"]),
        indicator("led", "system", false, &["blinking", "off", "on"]),
    ]}))
}
