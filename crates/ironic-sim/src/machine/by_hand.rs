//! Nodes that are put into a state as by somebody who writes into Ironic's database.

use super::{World, enter};
use crate::model::NodeKey;
use crate::states::{Power, State};
use crate::world::Alarm;

impl World {
    /// Puts a node into a state, whatever it was doing. One that waits for a ramdisk waits until
    /// its time is over; other states that a node leaves by itself last until Ironic starts again.
    pub(crate) fn put(&mut self, key: NodeKey, state: State) {
        let date = self.date();
        let power = self
            .machine_of(key)
            .map_or(Power::Off, |machine| machine.power);
        let wait = self.settings.delays.callback_timeout;
        let until = self.now.saturating_add(wait);
        let Some(node) = self.store.nodes.get_mut(&key) else {
            return;
        };
        node.job = None;
        node.target_power = None;
        node.last_error = state
            .is_failure()
            .then(|| format!("The node was put into the state {state} by hand"));
        enter(node, state, date);
        node.target_state = state.target();
        if state == State::Enroll {
            node.power = None;
        } else {
            node.power.get_or_insert(power);
        }
        if state.wait().is_some() {
            node.wait_until = Some(until);
            self.alarm(key, wait, Alarm::WaitOver);
        }
    }
}
