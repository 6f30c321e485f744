//! `provisioning`: the recorded intent is carried out, and found again after any interruption by its deployment id.

use ironic_types::{Node, ProvisionState, ProvisionVerb};
use metal_api::conditions::BootVolumeReason;
use metal_api::v1alpha1::{BareMetalHost, BootVolume, DeployedVolume, ErrorType};

use crate::boot_volume;
use crate::cancellation;
use crate::claim;
use crate::config_drive::{self, Insertion};
use crate::effect::Effect;
use crate::fingerprint::Fingerprint;
use crate::host::{deployment, is_instance, wants_another_boot_mode};
use crate::leases;
use crate::not_implemented;
use crate::observation::{Observation, Seen};
use crate::plan::{Blocker, Plan, Step, Transition, Wait};
use crate::power;
use crate::volumes;

pub(crate) fn plan(observation: &Observation, seen: &Seen, node: &Node) -> Plan {
    let host = &observation.host;
    if has_failed(host) || cancellation::is_cancelled(host) {
        return Plan::enter(Transition::Deprovision);
    }
    if let Some(blocker) = cancellation::blocker(host) {
        return Plan::blocked(blocker);
    }
    let (Some(intent), Some(volume)) = (deployment(host), boot_volume::effective(&host.spec))
    else {
        return without_volume(host, node);
    };
    match &node.provision_state {
        Some(ProvisionState::Available) => {
            deploy(observation, seen, node, volume, intent).unwrap_or_else(Plan::blocked)
        }
        Some(ProvisionState::Active) if volumes::is_deployed(node, seen, intent) => {
            Plan::enter(Transition::Complete)
        }
        // Another deployment's: it is shut down and undeployed first.
        Some(ProvisionState::Active) => super::undeploy(observation, node),
        Some(ProvisionState::DeployFailed | ProvisionState::Error) => {
            Plan::failed(ErrorType::Provisioning, super::last_error(node))
        }
        Some(ProvisionState::CleanFailed) => {
            super::clean_failed(observation, node, ErrorType::Provisioning)
        }
        // Made anew after it may have been deployed: only an undeployment takes the boot script away.
        Some(ProvisionState::Manageable | ProvisionState::AdoptFailed) if is_instance(node) => {
            Plan::enter(Transition::Deprovision)
        }
        Some(ProvisionState::Manageable) => super::provide(observation, node),
        Some(ProvisionState::InspectFailed) => super::manage(node),
        _ => super::other_state(node),
    }
}

/// Another operator began it, from an image or by a custom step: what it started is waited for, nothing is started here.
fn without_volume(host: &BareMetalHost, node: &Node) -> Plan {
    match &node.provision_state {
        Some(ProvisionState::Active) => Plan::enter(Transition::Complete),
        Some(ProvisionState::DeployFailed | ProvisionState::Error) => {
            Plan::failed(ErrorType::Provisioning, super::last_error(node))
        }
        Some(state) if state.is_transient() => super::other_state(node),
        _ => Plan::blocked(not_implemented::deployment(&host.spec)),
    }
}

/// Whether this attempt failed and that is on record.
fn has_failed(host: &BareMetalHost) -> bool {
    host.status.as_ref().is_some_and(|status| {
        status.error_count > 0 && status.error_type == Some(ErrorType::Provisioning)
    })
}

fn deploy(
    observation: &Observation,
    seen: &Seen,
    node: &Node,
    volume: &BootVolume,
    intent: &DeployedVolume,
) -> Result<Plan, Blocker> {
    let host = &observation.host;
    // This checks the record once more, too: somebody who may write a status need not be allowed to deploy.
    let wanted = boot_volume::checked(host, volume, intent.deployment_id.clone())?;
    let is_another = !boot_volume::same_settings(&wanted, intent) || wants_another_boot_mode(host);
    if is_another || claim::held(host).is_some() {
        // Nothing is deployed yet: another wish begins with another intent, and a volume that is held by now with none.
        return Ok(Plan::enter(Transition::Deprovision));
    }
    if let Some(conflict) = not_implemented::conflict(host) {
        return Err(conflict);
    }
    // Nothing is deployed yet: who has lost the volume to another gives back the rest of it, too.
    match leases::secure(observation) {
        Some(Plan {
            step:
                Step::Wait(Wait::Blocked(Blocker::BootVolume {
                    reason: BootVolumeReason::VolumeConflict,
                    ..
                })),
            ..
        }) => return Ok(Plan::enter(Transition::Deprovision)),
        Some(plan) => return Ok(plan),
        None => {}
    }
    // What the deployment before this one had besides.
    if let Some(plan) = leases::give_back_unneeded(observation, node) {
        return Ok(plan);
    }
    let credentials = boot_volume::credentials(observation, intent)?;
    let content = config_drive::content(observation)?;
    if content.is_none() && intent.config_drive.is_some() {
        // One that may be in the machine by now must go.
        return Ok(Plan::enter(Transition::Deprovision));
    }
    let is_other_content = content.map(Fingerprint::as_str) != intent.config_drive.as_deref();
    if credentials.used() != intent.credentials || is_other_content {
        // Likewise, and nothing else has to be looked at again.
        let renewed = boot_volume::intent(observation, volume)?;
        return Ok(Plan::enter(Transition::Provision(Box::new(renewed))));
    }
    // The machine may run from a volume, and Ironic's deployment would cut its power.
    if let Some(plan) = super::in_maintenance(node).or_else(|| power::shut_down(observation, node))
    {
        return Ok(plan);
    }
    let insertion = config_drive::insertion(observation, seen, node, intent)?;
    let mut effects = volumes::prepare(host, node, seen, intent, &credentials);
    match insertion {
        Insertion::Done => {}
        Insertion::Insert(effect) => {
            effects.push(effect);
            return Ok(Plan::change_media(effects));
        }
        Insertion::First(plan) => return Ok(plan),
    }
    effects.push(Effect::Validate { node: node.uuid });
    effects.push(Effect::SetProvisionState {
        node: node.uuid,
        verb: ProvisionVerb::Active,
    });
    Ok(Plan::act(effects))
}
