//! What is known of Ironic's nodes without asking.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};
use std::time::Duration;

use ironic_types::calls::ListTargets;
use ironic_types::{Node, NodeId, Port, ProvisionState, VolumeConnector, VolumeTarget};
use tokio::sync::{Mutex, Notify};
use tokio::time::Instant;

use super::table::Table;
use crate::client::Ironic;
use crate::error::Error;

/// What a [`watch`](super::watch) read, and what its users told it. Clones share it.
///
/// Everything here is as old as the last look at it, with one exception that makes it safe to decide by it:
/// a node that was [touched](Self::touch) is [`Look::Pending`] until it was read again.
/// So whoever changes a node sees it either as it was changed or not at all.
#[derive(Clone, Debug, Default)]
pub struct Inventory(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    known: RwLock<Known>,
    touched: Notify,
    /// Held while all targets are read: who comes in the meantime waits for that answer and needs no own.
    reading_targets: Mutex<()>,
}

#[derive(Debug, Default)]
struct Known {
    clock: Stamp,
    nodes: HashMap<NodeId, Entry>,
    names: HashMap<String, NodeId>,
    /// Touched, and not read since: to be told when they are.
    awaited: HashMap<NodeId, Stamp>,
    ports: Table<Port>,
    connectors: Table<VolumeConnector>,
    targets: Table<VolumeTarget>,
    contact: Contact,
}

#[derive(Debug)]
struct Entry {
    node: Arc<Node>,
    read_at: Stamp,
}

/// What came before what: a clock that never stands still, unlike one that tells the time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Stamp(u64);

#[derive(Debug, Default)]
enum Contact {
    #[default]
    NotYet,
    Made,
    Lost(String),
}

/// What is known of one node.
#[derive(Clone, Debug, PartialEq)]
pub enum Look {
    /// The node, as it was when it was last read. No change that was told to the inventory is missing.
    Known(Arc<Node>),
    /// It was touched, or nothing was read at all yet: an event will tell when it is known.
    Pending,
    /// It was not among Ironic's nodes when they were last read. It may have been created since.
    Unknown,
    /// Ironic gave no answer when it was last asked.
    Lost {
        /// What went wrong, for people.
        message: String,
    },
}

/// The nodes that are to be looked at soon.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct OnTheirWay {
    /// States that pass by themselves, and in which there are nodes.
    pub(super) states: BTreeSet<ProvisionState>,
    /// Nodes that such a state doesn't show: touched ones, and those whose power changes.
    pub(super) nodes: BTreeSet<NodeId>,
}

impl Inventory {
    /// What is known of the node with this id.
    pub fn look(&self, node: NodeId) -> Look {
        self.read().look(Some(node))
    }

    /// What is known of the node with this name.
    pub fn look_by_name(&self, name: &str) -> Look {
        let known = self.read();
        known.look(known.names.get(name).copied())
    }

    /// The name of a node, if it is known and has one.
    pub fn name(&self, node: NodeId) -> Option<String> {
        self.read().nodes.get(&node)?.node.name.clone()
    }

    /// Tells that this node was, or may have been, changed by a request that was just answered.
    ///
    /// What is known of it counts no more; it is read again within a second or so, and then an event tells,
    /// whether or not there is a difference.
    pub fn touch(&self, node: NodeId) {
        let mut known = self.write();
        let now = known.tick();
        known.awaited.insert(node, now);
        drop(known);
        self.0.touched.notify_one();
    }

    /// Takes in a node that Ironic answered to a request that changed it: this is known, and needs no reading.
    /// An event will still tell.
    pub fn learn(&self, node: Node) {
        let mut known = self.write();
        known.announce(node.uuid);
        let read_at = known.tick();
        known.set(node, read_at);
        drop(known);
        self.0.touched.notify_one();
    }

    /// Tells that a node was removed.
    pub fn forget(&self, node: NodeId) {
        self.write().remove(node);
        self.touch(node);
    }

    /// The ports of a node; none if they were never read.
    pub fn ports(&self, node: NodeId) -> Option<Vec<Port>> {
        self.read().ports.of(node)
    }

    /// Takes in all ports of a node.
    pub fn learn_ports(&self, node: NodeId, ports: Vec<Port>) {
        let mut known = self.write();
        let now = known.tick();
        known.ports.set(node, now, ports);
    }

    /// Takes in a port as Ironic answered it to a request that created or changed it.
    /// An event for its node will tell.
    pub fn learn_port(&self, port: Port) {
        let Some(node) = port.node_uuid else {
            return;
        };
        let mut known = self.write();
        let now = known.tick();
        known.ports.change(node, now, |ports| {
            ports.retain(|other| other.uuid != port.uuid);
            ports.push(port);
        });
        known.announce(node);
        drop(known);
        self.0.touched.notify_one();
    }

    /// Tells that what is known of a node's ports counts no more.
    pub fn forget_ports(&self, node: NodeId) {
        self.write().ports.remove(node);
    }

    /// Takes in a volume target that was just created.
    pub fn learn_target(&self, target: VolumeTarget) {
        let mut known = self.write();
        let now = known.tick();
        known.targets.add(target.node_uuid, now, target);
    }

    /// The volume targets of all nodes, read no longer ago than `max_age`, and those that were learned since.
    ///
    /// Callers that need them at the same time share one list.
    ///
    /// # Errors
    ///
    /// Those of [`Ironic::list_all`].
    pub async fn targets(
        &self,
        ironic: &Ironic,
        max_age: Duration,
    ) -> Result<Vec<VolumeTarget>, Error> {
        let _one_at_a_time = self.0.reading_targets.lock().await;
        let now = Instant::now();
        let earliest = now.checked_sub(max_age).unwrap_or(now);
        if let Some(targets) = self.read().targets.all_since(earliest) {
            return Ok(targets);
        }
        let call = ListTargets {
            detail: true,
            ..ListTargets::default()
        };
        let began = self.begin();
        let targets = ironic.list_all(&call).await?;
        self.absorb_targets(began, targets);
        Ok(self.read().targets.all_since(now).unwrap_or_default())
    }

    /// The stamp of what is asked for from now on.
    pub(super) fn begin(&self) -> Stamp {
        self.write().tick()
    }

    /// Ends when something was touched since it ended last.
    pub(super) async fn touched(&self) {
        self.0.touched.notified().await;
    }

    /// Which nodes are to be looked at soon.
    pub(super) fn on_their_way(&self) -> OnTheirWay {
        let known = self.read();
        let mut found = OnTheirWay {
            states: BTreeSet::new(),
            nodes: known.awaited.keys().copied().collect(),
        };
        for (id, Entry { node, .. }) in &known.nodes {
            match &node.provision_state {
                Some(state) if state.is_transient() => {
                    found.states.insert(state.clone());
                }
                _ if node.target_power_state.is_some() => {
                    found.nodes.insert(*id);
                }
                _ => {}
            }
        }
        found
    }

    /// The nodes in one of these states, as far as known.
    pub(super) fn in_states(&self, states: &BTreeSet<ProvisionState>) -> BTreeSet<NodeId> {
        let known = self.read();
        let in_one = |node: &Node| {
            let state = node.provision_state.as_ref();
            state.is_some_and(|state| states.contains(state))
        };
        known
            .nodes
            .iter()
            .filter_map(|(id, entry)| in_one(&entry.node).then_some(*id))
            .collect()
    }

    /// Takes in all nodes, as a list gave them that was asked for at this time; those that changed.
    pub(super) fn absorb_all(&self, read_at: Stamp, nodes: Vec<Node>) -> BTreeSet<NodeId> {
        let listed: BTreeSet<_> = nodes.iter().map(|node| node.uuid).collect();
        let mut changed = self.absorb(read_at, nodes);
        let mut known = self.write();
        let gone: Vec<_> = known
            .nodes
            .iter()
            .filter(|(id, entry)| entry.read_at <= read_at && !listed.contains(*id))
            .map(|(id, _)| *id)
            .collect();
        for node in gone {
            known.remove(node);
            changed.insert(node);
        }
        // Touched, and not there: removed.
        let Known { awaited, nodes, .. } = &mut *known;
        awaited.retain(|node, touched| {
            let answered = *touched < read_at && !nodes.contains_key(node);
            if answered {
                changed.insert(*node);
            }
            !answered
        });
        changed
    }

    /// Takes in some nodes; those that changed.
    pub(super) fn absorb(&self, read_at: Stamp, nodes: Vec<Node>) -> BTreeSet<NodeId> {
        let mut known = self.write();
        nodes
            .into_iter()
            .filter_map(|node| known.absorb(read_at, node))
            .collect()
    }

    /// Takes in that there is no such node.
    pub(super) fn absorb_absence(&self, read_at: Stamp, node: NodeId) -> Option<NodeId> {
        let mut known = self.write();
        let is_newer = |touched: &Stamp| *touched > read_at;
        if known.awaited.get(&node).is_some_and(is_newer) {
            return None;
        }
        known.awaited.remove(&node);
        known.remove(node);
        Some(node)
    }

    pub(super) fn absorb_ports(&self, read_at: Stamp, ports: Vec<Port>) -> BTreeSet<NodeId> {
        let of_nodes = ports
            .into_iter()
            .filter_map(|port| Some((port.node_uuid?, port)));
        self.write().ports.absorb(read_at, of_nodes)
    }

    pub(super) fn absorb_connectors(
        &self,
        read_at: Stamp,
        connectors: Vec<VolumeConnector>,
    ) -> BTreeSet<NodeId> {
        let of_nodes = connectors
            .into_iter()
            .map(|connector| (connector.node_uuid, connector));
        self.write().connectors.absorb(read_at, of_nodes)
    }

    pub(super) fn absorb_targets(
        &self,
        read_at: Stamp,
        targets: Vec<VolumeTarget>,
    ) -> BTreeSet<NodeId> {
        let of_nodes = targets.into_iter().map(|target| (target.node_uuid, target));
        self.write().targets.absorb(read_at, of_nodes)
    }

    /// Ironic answers; whether that is news.
    pub(super) fn resume(&self) -> bool {
        let before = std::mem::replace(&mut self.write().contact, Contact::Made);
        !matches!(before, Contact::Made)
    }

    /// Ironic doesn't answer; whether that is news.
    pub(super) fn lose(&self, message: &str) -> bool {
        let lost = Contact::Lost(message.to_owned());
        let before = std::mem::replace(&mut self.write().contact, lost);
        !matches!(before, Contact::Lost(_))
    }

    fn read(&self) -> RwLockReadGuard<'_, Known> {
        self.0.known.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, Known> {
        self.0.known.write().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Known {
    fn tick(&mut self) -> Stamp {
        self.clock.0 += 1;
        self.clock
    }

    fn look(&self, node: Option<NodeId>) -> Look {
        match &self.contact {
            Contact::NotYet => return Look::Pending,
            Contact::Lost(message) => {
                return Look::Lost {
                    message: message.clone(),
                };
            }
            Contact::Made => {}
        }
        let Some((id, entry)) = node.and_then(|id| Some((id, self.nodes.get(&id)?))) else {
            return Look::Unknown;
        };
        match self.awaited.get(&id) {
            Some(touched) if *touched > entry.read_at => Look::Pending,
            Some(_) | None => Look::Known(entry.node.clone()),
        }
    }

    /// Takes in a node as it was at this time; its id if there is something to tell.
    fn absorb(&mut self, read_at: Stamp, node: Node) -> Option<NodeId> {
        let id = node.uuid;
        if self
            .awaited
            .get(&id)
            .is_some_and(|touched| *touched > read_at)
        {
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

    /// Lets an event tell of a node though what is known of it still counts.
    fn announce(&mut self, node: NodeId) {
        if self.awaited.contains_key(&node) {
            return;
        }
        let now = self.tick();
        self.awaited.insert(node, now);
        let later = self.tick();
        if let Some(entry) = self.nodes.get_mut(&node) {
            entry.read_at = later;
        }
    }

    fn set(&mut self, node: Node, read_at: Stamp) {
        let id = node.uuid;
        self.forget_name(id);
        if let Some(name) = &node.name {
            self.names.insert(name.clone(), id);
        }
        let node = Arc::new(node);
        self.nodes.insert(id, Entry { node, read_at });
    }

    fn remove(&mut self, node: NodeId) {
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
