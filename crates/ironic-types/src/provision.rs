//! Provision states, and the verbs that lead from one to another.

use crate::version::{Microversion, feature};
use crate::wire_enum::{closed_enum, open_enum};

open_enum! {
    /// Where a node is in its life.
    ///
    /// See `ironic/common/states.py` and "Bare Metal State Machine" in Ironic's user guide.
    pub enum ProvisionState {
        /// Known to Ironic, its credentials not yet tried.
        Enroll = "enroll",
        /// Its credentials are being tried.
        Verifying = "verifying",
        /// Under Ironic's control, and not for deployment.
        Manageable = "manageable",
        /// Ready to be deployed.
        Available = "available",
        /// Deployed: Ironic is done, which says nothing about what the machine does since.
        Active = "active",
        /// A deployment is under way.
        Deploying = "deploying",
        /// A deployment waits for the machine.
        DeployWait = "wait call-back",
        /// A deployment failed; `last_error` says why, for a while.
        DeployFailed = "deploy failed",
        /// A deployment waits to be let on.
        DeployHold = "deploy hold",
        /// A deployment has ended; left at once.
        DeployComplete = "deploy complete",
        /// The node is being undeployed.
        Deleting = "deleting",
        /// Undeployed; left at once.
        Deleted = "deleted",
        /// The node is being cleaned.
        Cleaning = "cleaning",
        /// Cleaning waits for the machine.
        CleanWait = "clean wait",
        /// Cleaning failed.
        CleanFailed = "clean failed",
        /// Cleaning waits to be let on.
        CleanHold = "clean hold",
        /// Undeploying failed.
        Error = "error",
        /// The node is being deployed again, over what it has.
        Rebuild = "rebuild",
        /// The node is being inspected.
        Inspecting = "inspecting",
        /// Inspection waits for the machine.
        InspectWait = "inspect wait",
        /// Inspection failed.
        InspectFailed = "inspect failed",
        /// A machine that already runs is being taken over.
        Adopting = "adopting",
        /// Taking over failed.
        AdoptFailed = "adopt failed",
        /// The machine runs the rescue ramdisk.
        Rescue = "rescue",
        /// The rescue ramdisk is being started.
        Rescuing = "rescuing",
        /// Rescuing waits for the machine.
        RescueWait = "rescue wait",
        /// Rescuing failed.
        RescueFailed = "rescue failed",
        /// The machine is being led back from rescue.
        Unrescuing = "unrescuing",
        /// Leading it back failed.
        UnrescueFailed = "unrescue failed",
        /// A deployed node is about to be serviced.
        Service = "service",
        /// A deployed node is being serviced.
        Servicing = "servicing",
        /// Servicing waits for the machine.
        ServiceWait = "service wait",
        /// Servicing failed.
        ServiceFailed = "service failed",
        /// Servicing waits to be let on.
        ServiceHold = "service hold",
    }
}

closed_enum! {
    /// What can be asked of a node's provision state.
    ///
    /// See `ironic/api/controllers/v1/node.py`, `NodeStatesController.provision`.
    pub enum ProvisionVerb {
        /// To `manageable`: from `enroll` after its credentials are verified, or from `available`
        /// and failed states.
        Manage = "manage",
        /// To `available`, by way of automated cleaning where that is on.
        Provide = "provide",
        /// Deploy.
        Active = "active",
        /// Deploy again, over what is there.
        Rebuild = "rebuild",
        /// Undeploy, by way of automated cleaning where that is on.
        /// Ironic deletes all volume targets of the node on the way.
        Deleted = "deleted",
        /// Inspect the hardware.
        Inspect = "inspect",
        /// Take over a machine that already runs.
        Adopt = "adopt",
        /// End what waits or may be interrupted; for a deployment that waits, see
        /// [`AbortDeployment`](crate::calls::AbortDeployment).
        Abort = "abort",
        /// Clean by steps that the caller gives: see [`CleanNode`](crate::calls::CleanNode).
        Clean = "clean",
        /// Start the rescue ramdisk: see [`RescueNode`](crate::calls::RescueNode).
        Rescue = "rescue",
        /// Leave the rescue ramdisk.
        Unrescue = "unrescue",
        /// Let on what holds.
        Unhold = "unhold",
        /// Service a deployed node by steps that the caller gives: see
        /// [`ServiceNode`](crate::calls::ServiceNode).
        Service = "service",
    }
}

impl ProvisionState {
    /// Whether the node leaves the state without being told to.
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Verifying
            | Self::Deploying
            | Self::DeployWait
            | Self::DeployHold
            | Self::DeployComplete
            | Self::Deleting
            | Self::Deleted
            | Self::Cleaning
            | Self::CleanWait
            | Self::CleanHold
            | Self::Rebuild
            | Self::Inspecting
            | Self::InspectWait
            | Self::Adopting
            | Self::Rescuing
            | Self::RescueWait
            | Self::Unrescuing
            | Self::Servicing
            | Self::ServiceWait
            | Self::ServiceHold => true,
            Self::Enroll
            | Self::Manageable
            | Self::Available
            | Self::Active
            | Self::DeployFailed
            | Self::CleanFailed
            | Self::Error
            | Self::InspectFailed
            | Self::AdoptFailed
            | Self::Rescue
            | Self::RescueFailed
            | Self::UnrescueFailed
            | Self::Service
            | Self::ServiceFailed
            | Self::Unknown(_) => false,
        }
    }
}

impl ProvisionVerb {
    /// The lowest version that knows this verb.
    pub(crate) fn since(self) -> Microversion {
        match self {
            Self::Active | Self::Rebuild | Self::Deleted => feature::INITIAL,
            Self::Manage | Self::Provide => feature::MANAGE,
            Self::Inspect => feature::INSPECT,
            Self::Abort => feature::ABORT,
            Self::Clean => feature::CLEAN,
            Self::Adopt => feature::ADOPT,
            Self::Rescue | Self::Unrescue => feature::RESCUE,
            Self::Unhold => feature::UNHOLD,
            Self::Service => feature::SERVICE,
        }
    }
}
