//! What belongs to nodes, as a whole list gave it.

use std::collections::{BTreeSet, HashMap};

use ironic_types::NodeId;
use tokio::time::Instant;

use super::inventory::Stamp;

/// The things of one kind, by node.
#[derive(Debug)]
pub(super) struct Table<T> {
    rows: HashMap<NodeId, Row<T>>,
    /// When a whole list was last taken in.
    listed_at: Option<Instant>,
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
        let is_first = self.listed_at.replace(Instant::now()).is_none();
        // Those that the list leaves out have nothing any more.
        let mut listed: HashMap<NodeId, Vec<T>> =
            self.rows.keys().map(|node| (*node, Vec::new())).collect();
        for (node, item) in items {
            listed.entry(node).or_default().push(item);
        }
        let mut changed = BTreeSet::new();
        for (node, items) in listed {
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

    /// Sets what a node has.
    pub(super) fn set(&mut self, node: NodeId, read_at: Stamp, items: Vec<T>) {
        self.rows.insert(node, Row { items, read_at });
    }

    /// Changes what a node has, if that is known.
    pub(super) fn change(&mut self, node: NodeId, now: Stamp, change: impl FnOnce(&mut Vec<T>)) {
        if let Some(row) = self.rows.get_mut(&node) {
            change(&mut row.items);
            row.read_at = now;
        }
    }

    /// Adds one to what a node has.
    pub(super) fn add(&mut self, node: NodeId, now: Stamp, item: T) {
        let row = self.rows.entry(node).or_insert_with(|| Row {
            items: Vec::new(),
            read_at: now,
        });
        row.items.push(item);
        row.read_at = now;
    }

    /// All, if a whole list was taken in no earlier than this.
    pub(super) fn all_since(&self, earliest: Instant) -> Option<Vec<T>> {
        self.listed_at.filter(|at| *at >= earliest)?;
        let rows = self.rows.values();
        Some(rows.flat_map(|row| row.items.iter().cloned()).collect())
    }

    pub(super) fn remove(&mut self, node: NodeId) {
        self.rows.remove(&node);
    }
}

/// In any order: Ironic sorts as it likes.
fn same<T: PartialEq>(some: &[T], others: &[T]) -> bool {
    some.len() == others.len() && some.iter().all(|item| others.contains(item))
}
