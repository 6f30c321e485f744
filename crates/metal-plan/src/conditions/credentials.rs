//! `CredentialsApplied`: whether the machine has the credentials that are in its volumes' Secrets.

use metal_api::conditions::CredentialsAppliedReason;
use metal_api::v1alpha1::ProvisioningState;

use super::Facts;
use crate::credentials::{Applied, NotRead, applied};

pub(super) enum Verdict {
    /// The host has no such condition.
    Absent,
    /// Nobody looked.
    AsBefore,
    /// A reason and a message.
    Is(CredentialsAppliedReason, String),
}

pub(super) fn verdict(facts: &Facts<'_>) -> Verdict {
    use ProvisioningState as S;
    let Some(deployed) = &facts.status.provisioning.boot_volume else {
        return Verdict::Absent;
    };
    match facts.status.provisioning.state {
        S::Provisioned => match applied(facts.observation, deployed) {
            Ok(None) => Verdict::Absent,
            Err(NotRead) => Verdict::AsBefore,
            Ok(Some(applied)) => Verdict::Is(reason(&applied), applied.message()),
        },
        S::Provisioning if !deployed.credentials.is_empty() => Verdict::Is(
            CredentialsAppliedReason::Unknown,
            "the host is being deployed".to_owned(),
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
        | S::Deleting => Verdict::Absent,
    }
}

fn reason(applied: &Applied) -> CredentialsAppliedReason {
    match applied {
        Applied::Yes { .. } => CredentialsAppliedReason::Applied,
        Applied::Outdated { .. } => CredentialsAppliedReason::Outdated,
        Applied::Unknown { .. } => CredentialsAppliedReason::Unknown,
    }
}
