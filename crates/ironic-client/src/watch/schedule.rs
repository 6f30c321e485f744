//! What to ask next, and when: no clock of its own, no request.

use std::collections::BTreeSet;
use std::time::Duration;

use ironic_types::{NodeId, ProvisionState};
use tokio::time::Instant;

use super::WatchSettings;
use super::inventory::OnTheirWay;

/// The shortest wait after an error.
const FIRST_RETRY: Duration = Duration::from_secs(1);
/// This many requests for a few nodes are always in time: a second each.
const FEW: usize = 3;
/// A request for a few nodes, as long as none was measured: what a real Ironic of a thousand nodes takes.
const SHORT: Duration = Duration::from_millis(50);
/// All nodes are read as often as this, however many pages that takes.
const LONGEST_IDLE: Duration = Duration::from_mins(1);
/// After this time without a change, nodes on their way are looked at less often.
const QUIET_AFTER: Duration = Duration::from_secs(30);

/// A question, or a few that belong together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Round {
    /// All nodes.
    All {
        /// Whether for the sake of those that are on their way, and not because it was time.
        in_haste: bool,
    },
    /// The nodes in these states, and these nodes.
    Some {
        states: BTreeSet<ProvisionState>,
        nodes: BTreeSet<NodeId>,
    },
    /// All things of a kind that nodes have.
    Bulk(Kind),
}

/// What nodes have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Ports,
    Connectors,
    Targets,
}

impl Kind {
    const ALL: [Self; 3] = [Self::Ports, Self::Connectors, Self::Targets];
}

#[derive(Debug)]
pub(super) struct Schedule {
    settings: WatchSettings,
    /// Before this time nothing is asked: Ironic is given a rest.
    rested: Instant,
    /// When all nodes are to be read.
    all: Instant,
    /// When those on their way are to be read, if there are any.
    some: Instant,
    /// When things are to be read, in the order of [`Kind::ALL`].
    bulk: [Instant; 3],
    /// How many requests it takes to read all nodes.
    pages: usize,
    /// How long that took.
    all_took: Duration,
    /// How long a request for a few nodes took.
    each_took: Duration,
    /// When a change was last seen.
    changed: Instant,
    failures: u32,
}

impl Schedule {
    pub(super) fn new(settings: WatchSettings, now: Instant) -> Self {
        Self {
            settings,
            rested: now,
            all: now,
            some: now,
            bulk: [now; 3],
            pages: 1,
            all_took: Duration::ZERO,
            each_took: SHORT,
            changed: now,
            failures: 0,
        }
    }

    /// The next round, and when it is due.
    pub(super) fn next(&self, on_their_way: &OnTheirWay) -> (Round, Instant) {
        let OnTheirWay { states, nodes } = on_their_way;
        let mut next = (Round::All { in_haste: false }, self.all);
        // What is known may be of before the interruption: nothing else counts until all is read.
        if self.failures == 0 {
            if !states.is_empty() || !nodes.is_empty() {
                next = earlier(next, (self.soon(on_their_way), self.some));
            }
            for (kind, due) in Kind::ALL.into_iter().zip(self.bulk) {
                next = earlier(next, (Round::Bulk(kind), due));
            }
        }
        let (round, due) = next;
        (round, due.max(self.rested))
    }

    /// Whatever costs Ironic less: a list of all takes it long, many requests do too.
    fn soon(&self, OnTheirWay { states, nodes }: &OnTheirWay) -> Round {
        let requests = states.len() + nodes.len();
        let is_few = requests <= FEW || requests < self.pages;
        let cost = u32::try_from(requests).map(|requests| self.each_took.saturating_mul(requests));
        if is_few && cost.is_ok_and(|cost| cost < self.all_took) {
            Round::Some {
                states: states.clone(),
                nodes: nodes.clone(),
            }
        } else {
            Round::All { in_haste: true }
        }
    }

    /// A round was answered.
    pub(super) fn answered(
        &mut self,
        round: &Round,
        began: Instant,
        ended: Instant,
        requests: u32,
        changes: bool,
        jitter: f64,
    ) {
        if self.failures > 0 {
            // What nodes have may have changed in the meantime, too.
            self.bulk = [ended; 3];
        }
        self.failures = 0;
        if changes {
            self.changed = ended;
        }
        let is_quiet = ended.duration_since(self.changed) >= QUIET_AFTER;
        let pace = if is_quiet {
            self.settings.quiet
        } else {
            self.settings.busy
        };
        let took = ended - began;
        self.rested = ended + took * self.settings.rest;
        match round {
            Round::All { in_haste } => {
                self.pages = usize::try_from(requests).unwrap_or(usize::MAX);
                self.all_took = took;
                let idle = self
                    .settings
                    .idle
                    .saturating_mul(requests)
                    .min(LONGEST_IDLE);
                self.all = ended + idle.max(self.settings.idle).mul_f64(jitter);
                self.some = ended + pace * if *in_haste { requests } else { 1 };
            }
            Round::Some { .. } => {
                self.each_took = took / requests.max(1);
                self.some = ended + pace * requests;
            }
            Round::Bulk(kind) => {
                self.bulk[*kind as usize] = ended + self.settings.bulk.mul_f64(jitter);
            }
        }
    }

    /// A round failed.
    pub(super) fn failed(&mut self, round: &Round, ended: Instant, jitter: f64) {
        self.rested = ended;
        if let Round::Bulk(kind) = round {
            self.bulk[*kind as usize] = ended + self.settings.retry.mul_f64(jitter);
            return;
        }
        let wait = FIRST_RETRY
            .saturating_mul(1 << self.failures.min(10))
            .min(self.settings.retry);
        self.failures = self.failures.saturating_add(1);
        self.all = ended + wait.mul_f64(jitter);
    }
}

/// The one that is due first; the first of two that are due at the same time.
fn earlier(first: (Round, Instant), second: (Round, Instant)) -> (Round, Instant) {
    if second.1 < first.1 { second } else { first }
}
