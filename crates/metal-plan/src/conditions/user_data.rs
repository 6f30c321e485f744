//! `UserDataDelivered`: whether the machine has a config drive with its user data.

use metal_api::conditions::UserDataReason;
use metal_api::v1alpha1::ProvisioningState;

use super::{Facts, blocker};
use crate::config_drive;
use crate::plan::Blocker;

/// None for a host whose machine has no config drive and is to get none.
pub(super) fn verdict(facts: &Facts<'_>) -> Option<(UserDataReason, String)> {
    use ProvisioningState as S;
    if let Some(Blocker::UserData { reason, message }) = blocker(facts.plan) {
        return Some((*reason, message.clone()));
    }
    let status = facts.status;
    let recorded = status.provisioning.boot_volume.as_ref();
    let is_recorded = recorded.is_some_and(|volume| volume.config_drive.is_some());
    let is_wanted = config_drive::is_wanted(&facts.host.spec);
    if !is_recorded && !is_wanted {
        return None;
    }
    if config_drive::has_failed(status) {
        return Some((UserDataReason::AttachFailed, status.error_message.clone()));
    }
    let (reason, message) = match status.provisioning.state {
        S::Provisioned if !is_recorded => (
            UserDataReason::Pending,
            "the machine was deployed without; the next deployment delivers it",
        ),
        S::Provisioned if !is_wanted => (
            UserDataReason::Attached,
            "the spec asks for none by now, which the next deployment applies",
        ),
        S::Provisioned => (UserDataReason::Attached, ""),
        S::Deprovisioning if is_recorded => (
            UserDataReason::Attached,
            "it is ejected once the machine is off",
        ),
        S::None
        | S::Unmanaged
        | S::Registering
        | S::Inspecting
        | S::MatchProfile
        | S::Preparing
        | S::Ready
        | S::Available
        | S::Provisioning
        | S::ExternallyProvisioned
        | S::Deprovisioning
        | S::PoweringOffBeforeDelete
        | S::Deleting => (
            UserDataReason::Pending,
            "it is inserted before the machine starts",
        ),
    };
    Some((reason, message.to_owned()))
}
