use jiff::Timestamp;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{Condition, Time};

use super::list::MAX_MESSAGE;
use super::*;

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

#[test]
fn a_new_condition_gets_the_present_time() {
    let mut conditions = Vec::new();
    set_condition(
        &mut conditions,
        BootVolumeReason::Checking,
        "reading the Secret",
        Some(3),
        at(10),
    );
    assert_eq!(
        conditions,
        [Condition {
            last_transition_time: Time(at(10)),
            message: "reading the Secret".into(),
            observed_generation: Some(3),
            reason: "Checking".into(),
            status: "Unknown".into(),
            type_: "BootVolumeReady".into(),
        }]
    );
}

#[test]
fn another_reason_with_the_same_status_keeps_the_transition_time() {
    let mut conditions = Vec::new();
    set_condition(
        &mut conditions,
        BootVolumeReason::SecretMissing,
        "a",
        Some(1),
        at(10),
    );
    set_condition(
        &mut conditions,
        BootVolumeReason::SecretInvalid,
        "b",
        Some(2),
        at(20),
    );
    let [condition] = conditions.as_slice() else {
        panic!("one condition: {conditions:?}");
    };
    assert_eq!(condition.last_transition_time, Time(at(10)));
    assert_eq!(condition.reason, "SecretInvalid");
    assert_eq!(condition.message, "b");
    assert_eq!(condition.observed_generation, Some(2));
}

#[test]
fn another_status_moves_the_transition_time() {
    let mut conditions = Vec::new();
    set_condition(
        &mut conditions,
        ProvisionedReason::NotProvisioned,
        "",
        None,
        at(10),
    );
    set_condition(
        &mut conditions,
        ProvisionedReason::Provisioned,
        "",
        None,
        at(20),
    );
    let provisioned = find_condition(&conditions, ConditionType::Provisioned).unwrap();
    assert_eq!(provisioned.last_transition_time, Time(at(20)));
    assert_eq!(provisioned.status, "True");
}

#[test]
fn conditions_of_other_types_are_left_alone() {
    let mut conditions = Vec::new();
    set_condition(&mut conditions, ReadyReason::Provisioned, "", None, at(10));
    set_condition(&mut conditions, BootVolumeReason::Ready, "", None, at(20));
    remove_condition(&mut conditions, ConditionType::BootVolumeReady);
    assert_eq!(conditions.len(), 1);
    assert!(find_condition(&conditions, ConditionType::Ready).is_some());
    assert!(find_condition(&conditions, ConditionType::BootVolumeReady).is_none());
}

#[test]
fn a_problem_with_the_boot_volume_gives_ready_its_reason_and_its_status() {
    let reason = Reason::from(ReadyReason::BootVolume(BootVolumeReason::ImageConflict));
    assert_eq!(reason.condition_type(), ConditionType::Ready);
    assert_eq!(reason.as_str(), "ImageConflict");
    assert_eq!(reason.status(), ConditionStatus::False);
}

#[test]
fn a_message_is_cut_at_the_length_that_the_schema_accepts() {
    let mut conditions = Vec::new();
    let message = "ü".repeat(MAX_MESSAGE + 1);
    set_condition(&mut conditions, ReadyReason::Error, &message, None, at(0));
    assert_eq!(conditions[0].message.chars().count(), MAX_MESSAGE);
}

#[test]
fn ready_comes_first_and_the_others_follow_by_name() {
    let mut conditions = Vec::new();
    set_condition(
        &mut conditions,
        ManageableReason::Manageable,
        "",
        None,
        at(0),
    );
    set_condition(&mut conditions, HealthyReason::Unknown, "", None, at(0));
    set_condition(&mut conditions, ReadyReason::Provisioned, "", None, at(0));
    let types: Vec<_> = conditions
        .iter()
        .map(|condition| condition.type_.as_str())
        .collect();
    assert_eq!(types, ["Ready", "Healthy", "Manageable"]);
}
