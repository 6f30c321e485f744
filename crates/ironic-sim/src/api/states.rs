//! What is asked of a node's states (`NodeStatesController`).

use std::time::Duration;

use serde_json::{Value, json};

use super::nodes::{check_ident, find};
use super::route::States;
use super::{Answer, Ctx, Error};
use crate::drivers::Interface;
use crate::machine::Work;
use crate::machine::configure::unsupported;
use crate::model::NodeKey;
use crate::states::{Power, PowerAction, State};
use crate::validate;
use crate::world::World;

pub(crate) fn answer(
    world: &mut World,
    ctx: &Ctx<'_>,
    ident: &str,
    what: States<'_>,
) -> Result<Answer, Error> {
    check_ident(ident)?;
    match (ctx.request.method.as_str(), what) {
        ("GET", States::All) => {
            let key = find(world, ctx, ident)?;
            states(world, ctx, key)
        }
        ("GET", States::Console) => {
            let key = find(world, ctx, ident)?;
            console(world, key)
        }
        ("GET", _) => Err(Error::server(
            "NodeStatesController.get() takes 2 positional arguments but 3 were given",
        )),
        ("PUT", States::Power) => power(world, ctx, ident),
        ("PUT", States::Provision) => super::provision::provision(world, ctx, ident),
        ("PUT", States::Raid) => raid(world, ctx, ident),
        ("PUT", States::BootMode) => boot_mode(world, ctx, ident),
        ("PUT", States::SecureBoot) => secure_boot(world, ctx, ident),
        ("PUT", States::Console) => set_console(world, ctx, ident),
        _ => Err(Error::no_method()),
    }
}

/// 202, and where to look.
pub(super) fn accepted(ctx: &Ctx<'_>, ident: &str, what: &str) -> Answer {
    Answer::empty(202).at(format!("{}/v1/nodes/{ident}/{what}", ctx.base))
}

fn states(world: &World, ctx: &Ctx<'_>, key: NodeKey) -> Result<Answer, Error> {
    let node = world.node(key)?;
    let mut states = serde_json::Map::new();
    for field in [
        "console_enabled",
        "last_error",
        "power_state",
        "target_power_state",
        "target_provision_state",
        "provision_updated_at",
    ] {
        states.insert(field.to_owned(), node.field(field).unwrap_or_default());
    }
    let state = super::nodes::state(ctx, node.state);
    states.insert("provision_state".to_owned(), state);
    if ctx.minor >= 12 {
        for field in ["raid_config", "target_raid_config"] {
            states.insert(field.to_owned(), node.field(field).unwrap_or_default());
        }
    }
    if ctx.minor >= 75 {
        for field in ["boot_mode", "secure_boot"] {
            states.insert(field.to_owned(), node.field(field).unwrap_or_default());
        }
    }
    Answer::ok(&states)
}

fn power(world: &mut World, ctx: &Ctx<'_>, ident: &str) -> Result<Answer, Error> {
    let args = ctx.args(&["target", "timeout"])?;
    args.require("target")?;
    let target = args.text("target")?.unwrap_or("None").to_owned();
    let timeout = args.integer("timeout")?;
    let key = find(world, ctx, ident)?;
    let action = PowerAction::parse(&target);
    let is_new = action.is_some_and(PowerAction::is_soft) || timeout.is_some_and(|time| time != 0);
    if is_new && ctx.minor < 27 {
        return Err(Error::not_acceptable());
    }
    if timeout.is_some_and(|timeout| timeout < 1) {
        return Err(Error::invalid("timeout has to be positive integer"));
    }
    let node = world.node(key)?;
    let Some(action) = action else {
        let power = node.power.map_or("None", Power::as_str);
        return Err(invalid_state(&target, ident, power));
    };
    if matches!(node.state, State::CleanWait | State::Cleaning) {
        return Err(invalid_state(&target, ident, node.state.as_str()));
    }
    if node.disable_power_off && matches!(action, PowerAction::Off | PowerAction::SoftOff) {
        return Err(Error::conflict(format!(
            "Failed to set node power state to {action}."
        )));
    }
    world.check_lock(key)?;
    validate::power(world.node(key)?).map_err(Error::invalid)?;
    let timeout = timeout
        .and_then(|timeout| u64::try_from(timeout).ok())
        .map(Duration::from_secs);
    world.begin_power(key, action, timeout);
    Ok(accepted(ctx, ident, "states"))
}

/// 400: this can't be asked of a node in this state.
pub(super) fn invalid_state(action: &str, node: &str, state: &str) -> Error {
    Error::invalid(format!(
        "The requested action \"{action}\" can not be performed on node \"{node}\" while it is in \
         state \"{state}\"."
    ))
}

fn raid(world: &mut World, ctx: &Ctx<'_>, ident: &str) -> Result<Answer, Error> {
    let body = ctx.body()?;
    ctx.query(&[])?;
    let Value::Object(config) = body else {
        return Err(Error::invalid(format!(
            "Expected types <class 'dict'> for target_raid_config: {}",
            crate::python::text(&body)
        )));
    };
    let key = find(world, ctx, ident)?;
    if ctx.minor < 12 {
        return Err(Error::not_acceptable());
    }
    world.check_lock(key)?;
    let node = world.node(key)?;
    if !config.is_empty() && node.interface(Interface::Raid) == "no-raid" {
        return Err(Error::not_found(unsupported(&node.driver, "raid")));
    }
    if !config.is_empty() {
        check_raid(&config)?;
    }
    let date = world.date();
    let node = world.node_mut(key)?;
    node.target_raid_config = config;
    node.updated_at = Some(date);
    Ok(Answer::empty(204))
}

/// A RAID configuration lists at least one disk, each with a size and a level.
fn check_raid(config: &serde_json::Map<String, Value>) -> Result<(), Error> {
    let refuse = |text: String| {
        Err(Error::invalid(format!(
            "RAID config validation error: {text}"
        )))
    };
    let Some(disks) = config.get("logical_disks") else {
        return refuse("'logical_disks' is a required property".to_owned());
    };
    let Value::Array(disks) = disks else {
        return refuse(format!(
            "{} is not of type 'array'",
            crate::python::repr(disks)
        ));
    };
    if disks.is_empty() {
        return refuse("[] should be non-empty".to_owned());
    }
    for disk in disks {
        for key in ["raid_level", "size_gb"] {
            if disk.get(key).is_none() {
                return refuse(format!("'{key}' is a required property"));
            }
        }
    }
    Ok(())
}

fn boot_mode(world: &mut World, ctx: &Ctx<'_>, ident: &str) -> Result<Answer, Error> {
    let args = ctx.args(&["target"])?;
    args.require("target")?;
    let target = args.text("target")?.unwrap_or("None").to_owned();
    let key = find(world, ctx, ident)?;
    since_76(ctx)?;
    if !matches!(target.as_str(), "bios" | "uefi") {
        return Err(Error::invalid(format!(
            "Invalid boot mode {target} requested for node. Allowed boot modes are: bios, uefi"
        )));
    }
    begin_management(world, key, "boot mode", Work::BootMode(target))?;
    Ok(accepted(ctx, ident, "states"))
}

fn secure_boot(world: &mut World, ctx: &Ctx<'_>, ident: &str) -> Result<Answer, Error> {
    let args = ctx.args(&["target"])?;
    args.require("target")?;
    let target = args.flag("target")?;
    let key = find(world, ctx, ident)?;
    since_76(ctx)?;
    let is_on =
        target.ok_or_else(|| Error::invalid("Invalid secure_boot None requested for node."))?;
    begin_management(world, key, "secure_boot state", Work::SecureBoot(is_on))?;
    Ok(accepted(ctx, ident, "states"))
}

fn since_76(ctx: &Ctx<'_>) -> Result<(), Error> {
    if ctx.minor < 76 {
        return Err(Error::not_found(
            "This endpoint is supported starting with the API version 1.76",
        ));
    }
    Ok(())
}

fn begin_management(world: &mut World, key: NodeKey, what: &str, work: Work) -> Result<(), Error> {
    let node = world.node(key)?;
    if node.state.is_unstable() {
        // Ironic forgets to fill in the state.
        return Err(Error::conflict(format!(
            "Node is in %(state)s state. Since node is transitioning, the {what} will not be set \
             as this may interfere with ongoing changes and result in erroneous \
             modification. Try again later."
        )));
    }
    world.check_lock(key)?;
    validate::power(world.node(key)?).map_err(Error::invalid)?;
    world.node_mut(key)?.last_error = None;
    let takes = world.settings.delays.management;
    world.start(key, work, takes);
    Ok(())
}

fn console(world: &World, key: NodeKey) -> Result<Answer, Error> {
    let is_on = world.node(key)?.console_enabled;
    let info = if is_on { json!({}) } else { Value::Null };
    Answer::ok(&json!({"console_enabled": is_on, "console_info": info}))
}

fn set_console(world: &mut World, ctx: &Ctx<'_>, ident: &str) -> Result<Answer, Error> {
    let args = ctx.args(&["enabled"])?;
    args.require("enabled")?;
    let is_on = args.flag("enabled")?.unwrap_or(false);
    let key = find(world, ctx, ident)?;
    let node = world.node(key)?;
    if node.interface(Interface::Console) == "no-console" {
        return Err(Error::invalid(unsupported(&node.driver, "console")));
    }
    if node.console_enabled != is_on {
        world.check_lock(key)?;
        world.node_mut(key)?.last_error = None;
        let takes = world.settings.delays.management;
        world.start(key, Work::Console(is_on), takes);
    }
    Ok(accepted(ctx, ident, "states/console"))
}
