//! How many machines may boot a ramdisk at once: one more waits.

use ironic_types::{Node, ProvisionState, ProvisionVerb};
use metal_api::v1alpha1::{BareMetalHost, ProvisioningState};

use crate::cleaning;
use crate::effect::Effect;
use crate::observation::{Observation, Seen};
use crate::plan::{Plan, Step, Wait};

/// Whether Ironic works on the node in a way that loads its network: Metal3's list of states, and not by virtual media,
/// for which no ramdisk is sent by TFTP (baremetal-operator, `loadBusyHosts` in `pkg/provisioner/ironic/ironic.go`).
pub fn is_busy(node: &Node) -> bool {
    use ProvisionState as S;
    let works = matches!(
        node.provision_state,
        Some(
            S::Cleaning
                | S::CleanWait
                | S::Inspecting
                | S::InspectWait
                | S::Deploying
                | S::DeployWait
                | S::Deleting
        )
    );
    works && !uses_virtual_media(node)
}

/// Whether the host is in a state in which a ramdisk may be booted and would have to wait for others.
pub(crate) fn matters(host: &BareMetalHost) -> bool {
    matches!(
        host.state(),
        ProvisioningState::Inspecting | ProvisioningState::Deprovisioning
    )
}

/// Delays what would boot a ramdisk while there are enough others that do.
pub(crate) fn hold_back(observation: &Observation, seen: &Seen, plan: Plan) -> Plan {
    let Some(node) = &seen.node else { return plan };
    let is_full = seen.busy_nodes >= observation.settings.provisioning_limit;
    if is_full && !is_busy(node) && !uses_virtual_media(node) && boots_ramdisk(observation, &plan) {
        Plan::wait(Wait::Delayed {
            limit: observation.settings.provisioning_limit,
        })
    } else {
        plan
    }
}

/// A deployment from a volume boots no ramdisk, and an undeployment only to clean.
fn boots_ramdisk(observation: &Observation, plan: &Plan) -> bool {
    let Step::Act(effects) = &plan.step else {
        return false;
    };
    let cleans = observation.host.state() == ProvisioningState::Deprovisioning
        && cleaning::is_wanted(observation);
    effects.iter().any(|effect| match effect {
        Effect::SetProvisionState { verb, .. } => match verb {
            ProvisionVerb::Deleted | ProvisionVerb::Provide => cleans,
            ProvisionVerb::Inspect => true,
            ProvisionVerb::Active
            | ProvisionVerb::Rebuild
            | ProvisionVerb::Manage
            | ProvisionVerb::Adopt
            | ProvisionVerb::Abort
            | ProvisionVerb::Clean
            | ProvisionVerb::Rescue
            | ProvisionVerb::Unrescue
            | ProvisionVerb::Service
            | ProvisionVerb::Unhold => false,
        },
        Effect::CreateNode { .. }
        | Effect::SetDriverInfo { .. }
        | Effect::UpdateNode { .. }
        | Effect::SetMaintenance { .. }
        | Effect::UnsetMaintenance { .. }
        | Effect::SetPower { .. }
        | Effect::CreatePort { .. }
        | Effect::EnablePxe { .. }
        | Effect::CreateConnector { .. }
        | Effect::DeleteConnector { .. }
        | Effect::CreateTarget { .. }
        | Effect::DeleteTarget { .. }
        | Effect::Validate { .. }
        | Effect::DeleteNode { .. }
        | Effect::AttachConfigDrive { .. }
        | Effect::DetachConfigDrive { .. }
        | Effect::TakeLeases { .. }
        | Effect::GiveBackLeases { .. } => false,
    })
}

fn uses_virtual_media(node: &Node) -> bool {
    let interface = node.boot_interface.as_deref().unwrap_or_default();
    interface.contains("virtual-media")
}
