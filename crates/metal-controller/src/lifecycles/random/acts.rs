//! What may happen to hosts, and how often.

use std::time::Duration;

use fastrand::Rng;
use ironic_sim::{Bmc, Failing, Fault, FaultKind};
use serde_json::{Value, json};

use super::world::{HOSTS, MACHINES, SECRETS, World, secret_name, volume};
use crate::testing::Stop;

/// One thing that happens. Numbers are those of hosts, machines, volumes and Secrets.
///
/// What makes no sense at the moment, such as the deletion of a host that is not there, does nothing: so any act can be
/// left out of a sequence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Act {
    /// A host is created on a machine, to boot from one of that machine's volumes.
    Create { host: usize, machine: u32 },
    /// A host is deleted.
    Delete(usize),
    /// A host is to boot from one of its machine's two volumes: the first, or the other.
    SetVolume { host: usize, is_other: bool },
    /// A host is to boot from no volume any more.
    RemoveVolume(usize),
    /// A volume is reached by another portal.
    SetPortal { host: usize, port: u16 },
    /// A volume's credentials are in another Secret, or there are none.
    NameSecret { host: usize, secret: Option<usize> },
    /// `spec.online`.
    Online(usize, bool),
    /// A reboot is asked for.
    Reboot { host: usize, is_hard: bool },
    /// The host is detached, or attached again.
    Detach(usize, bool),
    /// The host is paused, or goes on.
    Pause(usize, bool),
    /// An image is set, or taken away.
    Image(usize, bool),
    /// The host loses its status.
    LoseStatus(usize),
    /// A volume's Secret gets another password; it is made if it is not there.
    ChangeSecret(usize),
    /// A volume's Secret is deleted.
    DropSecret(usize),
    /// The BMC's Secret has the right password, or a wrong one.
    BmcPassword(bool),
    /// A machine's BMC answers, or does not.
    Bmc { machine: u32, is_alive: bool },
    /// A machine goes down when it is asked, or does not listen.
    Acpi { machine: u32, is_honoured: bool },
    /// Somebody deletes a host's node.
    DeleteNode(usize),
    /// Somebody sets a host's node into maintenance, or ends that.
    Maintenance(usize, bool),
    /// Somebody deletes what Ironic has for a deployed machine.
    Tamper(usize, Thing),
    /// Ironic loses its database.
    LoseDatabase,
    /// Ironic starts anew.
    RestartIronic,
    /// The request after so many others goes wrong.
    Fault(usize, Wrong),
    /// What Ironic does next of this kind fails.
    Fails(Work),
    /// The operator is killed, and started again.
    Stop,
    /// It is killed after so many more requests to Ironic.
    StopAfterRequest(usize),
    /// It is killed after so many more writes to Kubernetes.
    StopAfterWrite(usize),
}

/// What somebody deletes of a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Thing {
    /// All ports are deleted.
    Ports,
    /// All volume connectors are deleted.
    Connectors,
    /// All volume targets are deleted.
    Targets,
    /// The capabilities are deleted.
    Capabilities,
}

/// What may go wrong with a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wrong {
    /// 500.
    Error,
    /// 503.
    Busy,
    /// It never arrives.
    CutBefore,
    /// It takes effect, and its answer is lost.
    CutAfter,
    /// Another conductor has the node for this many seconds.
    Locked(u64),
    /// Ironic dies, and is back after this many seconds.
    Crash(u64),
    /// The answer takes this many seconds.
    Slow(u64),
}

/// What Ironic may fail at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Work {
    Deploy,
    Undeploy,
    Adopt,
    Power,
    Clean,
}

/// For how long everybody works until the next thing happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Pause {
    /// Not at all.
    None,
    /// Until the operator has sent this many requests to Ironic.
    Requests(usize),
    /// For this many seconds.
    Seconds(u64),
    /// Until nothing changes any more.
    Rest,
}

/// An act, and the time after it.
pub(super) type Moment = (Act, Pause);

type Draw = fn(&mut Rng) -> Act;

/// All that may happen, and how often compared with the others.
const TABLE: [(u32, Draw); 27] = [
    (16, |rng| Act::Create {
        host: host(rng),
        machine: machine(rng),
    }),
    (6, |rng| Act::Delete(host(rng))),
    (8, |rng| Act::SetVolume {
        host: host(rng),
        is_other: rng.bool(),
    }),
    (8, |rng| Act::RemoveVolume(host(rng))),
    (2, |rng| Act::SetPortal {
        host: host(rng),
        port: rng.u16(3260..3263),
    }),
    (3, |rng| Act::NameSecret {
        host: host(rng),
        secret: rng.bool().then(|| secret(rng)),
    }),
    (6, |rng| Act::Online(host(rng), rng.bool())),
    (4, |rng| Act::Reboot {
        host: host(rng),
        is_hard: rng.bool(),
    }),
    (6, |rng| Act::Detach(host(rng), rng.bool())),
    (4, |rng| Act::Pause(host(rng), rng.bool())),
    (3, |rng| Act::Image(host(rng), rng.bool())),
    (3, |rng| Act::LoseStatus(host(rng))),
    (4, |rng| Act::ChangeSecret(secret(rng))),
    (3, |rng| Act::DropSecret(secret(rng))),
    (3, |rng| Act::BmcPassword(rng.bool())),
    (4, |rng| Act::Bmc {
        machine: machine(rng),
        is_alive: rng.bool(),
    }),
    (2, |rng| Act::Acpi {
        machine: machine(rng),
        is_honoured: rng.bool(),
    }),
    (3, |rng| Act::DeleteNode(host(rng))),
    (3, |rng| Act::Maintenance(host(rng), rng.bool())),
    (8, |rng| Act::Tamper(host(rng), thing(rng))),
    (5, |_| Act::LoseDatabase),
    (2, |_| Act::RestartIronic),
    (10, |rng| Act::Fault(rng.usize(1..8), wrong(rng))),
    (6, |rng| Act::Fails(work(rng))),
    (3, |_| Act::Stop),
    (8, |rng| Act::StopAfterRequest(rng.usize(1..20))),
    (8, |rng| Act::StopAfterWrite(rng.usize(1..8))),
];

fn host(rng: &mut Rng) -> usize {
    rng.usize(..HOSTS)
}

fn machine(rng: &mut Rng) -> u32 {
    rng.u32(..MACHINES)
}

fn secret(rng: &mut Rng) -> usize {
    rng.usize(..SECRETS)
}

fn thing(rng: &mut Rng) -> Thing {
    match rng.u32(..4) {
        0 => Thing::Ports,
        1 => Thing::Connectors,
        2 => Thing::Targets,
        _ => Thing::Capabilities,
    }
}

fn wrong(rng: &mut Rng) -> Wrong {
    match rng.u32(..9) {
        0 => Wrong::Error,
        1 => Wrong::Busy,
        2 => Wrong::CutBefore,
        3..=5 => Wrong::CutAfter,
        6 => Wrong::Locked(rng.u64(1..120)),
        7 => Wrong::Crash(rng.u64(1..120)),
        _ => Wrong::Slow(rng.u64(1..90)),
    }
}

fn work(rng: &mut Rng) -> Work {
    match rng.u32(..5) {
        0 => Work::Deploy,
        1 => Work::Undeploy,
        2 => Work::Adopt,
        3 => Work::Power,
        _ => Work::Clean,
    }
}

fn pause(rng: &mut Rng) -> Pause {
    match rng.u32(..10) {
        0..=2 => Pause::None,
        3..=6 => Pause::Requests(rng.usize(1..30)),
        7..=8 => Pause::Seconds(rng.u64(1..240)),
        _ => Pause::Rest,
    }
}

fn act(rng: &mut Rng) -> Act {
    let all: u32 = TABLE.iter().map(|(weight, _)| weight).sum();
    let mut left = rng.u32(..all);
    for (weight, draw) in TABLE {
        match left.checked_sub(weight) {
            None => return draw(rng),
            Some(rest) => left = rest,
        }
    }
    unreachable!("it is less than all weights")
}

/// A life: it begins with a host, since nothing can happen to none.
pub(super) fn sequence(seed: u64) -> Vec<Moment> {
    const LONGEST: usize = 12;
    let rng = &mut Rng::with_seed(seed);
    let host = host(rng);
    let machine = u32::try_from(host).unwrap();
    let first = (Act::Create { host, machine }, pause(rng));
    let others = rng.usize(1..LONGEST);
    let others = (0..others).map(|_| (act(rng), pause(rng)));
    std::iter::once(first).chain(others).collect()
}

impl Act {
    /// Does it.
    pub(super) fn happen(self, world: &mut World) {
        world.life.witness.tell(format!("{self:?}"));
        let spec = |value: Value| json!({ "spec": value });
        match self {
            Self::Create { host, machine } => world.create(host, machine),
            Self::Delete(host) => world.delete(host),
            Self::SetVolume { host, is_other } => {
                let volume = volume(host, world.machine_of(host), is_other);
                world.patch(host, &spec(json!({ "bootVolume": volume })));
            }
            Self::RemoveVolume(host) => world.patch(host, &spec(json!({"bootVolume": null}))),
            Self::SetPortal { host, port } => {
                let target = json!({"portal": format!("192.0.2.1:{port}")});
                world.patch_volume(host, &json!({ "iscsiTarget": target }));
            }
            Self::NameSecret { host, secret } => {
                let method = if secret.is_some() { "CHAP" } else { "None" };
                let target = json!({"authMethod": method});
                let patch =
                    json!({"iscsiCredentialsName": secret.map(secret_name), "iscsiTarget": target});
                world.patch_volume(host, &patch);
            }
            Self::Online(host, is_online) => world.patch(host, &spec(json!({"online": is_online}))),
            Self::Reboot { host, is_hard } => world.reboot(host, is_hard),
            Self::Detach(host, is_detached) => {
                world.annotate(host, "baremetalhost.metal3.io/detached", is_detached);
            }
            Self::Pause(host, is_paused) => {
                world.annotate(host, "baremetalhost.metal3.io/paused", is_paused);
            }
            Self::Image(host, is_set) => {
                let image =
                    is_set.then(|| json!({"url": "http://192.0.2.1/image", "format": "live-iso"}));
                world.patch(host, &spec(json!({ "image": image })));
            }
            Self::LoseStatus(host) => world.lose_status(host),
            Self::ChangeSecret(secret) => world.change_secret(secret),
            Self::DropSecret(secret) => world.life.drop_secret(&secret_name(secret)),
            Self::BmcPassword(is_right) => world.bmc_password(is_right),
            Self::Bmc { machine, is_alive } => world.life.change_machine(machine, |machine| {
                machine.bmc = if is_alive { Bmc::Present } else { Bmc::Absent };
            }),
            Self::Acpi {
                machine,
                is_honoured,
            } => {
                world
                    .life
                    .change_machine(machine, |machine| machine.honours_acpi = is_honoured);
            }
            Self::DeleteNode(host) => world.delete_node(host),
            Self::Maintenance(host, is_on) => world.maintain(host, is_on),
            Self::Tamper(host, thing) => world.tamper(host, thing),
            Self::LoseDatabase => {
                world.life.lose_database();
            }
            Self::RestartIronic => {
                world.life.restart_ironic();
            }
            Self::Fault(after, wrong) => {
                let number = world.life.door.count() + after;
                world.life.fault(number, wrong.kind());
            }
            Self::Fails(work) => world.life.sim.inject(Fault::once(work.kind())),
            Self::Stop => {
                world.life.stop();
            }
            Self::StopAfterRequest(after) => {
                let number = world.life.door.count() + after;
                world.life.stop_at(Stop::Request(number));
            }
            Self::StopAfterWrite(after) => {
                let number = world.life.kubernetes.writes() + after;
                world.life.stop_at(Stop::Write(number));
            }
        }
    }
}

impl Wrong {
    fn kind(self) -> FaultKind {
        let seconds = Duration::from_secs;
        match self {
            Self::Error => FaultKind::Status(500),
            Self::Busy => FaultKind::Status(503),
            Self::CutBefore => FaultKind::CutBefore,
            Self::CutAfter => FaultKind::CutAfter,
            Self::Locked(time) => FaultKind::Locked(seconds(time)),
            Self::Crash(time) => FaultKind::Crash(seconds(time)),
            Self::Slow(time) => FaultKind::Slow(seconds(time)),
        }
    }
}

impl Work {
    fn kind(self) -> FaultKind {
        let failing = match self {
            Self::Deploy => Failing::Deploy,
            Self::Undeploy => Failing::TearDown,
            Self::Adopt => Failing::Adopt,
            Self::Power => Failing::Power,
            Self::Clean => Failing::Clean,
        };
        FaultKind::Fails(failing, "it failed by itself".to_owned())
    }
}
