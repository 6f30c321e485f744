//! Rescue (`_do_node_rescue`, `_do_node_unrescue`).

use super::World;
use crate::drivers::Interface;
use crate::model::NodeKey;
use crate::states::{Event, PowerAction};

impl World {
    /// What `rescuing` does after its delay.
    pub(super) fn rescue(&mut self, key: NodeKey) {
        let is_agent = self
            .store
            .nodes
            .get(&key)
            .is_some_and(|node| node.interface(Interface::Rescue) == "agent");
        if !is_agent {
            self.step(key, Event::Done);
            return;
        }
        match self
            .boot_ramdisk(key)
            .and_then(|()| self.switch(key, PowerAction::Reboot))
        {
            Ok(()) => self.wait_for_ramdisk(key, None),
            Err(words) => self.fail(key, "rescue", &format!("Failed to rescue: {words}")),
        }
    }

    /// What `unrescuing` does after its delay.
    pub(super) fn unrescue(&mut self, key: NodeKey) {
        let is_agent = self
            .store
            .nodes
            .get(&key)
            .is_some_and(|node| node.interface(Interface::Rescue) == "agent");
        if is_agent {
            self.clean_up_boot(key);
            let outcome = self
                .prepare_instance(key)
                .map_err(super::boots::PrepareFailure::words)
                .and_then(|()| self.switch(key, PowerAction::Reboot));
            if let Err(words) = outcome {
                self.fail(key, "rescue", &format!("Failed to unrescue: {words}"));
                return;
            }
        }
        self.step(key, Event::Done);
    }
}
