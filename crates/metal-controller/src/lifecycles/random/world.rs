//! The world of a random life: its hosts, machines, volumes and Secrets.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use ironic_sim::{Bmc, Method, Power, Seed, State};
use serde_json::{Value, json};

use super::acts::{Moment, Pause, Thing};
use super::watch::{Watch, boot_of, machine};
use crate::testing::{BMC_PASSWORD, ISCSI_PASSWORD, Life, NAMESPACE, diskless, picture};

/// How many hosts there are at most.
pub(super) const HOSTS: usize = 3;
/// How many machines, so that a host can be made anew on another one.
pub(super) const MACHINES: u32 = 4;
/// How many volumes: fewer than hosts.
pub(super) const VOLUMES: u32 = 2;
/// How many Secrets of volumes.
pub(super) const SECRETS: usize = 2;

pub(super) const DETACHED: &str = "baremetalhost.metal3.io/detached";
pub(super) const REBOOT: &str = "reboot.metal3.io";
pub(super) const PAUSED: &str = "baremetalhost.metal3.io/paused";

/// A life, and what watches over it.
pub(super) struct World {
    pub(super) life: Life,
    pub(super) watch: Arc<Mutex<Watch>>,
    /// The machine that each host has, or had last.
    machines: [u32; HOSTS],
    /// Whether they lost their status.
    lost: [bool; HOSTS],
    /// Whether a host of this name ever did.
    ever_lost: [bool; HOSTS],
}

impl World {
    pub(super) fn begin() -> Self {
        let mut life = Life::of_many(MACHINES);
        for secret in 0..SECRETS {
            life.put_iscsi_secret(&secret_name(secret), ISCSI_PASSWORD);
        }
        let watch = Arc::new(Mutex::new(Watch::new(life.kubernetes.clone())));
        let on = watch.clone();
        life.door.set_onlooker(Box::new(move |sim, asked| {
            on.lock().unwrap().look(sim, asked);
        }));
        Self {
            life,
            watch,
            machines: [0, 1, 2],
            lost: [false; HOSTS],
            ever_lost: [false; HOSTS],
        }
    }

    /// Lets all this happen.
    pub(super) async fn live(&mut self, sequence: &[Moment]) {
        for (act, pause) in sequence {
            act.happen(self);
            match *pause {
                Pause::None => {}
                Pause::Requests(count) => {
                    self.life.run_for_requests(count).await;
                }
                Pause::Seconds(time) => {
                    self.life.run_for(Duration::from_secs(time)).await;
                }
                Pause::Rest => {
                    self.life.settle().await;
                }
            }
            self.forget_the_gone();
        }
    }

    /// Nobody protects a machine whose host is gone: what it still runs was let go.
    fn forget_the_gone(&mut self) {
        for host in 0..HOSTS {
            if self.host(host).is_null() {
                self.watch.lock().unwrap().let_go(self.machines[host]);
            }
        }
    }

    /// Everything that was wrong is right again.
    pub(super) fn heal(&mut self) {
        self.life.witness.tell("all is well from now on");
        self.life.disarm();
        self.life.sim.clear_faults();
        for machine in 0..MACHINES {
            self.life.change_machine(machine, |machine| {
                machine.bmc = Bmc::Present;
                machine.honours_acpi = true;
            });
        }
        self.bmc_password(true);
        self.put_secrets();
        for host in 0..HOSTS {
            self.maintain(host, false);
            self.annotate(host, PAUSED, false);
            self.annotate(host, DETACHED, false);
            self.patch(host, &json!({"spec": {"image": null}}));
            self.put_volume_back(host);
        }
    }

    /// A Secret that was to be deleted may have been kept until now for a host that needed it.
    pub(super) fn lacks_secret(&self) -> bool {
        (0..SECRETS).any(|secret| self.life.secret(&secret_name(secret)).is_null())
    }

    pub(super) fn put_secrets(&mut self) {
        for secret in 0..SECRETS {
            self.life
                .put_iscsi_secret(&secret_name(secret), ISCSI_PASSWORD);
        }
    }

    /// A host that is deployed from another volume than it asks for asks for the first again.
    fn put_volume_back(&mut self, host: usize) {
        let object = self.host(host);
        let mut record = object["status"]["provisioning"]["bootVolume"].clone();
        if !record.is_null() && !object["spec"]["bootVolume"].is_null() {
            record["deploymentId"].take();
            self.patch(host, &json!({"spec": {"bootVolume": record}}));
        }
    }

    pub(super) fn host(&self, host: usize) -> Value {
        self.life.host_named(&host_name(host))
    }

    /// The machine that a host has, or had last.
    pub(super) fn machine_of(&self, host: usize) -> u32 {
        self.machines[host]
    }

    pub(super) fn has_lost_status(&self, host: usize) -> bool {
        self.lost[host]
    }

    /// Whether a host of this name ever lost its status.
    pub(super) fn ever_lost_status(&self, host: usize) -> bool {
        self.ever_lost[host]
    }

    pub(super) fn lose_status(&mut self, host: usize) {
        self.lost[host] = true;
        self.ever_lost[host] = true;
        self.life.lose_status_of(&host_name(host));
    }

    pub(super) fn create(&mut self, host: usize, machine: u32, number: u32) {
        if !self.host(host).is_null() {
            return;
        }
        self.machines[host] = machine;
        self.lost[host] = false;
        let mut object = diskless();
        object["metadata"]["name"] = host_name(host).into();
        object["spec"]["bootMACAddress"] = Seed::mac(machine).into();
        object["spec"]["bmc"]["address"] = format!(
            "redfish+{}{}",
            Seed::default().address,
            Seed::system(machine)
        )
        .into();
        object["spec"]["bootVolume"] = volume(host, number);
        self.life.start(&object);
    }

    pub(super) fn delete_all(&mut self) {
        (0..HOSTS).for_each(|host| self.delete(host));
    }

    pub(super) fn delete(&mut self, host: usize) {
        self.life.delete_host(&host_name(host));
    }

    pub(super) fn patch(&mut self, host: usize, patch: &Value) {
        self.life.patch_host(&host_name(host), patch);
    }

    /// Changes the volume of a host that has one.
    pub(super) fn patch_volume(&mut self, host: usize, patch: &Value) {
        if !self.host(host)["spec"]["bootVolume"].is_null() {
            self.patch(host, &json!({"spec": {"bootVolume": patch}}));
        }
    }

    pub(super) fn annotate(&mut self, host: usize, annotation: &str, is_set: bool) {
        let value = if is_set { "".into() } else { Value::Null };
        self.life.annotate_host(&host_name(host), annotation, value);
    }

    pub(super) fn reboot(&mut self, host: usize, is_hard: bool) {
        let value = if is_hard { r#"{"mode": "hard"}"# } else { "" };
        self.life.annotate_host(&host_name(host), REBOOT, value);
    }

    pub(super) fn change_secret(&mut self, secret: usize) {
        let version = self.life.kubernetes.version();
        self.life
            .put_iscsi_secret(&secret_name(secret), &format!("{ISCSI_PASSWORD}-{version}"));
    }

    pub(super) fn bmc_password(&mut self, is_right: bool) {
        let password = if is_right {
            BMC_PASSWORD
        } else {
            "zebra-that-is-wrong"
        };
        self.life.bmc_secret(password);
    }

    /// Somebody switches a machine by hand.
    pub(super) fn switch(&mut self, index: u32, is_on: bool) {
        if (machine(&self.life.sim, index).power == Power::On) == is_on {
            return;
        }
        let boot = boot_of(&self.life.sim, index);
        self.life.change_machine(index, |machine| {
            machine.power = if is_on { Power::On } else { Power::Off };
            machine.booted = boot.filter(|_| is_on);
        });
        self.watch.lock().unwrap().switched_by_hand(index);
    }

    /// Whoever holds a Lease loses its access to the volume, and somebody says so on the Lease. That ends it only where
    /// the holder can't give it back itself.
    pub(super) fn fence(&mut self) {
        for lease in self.life.kubernetes.all("leases") {
            let held = Held::of(&lease);
            self.watch
                .lock()
                .unwrap()
                .revoke(held.machine, &held.volume);
        }
        self.life.fence_all();
    }

    /// Somebody deletes a node by hand, as Ironic lets it be deleted in any state.
    pub(super) fn delete_node(&mut self, host: usize) {
        self.life
            .witness
            .tell(format!("the node of {} is deleted", host_name(host)));
        let node = format!("/v1/nodes/{}", node_name(host));
        self.life
            .door
            .try_change(Method::Put, &format!("{node}/maintenance"), &json!({}));
        self.life
            .door
            .try_change(Method::Delete, &node, &Value::Null);
    }

    /// Ironic lets a connector or target of a machine that is on be deleted by nobody; to the same comes who does it in
    /// the moment of a reboot.
    pub(super) fn tamper(&mut self, host: usize, thing: Thing) {
        let door = &self.life.door;
        let path = format!("/v1/nodes/{}", node_name(host));
        let node = door.look(&path);
        let is_busy = !node["reservation"].is_null() || !node["target_power_state"].is_null();
        if node["provision_state"] != "active" || is_busy {
            return;
        }
        let list = match thing {
            Thing::Ports => "ports",
            Thing::Connectors => "volume/connectors",
            Thing::Targets => "volume/targets",
            Thing::Capabilities => {
                let removal = json!([{"op": "remove", "path": "/properties/capabilities"}]);
                return door.try_change(Method::Patch, &path, &removal);
            }
        };
        let field = list.rsplit('/').next().unwrap_or_default();
        let mut all = picture::list(door, &format!("/v1/{list}?detail=true"), field);
        all.retain(|one| one["node_uuid"] == node["uuid"]);
        self.life.sim.put_node(&node_name(host), State::Manageable);
        for one in all {
            let target = format!("/v1/{list}/{}", one["uuid"].as_str().unwrap_or_default());
            door.try_change(Method::Delete, &target, &Value::Null);
        }
        self.life.sim.put_node(&node_name(host), State::Active);
    }

    pub(super) fn maintain(&mut self, host: usize, is_on: bool) {
        let target = format!("/v1/nodes/{}/maintenance", node_name(host));
        let method = if is_on { Method::Put } else { Method::Delete };
        self.life.door.try_change(method, &target, &json!({}));
    }
}

pub(super) fn host_name(host: usize) -> String {
    format!("node-{host}")
}

pub(super) fn node_name(host: usize) -> String {
    metal_plan::node_name(NAMESPACE, &host_name(host))
}

pub(super) fn secret_name(secret: usize) -> String {
    format!("chap-{secret}")
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

/// A volume, as a host asks for it.
pub(super) fn volume(host: usize, volume: u32) -> Value {
    json!({
        "volumeId": format!("vol-{volume}"),
        "volumeDriver": "external",
        "connectorId": format!("iqn.2026-11.org.example:node-{host}"),
        "targetType": "iscsi",
        "iscsiTarget": {
            "iqn": format!("iqn.2026-11.org.example:vol-{volume}"),
            "portal": "192.0.2.1:3260", "lun": volume, "authMethod": "CHAP",
        },
        "iscsiCredentialsName": secret_name(0),
    })
}
