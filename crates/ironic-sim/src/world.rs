//! All of a simulator's state, and its time.

mod agenda;
mod lookup;

pub(crate) use agenda::{Agenda, Alarm};

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;
use uuid::Uuid;

use crate::bmc::Machine;
use crate::boot::BootServer;
use crate::clock::Clock;
use crate::faults::Faults;
use crate::journal::Journal;
use crate::model::{NodeKey, Store};
use crate::settings::Settings;

/// All of a simulator's state.
pub(crate) struct World {
    pub(crate) settings: Settings,
    pub(crate) clock: Clock,
    /// The moment up to which everything has happened.
    pub(crate) now: Duration,
    pub(crate) store: Store,
    /// By address and system.
    pub(crate) machines: BTreeMap<(String, String), Machine>,
    pub(crate) boot_server: BootServer,
    pub(crate) agenda: Agenda,
    pub(crate) faults: Faults,
    pub(crate) journal: Journal,
    /// When the conductor looks at the machines' power next.
    pub(crate) next_power_sync: Option<Duration>,
    /// Looks in a row at which nothing else had happened in between.
    idle_syncs: u32,
    /// Whether Ironic runs at all.
    pub(crate) is_running: bool,
    /// For request ids and UUIDs: the same in every run.
    last_id: u64,
    /// When the conductor was started.
    pub(crate) started_at: Duration,
}

impl World {
    pub(crate) fn new(settings: Settings) -> Self {
        Self {
            clock: Clock::new(settings.clock),
            now: Duration::ZERO,
            store: Store::default(),
            machines: BTreeMap::new(),
            boot_server: BootServer::default(),
            agenda: Agenda::default(),
            faults: Faults::default(),
            journal: Journal::default(),
            next_power_sync: settings.power_sync,
            idle_syncs: 0,
            is_running: true,
            last_id: 0,
            started_at: Duration::ZERO,
            settings,
        }
    }

    /// Lets everything happen that is due by now.
    pub(crate) fn catch_up(&mut self) {
        let now = self.clock.now();
        while self.is_running {
            let job = self.agenda.next();
            let sync = self.next_power_sync;
            match (job, sync) {
                // A look at the power that falls together with a job comes first: an error that
                // the job leaves would not be seen otherwise.
                (Some(at), _) if at <= now && sync.is_none_or(|sync| at < sync) => {
                    self.now = self.now.max(at);
                    self.idle_syncs = 0;
                    if let Some((key, alarm)) = self.agenda.pop() {
                        self.wake(key, alarm);
                    }
                }
                (_, Some(at)) if at <= now => {
                    self.now = self.now.max(at);
                    self.sync_power_on_time(at, job.map_or(now, |job| job.min(now)));
                }
                _ => break,
            }
        }
        self.now = self.now.max(now);
    }

    /// Looks at the machines' power, and skips looks at which nothing could be new.
    fn sync_power_on_time(&mut self, at: Duration, until: Duration) {
        let Some(interval) = self.settings.power_sync.filter(|every| !every.is_zero()) else {
            self.next_power_sync = None;
            return;
        };
        let settled = self.settings.power_sync_max_retries.saturating_add(2);
        let mut next = at.saturating_add(interval);
        if self.idle_syncs <= settled {
            self.sync_power();
            self.idle_syncs += 1;
        } else {
            let missed = until.saturating_sub(at).as_nanos() / interval.as_nanos();
            let missed = u32::try_from(missed).unwrap_or(u32::MAX);
            next = next.saturating_add(interval.saturating_mul(missed));
        }
        self.next_power_sync = Some(next);
    }

    /// Something changed by other hands: the next look at the power may find something.
    pub(crate) fn disturbed(&mut self) {
        self.idle_syncs = 0;
    }

    /// The next moment at which something happens by itself, but for looks at the power and for
    /// waits that time out.
    pub(crate) fn next_event(&self) -> Option<Duration> {
        self.agenda.next_progress()
    }

    /// The date.
    pub(crate) fn date(&self) -> Timestamp {
        self.clock.date(self.now)
    }

    /// A UUID that no other has: version 4 in form, and the same in every run.
    pub(crate) fn new_uuid(&mut self) -> String {
        self.last_id += 1;
        let mixed =
            u128::from(self.last_id).wrapping_mul(0x9E37_79B9_7F4A_7C15_F39C_C060_5CED_C835);
        uuid::Builder::from_random_bytes(mixed.to_be_bytes())
            .into_uuid()
            .to_string()
    }

    /// The id of a request.
    pub(crate) fn new_request_id(&mut self) -> String {
        self.last_id += 1;
        format!("req-{}", Uuid::from_u128(u128::from(self.last_id)))
    }

    /// Rings at a node, after a while.
    pub(crate) fn alarm(&mut self, key: NodeKey, after: Duration, alarm: Alarm) {
        self.agenda.add(self.now.saturating_add(after), key, alarm);
    }
}
