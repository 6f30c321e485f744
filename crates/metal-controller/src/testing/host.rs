//! Hosts to begin with, and their Secrets.

use ironic_sim::Seed;
use serde_json::{Value, json};

pub(crate) const NAMESPACE: &str = "metal";
pub(crate) const NAME: &str = "node-0";
pub(crate) const BMC_SECRET: &str = "node-0-bmc";
pub(crate) const ISCSI_SECRET: &str = "vol-1-chap";
pub(crate) const DATA_SECRET: &str = "logs-chap";

pub(crate) const USER_DATA_SECRET: &str = "node-0-user-data";

pub(crate) const BMC_USER: &str = "bmc-user";
/// Words that nothing else holds, so that they can be searched for.
pub(crate) const BMC_PASSWORD: &str = "zebra-of-the-bmc";
pub(crate) const ISCSI_PASSWORD: &str = "zebra-of-vol-1";
pub(crate) const DATA_PASSWORD: &str = "zebra-of-logs";
pub(crate) const USER_DATA: &str = "zebra-of-user-data";

/// A host without a disk, that boots from a volume with CHAP.
pub(crate) fn diskless() -> Value {
    let mut host = with_disk();
    host["spec"]["bootVolume"] = json!({
        "volumeId": "vol-1",
        "volumeDriver": "external",
        "connectorId": "iqn.2026-11.org.example:node-0",
        "targetType": "iscsi",
        "iscsiTarget": {
            "iqn": "iqn.2026-11.org.example:vol-1", "portal": "192.0.2.1:3260", "lun": 1, "authMethod": "CHAP",
        },
        "iscsiCredentialsName": ISCSI_SECRET,
    });
    host
}

/// A host without a disk that a consumer may claim.
pub(crate) fn for_claims() -> Value {
    let mut host = diskless();
    host["spec"]["bootVolume"]["provisionOn"] = "Claim".into();
    host
}

/// A host whose volume is reached by two portals, with two data volumes: one with CHAP of its own, one without.
pub(crate) fn with_data() -> Value {
    let mut host = diskless();
    host["spec"]["bootMode"] = "UEFI".into(); // a BIOS machine with four targets isn't deployed
    let target = &mut host["spec"]["bootVolume"]["iscsiTarget"];
    target["portal"] = Value::Null;
    target["portals"] = json!(["192.0.2.1:3260", "192.0.2.2"]);
    host["spec"]["dataVolumes"] = json!([
        {
            "name": "logs",
            "volumeId": "vol-logs",
            "iscsiTarget": {"iqn": "iqn.2026-11.org.example:vol-logs", "portal": "192.0.2.1", "lun": 1},
            "iscsiCredentialsName": DATA_SECRET,
        },
        {
            "name": "scratch",
            "volumeId": "vol-scratch",
            "iscsiTarget": {"iqn": "iqn.2026-11.org.example:vol-scratch", "portal": "192.0.2.3", "lun": 2},
        },
    ]);
    host
}

/// The same with user data.
pub(crate) fn with_user_data() -> Value {
    let mut host = diskless();
    host["spec"]["userData"] = json!({"name": USER_DATA_SECRET, "namespace": NAMESPACE});
    host
}

/// A host that asks for nothing to be deployed.
pub(crate) fn with_disk() -> Value {
    json!({
        "apiVersion": "metal3.io/v1alpha1",
        "kind": "BareMetalHost",
        "metadata": {"name": NAME, "namespace": NAMESPACE},
        "spec": {
            "online": true,
            "bootMACAddress": Seed::mac(0),
            "bootMode": "legacy",
            "inspectionMode": "disabled",
            "automatedCleaningMode": "metadata",
            "bmc": {
                "address": format!("redfish+{}{}", Seed::default().address, Seed::system(0)),
                "credentialsName": BMC_SECRET,
            },
        },
    })
}

/// A host that somebody else deployed.
pub(crate) fn external() -> Value {
    let mut host = with_disk();
    host["spec"]["externallyProvisioned"] = true.into();
    host
}

pub(crate) fn bmc_secret(password: &str) -> Value {
    secret("Opaque", BMC_USER, password)
}

pub(crate) fn iscsi_secret(password: &str) -> Value {
    secret("kubernetes.io/iscsi-chap", "node-0", password)
}

pub(crate) fn user_data_secret(text: &str) -> Value {
    use k8s_openapi::ByteString;
    let text = ByteString(format!("#cloud-config\n# {text}\n").into_bytes());
    json!({
        "apiVersion": "v1", "kind": "Secret", "metadata": {}, "type": "Opaque", "data": {"userData": text},
    })
}

fn secret(kind: &str, username: &str, password: &str) -> Value {
    use k8s_openapi::ByteString;
    let bytes = |text: &str| ByteString(text.as_bytes().to_vec());
    json!({
        "apiVersion": "v1", "kind": "Secret", "metadata": {}, "type": kind,
        "data": {"username": bytes(username), "password": bytes(password)},
    })
}
