//! The manifests that users copy.

use kube::ResourceExt;
use metal_api::v1alpha1::BareMetalHost;
use serde_json::Value;

use crate::fixtures::judge;

/// All objects in `docs/examples`, with the file that each is in.
fn objects() -> Vec<(String, Value)> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/examples");
    let mut all = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let file = path.file_name().unwrap().to_string_lossy().into_owned();
        let text = std::fs::read_to_string(&path).unwrap();
        let objects: Vec<Value> = serde_saphyr::from_multiple(&text).unwrap();
        all.extend(objects.into_iter().map(|object| (file.clone(), object)));
    }
    all
}

#[test]
fn every_host_is_accepted_and_nothing_in_it_is_unknown() {
    let objects = objects();
    let hosts: Vec<_> = objects
        .iter()
        .filter(|(_, object)| object["kind"] == "BareMetalHost")
        .collect();
    assert!(hosts.len() >= 2, "they are looked for in the wrong place");
    for (file, object) in hosts {
        let host: BareMetalHost = serde_json::from_value(object.clone()).unwrap();
        judge(&host, None).unwrap_or_else(|errors| panic!("{file}: {errors:#?}"));
        let kept = serde_json::to_value(&host).unwrap();
        assert_eq!(lost(object, &kept, ""), [] as [String; 0], "{file}");
    }
}

#[test]
fn every_secret_that_a_host_names_is_in_the_same_file() {
    let objects = objects();
    for (file, object) in &objects {
        if object["kind"] != "BareMetalHost" {
            continue;
        }
        let host: BareMetalHost = serde_json::from_value(object.clone()).unwrap();
        let is_there = |name: &str| {
            objects.iter().any(|(other, secret)| {
                other == file && secret["kind"] == "Secret" && secret["metadata"]["name"] == name
            })
        };
        let volume = host.spec.boot_volume.as_ref();
        let bmc = host.spec.bmc.as_ref().map(|bmc| &bmc.credentials_name);
        let chap = volume.and_then(|volume| volume.iscsi_credentials_name.as_ref());
        let data = host.spec.data_volumes.iter();
        let of_data = data.filter_map(|volume| volume.iscsi_credentials_name.as_ref());
        for name in bmc.into_iter().chain(chap).chain(of_data) {
            assert!(is_there(name), "{file}: {name} of {}", host.name_any());
        }
    }
}

/// The paths in `given` that are not in `kept`.
fn lost(given: &Value, kept: &Value, path: &str) -> Vec<String> {
    let below = |key: String, value: &Value, kept: Option<&Value>| {
        let path = format!("{path}.{key}");
        kept.map_or_else(|| vec![path.clone()], |kept| lost(value, kept, &path))
    };
    match given {
        Value::Object(fields) => fields
            .iter()
            .flat_map(|(key, value)| below(key.clone(), value, kept.get(key)))
            .collect(),
        Value::Array(items) => items
            .iter()
            .enumerate()
            .flat_map(|(i, value)| below(i.to_string(), value, kept.get(i)))
            .collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => Vec::new(),
    }
}
