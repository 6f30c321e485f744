//! `BootVolumeReady`: whether the volume can be used.

use metal_api::conditions::{BootVolumeReason, ConditionType, find_condition};
use metal_api::v1alpha1::{BareMetalHostStatus, ProvisioningState};

use super::{Facts, blocker};
use crate::boot_volume;
use crate::claim;
use crate::drift;
use crate::plan::{Blocker, Plan, Step, Wait};
use crate::redeploy;

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
            | Blocker::UserData { .. }
            | Blocker::NotImplemented { .. }
            | Blocker::TooManyFailures { .. },
        )
        | None => match held(facts) {
            Some(message) => (BootVolumeReason::Released, message),
            None => checked(facts.status, facts.plan, deviations(facts)),
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

/// In what a deployed machine is not as the spec or its record says. While nobody knows what others changed of its node, the
/// last word counts.
fn deviations(facts: &Facts<'_>) -> String {
    let provisioning = &facts.status.provisioning;
    let Some(deployed) = &provisioning.boot_volume else {
        return String::new();
    };
    if provisioning.state != ProvisioningState::Provisioned {
        return String::new();
    }
    let Some(drift) = drift::of(facts.observation) else {
        let shown = find_condition(&facts.status.conditions, ConditionType::BootVolumeReady);
        let shown = shown.filter(|shown| shown.reason == BootVolumeReason::Ready.as_str());
        return shown.map(|shown| shown.message.clone()).unwrap_or_default();
    };
    let pending = redeploy::pending_in_words(facts.host, deployed);
    let deviations: Vec<_> = pending.into_iter().chain(drift.in_words()).collect();
    deviations.join("; ")
}

fn checked(
    status: &BareMetalHostStatus,
    plan: &Plan,
    deviations: String,
) -> (BootVolumeReason, String) {
    if is_checked(status, plan) {
        (BootVolumeReason::Ready, deviations)
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
                    | Wait::Blocked(Blocker::TooManyFailures { .. } | Blocker::UserData { .. })
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
