//! Which hosts claim the same machine: an index that follows the watch over hosts, so that no pass looks at all of them.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use jiff::Timestamp;
use kube::ResourceExt;
use kube::runtime::reflector::ObjectRef;
use kube::runtime::watcher::Event;
use metal_api::v1alpha1::BareMetalHost;
use metal_plan::{Claim, Rival, claims, has_node, is_deployed};

use crate::listing::{self, Change, HostName, Listing};
use crate::reconcile::Stored;

/// What is known of all hosts' claims. Clones share it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Rivals(Arc<Mutex<Index>>);

#[derive(Debug, Default)]
struct Index {
    hosts: BTreeMap<HostName, Entry>,
    /// By [`Claim::key`].
    by_key: HashMap<String, BTreeSet<HostName>>,
    listing: Listing,
}

#[derive(Debug, Default)]
struct Entry {
    claims: Vec<Claim>,
    created_at: Option<Timestamp>,
    has_node: bool,
    is_deployed: bool,
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

    fn follow(&mut self, event: &Event<Stored>) -> BTreeSet<HostName> {
        match self.listing.read(event) {
            Change::None => BTreeSet::new(),
            Change::Is(stored) => self.apply(stored),
            Change::Gone(name) => self.replace(&name, Entry::default()),
            Change::Only(listed) => {
                let gone = self.hosts.keys().filter(|name| !listed.contains(*name));
                let gone: Vec<_> = gone.cloned().collect();
                gone.iter()
                    .flat_map(|name| self.replace(name, Entry::default()))
                    .collect()
            }
        }
    }

    /// One that can't be read claims nothing: nothing is done with it.
    fn apply(&mut self, stored: &Stored) -> BTreeSet<HostName> {
        let entry = stored.0.as_ref().map(Entry::from).unwrap_or_default();
        self.replace(&listing::name(stored), entry)
    }

    /// Returns the others that have a claim which this host had and has no longer.
    fn replace(&mut self, name: &HostName, entry: Entry) -> BTreeSet<HostName> {
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
    fn as_rival(&self, (namespace, name): &HostName, claim: &Claim) -> Option<Rival> {
        let claim = self.claims.iter().find(|own| own.is_same(claim))?;
        Some(Rival {
            claim: claim.clone(),
            namespace: namespace.clone(),
            name: name.clone(),
            created_at: self.created_at,
            has_node: self.has_node,
            is_deployed: self.is_deployed,
        })
    }
}

impl From<&BareMetalHost> for Entry {
    fn from(host: &BareMetalHost) -> Self {
        Self {
            claims: claims(host),
            created_at: host.creation_timestamp().map(|time| time.0),
            has_node: has_node(host),
            is_deployed: is_deployed(host),
        }
    }
}

fn name(host: &BareMetalHost) -> HostName {
    (host.namespace().unwrap_or_default(), host.name_any())
}

#[cfg(test)]
mod tests;
