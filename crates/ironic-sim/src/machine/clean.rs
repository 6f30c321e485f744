//! Cleaning (`conductor/cleaning.py`).

use serde_json::Value;

use super::steps::{Flow, fake_clean_step};
use super::{Work, World};
use crate::drivers::Interface;
use crate::faults::Failing;
use crate::model::{Node, NodeKey, Object};
use crate::python;
use crate::states::{Event, PowerAction, State};

impl World {
    /// Whether a node is cleaned when nobody asks for it.
    pub(super) fn cleans_by_itself(&self, node: &Node) -> bool {
        node.automated_clean
            .unwrap_or(self.settings.automated_clean)
    }

    /// What `cleaning` does after its delay. Without steps, it is the node's own cleaning.
    pub(super) fn clean(&mut self, key: NodeKey, steps: Option<&[Value]>) {
        let Some(node) = self.store.nodes.get(&key) else {
            return;
        };
        if steps.is_none() && !self.cleans_by_itself(node) {
            if let Some(node) = self.store.nodes.get_mut(&key) {
                node.clean_step = Object::new();
            }
            self.step(key, Event::Done);
            return;
        }
        let target = steps.is_some().then_some(State::Manageable);
        let uuid = node.uuid.clone();
        let fault = self.faults.strike_work(&uuid, Failing::Clean);
        if let Some(words) = fault {
            self.clean_failed(key, &words, target);
            return;
        }
        if let Some(node) = self.store.nodes.get_mut(&key) {
            let steps = steps.map_or(Value::Null, |steps| Value::Array(steps.to_vec()));
            node.driver_internal_info
                .insert("clean_steps".to_owned(), steps);
        }
        if !self.deploys_without_ramdisk(key) {
            self.boot_cleaning_ramdisk(key, target);
            return;
        }
        if let Some(unknown) = steps
            .unwrap_or_default()
            .iter()
            .find(|step| !is_known(step))
        {
            let text = format!(
                "Cannot clean node {uuid}: node does not support these clean steps: {}",
                python::repr(unknown)
            );
            self.clean_failed(key, &text, target);
            return;
        }
        let flow = if steps.is_some() {
            Flow::ManualCleaning
        } else {
            Flow::AutomatedCleaning
        };
        let own = [fake_clean_step()];
        self.flow_starts(key, flow, steps.unwrap_or(&own));
        self.end_clean_towards(key, steps.is_some());
    }

    fn boot_cleaning_ramdisk(&mut self, key: NodeKey, target: Option<State>) {
        let outcome = self
            .boot_ramdisk(key)
            .and_then(|()| self.switch(key, PowerAction::Reboot));
        match outcome {
            Ok(()) => self.wait_for_ramdisk(key, target),
            Err(words) => {
                let uuid = self.uuid_of(key);
                let text = format!("Failed to prepare node {uuid} for cleaning: {words}");
                self.clean_failed(key, &text, target);
            }
        }
    }

    /// The ramdisk has called: cleaning ends well.
    pub(super) fn end_clean(&mut self, key: NodeKey) {
        let is_manual = self
            .store
            .nodes
            .get(&key)
            .is_some_and(|node| node.target_state == Some(State::Manageable));
        self.end_clean_towards(key, is_manual);
    }

    fn end_clean_towards(&mut self, key: NodeKey, is_manual: bool) {
        if !self.deploys_without_ramdisk(key) {
            // A machine that can't be switched off now is seen by the next look at the power.
            let _ = self.switch(key, PowerAction::Off);
            self.clean_up_boot(key);
        }
        self.cache(key);
        let flow = if is_manual {
            Flow::ManualCleaning
        } else {
            Flow::AutomatedCleaning
        };
        // By then, Ironic has forgotten the steps.
        self.flow_ends(key, flow, &[]);
        let Some(node) = self.store.nodes.get_mut(&key) else {
            return;
        };
        node.clean_step = Object::new();
        node.driver_internal_info
            .insert("clean_steps".to_owned(), Value::Null);
        let event = if is_manual || node.retired {
            Event::Manage
        } else {
            Event::Done
        };
        self.step(key, event);
    }

    fn clean_failed(&mut self, key: NodeKey, text: &str, target: Option<State>) {
        if let Some(node) = self.store.nodes.get_mut(&key) {
            if !node.clean_step.is_empty() {
                node.fault = Some("clean failure".to_owned());
                node.maintenance = true;
                node.maintenance_reason
                    .get_or_insert_with(|| text.to_owned());
            }
            node.clean_step = Object::new();
        }
        self.clean_up_boot(key);
        self.record(key, "cleaning", text, true);
        self.step_towards(key, Event::Fail, target);
    }

    /// Begins to end a wait, because somebody asked.
    pub(crate) fn begin_clean_abort(&mut self, key: NodeKey) {
        let target = self
            .store
            .nodes
            .get(&key)
            .and_then(|node| node.target_state)
            .filter(|target| *target == State::Manageable);
        let takes = self.settings.delays.power_off;
        if self.begin(key, Event::Abort, target, Work::CleanAbort, takes)
            && let Some(node) = self.store.nodes.get_mut(&key)
        {
            node.last_error = Some(CLEAN_ABORTED.to_owned());
        }
    }

    pub(super) fn end_clean_abort(&mut self, key: NodeKey) {
        // As above.
        let _ = self.switch(key, PowerAction::Off);
        self.clean_up_boot(key);
        if let Some(node) = self.store.nodes.get_mut(&key) {
            node.last_error = Some(CLEAN_ABORTED.to_owned());
            node.clean_step = Object::new();
            node.driver_internal_info
                .insert("clean_steps".to_owned(), Value::Null);
        }
    }

    /// The wait for a cleaning ramdisk was too long.
    pub(super) fn clean_timed_out(&mut self, key: NodeKey) {
        let Some(node) = self.store.nodes.get(&key) else {
            return;
        };
        let target = node.target_state;
        let step = python::repr(&Value::Object(node.clean_step.clone()));
        let text = format!(
            "Timeout reached while cleaning the node. Please check if the ramdisk responsible for \
             the cleaning is running on the node. Failed on step {step}."
        );
        let _ = self.switch(key, PowerAction::Off);
        self.clean_failed(key, &text, target);
    }

    /// Whether the deploy interface needs no ramdisk.
    pub(super) fn deploys_without_ramdisk(&self, key: NodeKey) -> bool {
        self.store
            .nodes
            .get(&key)
            .is_some_and(|node| matches!(Self::deploy_interface(node), "fake" | "noop"))
    }

    pub(super) fn uuid_of(&self, key: NodeKey) -> String {
        self.store
            .nodes
            .get(&key)
            .map(|node| node.uuid.clone())
            .unwrap_or_default()
    }

    /// Whether a node's boot interface is one that does nothing.
    pub(super) fn has_fake_boot(&self, key: NodeKey) -> bool {
        self.store
            .nodes
            .get(&key)
            .is_some_and(|node| node.interface(Interface::Boot) == "fake")
    }
}

/// What Ironic says of cleaning that was ended by a request.
const CLEAN_ABORTED: &str = "By request, the clean operation was aborted";

/// Whether a step is one of the fake hardware's.
fn is_known(step: &Value) -> bool {
    let text = |key: &str| step.get(key).and_then(Value::as_str).unwrap_or_default();
    matches!(
        (text("interface"), text("step")),
        ("vendor", "log_passthrough")
            | (
                "bios",
                "apply_configuration" | "factory_reset" | "cache_bios_settings"
            )
            | ("raid", "create_configuration" | "delete_configuration")
            | ("firmware", "update")
    )
}
