//! Whether Ironic may clean a node: cleaning boots a ramdisk that erases local disks, and a diskless host has none.

use ironic_types::{Node, Patch};
use metal_api::v1alpha1::AutomatedCleaningMode;

use crate::boot_volume;
use crate::effect::Effect;
use crate::host::is_ours;
use crate::observation::Observation;

/// Sets `automated_clean` as it must be before every `provide` and `deleted`; none if it is so.
pub(crate) fn setting(observation: &Observation, node: &Node) -> Option<Effect> {
    let clean = is_wanted(observation);
    (node.automated_clean != Some(clean)).then(|| Effect::UpdateNode {
        node: node.uuid,
        patch: Patch::new().add("/automated_clean", clean),
        skips_cleaning: is_asked_for(observation) && !clean,
    })
}

/// Whether Ironic is to clean the disks: if that is asked for, and there are any.
pub(crate) fn is_wanted(observation: &Observation) -> bool {
    is_asked_for(observation) && !is_diskless(observation)
}

fn is_asked_for(observation: &Observation) -> bool {
    let mode = observation.host.spec.automated_cleaning_mode;
    mode != Some(AutomatedCleaningMode::Disabled)
}

/// What HardwareData lists counts; where there is none, a host that boots from a volume is taken for diskless.
fn is_diskless(observation: &Observation) -> bool {
    let host = &observation.host;
    match &observation.hardware {
        Some(hardware) => hardware.storage.is_empty(),
        None => is_ours(host) || boot_volume::effective(&host.spec).is_some(),
    }
}
