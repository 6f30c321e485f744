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
}

/// A machine that runs.
#[derive(Debug, Default)]
struct Running {
    /// The volume that it runs from: IQN and LUN.
    volume: Option<String>,
    /// Whether its operating system was asked to shut down, or somebody with the right to it let its power be cut.
    may_be_cut: bool,
}

impl Watch {
    pub(super) fn new(kubernetes: Kubernetes) -> Self {
        Self {
            kubernetes,
            machines: BTreeMap::new(),
        }
    }

    /// Looks at everything. Panics where something is not as it must be.
    pub(super) fn look(&mut self, sim: &Sim, asked: Option<&Asked>) {
        if let Some(asked) = asked {
            self.heed(sim, asked);
        }
        for index in 0..MACHINES {
            self.follow(index, &machine(sim, index));
        }
        self.no_volume_on_two_machines();
        if asked.is_some_and(changes_deployments) {
            no_volume_of_two_deployments(sim);
        }
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
            "active" => assert!(
                machine(sim, index).power == Power::Off,
                "deployed while on: machine {index} was not switched off before"
            ),
            _ => {}
        }
    }

    fn follow(&mut self, index: u32, machine: &Machine) {
        let volume = match machine.power {
            Power::On => machine.booted.as_ref().and_then(boot_volume),
            Power::Off => None,
        };
        let running = self.machines.entry(index).or_default();
        if running.volume == volume {
            return;
        }
        running.expect_may_be_cut(index);
        *running = Running {
            volume,
            may_be_cut: false,
        };
    }

    fn no_volume_on_two_machines(&self) {
        let mut by_volume = BTreeMap::new();
        for (index, running) in &self.machines {
            if let Some(volume) = &running.volume
                && let Some(other) = by_volume.insert(volume, index)
            {
                panic!("one volume on two machines: {volume} runs on {other} and {index}");
            }
        }
    }
}

impl Running {
    #[track_caller]
    fn expect_may_be_cut(&self, index: u32) {
        if let Some(volume) = &self.volume {
            assert!(
                self.may_be_cut,
                "power cut unasked: machine {index} ran from {volume}"
            );
        }
    }
}

/// Whether it may lead to another deployment, or to another volume of one.
fn changes_deployments(asked: &Asked) -> bool {
    let is_about = |what| asked.target.contains(what);
    asked.method != "GET" && (is_about("/states/provision") || is_about("/volume/targets"))
}

/// Never two nodes that are deployed, or on their way there or back, with the same volume; never two volumes to boot from.
fn no_volume_of_two_deployments(sim: &Sim) {
    let nodes = list(sim, "/v1/nodes?fields=uuid,name,provision_state", "nodes");
    let targets = list(sim, "/v1/volume/targets?detail=true", "targets");
    let mut by_volume = BTreeMap::new();
    for node in &nodes {
        let of_node = targets
            .iter()
            .filter(|target| target["node_uuid"] == node["uuid"] && target["boot_index"] == 0);
        let of_node: Vec<_> = of_node.collect();
        assert!(of_node.len() <= 1, "two boot targets: {}", node["name"]);
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

/// The volume that is booted: IQN and LUN.
pub(super) fn boot_volume(boot: &Boot) -> Option<String> {
    let first = boot.san()?.hooks.first()?;
    // `iscsi:HOST::PORT:LUN:IQN`
    let (_, volume) = first.uris.first()?.split_once("::")?;
    let (_, volume) = volume.split_once(':')?;
    Some(volume.to_owned())
}

/// Whether a host has this machine.
pub(super) fn has_machine(host: &Value, index: u32) -> bool {
    let address = host["spec"]["bmc"]["address"].as_str();
    address.is_some_and(|address| address.ends_with(&Seed::system(index)))
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
