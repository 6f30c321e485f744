//! What may happen to hosts, and how often.

use fastrand::Rng;

use super::world::{HOSTS, MACHINES, SECRETS, VOLUMES};

/// One thing that happens. Numbers are those of hosts, machines, volumes and Secrets.
///
/// What makes no sense at the moment, such as the deletion of a host that is not there, does nothing: so any act can be
/// left out of a sequence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Act {
    /// A host is created on a machine, to boot from a volume.
    Create {
        host: usize,
        machine: u32,
        volume: u32,
    },
    /// A host is deleted.
    Delete(usize),
    /// A user changes what a host is to be.
    Wish(usize, Wish),
    /// The host loses its status.
    LoseStatus(usize),
    /// A volume's Secret gets another password; it is made if it is not there.
    ChangeSecret(usize),
    /// A volume's Secret is deleted.
    DropSecret(usize),
    /// The BMC's Secret has the right password, or a wrong one.
    BmcPassword(bool),
    /// Somebody changes the user data.
    ChangeUserData,
    /// A machine's BMC answers, or does not.
    Bmc(u32, bool),
    /// A machine goes down when it is asked, or does not listen.
    Acpi(u32, bool),
    /// Somebody switches a machine.
    Switch(u32, bool),
    /// Whoever has a volume and may not give it back loses its access to it, and that is said on its Lease.
    Fence,
    /// Somebody deletes a host's node.
    DeleteNode(usize),
    /// Somebody sets a host's node into maintenance, or ends that.
    Maintenance(usize, bool),
    /// Somebody deletes or changes what Ironic has for a deployed machine.
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

/// What a user asks of a host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wish {
    /// To boot from a volume, whoever else may have it.
    Volume(u32),
    /// To boot from no volume any more.
    NoVolume,
    /// To reach its volume by another portal.
    Portal(u16),
    /// Its volume's credentials are in another Secret, or there are none.
    Secret(Option<usize>),
    /// `spec.online`.
    Online(bool),
    /// A reboot.
    Reboot { is_hard: bool },
    /// To be detached, or attached again.
    Detached(bool),
    /// To be paused, or to go on.
    Paused(bool),
    /// To have an image, or none.
    Image(bool),
    /// To reach its volume by two portals.
    TwoPortals,
    /// To have these data volumes: none, one of the two, the other with another Secret, or both.
    Data { first: bool, second: Option<usize> },
    /// To have user data, or none.
    UserData(bool),
    /// UEFI, or BIOS.
    Uefi(bool),
    /// To be deployed anew, if there is a reason.
    Redeploy,
    /// To wait for a consumer, or not.
    ForClaims(bool),
    /// That the next consumer gets the volume at once, or that it is held.
    Reuse(bool),
    /// A consumer wants it to be deployed.
    Claim,
    /// The consumer lets go of the deployment.
    LetGo,
    /// The consumer lets go of the host.
    Leave,
    /// The held volume is given free.
    GiveFree,
}

/// What somebody deletes of a node, or changes.
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
    /// The storage interface is another.
    Interface,
    /// The ports don't boot.
    PxeEnabled,
    /// There is a second connector.
    OtherConnector,
    /// The targets are reached by another portal.
    OtherTarget,
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
    VirtualMedia,
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
const TABLE: &[(u32, Draw)] = &[
    (16, create),
    (6, |rng| Act::Delete(host(rng))),
    (8, |rng| wish(rng, |rng| Wish::Volume(volume(rng)))),
    (8, |rng| wish(rng, |_| Wish::NoVolume)),
    (2, |rng| wish(rng, |rng| Wish::Portal(rng.u16(3260..3263)))),
    (3, |rng| wish(rng, |rng| Wish::Secret(maybe_secret(rng)))),
    (6, |rng| wish(rng, |rng| Wish::Online(rng.bool()))),
    (4, |rng| wish(rng, reboot)),
    (6, |rng| wish(rng, |rng| Wish::Detached(rng.bool()))),
    (4, |rng| wish(rng, |rng| Wish::Paused(rng.bool()))),
    (3, |rng| wish(rng, |rng| Wish::Image(rng.bool()))),
    (2, |rng| wish(rng, |_| Wish::TwoPortals)),
    (8, |rng| wish(rng, data)),
    (6, |rng| wish(rng, |rng| Wish::UserData(rng.u32(..4) > 0))),
    (4, |rng| wish(rng, |rng| Wish::Uefi(rng.bool()))),
    (8, |rng| wish(rng, |_| Wish::Redeploy)),
    (5, |rng| wish(rng, |rng| Wish::ForClaims(rng.bool()))),
    (2, |rng| wish(rng, |rng| Wish::Reuse(rng.bool()))),
    (8, |rng| wish(rng, |_| Wish::Claim)),
    (6, |rng| wish(rng, |_| Wish::LetGo)),
    (4, |rng| wish(rng, |_| Wish::Leave)),
    (4, |rng| wish(rng, |_| Wish::GiveFree)),
    (3, |rng| Act::LoseStatus(host(rng))),
    (4, |rng| Act::ChangeSecret(secret(rng))),
    (3, |rng| Act::DropSecret(secret(rng))),
    (2, |_| Act::ChangeUserData),
    (3, |rng| Act::BmcPassword(rng.bool())),
    (4, |rng| Act::Bmc(machine(rng), rng.bool())),
    (2, |rng| Act::Acpi(machine(rng), rng.bool())),
    (3, |rng| Act::Switch(machine(rng), rng.bool())),
    (3, |_| Act::Fence),
    (3, |rng| Act::DeleteNode(host(rng))),
    (3, |rng| Act::Maintenance(host(rng), rng.bool())),
    (12, |rng| Act::Tamper(host(rng), thing(rng))),
    (5, |_| Act::LoseDatabase),
    (2, |_| Act::RestartIronic),
    (10, |rng| Act::Fault(rng.usize(1..8), wrong(rng))),
    (6, |rng| Act::Fails(work(rng))),
    (3, |_| Act::Stop),
    (8, |rng| Act::StopAfterRequest(rng.usize(1..20))),
    (8, |rng| Act::StopAfterWrite(rng.usize(1..8))),
];

fn wish(rng: &mut Rng, draw: fn(&mut Rng) -> Wish) -> Act {
    Act::Wish(host(rng), draw(rng))
}

fn data(rng: &mut Rng) -> Wish {
    Wish::Data {
        first: rng.bool(),
        second: maybe_secret(rng),
    }
}

fn reboot(rng: &mut Rng) -> Wish {
    let is_hard = rng.bool();
    Wish::Reboot { is_hard }
}

/// Most hosts have a machine of their own, and are made anew on another one now and then.
fn create(rng: &mut Rng) -> Act {
    let host = host(rng);
    let is_own = rng.u32(..4) > 0;
    let machine = if is_own {
        own_machine(host)
    } else {
        machine(rng)
    };
    Act::Create {
        host,
        machine,
        volume: volume(rng),
    }
}

fn own_machine(host: usize) -> u32 {
    u32::try_from(host).unwrap()
}

fn volume(rng: &mut Rng) -> u32 {
    rng.u32(..VOLUMES)
}

fn host(rng: &mut Rng) -> usize {
    rng.usize(..HOSTS)
}

fn machine(rng: &mut Rng) -> u32 {
    rng.u32(..MACHINES)
}

fn secret(rng: &mut Rng) -> usize {
    rng.usize(..SECRETS)
}

fn maybe_secret(rng: &mut Rng) -> Option<usize> {
    rng.bool().then(|| secret(rng))
}

fn thing(rng: &mut Rng) -> Thing {
    match rng.u32(..8) {
        0 => Thing::Ports,
        1 => Thing::Connectors,
        2 => Thing::Targets,
        3 => Thing::Capabilities,
        4 => Thing::Interface,
        5 => Thing::PxeEnabled,
        6 => Thing::OtherConnector,
        _ => Thing::OtherTarget,
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
    match rng.u32(..6) {
        0 => Work::Deploy,
        1 => Work::Undeploy,
        2 => Work::Adopt,
        3 => Work::Power,
        4 => Work::VirtualMedia,
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
        match left.checked_sub(*weight) {
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
    let machine = own_machine(host);
    let volume = volume(rng);
    let first = Act::Create {
        host,
        machine,
        volume,
    };
    let first = (first, pause(rng));
    let others = rng.usize(1..LONGEST);
    let others = (0..others).map(|_| (act(rng), pause(rng)));
    std::iter::once(first).chain(others).collect()
}
