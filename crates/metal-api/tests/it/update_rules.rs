//! The rules that compare a host with what it was before and with its status.

use k8s_openapi::api::core::v1::ObjectReference;
use metal_api::{
    v1alpha1::{
        AuthMethod, BareMetalHost, BootVolume, LunMapping, ProvisionOn, ProvisioningState,
        ReclaimPolicy, VolumeDriver,
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

const PROVISION_ON: &str = "spec.bootVolume.provisionOn";

fn on(host: BareMetalHost, provision_on: ProvisionOn) -> BareMetalHost {
    with_volume(host, |volume| volume.provision_on = provision_on)
}

fn recorded_on(mut host: BareMetalHost, provision_on: ProvisionOn) -> BareMetalHost {
    let status = host.status.as_mut().unwrap();
    let record = status.provisioning.boot_volume.as_mut().unwrap();
    record.provision_on = provision_on;
    host
}

#[rstest]
#[case(ProvisionOn::Immediate, ProvisionOn::Claim)]
#[case(ProvisionOn::Claim, ProvisionOn::Immediate)]
fn when_a_host_is_deployed_changes_only_while_nobody_has_it(
    #[case] before: ProvisionOn,
    #[case] after: ProvisionOn,
) {
    let free = on(booting_host(), before);
    update_accepted(&free, &on(free.clone(), after));
    let deployed = recorded_on(on(deployed_host(), before), before);
    update_refused(&deployed, &on(deployed.clone(), after), PROVISION_ON);
    let claimed = claimed(free.clone());
    update_refused(&claimed, &on(claimed.clone(), after), PROVISION_ON);
    // Nor in the update by which it is claimed or let go.
    update_refused(&free, &on(claimed.clone(), after), PROVISION_ON);
    update_refused(&claimed, &on(free, after), PROVISION_ON);
}

#[test]
fn a_host_of_a_consumer_can_be_written_otherwise() {
    let claimed = claimed(recorded_on(
        on(deployed_host(), ProvisionOn::Claim),
        ProvisionOn::Claim,
    ));
    update_accepted(
        &claimed,
        &with_spec(claimed.clone(), |spec| spec.online = false),
    );
}

#[test]
fn a_volume_comes_back_before_its_release_is_done_only_as_it_was_deployed() {
    let releasing = recorded_on(without_volume(deployed_host()), ProvisionOn::Claim);
    let set = |provision_on| {
        with_spec(releasing.clone(), |spec| {
            spec.boot_volume = Some(volume());
            spec.boot_volume.as_mut().unwrap().provision_on = provision_on;
        })
    };
    update_refused(&releasing, &set(ProvisionOn::Immediate), PROVISION_ON);
    update_accepted(&releasing, &set(ProvisionOn::Claim));
}

#[test]
fn when_a_volume_that_is_not_used_would_be_deployed_may_change_at_any_time() {
    let unused = with_spec(claimed(booting_host()), |spec| {
        spec.boot_volume = Some(unused_volume());
    });
    update_accepted(&unused, &on(unused.clone(), ProvisionOn::Claim));
}

#[test]
fn what_becomes_of_a_released_volume_may_change_at_any_time() {
    let policy = |policy| {
        let deployed = claimed(on(deployed_host(), ProvisionOn::Claim));
        with_volume(recorded_on(deployed, ProvisionOn::Claim), |volume| {
            volume.reclaim_policy = policy;
        })
    };
    let all = [
        None,
        Some(ReclaimPolicy::Retain),
        Some(ReclaimPolicy::Reuse),
    ];
    for before in all {
        for after in all {
            update_accepted(&policy(before), &policy(after));
        }
    }
}
