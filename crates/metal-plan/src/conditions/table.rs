//! Metal3's table: what a state and an operational status mean (`computeConditions` in
//! `internal/controller/metal3.io/baremetalhost_controller.go`).

use metal_api::conditions::{
    AvailableForProvisioningReason, ManageableReason, ProgressingReason, ProvisionedReason,
};
use metal_api::v1alpha1::{BareMetalHostStatus, OperationalStatus, ProvisioningState};

use super::Facts;
use crate::observation::Observation;

/// Ironic's own word (`ironic/common/faults.py`).
const POWER_FAILURE: &str = "power failure";

pub(super) fn manageable(facts: &Facts<'_>) -> ManageableReason {
    use ProvisioningState as S;
    let status = facts.status;
    match status.provisioning.state {
        S::None | S::Unmanaged => ManageableReason::NotManaged,
        S::Registering if status.operational_status == OperationalStatus::Error => {
            ManageableReason::RegistrationFailed
        }
        S::Registering => ManageableReason::Registering,
        S::Deleting => ManageableReason::Manageable,
        S::Inspecting
        | S::MatchProfile
        | S::Preparing
        | S::Ready
        | S::Available
        | S::Provisioning
        | S::Provisioned
        | S::ExternallyProvisioned
        | S::Deprovisioning
        | S::PoweringOffBeforeDelete => {
            let is_detached = status.operational_status == OperationalStatus::Detached;
            if !is_detached && has_power_failure(facts.observation) {
                ManageableReason::PowerFailure
            } else {
                ManageableReason::Manageable
            }
        }
    }
}

pub(super) fn manageable_message(facts: &Facts<'_>, reason: ManageableReason) -> String {
    match reason {
        ManageableReason::RegistrationFailed => facts.status.error_message.clone(),
        // Ironic's own words differ from attempt to attempt, and each change is a write.
        ManageableReason::PowerFailure => {
            "Ironic can't read or change the machine's power; see that its BMC answers and accepts the credentials"
                .to_owned()
        }
        ManageableReason::Manageable
        | ManageableReason::NotManaged
        | ManageableReason::Registering => String::new(),
    }
}

pub(super) fn provisioned(status: &BareMetalHostStatus) -> ProvisionedReason {
    use ProvisioningState as S;
    match status.provisioning.state {
        S::Provisioned | S::ExternallyProvisioned => ProvisionedReason::Provisioned,
        S::None
        | S::Unmanaged
        | S::Registering
        | S::Inspecting
        | S::MatchProfile
        | S::Preparing
        | S::Ready
        | S::Available
        | S::Provisioning
        | S::Deprovisioning
        | S::PoweringOffBeforeDelete
        | S::Deleting => ProvisionedReason::NotProvisioned,
    }
}

pub(super) fn available(status: &BareMetalHostStatus) -> AvailableForProvisioningReason {
    use ProvisioningState as S;
    match status.provisioning.state {
        S::Ready | S::Available => AvailableForProvisioningReason::Available,
        S::None
        | S::Unmanaged
        | S::Registering
        | S::Inspecting
        | S::MatchProfile
        | S::Preparing
        | S::Provisioning
        | S::Provisioned
        | S::ExternallyProvisioned
        | S::Deprovisioning
        | S::PoweringOffBeforeDelete
        | S::Deleting => AvailableForProvisioningReason::NotAvailable,
    }
}

pub(super) fn progressing(status: &BareMetalHostStatus) -> ProgressingReason {
    use ProvisioningState as S;
    if status.operational_status == OperationalStatus::Detached {
        return ProgressingReason::Detached;
    }
    match status.provisioning.state {
        S::Registering => ProgressingReason::Registering,
        S::Inspecting | S::MatchProfile => ProgressingReason::Inspecting,
        S::Preparing => ProgressingReason::Preparing,
        S::Provisioning => ProgressingReason::Provisioning,
        S::Deprovisioning => ProgressingReason::Deprovisioning,
        S::PoweringOffBeforeDelete => ProgressingReason::PoweringOffBeforeDelete,
        S::Deleting => ProgressingReason::Deleting,
        S::None
        | S::Unmanaged
        | S::Ready
        | S::Available
        | S::Provisioned
        | S::ExternallyProvisioned => ProgressingReason::NotProgressing,
    }
}

fn has_power_failure(observation: &Observation) -> bool {
    observation
        .node()
        .is_some_and(|node| node.fault.as_deref() == Some(POWER_FAILURE))
}
