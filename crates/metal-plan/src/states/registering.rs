//! `registering`: the node exists in Ironic, its BMC answers, and the port that boots is known.

use ironic_types::{Node, ProvisionState, ProvisionVerb};
use metal_api::conditions::BootVolumeReason;
use metal_api::v1alpha1::{BareMetalHost, BmcDetails, ErrorType};
use serde_json::Value;

use crate::bmc::Bmc;
use crate::boot_volume;
use crate::capabilities;
use crate::effect::{CredentialsRef, DriverBlueprint, Effect, NodeBlueprint};
use crate::host::{is_deleted, is_ours, shows_failure};
use crate::observation::{Abilities, Observation, SecretFacts, Seen};
use crate::plan::{Blocker, Plan, Transition, node_in_words};
use crate::volumes;

pub(crate) fn plan(observation: &Observation, seen: &Seen) -> Plan {
    if is_deleted(&observation.host) {
        return give_up(observation, seen);
    }
    match facts(observation, seen) {
        Err(blocker) => Plan::blocked(blocker),
        Ok(facts) => match &seen.node {
            None => create(observation, facts),
            Some(node) => verify(observation, seen, node),
        },
    }
}

/// A deployed machine may run: it is shut down and undeployed before its node is deleted.
fn give_up(observation: &Observation, seen: &Seen) -> Plan {
    match &seen.node {
        Some(node) if !node.provision_state.as_ref().is_some_and(super::is_used) => {
            Plan::enter(Transition::Delete)
        }
        Some(_) if is_ours(&observation.host) => Plan::enter(Transition::Deprovision),
        Some(node) => super::is_not_ours(Some(node)),
        None => Plan::enter(Transition::Delete),
    }
}

/// Whether Ironic has another way to the BMC than the spec and its Secret give, and if so, how to put that right.
/// None as well while these can't be used: that is told where they are needed.
pub(crate) fn new_access(observation: &Observation, node: &Node) -> Option<Effect> {
    let facts = access(observation).ok()?;
    let changed = credentials_changed(observation) || !is_reached_by(node, &facts.driver.bmc);
    changed.then(|| Effect::SetDriverInfo {
        node: node.uuid,
        driver: facts.driver,
        credentials: facts.credentials,
    })
}

/// Whether the BMC's Secret is another than the one that was tried last.
pub(crate) fn credentials_changed(observation: &Observation) -> bool {
    match &observation.bmc_credentials {
        SecretFacts::Usable { version } => tried_version(&observation.host) != Some(version),
        SecretFacts::NotRead
        | SecretFacts::Missing
        | SecretFacts::NotOptedIn
        | SecretFacts::Invalid { .. } => false,
    }
}

/// All that a registration takes.
struct Facts {
    driver: DriverBlueprint,
    credentials: CredentialsRef,
}

fn facts(observation: &Observation, seen: &Seen) -> Result<Facts, Blocker> {
    let facts = access(observation)?;
    if let Some(volume) = boot_volume::effective(&observation.host.spec) {
        boot_volume::checked(&observation.host, volume, String::new())?;
        seen.abilities.as_ref().map_or(Ok(()), boots_from_volumes)?;
    }
    Ok(facts)
}

fn access(observation: &Observation) -> Result<Facts, Blocker> {
    let Observation { host, settings, .. } = observation;
    let Some(details) = &host.spec.bmc else {
        return Err(refused(
            "spec.bmc: it was removed; give the BMC's address and credentialsName",
        ));
    };
    let driver = DriverBlueprint {
        bmc: Bmc::parse(details).map_err(|error| refused(error.to_string()))?,
        deploy_kernel: settings.deploy_kernel.clone(),
        deploy_ramdisk: settings.deploy_ramdisk.clone(),
    };
    let credentials = credentials(observation, details)?;
    Ok(Facts {
        driver,
        credentials,
    })
}

fn credentials(observation: &Observation, details: &BmcDetails) -> Result<CredentialsRef, Blocker> {
    let name = &details.credentials_name;
    let unusable = |problem: &str| {
        Err(refused(format!(
            "spec.bmc.credentialsName: Secret {name} {problem}"
        )))
    };
    match &observation.bmc_credentials {
        SecretFacts::Usable { version } => Ok(CredentialsRef {
            name: name.clone(),
            version: version.clone(),
        }),
        SecretFacts::Missing | SecretFacts::NotOptedIn | SecretFacts::NotRead => {
            unusable("does not exist in the host's namespace; create it with username and password")
        }
        SecretFacts::Invalid { problem } => unusable(&format!("can't be used: {problem}")),
    }
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

fn create(observation: &Observation, facts: Facts) -> Plan {
    let host = &observation.host;
    let node = NodeBlueprint {
        name: crate::node_name(
            host.metadata.namespace.as_deref().unwrap_or_default(),
            host.metadata.name.as_deref().unwrap_or_default(),
        ),
        driver: facts.driver,
        boot_interface: volumes::BOOT_INTERFACE,
        capabilities: capabilities::with(
            "",
            "boot_mode",
            capabilities::boot_mode(host.spec.boot_mode),
        ),
        cpu_arch: host.spec.architecture.clone(),
    };
    Plan::act(vec![Effect::CreateNode {
        node: Box::new(node),
        credentials: facts.credentials,
    }])
}

fn verify(observation: &Observation, seen: &Seen, node: &Node) -> Plan {
    let new_access = new_access(observation, node);
    match &node.provision_state {
        Some(ProvisionState::Enroll) => {
            if new_access.is_none()
                && let Some(problem) = unrecorded_failure(observation, node)
            {
                return Plan::failed(ErrorType::Registration, problem);
            }
            let manage = Effect::SetProvisionState {
                node: node.uuid,
                verb: ProvisionVerb::Manage,
            };
            Plan::act(new_access.into_iter().chain([manage]).collect())
        }
        Some(ProvisionState::Manageable | ProvisionState::Available) => match new_access {
            Some(effect) => Plan::act(vec![effect]),
            None => match port(&observation.host, seen, node) {
                effects if effects.is_empty() => Plan::enter(Transition::Prepare),
                effects => Plan::act(effects),
            },
        },
        Some(state) if super::is_used(state) => Plan::blocked(refused(format!(
            "{} is {state} though this host has no record of a deployment; taking over such a node isn't implemented yet: undeploy it in Ironic, or restore the host's status",
            node_in_words(node.uuid)
        ))),
        _ => super::other_state(node),
    }
}

/// Whether the node has the BMC's address of the spec.
fn is_reached_by(node: &Node, bmc: &Bmc) -> bool {
    let has = |key: &str| node.driver_info.get(key).and_then(Value::as_str);
    let verifies = node
        .driver_info
        .get("redfish_verify_ca")
        .and_then(Value::as_bool);
    has("redfish_address") == Some(&bmc.redfish_address)
        && has("redfish_system_id") == bmc.redfish_system_id.as_deref()
        && verifies == Some(bmc.verify_ca)
}

/// Ironic's word on a verification that failed, unless the host shows it already.
fn unrecorded_failure(observation: &Observation, node: &Node) -> Option<String> {
    node.last_error
        .clone()
        .filter(|_| !shows_failure(&observation.host))
}

/// Whether the port that boots is there as it must be.
pub(crate) fn has_port(host: &BareMetalHost, seen: &Seen, node: &Node) -> bool {
    port(host, seen, node).is_empty()
}

/// The port that boots, with `pxe_enabled`; Ironic lets it be changed while the node is `manageable` only.
fn port(host: &BareMetalHost, seen: &Seen, node: &Node) -> Vec<Effect> {
    let Some(address) = &host.spec.boot_mac_address else {
        return Vec::new();
    };
    let manageable = node.provision_state == Some(ProvisionState::Manageable);
    match seen
        .ports
        .iter()
        .find(|port| port.address.eq_ignore_ascii_case(address))
    {
        None => vec![Effect::CreatePort {
            node: node.uuid,
            address: address.to_lowercase(),
        }],
        Some(port) if port.pxe_enabled == Some(true) => Vec::new(),
        Some(port) if manageable => vec![Effect::EnablePxe { port: port.uuid }],
        Some(_) => vec![Effect::SetProvisionState {
            node: node.uuid,
            verb: ProvisionVerb::Manage,
        }],
    }
}

fn tried_version(host: &BareMetalHost) -> Option<&String> {
    host.status
        .as_ref()?
        .tried_credentials
        .as_ref()?
        .credentials_version
        .as_ref()
}

fn refused(message: impl Into<String>) -> Blocker {
    Blocker::Node {
        error_type: ErrorType::Registration,
        message: message.into(),
    }
}
