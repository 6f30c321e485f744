//! The volumes of a random life: as hosts ask for them, as they are recorded, and as their Leases say.

use ironic_sim::Seed;
use serde_json::{Value, json};

use super::world::{MACHINES, VOLUMES, World, host_name, secret_name};
use crate::testing::NAMESPACE;

/// A volume to boot from, as a host asks for it.
pub(super) fn volume(host: usize, volume: u32) -> Value {
    let mut target = target(volume);
    target["authMethod"] = "CHAP".into();
    target["portals"] = Value::Null;
    json!({
        "volumeId": format!("vol-{volume}"),
        "volumeDriver": "external",
        "connectorId": format!("iqn.2026-11.org.example:node-{host}"),
        "targetType": "iscsi",
        "iscsiTarget": target,
        "iscsiCredentialsName": secret_name(0),
    })
}

/// One of the volumes that are beside it, as a host asks for it. They have the numbers after those to boot from.
pub(super) fn data_volume(number: u32, secret: Option<usize>) -> Value {
    let volume = VOLUMES + number;
    json!({
        "name": format!("data-{number}"),
        "volumeId": format!("vol-{volume}"),
        "iscsiTarget": target(volume),
        "iscsiCredentialsName": secret.map(secret_name),
    })
}

fn target(volume: u32) -> Value {
    json!({
        "iqn": format!("iqn.2026-11.org.example:vol-{volume}"),
        "portal": "192.0.2.1:3260",
        "lun": volume,
    })
}

/// The volumes that a host is deployed from, the one that it boots from first.
pub(super) fn recorded(host: &Value) -> Vec<Value> {
    let record = &host["status"]["provisioning"]["bootVolume"];
    with_data(record, &record["dataVolumes"])
}

/// The volumes that a host asks for, likewise.
pub(super) fn wanted(host: &Value) -> Vec<Value> {
    with_data(&host["spec"]["bootVolume"], &host["spec"]["dataVolumes"])
}

fn with_data(boot: &Value, data: &Value) -> Vec<Value> {
    let data = data.as_array().into_iter().flatten();
    let all = std::iter::once(boot).chain(data);
    all.filter(|volume| !volume.is_null()).cloned().collect()
}

/// How the machine sees it: LUN and IQN.
pub(super) fn seen_by_machine(volume: &Value) -> String {
    let target = &volume["iscsiTarget"];
    let lun = target["lun"].as_i64().unwrap_or_default();
    format!("{lun:x}:{}", target["iqn"].as_str().unwrap())
}

/// What a Lease says.
pub(super) struct Held {
    holder: String,
    pub(super) machine: u32,
    /// As people read it.
    pub(super) volume: String,
}

impl Held {
    pub(super) fn of(lease: &Value) -> Self {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let holder = text(&lease["spec"]["holderIdentity"]);
        let machine = (0..MACHINES).find(|index| holder.ends_with(&Seed::mac(*index)));
        Self {
            machine: machine.unwrap(),
            volume: text(&lease["metadata"]["annotations"]["ironboot.io/volume"]),
            holder,
        }
    }

    /// Whether it is of this volume, or of the initiator that is named beside it.
    pub(super) fn is_for(&self, volume: &Value) -> bool {
        let name = if self.is_of_initiator() {
            &volume["connectorId"]
        } else {
            &volume["iscsiTarget"]["iqn"]
        };
        name.as_str().is_some_and(|iqn| self.volume.ends_with(iqn))
    }

    /// Whether it is of an initiator, as machines are told apart.
    pub(super) fn is_of_initiator(&self) -> bool {
        self.volume.starts_with("initiator ")
    }

    /// Whether it is held by a host of this name, whatever its machine.
    pub(super) fn is_of_name(&self, host: usize) -> bool {
        let name = format!("{NAMESPACE}/{}/", host_name(host));
        self.holder.starts_with(&name)
    }

    /// Whether it is held by a host with the machine that this one has.
    pub(super) fn is_of(&self, world: &World, host: usize) -> bool {
        let mac = Seed::mac(world.machine_of(host));
        self.holder == format!("{NAMESPACE}/{}/{mac}", host_name(host))
    }
}
