//! Verifying a node's credentials (`conductor/verify.py`).

use serde_json::{Value, json};

use super::World;
use crate::bmc::BmcError;
use crate::drivers::{Interface, REDFISH};
use crate::model::NodeKey;
use crate::states::{Event, Power};

impl World {
    /// The end of `verifying`.
    pub(super) fn verify(&mut self, key: NodeKey) {
        let Some(uuid) = self.store.nodes.get(&key).map(|node| node.uuid.clone()) else {
            return;
        };
        match self.read_power(key) {
            Ok(power) => {
                self.cache(key);
                if let Some(node) = self.store.nodes.get_mut(&key) {
                    node.power = power;
                }
                self.step(key, Event::Done);
            }
            Err(error) => {
                let what = match error {
                    BmcError::Misconfigured(_) => "validate power driver interface",
                    BmcError::Unreachable { .. }
                    | BmcError::Refused { .. }
                    | BmcError::NoSystem { .. }
                    | BmcError::Stuck(_)
                    | BmcError::Other(_) => "get power state",
                };
                let text = format!("Failed to {what} for node {uuid}. Error: {}", error.text());
                self.fail(key, "verify", &text);
            }
        }
    }

    /// What the node's power is. The fake hardware is whatever Ironic last made it.
    pub(crate) fn read_power(&mut self, key: NodeKey) -> Result<Option<Power>, BmcError> {
        let has_bmc = self
            .store
            .nodes
            .get(&key)
            .is_some_and(|node| node.interface(Interface::Power) == REDFISH);
        if has_bmc {
            return self.open_bmc(key).map(|machine| Some(machine.power));
        }
        Ok(self.store.nodes.get(&key).and_then(|node| node.power))
    }

    /// Notes what the BMC says besides (`node_update_cache`).
    pub(super) fn cache(&mut self, key: NodeKey) {
        let is_redfish = |interface| {
            self.store
                .nodes
                .get(&key)
                .is_some_and(|node| node.interface(interface) == REDFISH)
        };
        if !is_redfish(Interface::Management) {
            return;
        }
        let has_bios = is_redfish(Interface::Bios);
        let Ok(machine) = self.open_bmc(key) else {
            return;
        };
        let boot_mode = machine.boot_mode.clone();
        let secure_boot = machine.secure_boot;
        let manufacturer = machine.manufacturer.clone();
        let date = self.date();
        let Some(node) = self.store.nodes.get_mut(&key) else {
            return;
        };
        if has_bios && node.bios.is_empty() {
            let mode = if boot_mode.as_deref() == Some("bios") {
                "Bios"
            } else {
                "Uefi"
            };
            for (name, value) in bios_settings(mode, &crate::clock::isoformat(date)) {
                node.bios.insert(name.to_owned(), value);
            }
        }
        node.boot_mode = boot_mode;
        node.secure_boot = secure_boot;
        if !manufacturer.is_empty() {
            node.properties
                .entry("vendor")
                .or_insert_with(|| Value::from(manufacturer));
        }
    }
}

/// The BIOS settings of the machines: those that sushy-tools makes up.
fn bios_settings(mode: &str, date: &str) -> [(&'static str, Value); 3] {
    let setting = |name: &str, value: &str, allowed: &[&str]| {
        json!({
            "created_at": date, "updated_at": null, "name": name, "value": value,
            "attribute_type": "Enumeration", "allowable_values": allowed, "lower_bound": null,
            "max_length": null, "min_length": null, "read_only": false, "reset_required": null,
            "unique": null, "upper_bound": null,
        })
    };
    [
        ("BootMode", setting("BootMode", mode, &["Bios", "Uefi"])),
        (
            "EmbeddedSata",
            setting("EmbeddedSata", "Raid", &["Ata", "Ahci", "Raid", "Off"]),
        ),
        (
            "ProcTurboMode",
            setting("ProcTurboMode", "Enabled", &["Enabled", "Disabled"]),
        ),
    ]
}
