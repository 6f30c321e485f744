//! Servicing (`conductor/servicing.py`).

use serde_json::{Map, Value};

use super::steps::Flow;
use super::{Work, World};
use crate::model::{NodeKey, Object};
use crate::python;
use crate::states::{Event, PowerAction};

/// What Ironic says of servicing that was ended by a request.
const ABORTED: &str = "By request, the service operation was aborted";

impl World {
    /// What `servicing` does after its delay.
    pub(super) fn service(&mut self, key: NodeKey, steps: &[Value]) {
        let uuid = self.uuid_of(key);
        let is_fake = self
            .store
            .nodes
            .get(&key)
            .is_some_and(|node| node.driver == crate::drivers::FAKE);
        if is_fake && !steps.is_empty() {
            self.flow_starts(key, Flow::Servicing, steps);
        }
        for step in steps {
            let name = step.get("step").and_then(Value::as_str).unwrap_or_default();
            match (is_fake, name) {
                (true, "log_passthrough") => {}
                (true, "trigger_servicewait") => {
                    if let Some(node) = self.store.nodes.get_mut(&key) {
                        node.service_step = waiting_step(step);
                    }
                    self.wait_for_ramdisk(key, None);
                    return;
                }
                (true, _) => {
                    let step = python::repr(step);
                    let text = format!(
                        "Cannot service node {uuid}: node does not support these service steps: {step}"
                    );
                    self.fail(key, "servicing", &text);
                    return;
                }
                (false, _) => {
                    self.boot_service_ramdisk(key, &uuid);
                    return;
                }
            }
        }
        self.end_service(key);
    }

    fn boot_service_ramdisk(&mut self, key: NodeKey, uuid: &str) {
        self.clean_up_boot(key);
        let outcome = self
            .boot_ramdisk(key)
            .and_then(|()| self.switch(key, PowerAction::Reboot));
        match outcome {
            Ok(()) => self.wait_for_ramdisk(key, None),
            Err(words) => {
                let text = format!("Failed to prepare node {uuid} for service: {words}");
                self.fail(key, "servicing", &text);
            }
        }
    }

    /// Servicing ends well.
    pub(super) fn end_service(&mut self, key: NodeKey) {
        if let Some(node) = self.store.nodes.get_mut(&key) {
            node.service_step = Object::new();
        }
        self.flow_ends(key, Flow::Servicing, &[]);
        self.step(key, Event::Done);
    }

    /// Begins to end a wait, because somebody asked.
    ///
    /// A step that may not be interrupted is only marked, and then goes on.
    pub(crate) fn begin_service_abort(&mut self, key: NodeKey) {
        let Some(node) = self.store.nodes.get_mut(&key) else {
            return;
        };
        let is_abortable = node
            .service_step
            .get("abortable")
            .is_some_and(crate::mask::is_truthy);
        if !node.service_step.is_empty() && !is_abortable {
            node.service_step
                .insert("abort_after".to_owned(), Value::from(true));
            return;
        }
        let takes = self.settings.delays.power_off;
        if node.state != crate::states::State::ServiceFailed {
            self.step(key, Event::Fail);
        }
        self.begin(key, Event::Abort, None, Work::ServiceAbort, takes);
    }

    pub(super) fn end_service_abort(&mut self, key: NodeKey) {
        if let Some(node) = self.store.nodes.get_mut(&key) {
            node.service_step = Object::new();
            node.last_error = Some(ABORTED.to_owned());
        }
    }
}

/// A step as a node shows it.
fn waiting_step(step: &Value) -> Object {
    let mut shown: Object = step.as_object().cloned().unwrap_or_else(Map::new);
    shown.insert("abortable".to_owned(), Value::from(false));
    shown.insert("priority".to_owned(), Value::from(0));
    shown
}
