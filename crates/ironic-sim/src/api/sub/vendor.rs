//! Vendor passthru.

use serde_json::{Value, json};

use super::super::args::Args;
use super::super::{Answer, Ctx, Error};
use crate::drivers::{Interface, vendor_methods};
use crate::model::NodeKey;
use crate::world::World;

pub(super) fn vendor(
    world: &mut World,
    ctx: &Ctx<'_>,
    key: NodeKey,
    in_path: Option<&str>,
) -> Result<Answer, Error> {
    let args = Args::of_query(&ctx.request.query);
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
