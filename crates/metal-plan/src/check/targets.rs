//! What a plan makes of the node's volume targets.

use ironic_types::{ProvisionVerb, TargetId};
use metal_api::v1alpha1::DeployedVolume;

use super::Violation;
use crate::boot_volume::wanted_targets;
use crate::effect::Effect;
use crate::host::deployment;
use crate::observation::{IronicView, Observation};
use crate::volumes;

/// A target as far as it matters here.
struct Target {
    /// None of one that the plan makes.
    id: Option<TargetId>,
    boot_index: Option<i64>,
    deployment: Option<String>,
}

/// What of the plan's effects would leave the node with two targets of one boot index, or deploy or adopt it without all
/// targets of the deployment on record.
pub(super) fn violations(observation: &Observation, effects: &[Effect]) -> Vec<Violation> {
    let mut targets = observed(observation);
    let mut violations = Vec::new();
    for effect in effects {
        match effect {
            Effect::DeleteTarget { target } => targets.retain(|other| other.id != Some(*target)),
            Effect::CreateTarget {
                volume, boot_index, ..
            } => {
                let boot_index = Some(*boot_index);
                if targets.iter().any(|other| other.boot_index == boot_index) {
                    violations.push(Violation::TwoTargetsWithOneBootIndex);
                }
                targets.push(Target {
                    id: None,
                    boot_index,
                    deployment: Some(volume.deployment_id.clone()),
                });
            }
            Effect::SetProvisionState {
                verb: ProvisionVerb::Active | ProvisionVerb::Adopt,
                ..
            } => {
                let intent = deployment(&observation.host);
                if intent.is_some_and(|intent| !has_all(&targets, intent)) {
                    violations.push(Violation::DeploysWithoutAllTargets);
                }
            }
            Effect::CreateNode { .. }
            | Effect::SetDriverInfo { .. }
            | Effect::UpdateNode { .. }
            | Effect::SetMaintenance { .. }
            | Effect::UnsetMaintenance { .. }
            | Effect::SetProvisionState { .. }
            | Effect::SetPower { .. }
            | Effect::CreatePort { .. }
            | Effect::EnablePxe { .. }
            | Effect::CreateConnector { .. }
            | Effect::DeleteConnector { .. }
            | Effect::Validate { .. }
            | Effect::DeleteNode { .. }
            | Effect::AttachConfigDrive { .. }
            | Effect::DetachConfigDrive { .. }
            | Effect::TakeLeases { .. }
            | Effect::GiveBackLeases { .. } => {}
        }
    }
    violations
}

fn observed(observation: &Observation) -> Vec<Target> {
    let (IronicView::Seen(seen), Some(node)) = (&observation.ironic, observation.node()) else {
        return Vec::new();
    };
    volumes::of_node(node, seen)
        .map(|target| Target {
            id: Some(target.uuid),
            boot_index: target.boot_index,
            deployment: volumes::deployment_of(target).map(str::to_owned),
        })
        .collect()
}

fn has_all(targets: &[Target], intent: &DeployedVolume) -> bool {
    wanted_targets(intent).all(|wanted| {
        targets.iter().any(|target| {
            target.boot_index == Some(wanted.boot_index)
                && target.deployment.as_ref() == Some(&intent.deployment_id)
        })
    })
}
