//! The rules for the block `bootVolume` alone.

use metal_api::v1alpha1::{AuthMethod, ProvisionOn, ReclaimPolicy, VolumeDriver};
use rstest::rstest;

use crate::fixtures::{
    accepted, booting_host, host, judge, refused, unused_volume, with_portals, with_spec,
    with_target, with_volume,
};

#[test]
fn a_host_needs_no_boot_volume() {
    accepted(&host());
}

#[test]
fn the_usual_boot_volume_is_accepted() {
    accepted(&booting_host());
}

#[test]
fn an_unused_boot_volume_needs_nothing_else() {
    accepted(&with_spec(host(), |spec| {
        spec.boot_volume = Some(unused_volume());
        spec.boot_mac_address = None;
    }));
}

#[rstest]
#[case("v")]
#[case("Volume 1 (ü)")]
fn a_volume_has_any_name_of_printable_characters(#[case] id: &str) {
    accepted(&with_volume(booting_host(), |volume| {
        volume.volume_id = id.into();
    }));
}

#[rstest]
#[case("")]
#[case("vol\n1")]
#[case("vol\u{85}1")]
fn a_volume_without_a_name_or_with_control_characters_in_it_is_refused(#[case] id: &str) {
    refused(
        &with_volume(booting_host(), |volume| volume.volume_id = id.into()),
        "spec.bootVolume.volumeId",
    );
}

#[test]
fn an_initiator_has_an_iscsi_name() {
    accepted(&with_volume(booting_host(), |volume| {
        volume.connector_id = Some("iqn.2026-11.org.example:node-0".into());
    }));
    refused(
        &with_volume(booting_host(), |volume| {
            volume.connector_id = Some("node-0".into());
        }),
        "spec.bootVolume.connectorId",
    );
}

#[test]
fn a_target_has_an_iscsi_name() {
    accepted(&with_target(booting_host(), |target| {
        target.iqn = "eui.02004567A425678D".into();
    }));
    refused(
        &with_target(booting_host(), |target| {
            target.iqn = "iqn.2026-11.org.example:a b".into();
        }),
        "spec.bootVolume.iscsiTarget.iqn",
    );
}

#[rstest]
#[case("storage.example.org")]
#[case("172.22.0.1")]
fn a_portal_is_an_ipv4_address_or_a_dns_name(#[case] portal: &str) {
    accepted(&with_target(booting_host(), |target| {
        target.portal = Some(portal.into());
    }));
}

#[rstest]
#[case("")]
#[case(":3260")]
#[case("storage:0")]
#[case("300.0.0.1:3260")]
#[case("[2001:db8::1]:3260")]
#[case("2001:db8::1")]
fn another_portal_is_refused(#[case] portal: &str) {
    refused(
        &with_target(booting_host(), |target| target.portal = Some(portal.into())),
        "spec.bootVolume.iscsiTarget.portal",
    );
}

#[test]
fn an_ipv6_portal_is_refused_with_the_reason() {
    let host = with_target(booting_host(), |target| {
        target.portal = Some("[2001:db8::1]:3260".into());
    });
    let errors = judge(&host, None).unwrap_err();
    assert!(errors[0].message.contains("because Ironic splits"));
}

#[test]
fn a_target_has_one_portal_or_a_list_of_them() {
    accepted(&with_portals(booting_host(), &["192.0.2.1"]));
    let several = with_portals(booting_host(), &["192.0.2.1", "192.0.2.1:3261", "storage"]);
    accepted(&several);
    let field = "spec.bootVolume.iscsiTarget.portal";
    refused(
        &with_target(several, |target| target.portal = Some("192.0.2.2".into())),
        field,
    );
    refused(
        &with_target(booting_host(), |target| target.portal = None),
        field,
    );
}

#[rstest]
#[case(&["192.0.2.1", "192.0.2.1"])]
#[case(&["192.0.2.1:3260", "192.0.2.2", "192.0.2.1"])]
fn an_address_that_is_there_twice_is_refused(#[case] portals: &[&str]) {
    refused(
        &with_portals(booting_host(), portals),
        "spec.bootVolume.iscsiTarget.portals",
    );
}

#[rstest]
#[case("2001:db8::1")]
#[case("storage:0")]
fn another_portal_among_several_is_refused(#[case] portal: &str) {
    refused(
        &with_portals(booting_host(), &["192.0.2.1", portal]),
        "spec.bootVolume.iscsiTarget.portals[*]",
    );
}

#[rstest]
#[case(0)]
#[case(255)]
fn a_lun_from_0_to_255_is_accepted(#[case] lun: i64) {
    accepted(&with_target(booting_host(), |target| target.lun = lun));
}

#[rstest]
#[case(-1)]
#[case(256)]
fn another_lun_is_refused(#[case] lun: i64) {
    refused(
        &with_target(booting_host(), |target| target.lun = lun),
        "spec.bootVolume.iscsiTarget.lun",
    );
}

#[test]
fn an_external_volume_needs_a_target() {
    refused(
        &with_volume(booting_host(), |volume| volume.iscsi_target = None),
        "spec.bootVolume.iscsiTarget",
    );
}

#[test]
fn credentials_are_named_by_the_name_of_a_secret() {
    accepted(&with_volume(booting_host(), |volume| {
        volume.iscsi_credentials_name = Some("vol-1.chap".into());
    }));
    for name in ["", "metal/vol-1-chap", "Vol-1"] {
        refused(
            &with_volume(booting_host(), |volume| {
                volume.iscsi_credentials_name = Some(name.into());
            }),
            "spec.bootVolume.iscsiCredentialsName",
        );
    }
}

#[test]
fn chap_needs_credentials() {
    let chap = with_target(booting_host(), |target| {
        target.auth_method = Some(AuthMethod::Chap);
    });
    refused(&chap, "spec.bootVolume.iscsiCredentialsName");
    accepted(&with_volume(chap.clone(), |volume| {
        volume.iscsi_credentials_name = Some("vol-1-chap".into());
    }));
    accepted(&with_volume(chap, |volume| {
        volume.volume_driver = VolumeDriver::Noop;
    }));
}

#[test]
fn credentials_are_for_chap_only() {
    let none = with_target(booting_host(), |target| {
        target.auth_method = Some(AuthMethod::None);
    });
    accepted(&none);
    let with_credentials = with_volume(none, |volume| {
        volume.iscsi_credentials_name = Some("vol-1-chap".into());
    });
    refused(&with_credentials, "spec.bootVolume.iscsiTarget.authMethod");
    accepted(&with_volume(with_credentials, |volume| {
        volume.volume_driver = VolumeDriver::Noop;
    }));
}

#[rstest]
#[case(ReclaimPolicy::Retain)]
#[case(ReclaimPolicy::Reuse)]
fn a_reclaim_policy_is_for_volumes_that_are_claimed(#[case] policy: ReclaimPolicy) {
    let immediate = with_volume(booting_host(), |volume| {
        volume.reclaim_policy = Some(policy);
    });
    refused(&immediate, "spec.bootVolume.reclaimPolicy");
    accepted(&with_volume(immediate.clone(), |volume| {
        volume.provision_on = ProvisionOn::Claim;
    }));
    accepted(&with_volume(immediate, |volume| {
        volume.volume_driver = VolumeDriver::Noop;
    }));
}

#[test]
fn a_volume_that_is_claimed_needs_no_reclaim_policy() {
    accepted(&with_volume(booting_host(), |volume| {
        volume.provision_on = ProvisionOn::Claim;
    }));
}
