//! `provisioned`: the machine boots from its volume; its power follows `spec.online`.

use ironic_types::ProvisionState;
use metal_api::conditions::BootVolumeReason;
use metal_api::v1alpha1::{BareMetalHost, BootVolume, DeployedVolume, ErrorType};

use crate::boot_volume;
use crate::host::{deployment, is_deleted};
use crate::observation::{Observation, Seen};
use crate::plan::{Blocker, Plan, Transition, node_in_words};
use crate::power;

pub(crate) fn plan(observation: &Observation, seen: &Seen) -> Plan {
    let host = &observation.host;
    let Some(deployed) = deployment(host) else {
        return super::is_not_ours(seen.node.as_ref());
    };
    let wanted = boot_volume::effective(&host.spec).filter(|_| !is_deleted(host));
    let Some(volume) = wanted else {
        return Plan::enter(Transition::Deprovision);
    };
    let Some(node) = &seen.node else {
        return super::node_is_lost(host);
    };
    match &node.provision_state {
        Some(ProvisionState::Active) => match is_deployed(host, volume, deployed) {
            Ok(()) => power::follow_online(observation, node),
            Err(blocker) => Plan::blocked(blocker),
        },
        Some(
            state @ (ProvisionState::Available
            | ProvisionState::Manageable
            | ProvisionState::Enroll),
        ) => Plan::blocked_by_node(
            ErrorType::ProvisionedRegistration,
            format!(
                "{} is {state} though this host is deployed; it was changed by hand or Ironic lost its database; taking it over again isn't implemented yet, and its power is left alone",
                node_in_words(node.uuid)
            ),
        ),
        _ => super::other_state(node),
    }
}

/// The identity of a deployed volume can't change. Admission says so too, but objects get in by other ways.
fn is_deployed(
    host: &BareMetalHost,
    volume: &BootVolume,
    deployed: &DeployedVolume,
) -> Result<(), Blocker> {
    let wanted = boot_volume::checked(host, volume, deployed.deployment_id.clone())?;
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
