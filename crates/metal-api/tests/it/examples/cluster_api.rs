//! The manifests of `docs/cluster-api.md` fit together. The kinds of Cluster API are not ours, so only what they
//! say of each other and of hosts is looked at.

use std::collections::BTreeSet;

use metal_api::names::{BOOT_VOLUME_LABEL, BOOT_VOLUME_METHOD};
use metal_api::v1alpha1::ProvisionOn;

use super::*;

fn cluster_api() -> Vec<Value> {
    let mut objects = objects();
    objects.retain(|(name, object)| name == "cluster-api" && object["kind"] != "Kustomization");
    assert!(objects.len() > 10, "they are looked for in the wrong place");
    objects.into_iter().map(|(_, object)| object).collect()
}

fn of_kind<'a>(objects: &'a [Value], kind: &str) -> Vec<&'a Value> {
    let found: Vec<_> = objects.iter().filter(|o| o["kind"] == kind).collect();
    assert!(!found.is_empty(), "there is no {kind}");
    found
}

#[test]
fn the_kustomization_applies_every_file() {
    let folder = folder().join("cluster-api");
    let [kustomization] = &read(&folder.join("kustomization.yaml"))[..] else {
        panic!("it is one object");
    };
    let listed = kustomization["resources"].as_array().unwrap();
    let listed: BTreeSet<_> = listed.iter().map(|file| file.as_str().unwrap()).collect();
    let files = entries(&folder);
    let names = files.iter().map(|file| file.file_name().unwrap());
    let mut present: BTreeSet<_> = names.map(|name| name.to_str().unwrap()).collect();
    present.remove("kustomization.yaml");
    assert_eq!(listed, present);
}

#[test]
fn all_are_in_the_namespace_that_is_made_for_them() {
    let objects = cluster_api();
    let [namespace] = of_kind(&objects, "Namespace")[..] else {
        panic!("there are several namespaces");
    };
    for object in objects.iter().filter(|o| o["kind"] != "Namespace") {
        let found = &object["metadata"]["namespace"];
        assert_eq!(found, &namespace["metadata"]["name"], "{object}");
    }
}

#[test]
fn every_reference_leads_to_an_object() {
    let objects = cluster_api();
    let ids: BTreeSet<_> = objects.iter().map(|o| id(o, &o["metadata"])).collect();
    let mut references = Vec::new();
    for object in &objects {
        references_in(&object["spec"], &mut references);
    }
    assert!(references.len() >= 6, "{references:?}");
    for reference in references {
        assert!(ids.contains(&reference), "{reference:?}");
    }
}

/// API group, kind and name. References have a group or a version, and their name beside it.
fn id(object: &Value, named: &Value) -> [String; 3] {
    let group = object.get("apiGroup").or_else(|| object.get("apiVersion"));
    let group = group.unwrap().as_str().unwrap();
    [
        group.split('/').next().unwrap().to_owned(),
        object["kind"].as_str().unwrap().to_owned(),
        named["name"].as_str().unwrap().to_owned(),
    ]
}

fn references_in(value: &Value, found: &mut Vec<[String; 3]>) {
    match value {
        Value::Object(fields) if fields.contains_key("kind") => found.push(id(value, value)),
        Value::Object(fields) => fields.values().for_each(|v| references_in(v, found)),
        Value::Array(items) => items.iter().for_each(|v| references_in(v, found)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

#[test]
fn each_machine_boots_a_volume_and_finds_a_host_and_one_to_spare_for_workers() {
    let objects = cluster_api();
    let hosts = of_kind(&objects, "BareMetalHost");
    for template in of_kind(&objects, "Metal3MachineTemplate") {
        let machine = &template["spec"]["template"]["spec"];
        assert_eq!(machine["customDeploy"]["method"], BOOT_VOLUME_METHOD);
        let hosts = hosts.iter().filter(|host| matches(machine, host)).count();
        let name = &template["metadata"]["name"];
        let wanted = of_kind(&objects, "MachineDeployment")
            .into_iter()
            .find(|o| &o["spec"]["template"]["spec"]["infrastructureRef"]["name"] == name)
            .map_or(1, |o| o["spec"]["replicas"].as_u64().unwrap() + 1);
        assert!(hosts as u64 >= wanted, "{name}: {hosts} of {wanted}");
    }
}

/// Whether Cluster API's Metal3 provider would take the host for the machine. One label is Ironboot's own.
fn matches(machine: &Value, host: &Value) -> bool {
    let typed: BareMetalHost = serde_json::from_value(host.clone()).unwrap();
    let volume = typed.spec.boot_volume.as_ref().unwrap();
    assert_eq!(volume.provision_on, ProvisionOn::Claim, "{host}");
    let selector = machine["hostSelector"]["matchLabels"].as_object().unwrap();
    assert_eq!(selector[BOOT_VOLUME_LABEL], "true");
    let mut own = selector
        .iter()
        .filter(|(label, _)| *label != BOOT_VOLUME_LABEL);
    own.all(|(label, value)| host["metadata"]["labels"].get(label) == Some(value))
}

/// By it Cluster API's Metal3 provider finds the node of a machine: `metal3.io/uuid` is the host's UID, which the
/// config drive has as `uuid`.
#[test]
fn each_node_gets_the_label_by_which_it_is_found() {
    let objects = cluster_api();
    let control_plane = &of_kind(&objects, "KubeadmControlPlane")[0]["spec"]["kubeadmConfigSpec"];
    let workers = &of_kind(&objects, "KubeadmConfigTemplate")[0]["spec"]["template"]["spec"];
    for configuration in [
        &control_plane["initConfiguration"],
        &control_plane["joinConfiguration"],
        &workers["joinConfiguration"],
    ] {
        let arguments = &configuration["nodeRegistration"]["kubeletExtraArgs"];
        let label = "metal3.io/uuid={{ ds.meta_data.uuid }}";
        assert!(
            arguments.as_array().unwrap().iter().any(|argument| {
                argument["name"] == "node-labels" && argument["value"] == label
            }),
            "{configuration}"
        );
    }
}

#[test]
fn all_machines_have_one_version_of_kubernetes() {
    let objects = cluster_api();
    let control_plane = &of_kind(&objects, "KubeadmControlPlane")[0]["spec"]["version"];
    for workers in of_kind(&objects, "MachineDeployment") {
        assert_eq!(
            &workers["spec"]["template"]["spec"]["version"],
            control_plane
        );
    }
}
