//! Who asked for what.

use std::collections::BTreeMap;
use std::time::Duration;

/// A request that was answered, or cut off.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// When, counted from the simulator's start.
    pub at: Duration,
    /// The method.
    pub method: String,
    /// What kind of request it was: the method and the path's template, such as
    /// `GET /v1/nodes/{node}`. Paths that lead nowhere are `GET ?`.
    pub kind: String,
    /// The path, without the query.
    pub path: String,
    /// The status of the answer, also of one that was cut off.
    pub status: u16,
    /// The UUID of the node that it was about, if it named one.
    pub node: Option<String>,
    /// Whether the connection was cut by a fault.
    pub was_cut: bool,
}

/// The requests of a simulator's life, or since they were last cleared.
#[derive(Clone, Debug, Default)]
pub struct Journal {
    entries: Vec<Entry>,
}

impl Journal {
    /// All of them, oldest first.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// How many there were of each kind.
    pub fn counts(&self) -> BTreeMap<String, usize> {
        let mut counts = BTreeMap::new();
        for entry in &self.entries {
            *counts.entry(entry.kind.clone()).or_default() += 1;
        }
        counts
    }

    /// How many there were of a kind, such as `GET /v1/nodes`.
    pub fn count(&self, kind: &str) -> usize {
        self.entries
            .iter()
            .filter(|entry| entry.kind == kind)
            .count()
    }

    pub(crate) fn record(&mut self, entry: Entry) {
        self.entries.push(entry);
    }

    pub(crate) fn clear(&mut self) {
        self.entries.clear();
    }
}
