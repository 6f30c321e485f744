//! When a Lease of another machine is over, and what is said until then.
//!
//! A machine that nobody could undeploy is fenced by people: it is unplugged, or its initiator or its secret is revoked on
//! the storage. They say so by an annotation on the Lease that names the very holder.

use metal_api::conditions::BootVolumeReason;
use metal_api::names;

use super::LeaseFact;
use super::naming::{LeaseHolder, VolumeLease};
use crate::observation::Observation;
use crate::plan::Blocker;

/// What became of the host that holds a Lease.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HolderFacts {
    /// Nobody looked.
    NotRead,
    /// It is there, as far as can be seen, and Ironic manages its machine.
    Lives,
    /// The operator may not read it.
    Unreadable,
    /// It was deleted, or has the MAC address of another machine.
    Gone {
        /// Whether Ironic has a node with a port of the machine. Looked for only if the holder is said to be fenced.
        has_node: Option<bool>,
    },
    /// It is detached: its machine runs on without Ironic.
    Detached {
        /// Likewise.
        has_node: Option<bool>,
    },
}

impl LeaseFact {
    /// Whether somebody says that the holder, and nobody else, is fenced.
    pub fn is_fenced(&self) -> bool {
        self.fenced.as_ref() == Some(&self.holder)
    }
}

/// Whether the next who needs it may take it over.
pub(super) fn is_over(lease: &LeaseFact) -> bool {
    let is_out = match lease.holder_is {
        HolderFacts::NotRead | HolderFacts::Lives | HolderFacts::Unreadable => false,
        HolderFacts::Gone { has_node } | HolderFacts::Detached { has_node } => {
            has_node == Some(false)
        }
    };
    is_out && lease.is_fenced() && !lease.is_deleted
}

/// What is said to who needs a Lease of another machine, or one that goes.
pub(super) fn conflict(
    observation: &Observation,
    needed: &VolumeLease,
    lease: &LeaseFact,
) -> Blocker {
    let VolumeLease { volume, field, .. } = needed;
    let message = if lease.is_deleted {
        format!(
            "{field}: {}, which stands for {volume}, is being deleted and waits for its finalizers; whoever set them must take them off",
            place(observation, lease)
        )
    } else {
        format!(
            "{field}: {} has {volume}, which belongs to one machine; {}",
            who(observation, lease),
            what_to_do(observation, lease)
        )
    };
    Blocker::BootVolume {
        reason: BootVolumeReason::VolumeConflict,
        message,
    }
}

/// Who may see this host need not know of others' namespaces.
fn who(observation: &Observation, lease: &LeaseFact) -> String {
    let metadata = &observation.host.metadata;
    let own = (metadata.namespace.as_deref(), metadata.name.as_deref());
    match LeaseHolder::parse(&lease.holder) {
        Some(holder) if own == (Some(holder.namespace), Some(holder.name)) => format!(
            "an earlier machine of this name (MAC address {})",
            holder.mac
        ),
        Some(holder) if own.0 == Some(holder.namespace) => format!("host {}", holder.name),
        Some(_) => "a host in another namespace".to_owned(),
        None => "a holder that this operator did not write".to_owned(),
    }
}

fn place(observation: &Observation, lease: &LeaseFact) -> String {
    let namespace = &observation.settings.volume_lease_namespace;
    format!("Lease {namespace}/{}", lease.name)
}

fn what_to_do(observation: &Observation, lease: &LeaseFact) -> String {
    const FENCED: &str = names::FENCED_ANNOTATION;
    let place = place(observation, lease);
    if LeaseHolder::parse(&lease.holder).is_none() {
        return format!("delete {place} once no machine uses the volume");
    }
    if lease.fenced.is_some() && !lease.is_fenced() {
        return format!(
            "the annotation {FENCED} on {place} has no effect because it does not name the holder: set it to the Lease's spec.holderIdentity"
        );
    }
    let (state, has_node) = match lease.holder_is {
        HolderFacts::NotRead | HolderFacts::Lives if lease.fenced.is_some() => {
            return format!(
                "the annotation {FENCED} on {place} has no effect while the holder's host exists: delete or detach that host first"
            );
        }
        HolderFacts::NotRead | HolderFacts::Lives => {
            return format!("correct the field, or release the volume there ({place})");
        }
        HolderFacts::Unreadable => return where_nothing_may_be_read(&place),
        HolderFacts::Gone { has_node } => ("gone", has_node),
        HolderFacts::Detached { has_node } => ("detached", has_node),
    };
    match (lease.fenced.is_some(), has_node) {
        (true, Some(true)) => format!(
            "the annotation {FENCED} on {place} has no effect while Ironic has a node with the MAC address of the holder: delete that node first"
        ),
        (true, _) => format!(
            "whether Ironic has a node of the holder of {place}, which is fenced, is not known yet"
        ),
        (false, _) => format!(
            "its host is {state}, and its machine may still run from the volume: once that machine is unplugged, or its initiator is revoked on the storage, set the annotation {FENCED} on {place} to the Lease's spec.holderIdentity"
        ),
    }
}

/// Of another namespace than the operator's own, where it has only one.
fn where_nothing_may_be_read(place: &str) -> String {
    format!(
        "the operator may not read that host: correct the field, or release the volume there ({place}); if its machine is dead, an administrator can let the operator get baremetalhosts in the namespace of the Lease's holder, or delete the Lease once that machine is unplugged or its initiator is revoked on the storage"
    )
}
