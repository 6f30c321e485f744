//! What is known of Ironic's nodes without asking.

use std::collections::BTreeSet;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};
use std::time::Duration;

use ironic_types::calls::ListTargets;
use ironic_types::{Node, NodeId, Port, ProvisionState, TargetId, VolumeConnector, VolumeTarget};
use tokio::sync::Notify;
use tokio::time::Instant;

use crate::client::Ironic;
use crate::error::Error;

mod belongings;
mod known;

pub use belongings::Belongings;
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

    /// How many of the nodes that are known are so.
    pub fn count(&self, is_meant: impl Fn(&Node) -> bool) -> usize {
        let known = self.read();
        known
            .nodes
            .values()
            .filter(|known| is_meant(&known.node))
            .count()
    }

    /// Tells that this node was, or may have been, changed by a request that was just answered.
    ///
    /// What is known of it counts no more; it is read again within a second or so, and then an event tells,
    /// whether or not there is a difference.
    pub fn touch(&self, node: NodeId) {
        self.write().touch(node, None);
        self.hurry();
    }

    /// The same, but it is read again after a pause only: for a request that Ironic gave no answer to, and that
    /// would be sent again as soon as the node is known.
    pub fn touch_for(&self, node: NodeId, pause: Duration) {
        self.write().touch(node, Some(Instant::now() + pause));
        self.hurry();
    }

    /// Lets the watch look for what is to be read now: somebody waits.
    pub fn hurry(&self) {
        self.0.touched.notify_one();
    }

    /// Takes in a node that Ironic answered to a request that changed it: this is known, and needs no reading.
    /// An event will still tell.
    ///
    /// What the answer doesn't tell because it was asked for in an older version stays as it was known.
    pub fn learn(&self, mut node: Node) {
        let mut known = self.write();
        known.announce(node.uuid);
        if let Some(before) = known.nodes.get(&node.uuid) {
            let before = &before.node;
            node.disable_power_off = node.disable_power_off.or(before.disable_power_off);
            node.health = node.health.or_else(|| before.health.clone());
        }
        let read_at = known.tick();
        known.set(node, read_at);
        drop(known);
        self.hurry();
    }

    /// Tells that a node was removed: it is unknown from now on, and an event tells when Ironic confirms.
    pub fn forget(&self, node: NodeId) {
        let mut known = self.write();
        known.remove(node);
        known.awaited.remove(&node);
        known.announce(node);
        drop(known);
        self.hurry();
    }

    /// The ports of a node: as they were read last, or read now if they never were.
    ///
    /// # Errors
    ///
    /// Those of [`Ironic::list_all`].
    pub async fn ports(&self, ironic: &Ironic, node: NodeId) -> Result<Vec<Port>, Error> {
        match self.known_ports(node) {
            Some(known) => Ok(known),
            None => self.read_ports(ironic, node).await,
        }
    }

    pub(super) fn known_ports(&self, node: NodeId) -> Option<Vec<Port>> {
        self.read().ports.of(node)
    }

    /// Tells that a node has no ports, because it was just created.
    pub fn learn_no_ports(&self, node: NodeId) {
        let mut known = self.write();
        let now = known.tick();
        known.ports.set(node, now, Vec::new());
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
        self.hurry();
    }

    /// Tells that what is known of a node's ports counts no more.
    pub fn forget_ports(&self, node: NodeId) {
        let mut known = self.write();
        let now = known.tick();
        known.ports.forget(node, now);
    }

    /// Takes in a volume target that was just created.
    pub fn learn_target(&self, target: VolumeTarget) {
        let mut known = self.write();
        let now = known.tick();
        let (node, id) = (target.node_uuid, target.uuid);
        known
            .targets
            .add(node, now, target, |other| other.uuid == id);
    }

    /// Tells that a volume target was deleted.
    pub fn learn_no_target(&self, node: NodeId, target: TargetId) {
        let mut known = self.write();
        let now = known.tick();
        known.targets.change(node, now, |targets| {
            targets.retain(|known| known.uuid != target);
        });
    }

    /// Tells that volume targets may have been created or deleted, and nobody knows which.
    pub fn forget_targets(&self) {
        let mut known = self.write();
        let now = known.tick();
        known.targets.forget_list(now);
    }

    /// Those of all volume targets that are wanted, as they were read no longer ago than `max_age`, and with those that
    /// were learned since; none if there was no such reading.
    pub fn targets(
        &self,
        max_age: Duration,
        is_wanted: impl Fn(&VolumeTarget) -> bool,
    ) -> Option<Vec<VolumeTarget>> {
        self.read().targets.all_within(max_age, is_wanted)
    }

    /// Reads all volume targets.
    ///
    /// # Errors
    ///
    /// Those of [`Ironic::list_all`].
    pub async fn read_targets(&self, ironic: &Ironic) -> Result<(), Error> {
        let call = ListTargets {
            detail: true,
            ..ListTargets::default()
        };
        let began = self.begin();
        let targets = ironic.list_all(&call).await?;
        self.absorb_targets(began, targets);
        Ok(())
    }

    /// The stamp of what is asked for from now on.
    pub(super) fn begin(&self) -> Stamp {
        self.write().tick()
    }

    /// Ends when something was touched since it ended last.
    pub(super) async fn touched(&self) {
        self.0.touched.notified().await;
    }

    /// When the next node that was [touched for a while](Self::touch_for) may be read.
    pub(super) fn next_pause_ends(&self) -> Option<Instant> {
        self.read().next_pause_ends()
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
