//! `provisioned`: the machine is deployed; its power follows `spec.online`.

use ironic_types::Node;
use metal_api::conditions::BootVolumeReason;
use metal_api::names;
use metal_api::v1alpha1::BareMetalHost;

use crate::adoption;
use crate::boot_volume;
use crate::cancellation;
use crate::claim;
use crate::drift;
use crate::host::{annotation, deployment, shows_failure};
use crate::leases;
use crate::observation::{Observation, Seen};
use crate::plan::{Blocker, Plan, Step, Transition, Wait};
use crate::power;
use crate::redeploy;

pub(crate) fn plan(observation: &Observation, seen: &Seen, node: &Node) -> Plan {
    let host = &observation.host;
    if let Some(blocker) = has_lost_record(host) {
        return Plan::blocked(blocker);
    }
    if cancellation::is_cancelled(host) {
        return Plan::enter(Transition::Deprovision);
    }
    if let Some(blocker) = cancellation::blocker(host) {
        return Plan::blocked(blocker);
    }
    if claim::holds_what_is_deployed(host) {
        return Plan::enter(Transition::EndHold);
    }
    if let Err(blocker) = is_the_deployed_volume(host) {
        return Plan::blocked(blocker);
    }
    if let Some(plan) = leases::secure(observation) {
        return plan;
    }
    let drift = drift::of(observation);
    let allows_most = node.maintenance || drift::is_off(node);
    // What was refused once waits until the power is as it is to be: a machine is not kept off for it.
    if let Some(drift) = drift.as_ref().filter(|drift| drift.can_be_mended())
        && allows_most
        && !shows_failure(host)
    {
        return Plan::act(drift.mending(node));
    }
    if let Some(plan) = adoption::adopt(observation, seen, node) {
        return plan;
    }
    let power = power::follow_online(observation, node);
    let plan = match (&power.step, drift) {
        (Step::Rest, Some(drift)) => drift.plan(node),
        _ => power,
    };
    let is_drifted = matches!(plan.step, Step::Wait(Wait::Drifted { .. }));
    let rests = is_drifted || plan.step == Step::Rest;
    (rests && host.spec.online)
        .then(|| redeploy::begin(observation, seen, node, is_drifted))
        .flatten()
        .unwrap_or(plan)
}

/// A volume is asked for, or an annotation tells of one, and the status doesn't say from what the machine was deployed:
/// another operator that doesn't know the field wrote it, or its own definition of the resource, which lacks the field in
/// the spec as well, took the place of ours. Nothing tells to shut the machine down.
fn has_lost_record(host: &BareMetalHost) -> Option<Blocker> {
    let has_other = host.status.as_ref().is_some_and(|status| {
        status.provisioning.image.is_some() || status.provisioning.custom_deploy.is_some()
    });
    let is_told_of = annotation(host, names::DEPLOYED_VOLUME_ANNOTATION).is_some()
        || boot_volume::effective(&host.spec).is_some();
    (deployment(host).is_none() && !has_other && is_told_of).then(|| Blocker::BootVolume {
        reason: BootVolumeReason::VolumeConflict,
        message: format!(
            "status.provisioning.bootVolume: the record of the deployment was lost (the annotation {annotation} may name it), and the machine is left as it is; restore the status, or remove spec.bootVolume and that annotation to release the host",
            annotation = names::DEPLOYED_VOLUME_ANNOTATION
        ),
    })
}

/// The identity of a deployed volume can't change. Admission says so too, but objects get in by other ways.
fn is_the_deployed_volume(host: &BareMetalHost) -> Result<(), Blocker> {
    let (Some(deployed), Some(volume)) = (deployment(host), boot_volume::effective(&host.spec))
    else {
        return Ok(());
    };
    let wanted = boot_volume::checked(host, volume, deployed.deployment_id.clone())?;
    if wanted.provision_on != deployed.provision_on {
        return Err(Blocker::BootVolume {
            reason: BootVolumeReason::VolumeConflict,
            message: format!(
                "spec.bootVolume.provisionOn: the host was deployed with {}; put that back, and change it once the host is released",
                deployed.provision_on
            ),
        });
    }
    if boot_volume::same_identity(&wanted, deployed) {
        return Ok(());
    }
    Err(Blocker::BootVolume {
        reason: BootVolumeReason::VolumeConflict,
        message: format!(
            "spec.bootVolume: another volume than the deployed {}; put it back, or remove spec.bootVolume to release the host and then set the new one",
            deployed.volume_id
        ),
    })
}
