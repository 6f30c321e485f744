//! What is taken from annotations and from HardwareData.

use metal_api::v1alpha1::{BareMetalHostStatus, HardwareDetails, ProvisioningState};

use super::Next;
use crate::event::EventReason;
use crate::host::skips_inspection;
use crate::restore;

impl Next<'_> {
    /// A HardwareData is the word on the hardware, as long as no inspection found another.
    pub(super) fn take_over_hardware(&mut self) {
        let Some(hardware) = &self.observation.hardware else {
            return;
        };
        let known = &self.status.hardware;
        let counts = known.is_none() || skips_inspection(&self.observation.host);
        if counts && known.as_ref() != Some(hardware) {
            self.take_hardware(hardware);
        }
    }

    pub(super) fn take_hardware(&mut self, hardware: &HardwareDetails) {
        self.status.hardware = Some(hardware.clone());
        self.normal(
            EventReason::UpdateHardwareDetails,
            "the host's hardware was taken from its HardwareData or annotation",
        );
    }

    pub(super) fn restore(&mut self, status: &BareMetalHostStatus) {
        let unknown = restore::unknown_field(&self.host)
            .map(|path| format!("; {path}, which nothing here knows, was left out"));
        self.status = status.clone();
        // Nothing is lost with it, and without a state it would be restored for ever.
        if status.provisioning.state == ProvisioningState::None {
            self.annotate(metal_api::names::STATUS_ANNOTATION, None);
        }
        self.normal(
            EventReason::StatusRestored,
            format!(
                "the status was restored from the annotation {}; the host is {}{}",
                metal_api::names::STATUS_ANNOTATION,
                status.provisioning.state,
                unknown.unwrap_or_default()
            ),
        );
    }

    pub(super) fn drop_annotation(&mut self, name: &str, note: Option<&str>) {
        self.annotate(name, None);
        if let Some(note) = note {
            self.normal(EventReason::RemoveAnnotation, note);
        }
    }
}
