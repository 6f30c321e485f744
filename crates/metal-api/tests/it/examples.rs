//! The manifests that users copy.

mod cluster_api;

use std::path::{Path, PathBuf};

use kube::ResourceExt;
use metal_api::v1alpha1::BareMetalHost;
use rstest::rstest;
use serde_json::Value;

use crate::fixtures::judge;

/// All objects in `docs/examples`, with what is applied as one: the name of the file, or of the folder that it is in.
fn objects() -> Vec<(String, Value)> {
    let mut all = Vec::new();
    for path in entries(&folder()) {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let files = if path.is_dir() {
            entries(&path)
        } else {
            vec![path]
        };
        for file in files {
            all.extend(read(&file).into_iter().map(|object| (name.clone(), object)));
        }
    }
    all
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/examples")
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap();
    entries.map(|entry| entry.unwrap().path()).collect()
}

fn read(file: &Path) -> Vec<Value> {
    let text = std::fs::read_to_string(file).unwrap();
    serde_saphyr::from_multiple(&text).unwrap()
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

/// A field with this value, or with any.
#[rstest]
#[case("/spec/bootMode", Some("legacy"))]
#[case("/spec/bootMode", Some("UEFI"))]
#[case("/spec/bootMode", Some("UEFISecureBoot"))]
#[case("/spec/bootVolume/volumeDriver", Some("external"))]
#[case("/spec/bootVolume/volumeDriver", Some("noop"))]
#[case("/spec/bootVolume/targetType", Some("iscsi"))]
#[case("/spec/bootVolume/connectorId", None)]
#[case("/spec/bootVolume/iscsiCredentialsName", None)]
#[case("/spec/bootVolume/iscsiTarget/portal", None)]
#[case("/spec/bootVolume/iscsiTarget/portals/1", None)]
#[case("/spec/bootVolume/iscsiTarget/authMethod", Some("CHAP"))]
#[case("/spec/bootVolume/iscsiTarget/lunMapping", Some("PerInitiator"))]
#[case("/spec/bootVolume/provisionOn", Some("Claim"))]
#[case("/spec/bootVolume/reclaimPolicy", Some("Retain"))]
#[case("/spec/bootVolume/reclaimPolicy", Some("Reuse"))]
#[case("/spec/dataVolumes/1/volumeId", None)]
#[case("/spec/dataVolumes/0/iscsiCredentialsName", None)]
fn there_is_an_example_of_each_variant(#[case] field: &str, #[case] value: Option<&str>) {
    let shows = |object: &Value| {
        let found = object.pointer(field);
        found.is_some() && (value.is_none() || found.and_then(Value::as_str) == value)
    };
    let objects = objects();
    let mut hosts = objects
        .iter()
        .filter(|(_, object)| object["kind"] == "BareMetalHost");
    assert!(hosts.any(|(_, host)| shows(host)), "{field}: {value:?}");
}

/// A Secret opts in by its type or by its label, and has one kind of keys or the other.
#[test]
fn there_is_an_example_of_each_way_to_opt_in() {
    let objects = objects();
    let any = |pointer: &str, value: Option<&str>| {
        objects.iter().any(|(_, object)| {
            let found = object.pointer(pointer).and_then(Value::as_str);
            object["kind"] == "Secret" && found.is_some() && (value.is_none() || found == value)
        })
    };
    assert!(any("/type", Some("kubernetes.io/iscsi-chap")));
    let label = "/metadata/labels/ironboot.io~1iscsi-credentials";
    assert!(any(label, Some("true")));
    assert!(any("/stringData/node.session.auth.password", None));
}

#[test]
fn every_secret_that_a_host_names_is_applied_with_it() {
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
