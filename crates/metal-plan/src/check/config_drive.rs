//! What a plan makes of the machine's config drive.

use ironic_types::ProvisionState;
use metal_api::v1alpha1::{DeployedVolume, ProvisioningState};

use super::{Violation, is_deployment, runs};
use crate::config_drive::{VirtualMediaFacts, may_be_in};
use crate::effect::Effect;
use crate::host::deployment;
use crate::observation::{IronicView, Observation};
use crate::volumes;

/// A disc that is in before the first target of a deployment was made may be any: only one that is in after is the
/// deployment's.
pub(super) fn violations(observation: &Observation, effects: &[Effect]) -> Vec<Violation> {
    effects
        .iter()
        .filter_map(|effect| violation(observation, effect))
        .collect()
}

fn violation(observation: &Observation, effect: &Effect) -> Option<Violation> {
    let intent = deployment(&observation.host)
        .filter(|_| observation.host.state() == ProvisioningState::Provisioning);
    let wanted = intent.and_then(|intent| intent.config_drive.as_deref());
    if let Effect::AttachConfigDrive { content, .. } = effect {
        let is_intended = wanted == Some(content.as_str()) && is_idle(observation);
        (!is_intended).then_some(Violation::InsertsWithoutIntent)
    } else if matches!(effect, Effect::DetachConfigDrive { .. }) {
        runs(observation).then_some(Violation::EjectsFromRunningMachine)
    } else if is_deployment(effect) && wanted.is_some() {
        let has_it = intent.is_some_and(|intent| has_drive(observation, intent));
        (!has_it).then_some(Violation::DeploysWithoutConfigDrive)
    } else if is_deployment(effect) && may_be_in(&observation.host) {
        (!is_empty(observation)).then_some(Violation::DeploysWithOldConfigDrive)
    } else {
        None
    }
}

fn is_idle(observation: &Observation) -> bool {
    let is_available = observation
        .node()
        .is_some_and(|node| node.provision_state == Some(ProvisionState::Available));
    is_available && !runs(observation)
}

fn is_empty(observation: &Observation) -> bool {
    let IronicView::Seen(seen) = &observation.ironic else {
        return false;
    };
    matches!(
        seen.virtual_media,
        VirtualMediaFacts::Drive {
            is_inserted: false,
            ..
        }
    )
}

fn has_drive(observation: &Observation, intent: &DeployedVolume) -> bool {
    let IronicView::Seen(seen) = &observation.ironic else {
        return false;
    };
    let is_inserted = matches!(
        seen.virtual_media,
        VirtualMediaFacts::Drive {
            is_inserted: true,
            ..
        }
    );
    let node = seen.node.as_ref();
    is_inserted && node.is_some_and(|node| volumes::is_deployed(node, seen, intent))
}
