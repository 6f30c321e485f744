//! Power (`conductor/utils.py`, `node_power_action`).

use std::time::Duration;

use serde_json::Value;

use super::{Work, World};
use crate::bmc::BmcError;
use crate::boot::Boot;
use crate::clock::isoformat;
use crate::drivers::{Interface, REDFISH};
use crate::faults::Failing;
use crate::model::NodeKey;
use crate::states::{Power, PowerAction};

/// How long Ironic waits for a machine to go down by itself, unless it is told otherwise
/// (`[conductor]soft_power_off_timeout`).
const SOFT_TIMEOUT: Duration = Duration::from_mins(10);
/// How long it waits for any other change (`[conductor]power_state_change_timeout`).
const TIMEOUT: Duration = Duration::from_mins(1);

impl World {
    /// Begins what was asked of a node's power.
    pub(crate) fn begin_power(
        &mut self,
        key: NodeKey,
        action: PowerAction,
        timeout: Option<Duration>,
    ) {
        let takes = self.power_takes(key, action, timeout);
        if let Some(node) = self.store.nodes.get_mut(&key) {
            node.target_power = Some(action.target());
            node.last_error = None;
        }
        self.start(key, Work::Power(action), takes);
    }

    /// How long it takes, or how long it is waited for.
    fn power_takes(
        &mut self,
        key: NodeKey,
        action: PowerAction,
        timeout: Option<Duration>,
    ) -> Duration {
        let delays = self.settings.delays;
        let is_redfish = self.is_redfish_power(key);
        let machine = if is_redfish {
            self.machine_of(key).ok()
        } else {
            None
        };
        let (is_on, is_stuck, honours_acpi) = machine.map_or((true, false, true), |machine| {
            (
                machine.power == Power::On,
                machine.is_power_stuck,
                machine.honours_acpi,
            )
        });
        let never = timeout.unwrap_or(if action.is_soft() {
            SOFT_TIMEOUT
        } else {
            TIMEOUT
        });
        if is_stuck {
            return never;
        }
        match action {
            PowerAction::On => delays.power_on,
            PowerAction::Off => delays.power_off,
            PowerAction::Reboot if is_on => delays.power_off.saturating_add(delays.power_on),
            PowerAction::Reboot | PowerAction::SoftReboot if !is_on => delays.power_on,
            PowerAction::SoftOff if !is_on => Duration::ZERO,
            PowerAction::SoftOff if !honours_acpi => never,
            PowerAction::SoftOff => delays.soft_power_off,
            PowerAction::Reboot | PowerAction::SoftReboot => {
                delays.soft_power_off.saturating_add(delays.power_on)
            }
        }
    }

    /// The end of what was asked.
    pub(super) fn end_power(&mut self, key: NodeKey, action: PowerAction) {
        // It says so itself if it fails.
        let _ = self.switch(key, action);
    }

    /// Switches a node, and notes how that went (`node_power_action`).
    pub(super) fn switch(&mut self, key: NodeKey, action: PowerAction) -> Result<(), String> {
        let before = match self.read_power(key) {
            Ok(before) => before,
            Err(error) => {
                let text = format!(
                    "Failed to change power state to '{action}': {}",
                    error.text()
                );
                self.power_failed(key, &text);
                return Err(error.text());
            }
        };
        let is_there = match action {
            PowerAction::On => before == Some(Power::On),
            PowerAction::Off | PowerAction::SoftOff => before == Some(Power::Off),
            PowerAction::Reboot | PowerAction::SoftReboot => false,
        };
        if is_there {
            if let Some(node) = self.store.nodes.get_mut(&key) {
                node.last_error = None;
                node.power = before;
                node.target_power = None;
            }
            return Ok(());
        }
        let date = isoformat(self.date());
        let date = date.trim_end_matches("+00:00").to_owned();
        if let Some(node) = self.store.nodes.get_mut(&key) {
            if !node.state.is_failure() {
                node.last_error = None;
            }
            node.driver_internal_info
                .insert("last_power_state_change".to_owned(), Value::from(date));
        }
        match self.set_power(key, action) {
            Ok(()) => {
                if let Some(node) = self.store.nodes.get_mut(&key) {
                    node.power = Some(action.target());
                    node.target_power = None;
                }
                self.boot_up(key, action);
                Ok(())
            }
            Err(words) => {
                let target = action.target();
                self.power_failed(
                    key,
                    &format!("Failed to change power state to '{target}' by '{action}': {words}"),
                );
                Err(words)
            }
        }
    }

    fn power_failed(&mut self, key: NodeKey, text: &str) {
        self.record(key, "None", text, true);
        if let Some(node) = self.store.nodes.get_mut(&key) {
            node.target_power = None;
        }
    }

    fn set_power(&mut self, key: NodeKey, action: PowerAction) -> Result<(), String> {
        let Some(uuid) = self.store.nodes.get(&key).map(|node| node.uuid.clone()) else {
            return Ok(());
        };
        let fault = self.faults.strike_work(&uuid, Failing::Power);
        if let Some(words) = fault {
            return Err(words);
        }
        if !self.is_redfish_power(key) {
            return Ok(());
        }
        self.open_bmc(key)
            .and_then(|machine| machine.switch(action))
            .map_err(|error: BmcError| error.text())
    }

    /// A machine that was switched on boots what it finds now.
    fn boot_up(&mut self, key: NodeKey, action: PowerAction) {
        if !self.is_redfish_power(key) {
            return;
        }
        let boot = match action.target() {
            Power::On => Some(self.boot_of(key)),
            Power::Off => None,
        };
        if let Ok(machine) = self.machine_of(key) {
            machine.booted = boot;
        }
    }

    /// What a node's machine boots if it is switched on now.
    pub(crate) fn boot_of(&mut self, key: NodeKey) -> Boot {
        let ports: Vec<String> = self
            .store
            .ports_of(key)
            .map(|port| port.address.clone())
            .collect();
        let Ok(machine) = self.machine_of(key) else {
            return self.boot_server.find(&ports);
        };
        let macs = if machine.macs.is_empty() {
            ports
        } else {
            machine.macs.clone()
        };
        let machine = machine.clone();
        self.boot_server.boot(&machine, &macs)
    }

    fn is_redfish_power(&self, key: NodeKey) -> bool {
        self.store
            .nodes
            .get(&key)
            .is_some_and(|node| node.interface(Interface::Power) == REDFISH)
    }
}
