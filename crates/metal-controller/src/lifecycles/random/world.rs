//! The world of a random life: its hosts, machines, volumes and Secrets.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use ironic_sim::{Method, Power, Seed};
use metal_api::names;
use serde_json::{Value, json};

use super::acts::{Moment, Pause};
use super::volumes::{Held, volume};
use super::watch::{Watch, boot_of, machine};
use crate::testing::{BMC_PASSWORD, ISCSI_PASSWORD, Life, NAMESPACE, USER_DATA, diskless};

/// How many hosts there are at most.
pub(super) const HOSTS: usize = 3;
/// How many machines, so that a host can be made anew on another one.
pub(super) const MACHINES: u32 = 4;
/// How many volumes to boot from: fewer than hosts. There are two more for data.
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
    /// How often somebody asked for another deployment.
    tokens: usize,
}

impl World {
    pub(super) fn begin() -> Self {
        let life = Life::of_many(MACHINES);
        let watch = Arc::new(Mutex::new(Watch::new(life.kubernetes.clone())));
        let on = watch.clone();
        life.door.set_onlooker(Box::new(move |sim, asked| {
            on.lock().unwrap().look(sim, asked);
        }));
        let mut world = Self {
            life,
            watch,
            machines: [0, 1, 2],
            lost: [false; HOSTS],
            ever_lost: [false; HOSTS],
            tokens: 0,
        };
        world.put_secrets();
        world
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

    /// Puts the Secrets of volumes there.
    pub(super) fn put_secrets(&mut self) {
        for secret in 0..SECRETS {
            self.life
                .put_iscsi_secret(&secret_name(secret), ISCSI_PASSWORD);
        }
        self.life.user_data(USER_DATA);
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

    /// Changes a host that has a volume.
    pub(super) fn patch_with_volume(&mut self, host: usize, patch: &Value) {
        if !self.host(host)["spec"]["bootVolume"].is_null() {
            self.patch(host, patch);
        }
    }

    pub(super) fn is_for_claims(&self, host: usize) -> bool {
        self.host(host)["spec"]["bootVolume"]["provisionOn"] == "Claim"
    }

    /// Asks for another deployment, as nobody did before.
    pub(super) fn redeploy(&mut self, host: usize) {
        self.tokens += 1;
        let token = format!("token-{}", self.tokens);
        self.life
            .annotate_host(&host_name(host), names::REDEPLOY_ANNOTATION, token);
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

    pub(super) fn change_user_data(&mut self) {
        let version = self.life.kubernetes.version();
        self.life.user_data(&format!("{USER_DATA}-{version}"));
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
