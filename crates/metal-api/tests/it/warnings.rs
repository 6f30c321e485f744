//! The policy that refuses nothing and warns.

use std::sync::LazyLock;

use metal_api::v1alpha1::{BareMetalHost, BareMetalHostSpec, BootMode, VolumeDriver};
use rstest::rstest;
use serde_json::{Value, json};

use crate::fixtures::{booting_host, data_volume, with_portals, with_spec, with_volume};
use crate::policy::{Validation, judge_by, validations};

const POLICY: &str = include_str!("../../../../deploy/admission/warnings.yaml");
const SECURE: &str = "spec.bootMode: with UEFISecureBoot ";
const LEGACY: &str = "spec.bootMode: with legacy ";

fn warnings(host: &BareMetalHost, old: Option<&BareMetalHost>) -> Vec<String> {
    static VALIDATIONS: LazyLock<Vec<Validation>> = LazyLock::new(|| validations(POLICY));
    let json = |host: &BareMetalHost| serde_json::to_value(host).unwrap();
    judge_by(&VALIDATIONS, &json(host), old.map(json).as_ref())
}

fn in_mode(host: BareMetalHost, mode: BootMode) -> BareMetalHost {
    with_spec(host, |spec| spec.boot_mode = Some(mode))
}

fn with_data(portals: usize) -> impl FnOnce(&mut BareMetalHostSpec) {
    move |spec| {
        let mut data = data_volume("data");
        if portals > 1 {
            data.iscsi_target.portal = None;
            data.iscsi_target.portals = (0..portals).map(|i| format!("192.0.2.{i}")).collect();
        }
        spec.data_volumes.push(data);
    }
}

fn unused(host: BareMetalHost) -> BareMetalHost {
    with_volume(host, |volume| volume.volume_driver = VolumeDriver::Noop)
}

/// Also for a host that changes to it, and not for one that had it already.
#[track_caller]
fn warned(host: &BareMetalHost, warning: &str) {
    let before = in_mode(booting_host(), BootMode::Uefi);
    for old in [None, Some(&before)] {
        let given = warnings(host, old);
        let [given] = given.as_slice() else {
            panic!("one warning: {given:#?}");
        };
        assert!(given.starts_with(warning), "{given}");
        assert!(given.contains("; "), "{given}");
    }
    let mut annotated = host.clone();
    annotated.metadata.annotations = Some([("a".to_owned(), "b".to_owned())].into());
    assert_eq!(warnings(&annotated, Some(host)), [""; 0]);
}

#[test]
fn secure_boot_needs_a_signed_ipxe() {
    warned(&in_mode(booting_host(), BootMode::UefiSecureBoot), SECURE);
}

#[rstest]
#[case::portals(with_portals(booting_host(), &["192.0.2.1", "192.0.2.2", "192.0.2.3"]))]
#[case::portals_and_data(with_spec(with_portals(booting_host(), &["192.0.2.1", "192.0.2.2"]), with_data(1)))]
#[case::data(with_spec(with_spec(booting_host(), with_data(1)), with_data(1)))]
#[case::portals_of_data(with_spec(booting_host(), with_data(2)))]
fn a_bios_machine_may_have_no_room_for_more_than_two_portals(#[case] host: BareMetalHost) {
    warned(&in_mode(host.clone(), BootMode::Legacy), LEGACY);
    assert_eq!(warnings(&in_mode(host, BootMode::Uefi), None), [""; 0]);
}

#[rstest]
#[case::usual(booting_host())]
#[case::two_portals(with_portals(booting_host(), &["192.0.2.1", "192.0.2.2"]))]
#[case::one_data_volume(with_spec(booting_host(), with_data(1)))]
#[case::unused(unused(with_spec(booting_host(), with_data(3))))]
fn what_fits_gives_no_warning(#[case] host: BareMetalHost) {
    assert_eq!(warnings(&in_mode(host, BootMode::Legacy), None), [""; 0]);
}

#[test]
fn a_host_that_boots_from_no_volume_gives_no_warning() {
    for host in [crate::fixtures::host(), unused(booting_host())] {
        let secure = in_mode(host, BootMode::UefiSecureBoot);
        assert_eq!(warnings(&secure, None), [""; 0]);
    }
}

#[test]
fn the_policy_warns_only() {
    let read = |text: &str| serde_saphyr::from_str::<Value>(text).unwrap();
    let policy = read(POLICY);
    let binding = read(include_str!(
        "../../../../deploy/admission/warnings_binding.yaml"
    ));
    assert_eq!(binding["spec"]["policyName"], policy["metadata"]["name"]);
    assert_eq!(binding["spec"]["validationActions"], json!(["Warn"]));
    assert_eq!(policy["spec"]["failurePolicy"], "Ignore");
}
