//! Adoption: Ironic is told that a machine is deployed already, and leaves it as it is.
//!
//! It is what a node needs that was made anew after a loss of Ironic's database or a detachment, and one of a machine
//! that somebody else deployed.

use ironic_types::{Node, ProvisionState, ProvisionVerb};
use metal_api::v1alpha1::{DeployedVolume, ErrorType, UsedCredentials};

use crate::boot_volume;
use crate::effect::Effect;
use crate::host::{deployment, shows_failure};
use crate::observation::{Observation, Seen};
use crate::plan::{Blocker, Plan, Transition};
use crate::states;
use crate::volumes;

/// What must be done until the node is `active`; none once it is.
pub(crate) fn adopt(observation: &Observation, seen: &Seen, node: &Node) -> Option<Plan> {
    match &node.provision_state {
        Some(ProvisionState::Active) => end_maintenance(node),
        Some(ProvisionState::Manageable | ProvisionState::AdoptFailed) => {
            Some(start(observation, seen, node).unwrap_or_else(Plan::blocked))
        }
        // Undeployed by hand, or left behind by something that was cut off: from `manageable` it is adopted.
        Some(
            ProvisionState::Available | ProvisionState::InspectFailed | ProvisionState::CleanFailed,
        ) => Some(states::manage(node)),
        _ => Some(states::other_state(node)),
    }
}

/// Ironic gives a fault when it sets maintenance itself; without one somebody did, and no power is followed meanwhile.
fn end_maintenance(node: &Node) -> Option<Plan> {
    (node.maintenance && node.fault.is_none())
        .then(|| Plan::act(vec![Effect::UnsetMaintenance { node: node.uuid }]))
}

fn start(observation: &Observation, seen: &Seen, node: &Node) -> Result<Plan, Blocker> {
    let host = &observation.host;
    let mut effects = match deployment(host) {
        Some(volume) => match with_volume(observation, seen, node, volume)? {
            Volume::Ready(effects) => effects,
            Volume::NotOnRecord(used) => {
                return Ok(Plan::enter(Transition::RenewCredentials(used)));
            }
        },
        None => Vec::new(),
    };
    let has_failed = node.provision_state == Some(ProvisionState::AdoptFailed);
    if has_failed && !shows_failure(host) {
        return Ok(Plan::failed(
            ErrorType::ProvisionedRegistration,
            format!("Host adoption failed: {}", states::last_error(node)),
        ));
    }
    effects.push(Effect::SetProvisionState {
        node: node.uuid,
        verb: ProvisionVerb::Adopt,
    });
    Ok(Plan::act(effects))
}

/// What an adoption needs before.
enum Volume {
    /// To tell the node of it.
    Ready(Vec<Effect>),
    /// These credentials are used from now on, and others are on record.
    NotOnRecord(Vec<UsedCredentials>),
}

/// Ironic writes the boot script when it adopts, for the volume that it knows by then, and goes silently to `active`
/// without one if it knows none: the machine runs on and fails its next reboot. So the volume comes first, and Ironic's
/// own word that it would deploy from it (`ironic/drivers/modules/agent.py`, `ironic/drivers/modules/pxe_base.py`).
fn with_volume(
    observation: &Observation,
    seen: &Seen,
    node: &Node,
    volume: &DeployedVolume,
) -> Result<Volume, Blocker> {
    let credentials = boot_volume::credentials(observation, volume)?;
    volumes::free(node, seen, volume)?;
    let used = credentials.used();
    if used != volume.credentials {
        return Ok(Volume::NotOnRecord(used));
    }
    let mut effects = volumes::prepare(&observation.host, node, seen, volume, &credentials);
    effects.push(Effect::Validate { node: node.uuid });
    Ok(Volume::Ready(effects))
}
