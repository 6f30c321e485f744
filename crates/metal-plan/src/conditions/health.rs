//! `Healthy`: what the BMC says of the hardware, by way of Ironic.

use ironic_types::Health;
use metal_api::conditions::{ConditionType, HealthyReason, find_condition};

use super::Facts;

/// None where Ironic says nothing, and something is known of before.
pub(super) fn verdict(facts: &Facts<'_>) -> Option<HealthyReason> {
    let health = facts
        .observation
        .node()
        .and_then(|node| node.health.as_ref());
    match health {
        None => find_condition(&facts.status.conditions, ConditionType::Healthy)
            .is_none()
            .then_some(HealthyReason::Unknown),
        Some(Health::Ok) => Some(HealthyReason::Healthy),
        Some(Health::Warning) => Some(HealthyReason::Warning),
        Some(Health::Critical) => Some(HealthyReason::CriticalError),
        Some(_) => Some(HealthyReason::Unknown),
    }
}
