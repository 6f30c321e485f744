//! Plans in words, for logs and golden tests.

use std::fmt;

use crate::boot_volume::wanted_targets;
use crate::effect::Effect;
use crate::plan::{Blocker, Plan, Step, Transition, Wait};

impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.step {
            Step::Ignore => f.write_str("ignore: paused"),
            Step::Enter(transition) => write!(f, "enter: {transition}"),
            Step::Act(effects) => {
                f.write_str("act:")?;
                effects.iter().try_for_each(|effect| write!(f, " {effect}"))
            }
            Step::Wait(wait) => write!(f, "wait: {wait}"),
            Step::Rest => f.write_str("rest"),
        }
    }
}

impl fmt::Display for Transition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Register => f.write_str("registering"),
            Self::Discover => f.write_str("unmanaged"),
            Self::Inspect => f.write_str("inspecting"),
            Self::Prepare => f.write_str("preparing"),
            Self::BecomeAvailable => f.write_str("available"),
            Self::Provision(volume) => write!(f, "provisioning from {}", volume.volume_id),
            Self::Complete => f.write_str("provisioned"),
            Self::Deprovision => f.write_str("deprovisioning"),
            Self::PowerOffBeforeDelete => f.write_str("powering off before delete"),
            Self::Delete => f.write_str("deleting"),
            Self::SkipDeprovisioning => {
                f.write_str("powering off before delete, without deprovisioning")
            }
            Self::SkipPowerOff => f.write_str("deleting, without powering off"),
            Self::TakeOver => f.write_str("externally provisioned"),
            Self::LetGo => f.write_str("provisioned, no longer externally"),
            Self::Detach => f.write_str("detached"),
            Self::Attach => f.write_str("attached"),
            Self::Forget => f.write_str("gone"),
            Self::RecordFailure(attempt) => write!(f, "failure: {}", attempt.message),
            Self::Restore(status) => write!(f, "restored: {}", status.provisioning.state),
            Self::TakeHardware(_) => f.write_str("hardware of the annotation"),
            Self::DropAnnotation { name, .. } => write!(f, "without annotation {name}"),
            Self::EndReboot => f.write_str("off for the reboot"),
            Self::Hold(_) => f.write_str("volume held"),
            Self::EndHold => f.write_str("volume no longer held"),
            Self::SkipRedeploy => f.write_str("no reason to deploy anew"),
            Self::RenewCredentials(_) => f.write_str("with the present credentials"),
        }
    }
}

impl fmt::Display for Effect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.kind())?;
        match self {
            Self::SetProvisionState { verb, .. } => write!(f, "({verb})"),
            Self::SetPower { target, .. } => write!(f, "({target})"),
            Self::UpdateNode { patch, .. } => {
                write!(f, "({})", patch.paths().collect::<Vec<_>>().join(","))
            }
            Self::CreateConnector { connector_id, .. } => write!(f, "({connector_id})"),
            Self::CreateTarget {
                volume, boot_index, ..
            } => match wanted_targets(volume).find(|target| target.boot_index == *boot_index) {
                Some(target) => write!(f, "({})", target.volume_id),
                None => write!(f, "(none with boot index {boot_index})"),
            },
            Self::CreatePort { address, .. } => write!(f, "({address})"),
            Self::CreateNode { node, .. } => write!(f, "({})", node.name),
            Self::SetDriverInfo { settings, .. } if !settings.is_empty() => {
                write!(f, "({})", settings.paths().collect::<Vec<_>>().join(","))
            }
            Self::TakeLeases { claims, .. } => {
                let volumes = claims.iter().map(|claim| claim.volume.as_str());
                write!(f, "({})", volumes.collect::<Vec<_>>().join(", "))
            }
            Self::GiveBackLeases { leases } => write!(f, "({})", leases.len()),
            Self::AttachConfigDrive { content, .. } => write!(f, "({content})"),
            Self::SetDriverInfo { .. }
            | Self::SetMaintenance { .. }
            | Self::UnsetMaintenance { .. }
            | Self::EnablePxe { .. }
            | Self::DeleteConnector { .. }
            | Self::DeleteTarget { .. }
            | Self::Validate { .. }
            | Self::DetachConfigDrive { .. }
            | Self::DeleteNode { .. } => Ok(()),
        }
    }
}

impl fmt::Display for Wait {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NodeBusy { state: Some(state) } => write!(f, "node is {state}"),
            Self::NodeBusy { state: None } => f.write_str("node has no state"),
            Self::PowerChanging { target } => write!(f, "power changes to {target}"),
            Self::BackOff { until } => write!(f, "next attempt at {until}"),
            Self::Offline => f.write_str("spec.online is false"),
            Self::Detached => f.write_str("the host is detached"),
            Self::Delayed { limit } => write!(f, "{limit} other machines boot a ramdisk"),
            Self::IronicUnavailable { message } => write!(f, "Ironic gives no answer: {message}"),
            Self::Blocked(blocker) => write!(f, "{blocker}"),
            Self::KeptOff { annotations } => write!(
                f,
                "kept off by {}, which whoever set it removes",
                annotations.join(", ")
            ),
            Self::KeptOn { message } | Self::Held { message } | Self::Drifted { message } => {
                f.write_str(message)
            }
            Self::RebootNotForced { annotation } => write!(
                f,
                "{annotation} has no effect before the host is deployed without {{\"force\": true}}"
            ),
            Self::VirtualMedia => f.write_str("virtual media are changing"),
            Self::Unclaimed => f.write_str("nobody has claimed the host"),
        }
    }
}

impl fmt::Display for Blocker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Node { message, .. }
            | Self::BmcAccess { message }
            | Self::PowerUnknown { message }
            | Self::NotImplemented { message, .. }
            | Self::TooManyFailures { message } => f.write_str(message),
            Self::BootVolume { reason, message } => write!(f, "{}: {message}", reason.as_str()),
            Self::UserData { reason, message } => write!(f, "{}: {message}", reason.as_str()),
        }
    }
}
