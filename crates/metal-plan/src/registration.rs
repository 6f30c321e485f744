//! Registration, in every state: the node exists in Ironic, Ironic reaches its BMC, and it knows the ports that boot.
//!
//! A node that is gone is made again, as after a loss of Ironic's database.

use ironic_types::{Node, Patch, ProvisionState, ProvisionVerb};
use metal_api::conditions::BootVolumeReason;
use metal_api::v1alpha1::{BareMetalHost, ErrorType, ProvisioningState};

use crate::boot_volume;
use crate::capabilities;
use crate::effect::{Effect, NodeBlueprint};
use crate::hardware::architecture;
use crate::host::{
    boot_mac_address, boot_mode, deployment, is_deleted, is_externally_provisioned, shows_failure,
    skips_inspection,
};
use crate::observation::{Abilities, MacOwner, Observation, Seen};
use crate::plan::{Blocker, Plan, node_in_words};
use crate::states;
use crate::volumes;

mod access;
mod driver;
mod ports;

pub(crate) use access::{Access, credentials_are_told, credentials_changed};
pub(crate) use driver::changes_driver;
pub(crate) use ports::matter as ports_matter;

/// What must be done before the host's state has its say; none once the node is registered as the spec wants it.
///
/// None as well for a host that is deleted and can't be registered, for want of a Secret or of an address that can be
/// read: its deletion goes on with what there is.
pub(crate) fn ensure(observation: &Observation, seen: &Seen) -> Option<Plan> {
    let access = match checked(observation, seen) {
        Ok(access) => access,
        Err(_) if is_deleted(&observation.host) => return None,
        Err(blocker) => return Some(Plan::blocked(blocker)),
    };
    match &seen.node {
        None => Some(create(observation, access)),
        Some(node) => has_unknown_deployment(&observation.host, node)
            .or_else(|| keep(observation, seen, node, access)),
    }
}

/// The way to the BMC, if nothing forbids to register the host.
fn checked(observation: &Observation, seen: &Seen) -> Result<Access, Blocker> {
    let host = &observation.host;
    let access = access::of(observation, seen)?;
    if let Some(MacOwner { address, node }) = &seen.mac_owner {
        return Err(refused(format!(
            "spec.bootMACAddress: MAC address {address} conflicts with existing node {}; correct the address here, or delete that node in Ironic if it is of the past",
            name_for(host, node)
        )));
    }
    if let Some(node) = &seen.stranger {
        return Err(refused(format!(
            "status.provisioning.ID: Ironic's node of that UUID is {}, which is not this host's; if it is, rename it to {} in Ironic",
            name_for(host, node),
            crate::node_name_of(host)
        )));
    }
    if let Some(volume) = boot_volume::effective(&host.spec) {
        boot_volume::checked(host, volume, String::new())?;
        seen.abilities.as_ref().map_or(Ok(()), boots_from_volumes)?;
    }
    if let Some(abilities) = &seen.abilities {
        driver::has_interfaces(&access.driver, abilities)?;
    }
    // As Metal3 has it: only an inspection could find the address.
    if skips_inspection(host) && boot_mac_address(host).is_none() {
        return Err(refused(
            "spec.bootMACAddress: it is required where the hardware isn't inspected; set it to the MAC address of the network card that boots",
        ));
    }
    Ok(access)
}

/// Who may see this host need not know of others' namespaces.
fn name_for<'a>(host: &BareMetalHost, node: &'a str) -> &'a str {
    let own = host.metadata.namespace.as_deref().unwrap_or_default();
    match node.split_once('~') {
        Some((namespace, _)) if namespace != own => "that of a host in another namespace",
        Some(_) | None => node,
    }
}

/// Whether a node that the host's record names may be this host's: an old one has the host's name alone.
pub fn may_be_of(host: &BareMetalHost, node: &Node) -> bool {
    node.name.as_ref().is_none_or(|known| {
        *known == crate::node_name_of(host) || Some(known) == host.metadata.name.as_ref()
    })
}

fn create(observation: &Observation, access: Access) -> Plan {
    let host = &observation.host;
    let node = NodeBlueprint {
        name: crate::node_name_of(host),
        driver: access.driver,
        capabilities: capabilities::for_boot_mode("", boot_mode(host)),
        cpu_arch: architecture(observation).map(str::to_owned),
        disable_power_off: disables_power_off(host),
    };
    Plan::act(vec![Effect::CreateNode {
        node: Box::new(node),
        credentials: access.credentials,
    }])
}

/// Brings an existing node to what the spec says of it.
fn keep(observation: &Observation, seen: &Seen, node: &Node, access: Access) -> Option<Plan> {
    let new_access = access::renewal(observation, node, access);
    match &node.provision_state {
        None => Some(Plan::node_busy(None)),
        Some(ProvisionState::Enroll) => Some(verify(observation, node, new_access)),
        Some(state @ ProvisionState::Verifying) => Some(Plan::node_busy(Some(state))),
        // Ironic holds a lock, and the state's own plan knows how long.
        Some(state) if state.is_transient() => None,
        Some(_) => {
            let effects: Vec<_> = new_access
                .into_iter()
                .chain(identity(observation, node))
                .chain(ports::missing(observation, seen, node))
                .collect();
            (!effects.is_empty()).then(|| Plan::act(effects))
        }
    }
}

/// Lets Ironic try the BMC.
fn verify(observation: &Observation, node: &Node, new_access: Option<Effect>) -> Plan {
    if new_access.is_none()
        && let Some(problem) = unrecorded_failure(observation, node)
    {
        return Plan::failed(ErrorType::Registration, problem);
    }
    let manage = Effect::SetProvisionState {
        node: node.uuid,
        verb: ProvisionVerb::Manage,
    };
    Plan::act(
        new_access
            .into_iter()
            .chain(identity(observation, node))
            .chain([manage])
            .collect(),
    )
}

/// Ironic's word on a verification that failed, unless the host shows it already.
fn unrecorded_failure(observation: &Observation, node: &Node) -> Option<String> {
    node.last_error
        .clone()
        .filter(|_| !shows_failure(&observation.host))
}

/// What the node must say of itself: its name, its architecture, whether it may be powered off, and that a deployment of
/// this host has still to be undone on it.
fn identity(observation: &Observation, node: &Node) -> Option<Effect> {
    let host = &observation.host;
    let mut patch = if is_deleted(host) {
        Patch::new()
    } else {
        names(observation, node)
    };
    if let Some(uid) = host
        .metadata
        .uid
        .as_deref()
        .filter(|_| must_be_undone_on(host, node))
    {
        patch = patch.add("/instance_uuid", uid);
    }
    (!patch.is_empty()).then(|| Effect::UpdateNode {
        node: node.uuid,
        patch,
        skips_cleaning: false,
    })
}

/// Of a host that is deleted nobody needs to know.
fn names(observation: &Observation, node: &Node) -> Patch {
    let host = &observation.host;
    let mut patch = Patch::new();
    let name = crate::node_name_of(host);
    if node.name.as_ref() != Some(&name) {
        patch = patch.add("/name", name);
    }
    if let Some(wanted) = architecture(observation)
        && node
            .properties
            .get("cpu_arch")
            .and_then(|arch| arch.as_str())
            != Some(wanted)
    {
        patch = patch.add("/properties/cpu_arch", wanted);
    }
    let wanted = disables_power_off(host);
    if node.disable_power_off.unwrap_or_default() != wanted {
        patch = patch.add("/disable_power_off", wanted);
    }
    patch
}

/// A node in `enroll` was just made. That the machine runs from its volume is marked by the instance, which an
/// undeployment takes away: so a node that comes back from a failed cleaning is told from one that was made anew.
///
/// A deployment may have been done, and its node lost, before anybody saw it: one that was only asked for counts too.
fn must_be_undone_on(host: &BareMetalHost, node: &Node) -> bool {
    let may_be_deployed = matches!(
        host.state(),
        ProvisioningState::Provisioning
            | ProvisioningState::Provisioned
            | ProvisioningState::Deprovisioning
    );
    may_be_deployed
        && deployment(host).is_some()
        && node.provision_state == Some(ProvisionState::Enroll)
        && node.instance_uuid.is_none()
}

fn disables_power_off(host: &BareMetalHost) -> bool {
    host.spec.disable_power_off.unwrap_or_default()
}

/// A host with a boot volume needs interfaces that Ironic does not all enable by default.
fn boots_from_volumes(abilities: &Abilities) -> Result<(), Blocker> {
    for (enabled, wanted, setting) in [
        (
            &abilities.storage_interfaces,
            volumes::STORAGE_INTERFACE,
            "enabled_storage_interfaces",
        ),
        (
            &abilities.boot_interfaces,
            volumes::BOOT_INTERFACE,
            "enabled_boot_interfaces",
        ),
        (
            &abilities.deploy_interfaces,
            volumes::DEPLOY_INTERFACE,
            "enabled_deploy_interfaces",
        ),
    ] {
        if !enabled.iter().any(|interface| interface == wanted) {
            return Err(Blocker::BootVolume {
                reason: BootVolumeReason::IronicLacksInterface,
                message: format!(
                    "Ironic's driver {} lacks the interface {wanted}, without which no node boots from a volume; add it to {setting} in ironic.conf",
                    abilities.driver
                ),
            });
        }
    }
    Ok(())
}

/// A node that is deployed, of a host that doesn't know of any deployment: it is left alone, its address and name included.
fn has_unknown_deployment(host: &BareMetalHost, node: &Node) -> Option<Plan> {
    use ProvisioningState as S;
    let has_record = match host.state() {
        S::Registering | S::Inspecting | S::Preparing | S::Ready | S::Available => {
            is_externally_provisioned(host)
        }
        S::None
        | S::Unmanaged
        | S::MatchProfile
        | S::Provisioning
        | S::Provisioned
        | S::ExternallyProvisioned
        | S::Deprovisioning
        | S::PoweringOffBeforeDelete
        | S::Deleting => true,
    };
    let state = node
        .provision_state
        .as_ref()
        .filter(|state| !has_record && states::is_used(state))?;
    Some(Plan::blocked(refused(format!(
        "{} is {state} though this host has no record of a deployment; to take the machine over as it is, set spec.externallyProvisioned, or restore the host's status; else undeploy it in Ironic",
        node_in_words(node.uuid)
    ))))
}

pub(super) fn refused(message: impl Into<String>) -> Blocker {
    Blocker::Node {
        error_type: ErrorType::Registration,
        message: message.into(),
    }
}
