//! The node's ports: of the network card that boots, and of those that an inspection found.

use std::collections::BTreeMap;

use ironic_types::{Node, Port, ProvisionState, ProvisionVerb};
use metal_api::v1alpha1::{BareMetalHost, HardwareDetails, ProvisioningState};

use crate::boot_volume;
use crate::effect::Effect;
use crate::host::boot_mac_address;
use crate::observation::{Observation, Seen};

/// Whether the plan depends on the ports of the node. A node that was made, and one that was made anew, passes through
/// `manageable`; a host that is about to boot from a volume needs its port as it must be.
pub(crate) fn matter(host: &BareMetalHost, node: &Node) -> bool {
    use ProvisioningState as S;
    let is_manageable = node.provision_state == Some(ProvisionState::Manageable);
    let is_available = node.provision_state == Some(ProvisionState::Available);
    match host.state() {
        S::None | S::Unmanaged | S::MatchProfile | S::Deleting | S::PoweringOffBeforeDelete => {
            false
        }
        // Somebody may have changed them since, and a deployment is not repeated for it.
        S::Registering | S::Provisioning => is_manageable || is_available,
        S::Ready | S::Available => {
            is_manageable || (is_available && boot_volume::effective(&host.spec).is_some())
        }
        S::Inspecting
        | S::Preparing
        | S::Provisioned
        | S::ExternallyProvisioned
        | S::Deprovisioning => is_manageable,
    }
}

/// Makes the ports that the node lacks, and lets the one that boots do so.
pub(super) fn missing(observation: &Observation, seen: &Seen, node: &Node) -> Vec<Effect> {
    let host = &observation.host;
    if !matter(host, node) {
        return Vec::new();
    }
    // Another machine's node may have the address of a card that doesn't boot: after one refusal these are left out, and
    // as long as any error is shown, since one that is about the spec isn't counted.
    let shows_error = (host.status.as_ref()).is_some_and(|status| status.error_type.is_some());
    let cards = observation.hardware.as_ref().filter(|_| !shows_error);
    let mut effects: Vec<_> = wanted(host, cards)
        .into_iter()
        .filter(|(address, _)| find(seen, address).is_none())
        .map(|(address, pxe_enabled)| Effect::CreatePort {
            node: node.uuid,
            address,
            pxe_enabled,
        })
        .collect();
    effects.extend(boots_on(host, seen).and_then(|port| enable(node, port)));
    effects
}

/// The addresses, in lower case as Ironic has them, and whether the card boots.
fn wanted(host: &BareMetalHost, hardware: Option<&HardwareDetails>) -> BTreeMap<String, bool> {
    let cards = hardware.into_iter().flat_map(|hardware| &hardware.nics);
    let mut wanted: BTreeMap<_, _> = cards
        .filter_map(|card| {
            Some((
                card.mac.as_ref()?.to_lowercase(),
                card.pxe.unwrap_or_default(),
            ))
        })
        .filter(|(address, _)| !address.is_empty())
        .collect();
    if let Some(address) = boot_mac_address(host) {
        wanted.insert(address.to_lowercase(), true);
    }
    wanted
}

fn boots_on<'a>(host: &BareMetalHost, seen: &'a Seen) -> Option<&'a Port> {
    find(seen, boot_mac_address(host)?)
}

fn find<'a>(seen: &'a Seen, address: &str) -> Option<&'a Port> {
    seen.ports
        .iter()
        .find(|port| port.address.eq_ignore_ascii_case(address))
}

/// Ironic lets `pxe_enabled` be changed while the node is `manageable` only.
fn enable(node: &Node, port: &Port) -> Option<Effect> {
    if port.pxe_enabled == Some(true) {
        None
    } else if node.provision_state == Some(ProvisionState::Manageable) {
        Some(Effect::EnablePxe { port: port.uuid })
    } else {
        Some(Effect::SetProvisionState {
            node: node.uuid,
            verb: ProvisionVerb::Manage,
        })
    }
}
