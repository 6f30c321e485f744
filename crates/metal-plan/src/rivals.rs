//! Hosts that claim the same machine: only one of them is registered, before Ironic or a machine could tell.

use ironic_types::{Node, ProvisionState};
use jiff::Timestamp;
use metal_api::names;
use metal_api::v1alpha1::{BareMetalHost, ErrorType, ProvisioningState};

use crate::bmc::{Bmc, BmcIdentity};
use crate::host::annotation;
use crate::observation::Observation;
use crate::plan::Blocker;

/// What at most one host may have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Claim {
    /// A BMC, and the machine behind it.
    Bmc(BmcIdentity),
    /// The network interface that boots, in lower case.
    BootMac(String),
}

impl Claim {
    /// What claims of the same have in common, and some others too: what they can be sorted by.
    pub fn key(&self) -> &str {
        match self {
            Self::Bmc(bmc) => &bmc.endpoint,
            Self::BootMac(mac) => mac,
        }
    }

    /// Whether both are claims of the same.
    pub fn is_same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Bmc(one), Self::Bmc(other)) => one.is_same_machine(other),
            (Self::BootMac(one), Self::BootMac(other)) => one == other,
            (Self::Bmc(_), Self::BootMac(_)) | (Self::BootMac(_), Self::Bmc(_)) => false,
        }
    }
}

/// Another host that has a claim of this one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rival {
    /// What it has, too.
    pub claim: Claim,
    /// Its namespace.
    pub namespace: String,
    /// Its name.
    pub name: String,
    /// Its creation.
    pub created_at: Option<Timestamp>,
    /// Whether Ironic has its node, and its BMC has answered.
    pub has_node: bool,
    /// Whether the machine is deployed, as far as its status tells.
    pub is_deployed: bool,
}

/// What a host claims: nothing before it names a BMC, and nothing that it takes to another cluster.
pub fn claims(host: &BareMetalHost) -> Vec<Claim> {
    let Some(bmc) = host.spec.bmc.as_ref().filter(|bmc| !bmc.address.is_empty()) else {
        return Vec::new();
    };
    if annotation(host, names::DELETE_FOR_MOVE_ANNOTATION).is_some() {
        return Vec::new();
    }
    let bmc = Bmc::parse(bmc).ok();
    let bmc = bmc.map(|bmc| Claim::Bmc(bmc.identity()));
    let mac = host.spec.boot_mac_address.as_deref().unwrap_or_default();
    let mac = (!mac.is_empty()).then(|| Claim::BootMac(mac.to_lowercase()));
    bmc.into_iter().chain(mac).collect()
}

/// Whether a host's status names a node in Ironic.
pub fn has_node(host: &BareMetalHost) -> bool {
    host.status
        .as_ref()
        .is_some_and(|status| !status.provisioning.id.is_empty())
}

/// Whether a host's status says that its machine is deployed, or on the way there or back: it may run, whatever became of
/// its node.
pub fn is_deployed(host: &BareMetalHost) -> bool {
    use ProvisioningState as S;
    match host.state() {
        S::Provisioning | S::Provisioned | S::Deprovisioning | S::ExternallyProvisioned => true,
        S::None
        | S::Unmanaged
        | S::Registering
        | S::Inspecting
        | S::MatchProfile
        | S::Preparing
        | S::Ready
        | S::Available
        | S::PoweringOffBeforeDelete
        | S::Deleting => false,
    }
}

/// Whether Ironic's word is that the node's BMC has answered.
pub fn is_verified(node: &Node) -> bool {
    !matches!(
        node.provision_state,
        None | Some(ProvisionState::Enroll | ProvisionState::Verifying)
    )
}

/// Who comes first: whoever has a node already, else whose machine is deployed, else whoever is older. To be asked before
/// a registration only.
pub(crate) fn blocker(observation: &Observation) -> Option<Blocker> {
    let host = &observation.host;
    let own = claims(host);
    let metadata = &host.metadata;
    let namespace = metadata.namespace.as_deref().unwrap_or_default();
    let created_at = metadata.creation_timestamp.as_ref().map(|time| time.0);
    let place = (
        observation.node().is_none(),
        !is_deployed(host),
        created_at,
        namespace,
        metadata.name.as_deref().unwrap_or_default(),
    );
    let first = observation
        .rivals
        .iter()
        .filter(|rival| own.iter().any(|claim| claim.is_same(&rival.claim)))
        // Of two that nobody has verified yet, one must not keep the other out of its own namespace.
        .filter(|rival| rival.has_node || rival.namespace == namespace)
        .min_by_key(|rival| place_of(rival))?;
    (place_of(first) < place).then(|| Blocker::Node {
        error_type: ErrorType::Registration,
        message: message(first, namespace),
    })
}

fn place_of(rival: &Rival) -> (bool, bool, Option<Timestamp>, &str, &str) {
    (
        !rival.has_node,
        !rival.is_deployed,
        rival.created_at,
        &rival.namespace,
        &rival.name,
    )
}

/// Who may see this host need not know of others' namespaces.
fn message(rival: &Rival, own_namespace: &str) -> String {
    let (field, what) = match &rival.claim {
        Claim::Bmc(_) => ("spec.bmc.address", "BMC"),
        Claim::BootMac(_) => ("spec.bootMACAddress", "MAC address"),
    };
    let who = if rival.namespace == own_namespace {
        format!("host {}", rival.name)
    } else {
        "a host in another namespace".to_owned()
    };
    format!(
        "{field}: {who} has the same {what}; a machine belongs to one host: correct it, or delete one of the two hosts"
    )
}
