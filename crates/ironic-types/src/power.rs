//! Power states, and what can be asked of them.

use crate::wire_enum::{closed_enum, open_enum};

open_enum! {
    /// Whether a machine is on, as Ironic last saw it.
    ///
    /// Ironic looks at intervals (`[conductor]sync_power_state_interval`) and after its own
    /// actions; a machine that switched itself off is seen with that delay.
    /// A node that Ironic has not looked at yet has no power state at all.
    pub enum PowerState {
        /// On.
        On = "power on",
        /// Off.
        Off = "power off",
        /// On its way through a reboot.
        Rebooting = "rebooting",
        /// Ironic could not tell.
        Error = "error",
    }
}

closed_enum! {
    /// What can be asked of a node's power.
    ///
    /// See `ironic/api/controllers/v1/node.py`, `NodeStatesController.power`.
    pub enum PowerTarget {
        /// Switch on.
        On = "power on",
        /// Cut the power.
        Off = "power off",
        /// Cut the power, then switch on.
        Reboot = "rebooting",
        /// Press the power button, and wait for the machine to go down.
        SoftOff = "soft power off",
        /// Press the power button, wait for the machine to go down, then switch on.
        SoftReboot = "soft rebooting",
    }
}
