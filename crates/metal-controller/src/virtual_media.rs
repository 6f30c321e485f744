//! Which machines have a virtual CD drive, as far as it was asked: hosts that are offered to consumers rest, and their
//! BMCs need not be asked again and again.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use ironic_types::NodeId;
use metal_plan::VirtualMediaFacts;
use tokio::time::Instant;

/// A drive may go with an update of the BMC, which is seen at the next deployment at the latest.
const PRESENT: Duration = Duration::from_hours(24);
/// Somebody may be about to mend it.
const LACKING: Duration = Duration::from_mins(10);

/// How long a BMC may take to show what Ironic has it do.
const SHOWN: Duration = Duration::from_mins(1);

/// What each machine's BMC said, and what it was asked for, and when.
#[derive(Debug, Default)]
pub(crate) struct VirtualMediaMemory {
    said: Mutex<HashMap<NodeId, (VirtualMediaFacts, Instant)>>,
    /// Whether there is to be a disc in the drive.
    asked: Mutex<HashMap<NodeId, (bool, Instant)>>,
}

impl VirtualMediaMemory {
    /// Remembers whether there is a drive.
    pub(crate) fn learn(&self, node: NodeId, facts: &VirtualMediaFacts) {
        let mut nodes = self.said.lock().unwrap_or_else(PoisonError::into_inner);
        nodes.retain(|_, known| is_young(known));
        nodes.insert(node, (facts.clone(), Instant::now()));
    }

    /// What was said before, unless that is too long ago.
    pub(crate) fn known(&self, node: NodeId) -> Option<VirtualMediaFacts> {
        let nodes = self.said.lock().unwrap_or_else(PoisonError::into_inner);
        let known = nodes.get(&node).filter(|known| is_young(known))?;
        Some(known.0.clone())
    }
}

impl VirtualMediaMemory {
    /// Ironic took the request to insert a disc, or to eject it.
    pub(crate) fn ask(&self, node: NodeId, is_insertion: bool) {
        let mut nodes = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        nodes.insert(node, (is_insertion, Instant::now()));
    }

    /// Another driver, or another BMC: nothing is known of it.
    pub(crate) fn forget(&self, node: NodeId) {
        let mut nodes = self.said.lock().unwrap_or_else(PoisonError::into_inner);
        nodes.remove(&node);
    }

    /// What the drive is like, in view of what was asked: it may take a while to be shown.
    pub(crate) fn judge(
        &self,
        node: NodeId,
        is_inserted: bool,
        last_error: Option<String>,
    ) -> VirtualMediaFacts {
        let mut nodes = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        let awaited = nodes
            .get(&node)
            .filter(|(wanted, _)| *wanted != is_inserted);
        let is_asked_in_vain = match awaited.map(|(_, at)| at.elapsed() < SHOWN) {
            None => {
                nodes.remove(&node);
                false
            }
            // What went wrong is told at once.
            Some(true) if last_error.is_none() => return VirtualMediaFacts::Busy,
            Some(is_early) => !is_early,
        };
        VirtualMediaFacts::Drive {
            is_inserted,
            last_error,
            is_asked_in_vain,
        }
    }
}

fn is_young((facts, at): &(VirtualMediaFacts, Instant)) -> bool {
    let kept = match facts {
        VirtualMediaFacts::Drive { .. } => PRESENT,
        VirtualMediaFacts::Lacking { .. } => LACKING,
        // Nothing was learnt.
        VirtualMediaFacts::NotRead
        | VirtualMediaFacts::Unreadable { .. }
        | VirtualMediaFacts::Busy => Duration::ZERO,
    };
    at.elapsed() < kept
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drive() -> VirtualMediaFacts {
        VirtualMediaFacts::Drive {
            is_inserted: false,
            last_error: None,
            is_asked_in_vain: false,
        }
    }

    fn lacking() -> VirtualMediaFacts {
        VirtualMediaFacts::Lacking {
            problem: "the driver has none".to_owned(),
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_drive_is_remembered_for_a_day_and_the_lack_of_one_for_minutes() {
        let memory = VirtualMediaMemory::default();
        let node = |id| uuid::Uuid::from_u128(id).into();
        memory.learn(node(1), &drive());
        memory.learn(node(2), &lacking());
        memory.learn(node(3), &VirtualMediaFacts::Busy);
        assert_eq!(memory.known(node(1)), Some(drive()));
        assert_eq!(memory.known(node(2)), Some(lacking()));
        assert_eq!(memory.known(node(3)), None);
        tokio::time::advance(LACKING).await;
        assert_eq!(memory.known(node(1)), Some(drive()));
        assert_eq!(memory.known(node(2)), None);
        tokio::time::advance(PRESENT).await;
        assert_eq!(memory.known(node(1)), None);
    }

    #[tokio::test(start_paused = true)]
    async fn what_was_asked_may_take_a_minute_to_be_shown() {
        let memory = VirtualMediaMemory::default();
        let node = uuid::Uuid::from_u128(1).into();
        let in_vain = |facts| match facts {
            VirtualMediaFacts::Drive {
                is_asked_in_vain, ..
            } => Some(is_asked_in_vain),
            _ => None,
        };
        assert_eq!(in_vain(memory.judge(node, false, None)), Some(false));
        memory.ask(node, true);
        assert_eq!(in_vain(memory.judge(node, false, None)), None);
        let error = Some("no".to_owned());
        assert_eq!(in_vain(memory.judge(node, false, error)), Some(false));
        tokio::time::advance(SHOWN).await;
        assert_eq!(in_vain(memory.judge(node, false, None)), Some(true));
        assert_eq!(in_vain(memory.judge(node, true, None)), Some(false));
        assert_eq!(in_vain(memory.judge(node, false, None)), Some(false));
    }
}
