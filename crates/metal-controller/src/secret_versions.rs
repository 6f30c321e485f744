//! Which version each Secret has, as the watch over their metadata tells: a Secret that is as it was when it was read
//! last need not be read again. And whether it is guarded. No contents of Secrets, only facts.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use k8s_openapi::api::core::v1::Secret;
use kube::ResourceExt;
use kube::core::PartialObjectMeta;
use kube::runtime::watcher::Event;
use metal_plan::{GuardSeen, SecretFacts};

/// Clones share what is known.
#[derive(Clone, Debug, Default)]
pub(crate) struct SecretVersions(Arc<Mutex<Versions>>);

#[derive(Debug, Default)]
struct Versions {
    known: HashMap<SecretName, Known>,
    /// What a new list brought so far.
    listed: HashMap<SecretName, Known>,
    /// Whether all Secrets were listed once.
    are_listed: bool,
}

/// Namespace and name.
pub(crate) type SecretName = (String, String);

#[derive(Debug)]
struct Known {
    version: String,
    uid: String,
    guard: GuardSeen,
    /// What was found when a volume's credentials were looked for in this version of it.
    facts: Option<SecretFacts>,
}

impl SecretVersions {
    /// Follows the watch.
    pub(crate) fn follow(&self, event: &Event<PartialObjectMeta<Secret>>) {
        let mut versions = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match event {
            Event::Init => versions.listed.clear(),
            Event::InitApply(secret) => {
                versions.listed.insert(name(secret), Known::from(secret));
            }
            Event::InitDone => {
                let mut listed = std::mem::take(&mut versions.listed);
                for (name, known) in &mut listed {
                    let old = versions.known.remove(name);
                    known.facts = old
                        .filter(|old| old.version == known.version && old.uid == known.uid)
                        .and_then(|old| old.facts);
                }
                versions.known = listed;
                versions.are_listed = true;
            }
            Event::Apply(secret) => {
                versions.known.insert(name(secret), Known::from(secret));
            }
            Event::Delete(secret) => {
                versions.known.remove(&name(secret));
            }
        }
    }

    /// Whether the Secret has this version, as far as the watch has seen. If it has another by now, the watch will call.
    pub(crate) fn is_at(&self, namespace: &str, name: &str, version: &str) -> bool {
        let versions = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let name = (namespace.to_owned(), name.to_owned());
        versions
            .known
            .get(&name)
            .is_some_and(|known| known.version == version)
    }

    /// What is known of a volume's Secret, unless it has changed since it was read.
    pub(crate) fn facts(&self, namespace: &str, name: &str) -> Option<SecretFacts> {
        let versions = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let name = (namespace.to_owned(), name.to_owned());
        versions.known.get(&name)?.facts.clone()
    }

    /// Remembers what was found in this version of a volume's Secret, if the watch has seen that version.
    pub(crate) fn remember(&self, namespace: &str, name: &str, version: &str, facts: &SecretFacts) {
        let mut versions = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let name = (namespace.to_owned(), name.to_owned());
        if let Some(known) = versions.known.get_mut(&name)
            && known.version == version
        {
            known.facts = Some(facts.clone());
        }
    }

    /// The Secret's UID and what there is of a guard on it; none before all were listed, and where there is none.
    pub(crate) fn guard_of(&self, name: &SecretName) -> Option<(String, GuardSeen)> {
        let versions = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let known = versions.known.get(name).filter(|_| versions.are_listed)?;
        Some((known.uid.clone(), known.guard.clone()))
    }

    /// Those that are guarded, by whomever.
    pub(crate) fn guarded(&self) -> Vec<SecretName> {
        let versions = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let guarded = versions
            .known
            .iter()
            .filter(|(_, known)| known.guard.has_finalizer);
        guarded.map(|(name, _)| name.clone()).collect()
    }
}

impl From<&PartialObjectMeta<Secret>> for Known {
    fn from(secret: &PartialObjectMeta<Secret>) -> Self {
        Self {
            version: secret.resource_version().unwrap_or_default(),
            uid: secret.uid().unwrap_or_default(),
            guard: GuardSeen::of(&secret.metadata),
            facts: None,
        }
    }
}

pub(crate) fn name(secret: &PartialObjectMeta<Secret>) -> SecretName {
    (secret.namespace().unwrap_or_default(), secret.name_any())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secret(version: &str) -> PartialObjectMeta<Secret> {
        let mut secret = PartialObjectMeta::<Secret>::default();
        secret.metadata.namespace = Some("metal".to_owned());
        secret.metadata.name = Some("bmc".to_owned());
        secret.metadata.resource_version = Some(version.to_owned());
        secret
    }

    #[test]
    fn a_version_is_known_from_the_watch_until_another_follows_or_the_secret_goes() {
        let versions = SecretVersions::default();
        let is_at = |version| versions.is_at("metal", "bmc", version);
        assert!(!is_at("1"), "nothing was listed yet");

        versions.follow(&Event::Init);
        versions.follow(&Event::InitApply(secret("1")));
        assert!(!is_at("1"), "the list is not complete");
        versions.follow(&Event::InitDone);
        assert!(is_at("1"));

        versions.follow(&Event::Apply(secret("2")));
        assert!(!is_at("1") && is_at("2"));
        versions.follow(&Event::Delete(secret("2")));
        assert!(!is_at("2"));
    }

    #[test]
    fn what_a_new_list_does_not_bring_is_gone() {
        let versions = SecretVersions::default();
        versions.follow(&Event::Apply(secret("1")));
        versions.follow(&Event::Init);
        assert!(
            versions.is_at("metal", "bmc", "1"),
            "until the list is complete"
        );
        versions.follow(&Event::InitDone);
        assert!(!versions.is_at("metal", "bmc", "1"));
    }

    #[test]
    fn what_was_found_in_a_secret_holds_until_the_secret_changes() {
        let versions = SecretVersions::default();
        let facts = || versions.facts("metal", "bmc");
        let remember =
            |version| versions.remember("metal", "bmc", version, &SecretFacts::NotOptedIn);
        remember("1");
        assert_eq!(facts(), None, "the watch has not seen it");
        versions.follow(&Event::Apply(secret("1")));
        remember("2");
        assert_eq!(facts(), None, "the watch has not seen this version of it");
        remember("1");
        assert_eq!(facts(), Some(SecretFacts::NotOptedIn));

        let list = |version| {
            versions.follow(&Event::Init);
            versions.follow(&Event::InitApply(secret(version)));
            versions.follow(&Event::InitDone);
        };
        list("1");
        assert_eq!(
            facts(),
            Some(SecretFacts::NotOptedIn),
            "a new list changes nothing"
        );
        list("2");
        assert_eq!(facts(), None);
        remember("2");
        versions.follow(&Event::Delete(secret("2")));
        assert_eq!(facts(), None);
    }
}
