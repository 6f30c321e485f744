//! The conductor's look at the machines' power (`_sync_power_states`,
//! `_power_failure_recovery`).

use super::World;
use crate::bmc::BmcError;
use crate::drivers::Interface;
use crate::model::{Node, NodeKey};
use crate::states::{Power, PowerAction};

/// The fault of nodes whose power can't be read.
const POWER_FAILURE: &str = "power failure";

impl World {
    /// Looks at all nodes.
    ///
    /// A look that finds what is recorded also forgets `last_error`: Ironic does, so an error is
    /// seen for a few seconds only.
    pub(crate) fn sync_power(&mut self) {
        let keys: Vec<NodeKey> = self
            .store
            .nodes
            .iter()
            .filter(|(_, node)| is_looked_at(node))
            .map(|(key, _)| *key)
            .collect();
        for key in keys {
            self.sync_node(key);
        }
    }

    fn sync_node(&mut self, key: NodeKey) {
        let read = self.read_power(key);
        let Some(node) = self.store.nodes.get_mut(&key) else {
            return;
        };
        if node.maintenance {
            if let Ok(power) = read {
                node.power = power;
                node.maintenance = false;
                node.maintenance_reason = None;
                node.fault = None;
                node.power_failures = 0;
            }
            return;
        }
        match read {
            Err(BmcError::Misconfigured(_)) if node.power.is_none() => {}
            Err(error) => self.power_unknown(key, &error),
            Ok(power) => {
                node.power_failures = 0;
                if node.power == power || node.power.is_none() {
                    node.power = power;
                    node.last_error = None;
                } else {
                    self.power_differs(key, power);
                }
            }
        }
    }

    fn power_unknown(&mut self, key: NodeKey, error: &BmcError) {
        let limit = self.settings.power_sync_max_retries;
        let Some(node) = self.store.nodes.get_mut(&key) else {
            return;
        };
        node.power_failures += 1;
        if node.power_failures <= limit {
            return;
        }
        let expected = node.power.map_or("None", Power::as_str);
        let text = format!(
            "During sync_power_state, max retries exceeded for node {}, node state None does not \
             match expected state '{expected}'. Updating DB state to 'None' Switching node to \
             maintenance mode. Error: {}",
            node.uuid,
            error.text()
        );
        node.power = None;
        node.maintenance = true;
        node.maintenance_reason = Some(text.clone());
        node.fault = Some(POWER_FAILURE.to_owned());
        self.record(key, "monitoring", &text, true);
    }

    fn power_differs(&mut self, key: NodeKey, power: Option<Power>) {
        let Some(node) = self.store.nodes.get_mut(&key) else {
            return;
        };
        if self.settings.force_power_state && !node.disable_power_off {
            let action = match node.power {
                Some(Power::On) => PowerAction::On,
                Some(Power::Off) => PowerAction::Off,
                None => return,
            };
            // It is recorded if that fails, and tried again at the next look.
            let _ = self.switch(key, action);
        } else {
            node.power = power;
        }
    }
}

/// Whether a look could find anything at a node, or change it.
fn is_looked_at(node: &Node) -> bool {
    let is_free = node.job.is_none() && node.lock.is_none() && node.target_power.is_none();
    if !is_free || node.state.is_without_power_sync() {
        return false;
    }
    if node.maintenance {
        return node.fault.as_deref() == Some(POWER_FAILURE);
    }
    node.last_error.is_some() || node.interface(Interface::Power) != "fake"
}
