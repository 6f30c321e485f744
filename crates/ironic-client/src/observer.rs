//! Who is told of every request, for metrics.

use std::time::Duration;

use ironic_types::Method;

use crate::failure::Failure;

/// Is told of every attempt to get an answer, once, when it is over.
///
/// It is called in the middle of the caller's future: it must not block.
/// A closure is one.
pub trait Observer: Send + Sync {
    /// An attempt is over.
    fn attempted(&self, attempt: &Attempt);
}

impl<F: Fn(&Attempt) + Send + Sync> Observer for F {
    fn attempted(&self, attempt: &Attempt) {
        self(attempt);
    }
}

/// One attempt: one request that was sent, or could not be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Attempt {
    /// The call's name, [`Call::NAME`](ironic_types::Call::NAME): one of a fixed set, unlike the
    /// path.
    pub call: &'static str,
    /// The request's method.
    pub method: Method,
    /// What came of it.
    pub outcome: AttemptOutcome,
    /// 1 for the first attempt of a call, 2 for the next.
    pub number: u32,
    /// How long it waited because too many requests were in flight.
    pub waited: Duration,
    /// How long it took after that, to the last byte of the answer.
    pub took: Duration,
}

/// What came of an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AttemptOutcome {
    /// An answer with this status.
    Answered(u16),
    /// No answer.
    Failed(Failure),
    /// An answer that is larger than allowed.
    TooLarge,
    /// Nobody waits for the answer any more: the future was dropped.
    Cancelled,
}

impl AttemptOutcome {
    /// One of eleven words for it, for the label of a metric: `2xx` and the like, the failure's
    /// word, `too_large` or `cancelled`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Answered(..200) => "1xx",
            Self::Answered(200..300) => "2xx",
            Self::Answered(300..400) => "3xx",
            Self::Answered(400..500) => "4xx",
            Self::Answered(500..) => "5xx",
            Self::Failed(failure) => failure.as_str(),
            Self::TooLarge => "too_large",
            Self::Cancelled => "cancelled",
        }
    }
}
