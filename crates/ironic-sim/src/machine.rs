//! The conductor: what happens to nodes between requests.
//!
//! A request that is accepted gives its node a [`Job`], which holds the node's lock until it is
//! done. See `ironic/conductor/{manager,deployments,cleaning,verify,utils,task_manager}.py`.

mod adopt;
mod boots;
mod by_hand;
mod clean;
pub(crate) mod configure;
mod deploy;
mod inspect;
mod life;
mod power;
mod rescue;
mod service;
mod steps;
mod sync;
mod tear_down;
mod verify;

use std::time::Duration;

use serde_json::Value;

use crate::drivers::Interface;
use crate::model::{Event as History, Node, NodeKey};
use crate::states::{Event, PowerAction, State, next};
use crate::world::{Alarm, World};

/// What the conductor does with a node, holding its lock.
#[derive(Clone, Debug)]
pub(crate) struct Job {
    /// The conductor's name.
    pub(crate) host: String,
    /// What tells it from another job of the same node.
    id: u64,
    work: Work,
}

/// The kinds of work.
#[derive(Clone, Debug)]
pub(crate) enum Work {
    Verify,
    Inspect,
    /// Cleaning: by given steps, or by the node's own.
    Clean(Option<Vec<Value>>),
    /// The end of cleaning, after the ramdisk called.
    CleanEnd,
    CleanAbort,
    Deploy,
    /// The end of a deployment, after the ramdisk called.
    DeployEnd,
    DeployAbort,
    TearDown,
    Adopt,
    Rescue,
    Unrescue,
    Service(Vec<Value>),
    ServiceAbort,
    InspectEnd,
    Power(PowerAction),
    BootMode(String),
    SecureBoot(bool),
    Console(bool),
    AttachMedia {
        device: String,
        image: String,
    },
    DetachMedia(Option<Vec<String>>),
}

impl World {
    /// Gives a node something to do, that takes a while.
    pub(crate) fn start(&mut self, key: NodeKey, work: Work, takes: Duration) {
        let takes = if Self::calls_bmc(&work) && self.is_bmc_silent(key) {
            self.settings.delays.bmc_timeout
        } else {
            takes
        };
        let id = self.agenda_id();
        let host = self.settings.conductor.clone();
        if let Some(node) = self.store.nodes.get_mut(&key) {
            node.job = Some(Job { host, id, work });
            self.alarm(key, takes, Alarm::Job(id));
        }
    }

    /// Something rang at a node.
    pub(crate) fn wake(&mut self, key: NodeKey, alarm: Alarm) {
        let Some(node) = self.store.nodes.get_mut(&key) else {
            return;
        };
        match alarm {
            Alarm::Job(id) => {
                let is_current = node.job.as_ref().is_some_and(|job| job.id == id);
                if is_current && let Some(job) = node.job.take() {
                    self.work(key, &job);
                }
            }
            Alarm::Ramdisk(until) => {
                if node.wait_until == Some(until) {
                    node.wait_until = None;
                    self.ramdisk_called(key);
                }
            }
            Alarm::WaitOver => {
                if node.wait_until == Some(self.now) {
                    node.wait_until = None;
                    self.waited_too_long(key);
                }
            }
            Alarm::Unlock => {
                let now = self.now;
                node.lock.take_if(|lock| lock.until <= now);
            }
        }
    }

    fn work(&mut self, key: NodeKey, job: &Job) {
        match &job.work {
            Work::Verify => self.verify(key),
            Work::Inspect => self.inspect(key),
            Work::InspectEnd => self.step(key, Event::Done),
            Work::Clean(steps) => self.clean(key, steps.as_deref()),
            Work::CleanEnd => self.end_clean(key),
            Work::CleanAbort => self.end_clean_abort(key),
            Work::Deploy => self.deploy(key),
            Work::DeployEnd => self.end_image_deploy(key),
            Work::DeployAbort => self.clean_up_boot(key),
            Work::TearDown => self.tear_down(key),
            Work::Adopt => self.adopt(key),
            Work::Rescue => self.rescue(key),
            Work::Unrescue => self.unrescue(key),
            Work::Service(steps) => self.service(key, steps),
            Work::ServiceAbort => self.end_service_abort(key),
            Work::Power(action) => self.end_power(key, *action),
            Work::BootMode(mode) => self.end_boot_mode(key, mode),
            Work::SecureBoot(is_on) => self.end_secure_boot(key, *is_on),
            Work::Console(is_on) => self.end_console(key, *is_on),
            Work::AttachMedia { device, image } => self.end_attach(key, device, image),
            Work::DetachMedia(devices) => self.end_detach(key, devices.as_deref()),
        }
    }

    /// Whether a job would wait for a BMC that does not answer.
    fn calls_bmc(work: &Work) -> bool {
        match work {
            Work::Verify
            | Work::Inspect
            | Work::Deploy
            | Work::TearDown
            | Work::Power(_)
            | Work::BootMode(_)
            | Work::SecureBoot(_)
            | Work::AttachMedia { .. }
            | Work::DetachMedia(_)
            | Work::CleanAbort
            | Work::CleanEnd
            | Work::DeployEnd => true,
            Work::Clean(_)
            | Work::DeployAbort
            | Work::InspectEnd
            | Work::Adopt
            | Work::Rescue
            | Work::Unrescue
            | Work::Service(_)
            | Work::ServiceAbort
            | Work::Console(_) => false,
        }
    }

    /// Moves a node on, at the end of some work. Does nothing where the event leads nowhere.
    fn step(&mut self, key: NodeKey, event: Event) {
        self.step_towards(key, event, None);
    }

    /// The same, where the node is meant to end elsewhere than usual.
    fn step_towards(&mut self, key: NodeKey, event: Event, target: Option<State>) {
        let date = self.date();
        let Some(node) = self.store.nodes.get_mut(&key) else {
            return;
        };
        let Some(state) = next(node.state, event) else {
            return;
        };
        enter(node, state, date);
        node.target_state = if state.is_stable() {
            None
        } else {
            target.or(state.target())
        };
    }

    /// Moves a node on and gives it something to do: what failed before is forgotten.
    /// False where the event leads nowhere.
    pub(crate) fn begin(
        &mut self,
        key: NodeKey,
        event: Event,
        target: Option<State>,
        work: Work,
        takes: Duration,
    ) -> bool {
        let date = self.date();
        let Some(node) = self.store.nodes.get_mut(&key) else {
            return false;
        };
        let Some(state) = next(node.state, event) else {
            return false;
        };
        enter(node, state, date);
        node.target_state = target.or(state.target());
        node.last_error = None;
        self.start(key, work, takes);
        true
    }

    /// Moves a node on without work, as a request asks.
    pub(crate) fn begin_and_end(&mut self, key: NodeKey, event: Event) -> bool {
        let is_possible = self
            .store
            .nodes
            .get(&key)
            .is_some_and(|node| next(node.state, event).is_some());
        self.step(key, event);
        is_possible
    }

    /// Writes a line into a node's history; a failure is also its `last_error`.
    fn record(&mut self, key: NodeKey, event_type: &str, text: &str, is_error: bool) {
        let uuid = self.new_uuid();
        let created_at = self.date();
        let conductor = self.settings.conductor.clone();
        let Some(node) = self.store.nodes.get_mut(&key) else {
            return;
        };
        if is_error {
            node.last_error = Some(text.to_owned());
        }
        let duration = node
            .provision_updated_at
            .map(|since| created_at.duration_since(since).as_secs());
        node.history.push(History {
            uuid,
            created_at,
            severity: if is_error { "ERROR" } else { "INFO" },
            event_type: event_type.to_owned(),
            event: text.to_owned(),
            conductor,
            state: node.state.as_str(),
            target_state: node.target_state.map(State::as_str),
            duration,
        });
    }

    /// Records a failure, and moves the node on.
    fn fail(&mut self, key: NodeKey, event_type: &str, text: &str) {
        self.record(key, event_type, text, true);
        self.step(key, Event::Fail);
    }

    /// Lets a node wait for its ramdisk.
    fn wait_for_ramdisk(&mut self, key: NodeKey, target: Option<State>) {
        self.step_towards(key, Event::Wait, target);
        let until = self
            .now
            .saturating_add(self.settings.delays.callback_timeout);
        if let Some(node) = self.store.nodes.get_mut(&key) {
            node.wait_until = Some(until);
        }
        self.alarm(key, self.settings.delays.callback_timeout, Alarm::WaitOver);
        if self.settings.ramdisk_agent {
            self.alarm(key, self.settings.delays.ramdisk, Alarm::Ramdisk(until));
        }
    }

    fn agenda_id(&mut self) -> u64 {
        self.agenda.next_id()
    }

    /// The deploy interface, which `instance_info` may override.
    pub(crate) fn deploy_interface(node: &Node) -> &str {
        node.instance_info
            .get("deploy_interface")
            .and_then(Value::as_str)
            .unwrap_or_else(|| node.interface(Interface::Deploy))
    }
}

/// Puts a node into a state, and notes when.
fn enter(node: &mut Node, state: State, date: jiff::Timestamp) {
    let before = node.state;
    let was_inspected = matches!(before, State::Inspecting | State::InspectWait);
    node.state = state;
    node.provision_updated_at = Some(date);
    node.updated_at = Some(date);
    node.wait_until = None;
    if state == State::Inspecting {
        node.inspection_started_at = Some(date);
        node.inspection_finished_at = None;
    } else if was_inspected && state == State::Manageable {
        node.inspection_started_at = None;
        node.inspection_finished_at = Some(date);
    } else if was_inspected && state == State::InspectFailed {
        node.inspection_started_at = None;
    }
}
