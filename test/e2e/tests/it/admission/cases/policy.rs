//! The rules of `deploy/admission`: cases are changes of a host that is [bare](bare).

use serde_json::{Value, json};

use super::{Case, with};

const INSPECT: &str = "inspect.metal3.io";
const DETAILS: &str = "inspect.metal3.io/hardwaredetails";
const REBOOT: &str = "reboot.metal3.io/case";
const REDEPLOY: &str = "ironboot.io/redeploy";

/// What makes of the example a host that no rule of the policy has anything to say about.
pub(in super::super) fn bare() -> Value {
    json!({ "spec": { "bootVolume": null, "bootMACAddress": null, "inspectionMode": null } })
}

pub(in super::super) fn named_like_a_node() -> Value {
    changed(&json!({ "metadata": { "name": "b0070000-0000-4000-8000-000000000000" } }))
}

/// Each rule of the policy, for hosts of a namespace.
pub(in super::super) fn rules(namespace: &str) -> Vec<Case> {
    let mut rules = vec![(
        "metadata.name",
        named_like_a_node(),
        changed(&json!({ "metadata": { "name": "b0070000-0000-4000-8000" } })),
    )];
    rules.extend(secrets(namespace));
    rules.extend(annotations());
    rules.push((
        "spec.networkInterfaces",
        changed(&json!({ "spec": { "networkInterfaces": [{ "name": "a" }, { "name": "A" }] } })),
        changed(&json!({ "spec": { "networkInterfaces": [{ "name": "a" }, { "name": "b" }] } })),
    ));
    rules
}

fn secrets(namespace: &str) -> [Case; 3] {
    let secret = |field: &str, namespace: &str| {
        changed(&json!({ "spec": { field: { "name": "a", "namespace": namespace } } }))
    };
    [
        ("spec.userData.namespace", "userData"),
        ("spec.networkData.namespace", "networkData"),
        ("spec.metaData.namespace", "metaData"),
    ]
    .map(|(path, field)| (path, secret(field, "default"), secret(field, namespace)))
}

fn annotations() -> Vec<Case> {
    let mac = "52:54:00:e2:e0:01";
    vec![
        (
            "annotation inspect.metal3.io",
            annotated(INSPECT, "please", &json!({})),
            annotated(INSPECT, "", &json!({})),
        ),
        (
            "spec.inspectionMode",
            annotated(
                INSPECT,
                "disabled",
                &json!({ "bootMACAddress": mac, "inspectionMode": "agent" }),
            ),
            annotated(
                INSPECT,
                "disabled",
                &json!({ "bootMACAddress": mac, "inspectionMode": "disabled" }),
            ),
        ),
        (
            "spec.bootMACAddress",
            annotated(INSPECT, "disabled", &json!({})),
            annotated(INSPECT, "disabled", &json!({ "bootMACAddress": mac })),
        ),
        (
            "annotation inspect.metal3.io/hardwaredetails",
            annotated(DETAILS, "{}", &json!({})),
            annotated(
                DETAILS,
                "{}",
                &json!({ "bootMACAddress": mac, "inspectionMode": "disabled" }),
            ),
        ),
        (
            "annotation reboot.metal3.io",
            annotated(REBOOT, "gently", &json!({})),
            annotated(REBOOT, r#"{"mode": "soft"}"#, &json!({})),
        ),
        (
            "annotation reboot.metal3.io",
            annotated(REBOOT, r#"{"mode": "gently"}"#, &json!({})),
            annotated(REBOOT, "", &json!({})),
        ),
        (
            "annotation ironboot.io/redeploy",
            annotated(REDEPLOY, &"a".repeat(254), &json!({})),
            annotated(REDEPLOY, &"a".repeat(253), &json!({})),
        ),
    ]
}

fn annotated(annotation: &str, value: &str, spec: &Value) -> Value {
    changed(&json!({ "metadata": { "annotations": { annotation: value } }, "spec": spec }))
}

/// The bare host, changed.
fn changed(change: &Value) -> Value {
    with(bare(), change)
}
