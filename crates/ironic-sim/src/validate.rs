//! What each interface of a node has to say against it (`GET /v1/nodes/{node}/validate`).

use serde_json::{Map, Value, json};

use crate::api::Error;
use crate::drivers::{Interface, REDFISH};
use crate::machine::configure::unsupported;
use crate::model::{Node, NodeKey};
use crate::python;
use crate::storage;
use crate::world::World;

/// The interfaces, in Ironic's order.
const ORDER: [Interface; 12] = [
    Interface::Boot,
    Interface::Deploy,
    Interface::Management,
    Interface::Network,
    Interface::Power,
    Interface::Bios,
    Interface::Console,
    Interface::Firmware,
    Interface::Inspect,
    Interface::Raid,
    Interface::Rescue,
    Interface::Storage,
];

/// Capabilities whose values are checked.
const CAPABILITIES: [(&str, &[&str]); 3] = [
    ("boot_mode", &["bios", "uefi"]),
    ("secure_boot", &["true", "false"]),
    ("disk_label", &["msdos", "gpt"]),
];

/// All verdicts.
pub(crate) fn all(world: &World, key: NodeKey) -> Result<Value, Error> {
    let node = world.node(key)?;
    image_type(node)?;
    let mut verdicts = Map::new();
    for interface in ORDER {
        let verdict = match one(world, key, node, interface) {
            Ok(()) => json!({"result": true}),
            Err(reason) => json!({"result": false, "reason": reason}),
        };
        verdicts.insert(interface.as_str().to_owned(), verdict);
    }
    Ok(Value::Object(verdicts))
}

fn one(world: &World, key: NodeKey, node: &Node, interface: Interface) -> Result<(), String> {
    let name = node.interface(interface);
    if name.starts_with("no-") {
        return Err(unsupported(&node.driver, interface.as_str()));
    }
    match interface {
        Interface::Boot => boot(world, key),
        Interface::Deploy => deploy(world, key),
        Interface::Power
        | Interface::Management
        | Interface::Bios
        | Interface::Inspect
        | Interface::Console
        | Interface::Firmware
            if name == REDFISH =>
        {
            power(node)
        }
        Interface::Storage => storage::validate(&world.store, key, world.writes_image(key)),
        Interface::Power
        | Interface::Management
        | Interface::Bios
        | Interface::Inspect
        | Interface::Console
        | Interface::Firmware
        | Interface::Network
        | Interface::Raid
        | Interface::Rescue
        | Interface::Vendor => Ok(()),
    }
}

/// The power interface, and others that need the BMC.
pub(crate) fn power(node: &Node) -> Result<(), String> {
    if node.interface(Interface::Power) != REDFISH {
        return Ok(());
    }
    World::bmc_address(node)
        .map(|_| ())
        .map_err(|error| error.text())
}

/// The boot interface.
pub(crate) fn boot(world: &World, key: NodeKey) -> Result<(), String> {
    let Some(node) = world.store.nodes.get(&key) else {
        return Ok(());
    };
    let interface = node.interface(Interface::Boot);
    if interface == "fake" {
        return Ok(());
    }
    let uuid = &node.uuid;
    if interface == "redfish-virtual-media" {
        World::bmc_address(node).map_err(|error| error.text())?;
    } else if node.ports.is_empty() {
        return Err(format!(
            "Node {uuid} does not have any port associated with it"
        ));
    }
    capabilities(node)?;
    let info = &node.instance_info;
    if info.contains_key("image_source") && info.contains_key("boot_iso") {
        return Err(
            "An 'image_source' and 'boot_iso' parameter may not be specified at the same time"
                .to_owned(),
        );
    }
    let deploys_ramdisk = World::deploy_interface(node) == "ramdisk";
    let is_cleaned = node
        .automated_clean
        .unwrap_or(world.settings.automated_clean);
    if !deploys_ramdisk || is_cleaned {
        let missing = missing(&node.driver_info, &["deploy_kernel", "deploy_ramdisk"]);
        if !missing.is_empty() {
            return Err(format!(
                "Cannot validate PXE bootloader. Some parameters were missing in node's \
                 driver_info and configuration. Missing are: {}",
                python::quoted_list(missing)
            ));
        }
    }
    if deploys_ramdisk && world.writes_image(key) && !info.contains_key("boot_iso") {
        let missing = missing(info, &["kernel", "ramdisk"]);
        if !missing.is_empty() {
            return Err(format!(
                "Cannot validate image information for node {uuid} because one or more parameters \
                 are missing from its instance_info and insufficient information is present to \
                 boot from a remote volume. Missing are: {}",
                python::quoted_list(missing)
            ));
        }
    }
    Ok(())
}

/// The deploy interface: this is what decides whether a deployment is accepted.
pub(crate) fn deploy(world: &World, key: NodeKey) -> Result<(), String> {
    let Some(node) = world.store.nodes.get(&key) else {
        return Ok(());
    };
    let interface = World::deploy_interface(node);
    match interface {
        "fake" | "noop" => return Ok(()),
        "ramdisk" if node.interface(Interface::Boot) == "fake" => {
            return Err(
                "Invalid configuration: The boot interface must have the `ramdisk_boot` \
                 capability. You are using an incompatible boot interface."
                    .to_owned(),
            );
        }
        _ => {}
    }
    boot(world, key)?;
    capabilities(node)?;
    if interface != "direct" || !world.writes_image(key) {
        return Ok(());
    }
    image(node)
}

fn image(node: &Node) -> Result<(), String> {
    let uuid = &node.uuid;
    let info = &node.instance_info;
    let has = |key: &str| info.get(key).is_some_and(crate::mask::is_truthy);
    if !has("image_source") {
        return Err(format!(
            "Node {uuid} failed to validate deploy image info. Some parameters were missing. \
             Missing are: ['instance_info.image_source']"
        ));
    }
    let source = info
        .get("image_source")
        .and_then(Value::as_str)
        .unwrap_or_default();
    let needs_no_sum = !source.contains("://")
        || source.starts_with("file://")
        || source.starts_with("oci://")
        || source.starts_with("glance://");
    let has_hash = has("image_os_hash_value");
    let is_summed = (has_hash == has("image_os_hash_algo")) && (has_hash || has("image_checksum"));
    if !needs_no_sum && !is_summed {
        return Err(format!(
            "image_source's \"image_checksum\", or \"image_os_hash_algo\" and \
             \"image_os_hash_value\" must be provided in instance_info for node {uuid}"
        ));
    }
    Ok(())
}

/// The type of the image that is deployed, which Ironic works out before anything else. It falls
/// over an image that is neither a URL nor a UUID.
pub(crate) fn image_type(node: &Node) -> Result<Option<&'static str>, Error> {
    let info = &node.instance_info;
    let Some(source) = info.get("image_source").and_then(Value::as_str) else {
        return Ok(None);
    };
    if !source.contains("://") && !crate::api::checks::is_uuid_like(source) {
        return Err(Error::server(format!(
            "Validation of image href {source} failed, reason: Scheme-less image href is not a \
             UUID."
        )));
    }
    let is_partition = ["kernel", "ramdisk"]
        .iter()
        .all(|key| info.get(*key).is_some_and(crate::mask::is_truthy));
    Ok(Some(if is_partition {
        "partition"
    } else {
        "whole-disk"
    }))
}

fn capabilities(node: &Node) -> Result<(), String> {
    for (name, allowed) in CAPABILITIES {
        if let Some(value) = node.capability(name)
            && !value.is_empty()
            && !allowed.contains(&value)
        {
            return Err(format!(
                "The parameter '{name}' from properties/capabilities has an invalid value: \
                 '{value}'. Acceptable values are: {}.",
                allowed.join(", ")
            ));
        }
    }
    Ok(())
}

fn missing<'a>(info: &Map<String, Value>, keys: &[&'a str]) -> Vec<&'a str> {
    keys.iter()
        .copied()
        .filter(|key| !info.get(*key).is_some_and(crate::mask::is_truthy))
        .collect()
}
