//! What is going to happen.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::model::NodeKey;

/// What happens to a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Alarm {
    /// The conductor's job gets on; the number tells it from an older job.
    Job(u64),
    /// The ramdisk calls back, if the node still waits for the one that was started then.
    Ramdisk(Duration),
    /// A wait for a ramdisk has lasted too long.
    WaitOver,
    /// A lock that nothing explains ends.
    Unlock,
}

/// Alarms, in the order of their time; of those at the same time, in the order they were set.
#[derive(Default)]
pub(crate) struct Agenda {
    alarms: BTreeMap<(Duration, u64), (NodeKey, Alarm)>,
    last: u64,
}

impl Agenda {
    pub(crate) fn add(&mut self, at: Duration, key: NodeKey, alarm: Alarm) {
        self.last += 1;
        self.alarms.insert((at, self.last), (key, alarm));
    }

    /// A number that was not given before.
    pub(crate) fn next_id(&mut self) -> u64 {
        self.last += 1;
        self.last
    }

    /// When the next is due.
    pub(crate) fn next(&self) -> Option<Duration> {
        self.alarms.keys().next().map(|(at, _)| *at)
    }

    /// When the next is due that moves a node on.
    pub(crate) fn next_progress(&self) -> Option<Duration> {
        self.alarms
            .iter()
            .find(|(_, (_, alarm))| *alarm != Alarm::WaitOver)
            .map(|((at, _), _)| *at)
    }

    /// Takes the next.
    pub(crate) fn pop(&mut self) -> Option<(NodeKey, Alarm)> {
        self.alarms.pop_first().map(|(_, alarm)| alarm)
    }

    /// Forgets everything.
    pub(crate) fn clear(&mut self) {
        self.alarms.clear();
    }
}
