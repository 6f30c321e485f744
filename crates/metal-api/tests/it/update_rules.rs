//! The rules that compare a host with what it was before and with its status.

use k8s_openapi::api::core::v1::ObjectReference;
use metal_api::{
    v1alpha1::{
        AuthMethod, BareMetalHost, BootVolume, LunMapping, ProvisioningState, VolumeDriver,
    },
    values::default_connector_id,
};
use rstest::rstest;

use crate::fixtures::{
    booting_host, deployed_host, unused_volume, update_accepted, update_refused, volume, with_spec,
    with_target, with_volume,
};

const VOLUME: &str = "spec.bootVolume";

fn without_volume(host: BareMetalHost) -> BareMetalHost {
    with_spec(host, |spec| spec.boot_volume = None)
}

fn claimed(host: BareMetalHost) -> BareMetalHost {
    with_spec(host, |spec| {
        spec.consumer_ref = Some(ObjectReference::default());
    })
}

fn target(volume: &mut BootVolume) -> &mut metal_api::v1alpha1::IscsiTarget {
    volume.iscsi_target.as_mut().unwrap()
}

#[rstest]
#[case(|volume: &mut BootVolume| volume.volume_id = "vol-2".into())]
#[case(|volume: &mut BootVolume| volume.volume_driver = VolumeDriver::Noop)]
#[case(|volume: &mut BootVolume| volume.connector_id = Some("iqn.2026-11.org.example:x".into()))]
#[case(|volume: &mut BootVolume| target(volume).iqn = "iqn.2026-11.org.example:vol-2".into())]
#[case(|volume: &mut BootVolume| target(volume).lun = 2)]
#[case(|volume: &mut BootVolume| target(volume).lun_mapping = LunMapping::PerInitiator)]
fn the_identity_of_a_volume_changes_only_before_it_is_deployed(
    #[case] change: fn(&mut BootVolume),
) {
    let before = booting_host();
    update_accepted(&before, &with_volume(before.clone(), change));
    let deployed = deployed_host();
    update_refused(&deployed, &with_volume(deployed.clone(), change), VOLUME);
}

#[test]
fn what_is_not_its_identity_may_change_while_a_volume_is_deployed() {
    let deployed = deployed_host();
    let changed = with_target(
        with_volume(deployed.clone(), |volume| {
            volume.iscsi_credentials_name = Some("vol-1-chap".into());
        }),
        |target| {
            target.portal = None;
            target.portals = vec!["storage.example.org".into(), "172.22.0.2".into()];
            target.auth_method = Some(AuthMethod::Chap);
        },
    );
    update_accepted(&deployed, &changed);
    update_accepted(&changed, &deployed);
}

#[test]
fn the_default_initiator_may_be_spelled_out_while_a_volume_is_deployed() {
    let deployed = deployed_host();
    let spelled_out = with_volume(deployed.clone(), |volume| {
        volume.connector_id = Some(default_connector_id("metal", "node-0").into());
    });
    update_accepted(&deployed, &spelled_out);
}

#[test]
fn a_host_whose_spec_and_record_differ_can_still_be_written() {
    let differing = with_volume(deployed_host(), |volume| volume.volume_id = "vol-2".into());
    let mut written = differing.clone();
    written.metadata.finalizers = None;
    written.status.as_mut().unwrap().provisioning.state = ProvisioningState::Deprovisioning;
    written.spec.online = false;
    update_accepted(&differing, &written);
    let put_right = with_volume(differing.clone(), |volume| {
        volume.volume_id = "vol-1".into();
        volume.connector_id = Some("iqn.2026-11.io.ironboot:metal.node-0".into());
    });
    update_accepted(&differing, &put_right);
}

#[test]
fn a_volume_can_be_removed_from_a_host_without_a_consumer() {
    let deployed = deployed_host();
    update_accepted(&deployed, &without_volume(deployed.clone()));
}

#[test]
fn a_volume_can_be_removed_from_a_consumer_before_it_is_deployed() {
    let before = claimed(booting_host());
    update_accepted(&before, &without_volume(before.clone()));
}

#[test]
fn a_deployed_volume_is_not_removed_from_a_consumer() {
    let deployed = claimed(deployed_host());
    update_refused(&deployed, &without_volume(deployed.clone()), VOLUME);
}

#[test]
fn a_client_that_drops_the_volume_while_it_claims_a_host_or_lets_it_go_is_refused() {
    let free = deployed_host();
    let claimed = claimed(free.clone());
    update_refused(&free, &without_volume(claimed.clone()), VOLUME);
    update_refused(&claimed, &without_volume(free), VOLUME);
}

#[test]
fn a_released_host_of_a_consumer_can_be_written() {
    let released = without_volume(claimed(deployed_host()));
    update_accepted(
        &released,
        &with_spec(released.clone(), |spec| spec.online = false),
    );
}

#[rstest]
#[case(|volume: &mut BootVolume| volume.volume_id = "vol-2".into())]
#[case(|volume: &mut BootVolume| volume.connector_id = Some("iqn.2026-11.org.example:x".into()))]
#[case(|volume: &mut BootVolume| target(volume).iqn = "iqn.2026-11.org.example:vol-2".into())]
#[case(|volume: &mut BootVolume| target(volume).lun = 2)]
#[case(|volume: &mut BootVolume| target(volume).lun_mapping = LunMapping::PerInitiator)]
#[case(|volume: &mut BootVolume| *volume = unused_volume())]
fn another_volume_is_set_only_after_the_release(#[case] change: fn(&mut BootVolume)) {
    let releasing = without_volume(deployed_host());
    let set = with_spec(releasing.clone(), |spec| {
        let mut other = volume();
        change(&mut other);
        spec.boot_volume = Some(other);
    });
    update_refused(&releasing, &set, VOLUME);
    let mut released = releasing.clone();
    released.status.as_mut().unwrap().provisioning.boot_volume = None;
    let mut set_later = set.clone();
    set_later.status = released.status.clone();
    update_accepted(&released, &set_later);
}

#[test]
fn the_same_volume_can_be_set_again_before_the_release_is_done() {
    let releasing = without_volume(deployed_host());
    update_accepted(&releasing, &deployed_host());
    let spelled_out = with_volume(deployed_host(), |volume| {
        volume.connector_id = Some("iqn.2026-11.io.ironboot:metal.node-0".into());
    });
    update_accepted(&releasing, &spelled_out);
}

#[test]
fn the_same_volume_with_the_default_initiator_is_another_one_if_another_was_recorded() {
    for connector in [
        "iqn.2026-11.org.example:node-0",
        "iqn.2026-11.io.ironboot:metal.node-1",
    ] {
        let mut releasing = without_volume(deployed_host());
        let status = releasing.status.as_mut().unwrap();
        status
            .provisioning
            .boot_volume
            .as_mut()
            .unwrap()
            .connector_id = connector.into();
        let set = with_spec(releasing.clone(), |spec| spec.boot_volume = Some(volume()));
        update_refused(&releasing, &set, VOLUME);
    }
}
