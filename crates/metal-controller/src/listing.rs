//! What an event of the watch over hosts means for an index of them.

use std::collections::HashSet;

use kube::ResourceExt;
use kube::runtime::watcher::Event;

use crate::reconcile::Stored;

/// Namespace and name.
pub(crate) type HostName = (String, String);

/// The hosts that a new list brought so far.
#[derive(Debug, Default)]
pub(crate) struct Listing(HashSet<HostName>);

/// What is to be done to an index.
#[derive(Debug)]
pub(crate) enum Change<'a> {
    None,
    /// This one is there, as it stands here.
    Is(&'a Stored),
    /// There is none of this name.
    Gone(HostName),
    /// All were listed: there are none but these.
    Only(HashSet<HostName>),
}

impl Listing {
    pub(crate) fn read<'a>(&mut self, event: &'a Event<Stored>) -> Change<'a> {
        match event {
            Event::Init => {
                self.0.clear();
                Change::None
            }
            Event::InitApply(stored) => {
                self.0.insert(name(stored));
                Change::Is(stored)
            }
            Event::InitDone => Change::Only(std::mem::take(&mut self.0)),
            Event::Apply(stored) => Change::Is(stored),
            Event::Delete(stored) => Change::Gone(name(stored)),
        }
    }
}

pub(crate) fn name(stored: &Stored) -> HostName {
    (stored.namespace().unwrap_or_default(), stored.name_any())
}
