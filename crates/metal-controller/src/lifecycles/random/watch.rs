//! What must hold at every moment, seen with Ironic's own eyes and those of the machines.

use std::collections::BTreeMap;

use ironic_sim::{Boot, Machine, Method, Power, Request, Seed, Sim};
use serde_json::Value;

use super::world::{HOSTS, MACHINES, REBOOT, host_name};
use crate::testing::{Asked, Kubernetes, key_of};

/// What is known of each machine since it was switched on.
pub(super) struct Watch {
    kubernetes: Kubernetes,
    machines: BTreeMap<u32, Running>,
    /// Machines that lost their access to a volume, and to which.
    revoked: Vec<(u32, String)>,
}

/// A machine that runs.
#[derive(Debug, Default)]
struct Running {
    /// The volumes that it runs with, the one that it booted from first: LUN and IQN of each.
    volumes: Vec<String>,
    /// Whether its operating system was asked to shut down, or somebody with the right to it let its power be cut.
    may_be_cut: bool,
    /// Whether it was switched by other hands, and Ironic has not noticed yet.
    is_known_wrongly: bool,
}

impl Watch {
    pub(super) fn new(kubernetes: Kubernetes) -> Self {
        Self {
            kubernetes,
            machines: BTreeMap::new(),
            revoked: Vec::new(),
        }
    }

    /// Looks at everything. Panics where something is not as it must be.
    pub(super) fn look(&mut self, sim: &Sim, asked: Option<&Asked>) {
        if let Some(asked) = asked {
            self.heed(sim, asked);
        }
        for index in 0..MACHINES {
            let machine = machine(sim, index);
            self.follow(index, &machine);
            self.notice(sim, index, &machine);
        }
        self.no_volume_on_two_machines();
        if asked.is_some_and(changes_deployments) {
            no_volume_of_two_deployments(sim);
        }
    }

    /// Somebody takes from a machine its access to a volume, as its Lease calls it.
    pub(super) fn revoke(&mut self, index: u32, volume: &str) {
        self.revoked.push((index, volume.to_owned()));
    }

    /// A machine is switched by other hands: Ironic learns of it later, and nobody is to blame.
    pub(super) fn switched_by_hand(&mut self, index: u32) {
        let running = self.machines.entry(index).or_default();
        running.may_be_cut = true;
        running.is_known_wrongly = true;
    }

    /// Whether it may still write to a volume: IQN and LUN.
    fn has_access(&self, index: u32, volume: &str) -> bool {
        let iqn = volume.split_once(':').map_or(volume, |(_, iqn)| iqn);
        let mut revoked = self.revoked.iter();
        !revoked.any(|(machine, lease)| *machine == index && lease.contains(iqn))
    }

    /// A machine that nobody is responsible for any more: what it still runs was let go.
    pub(super) fn let_go(&mut self, index: u32) {
        self.machines.entry(index).or_default().may_be_cut = true;
    }

    /// Whether a user asks for a reboot of this machine by a cut of its power.
    fn is_cut_by_user(&self, index: u32) -> bool {
        (0..HOSTS).any(|host| {
            let host = self.kubernetes.get(&key_of(&host_name(host)));
            let host = host.unwrap_or_default();
            let value = host["metadata"]["annotations"][REBOOT].as_str();
            has_machine(&host, index) && value.is_some_and(|value| value.contains("hard"))
        })
    }

    /// What Ironic was asked for, and agreed to.
    fn heed(&mut self, sim: &Sim, asked: &Asked) {
        let Some(verb) = asked.verb.as_deref().filter(|verb| asked.agreed_to(verb)) else {
            return;
        };
        let Some(index) = index_of(sim, &asked.target) else {
            return;
        };
        let is_right = match verb {
            "soft power off" | "soft rebooting" => true,
            "power off" | "rebooting" => self.is_cut_by_user(index),
            _ => false,
        };
        let running = self.machines.entry(index).or_default();
        running.may_be_cut |= is_right;
        match verb {
            "rebooting" => running.expect_may_be_cut(index),
            "active" => {
                let is_off = machine(sim, index).power == Power::Off;
                assert!(
                    is_off || running.is_known_wrongly,
                    "deployed while on: machine {index} was not switched off before"
                );
                // Whoever deploys it gives it access again.
                self.revoked.retain(|(machine, _)| *machine != index);
            }
            _ => {}
        }
    }

    fn follow(&mut self, index: u32, machine: &Machine) {
        let volumes = match machine.power {
            Power::On => machine.booted.as_ref().map(volumes).unwrap_or_default(),
            Power::Off => Vec::new(),
        };
        let running = self.machines.entry(index).or_default();
        if running.volumes == volumes {
            return;
        }
        running.expect_may_be_cut(index);
        *running = Running {
            volumes,
            // What was going on in Ironic takes it for off.
            may_be_cut: running.is_known_wrongly,
            is_known_wrongly: running.is_known_wrongly,
        };
    }

    /// Whether Ironic has noticed by now that somebody switched a machine, and does nothing that it began before.
    fn notice(&mut self, sim: &Sim, index: u32, machine: &Machine) {
        let running = self.machines.entry(index).or_default();
        if !running.is_known_wrongly {
            return;
        }
        let nodes = list(sim, "/v1/nodes/detail", "nodes");
        let known = match machine.power {
            Power::On => "power on",
            Power::Off => "power off",
        };
        let has_noticed = |node: &Value| {
            let is_its = node["driver_info"]["redfish_system_id"] == Seed::system(index);
            is_its
                && node["power_state"] == known
                && node["target_power_state"].is_null()
                && node["target_provision_state"].is_null()
        };
        if nodes.iter().any(has_noticed) {
            running.is_known_wrongly = false;
            running.may_be_cut = false;
        }
    }

    fn no_volume_on_two_machines(&self) {
        let mut by_volume = BTreeMap::new();
        for (index, running) in &self.machines {
            for volume in &running.volumes {
                if self.has_access(*index, volume)
                    && let Some(other) = by_volume.insert(volume, index)
                {
                    panic!("one volume on two machines: {volume} runs on {other} and {index}");
                }
            }
        }
    }
}

impl Running {
    #[track_caller]
    fn expect_may_be_cut(&self, index: u32) {
        assert!(
            self.volumes.is_empty() || self.may_be_cut,
            "power cut unasked: machine {index} ran with {:?}",
            self.volumes
        );
    }
}

/// Whether it may lead to another deployment, or to another volume of one.
fn changes_deployments(asked: &Asked) -> bool {
    let is_about = |what| asked.target.contains(what);
    asked.method != "GET" && (is_about("/states/provision") || is_about("/volume/targets"))
}

/// Never two nodes that are deployed, or on their way there, with the same volume; never two volumes to boot from.
fn no_volume_of_two_deployments(sim: &Sim) {
    let nodes = list(sim, "/v1/nodes?fields=uuid,name,provision_state", "nodes");
    let targets = list(sim, "/v1/volume/targets?detail=true", "targets");
    let mut by_volume = BTreeMap::new();
    for node in &nodes {
        let of_node = targets
            .iter()
            .filter(|target| target["node_uuid"] == node["uuid"]);
        let to_boot = of_node.clone().filter(|target| target["boot_index"] == 0);
        assert!(to_boot.count() <= 1, "two boot targets: {}", node["name"]);
        let state = node["provision_state"].as_str().unwrap_or_default();
        if !matches!(
            state,
            "active" | "deploying" | "wait call-back" | "adopting"
        ) {
            continue;
        }
        for target in of_node {
            let volume = target["properties"]["target_iqn"]
                .as_str()
                .unwrap_or_default();
            if let Some(other) = by_volume.insert(volume, &node["name"]) {
                panic!(
                    "one volume in two deployments: {volume} of {other} and {}",
                    node["name"]
                );
            }
        }
    }
}

/// The volumes that are attached, the one that is booted first: LUN and IQN of each.
pub(super) fn volumes(boot: &Boot) -> Vec<String> {
    let hooks = boot.san().map(|san| san.hooks.as_slice());
    let uris = hooks
        .unwrap_or_default()
        .iter()
        .filter_map(|hook| hook.uris.first());
    // `iscsi:HOST::PORT:LUN:IQN`
    uris.filter_map(|uri| {
        let (_, volume) = uri.split_once("::")?;
        let (_, volume) = volume.split_once(':')?;
        Some(volume.to_owned())
    })
    .collect()
}

/// Whether a host has this machine.
pub(super) fn has_machine(host: &Value, index: u32) -> bool {
    let address = host["spec"]["bmc"]["address"].as_str();
    address.is_some_and(|address| address.ends_with(&Seed::system(index)))
}

/// What a machine would boot if it was switched on now.
pub(super) fn boot_of(sim: &Sim, index: u32) -> Option<Boot> {
    sim.boot_of_machine(&Seed::default().address, &Seed::system(index))
}

pub(super) fn machine(sim: &Sim, index: u32) -> Machine {
    let machine = sim.machine(&Seed::default().address, &Seed::system(index));
    machine.unwrap()
}

/// The number of the machine that a request is about: `/v1/nodes/NODE/…`.
fn index_of(sim: &Sim, target: &str) -> Option<u32> {
    let node = target
        .strip_prefix("/v1/nodes/")?
        .split(['/', '?'])
        .next()?;
    let system = sim.machine_of(node)?.system;
    (0..MACHINES).find(|index| Seed::system(*index) == system)
}

/// What Ironic lists; nothing while it gives no answer.
fn list(sim: &Sim, target: &str, field: &str) -> Vec<Value> {
    let answer = sim.handle(&Request::new(Method::Get, target).version("1.95"));
    if answer.status != 200 {
        return Vec::new();
    }
    answer.json()[field].as_array().cloned().unwrap_or_default()
}
