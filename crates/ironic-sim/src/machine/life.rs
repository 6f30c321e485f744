//! Calls and silence of ramdisks; the conductor's own death and return.

use super::{Work, World};
use crate::model::{NodeKey, Store};
use crate::states::{Event, State, Wait};

impl World {
    /// The ramdisk of a waiting node has called.
    pub(super) fn ramdisk_called(&mut self, key: NodeKey) {
        let Some(state) = self.store.nodes.get(&key).map(|node| node.state) else {
            return;
        };
        let delays = self.settings.delays;
        let (work, takes) = match state.wait() {
            Some(Wait::Deploy) => (Work::DeployEnd, delays.deploy),
            Some(Wait::Clean) => (Work::CleanEnd, delays.clean),
            Some(Wait::Inspect) => (Work::InspectEnd, delays.inspect),
            Some(Wait::Service) => (Work::Service(Vec::new()), delays.service),
            Some(Wait::Rescue) => {
                self.step(key, Event::Resume);
                self.step(key, Event::Done);
                return;
            }
            None => return,
        };
        let target = self
            .store
            .nodes
            .get(&key)
            .and_then(|node| node.target_state);
        self.step_towards(key, Event::Resume, target);
        self.start(key, work, takes);
    }

    /// A node has waited for its ramdisk for too long.
    pub(super) fn waited_too_long(&mut self, key: NodeKey) {
        let Some(node) = self.store.nodes.get(&key) else {
            return;
        };
        if node.maintenance || node.locked_by().is_some() {
            return;
        }
        let uuid = node.uuid.clone();
        match node.state.wait() {
            Some(Wait::Clean) => self.clean_timed_out(key),
            Some(Wait::Deploy) => {
                self.clean_up_boot(key);
                let text = format!("Timeout reached while waiting for callback for node {uuid}");
                self.fail(key, "deploying", &text);
            }
            Some(Wait::Inspect) => {
                let text = "Timeout reached while inspecting the node. Please check if the ramdisk \
                            responsible for the inspection is running on the node.";
                self.fail(key, "introspection", text);
            }
            Some(Wait::Rescue) => {
                let text = "Timeout reached while waiting for rescue ramdisk callback for node";
                self.fail(key, "rescue", text);
            }
            Some(Wait::Service) => {
                let text = "Timeout reached while servicing the node. Please check if the ramdisk \
                            responsible for the servicing is running on the node.";
                self.fail(key, "servicing", text);
            }
            None => {}
        }
    }

    /// Ironic dies: nothing gets on, and nobody answers.
    pub(crate) fn crash(&mut self) {
        self.is_running = false;
    }

    /// Ironic starts: nodes that were being worked on have failed
    /// (`base_manager.init_host`, `_correct_stuck_states`).
    pub(crate) fn restart(&mut self) {
        self.is_running = true;
        self.started_at = self.clock.now();
        self.now = self.started_at;
        self.next_power_sync = self
            .settings
            .power_sync
            .map(|interval| self.now.saturating_add(interval));
        let host = self.settings.conductor.clone();
        let keys: Vec<NodeKey> = self.store.nodes.keys().copied().collect();
        for key in keys {
            let Some(node) = self.store.nodes.get_mut(&key) else {
                continue;
            };
            let was_locked = node.job.take().is_some();
            node.lock.take_if(|lock| lock.host == host);
            if was_locked && node.target_power.take().is_some() {
                node.last_error =
                    Some("Pending power operation was aborted due to conductor restart".to_owned());
            }
            if node.state.is_stuck_after_restart() {
                let target = node
                    .target_state
                    .filter(|target| *target == State::Manageable && node.state == State::Cleaning);
                let text = format!(
                    "The {} state can't be resumed by conductor {host}. Moving to fail state.",
                    node.state
                );
                self.record(key, "transition", &text, true);
                self.step_towards(key, Event::Fail, target);
            }
        }
        self.catch_up();
    }

    /// Ironic's database is empty again. The machines, and what was published for them, stay.
    pub(crate) fn lose_database(&mut self) {
        self.store = Store::default();
        self.agenda.clear();
    }
}

impl World {
    /// Ends what a node waits in, because somebody asked (`_do_abort`).
    pub(crate) fn abort(&mut self, key: NodeKey) -> Result<(), String> {
        let Some(node) = self.store.nodes.get(&key) else {
            return Ok(());
        };
        let takes = self.settings.delays.power_off;
        match node.state {
            State::CleanWait | State::CleanHold => self.begin_clean_abort(key),
            State::ServiceWait | State::ServiceHold => self.begin_service_abort(key),
            State::ServiceFailed if node.maintenance => {
                return Err(format!(
                    "Can not abort service on node \"{}\" while it is in maintenance mode. Please \
                     remove the node from maintenance prior to issuing the request to abort the \
                     service operation.",
                    node.uuid
                ));
            }
            State::ServiceFailed => {
                self.begin(key, Event::Abort, None, Work::ServiceAbort, takes);
            }
            State::InspectWait => {
                self.clean_up_boot(key);
                self.record(
                    key,
                    "introspection",
                    "Inspection was aborted by request.",
                    true,
                );
                self.step(key, Event::Abort);
            }
            State::DeployWait | State::DeployHold => {
                self.begin(key, Event::Abort, None, Work::DeployAbort, takes);
            }
            State::RescueWait => {
                self.clean_up_boot(key);
                self.step(key, Event::Abort);
            }
            State::Enroll
            | State::Verifying
            | State::Manageable
            | State::Available
            | State::Active
            | State::Deploying
            | State::DeployFailed
            | State::Deleting
            | State::Cleaning
            | State::CleanFailed
            | State::Error
            | State::Inspecting
            | State::InspectFailed
            | State::Adopting
            | State::AdoptFailed
            | State::Rescue
            | State::Rescuing
            | State::RescueFailed
            | State::Unrescuing
            | State::UnrescueFailed
            | State::Servicing => {}
        }
        Ok(())
    }
}
