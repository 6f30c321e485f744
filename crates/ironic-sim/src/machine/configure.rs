//! Boot mode, secure boot, consoles and virtual media.

use serde_json::{Value, json};

use super::World;
use crate::api::Error;
use crate::bmc::Slot;
use crate::drivers::{Interface, REDFISH};
use crate::faults::Failing;
use crate::model::NodeKey;

impl World {
    /// The end of a change of the boot mode.
    pub(super) fn end_boot_mode(&mut self, key: NodeKey, mode: &str) {
        let outcome = self.managed(key, "set_boot_mode").and_then(|()| {
            let machine = self.open_bmc(key).map_err(|error| error.text())?;
            if machine.boot_mode.is_none() {
                return Err(unsupported(REDFISH, "set_boot_mode"));
            }
            machine.boot_mode = Some(mode.to_owned());
            Ok(())
        });
        let Some(node) = self.store.nodes.get_mut(&key) else {
            return;
        };
        match outcome {
            Ok(()) => node.boot_mode = Some(mode.to_owned()),
            // The quote that is missing is missing in Ironic, too.
            Err(words) => {
                node.last_error = Some(format!("Failed to change boot mode to '{mode}: {words}"));
            }
        }
    }

    /// The end of a change of secure boot.
    pub(super) fn end_secure_boot(&mut self, key: NodeKey, is_on: bool) {
        let outcome = self.managed(key, "set_secure_boot_state").and_then(|()| {
            let machine = self.open_bmc(key).map_err(|error| error.text())?;
            if machine.secure_boot.is_none() {
                return Err(unsupported(REDFISH, "set_secure_boot_state"));
            }
            machine.secure_boot = Some(is_on);
            Ok(())
        });
        let Some(node) = self.store.nodes.get_mut(&key) else {
            return;
        };
        match outcome {
            Ok(()) => node.secure_boot = Some(is_on),
            Err(words) => {
                let state = if is_on { "True" } else { "False" };
                node.last_error = Some(format!(
                    "Failed to change secure_boot state to '{state}': {words}"
                ));
            }
        }
    }

    /// The end of switching a console.
    pub(super) fn end_console(&mut self, key: NodeKey, is_on: bool) {
        if let Some(node) = self.store.nodes.get_mut(&key) {
            node.console_enabled = is_on;
        }
    }

    /// The end of attaching virtual media.
    pub(super) fn end_attach(&mut self, key: NodeKey, device: &str, image: &str) {
        let uuid = self.uuid_of(key);
        let fault = self.faults.strike_work(&uuid, Failing::VirtualMedia);
        let outcome = fault.map_or_else(|| self.try_attach(key, &uuid, device, image), Err);
        if let Err(words) = outcome {
            let text = format!("Could not attach device {device} to node {uuid}: {words}");
            self.record(key, "None", &text, true);
        }
    }

    fn try_attach(
        &mut self,
        key: NodeKey,
        uuid: &str,
        device: &str,
        image: &str,
    ) -> Result<(), String> {
        let driver = self
            .store
            .nodes
            .get(&key)
            .map(|node| node.driver.clone())
            .unwrap_or_default();
        if driver != REDFISH {
            return Err(format!(
                "Publishing images is not supported for driver {driver}"
            ));
        }
        self.find_image(image)?;
        self.managed(key, "attach_virtual_media")?;
        let extension = if device == "cdrom" { "iso" } else { "img" };
        let url = format!(
            "{}/redfish/{device}-{uuid}.{extension}",
            self.settings.http_url
        );
        let machine = self.open_bmc(key).map_err(|error| error.text())?;
        if let Some(slot) = Slot::of_device(device) {
            machine.media.insert(slot, url);
        }
        Ok(())
    }

    /// The end of detaching virtual media: all of it, or those devices.
    pub(super) fn end_detach(&mut self, key: NodeKey, devices: Option<&[String]>) {
        let uuid = self.uuid_of(key);
        let fault = self.faults.strike_work(&uuid, Failing::VirtualMedia);
        let is_allowed = fault.map_or_else(|| self.managed(key, "detach_virtual_media"), Err);
        let outcome = is_allowed.and_then(|()| {
            let machine = self.open_bmc(key).map_err(|error| error.text())?;
            match devices {
                None => machine.media.clear(),
                Some(devices) => {
                    for slot in devices.iter().filter_map(|device| Slot::of_device(device)) {
                        machine.media.remove(&slot);
                    }
                }
            }
            Ok(())
        });
        if let Err(words) = outcome {
            let devices = devices.map_or(Value::Null, Value::from);
            let devices = crate::python::repr(&devices);
            let text = format!("Could not detach device(s) {devices} from node {uuid}: {words}");
            self.record(key, "None", &text, true);
        }
    }

    /// The virtual media of a node's machine.
    pub(crate) fn media_of(&mut self, key: NodeKey) -> Result<Value, Error> {
        self.managed(key, "get_virtual_media")
            .map_err(Error::invalid)?;
        let machine = self
            .open_bmc(key)
            .map_err(|error| Error::server(error.text()))?;
        let slots: Vec<Value> = Slot::ALL
            .into_iter()
            .map(|slot| {
                let image = machine.media.get(&slot);
                json!({
                    "media_types": slot.media_types(),
                    "inserted": image.is_some(),
                    "image": image.map_or("", String::as_str),
                })
            })
            .collect();
        Ok(Value::from(slots))
    }

    /// Fails where the management interface can't do this.
    pub(crate) fn managed(&self, key: NodeKey, what: &str) -> Result<(), String> {
        match self.store.nodes.get(&key) {
            Some(node) if node.interface(Interface::Management) != REDFISH => {
                Err(unsupported(&node.driver, what))
            }
            _ => Ok(()),
        }
    }
}

/// What Ironic says of drivers that can't do something.
pub(crate) fn unsupported(driver: &str, what: &str) -> String {
    format!("Driver {driver} does not support {what} (disabled or not implemented).")
}
