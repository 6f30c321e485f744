//! The guard of a volume's Secret: a finalizer and two labels, for as long as any host uses it.
//!
//! A deployed host needs its Secret again when Ironic lost its node, and a release doesn't end before the Secret of an
//! adoption was there: so it must not be deleted by mistake. The Secret of a BMC has no guard, as in Metal3.

use std::collections::{BTreeMap, BTreeSet};

use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use metal_api::conditions::{ConditionStatus, ConditionType, find_condition};
use metal_api::names;
use metal_api::v1alpha1::{BareMetalHost, ProvisioningState};

use crate::boot_volume::{recorded_secrets, wanted_secrets};
use crate::claim;
use crate::host::{is_ours, is_paused};

/// What a host has to do with a Secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SecretUse {
    /// It is deployed with it, or is about to be.
    Uses,
    /// It is about to go, or its volume is held as a consumer left it and may be deployed or moved again: what there is of
    /// a guard stays, and what there isn't is not its wish.
    Keeps,
    /// It is paused, or can't be read: nothing may be written to its Secrets, whoever else uses them.
    Forbids,
}

/// The Secrets of volumes that the host has to do with, by name; they are in its namespace.
pub fn secret_uses(host: &BareMetalHost) -> BTreeMap<String, SecretUse> {
    let recorded = recorded_secrets(host);
    let wanted = wanted_secrets(host);
    let (uses, secrets): (_, BTreeSet<&str>) = if is_paused(host) {
        (SecretUse::Forbids, &recorded | &wanted)
    } else if is_going(host) {
        (SecretUse::Keeps, &recorded | &wanted)
    } else if is_usable(host) || is_ours(host) {
        (SecretUse::Uses, &recorded | &wanted)
    } else if claim::held(host).is_some() {
        (SecretUse::Keeps, &recorded | &wanted)
    } else {
        (SecretUse::Uses, recorded)
    };
    let owned = secrets.into_iter().map(|name| (name.to_owned(), uses));
    owned.collect()
}

/// Whether the host was found fit to be deployed from its volume: a Secret that merely is named may be anybody's.
fn is_usable(host: &BareMetalHost) -> bool {
    let ready = host
        .status
        .as_ref()
        .and_then(|status| find_condition(&status.conditions, ConditionType::BootVolumeReady));
    ready.is_some_and(|condition| condition.status == ConditionStatus::True.as_str())
}

/// Nothing of it is deployed any more; its node goes first.
fn is_going(host: &BareMetalHost) -> bool {
    matches!(
        host.state(),
        ProvisioningState::PoweringOffBeforeDelete | ProvisioningState::Deleting
    )
}

/// Whether a label says that the Secret may be used for iSCSI; its type may say so too.
pub fn opts_in(secret: &ObjectMeta) -> bool {
    let labels = secret.labels.as_ref();
    let label = labels.and_then(|labels| labels.get(names::ISCSI_CREDENTIALS_LABEL));
    label.is_some_and(|value| value == "true")
}

/// What there is of the guard on a Secret.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GuardSeen {
    /// Whether the Secret is being deleted.
    pub is_deleted: bool,
    /// Whether it has the finalizer.
    pub has_finalizer: bool,
    /// Whether it [opted in](opts_in) for iSCSI, or has the type of Secrets that do. Their type is not among the metadata.
    pub is_for_iscsi: bool,
    /// The guard's labels that it lacks.
    pub missing: BTreeSet<&'static str>,
    /// The guard's labels that somebody gave another value.
    pub foreign: BTreeSet<&'static str>,
}

impl GuardSeen {
    /// As the Secret's metadata say.
    pub fn of(secret: &ObjectMeta) -> Self {
        let finalizers = secret.finalizers.as_deref().unwrap_or_default();
        let mut seen = Self {
            is_deleted: secret.deletion_timestamp.is_some(),
            is_for_iscsi: opts_in(secret),
            has_finalizer: finalizers
                .iter()
                .any(|finalizer| finalizer == names::SECRET_GUARD_FINALIZER),
            ..Self::default()
        };
        for (label, value) in names::SECRET_GUARD_LABELS {
            match secret.labels.as_ref().and_then(|labels| labels.get(label)) {
                None => seen.missing.insert(label),
                Some(present) if present != value => seen.foreign.insert(label),
                Some(_) => continue,
            };
        }
        seen
    }
}

/// What to do about the guard of a Secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GuardStep {
    /// It is as it must be.
    Keep,
    /// Set the finalizer and these labels, whoever else set them.
    Set {
        /// Names and values.
        labels: BTreeMap<String, String>,
    },
    /// Take away what the operator has set.
    Remove,
}

/// What to do about the guard of a Secret that these hosts have to do with.
///
/// Who may edit a host may name any Secret of its namespace, and is to have no power over those of others: none gets a
/// guard that didn't opt in.
pub fn guard(uses: &[SecretUse], seen: &GuardSeen) -> GuardStep {
    if uses.contains(&SecretUse::Forbids) {
        return GuardStep::Keep;
    }
    let is_complete = seen.has_finalizer && seen.missing.is_empty();
    // Kubernetes takes no new finalizer for what is being deleted.
    if uses.contains(&SecretUse::Uses) && !is_complete && !seen.is_deleted && seen.is_for_iscsi {
        let ours = names::SECRET_GUARD_LABELS
            .iter()
            .filter(|(label, _)| !seen.foreign.contains(label));
        return GuardStep::Set {
            labels: ours
                .map(|(label, value)| ((*label).to_owned(), (*value).to_owned()))
                .collect(),
        };
    }
    if uses.is_empty() && seen.has_finalizer {
        return GuardStep::Remove;
    }
    GuardStep::Keep
}
