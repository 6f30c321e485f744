//! How long to wait after a failure.

use jiff::{SignedDuration, Timestamp};
use metal_api::v1alpha1::{BareMetalHost, BareMetalHostStatus, ErrorType, ProvisioningState};

use crate::effect::Effect;
use crate::host::{is_failure, is_shown_delayed};
use crate::observation::Observation;
use crate::plan::{Plan, Step};
use crate::registration;

/// After a failure the next effects wait, unless what they depend on was changed since. A delayed host has waited before:
/// to show the delay moved its `lastUpdated`, from which the time counts.
pub(crate) fn hold_back(observation: &Observation, plan: Plan) -> Plan {
    let acts = match &plan.step {
        Step::Act(effects) => !is_only_power_of_deployed(&observation.host, effects),
        Step::Ignore | Step::Enter(_) | Step::Wait(_) | Step::Rest => false,
    };
    match not_before(&observation.host) {
        Some(until)
            if acts
                && observation.now < until
                && !registration::credentials_changed(observation)
                && !is_shown_delayed(&observation.host) =>
        {
            Plan::back_off(observation.now, until)
        }
        Some(_) | None => plan,
    }
}

/// What failed to be put right in Ironic keeps nobody from switching a deployed machine.
fn is_only_power_of_deployed(host: &BareMetalHost, effects: &[Effect]) -> bool {
    let failed = host.status.as_ref().and_then(|status| status.error_type);
    let failed_otherwise = matches!(
        failed,
        Some(ErrorType::ProvisionedRegistration | ErrorType::Registration)
    );
    let is_power = |effect: &Effect| matches!(effect, Effect::SetPower { .. });
    host.state() == ProvisioningState::Provisioned
        && failed_otherwise
        && effects.iter().all(is_power)
}

/// When the next attempt may follow: Metal3's formula, `2^n` minutes less up to a half, n = errors so far, at most 9
/// (baremetal-operator, `internal/controller/metal3.io/action_result.go`).
/// What is taken off is a function of the host and the count, so that hosts spread and a plan stays a function.
/// None where no failure is shown, or where the spec was changed since the failure: a change deserves an attempt.
fn not_before(host: &BareMetalHost) -> Option<Timestamp> {
    let status = host.status.as_ref()?;
    let changed_since = crate::conditions::observed_generation(status) < host.metadata.generation;
    if changed_since {
        return None;
    }
    next_attempt(status, host.metadata.uid.as_deref().unwrap_or_default())
}

/// The same for the spec as it is, by a status that may not be published yet: the time counts from its `lastUpdated`.
pub(crate) fn next_attempt(status: &BareMetalHostStatus, uid: &str) -> Option<Timestamp> {
    let failed_at = status.last_updated.as_ref()?.0;
    if !is_failure(status) {
        return None;
    }
    failed_at.checked_add(delay(status.error_count, uid)).ok()
}

/// When a failed deployment may be tried again, counted from the end of its undeployment.
/// None where none failed, or where the spec was changed since.
pub(crate) fn next_deployment(host: &BareMetalHost) -> Option<Timestamp> {
    let status = host.status.as_ref()?;
    let undeployed_at = status
        .operation_history
        .as_ref()?
        .deprovision
        .as_ref()?
        .end
        .as_ref()?
        .0;
    if status.provisioning_fail_count == 0 || !failed_as_it_is(host) {
        return None;
    }
    let uid = host.metadata.uid.as_deref().unwrap_or_default();
    undeployed_at
        .checked_add(delay(status.provisioning_fail_count, uid))
        .ok()
}

/// Whether the last failed deployment was of the present spec.
pub(crate) fn failed_as_it_is(host: &BareMetalHost) -> bool {
    let failed = host
        .status
        .as_ref()
        .and_then(|status| status.boot_volume.as_ref()?.failed_generation);
    failed.is_some() && failed == host.metadata.generation
}

fn delay(errors: i64, uid: &str) -> SignedDuration {
    const MOST_DOUBLINGS: i64 = 9;
    let seconds = 60 << errors.clamp(0, MOST_DOUBLINGS);
    // FNV-1a: enough to spread hosts, no more is asked of it.
    let spread = uid
        .bytes()
        .chain(errors.to_le_bytes())
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        })
        >> 32;
    let half = u64::try_from(seconds / 2).unwrap_or_default();
    let taken_off = i64::try_from(spread % half.max(1)).unwrap_or_default();
    SignedDuration::from_secs(seconds - taken_off)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_delay_doubles_between_half_and_whole_and_stops_growing() {
        for errors in 1..=20 {
            let whole = SignedDuration::from_mins(1 << errors.min(9));
            for uid in ["a", "b", "c", "d"] {
                let delay = delay(errors, uid);
                assert!(
                    delay <= whole && delay * 2 >= whole,
                    "{errors} errors: {delay}"
                );
            }
        }
    }

    #[test]
    fn two_hosts_do_not_come_back_at_the_same_moment() {
        assert_ne!(delay(3, "a"), delay(3, "b"));
    }
}
