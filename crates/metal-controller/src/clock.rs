//! What time it is.

use jiff::Timestamp;

/// The one clock that is asked for the time of day.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Clock {
    /// The machine's.
    System,
    /// Tokio's, which a test may let stand still.
    #[cfg(test)]
    Virtual {
        /// When it was this time of day …
        began: tokio::time::Instant,
        /// … this one.
        epoch: Timestamp,
    },
}

impl Clock {
    /// The time, in whole seconds.
    ///
    /// Kubernetes keeps no others: a finer time would differ from itself once it was stored.
    pub(crate) fn now(self) -> Timestamp {
        let now = match self {
            Self::System => system(),
            #[cfg(test)]
            Self::Virtual { began, epoch } => epoch + began.elapsed(),
        };
        Timestamp::from_second(now.as_second()).unwrap_or_default()
    }
}

#[expect(clippy::disallowed_methods, reason = "this is where the clock is read")]
fn system() -> Timestamp {
    Timestamp::now()
}
