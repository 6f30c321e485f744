//! What a plan makes of the machine's config drive.

use ironic_types::ProvisionState;
use metal_api::v1alpha1::{DeployedVolume, ProvisioningState};

use super::{Violation, is_deployment, runs};
use crate::config_drive::may_be_in;
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
        let is_of_intent = intent.is_some_and(|intent| has_begun(observation, intent));
        let has_it = has_disc(observation) == Some(true) && is_of_intent;
        (!has_it).then_some(Violation::DeploysWithoutConfigDrive)
    } else if is_deployment(effect) && may_be_in(&observation.host) {
        (has_disc(observation) != Some(false)).then_some(Violation::DeploysWithOldConfigDrive)
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

/// Whether there is a disc in the machine's drive; none where nobody could look.
fn has_disc(observation: &Observation) -> Option<bool> {
    match &observation.ironic {
        IronicView::Seen(seen) => seen.virtual_media.has_disc(),
        IronicView::Unavailable { .. } => None,
    }
}

/// Whether the intent was told to Ironic: what is in the drive then was inserted for it.
fn has_begun(observation: &Observation, intent: &DeployedVolume) -> bool {
    match (&observation.ironic, observation.node()) {
        (IronicView::Seen(seen), Some(node)) => volumes::is_deployed(node, seen, intent),
        (IronicView::Seen(_) | IronicView::Unavailable { .. }, _) => false,
    }
}
