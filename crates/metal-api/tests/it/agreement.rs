//! Admission and the types that the planner uses speak one grammar.

use metal_api::{
    v1alpha1::BareMetalHost,
    values::{Iqn, Mac, Portal, VolumeId},
};

use crate::fixtures::{
    booting_host, judge, with_data, with_portals, with_spec, with_target, with_volume,
};

/// Checks that admission takes the host exactly if the type takes the value.
#[track_caller]
fn agree(value: &str, parses: bool, host: &BareMetalHost) {
    let refusal = judge(host, None).err();
    assert_eq!(parses, refusal.is_none(), "{value:?}: {refusal:#?}");
}

#[test]
fn about_iscsi_names() {
    for name in [
        "iqn.2026-11.org.example",
        "iqn.2026-11.org",
        "iqn.2026-11.org.example:vol-1",
        "IQN.2026-11.ORG.EXAMPLE:VOL_1",
        "iqn.2026-11.org.3par-x:a:b::c",
        "iqn.2026-11.org.example:",
        "iqn.2026-11",
        "iqn.2026-11:x",
        "iqn.2026-11.",
        "iqn.2026-00.org.example",
        "iqn.2026-12.org.example",
        "iqn.2026-13.org.example",
        "iqn.2026-1.org.example",
        "iqn.26-11.org.example",
        "iqn.2026-11-.org.example",
        "iqn.2026-11.org.-example",
        "iqn.2026-11.org.example-:x",
        "iqn.2026-11.org.ex_ample",
        "iqn.2026-11.org..example",
        "iqn.2026-11.org.example: x",
        "iqn.2026-11.org.example:x\n",
        "iqn.2026-11.org.example:$x",
        "iqn.2026-11.org.example:x#",
        "iqn.2026-11.org.example:'x'",
        "iqn.2026-11.org.example:\\x",
        "iqn.2026-11.org.example:\u{212a}",
        "iqn.2026-11.org.example:ü",
        "xiqn.2026-11.org.example",
        "eui.02004567A425678D",
        "EUI.02004567a425678d",
        "eui.02004567A425678",
        "eui.02004567A425678DD",
        "naa.52004567BA64678D",
        "naa.62004567BA64678D0123456789ABCDEF",
        "naa.52004567BA64678D01",
        "naa.",
        "iqn",
        "",
    ] {
        let parses = name.parse::<Iqn>().is_ok();
        let target = with_target(booting_host(), |target| target.iqn = name.into());
        agree(name, parses, &target);
        let connector = with_volume(booting_host(), |volume| {
            volume.connector_id = Some(name.into());
        });
        agree(name, parses, &connector);
        let data = with_data(|data| {
            data.iscsi_target.iqn = name.into();
            data.iscsi_target.lun = 9;
        });
        agree(name, parses, &data);
    }
}

#[test]
fn about_portals() {
    let long_label = format!("{}.org:1", "a".repeat(64));
    let longest_label = format!("{}.org", "a".repeat(63));
    let longest = [63, 63, 63, 61].map(|n| "a".repeat(n)).join(".");
    let too_long = [63, 63, 63, 62].map(|n| "a".repeat(n)).join(".");
    for portal in [
        "172.22.0.1",
        "172.22.0.1:3260",
        "0.0.0.0:1",
        "255.255.255.255:65535",
        "255.255.255.256",
        "1.2.3",
        "1.2.3.4.5",
        "1.2.3.04",
        "storage",
        "storage:1",
        "storage:0",
        "storage:65535",
        "storage:65536",
        "storage:99999",
        "storage:100000",
        "storage:03260",
        "storage:+1",
        "storage:",
        "storage:iscsi",
        "3par.example.org:3260",
        "a-b.c-d",
        "a--b",
        "-a",
        "a-",
        "a.",
        ".a",
        "a..b",
        "a_b",
        "a b",
        "a\n",
        "a.1",
        "123",
        "a$b",
        "ü.org",
        "",
        ":",
        ":3260",
        "[::1]",
        "[2001:db8::1]:3260",
        "2001:db8::1",
        "[storage]",
        "a:1:2",
        &long_label,
        &longest_label,
        &longest,
        &too_long,
    ] {
        let parses = portal.parse::<Portal>().is_ok();
        let alone = with_target(booting_host(), |target| target.portal = Some(portal.into()));
        agree(portal, parses, &alone);
        let among_others = with_portals(booting_host(), &["192.0.2.99", portal]);
        agree(portal, parses, &among_others);
        let of_data = with_data(|data| data.iscsi_target.portal = Some(portal.into()));
        agree(portal, parses, &of_data);
    }
}

#[test]
fn about_names_of_volumes() {
    for id in [
        "",
        "v",
        "a b",
        "ü$#'\"\\",
        "a\tb",
        "a\u{7f}",
        "a\u{9f}",
        "a\u{2028}",
    ] {
        let parses = id.parse::<VolumeId>().is_ok();
        let boot = with_volume(booting_host(), |volume| volume.volume_id = id.into());
        agree(id, parses, &boot);
        agree(id, parses, &with_data(|data| data.volume_id = id.into()));
    }
}

/// The pattern of Metal3, which kube's evaluator doesn't look at, sees to the digits.
#[test]
fn about_what_stands_around_a_mac_address() {
    for address in [
        "52:54:00:e2:e0:01",
        "52:54:00:E2:E0:01",
        "52:54:00:e2:e0:01\n",
        " 52:54:00:e2:e0:01",
        "52:54:00:e2:e0:01:02",
    ] {
        agree(
            address,
            address.parse::<Mac>().is_ok(),
            &with_spec(booting_host(), |spec| {
                spec.boot_mac_address = Some(address.into());
            }),
        );
    }
}
