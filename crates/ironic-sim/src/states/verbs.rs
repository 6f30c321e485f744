//! Power, and what may be asked of a node.

use super::{Event, wire_states};

wire_states! {
    /// Whether a machine is on.
    pub enum Power {
        /// On.
        On = "power on",
        /// Off.
        Off = "power off",
    }
}

wire_states! {
    /// What may be asked of a node's power.
    pub(crate) enum PowerAction {
        /// Switch on.
        On = "power on",
        /// Cut the power.
        Off = "power off",
        /// Cut the power, then switch on.
        Reboot = "rebooting",
        /// Press the button, and wait for the machine to go down.
        SoftOff = "soft power off",
        /// Press the button, wait for the machine to go down, then switch on.
        SoftReboot = "soft rebooting",
    }
}

impl PowerAction {
    /// What the machine's power is to be in the end.
    pub(crate) fn target(self) -> Power {
        match self {
            Self::On | Self::Reboot | Self::SoftReboot => Power::On,
            Self::Off | Self::SoftOff => Power::Off,
        }
    }

    pub(crate) fn is_soft(self) -> bool {
        match self {
            Self::SoftOff | Self::SoftReboot => true,
            Self::On | Self::Off | Self::Reboot => false,
        }
    }
}

wire_states! {
    /// What may be asked of a node's provision state.
    pub(crate) enum Verb {
        /// Deploy.
        Active = "active",
        /// Deploy, by its newer name.
        Deploy = "deploy",
        /// Undeploy.
        Deleted = "deleted",
        /// Undeploy, by its newer name.
        Undeploy = "undeploy",
        /// To `manageable`.
        Manage = "manage",
        /// To `available`.
        Provide = "provide",
        /// Inspect.
        Inspect = "inspect",
        /// End what waits.
        Abort = "abort",
        /// Clean by given steps.
        Clean = "clean",
        /// Take over a running machine.
        Adopt = "adopt",
        /// Into rescue.
        Rescue = "rescue",
        /// Out of rescue.
        Unrescue = "unrescue",
        /// Let on what holds.
        Unhold = "unhold",
        /// Service by given steps.
        Service = "service",
        /// Deploy again, over what is there.
        Rebuild = "rebuild",
    }
}

impl Verb {
    /// What it is to the state machine.
    pub(crate) fn event(self) -> Event {
        match self {
            Self::Active | Self::Deploy => Event::Deploy,
            Self::Deleted | Self::Undeploy => Event::Delete,
            Self::Manage => Event::Manage,
            Self::Provide => Event::Provide,
            Self::Inspect => Event::Inspect,
            Self::Abort => Event::Abort,
            Self::Clean => Event::Clean,
            Self::Adopt => Event::Adopt,
            Self::Rescue => Event::Rescue,
            Self::Unrescue => Event::Unrescue,
            Self::Unhold => Event::Unhold,
            Self::Service => Event::Service,
            Self::Rebuild => Event::Rebuild,
        }
    }

    /// The lowest minor version that may ask for it (`MIN_VERB_VERSIONS`).
    pub(crate) fn since(self) -> u16 {
        match self {
            Self::Active | Self::Deleted | Self::Rebuild | Self::Unhold | Self::Service => 1,
            Self::Manage | Self::Provide => 4,
            Self::Inspect => 6,
            Self::Abort => 13,
            Self::Clean => 15,
            Self::Adopt => 17,
            Self::Rescue | Self::Unrescue => 38,
            Self::Deploy | Self::Undeploy => 73,
        }
    }
}
