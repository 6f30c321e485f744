//! Time, virtual or real.

use std::time::{Duration, Instant, SystemTime};

use jiff::Timestamp;

/// Where a simulator's time comes from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ClockKind {
    /// Stands still until [`Sim::advance`](crate::Sim::advance) moves it.
    #[default]
    Virtual,
    /// The machine's.
    Real,
}

/// A clock that counts from the simulator's start.
#[derive(Clone, Debug)]
pub(crate) struct Clock {
    source: Source,
    /// The moment that is zero.
    epoch: Timestamp,
}

#[derive(Clone, Debug)]
enum Source {
    Virtual(Duration),
    Real(Instant),
}

impl Clock {
    pub(crate) fn new(kind: ClockKind) -> Self {
        match kind {
            ClockKind::Virtual => Self {
                source: Source::Virtual(Duration::ZERO),
                epoch: VIRTUAL_EPOCH,
            },
            ClockKind::Real => Self {
                source: Source::Real(Instant::now()),
                epoch: Timestamp::try_from(SystemTime::now()).unwrap_or(VIRTUAL_EPOCH),
            },
        }
    }

    pub(crate) fn is_virtual(&self) -> bool {
        match self.source {
            Source::Virtual(_) => true,
            Source::Real(_) => false,
        }
    }

    /// How long ago the simulator was started.
    pub(crate) fn now(&self) -> Duration {
        match self.source {
            Source::Virtual(now) => now,
            Source::Real(start) => start.elapsed(),
        }
    }

    /// Moves virtual time forward; real time moves by itself.
    pub(crate) fn advance(&mut self, by: Duration) {
        match &mut self.source {
            Source::Virtual(now) => *now = now.saturating_add(by),
            Source::Real(_) => {}
        }
    }

    /// A moment as a date. Dates too far away are cut at the last that there is.
    pub(crate) fn date(&self, at: Duration) -> Timestamp {
        self.epoch.saturating_add(at).unwrap_or(Timestamp::MAX)
    }
}

/// Virtual time starts at the same date in every run: 2026-01-01T00:00:00Z.
const VIRTUAL_EPOCH: Timestamp = Timestamp::constant(1_767_225_600, 0);

/// A date as Ironic writes it: no fraction where it is zero (Python's `isoformat`).
pub(crate) fn isoformat(date: Timestamp) -> String {
    let text = date.strftime("%Y-%m-%dT%H:%M:%S");
    match date.subsec_nanosecond() / 1000 {
        0 => format!("{text}+00:00"),
        micros => format!("{text}.{micros:06}+00:00"),
    }
}
