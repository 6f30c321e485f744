//! `dataVolumes`: a list beside the boot volume.

use serde_json::{Value, json};

use super::{Case, json_merge, with};

/// The rules for data volumes.
pub(in crate::admission) fn rules() -> Vec<Case> {
    let mut rules = of_one();
    rules.extend(of_its_target());
    rules.extend(of_several());
    rules
}

/// What has no right type or no right form: the field that is named, and the change.
pub(in crate::admission) fn malformed() -> Vec<(&'static str, Value)> {
    let other = json!({
        "volumeId": "vol-data",
        "iscsiTarget": { "iqn": "iqn.2026-11.org.example:data" },
    });
    let twice = [data_volume("logs", &json!({})), data_volume("logs", &other)];
    let nine: Vec<_> = (0..9)
        .map(|i| data_volume(&format!("data-{i}"), &json!({})))
        .collect();
    vec![
        ("spec.dataVolumes[1]", json!({ "dataVolumes": twice })),
        ("spec.dataVolumes", json!({ "dataVolumes": nine })),
        (
            "spec.dataVolumes[0].iscsiTarget",
            one(&json!({ "iscsiTarget": null })),
        ),
    ]
}

fn of_one() -> Vec<Case> {
    vec![
        (
            "spec.dataVolumes",
            with(one(&json!({})), &json!({ "bootVolume": null })),
            one(&json!({})),
        ),
        (
            "spec.dataVolumes[0].name",
            one(&json!({ "name": "Logs" })),
            one(&json!({ "name": "logs-0" })),
        ),
        (
            "spec.dataVolumes[0].volumeId",
            one(&json!({ "volumeId": "vol\n1" })),
            one(&json!({ "volumeId": "Volume 1 (ü)" })),
        ),
        (
            "spec.dataVolumes[0].iscsiCredentialsName",
            one(&json!({ "iscsiCredentialsName": "metal/logs" })),
            one(&json!({ "iscsiCredentialsName": "vol-1-chap" })),
        ),
        (
            "spec.dataVolumes[0].iscsiCredentialsName",
            with_target(&json!({ "authMethod": "CHAP" })),
            with_target(&json!({ "authMethod": "None" })),
        ),
        (
            "spec.dataVolumes[0].iscsiTarget.authMethod",
            one(
                &json!({ "iscsiTarget": { "authMethod": "None" }, "iscsiCredentialsName": "logs" }),
            ),
            one(
                &json!({ "iscsiTarget": { "authMethod": "CHAP" }, "iscsiCredentialsName": "logs" }),
            ),
        ),
    ]
}

fn of_its_target() -> Vec<Case> {
    vec![
        (
            "spec.dataVolumes[0].iscsiTarget.iqn",
            with_target(&json!({ "iqn": "logs" })),
            with_target(&json!({ "iqn": "eui.02004567A425678D" })),
        ),
        (
            "spec.dataVolumes[0].iscsiTarget.lun",
            with_target(&json!({ "lun": -1 })),
            with_target(&json!({ "lun": 255 })),
        ),
        (
            "spec.dataVolumes[0].iscsiTarget.portal",
            with_target(&json!({ "portal": "[2001:db8::1]:3260" })),
            with_target(&json!({ "portal": "storage.example.org" })),
        ),
        (
            "spec.dataVolumes[0].iscsiTarget.portal",
            with_target(&json!({ "portal": "192.0.2.10:0" })),
            with_target(&json!({ "portal": "192.0.2.10:1" })),
        ),
        (
            "spec.dataVolumes[0].iscsiTarget.portal",
            with_target(&json!({ "portal": null })),
            with_target(&json!({ "portal": null, "portals": ["192.0.2.10"] })),
        ),
        (
            "spec.dataVolumes[0].iscsiTarget.portals",
            with_target(&json!({ "portal": null, "portals": ["192.0.2.10", "192.0.2.10"] })),
            with_target(&json!({ "portal": null, "portals": ["192.0.2.10", "192.0.2.11"] })),
        ),
        (
            "spec.dataVolumes[0].iscsiTarget.portals[0]",
            with_target(&json!({ "portal": null, "portals": ["::1", "192.0.2.10"] })),
            with_target(&json!({ "portal": null, "portals": ["storage", "192.0.2.10"] })),
        ),
        (
            "spec.dataVolumes[0].iscsiTarget.portals[0]",
            with_target(&json!({ "portal": null, "portals": ["-", "192.0.2.10"] })),
            with_target(&json!({ "portal": null, "portals": ["a-b", "192.0.2.10"] })),
        ),
    ]
}

fn of_several() -> Vec<Case> {
    vec![
        (
            "spec.dataVolumes",
            two(&json!({ "volumeId": "vol-logs" })),
            two(&json!({ "volumeId": "VOL-LOGS" })),
        ),
        (
            "spec.dataVolumes",
            two(&json!({ "iscsiTarget": { "iqn": "iqn.2026-11.org.EXAMPLE:logs" } })),
            two(&json!({ "iscsiTarget": { "iqn": "iqn.2026-11.org.EXAMPLE:logs", "lun": 1 } })),
        ),
    ]
}

/// One, with a change.
fn one(change: &Value) -> Value {
    json!({ "dataVolumes": [data_volume("logs", change)] })
}

fn with_target(target: &Value) -> Value {
    one(&json!({ "iscsiTarget": target }))
}

/// Two, of which the second is changed.
fn two(change: &Value) -> Value {
    let volumes = [data_volume("logs", &json!({})), data_volume("data", change)];
    json!({ "dataVolumes": volumes })
}

/// A data volume of this name, with a change.
fn data_volume(name: &str, change: &Value) -> Value {
    let mut volume = json!({
        "name": name,
        "volumeId": format!("vol-{name}"),
        "iscsiTarget": { "iqn": format!("iqn.2026-11.org.example:{name}"), "portal": "192.0.2.10" },
    });
    json_merge(&mut volume, change);
    volume
}
