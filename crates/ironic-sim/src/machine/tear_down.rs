//! Undeploying (`_do_node_tear_down`).

use serde_json::Value;

use super::{Work, World};
use crate::faults::Failing;
use crate::model::NodeKey;
use crate::states::{Event, PowerAction};
use crate::storage;

impl World {
    /// What `deleting` does after its delay; cleaning follows under the same lock.
    pub(super) fn tear_down(&mut self, key: NodeKey) {
        let outcome = self.try_tear_down(key);
        if let Err(words) = &outcome {
            let text = format!("Failed to tear down: {words}");
            self.fail(key, "unprovision", &text);
        }
        self.store.clear_instance(key);
        if let Some(node) = self.store.nodes.get_mut(&key) {
            node.driver_internal_info
                .insert("deploy_steps".to_owned(), Value::Null);
            node.console_enabled = false;
        }
        if outcome.is_ok() {
            self.step(key, Event::Clean);
            let takes = self.settings.delays.clean;
            self.start(key, Work::Clean(None), takes);
        }
    }

    fn try_tear_down(&mut self, key: NodeKey) -> Result<(), String> {
        let uuid = self.uuid_of(key);
        let fault = self.faults.strike_work(&uuid, Failing::TearDown);
        if let Some(words) = fault {
            return Err(words);
        }
        if self.deploys_without_ramdisk(key) {
            return Ok(());
        }
        self.clean_up_boot(key);
        let keeps_power = self
            .store
            .nodes
            .get(&key)
            .is_some_and(|node| node.disable_power_off);
        if !keeps_power {
            self.switch(key, PowerAction::Off)?;
        }
        if storage::needs_cinder(&self.store, key) {
            return Err(storage::CINDER_IS_DOWN.to_owned());
        }
        let targets: Vec<u64> = self
            .store
            .nodes
            .get(&key)
            .map(|node| node.targets.iter().copied().collect())
            .unwrap_or_default();
        for target in targets {
            self.store.remove_target(target);
        }
        if let Some(node) = self.store.nodes.get_mut(&key) {
            node.driver_internal_info.remove("boot_from_volume");
        }
        Ok(())
    }
}
