//! `BootVolumeReady`: whether the volume can be used.

use metal_api::conditions::{BootVolumeReason, ConditionType, find_condition};
use metal_api::v1alpha1::{BareMetalHostStatus, ProvisioningState};

use super::{Facts, blocker};
use crate::boot_volume;
use crate::claim;
use crate::drift;
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
            None => checked(facts.status, facts.plan, drift(facts)),
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

/// What of a deployed node was changed by others. While nobody knows, the last word counts.
fn drift(facts: &Facts<'_>) -> String {
    if facts.status.provisioning.state != ProvisioningState::Provisioned {
        return String::new();
    }
    if let Some(drift) = drift::of(facts.observation) {
        return drift.in_words().unwrap_or_default();
    }
    let shown = find_condition(&facts.status.conditions, ConditionType::BootVolumeReady);
    let shown = shown.filter(|shown| shown.reason == BootVolumeReason::Ready.as_str());
    shown.map(|shown| shown.message.clone()).unwrap_or_default()
}

fn checked(status: &BareMetalHostStatus, plan: &Plan, drift: String) -> (BootVolumeReason, String) {
    if is_checked(status, plan) {
        (BootVolumeReason::Ready, drift)
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
