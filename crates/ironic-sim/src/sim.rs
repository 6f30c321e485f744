//! The simulator, as tests and servers hold it.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::api;
use crate::bmc::Machine;
use crate::boot::Boot;
use crate::faults::{Fault, FaultKind, Occasion};
use crate::http::{Request, Response};
use crate::journal::{Entry, Journal};
use crate::model::Locked;
use crate::settings::{LockRetry, Settings};
use crate::states::State;
use crate::world::{Alarm, World};

/// A simulated Ironic. A clone is another handle to the same one.
#[derive(Clone)]
pub struct Sim {
    world: Arc<Mutex<World>>,
}

impl fmt::Debug for Sim {
    /// Shows nothing of what it holds: there are secrets in it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sim").finish_non_exhaustive()
    }
}

impl Default for Sim {
    fn default() -> Self {
        Self::new(Settings::default())
    }
}

impl Sim {
    /// An empty Ironic.
    pub fn new(settings: Settings) -> Self {
        Self {
            world: Arc::new(Mutex::new(World::new(settings))),
        }
    }

    pub(crate) fn world(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Answers a request, after everything that is due by now has happened.
    pub fn handle(&self, request: &Request) -> Response {
        handle(&mut self.world(), request, true)
    }

    /// One of several attempts at a request. Only the last one is in the journal: what waits for a
    /// lock is one request.
    pub(crate) fn attempt(&self, request: &Request, is_last: bool) -> Response {
        handle(&mut self.world(), request, is_last)
    }

    /// Moves virtual time forward, and lets happen what is due. Real time moves by itself: then
    /// only that happens which is due by now.
    pub fn advance(&self, by: Duration) {
        let mut world = self.world();
        world.clock.advance(by);
        world.catch_up();
    }

    /// How long it is until something happens by itself.
    ///
    /// Looks at the machines' power do not count, which never end; neither do waits for a ramdisk
    /// that will time out.
    pub fn next_event(&self) -> Option<Duration> {
        let mut world = self.world();
        world.catch_up();
        let now = world.now;
        world.next_event().map(|at| at.saturating_sub(now))
    }

    /// Moves virtual time to the end of everything that is under way, but by no more than `limit`.
    ///
    /// True if nothing is under way any more; nodes may still wait for a ramdisk that never calls.
    pub fn settle(&self, limit: Duration) -> bool {
        let mut left = limit;
        loop {
            let Some(next) = self.next_event() else {
                return true;
            };
            if next > left || !self.world().clock.is_virtual() {
                return false;
            }
            left = left.saturating_sub(next);
            self.advance(next);
        }
    }

    /// How long ago the simulator was started.
    pub fn now(&self) -> Duration {
        self.world().clock.now()
    }

    /// Asks for something to go wrong.
    pub fn inject(&self, fault: Fault) {
        self.world().faults.add(fault);
    }

    /// Forgets the faults that were asked for and have not happened.
    pub fn clear_faults(&self) {
        self.world().faults.clear();
    }

    /// Whether all faults that were asked for have happened.
    pub fn are_faults_used_up(&self) -> bool {
        self.world().faults.is_empty()
    }

    /// The requests so far.
    pub fn journal(&self) -> Journal {
        self.world().journal.clone()
    }

    /// Forgets the requests so far.
    pub fn clear_journal(&self) {
        self.world().journal.clear();
    }

    /// Puts a machine behind a BMC; one that is there is replaced.
    pub fn add_machine(&self, machine: Machine) {
        let mut world = self.world();
        let key = (machine.address.clone(), machine.system.clone());
        world.machines.insert(key, machine);
        world.disturbed();
    }

    /// A machine as it is now.
    pub fn machine(&self, address: &str, system: &str) -> Option<Machine> {
        let mut world = self.world();
        world.catch_up();
        let key = (address.to_owned(), system.to_owned());
        world.machines.get(&key).cloned()
    }

    /// Changes a machine by other hands than Ironic's. False if there is none.
    pub fn change_machine(
        &self,
        address: &str,
        system: &str,
        change: impl FnOnce(&mut Machine),
    ) -> bool {
        let mut world = self.world();
        world.catch_up();
        world.disturbed();
        let key = (address.to_owned(), system.to_owned());
        world.machines.get_mut(&key).map(change).is_some()
    }

    /// The machine of a node, by the node's name or UUID.
    pub fn machine_of(&self, node: &str) -> Option<Machine> {
        let mut world = self.world();
        world.catch_up();
        let key = world.find_node(node, u16::MAX).ok()?;
        world.machine_of(key).ok().cloned()
    }

    /// What a node's machine would boot if it was switched on now.
    pub fn boot(&self, node: &str) -> Option<Boot> {
        let mut world = self.world();
        world.catch_up();
        let key = world.find_node(node, u16::MAX).ok()?;
        Some(world.boot_of(key))
    }

    /// What a machine would boot if it was switched on now, whether or not Ironic has a node for it.
    /// None if there is no such machine.
    pub fn boot_of_machine(&self, address: &str, system: &str) -> Option<Boot> {
        let mut world = self.world();
        world.catch_up();
        let key = (address.to_owned(), system.to_owned());
        let machine = world.machines.get(&key)?;
        Some(world.boot_server.boot(machine, &machine.macs))
    }

    /// Puts a node, by its name or UUID, into a state as by hand, whatever it was doing. False if
    /// there is none.
    ///
    /// One that waits for a ramdisk waits until its time is over; another state that a node leaves
    /// by itself lasts until [`Sim::restart`].
    pub fn put_node(&self, node: &str, state: State) -> bool {
        let mut world = self.world();
        world.catch_up();
        let key = world.find_node(node, u16::MAX);
        key.map(|key| world.put(key, state)).is_ok()
    }

    /// Ironic loses its database. What it published for the machines stays, and so do they.
    pub fn lose_database(&self) {
        self.world().lose_database();
    }

    /// What Ironic published for the machines is lost: those that boot from it find nothing.
    pub fn lose_boot_files(&self) {
        self.world().boot_server.wipe();
    }

    /// Ironic dies: connections are cut, and nothing gets on, until [`Sim::restart`].
    pub fn crash(&self) {
        let mut world = self.world();
        world.catch_up();
        world.crash();
    }

    /// Ironic starts again: what it was doing when it died has failed.
    pub fn restart(&self) {
        let mut world = self.world();
        if world.is_running {
            world.catch_up();
            world.crash();
        }
        world.restart();
    }

    pub(crate) fn lock_retry(&self) -> Option<LockRetry> {
        self.world().settings.lock_retry
    }

    pub(crate) fn is_virtual(&self) -> bool {
        self.world().clock.is_virtual()
    }
}

fn handle(world: &mut World, request: &Request, is_last: bool) -> Response {
    world.catch_up();
    let about = api::understand(world, request);
    let fault = world.faults.strike_request(&Occasion {
        kind: &about.kind,
        method: &request.method,
        path: &request.path,
        node: about.node.as_deref(),
    });
    let response = if world.is_running {
        answer(world, request, fault.as_ref(), about.node.as_deref())
    } else {
        cut(Response::new(0, Vec::new()))
    };
    if response.is_locked && !is_last {
        return response;
    }
    world.journal.record(Entry {
        at: world.now,
        method: request.method.clone(),
        kind: about.kind,
        path: request.path.clone(),
        status: response.status,
        node: about.node,
        was_cut: response.is_cut,
    });
    response
}

fn answer(
    world: &mut World,
    request: &Request,
    fault: Option<&FaultKind>,
    node: Option<&str>,
) -> Response {
    match fault {
        None | Some(FaultKind::Fails(..)) => api::answer(world, request),
        Some(FaultKind::Status(status)) => {
            api::Error::plain(*status, "the simulator was asked for this answer").into_response()
        }
        Some(FaultKind::Slow(delay)) => Response {
            delay: *delay,
            ..api::answer(world, request)
        },
        Some(FaultKind::CutBefore) => cut(Response::new(0, Vec::new())),
        Some(FaultKind::CutAfter) => cut(api::answer(world, request)),
        Some(FaultKind::Locked(time)) => {
            lock(world, node, *time);
            api::answer(world, request)
        }
        Some(FaultKind::DatabaseLost) => {
            world.lose_database();
            api::answer(world, request)
        }
        Some(FaultKind::Crash(time)) => {
            world.crash();
            world.clock.advance(*time);
            world.restart();
            cut(Response::new(0, Vec::new()))
        }
    }
}

fn cut(response: Response) -> Response {
    Response {
        is_cut: true,
        ..response
    }
}

/// Lets another conductor hold a node.
fn lock(world: &mut World, node: Option<&str>, time: Duration) {
    let Some(key) = node.and_then(|uuid| world.store.node_by_uuid(uuid)) else {
        return;
    };
    let until = world.now.saturating_add(time);
    let host = format!("{}-2", world.settings.conductor);
    if let Ok(node) = world.node_mut(key) {
        node.lock = Some(Locked { host, until });
        world.alarm(key, time, Alarm::Unlock);
    }
}
