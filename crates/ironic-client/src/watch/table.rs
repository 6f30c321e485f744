//! What belongs to nodes, as a whole list gave it.

use std::collections::{BTreeSet, HashMap};
use std::mem;
use std::time::Duration;

use ironic_types::NodeId;
use tokio::time::Instant;

use super::inventory::Stamp;

/// The things of one kind, by node.
#[derive(Debug)]
pub(super) struct Table<T> {
    rows: HashMap<NodeId, Row<T>>,
    /// When a whole list was last taken in.
    listed_at: Option<Instant>,
    /// Whether a whole list was ever taken in.
    was_listed: bool,
    /// Lists that were asked for before this are too old.
    forgotten_at: Stamp,
    /// Nodes of which nobody knows what they have, and since when: only what was asked for later tells.
    unknown: HashMap<NodeId, Stamp>,
}

#[derive(Debug)]
struct Row<T> {
    items: Vec<T>,
    read_at: Stamp,
}

impl<T> Default for Table<T> {
    fn default() -> Self {
        Self {
            rows: HashMap::new(),
            listed_at: None,
            was_listed: false,
            forgotten_at: Stamp::default(),
            unknown: HashMap::new(),
        }
    }
}

impl<T: Clone + PartialEq> Table<T> {
    /// Takes in a whole list; the nodes whose things it changes. What was learned since it was asked for stays.
    pub(super) fn absorb(
        &mut self,
        read_at: Stamp,
        items: impl IntoIterator<Item = (NodeId, T)>,
    ) -> BTreeSet<NodeId> {
        self.listed_at = (read_at >= self.forgotten_at).then(Instant::now);
        let is_first = !mem::replace(&mut self.was_listed, true);
        self.unknown.retain(|_, since| *since > read_at);
        // Those that the list leaves out have nothing any more.
        let mut listed: HashMap<NodeId, Vec<T>> =
            self.rows.keys().map(|node| (*node, Vec::new())).collect();
        for (node, item) in items {
            listed.entry(node).or_default().push(item);
        }
        let mut changed = BTreeSet::new();
        for (node, items) in listed {
            if self.unknown.contains_key(&node) {
                continue;
            }
            let row = self.rows.entry(node).or_insert_with(|| Row {
                items: Vec::new(),
                read_at,
            });
            if row.read_at > read_at {
                continue;
            }
            if !is_first && !same(&row.items, &items) {
                changed.insert(node);
            }
            *row = Row { items, read_at };
        }
        changed
    }

    /// What a node has, if that was ever read.
    pub(super) fn of(&self, node: NodeId) -> Option<Vec<T>> {
        self.rows.get(&node).map(|row| row.items.clone())
    }

    /// What a node has, as its own reading, what was learned since, or the last whole list tells: a node that the list
    /// leaves out has nothing.
    pub(super) fn known(&self, node: NodeId) -> Option<Vec<T>> {
        let is_listed = self.was_listed && !self.unknown.contains_key(&node);
        self.of(node).or_else(|| is_listed.then(Vec::new))
    }

    /// Sets what a node has.
    pub(super) fn set(&mut self, node: NodeId, read_at: Stamp, items: Vec<T>) {
        let is_too_old = self
            .unknown
            .get(&node)
            .is_some_and(|since| *since > read_at);
        if !is_too_old {
            self.unknown.remove(&node);
            self.rows.insert(node, Row { items, read_at });
        }
    }

    /// Changes what a node has, if that is known.
    pub(super) fn change(&mut self, node: NodeId, now: Stamp, change: impl FnOnce(&mut Vec<T>)) {
        if let Some(row) = self.rows.get_mut(&node) {
            change(&mut row.items);
            row.read_at = now;
        }
    }

    /// Adds one to what a node has, and takes out the one that is the same.
    pub(super) fn add(&mut self, node: NodeId, now: Stamp, item: T, is_same: impl Fn(&T) -> bool) {
        let row = self.rows.entry(node).or_insert_with(|| Row {
            items: Vec::new(),
            read_at: now,
        });
        row.items.retain(|other| !is_same(other));
        row.items.push(item);
        row.read_at = now;
    }

    /// Those that are wanted, if a whole list was taken in no longer ago than this.
    pub(super) fn all_within(
        &self,
        max_age: Duration,
        is_wanted: impl Fn(&T) -> bool,
    ) -> Option<Vec<T>> {
        self.listed_at.filter(|at| at.elapsed() <= max_age)?;
        let items = self.rows.values().flat_map(|row| &row.items);
        Some(items.filter(|item| is_wanted(item)).cloned().collect())
    }

    /// The last list counts as too old; what it said of each node stays.
    pub(super) fn forget_list(&mut self, now: Stamp) {
        self.listed_at = None;
        self.forgotten_at = now;
    }

    /// Nobody knows what a node has, until it is read anew.
    pub(super) fn forget(&mut self, node: NodeId, now: Stamp) {
        self.rows.remove(&node);
        self.unknown.insert(node, now);
    }

    /// There is no such node any more.
    pub(super) fn remove(&mut self, node: NodeId) {
        self.rows.remove(&node);
        self.unknown.remove(&node);
    }
}

/// In any order: Ironic sorts as it likes.
fn same<T: PartialEq>(some: &[T], others: &[T]) -> bool {
    some.len() == others.len() && some.iter().all(|item| others.contains(item))
}
