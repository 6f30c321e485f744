//! The list `status.conditions`.

use jiff::Timestamp;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{Condition, Time};

use super::{ConditionType, Reason};

/// The longest message that the schema of a condition accepts, in characters.
pub(super) const MAX_MESSAGE: usize = 32_768;

/// Puts a condition into a list, or replaces the one of its type.
///
/// `lastTransitionTime` becomes `now` only when the condition is new or its status changes.
/// `Ready` comes first, all others follow by name, as Cluster API orders them.
/// A message that is longer than the schema accepts is cut.
pub fn set_condition(
    conditions: &mut Vec<Condition>,
    reason: impl Into<Reason>,
    message: &str,
    observed_generation: Option<i64>,
    now: Timestamp,
) {
    let reason = reason.into();
    let mut next = Condition {
        last_transition_time: Time(now),
        message: message.chars().take(MAX_MESSAGE).collect(),
        observed_generation,
        reason: reason.as_str().to_owned(),
        status: reason.status().as_str().to_owned(),
        type_: reason.condition_type().as_str().to_owned(),
    };
    match conditions.iter_mut().find(|old| old.type_ == next.type_) {
        None => conditions.push(next),
        Some(old) => {
            if old.status == next.status {
                next.last_transition_time = old.last_transition_time.clone();
            }
            *old = next;
        }
    }
    let is_ready = |condition: &Condition| condition.type_ == ConditionType::Ready.as_str();
    conditions
        .sort_by(|one, other| (!is_ready(one), &one.type_).cmp(&(!is_ready(other), &other.type_)));
}

/// Removes a condition from a list, if it is there.
pub fn remove_condition(conditions: &mut Vec<Condition>, condition_type: ConditionType) {
    conditions.retain(|condition| condition.type_ != condition_type.as_str());
}

/// The condition of a type, if it is in the list.
pub fn find_condition(
    conditions: &[Condition],
    condition_type: ConditionType,
) -> Option<&Condition> {
    conditions
        .iter()
        .find(|condition| condition.type_ == condition_type.as_str())
}
