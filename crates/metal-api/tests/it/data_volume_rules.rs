//! The rules for `dataVolumes`.

use metal_api::v1alpha1::{AuthMethod, DataVolume, VolumeDriver};
use rstest::rstest;

use crate::fixtures::{
    accepted, data_volume, deployed_host, host, refused, schema, update_accepted, with_data,
    with_spec, with_volume,
};

const FIELD: &str = "spec.dataVolumes";

#[test]
fn data_volumes_need_a_boot_volume() {
    accepted(&with_data(|_| {}));
    let alone = with_spec(host(), |spec| spec.data_volumes = vec![data_volume("data")]);
    refused(&alone, FIELD);
}

#[test]
fn they_are_kept_beside_a_boot_volume_that_is_not_used() {
    accepted(&with_volume(with_data(|_| {}), |volume| {
        volume.volume_driver = VolumeDriver::Noop;
    }));
}

#[rstest]
#[case("spec.dataVolumes[*].name", |data: &mut DataVolume| data.name = "Data".into())]
#[case("spec.dataVolumes[*].name", |data: &mut DataVolume| data.name = String::new())]
#[case("spec.dataVolumes[*].name", |data: &mut DataVolume| data.name = "data-".into())]
#[case("spec.dataVolumes[*].volumeId", |data: &mut DataVolume| data.volume_id = "a\nb".into())]
#[case("spec.dataVolumes[*].iscsiTarget.iqn", |data: &mut DataVolume| data.iscsi_target.iqn = "data".into())]
#[case("spec.dataVolumes[*].iscsiTarget.lun", |data: &mut DataVolume| data.iscsi_target.lun = 256)]
#[case("spec.dataVolumes[*].iscsiTarget.portal", |data: &mut DataVolume| data.iscsi_target.portal = None)]
#[case("spec.dataVolumes[*].iscsiTarget.portal", |data: &mut DataVolume| data.iscsi_target.portal = Some("[::1]".into()))]
#[case("spec.dataVolumes[*].iscsiTarget.portals", |data: &mut DataVolume| {
    data.iscsi_target.portal = None;
    data.iscsi_target.portals = vec!["192.0.2.1".into(), "192.0.2.1".into()];
})]
#[case("spec.dataVolumes[*].iscsiCredentialsName", |data: &mut DataVolume| data.iscsi_credentials_name = Some("a/b".into()))]
#[case("spec.dataVolumes[*].iscsiCredentialsName", |data: &mut DataVolume| data.iscsi_target.auth_method = Some(AuthMethod::Chap))]
#[case("spec.dataVolumes[*].iscsiTarget.authMethod", |data: &mut DataVolume| {
    data.iscsi_target.auth_method = Some(AuthMethod::None);
    data.iscsi_credentials_name = Some("data-chap".into());
})]
fn a_data_volume_has_the_rules_of_a_boot_volume_and_is_named(
    #[case] field: &str,
    #[case] change: fn(&mut DataVolume),
) {
    refused(&with_data(change), field);
}

#[rstest]
#[case(|data: &mut DataVolume| data.name = "0".into())]
#[case(|data: &mut DataVolume| data.iscsi_credentials_name = Some("data-chap".into()))]
#[case(|data: &mut DataVolume| {
    data.iscsi_credentials_name = Some("data-chap".into());
    data.iscsi_target.auth_method = Some(AuthMethod::Chap);
})]
#[case(|data: &mut DataVolume| {
    data.iscsi_target.iqn = "iqn.2026-11.org.example:vol-1".into();
    data.iscsi_target.lun = 2;
})]
fn a_data_volume_has_credentials_of_its_own_or_none(#[case] change: fn(&mut DataVolume)) {
    accepted(&with_data(change));
}

#[rstest]
#[case("vol-1")]
#[case("vol-logs")]
fn one_volume_is_not_attached_twice_by_its_id(#[case] id: &str) {
    refused(&with_data(|data| data.volume_id = id.into()), FIELD);
}

#[rstest]
#[case("IQN.2026-11.org.EXAMPLE:vol-1")]
#[case("iqn.2026-11.org.example:logs")]
fn one_volume_is_not_attached_twice_by_its_target(#[case] iqn: &str) {
    refused(&with_data(|data| data.iscsi_target.iqn = iqn.into()), FIELD);
}

#[test]
fn what_is_not_used_may_be_there_twice() {
    let twice = with_data(|data| data.volume_id = "vol-1".into());
    accepted(&with_volume(twice, |volume| {
        volume.volume_driver = VolumeDriver::Noop;
    }));
}

#[test]
fn data_volumes_may_change_while_a_host_is_deployed() {
    let deployed = deployed_host();
    let changed = with_spec(deployed.clone(), |spec| {
        spec.data_volumes = vec![data_volume("data")];
    });
    update_accepted(&deployed, &changed);
    update_accepted(&changed, &deployed);
}

/// The API server itself sees to these.
#[test]
fn there_are_at_most_eight_and_each_has_a_name_of_its_own() {
    let schema = schema::<metal_api::v1alpha1::BareMetalHost>();
    let list = &schema["properties"]["spec"]["properties"]["dataVolumes"];
    assert_eq!(list["maxItems"], 8);
    assert_eq!(list["x-kubernetes-list-type"], "map");
    assert_eq!(
        list["x-kubernetes-list-map-keys"],
        serde_json::json!(["name"])
    );
}
