//! Whether Ironic may clean a node: cleaning boots a ramdisk that erases local disks, and a diskless host has none.

use ironic_types::{Node, Patch};
use metal_api::v1alpha1::AutomatedCleaningMode;

use crate::boot_volume;
use crate::effect::Effect;
use crate::observation::Observation;

/// Sets `automated_clean` as it must be before every `provide` and `deleted`; none if it is so.
pub(crate) fn setting(observation: &Observation, node: &Node) -> Option<Effect> {
    let host = &observation.host;
    let asked_for = host.spec.automated_cleaning_mode != Some(AutomatedCleaningMode::Disabled);
    let diskless = if let Some(hardware) = &observation.hardware {
        hardware.storage.is_empty()
    } else {
        let was_deployed = host
            .status
            .as_ref()
            .is_some_and(|status| status.provisioning.boot_volume.is_some());
        was_deployed || boot_volume::effective(&host.spec).is_some()
    };
    let clean = asked_for && !diskless;
    (node.automated_clean != Some(clean)).then(|| Effect::UpdateNode {
        node: node.uuid,
        patch: Patch::new().add("/automated_clean", clean),
        skips_cleaning: asked_for && diskless,
    })
}
