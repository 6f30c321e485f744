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
                    let same =
                        old.filter(|old| old.version == known.version && old.uid == known.uid);
                    known.facts = known.facts.take().or(same.and_then(|old| old.facts));
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

    /// Remembers what was found in this version of a volume's Secret, if the watch has seen that version, and be it in a
    /// list that isn't complete. Returns whether anything is news.
    pub(crate) fn remember(&self, secret: &SecretName, version: &str, facts: &SecretFacts) -> bool {
        let mut versions = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Versions { known, listed, .. } = &mut *versions;
        let mut is_news = false;
        for known in [known.get_mut(secret), listed.get_mut(secret)] {
            if let Some(known) = known.filter(|known| known.version == version) {
                is_news |= known.facts.as_ref() != Some(facts);
                known.facts = Some(facts.clone());
            }
        }
        is_news
    }

    /// The Secret's UID and what there is of a guard on it; none before all were listed, and where there is none. Whether
    /// it is for iSCSI by its type is known once it was read.
    pub(crate) fn guard_of(&self, name: &SecretName) -> Option<(String, GuardSeen)> {
        let versions = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let known = versions.known.get(name).filter(|_| versions.are_listed)?;
        let mut seen = known.guard.clone();
        seen.is_for_iscsi |= known.facts.as_ref().is_some_and(opted_in);
        Some((known.uid.clone(), seen))
    }

    /// Those that are guarded, by whomever, or have a label of ours.
    pub(crate) fn guarded(&self) -> Vec<SecretName> {
        let versions = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let guarded = versions
            .known
            .iter()
            .filter(|(_, known)| known.guard.has_finalizer || !known.guard.ours.is_empty());
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

/// Whether a volume's Secret agreed to be used as one, be it of any use or not.
fn opted_in(facts: &SecretFacts) -> bool {
    match facts {
        SecretFacts::Chap(_) | SecretFacts::Invalid { .. } => true,
        SecretFacts::NotRead
        | SecretFacts::Missing
        | SecretFacts::NotOptedIn
        | SecretFacts::Usable { .. } => false,
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
        let name = name(&secret("1"));
        let remember = |version| versions.remember(&name, version, &SecretFacts::NotOptedIn);
        assert!(!remember("1"));
        assert_eq!(facts(), None, "the watch has not seen it");
        versions.follow(&Event::Apply(secret("1")));
        assert!(!remember("2"));
        assert_eq!(facts(), None, "the watch has not seen this version of it");
        assert!(remember("1"));
        assert_eq!(facts(), Some(SecretFacts::NotOptedIn));
        assert!(!remember("1"), "it is no news");

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

    /// Nobody would read it again: the host was called when the list brought the Secret, and not when it was complete.
    #[test]
    fn what_was_found_while_the_first_list_comes_in_is_not_lost() {
        let versions = SecretVersions::default();
        versions.follow(&Event::Init);
        versions.follow(&Event::InitApply(secret("1")));
        let name = name(&secret("1"));
        let problem = "key password is missing".to_owned();
        assert!(versions.remember(&name, "1", &SecretFacts::Invalid { problem }));
        versions.follow(&Event::InitDone);
        let (_, seen) = versions.guard_of(&name).unwrap();
        assert!(seen.is_for_iscsi);
    }

    #[test]
    fn a_secret_is_for_iscsi_once_it_was_found_to_be() {
        let versions = SecretVersions::default();
        for event in [Event::Init, Event::InitApply(secret("1")), Event::InitDone] {
            versions.follow(&event);
        }
        let name = name(&secret("1"));
        let is_for_iscsi = || versions.guard_of(&name).unwrap().1.is_for_iscsi;
        assert!(!is_for_iscsi(), "nobody has read it");
        versions.remember(&name, "1", &SecretFacts::NotOptedIn);
        assert!(!is_for_iscsi());
        let problem = "key password is missing".to_owned();
        versions.remember(&name, "1", &SecretFacts::Invalid { problem });
        assert!(is_for_iscsi());
        versions.follow(&Event::Apply(secret("2")));
        assert!(!is_for_iscsi(), "this version was not read");
    }
}
