//! What to ask next, and when: no clock of its own, no request.

use std::time::Duration;

use tokio::time::Instant;

use super::WatchSettings;
use super::inventory::OnTheirWay;

/// The shortest wait after an error.
const FIRST_RETRY: Duration = Duration::from_secs(1);
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
    All,
    /// Those that are on their way, as long as it takes no more requests than this.
    OnTheirWay {
        on_their_way: OnTheirWay,
        most_requests: usize,
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
    /// How long it took to read all nodes.
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
            all_took: Duration::ZERO,
            each_took: SHORT,
            changed: now,
            failures: 0,
        }
    }

    /// The next round, and when it is due.
    pub(super) fn next(&self, on_their_way: &OnTheirWay) -> (Round, Instant) {
        let OnTheirWay { states, nodes } = on_their_way;
        let mut next = (Round::All, self.all);
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
    fn soon(&self, on_their_way: &OnTheirWay) -> Round {
        let OnTheirWay { states, nodes } = on_their_way;
        let each = self.each_took.as_micros().max(1);
        let most_requests = usize::try_from(self.all_took.as_micros() / each).unwrap_or(usize::MAX);
        if states.len() + nodes.len() <= most_requests {
            Round::OnTheirWay {
                on_their_way: on_their_way.clone(),
                most_requests,
            }
        } else {
            Round::All
        }
    }

    /// A request of ours was just taken, or somebody waits: that counts as a change, so that what comes of it is seen
    /// before Ironic forgets its words on it.
    pub(super) fn hurry(&mut self, now: Instant) {
        self.changed = now;
        self.some = self.some.min(now + self.settings.busy);
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
            Round::All => {
                self.all_took = took;
                // One slow answer is not remembered for ever.
                self.each_took = (self.each_took + SHORT) / 2;
                let idle = self
                    .settings
                    .idle
                    .saturating_mul(requests)
                    .min(LONGEST_IDLE);
                self.all = ended + idle.max(self.settings.idle).mul_f64(jitter);
                self.some = ended + pace;
            }
            Round::OnTheirWay { .. } => {
                self.each_took = took / requests.max(1);
                self.some = ended + pace;
            }
            Round::Bulk(kind) => self.put_off(*kind, ended, self.settings.bulk.mul_f64(jitter)),
        }
    }

    /// A round failed.
    pub(super) fn failed(&mut self, round: &Round, began: Instant, ended: Instant, jitter: f64) {
        self.rested = ended + (ended - began).min(self.settings.retry);
        if let Round::Bulk(kind) = round {
            self.put_off(*kind, ended, self.settings.idle.mul_f64(jitter) * 6);
            return;
        }
        let wait = FIRST_RETRY
            .saturating_mul(1 << self.failures.min(10))
            .min(self.settings.retry);
        self.failures = self.failures.saturating_add(1);
        self.all = ended + wait.mul_f64(jitter);
    }

    /// The next list of this kind comes after this time, and no other kind's before nodes had their turn.
    fn put_off(&mut self, kind: Kind, ended: Instant, wait: Duration) {
        for (other, due) in Kind::ALL.into_iter().zip(&mut self.bulk) {
            *due = if other == kind {
                ended + wait
            } else {
                (*due).max(ended + self.settings.busy)
            };
        }
    }
}

/// The one that is due first; the first of two that are due at the same time.
fn earlier(first: (Round, Instant), second: (Round, Instant)) -> (Round, Instant) {
    if second.1 < first.1 { second } else { first }
}
