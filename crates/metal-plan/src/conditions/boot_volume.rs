//! `BootVolumeReady`: whether the volume can be used.

use metal_api::conditions::BootVolumeReason;
use metal_api::v1alpha1::{BareMetalHostStatus, ProvisioningState};

use super::{Facts, blocker};
use crate::boot_volume;
use crate::claim;
use crate::plan::{Blocker, Plan, Step, Wait};

/// None for a host that has nothing to do with a boot volume.
pub(super) fn verdict(facts: &Facts<'_>) -> Option<(BootVolumeReason, String)> {
    let wanted = boot_volume::effective(&facts.host.spec).is_some();
    if !wanted && facts.status.provisioning.boot_volume.is_none() {
        return None;
    }
    Some(match blocker(facts.plan) {
        Some(Blocker::BootVolume { reason, message }) => (*reason, message.clone()),
        Some(
            Blocker::Node { .. }
            | Blocker::BmcAccess { .. }
            | Blocker::PowerUnknown { .. }
            | Blocker::NotImplemented { .. }
            | Blocker::TooManyFailures { .. },
        )
        | None => match held(facts) {
            Some(message) => (BootVolumeReason::Released, message),
            None => checked(facts.status, facts.plan),
        },
    })
}

/// What is said of a volume that nobody gets for now; none while it may be deployed, or is.
pub(super) fn held(facts: &Facts<'_>) -> Option<String> {
    matches!(
        facts.status.provisioning.state,
        ProvisioningState::Ready | ProvisioningState::Available
    )
    .then(|| claim::held(facts.host))
    .flatten()
    .map(claim::held_in_words)
}

fn checked(status: &BareMetalHostStatus, plan: &Plan) -> (BootVolumeReason, String) {
    if is_checked(status, plan) {
        (BootVolumeReason::Ready, String::new())
    } else {
        (
            BootVolumeReason::Checking,
            "looked at before the deployment begins".into(),
        )
    }
}

/// Whether the plan could only be made after the volume and its Secret were found usable.
fn is_checked(status: &BareMetalHostStatus, plan: &Plan) -> bool {
    use ProvisioningState as S;
    match status.provisioning.state {
        S::Provisioning | S::Provisioned | S::Deprovisioning => true,
        S::Ready | S::Available => matches!(
            plan.step,
            Step::Wait(
                Wait::Offline
                    | Wait::Unclaimed
                    | Wait::BackOff { .. }
                    | Wait::Blocked(Blocker::TooManyFailures { .. })
            )
        ),
        S::None
        | S::Unmanaged
        | S::Registering
        | S::Inspecting
        | S::MatchProfile
        | S::Preparing
        | S::ExternallyProvisioned
        | S::PoweringOffBeforeDelete
        | S::Deleting => false,
    }
}
