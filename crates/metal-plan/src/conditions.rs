//! The host's conditions: what its status and the plan mean to somebody who waits for it.

use metal_api::conditions::{
    ConditionStatus, ConditionType, ProgressingReason, Reason, find_condition, remove_condition,
    set_condition,
};
use metal_api::v1alpha1::{BareMetalHost, BareMetalHostStatus};

use crate::effect::Outcome;
use crate::observation::Observation;
use crate::plan::{Blocker, Plan, Step, Wait};

mod boot_volume;
mod credentials;
mod data_volumes;
mod health;
mod ready;
mod table;
mod user_data;
mod waiting;

use credentials::Verdict;

/// All that conditions are made of.
struct Facts<'a> {
    /// The next status, its conditions apart.
    status: &'a BareMetalHostStatus,
    /// The host, with the next metadata.
    host: &'a BareMetalHost,
    observation: &'a Observation,
    plan: &'a Plan,
    outcomes: &'a [Outcome],
}

/// Sets all conditions of a host.
///
/// A message changes only with what it tells of, never with the time alone: each change is a write.
pub(crate) fn set(
    status: &mut BareMetalHostStatus,
    host: &BareMetalHost,
    observation: &Observation,
    plan: &Plan,
    outcomes: &[Outcome],
) {
    let facts = Facts {
        status,
        host,
        observation,
        plan,
        outcomes,
    };
    let mut verdicts = verdicts(&facts);
    let is_without_credentials = match credentials::verdict(&facts) {
        Verdict::Absent => true,
        Verdict::AsBefore => false,
        Verdict::Is(reason, message) => {
            verdicts.push((reason.into(), message));
            false
        }
    };
    for optional in [
        ConditionType::BootVolumeReady,
        ConditionType::DataVolumesApplied,
        ConditionType::UserDataDelivered,
    ] {
        let has_one = verdicts
            .iter()
            .any(|(reason, _)| reason.condition_type() == optional);
        if !has_one {
            remove_condition(&mut status.conditions, optional);
        }
    }
    if is_without_credentials {
        remove_condition(&mut status.conditions, ConditionType::CredentialsApplied);
    }
    for (reason, message) in verdicts {
        set_condition(
            &mut status.conditions,
            reason,
            &message,
            host.metadata.generation,
            observation.now,
        );
    }
}

/// The generation of the spec that the last published plan was made for.
pub(crate) fn observed_generation(status: &BareMetalHostStatus) -> Option<i64> {
    find_condition(&status.conditions, ConditionType::Ready)?.observed_generation
}

fn verdicts(facts: &Facts<'_>) -> Vec<(Reason, String)> {
    let waits_for = waiting::message(facts);
    let progressing = table::progressing(facts.status);
    let (progressing_message, ready) = if is_on_its_way(progressing) {
        (waits_for, ready::verdict(facts))
    } else {
        (String::new(), ready::verdict_of_resting(facts, waits_for))
    };
    let manageable = table::manageable(facts);
    let mut verdicts = vec![
        (
            manageable.into(),
            table::manageable_message(facts, manageable),
        ),
        (table::provisioned(facts.status).into(), String::new()),
        (table::available(facts.status).into(), String::new()),
        (progressing.into(), progressing_message),
        (ready.0.into(), ready.1),
    ];
    if let Some(reason) = health::verdict(facts) {
        verdicts.push((reason.into(), String::new()));
    }
    if let Some((reason, message)) = boot_volume::verdict(facts) {
        verdicts.push((reason.into(), message));
    }
    if let Some((reason, message)) = data_volumes::verdict(facts) {
        verdicts.push((reason.into(), message));
    }
    if let Some((reason, message)) = user_data::verdict(facts) {
        verdicts.push((reason.into(), message));
    }
    verdicts
}

fn is_on_its_way(reason: ProgressingReason) -> bool {
    reason.status() == ConditionStatus::True
}

fn blocker(plan: &Plan) -> Option<&Blocker> {
    match &plan.step {
        Step::Wait(Wait::Blocked(blocker)) => Some(blocker),
        Step::Wait(_) | Step::Ignore | Step::Enter(_) | Step::Act(_) | Step::Rest => None,
    }
}
