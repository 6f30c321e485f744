//! Which hosts claim the same machine: an index that follows the watch over hosts, so that no pass looks at all of them.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};

use jiff::Timestamp;
use kube::ResourceExt;
use kube::runtime::reflector::ObjectRef;
use kube::runtime::watcher::Event;
use metal_api::v1alpha1::BareMetalHost;
use metal_plan::{Claim, Rival, claims, has_node};

use crate::reconcile::Stored;

/// What is known of all hosts' claims. Clones share it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Rivals(Arc<Mutex<Index>>);

#[derive(Debug, Default)]
struct Index {
    hosts: BTreeMap<Name, Entry>,
    /// By [`Claim::key`].
    by_key: HashMap<String, BTreeSet<Name>>,
    /// Those that a new list brought so far.
    listed: HashSet<Name>,
}

/// Namespace and name.
type Name = (String, String);

#[derive(Debug, Default)]
struct Entry {
    claims: Vec<Claim>,
    created_at: Option<Timestamp>,
    has_node: bool,
}

impl Rivals {
    /// The other hosts that have a claim of this one.
    pub(crate) fn of(&self, host: &BareMetalHost) -> Vec<Rival> {
        self.locked(|index| index.of(host))
    }

    /// Follows the watch. Returns the hosts that may go on, because another one let go of what they claim.
    pub(crate) fn follow(&self, event: &Event<Stored>) -> Vec<ObjectRef<Stored>> {
        let freed = self.locked(|index| index.follow(event));
        freed
            .iter()
            .map(|(namespace, name)| ObjectRef::new(name).within(namespace))
            .collect()
    }

    fn locked<T>(&self, act: impl FnOnce(&mut Index) -> T) -> T {
        act(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Index {
    fn of(&self, host: &BareMetalHost) -> Vec<Rival> {
        let own = name(host);
        let mut rivals = Vec::new();
        for claim in claims(host) {
            let claimants = self.by_key.get(claim.key()).into_iter().flatten();
            for other in claimants.filter(|other| **other != own) {
                let entry = self.hosts.get(other);
                rivals.extend(entry.and_then(|entry| entry.as_rival(other, &claim)));
            }
        }
        rivals
    }

    fn follow(&mut self, event: &Event<Stored>) -> BTreeSet<Name> {
        match event {
            Event::Init => {
                self.listed.clear();
                BTreeSet::new()
            }
            Event::InitApply(stored) => {
                self.listed.insert(stored_name(stored));
                self.apply(stored)
            }
            Event::InitDone => {
                let listed = std::mem::take(&mut self.listed);
                let gone = self.hosts.keys().filter(|name| !listed.contains(*name));
                let gone: Vec<_> = gone.cloned().collect();
                gone.iter()
                    .flat_map(|name| self.replace(name, Entry::default()))
                    .collect()
            }
            Event::Apply(stored) => self.apply(stored),
            Event::Delete(stored) => self.replace(&stored_name(stored), Entry::default()),
        }
    }

    /// One that can't be read claims nothing: nothing is done with it.
    fn apply(&mut self, stored: &Stored) -> BTreeSet<Name> {
        let entry = stored.0.as_ref().map(Entry::from).unwrap_or_default();
        self.replace(&stored_name(stored), entry)
    }

    /// Returns the others that have a claim which this host had and has no longer.
    fn replace(&mut self, name: &Name, entry: Entry) -> BTreeSet<Name> {
        let old = self.hosts.remove(name).unwrap_or_default();
        let mut freed = BTreeSet::new();
        for claim in &old.claims {
            let Some(claimants) = self.by_key.get_mut(claim.key()) else {
                continue;
            };
            claimants.remove(name);
            if !entry.claims.contains(claim) {
                freed.extend(claimants.iter().cloned());
            }
            if claimants.is_empty() {
                self.by_key.remove(claim.key());
            }
        }
        for claim in &entry.claims {
            let claimants = self.by_key.entry(claim.key().to_owned()).or_default();
            claimants.insert(name.clone());
        }
        if !entry.claims.is_empty() {
            self.hosts.insert(name.clone(), entry);
        }
        freed
    }
}

impl Entry {
    /// None if it claims something else with the same key.
    fn as_rival(&self, (namespace, name): &Name, claim: &Claim) -> Option<Rival> {
        let claim = self.claims.iter().find(|own| own.is_same(claim))?;
        Some(Rival {
            claim: claim.clone(),
            namespace: namespace.clone(),
            name: name.clone(),
            created_at: self.created_at,
            has_node: self.has_node,
        })
    }
}

impl From<&BareMetalHost> for Entry {
    fn from(host: &BareMetalHost) -> Self {
        Self {
            claims: claims(host),
            created_at: host.creation_timestamp().map(|time| time.0),
            has_node: has_node(host),
        }
    }
}

fn name(host: &BareMetalHost) -> Name {
    (host.namespace().unwrap_or_default(), host.name_any())
}

fn stored_name(stored: &Stored) -> Name {
    (stored.namespace().unwrap_or_default(), stored.name_any())
}

#[cfg(test)]
mod tests;
