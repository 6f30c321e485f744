//! The Leases of volumes: what the watch over them tells, and the requests that take them and give them back.
//!
//! What is known here is enough to plan with. Before a machine is let run from a volume its Leases are read once more, and
//! what is taken or given back is refused by Kubernetes if it isn't as it was seen.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};

use k8s_openapi::api::coordination::v1::Lease;
use kube::ResourceExt;
use kube::runtime::reflector::ObjectRef;
use kube::runtime::watcher::Event;
use metal_api::names;
use metal_api::v1alpha1::BareMetalHost;
use metal_plan::{LeaseHolder, lease_holder, looked_up_leases};

use crate::reconcile::Stored;

mod requests;

pub(crate) use requests::{Keeper, Refusal};

/// What is known of all Leases of volumes. Clones share it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Leases(Arc<Mutex<Index>>);

/// A Lease as it was last seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Known {
    pub(crate) name: String,
    pub(crate) uid: Option<String>,
    pub(crate) version: String,
    pub(crate) holder: String,
    pub(crate) host_uid: Option<String>,
    pub(crate) fenced: Option<String>,
    pub(crate) is_deleted: bool,
}

/// What is known for a host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Look {
    /// Those that exist of what it needs, and all that it holds.
    Known(Vec<Known>),
    /// Nothing was listed yet. The host is called once it was.
    Pending,
    /// Nothing could be listed.
    Failed {
        /// What went wrong.
        message: String,
    },
}

#[derive(Debug, Default)]
struct Index {
    phase: Phase,
    known: HashMap<String, Known>,
    /// The names of those that a holder has.
    by_holder: HashMap<String, BTreeSet<String>>,
    /// What a new list brought so far.
    listed: Vec<Known>,
    /// Who needs a Lease that is free or another's, by its name.
    waiting: HashMap<String, HashSet<ObjectRef<Stored>>>,
    /// Who waits for the first list.
    early: HashSet<ObjectRef<Stored>>,
}

#[derive(Debug, Default)]
enum Phase {
    #[default]
    Starting,
    Failed {
        message: String,
    },
    Synced,
}

impl Leases {
    /// Follows the watch. Returns the hosts for which something changed.
    pub(crate) fn follow(&self, event: &Event<Lease>) -> Vec<ObjectRef<Stored>> {
        self.locked(|index| index.follow(event))
    }

    /// The watch failed. Returns the hosts that wait for it, so that they can say so.
    pub(crate) fn fail(&self, message: String) -> Vec<ObjectRef<Stored>> {
        self.locked(|index| match index.phase {
            Phase::Synced => Vec::new(),
            Phase::Starting | Phase::Failed { .. } => {
                index.phase = Phase::Failed { message };
                index.early.drain().collect()
            }
        })
    }

    /// What is known for a host. It is called when a Lease that it needs and doesn't hold changes.
    pub(crate) fn look(&self, host: &BareMetalHost) -> Look {
        self.locked(|index| index.look(host))
    }

    /// Takes in a Lease that was just read or written: the watch brings it a moment later.
    pub(crate) fn learn(&self, lease: &Lease) {
        self.locked(|index| index.insert(Known::from(lease)));
    }

    /// There is no Lease of that name any more.
    pub(crate) fn forget(&self, name: &str) {
        self.locked(|index| index.remove(name));
    }

    fn locked<T>(&self, act: impl FnOnce(&mut Index) -> T) -> T {
        act(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Index {
    fn follow(&mut self, event: &Event<Lease>) -> Vec<ObjectRef<Stored>> {
        let mut called = HashSet::new();
        match event {
            Event::Init => self.listed.clear(),
            Event::InitApply(lease) => self.listed.push(Known::from(lease)),
            Event::InitDone => {
                called.extend(self.early.drain());
                called.extend(self.waiting.drain().flat_map(|(_, hosts)| hosts));
                let before = std::mem::take(&mut self.known);
                self.by_holder.clear();
                for lease in std::mem::take(&mut self.listed) {
                    self.insert(lease);
                }
                // Somebody may have deleted one, while nobody watched, that is still needed.
                let gone = before
                    .values()
                    .filter(|old| !self.known.contains_key(&old.name));
                called.extend(gone.filter_map(|old| host(&old.holder)));
                self.phase = Phase::Synced;
            }
            Event::Apply(lease) => {
                let lease = Known::from(lease);
                called.extend(self.waiting.remove(&lease.name).into_iter().flatten());
                called.extend(host(&lease.holder));
                let old = self.known.get(&lease.name);
                called.extend(old.and_then(|old| host(&old.holder)));
                self.insert(lease);
            }
            Event::Delete(lease) => {
                let lease = Known::from(lease);
                called.extend(self.waiting.remove(&lease.name).into_iter().flatten());
                called.extend(host(&lease.holder));
                let is_same = |known: &Known| known.uid == lease.uid;
                if self.known.get(&lease.name).is_some_and(is_same) {
                    self.remove(&lease.name);
                }
            }
        }
        called.into_iter().collect()
    }

    fn look(&mut self, host: &BareMetalHost) -> Look {
        match &self.phase {
            Phase::Starting => {
                self.early.insert(reference(host));
                return Look::Pending;
            }
            Phase::Failed { message } => {
                return Look::Failed {
                    message: message.clone(),
                };
            }
            Phase::Synced => {}
        }
        let holder = lease_holder(host);
        let own = self.by_holder.get(&holder).into_iter().flatten();
        let mut found: Vec<_> = own
            .filter_map(|name| self.known.get(name))
            .cloned()
            .collect();
        for lease in looked_up_leases(host) {
            let others = self.known.get(&lease.name);
            if others.is_some_and(|known| known.holder == holder) {
                continue;
            }
            found.extend(others.cloned());
            let waiting = self.waiting.entry(lease.name).or_default();
            waiting.insert(reference(host));
        }
        Look::Known(found)
    }

    fn insert(&mut self, lease: Known) {
        self.remove(&lease.name);
        let names = self.by_holder.entry(lease.holder.clone()).or_default();
        names.insert(lease.name.clone());
        self.known.insert(lease.name.clone(), lease);
    }

    fn remove(&mut self, name: &str) {
        let Some(old) = self.known.remove(name) else {
            return;
        };
        if let Some(names) = self.by_holder.get_mut(&old.holder) {
            names.remove(name);
            if names.is_empty() {
                self.by_holder.remove(&old.holder);
            }
        }
    }
}

impl From<&Lease> for Known {
    fn from(lease: &Lease) -> Self {
        let holder = lease
            .spec
            .as_ref()
            .and_then(|spec| spec.holder_identity.clone());
        let annotation = |name: &str| lease.annotations().get(name).cloned();
        Self {
            name: lease.name_any(),
            uid: lease.uid(),
            version: lease.resource_version().unwrap_or_default(),
            holder: holder.unwrap_or_default(),
            host_uid: annotation(names::HOST_UID_ANNOTATION),
            fenced: annotation(names::FENCED_ANNOTATION),
            is_deleted: lease.metadata.deletion_timestamp.is_some(),
        }
    }
}

fn host(holder: &str) -> Option<ObjectRef<Stored>> {
    let holder = LeaseHolder::parse(holder)?;
    Some(ObjectRef::new(holder.name).within(holder.namespace))
}

fn reference(host: &BareMetalHost) -> ObjectRef<Stored> {
    ObjectRef::new(&host.name_any()).within(&host.namespace().unwrap_or_default())
}

#[cfg(test)]
mod tests;
