//! Setting up what machines boot (`drivers/modules/pxe_base.py`, `deploy_utils.py`).

use serde_json::Value;

use super::World;
use crate::boot::{Boot, san_script};
use crate::drivers::{Interface, REDFISH};
use crate::model::{Node, NodeKey, Target};
use crate::states::State;

impl World {
    /// Notes the volume that is booted (`populate_storage_driver_internal_info`).
    pub(super) fn populate_storage(&mut self, key: NodeKey) -> Result<(), String> {
        let Some(node) = self.store.nodes.get(&key) else {
            return Ok(());
        };
        let boot = self
            .store
            .targets_of(key)
            .find(|target| target.boot_index == 0);
        let Some(Target {
            volume_type, uuid, ..
        }) = boot
        else {
            return Ok(());
        };
        let kind = volume_type.to_lowercase();
        let uuid = uuid.clone();
        let (capability, name) = match kind.as_str() {
            "iscsi" => ("iscsi_boot", "n iSCSI boot volume defined and no iSCSI"),
            "fibre_channel" => (
                "fibre_channel_boot",
                " Fibre Channel boot volume defined and no Fibre Channel",
            ),
            _ => ("", ""),
        };
        if !capability.is_empty() && node.capability(capability).is_none() {
            return Err(format!(
                "Node {} has a{name} boot support available.",
                node.uuid
            ));
        }
        let boots_volumes = matches!(
            node.interface(Interface::Boot),
            "ipxe" | "http-ipxe" | "pxe"
        );
        if boots_volumes
            && matches!(kind.as_str(), "iscsi" | "fibre_channel")
            && let Some(node) = self.store.nodes.get_mut(&key)
        {
            node.driver_internal_info
                .insert("boot_from_volume".to_owned(), Value::from(uuid));
        }
        Ok(())
    }

    /// Sets up what the deployed machine boots (`prepare_instance` of the boot interface).
    pub(super) fn prepare_instance(&mut self, key: NodeKey) -> Result<(), PrepareFailure> {
        if self.has_fake_boot(key) {
            return Ok(());
        }
        let Some(node) = self.store.nodes.get(&key) else {
            return Ok(());
        };
        let uuid = node.uuid.clone();
        let is_adopting = node.state == State::Adopting;
        let volume = node
            .driver_internal_info
            .get("boot_from_volume")
            .and_then(Value::as_str)
            .and_then(|uuid| self.store.target_by_uuid(uuid))
            .and_then(|target| self.store.targets.get(&target))
            .filter(|target| target.volume_type == "iscsi");
        let device = if let Some(volume) = volume {
            // A script that is there stays as it is.
            if self.boot_server.script(&uuid).is_none() {
                let script = san_script(
                    volume,
                    self.store.targets_of(key),
                    self.store.connectors_of(key),
                )
                .map_err(|(class, words)| PrepareFailure::Python(class, words))?;
                let macs = self.boot_macs(key);
                self.boot_server.publish(&uuid, &macs, script);
            }
            "pxe"
        } else {
            self.clean_up_boot(key);
            "disk"
        };
        if is_adopting {
            return Ok(());
        }
        self.set_boot_device(key, device)
            .map_err(PrepareFailure::Ironic)
    }

    /// The addresses of the ports that boot from the network.
    pub(super) fn boot_macs(&self, key: NodeKey) -> Vec<String> {
        self.store
            .ports_of(key)
            .filter(|port| port.pxe_enabled)
            .map(|port| port.address.clone())
            .collect()
    }

    /// Removes what was set up for the machine to boot.
    pub(super) fn clean_up_boot(&mut self, key: NodeKey) {
        if self.has_fake_boot(key) {
            return;
        }
        let uuid = self.uuid_of(key);
        let macs: Vec<String> = self
            .store
            .ports_of(key)
            .map(|port| port.address.clone())
            .collect();
        self.boot_server.withdraw(&uuid, &macs);
    }

    /// Sets up the deploy ramdisk.
    pub(super) fn boot_ramdisk(&mut self, key: NodeKey) -> Result<(), String> {
        if self.has_fake_boot(key) {
            return Ok(());
        }
        for image in ["deploy_kernel", "deploy_ramdisk"] {
            self.check_image(key, |node| node.driver_info.get(image))?;
        }
        let uuid = self.uuid_of(key);
        let macs = self.boot_macs(key);
        self.boot_server.publish(&uuid, &macs, Boot::Ramdisk);
        self.set_boot_device(key, "pxe")
    }

    /// Sets up the deploy ramdisk, for an image that is to be written.
    pub(super) fn boot_image_ramdisk(&mut self, key: NodeKey) -> Result<(), String> {
        self.check_image(key, |node| node.instance_info.get("image_source"))?;
        self.boot_ramdisk(key)
    }

    fn check_image(
        &self,
        key: NodeKey,
        image: impl Fn(&Node) -> Option<&Value>,
    ) -> Result<(), String> {
        let image = self
            .store
            .nodes
            .get(&key)
            .and_then(image)
            .and_then(Value::as_str);
        match image {
            Some(image) => self.find_image(image),
            None => Ok(()),
        }
    }

    /// Fails for images that do not exist.
    pub(super) fn find_image(&self, image: &str) -> Result<(), String> {
        if self
            .settings
            .missing_images
            .iter()
            .any(|missing| image.contains(missing.as_str()))
        {
            return Err(format!(
                "Validation of image href {image} failed, reason: Got HTTP code 404 instead of 200 \
                 in response to HEAD request."
            ));
        }
        Ok(())
    }

    /// Sets the boot device for good.
    pub(crate) fn set_boot_device(&mut self, key: NodeKey, device: &str) -> Result<(), String> {
        let node = self.store.nodes.get(&key);
        match node.map(|node| node.interface(Interface::Management)) {
            Some(REDFISH) => {}
            // It knows no other device (`drivers/modules/fake.py`).
            Some("fake") if device != "pxe" => {
                return Err(format!("Invalid boot device {device} specified."));
            }
            Some(_) | None => return Ok(()),
        }
        let uuid = self.uuid_of(key);
        let machine = self.open_bmc(key).map_err(|error| error.text())?;
        if device == "disk" && !machine.has_disk {
            let url = machine.url();
            return Err(format!(
                "Redfish exception occurred. Error: Redfish set boot device failed for node {uuid}. \
                 Error: HTTP PATCH {url} returned code 500. Base.1.0.GeneralError: Target libvirt \
                 device Hdd does not exist in domain {uuid}"
            ));
        }
        device.clone_into(&mut machine.boot_device);
        machine.is_boot_device_persistent = true;
        Ok(())
    }

    /// Whether an image is written to the machine's disk (`should_write_image`).
    pub(crate) fn writes_image(&self, key: NodeKey) -> bool {
        let Some(node) = self.store.nodes.get(&key) else {
            return true;
        };
        let boots_volume = matches!(node.interface(Interface::Storage), "external" | "cinder")
            && !node.instance_info.contains_key("image_source")
            && self
                .store
                .targets_of(key)
                .any(|target| target.boot_index == 0);
        !boots_volume
    }
}

/// Why a machine's boot could not be set up.
pub(super) enum PrepareFailure {
    /// Python fell: the class of the exception, and its words.
    Python(&'static str, String),
    /// Ironic or the BMC refused.
    Ironic(String),
}

impl PrepareFailure {
    /// Its words alone.
    pub(super) fn words(self) -> String {
        match self {
            Self::Python(_, words) | Self::Ironic(words) => words,
        }
    }
}
