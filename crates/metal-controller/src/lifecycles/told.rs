//! What `kubectl describe` shows of a life.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::testing::{Change, ISCSI_PASSWORD, ISCSI_SECRET, Life, diskless};

/// A life with every kind of news about the volume.
async fn eventful() -> Life {
    let mut life = Life::begin();
    life.remove_secret(ISCSI_SECRET).create(diskless()).await;
    life.iscsi_secret(ISCSI_PASSWORD).settle().await;
    life.expect_state("provisioned");
    life.spec(serde_json::json!({"description": "another generation"}))
        .await;
    life.annotate("reboot.metal3.io", "").await;
    life.release().await;
    life.expect_state("available");
    life
}

/// All that was ever stored of the host, in order.
fn stored(life: &Life) -> Vec<Value> {
    let changes = life.kubernetes.changes_since(0);
    let hosts = changes.into_iter().filter_map(|change| match change {
        Change::Applied(key, object) if key.plural == "baremetalhosts" => Some(object),
        Change::Applied(..) | Change::Deleted(..) => None,
    });
    hosts.collect()
}

/// By type.
fn conditions(host: &Value) -> BTreeMap<String, Value> {
    let all = host["status"]["conditions"].as_array();
    let by_type = |condition: &Value| {
        (
            condition["type"].as_str().unwrap().to_owned(),
            condition.clone(),
        )
    };
    all.into_iter().flatten().map(by_type).collect()
}

/// How often a Warning said these words.
fn warnings(life: &Life, reason: &str, words: &str) -> usize {
    let events = life.kubernetes.events();
    let told = events.iter().filter(|event| {
        let note = event["note"].as_str().unwrap();
        event["type"] == "Warning" && event["reason"] == reason && note.contains(words)
    });
    told.count()
}

#[tokio::test(start_paused = true)]
async fn a_status_that_kubernetes_refuses_is_told_once_for_each_message() {
    const ONE: &str = "status.conditions[0].reason in body should be at least 1 chars long";
    const OTHER: &str = "status.errorType: Unsupported value";
    // Two attempts.
    let a_while = std::time::Duration::from_secs(7);
    let told = |life: &Life, words| warnings(life, "StatusRefused", words);
    let mut life = Life::begin();
    life.kubernetes.refuse_statuses(Some(ONE));
    life.start(&diskless()).run_for(a_while).await;
    assert_eq!(told(&life, ONE), 1);
    life.kubernetes.refuse_statuses(Some(OTHER));
    life.start_patch(&serde_json::json!({"metadata": {"labels": {"team": "storage"}}}))
        .run_for(a_while)
        .await;
    assert_eq!((told(&life, ONE), told(&life, OTHER)), (1, 1));

    life.kubernetes.refuse_statuses(None);
    life.settle().await;
    life.expect_state("provisioned").expect_no_error();
    life.kubernetes.refuse_statuses(Some(OTHER));
    life.start_patch(&serde_json::json!({"spec": {"online": false}}))
        .run_for(a_while)
        .await;
    assert_eq!((told(&life, ONE), told(&life, OTHER)), (1, 2));
}

#[tokio::test(start_paused = true)]
async fn a_condition_changes_its_time_with_its_status_alone_and_names_the_generation() {
    let life = eventful().await;
    let stored = stored(&life);
    let mut transitions = 0;
    for pair in stored.windows(2) {
        let (before, after) = (conditions(&pair[0]), conditions(&pair[1]));
        for (name, condition) in &after {
            if let Some(old) = before.get(name) {
                let is_transition = old["status"] != condition["status"];
                let dated = if is_transition {
                    &pair[1]["status"]["lastUpdated"]
                } else {
                    &old["lastTransitionTime"]
                };
                assert_eq!(
                    condition["lastTransitionTime"], *dated,
                    "{old} became {condition}"
                );
                transitions += usize::from(is_transition);
            }
            let generation = condition["observedGeneration"].as_i64().unwrap();
            assert!(generation <= pair[1]["metadata"]["generation"].as_i64().unwrap());
        }
    }
    assert!(transitions > 5, "{transitions}");
    let last = stored.last().unwrap();
    assert!(last["metadata"]["generation"].as_i64() > Some(2));
    let mut now = conditions(last);
    // Ironic says nothing of it, so what was known of it is of before.
    now.remove("Healthy");
    for condition in now.values() {
        assert_eq!(
            condition["observedGeneration"],
            last["metadata"]["generation"]
        );
    }
}

#[tokio::test(start_paused = true)]
async fn the_events_of_a_volume_tell_its_story_in_order() {
    let life = eventful().await;
    let events = life.kubernetes.events();
    let told: Vec<_> = events
        .iter()
        .map(|event| {
            format!(
                "{} {}",
                event["type"].as_str().unwrap(),
                event["reason"].as_str().unwrap()
            )
        })
        .filter(|told| !told.ends_with("Registered") && !told.contains("BMC"))
        .collect();
    assert_eq!(
        told,
        [
            "Normal CleaningSkipped",
            "Warning SecretMissing",
            "Normal ProvisioningStarted",
            "Normal ProvisioningComplete",
            "Normal PowerOff",
            "Normal PowerOn",
            "Normal DeprovisioningStarted",
            "Normal PowerOff",
            "Normal DeprovisioningComplete",
            "Normal PowerOn",
        ]
    );
}
