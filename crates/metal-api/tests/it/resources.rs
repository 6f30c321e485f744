//! The names of the resources and what `kubectl get` shows of them.

use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition;
use kube::core::CustomResourceExt;
use metal_api::{
    names,
    v1alpha1::{BareMetalHost, HardwareData},
};

/// Name, type, path and priority of each printer column.
fn columns(crd: &CustomResourceDefinition) -> Vec<(&str, &str, &str, i32)> {
    crd.spec.versions[0]
        .additional_printer_columns
        .iter()
        .flatten()
        .map(|column| {
            (
                column.name.as_str(),
                column.type_.as_str(),
                column.json_path.as_str(),
                column.priority.unwrap_or(0),
            )
        })
        .collect()
}

#[test]
fn hosts_are_shown_as_metal3_shows_them() {
    assert_eq!(
        columns(&BareMetalHost::crd()),
        [
            ("Status", "string", ".status.operationalStatus", 1),
            ("State", "string", ".status.provisioning.state", 0),
            ("Consumer", "string", ".spec.consumerRef.name", 0),
            ("BMC", "string", ".spec.bmc.address", 1),
            ("Online", "string", ".spec.online", 0),
            ("Error", "string", ".status.errorType", 0),
            ("Age", "date", ".metadata.creationTimestamp", 0),
            // Ironboot's own, behind those that others may know by their place.
            ("Volume", "string", ".spec.bootVolume.volumeId", 1),
        ]
    );
    assert_eq!(
        columns(&HardwareData::crd()),
        [("Age", "date", ".metadata.creationTimestamp", 0)]
    );
}

/// As `clusterctl move` finds and takes them.
#[test]
fn hosts_and_their_hardware_are_moved_between_clusters() {
    let labels = |crd: CustomResourceDefinition| crd.metadata.labels.unwrap_or_default();
    let host = labels(BareMetalHost::crd());
    assert!(host.contains_key("clusterctl.cluster.x-k8s.io"));
    assert!(host.contains_key("clusterctl.cluster.x-k8s.io/move-hierarchy"));
    let hardware = labels(HardwareData::crd());
    assert!(hardware.contains_key("clusterctl.cluster.x-k8s.io"));
    assert!(hardware.contains_key("clusterctl.cluster.x-k8s.io/move"));
}

#[test]
fn hosts_have_the_names_that_metal3_gives_them() {
    let crd = BareMetalHost::crd();
    assert_eq!(
        crd.metadata.name.as_deref(),
        Some("baremetalhosts.metal3.io")
    );
    assert_eq!(crd.spec.group, names::GROUP);
    assert_eq!(crd.spec.scope, "Namespaced");
    assert_eq!(crd.spec.names.kind, "BareMetalHost");
    assert_eq!(crd.spec.names.singular.as_deref(), Some("baremetalhost"));
    assert_eq!(crd.spec.names.short_names.unwrap(), ["bmh", "bmhost"]);
    let [version] = crd.spec.versions.as_slice() else {
        panic!("one version");
    };
    assert_eq!(version.name, "v1alpha1");
    assert!(version.served && version.storage);
    assert!(version.subresources.as_ref().unwrap().status.is_some());
}

#[test]
fn hardware_data_has_the_names_that_metal3_gives_it_and_no_status() {
    let crd = HardwareData::crd();
    assert_eq!(crd.metadata.name.as_deref(), Some("hardwaredata.metal3.io"));
    assert_eq!(crd.spec.scope, "Namespaced");
    assert_eq!(crd.spec.names.kind, "HardwareData");
    assert_eq!(crd.spec.names.plural, "hardwaredata");
    assert_eq!(crd.spec.names.singular.as_deref(), Some("hardwaredata"));
    assert_eq!(crd.spec.names.short_names.unwrap(), ["hd"]);
    assert!(crd.spec.versions[0].subresources.is_none());
}
