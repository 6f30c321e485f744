//! Where everything stands, without what differs from run to run: ids, versions and times.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::ironic::Door;
use super::kubernetes::Kubernetes;

/// The host as it counts for its users.
pub(crate) fn of_host(host: &Value) -> Value {
    let status = &host["status"];
    let conditions = status["conditions"].as_array().into_iter().flatten();
    let conditions: Map<String, Value> = conditions
        .map(|condition| {
            let words = format!(
                "{}/{}",
                text(condition, "status"),
                text(condition, "reason")
            );
            (text(condition, "type"), words.into())
        })
        .collect();
    let annotations = host["metadata"]["annotations"]
        .as_object()
        .into_iter()
        .flatten();
    json!({
        "state": status["provisioning"]["state"],
        "operationalStatus": status["operationalStatus"],
        "errorType": status["errorType"],
        "errorMessage": status["errorMessage"],
        "errorCount": status["errorCount"],
        "provisioningFailCount": status["provisioningFailCount"],
        "poweredOn": status["poweredOn"],
        "hasNode": status["provisioning"]["ID"] != "",
        "volume": status["provisioning"]["bootVolume"]["volumeId"],
        "conditions": conditions,
        "finalizers": host["metadata"]["finalizers"],
        "annotations": annotations.map(|(name, _)| name).collect::<Vec<_>>(),
    })
}

/// All of Ironic.
pub(crate) fn of_ironic(door: &Door) -> Value {
    let nodes = list(door, "/v1/nodes/detail", "nodes")
        .into_iter()
        .map(|node| {
            let keys = [
                "name",
                "provision_state",
                "power_state",
                "maintenance",
                "fault",
                "boot_interface",
                "deploy_interface",
                "storage_interface",
                "properties",
                "instance_info",
            ];
            let mut kept = pick(&node, &keys);
            kept["instance"] = (!node["instance_uuid"].is_null()).into();
            kept
        });
    let mut targets = list(door, "/v1/volume/targets?detail=true", "targets");
    // In which order they were made doesn't count.
    targets.sort_by_key(|target| (text(target, "node_uuid"), target["boot_index"].as_i64()));
    let targets = targets.into_iter().map(|target| {
        let mut kept = pick(
            &target,
            &["volume_id", "volume_type", "boot_index", "properties"],
        );
        let extra = target["extra"].as_object().into_iter().flatten();
        kept["extra"] = extra
            .map(|(key, _)| key.as_str())
            .collect::<Vec<_>>()
            .into();
        kept
    });
    let connectors = list(door, "/v1/volume/connectors?detail=true", "connectors");
    let ports = list(door, "/v1/ports/detail", "ports");
    json!({
        "nodes": nodes.collect::<Vec<_>>(),
        "targets": targets.collect::<Vec<_>>(),
        "connectors": connectors.iter().map(|one| pick(one, &["type", "connector_id"])).collect::<Vec<_>>(),
        "ports": ports.iter().map(|port| pick(port, &["address", "pxe_enabled"])).collect::<Vec<_>>(),
    })
}

/// Who holds which volume.
pub(crate) fn of_leases(kubernetes: &Kubernetes) -> Value {
    let leases = kubernetes.all("leases").into_iter();
    leases
        .map(|lease| {
            json!({
                "name": lease["metadata"]["name"],
                "volume": lease["metadata"]["annotations"]["ironboot.io/volume"],
                "holder": lease["spec"]["holderIdentity"],
            })
        })
        .collect()
}

pub(crate) fn list(door: &Door, target: &str, field: &str) -> Vec<Value> {
    door.look(target)[field]
        .as_array()
        .cloned()
        .unwrap_or_default()
}

fn pick(object: &Value, keys: &[&str]) -> Value {
    let kept: Map<String, Value> = keys
        .iter()
        .map(|key| ((*key).to_owned(), object[key].clone()))
        .collect();
    kept.into()
}

fn text(object: &Value, key: &str) -> String {
    object[key].as_str().unwrap_or_default().to_owned()
}

/// Where two documents differ, and what each has there.
pub(crate) fn difference(found: &Value, wanted: &Value) -> Value {
    match (found, wanted) {
        (Value::Object(one), Value::Object(other)) => {
            let keys: BTreeSet<_> = one.keys().chain(other.keys()).collect();
            let differing = keys
                .into_iter()
                .filter(|key| found[key.as_str()] != wanted[key.as_str()]);
            differing
                .map(|key| {
                    (
                        key.clone(),
                        difference(&found[key.as_str()], &wanted[key.as_str()]),
                    )
                })
                .collect::<Map<_, _>>()
                .into()
        }
        _ => json!({"found": found, "instead of": wanted}),
    }
}
