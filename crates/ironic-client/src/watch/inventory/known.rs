//! The record itself: no lock, no request.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use ironic_types::{Node, NodeId, Port, ProvisionState, VolumeConnector, VolumeTarget};

use tokio::time::Instant;

use super::{Look, OnTheirWay};
use crate::watch::table::Table;

#[derive(Debug, Default)]
pub(super) struct Known {
    clock: Stamp,
    pub(super) nodes: HashMap<NodeId, Entry>,
    pub(super) names: HashMap<String, NodeId>,
    /// To be told when they were read anew.
    pub(super) awaited: HashMap<NodeId, Awaited>,
    pub(super) ports: Table<Port>,
    pub(super) connectors: Table<VolumeConnector>,
    pub(super) targets: Table<VolumeTarget>,
    pub(super) contact: Contact,
}

#[derive(Debug)]
pub(super) struct Entry {
    pub(super) node: Arc<Node>,
    read_at: Stamp,
}

/// A node that is to be told when it was read after this.
#[derive(Debug)]
pub(super) struct Awaited {
    since: Stamp,
    /// Whether what was read before counts no more.
    is_stale: bool,
    /// It is not to be read before this time.
    not_before: Option<Instant>,
}

impl Awaited {
    fn is_answered_by(&self, read_at: Stamp) -> bool {
        self.since < read_at && self.may_be_read()
    }

    fn may_be_read(&self) -> bool {
        self.not_before.is_none_or(|time| time <= Instant::now())
    }
}

/// What came before what: a clock that never stands still, unlike one that tells the time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::watch) struct Stamp(u64);

#[derive(Debug, Default)]
pub(super) enum Contact {
    #[default]
    NotYet,
    Made,
    Lost(String),
}

impl Known {
    pub(super) fn tick(&mut self) -> Stamp {
        self.clock.0 += 1;
        self.clock
    }

    pub(super) fn look(&self, node: Option<NodeId>) -> Look {
        match &self.contact {
            Contact::NotYet => return Look::Pending,
            Contact::Lost(message) => {
                return Look::Lost {
                    message: message.clone(),
                };
            }
            Contact::Made => {}
        }
        let Some(id) = node else {
            return Look::Unknown;
        };
        let stale_since = self
            .awaited
            .get(&id)
            .filter(|awaited| awaited.is_stale)
            .map(|awaited| awaited.since);
        match (self.nodes.get(&id), stale_since) {
            (Some(entry), Some(since)) if since > entry.read_at => Look::Pending,
            (Some(entry), _) => Look::Known(entry.node.clone()),
            (None, Some(_)) => Look::Pending,
            (None, None) => Look::Unknown,
        }
    }

    /// When the next node that is to be left alone for a while may be read.
    pub(super) fn next_pause_ends(&self) -> Option<Instant> {
        let pauses = self
            .awaited
            .values()
            .filter(|awaited| !awaited.may_be_read());
        pauses.filter_map(|awaited| awaited.not_before).min()
    }

    pub(super) fn on_their_way(&self) -> OnTheirWay {
        let mut found = OnTheirWay {
            states: BTreeSet::new(),
            nodes: BTreeSet::new(),
        };
        let due = |(id, awaited): (&NodeId, &Awaited)| awaited.may_be_read().then_some(*id);
        found.nodes.extend(self.awaited.iter().filter_map(due));
        for (id, Entry { node, .. }) in &self.nodes {
            match &node.provision_state {
                Some(state) if passes_by_itself(state) => {
                    found.states.insert(state.clone());
                }
                Some(_) | None if node.target_power_state.is_some() => {
                    found.nodes.insert(*id);
                }
                Some(_) | None => {}
            }
        }
        found
    }

    pub(super) fn in_states(&self, states: &BTreeSet<ProvisionState>) -> BTreeSet<NodeId> {
        let is_in_one = |node: &Node| {
            let state = node.provision_state.as_ref();
            state.is_some_and(|state| states.contains(state))
        };
        self.nodes
            .iter()
            .filter_map(|(id, entry)| is_in_one(&entry.node).then_some(*id))
            .collect()
    }

    pub(super) fn absorb_all(&mut self, read_at: Stamp, nodes: Vec<Node>) -> BTreeSet<NodeId> {
        let listed: BTreeSet<_> = nodes.iter().map(|node| node.uuid).collect();
        let mut changed = self.absorb(read_at, nodes);
        let gone: Vec<_> = self
            .nodes
            .iter()
            .filter(|(id, entry)| entry.read_at <= read_at && !listed.contains(*id))
            .map(|(id, _)| *id)
            .collect();
        for node in gone {
            self.remove(node);
            changed.insert(node);
        }
        // Touched, and not there: removed.
        let Self { awaited, nodes, .. } = self;
        awaited.retain(|node, awaited| {
            let is_answered = awaited.is_answered_by(read_at) && !nodes.contains_key(node);
            if is_answered {
                changed.insert(*node);
            }
            !is_answered
        });
        changed
    }

    pub(super) fn absorb(&mut self, read_at: Stamp, nodes: Vec<Node>) -> BTreeSet<NodeId> {
        nodes
            .into_iter()
            .filter_map(|node| self.absorb_one(read_at, node))
            .collect()
    }

    pub(super) fn absorb_absence(&mut self, read_at: Stamp, node: NodeId) -> Option<NodeId> {
        if !self.takes(read_at, node) {
            return None;
        }
        self.awaited.remove(&node);
        self.remove(node);
        Some(node)
    }

    /// Whether what was asked for at this time says how the node is after all that is known to have happened to it.
    fn takes(&self, read_at: Stamp, node: NodeId) -> bool {
        let awaited = self.awaited.get(&node);
        awaited.is_none_or(|awaited| awaited.is_answered_by(read_at))
    }

    /// Takes in a node as it was at this time; its id if there is something to tell.
    fn absorb_one(&mut self, read_at: Stamp, node: Node) -> Option<NodeId> {
        let id = node.uuid;
        if !self.takes(read_at, id) {
            return None;
        }
        let was_awaited = self.awaited.remove(&id).is_some();
        let before = self.nodes.get(&id);
        if before.is_some_and(|entry| entry.read_at > read_at) {
            return was_awaited.then_some(id);
        }
        let is_same = before.is_some_and(|entry| *entry.node == node);
        self.set(node, read_at);
        (was_awaited || !is_same).then_some(id)
    }

    /// Lets an event tell of a node; what is known of it still counts.
    pub(super) fn announce(&mut self, node: NodeId) {
        let since = self.tick();
        self.awaited.entry(node).or_insert(Awaited {
            since,
            is_stale: false,
            not_before: None,
        });
    }

    /// Lets an event tell of a node, and what is known of it counts no more.
    pub(super) fn touch(&mut self, node: NodeId, not_before: Option<Instant>) {
        let since = self.tick();
        let awaited = Awaited {
            since,
            is_stale: true,
            not_before,
        };
        self.awaited.insert(node, awaited);
    }

    pub(super) fn set(&mut self, node: Node, read_at: Stamp) {
        let id = node.uuid;
        self.forget_name(id);
        if let Some(name) = &node.name {
            self.names.insert(name.clone(), id);
        }
        let node = Arc::new(node);
        self.nodes.insert(id, Entry { node, read_at });
    }

    pub(super) fn remove(&mut self, node: NodeId) {
        self.forget_name(node);
        self.nodes.remove(&node);
        self.ports.remove(node);
        self.connectors.remove(node);
        self.targets.remove(node);
    }

    /// Frees a node's name, unless another node has taken it.
    fn forget_name(&mut self, node: NodeId) {
        if let Some(Entry { node: known, .. }) = self.nodes.get(&node)
            && let Some(name) = &known.name
            && self.names.get(name) == Some(&node)
        {
            self.names.remove(name);
        }
    }
}

/// Nobody is waited for who must do something first.
fn passes_by_itself(state: &ProvisionState) -> bool {
    let is_held = matches!(
        state,
        ProvisionState::DeployHold | ProvisionState::CleanHold | ProvisionState::ServiceHold
    );
    state.is_transient() && !is_held
}
