//! Boot device, indicators, NMI (`NodeManagementController`).

use serde_json::json;

use super::super::{Answer, Ctx, Error};
use crate::drivers::Interface;
use crate::machine::configure::unsupported;
use crate::model::NodeKey;
use crate::python;
use crate::world::World;

pub(super) fn boot_device(world: &mut World, key: NodeKey) -> Result<Answer, Error> {
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

pub(super) fn supported_boot_devices(world: &World, key: NodeKey) -> Result<Answer, Error> {
    let management = world.node(key)?.interface(Interface::Management);
    Answer::ok(&json!({"supported_boot_devices": boot_devices(management)}))
}

pub(super) fn set_boot_device(
    world: &mut World,
    ctx: &Ctx<'_>,
    key: NodeKey,
) -> Result<Answer, Error> {
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

pub(super) fn inject_nmi(world: &mut World, key: NodeKey) -> Result<Answer, Error> {
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

pub(super) fn indicators(world: &World, ctx: &Ctx<'_>, key: NodeKey) -> Result<Answer, Error> {
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
