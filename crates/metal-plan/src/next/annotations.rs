//! What annotations tell of a deployment.

use ironic_types::ProvisionState;
use metal_api::names;
use metal_api::v1alpha1::{DeployedVolume, ProvisioningState};

use super::Next;
use crate::boot_volume;

impl Next<'_> {
    /// A status can be lost, and a move takes no more than Metal3's part of it: the annotation tells the rest. It is written
    /// before the status, so one that stands alone may be of a deployment that never began.
    pub(super) fn keep_annotation(&mut self) {
        if let Some(volume) = self.status.provisioning.boot_volume.clone() {
            self.annotate_deployment(&volume);
        } else if self.is_undeployed() {
            self.forget_annotations();
        }
    }

    fn is_undeployed(&self) -> bool {
        let node = self.observation.node();
        self.status.provisioning.state == ProvisioningState::Available
            && node.is_some_and(|node| node.provision_state == Some(ProvisionState::Available))
    }

    /// What must be known of a deployment where its record is lost.
    pub(super) fn annotate_deployment(&mut self, volume: &DeployedVolume) {
        let boot = boot_volume::in_annotation(volume);
        self.annotate(names::DEPLOYED_VOLUME_ANNOTATION, Some(boot));
        let data = boot_volume::data_in_annotation(&volume.data_volumes);
        self.annotate(names::DEPLOYED_DATA_VOLUMES_ANNOTATION, data);
        // One of a deployment before is kept until it was ejected.
        if let Some(drive) = &volume.config_drive {
            self.annotate(names::DEPLOYED_CONFIG_DRIVE_ANNOTATION, Some(drive.clone()));
        }
    }

    pub(super) fn forget_annotations(&mut self) {
        self.annotate(names::DEPLOYED_VOLUME_ANNOTATION, None);
        self.annotate(names::DEPLOYED_DATA_VOLUMES_ANNOTATION, None);
        self.annotate(names::DEPLOYED_CONFIG_DRIVE_ANNOTATION, None);
    }

    pub(super) fn annotate(&mut self, name: &str, value: Option<String>) {
        let annotations = self.host.metadata.annotations.get_or_insert_default();
        match value {
            Some(value) => annotations.insert(name.to_owned(), value),
            None => annotations.remove(name),
        };
        if annotations.is_empty() {
            self.host.metadata.annotations = None;
        }
    }
}
