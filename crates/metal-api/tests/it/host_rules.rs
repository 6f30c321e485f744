//! The rules for `bootVolume` beside the other fields of a host.

use k8s_openapi::api::core::v1::ObjectReference;
use metal_api::v1alpha1::{BareMetalHost, BareMetalHostSpec, CustomDeploy, Image, VolumeDriver};
use rstest::rstest;

use crate::fixtures::{accepted, booting_host, host, refused, with_spec, with_volume};

fn image(spec: &mut BareMetalHostSpec) {
    spec.image = Some(Image {
        url: "http://172.22.0.1/image.qcow2".into(),
        checksum: Some("http://172.22.0.1/image.qcow2.sha256sum".into()),
        ..Image::default()
    });
}

fn custom_deploy(spec: &mut BareMetalHostSpec) {
    spec.custom_deploy = Some(CustomDeploy {
        method: "install_coreos".into(),
    });
}

fn consumer(spec: &mut BareMetalHostSpec) {
    spec.consumer_ref = Some(ObjectReference {
        kind: Some("Metal3Machine".into()),
        name: Some("machine-0".into()),
        ..ObjectReference::default()
    });
}

fn unused(host: BareMetalHost) -> BareMetalHost {
    with_volume(host, |volume| volume.volume_driver = VolumeDriver::Noop)
}

#[rstest]
#[case(|spec: &mut BareMetalHostSpec| spec.boot_mac_address = None, "spec.bootMACAddress")]
#[case(image, "spec.image")]
#[case(custom_deploy, "spec.customDeploy.method")]
#[case(|spec: &mut BareMetalHostSpec| spec.disable_power_off = Some(true), "spec.disablePowerOff")]
#[case(
    |spec: &mut BareMetalHostSpec| spec.externally_provisioned = Some(true),
    "spec.externallyProvisioned"
)]
fn what_a_boot_volume_excludes_is_refused_beside_it_only_while_it_is_used(
    #[case] change: fn(&mut BareMetalHostSpec),
    #[case] field: &str,
) {
    accepted(&with_spec(host(), change));
    refused(&with_spec(booting_host(), change), field);
    accepted(&unused(with_spec(booting_host(), change)));
}

#[rstest]
#[case("52:54:00:e2:e0:01 ")]
#[case("52:54:00:ff:fe:e2:e0:01")]
fn a_boot_volume_needs_one_mac_address_of_six_octets(#[case] mac: &str) {
    refused(
        &with_spec(booting_host(), |spec| {
            spec.boot_mac_address = Some(mac.into());
        }),
        "spec.bootMACAddress",
    );
}

#[rstest]
#[case(image)]
#[case(custom_deploy)]
fn what_a_consumer_sets_is_left_to_the_planner(#[case] change: fn(&mut BareMetalHostSpec)) {
    accepted(&with_spec(with_spec(booting_host(), consumer), change));
}

#[test]
fn a_consumer_excuses_nothing_else() {
    refused(
        &with_spec(with_spec(booting_host(), consumer), |spec| {
            spec.disable_power_off = Some(true);
        }),
        "spec.disablePowerOff",
    );
}

#[rstest]
#[case(|spec: &mut BareMetalHostSpec| spec.image = Some(Image::default()))]
#[case(|spec: &mut BareMetalHostSpec| spec.custom_deploy = Some(CustomDeploy::default()))]
#[case(|spec: &mut BareMetalHostSpec| spec.custom_deploy = Some(CustomDeploy {
    method: "boot-volume".into(),
}))]
#[case(|spec: &mut BareMetalHostSpec| spec.disable_power_off = Some(false))]
#[case(|spec: &mut BareMetalHostSpec| spec.externally_provisioned = Some(false))]
fn a_field_that_says_nothing_is_accepted_beside_a_boot_volume(
    #[case] change: fn(&mut BareMetalHostSpec),
) {
    accepted(&with_spec(booting_host(), change));
}
