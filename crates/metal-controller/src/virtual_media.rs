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

/// What each machine's BMC said, and when.
#[derive(Debug, Default)]
pub(crate) struct VirtualMediaMemory(Mutex<HashMap<NodeId, (VirtualMediaFacts, Instant)>>);

impl VirtualMediaMemory {
    /// Remembers whether there is a drive.
    pub(crate) fn learn(&self, node: NodeId, facts: &VirtualMediaFacts) {
        let mut nodes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        nodes.retain(|_, known| is_young(known));
        nodes.insert(node, (facts.clone(), Instant::now()));
    }

    /// What was said before, unless that is too long ago.
    pub(crate) fn known(&self, node: NodeId) -> Option<VirtualMediaFacts> {
        let nodes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let known = nodes.get(&node).filter(|known| is_young(known))?;
        Some(known.0.clone())
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
}
