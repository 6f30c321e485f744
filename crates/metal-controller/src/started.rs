//! Nodes that were just told to boot a ramdisk: until they are read again, their state doesn't tell.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use ironic_types::NodeId;
use tokio::time::Instant;

/// By then the watch has read them.
const KEPT: Duration = Duration::from_secs(10);

/// When each was told.
#[derive(Debug, Default)]
pub(crate) struct Started(Mutex<HashMap<NodeId, Instant>>);

impl Started {
    /// Remembers a node for a while.
    pub(crate) fn add(&self, node: NodeId) {
        let mut nodes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        nodes.retain(|_, at| at.elapsed() < KEPT);
        nodes.insert(node, Instant::now());
    }

    /// Whether it was told a moment ago.
    pub(crate) fn holds(&self, node: NodeId) -> bool {
        let nodes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        nodes.get(&node).is_some_and(|at| at.elapsed() < KEPT)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_node_is_remembered_for_a_while() {
        let started = Started::default();
        let node = uuid::Uuid::from_u128(1).into();
        assert!(!started.holds(node));
        started.add(node);
        assert!(started.holds(node));
        tokio::time::advance(KEPT).await;
        assert!(!started.holds(node));
    }
}
