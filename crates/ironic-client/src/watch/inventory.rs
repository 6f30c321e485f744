//! What is known of Ironic's nodes without asking.

use std::collections::BTreeSet;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};
use std::time::Duration;

use ironic_types::calls::ListTargets;
use ironic_types::{Node, NodeId, Port, ProvisionState, VolumeConnector, VolumeTarget};
use tokio::sync::{Mutex, Notify};
use tokio::time::Instant;

use crate::client::Ironic;
use crate::error::Error;

mod known;

pub(super) use known::Stamp;
use known::{Contact, Known};

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
        self.read().on_their_way()
    }

    /// The nodes in one of these states, as far as known.
    pub(super) fn in_states(&self, states: &BTreeSet<ProvisionState>) -> BTreeSet<NodeId> {
        self.read().in_states(states)
    }

    /// Takes in all nodes, as a list gave them that was asked for at this time; those that changed.
    pub(super) fn absorb_all(&self, read_at: Stamp, nodes: Vec<Node>) -> BTreeSet<NodeId> {
        self.write().absorb_all(read_at, nodes)
    }

    /// Takes in some nodes; those that changed.
    pub(super) fn absorb(&self, read_at: Stamp, nodes: Vec<Node>) -> BTreeSet<NodeId> {
        self.write().absorb(read_at, nodes)
    }

    /// Takes in that there is no such node; its id if that is to be told.
    pub(super) fn absorb_absence(&self, read_at: Stamp, node: NodeId) -> Option<NodeId> {
        self.write().absorb_absence(read_at, node)
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
