//! Hosts that the API server must refuse or accept, as changes of the example.

pub(super) mod data_volumes;
pub(super) mod metal3;
pub(super) mod policy;

use serde_json::{Value, json};

/// The field that a rule names, a change of the example's spec that it refuses, and one that it accepts.
pub(super) type Case = (&'static str, Value, Value);

/// A rule that needs what the host was before, or its status.
pub(super) struct Update {
    /// The host's name.
    pub(super) name: &'static str,
    /// The field that the rule names.
    pub(super) field: &'static str,
    /// What is changed on the deployed host first.
    pub(super) stored: Value,
    /// A change that is refused then.
    pub(super) refused: Value,
    /// What is changed in the status after that.
    pub(super) status: Value,
    /// A change that is accepted then.
    pub(super) accepted: Value,
}

/// The rules for the block `bootVolume`.
pub(super) fn volume_rules() -> Vec<Case> {
    vec![
        (
            "spec.bootVolume.volumeId",
            volume(&json!({ "volumeId": "vol\n1" })),
            volume(&json!({ "volumeId": "Volume 1 (ü)" })),
        ),
        (
            "spec.bootVolume.connectorId",
            volume(&json!({ "connectorId": "node-0" })),
            volume(&json!({ "connectorId": null })),
        ),
        (
            "spec.bootVolume.iscsiCredentialsName",
            volume(&json!({ "iscsiCredentialsName": "metal/vol-1-chap" })),
            volume(&json!({ "iscsiCredentialsName": "vol-1.chap" })),
        ),
        (
            "spec.bootVolume.iscsiTarget.iqn",
            target(&json!({ "iqn": "iqn.2026-11.org.example:a b" })),
            target(&json!({ "iqn": "eui.02004567A425678D" })),
        ),
        (
            "spec.bootVolume.iscsiTarget.lun",
            target(&json!({ "lun": 256 })),
            target(&json!({ "lun": 255 })),
        ),
        (
            "spec.bootVolume.iscsiTarget.portal",
            target(&json!({ "portal": "[2001:db8::1]:3260" })),
            target(&json!({ "portal": "storage.example.org:860" })),
        ),
        (
            "spec.bootVolume.iscsiTarget.portal",
            target(&json!({ "portal": ":3260" })),
            target(&json!({ "portal": "192.0.2.10" })),
        ),
        (
            "spec.bootVolume.iscsiTarget.portal",
            target(&json!({ "portal": null })),
            portals(&["192.0.2.10"]),
        ),
        (
            "spec.bootVolume.iscsiTarget.portal",
            target(&json!({ "portals": ["192.0.2.10"] })),
            portals(&["192.0.2.10", "192.0.2.10:860"]),
        ),
        (
            "spec.bootVolume.iscsiTarget.portals",
            portals(&["192.0.2.10", "192.0.2.11", "192.0.2.10:3260"]),
            portals(&["192.0.2.10", "192.0.2.11"]),
        ),
        (
            "spec.bootVolume.iscsiTarget.portals[1]",
            portals(&["192.0.2.10", "2001:db8::1"]),
            portals(&["192.0.2.10", "storage.example.org:860"]),
        ),
        (
            "spec.bootVolume.iscsiTarget.portals[1]",
            portals(&["192.0.2.10", "storage:0"]),
            portals(&["192.0.2.10", "storage:1"]),
        ),
        (
            "spec.bootVolume.iscsiTarget",
            volume(&json!({ "iscsiTarget": null })),
            unused(&volume(&json!({ "iscsiTarget": null }))),
        ),
        (
            "spec.bootVolume.iscsiCredentialsName",
            volume(&json!({ "iscsiCredentialsName": null })),
            volume(&json!({ "iscsiCredentialsName": null, "iscsiTarget": { "authMethod": null } })),
        ),
        (
            "spec.bootVolume.iscsiTarget.authMethod",
            target(&json!({ "authMethod": "None" })),
            volume(
                &json!({ "iscsiCredentialsName": null, "iscsiTarget": { "authMethod": "None" } }),
            ),
        ),
    ]
}

/// The rules for a boot volume that consumers claim.
pub(super) fn claim_rules() -> Vec<Case> {
    vec![(
        "spec.bootVolume.reclaimPolicy",
        volume(&json!({ "reclaimPolicy": "Retain" })),
        volume(&json!({ "reclaimPolicy": "Reuse", "provisionOn": "Claim" })),
    )]
}

/// The rules for other fields beside a boot volume.
pub(super) fn host_rules() -> Vec<Case> {
    let image = json!({ "url": "http://192.0.2.1/image", "checksum": "http://192.0.2.1/sums" });
    vec![
        (
            "spec.bootMACAddress",
            json!({ "bootMACAddress": null }),
            unused(&json!({ "bootMACAddress": null, "inspectionMode": null })),
        ),
        (
            "spec.bootMACAddress",
            json!({ "bootMACAddress": "52:54:00:e2:e0:01 " }),
            json!({ "bootMACAddress": "52:54:00:E2:E0:01" }),
        ),
        (
            "spec.image",
            json!({ "image": image }),
            json!({ "image": image, "consumerRef": { "name": "machine-0" } }),
        ),
        (
            "spec.customDeploy.method",
            json!({ "customDeploy": { "method": "install_coreos" } }),
            json!({ "customDeploy": { "method": "boot-volume" } }),
        ),
        (
            "spec.disablePowerOff",
            json!({ "disablePowerOff": true }),
            unused(&json!({ "disablePowerOff": true })),
        ),
        (
            "spec.externallyProvisioned",
            json!({ "externallyProvisioned": true }),
            unused(&json!({ "externallyProvisioned": true })),
        ),
    ]
}

/// What gives a warning, and what gives none.
pub(super) fn with_warning() -> Vec<Case> {
    let three = portals(&["192.0.2.10", "192.0.2.11", "192.0.2.12"]);
    vec![
        (
            "spec.bootMode",
            json!({ "bootMode": "UEFISecureBoot" }),
            unused(&json!({ "bootMode": "UEFISecureBoot" })),
        ),
        (
            "spec.bootMode",
            with(three.clone(), &json!({ "bootMode": "legacy" })),
            with(three, &json!({ "bootMode": "UEFI" })),
        ),
    ]
}

/// What is longer than it can be, likewise as [`malformed`].
pub(super) fn too_long() -> Vec<(&'static str, Value)> {
    vec![
        (
            "spec.bootVolume.volumeId",
            volume(&json!({ "volumeId": "v".repeat(256) })),
        ),
        (
            "spec.bootVolume.iscsiTarget.iqn",
            target(&json!({ "iqn": long_iqn() })),
        ),
        (
            "spec.bootVolume.iscsiTarget.portal",
            target(&json!({ "portal": "a".repeat(260) })),
        ),
        (
            "spec.bootVolume.iscsiTarget.portals[0]",
            portals(&[&"a".repeat(260)]),
        ),
        (
            "spec.bootVolume.connectorId",
            volume(&json!({ "connectorId": long_iqn() })),
        ),
        (
            "spec.bootVolume.iscsiCredentialsName",
            volume(&json!({ "iscsiCredentialsName": "a".repeat(254) })),
        ),
    ]
}

/// What has no right type or no right form: the field that is named, and the change.
pub(super) fn malformed() -> Vec<(&'static str, Value)> {
    vec![
        (
            "spec.bootVolume.iscsiTarget.lun",
            target(&json!({ "lun": "1" })),
        ),
        (
            "spec.bootVolume.iscsiTarget.lun",
            target(&json!({ "lun": 1.5 })),
        ),
        (
            "spec.bootVolume.iscsiTarget.portals",
            target(&json!({ "portal": null, "portals": [] })),
        ),
        (
            "spec.bootVolume.iscsiTarget.portals",
            portals(&["a", "b", "c", "d", "e", "f", "g", "h", "i"]),
        ),
        (
            "spec.bootVolume.iscsiTarget.iqn",
            target(&json!({ "iqn": null })),
        ),
        (
            "spec.bootVolume.iscsiTarget.authMethod",
            target(&json!({ "authMethod": "chap" })),
        ),
        (
            "spec.bootVolume.iscsiTarget.iType",
            target(&json!({ "iType": "eui" })),
        ),
        (
            "spec.bootVolume.iscsiTarget.lunMapping",
            target(&json!({ "lunMapping": "perInitiator" })),
        ),
        (
            "spec.bootVolume.volumeId",
            volume(&json!({ "volumeId": null })),
        ),
        (
            "spec.bootVolume.volumeDriver",
            volume(&json!({ "volumeDriver": null })),
        ),
        (
            "spec.bootVolume.volumeDriver",
            volume(&json!({ "volumeDriver": "cinder" })),
        ),
        (
            "spec.bootVolume.targetType",
            volume(&json!({ "targetType": "fibre-channel" })),
        ),
        (
            "spec.bootVolume.provisionOn",
            volume(&json!({ "provisionOn": "claim" })),
        ),
        (
            "spec.bootVolume.reclaimPolicy",
            volume(&json!({ "provisionOn": "Claim", "reclaimPolicy": "Delete" })),
        ),
        (
            "spec.bootMACAddress",
            json!({ "bootMACAddress": "52-54-00-e2-e0-01" }),
        ),
        ("spec.bootMode", json!({ "bootMode": "bios" })),
        ("spec.inspectionMode", json!({ "inspectionMode": "none" })),
        ("spec.online", json!({ "online": null })),
        (
            "spec.bmc.credentialsName",
            json!({ "bmc": { "credentialsName": null } }),
        ),
    ]
}

/// The rules for a change of a deployed host's boot volume.
pub(super) fn volume_updates() -> Vec<Update> {
    let mut updates = updates_of_its_identity();
    updates.extend(updates_of_its_release());
    updates.extend(updates_of_its_claim());
    updates
}

/// Each field that can't change, and after it one that can.
fn updates_of_its_identity() -> Vec<Update> {
    let identity = |name, refused, accepted| Update {
        name,
        field: "spec.bootVolume",
        stored: json!({}),
        refused,
        status: json!({}),
        accepted,
    };
    let iqn = "iqn.2026-11.org.example:other";
    let logs = json!([{
        "name": "logs",
        "volumeId": "vol-logs",
        "iscsiTarget": { "iqn": "iqn.2026-11.org.example:logs", "portal": "192.0.2.10" },
    }]);
    vec![
        identity(
            "deployed",
            volume(&json!({ "volumeId": "vol-2" })),
            portals(&["192.0.2.10", "192.0.2.11"]),
        ),
        identity(
            "deployed-with-driver",
            volume(&json!({ "volumeDriver": "noop" })),
            target(&json!({ "portal": "192.0.2.10" })),
        ),
        identity(
            "deployed-with-initiator",
            volume(&json!({ "connectorId": iqn })),
            volume(&json!({ "iscsiCredentialsName": "vol-2-chap" })),
        ),
        identity(
            "deployed-with-target",
            target(&json!({ "iqn": iqn })),
            volume(
                &json!({ "iscsiCredentialsName": null, "iscsiTarget": { "authMethod": "None" } }),
            ),
        ),
        identity(
            "deployed-with-lun",
            target(&json!({ "lun": 2 })),
            json!({ "dataVolumes": logs }),
        ),
        identity(
            "deployed-with-mapping",
            target(&json!({ "lunMapping": "PerInitiator" })),
            target(&json!({ "lunMapping": "Shared" })),
        ),
    ]
}

fn updates_of_its_release() -> Vec<Update> {
    let field = "spec.bootVolume";
    let removed = json!({ "bootVolume": null });
    let mut other_again = example_volume();
    other_again["bootVolume"]["iscsiTarget"]["lun"] = json!(2);
    let released = json!({ "provisioning": { "bootVolume": null } });
    vec![
        Update {
            name: "releasing",
            field,
            stored: removed.clone(),
            refused: other_again.clone(),
            status: json!({}),
            accepted: example_volume(),
        },
        Update {
            name: "released",
            field,
            stored: removed.clone(),
            refused: other_again.clone(),
            status: released.clone(),
            accepted: other_again,
        },
        Update {
            name: "claimed",
            field,
            stored: json!({ "consumerRef": { "name": "machine-0" } }),
            refused: removed.clone(),
            status: json!({}),
            accepted: json!({ "consumerRef": null }),
        },
        Update {
            name: "claimed-in-vain",
            field,
            stored: json!({ "consumerRef": { "name": "machine-0" } }),
            refused: removed.clone(),
            status: released,
            accepted: removed,
        },
    ]
}

fn updates_of_its_claim() -> Vec<Update> {
    let claim = volume(&json!({ "provisionOn": "Claim" }));
    vec![
        Update {
            name: "deployed-by-itself",
            field: "spec.bootVolume.provisionOn",
            stored: json!({}),
            refused: claim.clone(),
            status: json!({ "provisioning": { "bootVolume": null } }),
            accepted: claim.clone(),
        },
        Update {
            name: "put-back-otherwise",
            field: "spec.bootVolume.provisionOn",
            stored: json!({ "bootVolume": null }),
            refused: with(example_volume(), &claim),
            status: json!({ "provisioning": { "bootVolume": { "provisionOn": "Claim" } } }),
            accepted: with(example_volume(), &claim),
        },
    ]
}

/// The block of the example, as far as it is the volume's identity.
pub(super) fn example_volume() -> Value {
    json!({ "bootVolume": {
        "volumeId": "vol-1",
        "volumeDriver": "external",
        "connectorId": "iqn.2026-11.org.example:node-0",
        "iscsiTarget": { "iqn": "iqn.2026-11.org.example:vol-1", "portal": "172.22.0.1:3260", "lun": 1 },
    } })
}

fn volume(volume: &Value) -> Value {
    json!({ "bootVolume": volume })
}

fn target(target: &Value) -> Value {
    json!({ "bootVolume": { "iscsiTarget": target } })
}

/// An iSCSI name of one byte more than there may be.
fn long_iqn() -> String {
    format!("{:x<224}", "iqn.2026-11.org.example:")
}

/// With several portals, or one in a list, in the place of the one.
fn portals(portals: &[&str]) -> Value {
    target(&json!({ "portal": null, "portals": portals }))
}

/// With a volume that is kept and not used.
fn unused(change: &Value) -> Value {
    with(json!({ "bootVolume": { "volumeDriver": "noop" } }), change)
}

/// Both changes as one: other than after [`json_merge`], what they remove is removed.
fn with(change: Value, more: &Value) -> Value {
    match (change, more) {
        (Value::Object(mut change), Value::Object(more)) => {
            for (key, value) in more {
                let before = change.remove(key).unwrap_or_default();
                change.insert(key.clone(), with(before, value));
            }
            Value::Object(change)
        }
        (_, more) => more.clone(),
    }
}

/// RFC 7386.
pub(super) fn json_merge(target: &mut Value, patch: &Value) {
    let Value::Object(patch) = patch else {
        *target = patch.clone();
        return;
    };
    if !target.is_object() {
        *target = json!({});
    }
    for (key, value) in patch {
        match (value, target.as_object_mut()) {
            (Value::Null, Some(target)) => drop(target.remove(key)),
            (value, _) => json_merge(&mut target[key.as_str()], value),
        }
    }
}
