//! What a booted machine would see.
//!
//! Ironic writes an iPXE script for a node when it is deployed or adopted, and links it by the MAC
//! address of each port that boots from the network. A machine that is switched on finds the script
//! by its MAC addresses, however much changed in Ironic's database since. Scripts stay when a node
//! is deleted or the database is lost.
//!
//! See `ironic/common/pxe_utils.py` and `ironic/drivers/modules/ipxe_config.template`.

use std::collections::BTreeMap;

use secrecy::SecretString;
use serde_json::Value;

use crate::bmc::Machine;
use crate::model::{Connector, Object, Target};
use crate::python;

/// What a machine does when it is switched on.
#[derive(Clone, Debug)]
pub enum Boot {
    /// iPXE finds no script for any of the machine's network cards:
    /// "No configuration found for any of the present NICs."
    NothingFound,
    /// iPXE attaches volumes, and boots from the first.
    San(SanBoot),
    /// iPXE starts the deploy ramdisk.
    Ramdisk,
    /// iPXE starts a ramdisk that was deployed.
    InstanceRamdisk,
    /// The firmware boots from the machine's disk.
    Disk,
    /// The firmware boots from virtual media.
    VirtualMedia(String),
}

/// How iPXE boots from volumes.
#[derive(Clone, Debug)]
pub struct SanBoot {
    /// `set initiator-iqn`: who the machine says that it is.
    pub initiator: Option<String>,
    /// What is attached, in order; the first is booted.
    pub hooks: Vec<SanHook>,
}

/// A volume that iPXE attaches.
#[derive(Clone, Debug)]
pub struct SanHook {
    /// The BIOS drive: 0x80 for the first.
    pub drive: u8,
    /// `iscsi:HOST::PORT:LUN:IQN`, one for each portal.
    pub uris: Vec<String>,
    /// `set username`, if there is one.
    pub username: Option<String>,
    /// `set password`, if there is one.
    pub password: Option<SecretString>,
}

impl Boot {
    /// How it boots from volumes, if it does.
    pub fn san(&self) -> Option<&SanBoot> {
        match self {
            Self::San(san) => Some(san),
            Self::NothingFound
            | Self::Ramdisk
            | Self::InstanceRamdisk
            | Self::Disk
            | Self::VirtualMedia(_) => None,
        }
    }
}

/// Where the machines find their scripts: `http_root`.
#[derive(Default)]
pub(crate) struct BootServer {
    /// Scripts by the UUID of their node.
    scripts: BTreeMap<String, Boot>,
    /// Nodes by the MAC address of a port.
    links: BTreeMap<String, String>,
}

impl BootServer {
    /// Publishes a script, in the place of one that is there.
    pub(crate) fn publish(&mut self, node: &str, macs: &[String], script: Boot) {
        self.scripts.insert(node.to_owned(), script);
        for mac in macs {
            self.links.insert(mac.clone(), node.to_owned());
        }
    }

    pub(crate) fn script(&self, node: &str) -> Option<&Boot> {
        self.scripts.get(node)
    }

    /// Removes the script of a node, and the links of these addresses.
    pub(crate) fn withdraw(&mut self, node: &str, macs: &[String]) {
        self.scripts.remove(node);
        for mac in macs {
            self.links.remove(mac);
        }
    }

    /// What iPXE finds for a machine with these network cards.
    pub(crate) fn find(&self, macs: &[String]) -> Boot {
        macs.iter()
            .find_map(|mac| self.scripts.get(self.links.get(mac)?))
            .cloned()
            .unwrap_or(Boot::NothingFound)
    }

    /// What a machine with these network cards boots if it is switched on now.
    pub(crate) fn boot(&self, machine: &Machine, macs: &[String]) -> Boot {
        let cd = machine.media.values().next().cloned();
        match machine.boot_device.as_str() {
            "disk" => Boot::Disk,
            "cdrom" => cd.map_or(Boot::NothingFound, Boot::VirtualMedia),
            _ => self.find(macs),
        }
    }

    /// Forgets everything.
    pub(crate) fn wipe(&mut self) {
        *self = Self::default();
    }
}

/// The script that boots from these volumes; or how Python fails to write it: the class of its
/// exception, and its words.
pub(crate) fn san_script<'a>(
    boot: &Target,
    targets: impl Iterator<Item = &'a Target>,
    connectors: impl Iterator<Item = &'a Connector>,
) -> Result<Boot, (&'static str, String)> {
    // The last one wins, as in Ironic's loop.
    let initiator = connectors
        .filter(|connector| connector.kind == "iqn")
        .last()
        .map(|connector| connector.connector_id.clone());
    let properties = &boot.properties;
    let text = |key: &str| {
        properties
            .get(key)
            .filter(|value| crate::mask::is_truthy(value))
            .map(python::text)
    };
    let mut hooks = vec![SanHook {
        drive: 0x80,
        uris: uris(properties)?,
        username: text("auth_username"),
        password: text("auth_password").map(SecretString::from),
    }];
    for target in targets {
        if target.boot_index == 0 || !target.volume_type.contains("iscsi") {
            continue;
        }
        let required = |key: &str| {
            target
                .properties
                .get(key)
                .map(python::text)
                .ok_or_else(|| ("KeyError", python::quoted(key)))
        };
        let uris = uris(&target.properties)?;
        let username = required("auth_username")?;
        let password = required("auth_password")?;
        let drive = u8::try_from(0x80 + hooks.len()).unwrap_or(u8::MAX);
        hooks.push(SanHook {
            drive,
            uris,
            username: Some(username),
            password: Some(SecretString::from(password)),
        });
    }
    Ok(Boot::San(SanBoot { initiator, hooks }))
}

/// One URI for each portal of a volume.
fn uris(properties: &Object) -> Result<Vec<String>, (&'static str, String)> {
    let iqn = first(properties, "target_iqn");
    let lun = first(properties, "target_lun");
    let portals = match properties.get("target_portals") {
        Some(Value::Array(portals)) => portals.clone(),
        Some(other) => vec![other.clone()],
        None => vec![first(properties, "target_portal")],
    };
    portals
        .iter()
        .map(|portal| {
            let portal = python::text(portal);
            let (host, port) = host_and_port(&portal);
            let lun = hexadecimal(&lun)?;
            Ok(format!("iscsi:{host}::{port}:{lun}:{}", python::text(&iqn)))
        })
        .collect()
}

/// A property by its name, or by its plural; the first of a list.
fn first(properties: &Object, key: &str) -> Value {
    let first = |value: &Value| match value {
        Value::Array(items) => items.first().cloned().unwrap_or(Value::from("")),
        other => other.clone(),
    };
    let single = properties.get(key).map(first);
    match single {
        Some(value) if value != "" => value,
        _ => properties
            .get(&format!("{key}s"))
            .map_or(Value::from(""), first),
    }
}

/// `'%x' % value`.
fn hexadecimal(value: &Value) -> Result<String, (&'static str, String)> {
    let kind = match value {
        Value::Number(number) => {
            if let Some(number) = number.as_i64() {
                let sign = if number < 0 { "-" } else { "" };
                return Ok(format!("{sign}{:x}", number.unsigned_abs()));
            }
            "float"
        }
        Value::Bool(flag) => return Ok(u8::from(*flag).to_string()),
        Value::String(_) => "str",
        Value::Null => "NoneType",
        Value::Array(_) => "list",
        Value::Object(_) => "dict",
    };
    Err((
        "TypeError",
        format!("%x format: an integer is required, not {kind}"),
    ))
}

/// Splits `host:port`; the port is empty where there is none.
fn host_and_port(portal: &str) -> (&str, &str) {
    if let Some(rest) = portal.strip_prefix('[') {
        return match rest.split_once(']') {
            Some((host, port)) => (host, port.trim_start_matches(':')),
            None => (portal, ""),
        };
    }
    match portal.matches(':').count() {
        1 => portal.split_once(':').unwrap_or((portal, "")),
        _ => (portal, ""),
    }
}
