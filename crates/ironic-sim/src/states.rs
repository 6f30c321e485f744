//! Provision and power states, and what leads from one to another.
//!
//! See `ironic/common/states.py` and `ironic/common/state_machine.py`.

mod machine;
mod verbs;

pub(crate) use machine::{Event, next};
pub use verbs::Power;
pub(crate) use verbs::{PowerAction, Verb};

/// An enum that is a text on the wire.
macro_rules! wire_states {
    ($(#[$doc:meta])* $vis:vis enum $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $text:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        $vis enum $name { $($(#[$variant_doc])* $variant,)+ }

        impl $name {
            /// As it is on the wire.
            $vis fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text,)+ }
            }

            /// The one with this text.
            $vis fn parse(text: &str) -> Option<Self> {
                match text { $($text => Some(Self::$variant),)+ _ => None }
            }
        }

        impl ::std::fmt::Display for $name {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
}

use wire_states;

wire_states! {
    /// Where a node is in its life.
    pub enum State {
        /// Known, its credentials not yet tried.
        Enroll = "enroll",
        /// Its credentials are being tried.
        Verifying = "verifying",
        /// Under control, and not for deployment.
        Manageable = "manageable",
        /// Ready to be deployed.
        Available = "available",
        /// Deployed.
        Active = "active",
        /// Being deployed.
        Deploying = "deploying",
        /// A deployment waits for the machine.
        DeployWait = "wait call-back",
        /// A deployment failed.
        DeployFailed = "deploy failed",
        /// A deployment waits to be let on.
        DeployHold = "deploy hold",
        /// Being undeployed.
        Deleting = "deleting",
        /// Being cleaned.
        Cleaning = "cleaning",
        /// Cleaning waits for the machine.
        CleanWait = "clean wait",
        /// Cleaning failed.
        CleanFailed = "clean failed",
        /// Cleaning waits to be let on.
        CleanHold = "clean hold",
        /// Undeploying failed.
        Error = "error",
        /// Being inspected.
        Inspecting = "inspecting",
        /// Inspection waits for the machine.
        InspectWait = "inspect wait",
        /// Inspection failed.
        InspectFailed = "inspect failed",
        /// A running machine is being taken over.
        Adopting = "adopting",
        /// Taking over failed.
        AdoptFailed = "adopt failed",
        /// In rescue.
        Rescue = "rescue",
        /// On its way into rescue.
        Rescuing = "rescuing",
        /// Rescuing waits for the machine.
        RescueWait = "rescue wait",
        /// Rescuing failed.
        RescueFailed = "rescue failed",
        /// On its way out of rescue.
        Unrescuing = "unrescuing",
        /// The way out of rescue failed.
        UnrescueFailed = "unrescue failed",
        /// Being serviced.
        Servicing = "servicing",
        /// Servicing waits for the machine.
        ServiceWait = "service wait",
        /// Servicing failed.
        ServiceFailed = "service failed",
        /// Servicing waits to be let on.
        ServiceHold = "service hold",
    }
}

impl State {
    /// Whether a node stays there until it is asked for something.
    pub(crate) fn is_stable(self) -> bool {
        matches!(
            self,
            Self::Enroll
                | Self::Manageable
                | Self::Available
                | Self::Active
                | Self::Error
                | Self::Rescue
        )
    }

    /// Whether a node may leave it without being asked (`UNSTABLE_STATES`).
    pub(crate) fn is_unstable(self) -> bool {
        matches!(
            self,
            Self::Deploying
                | Self::DeployWait
                | Self::Cleaning
                | Self::CleanWait
                | Self::Verifying
                | Self::Deleting
                | Self::Inspecting
                | Self::InspectWait
                | Self::Adopting
                | Self::Rescuing
                | Self::RescueWait
                | Self::Unrescuing
                | Self::Servicing
                | Self::ServiceWait
        )
    }

    /// Whether a node may be changed although it is on its way (`UPDATE_ALLOWED_STATES`).
    pub(crate) fn allows_update(self) -> bool {
        matches!(
            self,
            Self::DeployFailed
                | Self::Inspecting
                | Self::InspectFailed
                | Self::InspectWait
                | Self::CleanFailed
                | Self::Error
                | Self::Verifying
                | Self::AdoptFailed
                | Self::RescueFailed
                | Self::UnrescueFailed
                | Self::ServiceHold
                | Self::ServiceFailed
        )
    }

    /// Whether nodes, and the volumes of running nodes, may be deleted (`DELETE_ALLOWED_STATES`).
    pub(crate) fn allows_deletion(self) -> bool {
        matches!(self, Self::Manageable | Self::Enroll | Self::AdoptFailed)
    }

    /// Whether the interfaces of a node may change.
    pub(crate) fn allows_interfaces(self) -> bool {
        self.allows_connectivity() || self == Self::Available
    }

    /// Whether what connects a port may change.
    pub(crate) fn allows_connectivity(self) -> bool {
        matches!(
            self,
            Self::Enroll | Self::Inspecting | Self::InspectWait | Self::Manageable
        )
    }

    /// Whether the failure that led here is kept in `last_error` (`FAILURE_STATES`).
    pub(crate) fn is_failure(self) -> bool {
        matches!(
            self,
            Self::DeployFailed
                | Self::CleanFailed
                | Self::InspectFailed
                | Self::RescueFailed
                | Self::UnrescueFailed
                | Self::AdoptFailed
                | Self::ServiceFailed
        )
    }

    /// Whether a conductor that starts takes it for failed (`STUCK_STATES_TREATED_AS_FAIL`).
    pub(crate) fn is_stuck_after_restart(self) -> bool {
        matches!(
            self,
            Self::Deploying
                | Self::Cleaning
                | Self::Verifying
                | Self::Inspecting
                | Self::Adopting
                | Self::Rescuing
                | Self::Unrescuing
                | Self::Deleting
                | Self::Servicing
        )
    }

    /// Whether the conductor leaves the power of such nodes alone (`SYNC_EXCLUDED_STATES`).
    pub(crate) fn is_without_power_sync(self) -> bool {
        matches!(
            self,
            Self::DeployWait | Self::CleanWait | Self::Enroll | Self::AdoptFailed
        )
    }

    /// What is waited for, in the states that wait for a ramdisk.
    pub(crate) fn wait(self) -> Option<Wait> {
        match self {
            Self::DeployWait => Some(Wait::Deploy),
            Self::CleanWait => Some(Wait::Clean),
            Self::InspectWait => Some(Wait::Inspect),
            Self::RescueWait => Some(Wait::Rescue),
            Self::ServiceWait => Some(Wait::Service),
            Self::Enroll
            | Self::Verifying
            | Self::Manageable
            | Self::Available
            | Self::Active
            | Self::Deploying
            | Self::DeployFailed
            | Self::DeployHold
            | Self::Deleting
            | Self::Cleaning
            | Self::CleanFailed
            | Self::CleanHold
            | Self::Error
            | Self::Inspecting
            | Self::InspectFailed
            | Self::Adopting
            | Self::AdoptFailed
            | Self::Rescue
            | Self::Rescuing
            | Self::RescueFailed
            | Self::Unrescuing
            | Self::UnrescueFailed
            | Self::Servicing
            | Self::ServiceFailed
            | Self::ServiceHold => None,
        }
    }

    /// Where a node in this state is meant to end.
    pub(crate) fn target(self) -> Option<Self> {
        match self {
            Self::Enroll
            | Self::Manageable
            | Self::Available
            | Self::Active
            | Self::Error
            | Self::Rescue => None,
            Self::Verifying | Self::Inspecting | Self::InspectFailed | Self::InspectWait => {
                Some(Self::Manageable)
            }
            Self::Cleaning
            | Self::CleanWait
            | Self::CleanFailed
            | Self::CleanHold
            | Self::Deleting => Some(Self::Available),
            Self::Rescuing | Self::RescueWait | Self::RescueFailed => Some(Self::Rescue),
            Self::Deploying
            | Self::DeployWait
            | Self::DeployFailed
            | Self::DeployHold
            | Self::Adopting
            | Self::AdoptFailed
            | Self::Unrescuing
            | Self::UnrescueFailed
            | Self::Servicing
            | Self::ServiceWait
            | Self::ServiceFailed
            | Self::ServiceHold => Some(Self::Active),
        }
    }
}

/// What a node waits for its ramdisk in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wait {
    Deploy,
    Clean,
    Inspect,
    Rescue,
    Service,
}
