//! `Ready`: whether the host is deployed and well, or what keeps it from that.

use metal_api::conditions::{BootVolumeReason, ProvisionedReason, ReadyReason};
use metal_api::v1alpha1::OperationalStatus;

use super::{Facts, blocker, boot_volume, table};
use crate::plan::Blocker;

/// Of a host that is on its way: what it waits for stands in `Progressing`.
pub(super) fn verdict(facts: &Facts<'_>) -> (ReadyReason, String) {
    match facts.status.operational_status {
        OperationalStatus::Detached => return (ReadyReason::Detached, String::new()),
        OperationalStatus::Servicing => return (ReadyReason::Servicing, String::new()),
        OperationalStatus::None
        | OperationalStatus::Ok
        | OperationalStatus::Discovered
        | OperationalStatus::Error
        | OperationalStatus::Delayed => {}
    }
    match blocker(facts.plan) {
        Some(Blocker::NotImplemented { message, .. }) => {
            (ReadyReason::NotImplemented, message.clone())
        }
        Some(Blocker::BootVolume { reason, message }) => {
            (ReadyReason::BootVolume(*reason), message.clone())
        }
        Some(Blocker::UserData { reason, message }) => {
            (ReadyReason::UserData(*reason), message.clone())
        }
        Some(Blocker::TooManyFailures { message }) => (
            ReadyReason::Error,
            format!(
                "{message}; given up after {} deployments: a change of the spec leads to another",
                facts.status.provisioning_fail_count
            ),
        ),
        Some(Blocker::Node { .. } | Blocker::BmcAccess { .. } | Blocker::PowerUnknown { .. }) => {
            working(facts)
        }
        None => match boot_volume::held(facts) {
            Some(message) if facts.status.error_type.is_none() => {
                (ReadyReason::BootVolume(BootVolumeReason::Released), message)
            }
            Some(_) | None => working(facts),
        },
    }
}

/// Of a host in a state that lasts: it waits for what its own message doesn't tell yet.
pub(super) fn verdict_of_resting(facts: &Facts<'_>, waits_for: String) -> (ReadyReason, String) {
    let (reason, message) = verdict(facts);
    let message = match (message.is_empty(), waits_for.is_empty()) {
        (true, _) => waits_for,
        (false, true) => message,
        (false, false) if message.contains(&waits_for) => message,
        (false, false) => format!("{message}; {waits_for}"),
    };
    (reason, message)
}

fn working(facts: &Facts<'_>) -> (ReadyReason, String) {
    if facts.status.operational_status == OperationalStatus::Error {
        return (ReadyReason::Error, facts.status.error_message.clone());
    }
    let reason = match table::provisioned(facts.status) {
        ProvisionedReason::Provisioned => ReadyReason::Provisioned,
        ProvisionedReason::NotProvisioned => ReadyReason::NotProvisioned,
    };
    (reason, String::new())
}
