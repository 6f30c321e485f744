//! The host's conditions: what its status and the plan mean to somebody who waits for it.

use jiff::Timestamp;
use metal_api::conditions::{
    BootVolumeReason, ConditionType, ProvisionedReason, ReadyReason, Reason, find_condition,
    remove_condition, set_condition,
};
use metal_api::v1alpha1::{
    BareMetalHost, BareMetalHostStatus, OperationalStatus, ProvisioningState,
};

use crate::boot_volume;
use crate::plan::{Blocker, Plan, Step, Wait};

/// Sets `Provisioned`, `BootVolumeReady` and `Ready`.
pub(crate) fn set(
    status: &mut BareMetalHostStatus,
    host: &BareMetalHost,
    plan: &Plan,
    now: Timestamp,
) {
    let mut verdicts = vec![
        (Reason::from(provisioned(status)), String::new()),
        ready(status, plan),
    ];
    match boot_volume(status, host, plan) {
        Some((reason, message)) => verdicts.push((reason.into(), message)),
        None => remove_condition(&mut status.conditions, ConditionType::BootVolumeReady),
    }
    for (reason, message) in verdicts {
        set_condition(
            &mut status.conditions,
            reason,
            &message,
            host.metadata.generation,
            now,
        );
    }
}

/// The generation of the spec that the last published plan was made for.
pub(crate) fn observed_generation(status: &BareMetalHostStatus) -> Option<i64> {
    find_condition(&status.conditions, ConditionType::Ready)?.observed_generation
}

fn provisioned(status: &BareMetalHostStatus) -> ProvisionedReason {
    match status.provisioning.state {
        ProvisioningState::Provisioned | ProvisioningState::ExternallyProvisioned => {
            ProvisionedReason::Provisioned
        }
        ProvisioningState::None
        | ProvisioningState::Unmanaged
        | ProvisioningState::Registering
        | ProvisioningState::Inspecting
        | ProvisioningState::MatchProfile
        | ProvisioningState::Preparing
        | ProvisioningState::Ready
        | ProvisioningState::Available
        | ProvisioningState::Provisioning
        | ProvisioningState::Deprovisioning
        | ProvisioningState::PoweringOffBeforeDelete
        | ProvisioningState::Deleting => ProvisionedReason::NotProvisioned,
    }
}

/// None for a host that has nothing to do with a boot volume.
fn boot_volume(
    status: &BareMetalHostStatus,
    host: &BareMetalHost,
    plan: &Plan,
) -> Option<(BootVolumeReason, String)> {
    let wanted = boot_volume::effective(&host.spec).is_some();
    if !wanted && status.provisioning.boot_volume.is_none() {
        return None;
    }
    Some(match blocker(plan) {
        Some(Blocker::BootVolume { reason, message }) => (*reason, message.clone()),
        Some(
            Blocker::Node { .. }
            | Blocker::PowerUnknown { .. }
            | Blocker::NotImplemented { .. }
            | Blocker::TooManyFailures { .. },
        )
        | None => checked(status, plan),
    })
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

fn ready(status: &BareMetalHostStatus, plan: &Plan) -> (Reason, String) {
    let (reason, message) = match blocker(plan) {
        Some(Blocker::NotImplemented { message, .. }) => {
            (ReadyReason::NotImplemented, message.clone())
        }
        Some(Blocker::BootVolume { reason, message }) => {
            (ReadyReason::BootVolume(*reason), message.clone())
        }
        Some(Blocker::TooManyFailures { message }) => (
            ReadyReason::Error,
            format!(
                "{message}; given up after {} deployments: a change of the spec leads to another",
                status.provisioning_fail_count
            ),
        ),
        Some(Blocker::Node { .. } | Blocker::PowerUnknown { .. }) | None => working(status, plan),
    };
    (reason.into(), message)
}

fn working(status: &BareMetalHostStatus, plan: &Plan) -> (ReadyReason, String) {
    if status.operational_status == OperationalStatus::Error {
        return (ReadyReason::Error, status.error_message.clone());
    }
    if provisioned(status) == ProvisionedReason::Provisioned {
        return (ReadyReason::Provisioned, String::new());
    }
    let message = match &plan.step {
        Step::Wait(Wait::Offline) => "the deployment waits for spec.online: true",
        Step::Wait(_) | Step::Ignore | Step::Enter(_) | Step::Act(_) | Step::Rest => "",
    };
    (ReadyReason::NotProvisioned, message.to_owned())
}

fn blocker(plan: &Plan) -> Option<&Blocker> {
    match &plan.step {
        Step::Wait(Wait::Blocked(blocker)) => Some(blocker),
        Step::Wait(_) | Step::Ignore | Step::Enter(_) | Step::Act(_) | Step::Rest => None,
    }
}
