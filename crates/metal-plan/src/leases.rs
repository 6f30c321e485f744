//! One volume, one machine: a host runs from a volume only while it holds the volume's Leases.
//!
//! A Lease doesn't expire: that a machine gives no answer doesn't mean that it writes nothing.
//! It is given back after an undeployment that completed, which takes the boot script away, and a confirmed power off;
//! a deletion that goes on without keeps it, and then only somebody who knows that the machine is [fenced](fence) ends it.

use ironic_types::{Node, PowerState, ProvisionState};
use metal_api::conditions::BootVolumeReason;
use metal_api::v1alpha1::{BareMetalHost, ProvisioningState};

use crate::cancellation;
use crate::effect::{Effect, LeaseClaim};
use crate::host::{is_deleted, is_ours};
use crate::observation::Observation;
use crate::plan::{Blocker, Plan};
use crate::power;

mod fence;
mod naming;

pub use fence::HolderFacts;
pub use naming::{
    LeaseHolder, VolumeLease, label_value, lease_holder, looked_up_leases, needed_leases,
};

/// What is known of the Leases that a host [depends on](looked_up_leases) or holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LeaseFacts {
    /// Nothing depends on them in the host's [state](leases_matter).
    NotRead,
    /// They can't be read.
    Unavailable {
        /// What went wrong, without a final dot.
        message: String,
    },
    /// Those that exist. One that isn't here is free.
    Known(Vec<LeaseFact>),
}

/// A Lease that exists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeaseFact {
    /// Its name.
    pub name: String,
    /// `spec.holderIdentity`: see [`lease_holder`].
    pub holder: String,
    /// The `metadata.uid` of the host that took it.
    pub host_uid: Option<String>,
    /// `metadata.resourceVersion`.
    pub version: String,
    /// The annotation `ironboot.io/fenced`.
    pub fenced: Option<String>,
    /// What became of the holder, if that is another host.
    pub holder_is: HolderFacts,
    /// Whether it is being deleted, and waits for somebody's finalizers. It is given back then, and not free yet.
    pub is_deleted: bool,
}

/// Whether the plan for a host depends on Leases.
pub fn leases_matter(host: &BareMetalHost) -> bool {
    use ProvisioningState as S;
    match host.state() {
        S::Ready
        | S::Available
        | S::Provisioning
        | S::Provisioned
        | S::Deprovisioning
        | S::PoweringOffBeforeDelete => true,
        S::None
        | S::Unmanaged
        | S::Registering
        | S::Inspecting
        | S::MatchProfile
        | S::Preparing
        | S::ExternallyProvisioned
        | S::Deleting => false,
    }
}

/// That nothing of what the next deployment needs is another machine's, as far as is known.
pub(crate) fn free(observation: &Observation) -> Result<(), Blocker> {
    let wanted = naming::wanted_leases(&observation.host);
    claims_of(observation, wanted).map(|_| ())
}

/// What is said while something that the host needs in its state is another machine's.
pub(crate) fn conflict(observation: &Observation) -> Option<Plan> {
    claims(observation).err().map(Plan::blocked)
}

/// Takes the Leases that the host needs in its state and doesn't hold, or says who does; none once it holds them all.
pub(crate) fn secure(observation: &Observation) -> Option<Plan> {
    take(observation, claims(observation))
}

/// Likewise of the volumes that another deployment of a deployed host would attach. One that is another's is no matter of
/// the machine that runs.
pub(crate) fn secure_for_redeployment(observation: &Observation) -> Option<Plan> {
    let wanted = naming::wanted_leases(&observation.host);
    take(observation, claims_of(observation, wanted))
}

fn take(observation: &Observation, claims: Result<Vec<LeaseClaim>, Blocker>) -> Option<Plan> {
    match claims {
        Err(blocker) => Some(Plan::blocked(blocker)),
        Ok(claims) if claims.is_empty() => None,
        Ok(claims) => Some(Plan::change_leases(Effect::TakeLeases {
            claims,
            holder: lease_holder(&observation.host),
        })),
    }
}

/// Whether the host holds all Leases that it needs, as far as is known.
pub(crate) fn holds_all(observation: &Observation) -> bool {
    claims(observation).is_ok_and(|claims| claims.is_empty())
}

/// Whether a Lease is free, or its holder fenced, as far as is known.
pub(crate) fn may_be_taken(observation: &Observation, claim: &LeaseClaim) -> bool {
    let known = known(observation)
        .iter()
        .find(|lease| lease.name == claim.name);
    match (known, &claim.over) {
        (None, None) => true,
        (Some(known), Some(version)) => fence::is_over(known) && known.version == *version,
        (None, Some(_)) | (Some(_), None) => false,
    }
}

/// Gives back the Leases, in a state that comes after the undeployment; none once nothing is left to give back. Those of an
/// attempt that failed stay: another host that waits for the volume is not meant to have it then.
pub(crate) fn give_back(observation: &Observation, node: &Node) -> Option<Plan> {
    match &observation.leases {
        LeaseFacts::Unavailable { message } if is_ours(&observation.host) => {
            Some(Plan::blocked(unreadable(message)))
        }
        LeaseFacts::Unavailable { .. } | LeaseFacts::NotRead | LeaseFacts::Known(_) => {
            let kept = for_another_attempt(&observation.host);
            let leases = held(observation).filter(|lease| !is_among(&kept, lease));
            give_back_when_off(observation, node, &leases.collect::<Vec<_>>())
        }
    }
}

fn for_another_attempt(host: &BareMetalHost) -> Vec<VolumeLease> {
    let is_let_go = is_deleted(host) || cancellation::is_cancelled(host);
    if is_let_go {
        Vec::new()
    } else {
        naming::wanted_leases(host)
    }
}

fn is_among(leases: &[VolumeLease], lease: &LeaseFact) -> bool {
    leases.iter().any(|other| other.name == lease.name)
}

/// Gives back what the host took and won't use: what its spec names no more, and all if one of them is another's, or if
/// nothing is deployed before somebody claims the host or ends a hold.
///
/// One that was taken by a host of the past, or before the status was lost, may be the machine's of a deployment that
/// nobody undid: only an undeployment ends that.
pub(crate) fn give_back_unneeded(observation: &Observation, node: &Node) -> Option<Plan> {
    let host = &observation.host;
    let needed = match claims(observation) {
        Ok(_) => needed_leases(host),
        Err(_) => Vec::new(),
    };
    let unneeded: Vec<_> = held(observation)
        .filter(|lease| is_of_this_host(host, lease))
        .filter(|lease| !is_among(&needed, lease))
        .collect();
    give_back_when_off(observation, node, &unneeded)
}

/// A host that holds a Lease in vain is not on for long, so that another may have it.
fn give_back_when_off(
    observation: &Observation,
    node: &Node,
    leases: &[&LeaseFact],
) -> Option<Plan> {
    if leases.is_empty() || node.provision_state != Some(ProvisionState::Available) {
        return None;
    }
    if let Some(plan) = power::shut_down(observation, node) {
        return Some(plan);
    }
    // It may be one that must stay on.
    (node.power_state == Some(PowerState::Off)).then(|| {
        let leases = leases.iter().map(|lease| HeldLease {
            name: lease.name.clone(),
            version: lease.version.clone(),
        });
        Plan::change_leases(Effect::GiveBackLeases {
            leases: leases.collect(),
        })
    })
}

/// A Lease that is held, as it was seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldLease {
    /// Its name.
    pub name: String,
    /// `metadata.resourceVersion`.
    pub version: String,
}

fn held(observation: &Observation) -> impl Iterator<Item = &LeaseFact> {
    let holder = lease_holder(&observation.host);
    known(observation)
        .iter()
        .filter(move |lease| is_held_by(lease, &holder))
}

fn is_held_by(lease: &LeaseFact, holder: &str) -> bool {
    lease.holder == holder && !lease.is_deleted
}

fn known(observation: &Observation) -> &[LeaseFact] {
    match &observation.leases {
        LeaseFacts::Known(leases) => leases,
        LeaseFacts::NotRead | LeaseFacts::Unavailable { .. } => &[],
    }
}

fn is_of_this_host(host: &BareMetalHost, lease: &LeaseFact) -> bool {
    lease.host_uid.is_some() && lease.host_uid == host.metadata.uid
}

/// What must be taken yet, in order. One that is another's keeps the host from all.
fn claims(observation: &Observation) -> Result<Vec<LeaseClaim>, Blocker> {
    claims_of(observation, naming::exclusive_leases(&observation.host))
}

fn claims_of(
    observation: &Observation,
    needed: Vec<VolumeLease>,
) -> Result<Vec<LeaseClaim>, Blocker> {
    if let LeaseFacts::Unavailable { message } = &observation.leases
        && !needed.is_empty()
    {
        return Err(unreadable(message));
    }
    let holder = lease_holder(&observation.host);
    let mut claims = Vec::new();
    for lease in needed {
        let over = match known(observation)
            .iter()
            .find(|known| known.name == lease.name)
        {
            Some(known) if is_held_by(known, &holder) => continue,
            Some(known) if fence::is_over(known) => Some(known.version.clone()),
            Some(known) => return Err(fence::conflict(observation, &lease, known)),
            None => None,
        };
        if !lease.is_taken {
            continue;
        }
        claims.push(LeaseClaim {
            name: lease.name,
            volume: lease.volume,
            over,
        });
    }
    Ok(claims)
}

fn unreadable(message: &str) -> Blocker {
    Blocker::BootVolume {
        reason: BootVolumeReason::Checking,
        message: format!(
            "the Leases that tell whose a volume is can't be read: {message}; nothing is done to the machine until they can"
        ),
    }
}
