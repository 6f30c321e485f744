//! The planner's answer.

use std::time::Duration;

use ironic_types::{NodeId, PowerState, ProvisionState};
use jiff::Timestamp;
use metal_api::conditions::{BootVolumeReason, UserDataReason};
use metal_api::v1alpha1::{
    BareMetalHostStatus, DeployedVolume, ErrorType, HardwareDetails, UsedCredentials,
};

use crate::effect::{Effect, Outcome};

/// What to do next for a host, and when to look again if nothing calls earlier.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    /// The one thing to do.
    pub step: Step,
    /// Look again after this time.
    pub look_again: Duration,
}

/// A plan does one of these and never two of them: a transition is published before anything it permits is done.
#[derive(Debug, Clone, PartialEq)]
pub enum Step {
    /// The host is paused: touch nothing, not even its status.
    Ignore,
    /// Publish a new state of the host. Nothing is sent to Ironic in the same pass.
    Enter(Transition),
    /// Change Ironic: each effect in order, until one is not done.
    Act(Vec<Effect>),
    /// Something else must happen first.
    Wait(Wait),
    /// Everything is as the spec wants it.
    Rest,
}

/// A change of the host's own record: its state, its finalizer, what it intends or what it tried.
#[derive(Debug, Clone, PartialEq)]
pub enum Transition {
    /// Take the host over: finalizer, `registering`.
    Register,
    /// The host names no BMC: `unmanaged`.
    Discover,
    /// The node is known to Ironic and its BMC answers, and the hardware is to be looked at: `inspecting`.
    Inspect,
    /// Nothing more is to be found out about the hardware: `preparing`.
    Prepare,
    /// The host can be deployed: `available`.
    BecomeAvailable,
    /// Intent: this volume is to be deployed, under this deployment id: `provisioning`.
    Provision(Box<DeployedVolume>),
    /// The deployment is done: `provisioned`.
    Complete,
    /// Intent: shut down and undeploy: `deprovisioning`.
    Deprovision,
    /// Intent: switch off, then delete: `powering off before delete`.
    PowerOffBeforeDelete,
    /// Intent: delete the node: `deleting`.
    Delete,
    /// The undeployment failed too often: `powering off before delete`.
    SkipDeprovisioning,
    /// The machine can't be powered off, or is detached: `deleting`.
    SkipPowerOff,
    /// Somebody else deployed the machine: `externally provisioned`.
    TakeOver,
    /// The machine is no longer somebody else's: `provisioned`, with what the spec names.
    LetGo,
    /// The node was taken out of Ironic: the host is shown as detached.
    Detach,
    /// The host is to be managed again.
    Attach,
    /// Nothing is left in Ironic: remove the finalizer.
    Forget,
    /// An attempt failed: count it and keep Ironic's words before Ironic clears them. The state stays.
    RecordFailure(Attempt),
    /// Take this for the status of a host that has none: the annotation's, which stays until this is published.
    Restore(Box<BareMetalHostStatus>),
    /// Take the annotation's hardware for the host's; the annotation stays until this is published.
    TakeHardware(Box<HardwareDetails>),
    /// An annotation has served its purpose, or serves none.
    DropAnnotation {
        /// Its name.
        name: &'static str,
        /// Why nothing came of it, if so.
        note: Option<&'static str>,
    },
    /// The machine is off, as the reboot annotation without a key asked: remove that annotation. The state stays.
    EndReboot,
    /// The consumer let go of a volume of which a deployment had failed: it is held like one that was released. With what
    /// the annotation is to say. The state stays.
    Hold(String),
    /// The volume is given free, or another one is asked for: remove the annotations of the hold. The state stays.
    EndHold,
    /// The annotation asks for another deployment, and there is no reason for one.
    SkipRedeploy,
    /// The node is made anew, and gets the credentials that are in the Secrets by now. The state stays.
    RenewCredentials(Vec<UsedCredentials>),
}

/// An attempt that failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    /// What was tried.
    pub error_type: ErrorType,
    /// What Ironic said.
    pub message: String,
}

/// Why nothing is done now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wait {
    /// The node is in a state that it will leave by itself.
    NodeBusy {
        /// The node's state, where Ironic gives one.
        state: Option<ProvisionState>,
    },
    /// A power action runs.
    PowerChanging {
        /// What it leads to.
        target: PowerState,
    },
    /// The last attempt failed; the next one comes later.
    BackOff {
        /// When.
        until: Timestamp,
    },
    /// A deployment waits for `spec.online`.
    Offline,
    /// The host was taken out of Ironic, and an annotation keeps it out.
    Detached,
    /// Too many other machines boot a ramdisk.
    Delayed {
        /// How many may.
        limit: usize,
    },
    /// Ironic gives no answer.
    IronicUnavailable {
        /// What went wrong.
        message: String,
    },
    /// Somebody must change something.
    Blocked(Blocker),
    /// Reboot annotations with a key keep the machine off though it is to be online.
    KeptOff {
        /// Their names.
        annotations: Vec<String>,
    },
    /// `spec.disablePowerOff` keeps the machine on though something else asks to switch it off.
    KeptOn {
        /// What does, and what to do.
        message: String,
    },
    /// A reboot annotation counts only with `"force": true`, because the host is not deployed.
    RebootNotForced {
        /// Its name.
        annotation: String,
    },
    /// The host is offered to consumers, and a deployment from its volume waits for one to claim it.
    Unclaimed,
    /// The volume is held as its last consumer left it, until somebody says how to go on.
    Held {
        /// Says how.
        message: String,
    },
    /// Ironic inserts or ejects a config drive, or the node is locked by something else.
    VirtualMedia,
    /// Somebody else changed what Ironic keeps of the deployment, and Ironic doesn't let it be put right now. The machine
    /// runs on.
    Drifted {
        /// What was changed, and what is waited for.
        message: String,
    },
}

/// What must be changed by somebody before the host can go on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Blocker {
    /// The host can't be registered as its spec and Secret are, or its node is not as it must be.
    Node {
        /// Which of these.
        error_type: ErrorType,
        /// Names the field and says what to do.
        message: String,
    },
    /// The BMC's address, or its Secret, can't be used.
    BmcAccess {
        /// Names the field and says what to do.
        message: String,
    },
    /// The boot volume can't be used.
    BootVolume {
        /// The reason of the condition `BootVolumeReady`.
        reason: BootVolumeReason,
        /// Names the field and says what to do.
        message: String,
    },
    /// The user data can't be delivered.
    UserData {
        /// The reason of the condition `UserDataDelivered`.
        reason: UserDataReason,
        /// Names the field and says what to do.
        message: String,
    },
    /// Ironic doesn't know the power state, and nothing is done to a machine that may run.
    PowerUnknown {
        /// What to look at.
        message: String,
    },
    /// A field is set that this version doesn't act on.
    NotImplemented {
        /// Names the field, says what it would do, and what to do instead.
        message: String,
    },
    /// Deployments failed too often.
    TooManyFailures {
        /// The last failure.
        message: String,
    },
}

impl Plan {
    /// When to look again if nothing calls earlier, given what came of the effects.
    pub fn look_again_after(&self, outcomes: &[Outcome]) -> Duration {
        let overloaded = outcomes.iter().any(|outcome| {
            matches!(
                outcome,
                Outcome::Unavailable { .. } | Outcome::LeasesUnavailable { .. }
            )
        });
        let changed = outcomes.iter().any(|outcome| {
            matches!(
                outcome,
                Outcome::CredentialsChanged | Outcome::LeasesChanged
            )
        });
        if overloaded {
            RETRY
        } else if changed {
            SOON
        } else {
            self.look_again
        }
    }

    /// Publishes a transition; its own write calls the next pass.
    pub(crate) fn enter(transition: Transition) -> Self {
        Self {
            step: Step::Enter(transition),
            look_again: SOON,
        }
    }

    /// Changes Ironic.
    pub(crate) fn act(effects: Vec<Effect>) -> Self {
        Self {
            step: Step::Act(effects),
            look_again: RETRY,
        }
    }

    /// Changes Leases; the watch over them calls the next pass.
    pub(crate) fn change_leases(effect: Effect) -> Self {
        Self {
            step: Step::Act(vec![effect]),
            look_again: SOON,
        }
    }

    /// Changes virtual media; what came of it must be seen before Ironic clears it.
    pub(crate) fn change_media(effects: Vec<Effect>) -> Self {
        Self {
            step: Step::Act(effects),
            look_again: SOON,
        }
    }

    /// Rests until something calls.
    pub(crate) fn rest() -> Self {
        Self {
            step: Step::Rest,
            look_again: STEADY,
        }
    }

    /// Waits.
    pub(crate) fn wait(wait: Wait) -> Self {
        let look_again = match &wait {
            // The time alone may change the plan.
            Wait::IronicUnavailable { .. }
            | Wait::Delayed { .. }
            | Wait::Blocked(Blocker::PowerUnknown { .. }) => RETRY,
            // Likewise, or another host may have let go of the volume.
            Wait::PowerChanging { .. }
            | Wait::BackOff { .. }
            | Wait::Blocked(Blocker::BootVolume { .. } | Blocker::UserData { .. }) => RECHECK,
            // Nothing calls, and a failure is shown for seconds only.
            Wait::VirtualMedia => SOON,
            Wait::NodeBusy { .. }
            | Wait::Offline
            | Wait::Detached
            | Wait::Blocked(_)
            | Wait::KeptOff { .. }
            | Wait::KeptOn { .. }
            | Wait::RebootNotForced { .. }
            | Wait::Unclaimed
            | Wait::Held { .. }
            | Wait::Drifted { .. } => STEADY,
        };
        Self {
            step: Step::Wait(wait),
            look_again,
        }
    }

    /// Waits for the time of the next attempt.
    pub(crate) fn back_off(now: Timestamp, until: Timestamp) -> Self {
        Self {
            step: Step::Wait(Wait::BackOff { until }),
            look_again: Duration::try_from(until.duration_since(now))
                .unwrap_or(SOON)
                .clamp(SOON, RECHECK),
        }
    }

    /// Waits for somebody.
    pub(crate) fn blocked(blocker: Blocker) -> Self {
        Self::wait(Wait::Blocked(blocker))
    }

    /// Waits until the node leaves its state.
    pub(crate) fn node_busy(state: Option<&ProvisionState>) -> Self {
        Self::wait(Wait::NodeBusy {
            state: state.cloned(),
        })
    }

    /// Waits for somebody to see to the node.
    pub(crate) fn blocked_by_node(error_type: ErrorType, message: impl Into<String>) -> Self {
        Self::blocked(Blocker::Node {
            error_type,
            message: message.into(),
        })
    }

    /// Records that an attempt failed.
    pub(crate) fn failed(error_type: ErrorType, message: impl Into<String>) -> Self {
        Self::enter(Transition::RecordFailure(Attempt {
            error_type,
            message: message.into(),
        }))
    }
}

/// Something has just changed, and its own event should call before.
const SOON: Duration = Duration::from_secs(2);
/// Ironic gave no answer: it is given this time before the same is sent again.
pub const RETRY: Duration = Duration::from_secs(10);
/// What is waited for may change where nothing calls this host.
const RECHECK: Duration = Duration::from_mins(1);
/// Whatever changes in Kubernetes or in Ironic calls by itself.
const STEADY: Duration = Duration::from_mins(5);

/// An id of Ironic's in a message.
pub(crate) fn node_in_words(node: NodeId) -> String {
    format!("Ironic's node {node}")
}
