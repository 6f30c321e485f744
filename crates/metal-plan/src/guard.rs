//! The guard of a volume's Secret: a finalizer and two labels, for as long as any host uses it.
//!
//! A deployed host needs its Secret again when Ironic lost its node, and a release doesn't end before the Secret of an
//! adoption was there: so it must not be deleted by mistake. The Secret of a BMC has no such guard, as in Metal3, but the
//! label by which `clusterctl move` takes it along: in Metal3 it has an owner reference for that.

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
    /// It reaches its BMC with it, and needs it in the cluster that it is moved to.
    Reads,
    /// It is paused, or can't be read: nothing may be written to its Secrets, whoever else uses them.
    Forbids,
}

/// The Secrets that the host has to do with, by name; they are in its namespace.
pub fn secret_uses(host: &BareMetalHost) -> BTreeMap<String, SecretUse> {
    let mut uses = of_volumes(host);
    if let Some(name) = bmc_secret(host) {
        let of_bmc = if is_paused(host) {
            SecretUse::Forbids
        } else if is_going(host) {
            SecretUse::Keeps
        } else {
            SecretUse::Reads
        };
        uses.entry(name.to_owned()).or_insert(of_bmc);
    }
    uses
}

/// The Secret with the credentials that Ironic reached the BMC with. One that is merely named may be anybody's.
fn bmc_secret(host: &BareMetalHost) -> Option<&str> {
    let named = host.spec.bmc.as_ref()?.credentials_name.as_str();
    let good = host.status.as_ref()?.good_credentials.as_ref()?;
    let good = good.credentials.as_ref()?.name.as_deref()?;
    (good == named).then_some(named)
}

fn of_volumes(host: &BareMetalHost) -> BTreeMap<String, SecretUse> {
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
    /// The guard's labels that the operator set. Somebody else may have, as well.
    pub ours: BTreeSet<&'static str>,
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
            if is_set_by_us(secret, label) {
                seen.ours.insert(label);
            }
            match secret.labels.as_ref().and_then(|labels| labels.get(label)) {
                None => seen.missing.insert(label),
                Some(present) if present != value => seen.foreign.insert(label),
                Some(_) => continue,
            };
        }
        seen
    }
}

/// Whether the operator set a label, as far as it is on record (`metadata.managedFields`, Kubernetes' server-side apply).
fn is_set_by_us(secret: &ObjectMeta, label: &str) -> bool {
    let label = format!("f:{label}");
    let mut entries = secret.managed_fields.iter().flatten();
    entries.any(|entry| {
        let fields = entry.fields_v1.as_ref().map(|fields| &fields.0);
        entry.manager.as_deref() == Some(names::GUARD_FIELD_MANAGER)
            && fields.is_some_and(|fields| !fields["f:metadata"]["f:labels"][&label].is_null())
    })
}

/// What to do about the guard of a Secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GuardStep {
    /// It is as it must be.
    Keep,
    /// Set these, whoever else set them.
    Set {
        /// Names and values.
        labels: BTreeMap<String, String>,
        /// Whether with the finalizer.
        finalizer: bool,
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
    let uses_it = uses.contains(&SecretUse::Uses);
    let is_complete = seen.has_finalizer && seen.missing.is_empty();
    // Kubernetes takes no new finalizer for what is being deleted.
    if uses_it && !is_complete && !seen.is_deleted && seen.is_for_iscsi {
        return set(seen, &names::SECRET_GUARD_LABELS, true);
    }
    let is_needed = uses_it || uses.contains(&SecretUse::Keeps);
    if uses.contains(&SecretUse::Reads) && (is_needed || !seen.has_finalizer) {
        return if seen.missing.contains(names::MOVE_LABEL) && !seen.is_deleted {
            set(seen, &[(names::MOVE_LABEL, "")], seen.has_finalizer)
        } else {
            GuardStep::Keep
        };
    }
    // What is still needed of it then is set by the next look.
    let is_ours = seen.has_finalizer || (!seen.ours.is_empty() && uses.is_empty());
    if is_ours && !is_needed {
        return GuardStep::Remove;
    }
    GuardStep::Keep
}

/// What this leaves out of all that the operator has set goes.
fn set(seen: &GuardSeen, labels: &[(&str, &str)], finalizer: bool) -> GuardStep {
    let ours = labels
        .iter()
        .filter(|(label, _)| !seen.foreign.contains(label));
    GuardStep::Set {
        labels: ours
            .map(|(label, value)| ((*label).to_owned(), (*value).to_owned()))
            .collect(),
        finalizer,
    }
}
