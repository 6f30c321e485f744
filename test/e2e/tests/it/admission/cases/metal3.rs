//! The rules for a host that have nothing to do with a boot volume.

use serde_json::{Value, json};

use super::{Case, Update, with};

/// The rules that need nothing but the spec.
pub(in super::super) fn rules() -> Vec<Case> {
    let mut rules = addresses();
    rules.extend(boot());
    rules.extend(drivers());
    rules.extend(raid());
    rules.extend(images());
    rules
}

fn addresses() -> Vec<Case> {
    vec![
        (
            "spec.bmc.address",
            at("https://192.0.2.1/redfish/v1"),
            at("redfish+https://192.0.2.1/redfish/v1"),
        ),
        (
            "spec.bmc.address",
            at("redfish://root:calvin@192.0.2.1/"),
            at("redfish://[2001:db8::1]:8443/"),
        ),
        (
            "spec.bootMACAddress",
            with(
                at("libvirt://192.0.2.1:6230"),
                &json!({ "bootMACAddress": null }),
            ),
            at("libvirt://192.0.2.1:6230"),
        ),
    ]
}

fn boot() -> Vec<Case> {
    vec![
        (
            "spec.bootMACAddress",
            plain(&json!({ "bootMACAddress": null, "inspectionMode": "disabled" })),
            plain(&json!({ "bootMACAddress": null, "inspectionMode": "agent" })),
        ),
        (
            "spec.bootMACAddress",
            plain(&json!({ "bootMACAddress": "52:54:00:e2:e0:01:02" })),
            plain(&json!({ "bootMACAddress": "52:54:00:ff:fe:e2:e0:01" })),
        ),
        (
            "spec.rootDeviceHints",
            plain(
                &json!({ "raid": software(&[("1", true)]), "rootDeviceHints": { "model": "a" } }),
            ),
            plain(
                &json!({ "raid": software(&[("1", false)]), "rootDeviceHints": { "model": "a" } }),
            ),
        ),
        (
            "spec.rootDeviceHints.deviceName",
            plain(&json!({ "rootDeviceHints": { "deviceName": "/dev/disk/by-id/a" } })),
            plain(&json!({ "rootDeviceHints": { "deviceName": "/dev/disk/by-path/a" } })),
        ),
        (
            "spec.online",
            plain(&json!({ "disablePowerOff": true, "online": false })),
            plain(&json!({ "disablePowerOff": true, "online": true })),
        ),
        (
            "spec.firmware",
            plain(&json!({ "firmware": { "virtualizationEnabled": true } })),
            plain(&json!({ "firmware": null })),
        ),
        (
            "spec.networkInterfaces[0]",
            plain(
                &json!({ "networkInterfaces": [{ "name": "a", "macAddress": "52:54:00:e2:e0:01" }] }),
            ),
            plain(
                &json!({ "networkInterfaces": [{ "name": "a" }, { "macAddress": "52:54:00:e2:e0:01" }] }),
            ),
        ),
    ]
}

fn drivers() -> Vec<Case> {
    let secure = json!({ "bootMode": "UEFISecureBoot" });
    let fast = json!({ "inspectionMode": "fast" });
    let raid = json!({ "raid": hardware(&json!({})) });
    let both = |field, change| {
        (
            field,
            with(at("ipmi://192.0.2.1"), change),
            with(at("idrac-redfish://192.0.2.1"), change),
        )
    };
    vec![
        both("spec.bootMode", &secure),
        both("spec.inspectionMode", &fast),
        both("spec.raid.hardwareRAIDVolumes", &raid),
    ]
}

fn raid() -> Vec<Case> {
    let raid = |raid: &Value| plain(&json!({ "raid": raid }));
    let disks = |count| json!({ "controller": "a", "physicalDisks": ["b", "c"], "numberOfPhysicalDisks": count });
    vec![
        (
            "spec.raid",
            raid(&with(hardware(&json!({})), &software(&[("1", false)]))),
            raid(&with(hardware(&json!({})), &software(&[]))),
        ),
        (
            "spec.raid.softwareRAIDVolumes",
            raid(&software(&[("1", true), ("1", true)])),
            raid(&software(&[("1", true), ("0", false)])),
        ),
        (
            "spec.raid.hardwareRAIDVolumes[0]",
            raid(&hardware(&json!({ "physicalDisks": ["b"] }))),
            raid(&hardware(
                &json!({ "physicalDisks": ["b"], "controller": "a" }),
            )),
        ),
        (
            "spec.raid.hardwareRAIDVolumes[0]",
            raid(&hardware(&disks(3))),
            raid(&hardware(&disks(2))),
        ),
        (
            "spec.raid.softwareRAIDVolumes[0]",
            raid(&software(&[("0", true)])),
            raid(&software(&[("0", false)])),
        ),
    ]
}

fn images() -> Vec<Case> {
    let image = |image: &Value| plain(&json!({ "image": image }));
    vec![
        (
            "spec.image.url",
            image(&json!({ "url": "file:///a", "checksum": "c" })),
            image(&json!({ "url": "HTTPS://a/b", "checksum": "c" })),
        ),
        (
            "spec.image.checksum",
            image(&json!({ "url": "http://a/b" })),
            image(&json!({ "url": "http://a/b", "format": "live-iso" })),
        ),
        (
            "spec.image.checksum",
            image(&json!({ "url": "oci://a/b", "checksum": "c" })),
            image(&json!({ "url": "oci://a/b" })),
        ),
    ]
}

/// The rules that need what the host was before, or its status.
pub(in super::super) fn updates() -> Vec<Update> {
    let elsewhere = json!({ "bmc": { "address": "redfish://192.0.2.1" } });
    let external = json!({ "externallyProvisioned": true });
    vec![
        Update {
            name: "mac-address",
            field: "spec.bootMACAddress",
            stored: json!({ "bootMACAddress": "52:54:00:b0:07:00" }),
            refused: json!({ "bootMACAddress": "52:54:00:e2:e0:01" }),
            status: json!({}),
            accepted: json!({ "bootMACAddress": "52:54:00:B0:07:00" }),
        },
        Update {
            name: "attached",
            field: "spec.bmc.address",
            stored: json!({}),
            refused: elsewhere.clone(),
            status: json!({ "operationalStatus": "detached" }),
            accepted: elsewhere.clone(),
        },
        Update {
            name: "registered",
            field: "spec.bmc.address",
            stored: json!({}),
            refused: json!({ "bmc": null }),
            status: json!({ "provisioning": { "state": "registering" } }),
            accepted: elsewhere,
        },
        Update {
            name: "provisioned",
            field: "spec.externallyProvisioned",
            stored: json!({ "bootVolume": null }),
            refused: external.clone(),
            status: json!({ "provisioning": { "state": "available", "bootVolume": null } }),
            accepted: external,
        },
    ]
}

/// Without a boot volume.
fn plain(change: &Value) -> Value {
    with(json!({ "bootVolume": null }), change)
}

fn at(address: &str) -> Value {
    plain(&json!({ "bmc": { "address": address } }))
}

/// A block `raid` with one volume of a RAID controller.
fn hardware(volume: &Value) -> Value {
    json!({ "hardwareRAIDVolumes": [with(json!({ "level": "1" }), volume)] })
}

/// A block `raid` with volumes of software, each with its level and whether it is the root volume.
fn software(volumes: &[(&str, bool)]) -> Value {
    let volume = |(level, is_root): &(&str, bool)| json!({ "level": level, "rootVolume": is_root });
    json!({ "softwareRAIDVolumes": volumes.iter().map(volume).collect::<Vec<_>>() })
}
