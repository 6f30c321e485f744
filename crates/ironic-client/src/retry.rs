//! Whether to send a request again, and when: decided here, without a clock.

use std::fmt;
use std::time::{Duration, SystemTime};

use ironic_types::Method;

use crate::failure::Failure;

/// When a request is sent again.
///
/// # What is sent again
///
/// Only what Ironic can be asked twice without harm, which is what reads:
///
/// * `GET`: yes.
/// * `POST`: no. The second would be refused because the first took effect.
/// * `PUT`: no. A second `active` or `reboot` after a first that took effect is another order.
/// * `PATCH`: no. Adding to a list twice adds two, and a `test` may fail on what the first did.
/// * `DELETE`: no. The second is answered 404, which the caller could not tell from a node that
///   never was.
///
/// And only after an answer that says "not now" (429, 502, 503 or 504), or after none.
/// A locked node (409) is no such answer: when to come back is the caller's to decide.
/// An answer that was larger than allowed or not understood would be so again.
///
/// Apart from all that, a request of any method is sent once more with what was read from files
/// that changed, if it was refused with 401 or the TLS handshake failed: it had no effect.
///
/// # When
///
/// After a random time between nothing and [`RetryPolicy::first_delay`], which doubles with each
/// attempt up to [`RetryPolicy::max_delay`]. What the answer's `Retry-After` asks for is waited for
/// before that.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RetryPolicy {
    /// How often a request is sent at most, the first time included.
    pub max_attempts: u32,
    /// The longest time before the second attempt.
    pub first_delay: Duration,
    /// The longest time before any later attempt, `Retry-After` apart.
    pub max_delay: Duration,
    /// No attempt begins later than this after the first one began. If `Retry-After` asks for more
    /// patience than that, the caller gets the answer instead.
    pub total: Duration,
}

impl RetryPolicy {
    /// Nothing is sent again.
    pub const NEVER: Self = Self {
        max_attempts: 1,
        first_delay: Duration::ZERO,
        max_delay: Duration::ZERO,
        total: Duration::ZERO,
    };

    /// How long to wait before the next attempt, `None` if there is to be none.
    ///
    /// `jitter` is a random number from 0 to 1.
    pub(crate) fn wait(&self, failed: &Failed, jitter: f64) -> Option<Duration> {
        if failed.attempts >= self.max_attempts
            || !is_repeatable(failed.method)
            || !failed.reason.may_pass()
        {
            return None;
        }
        let doublings = failed.attempts.saturating_sub(1).min(31);
        let longest = self
            .first_delay
            .saturating_mul(1 << doublings)
            .min(self.max_delay);
        let wait = failed
            .retry_after
            .unwrap_or_default()
            .saturating_add(longest.mul_f64(jitter.clamp(0.0, 1.0)));
        (failed.spent.saturating_add(wait) <= self.total).then_some(wait)
    }
}

impl Default for RetryPolicy {
    /// Three attempts within 20 seconds, at most 0.2 and 0.4 seconds apart: enough for a proxy that
    /// restarts, and soon over, for callers have their own patience.
    fn default() -> Self {
        Self {
            max_attempts: 3,
            first_delay: Duration::from_millis(200),
            max_delay: Duration::from_secs(5),
            total: Duration::from_secs(20),
        }
    }
}

/// What came of the attempts so far.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Failed {
    pub(crate) method: Method,
    /// Why the last one failed.
    pub(crate) reason: Reason,
    /// How many there were.
    pub(crate) attempts: u32,
    /// Since the first one began.
    pub(crate) spent: Duration,
    /// What the last answer asked for.
    pub(crate) retry_after: Option<Duration>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reason {
    Status(u16),
    NoAnswer(Failure),
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Status(status) => write!(f, "{status}"),
            Self::NoAnswer(failure) => f.write_str(failure.as_str()),
        }
    }
}

impl Reason {
    fn may_pass(self) -> bool {
        match self {
            Self::Status(status) => matches!(status, 429 | 502 | 503 | 504),
            Self::NoAnswer(Failure::Connect | Failure::Timeout | Failure::Lost) => true,
            Self::NoAnswer(Failure::Tls) => false,
        }
    }
}

/// See [`RetryPolicy`] for the reasons.
fn is_repeatable(method: Method) -> bool {
    match method {
        Method::Get => true,
        Method::Post | Method::Put | Method::Patch | Method::Delete => false,
    }
}

/// Reads a `Retry-After`, which is a number of seconds or a date.
pub(crate) fn retry_after(value: &str, now: SystemTime) -> Option<Duration> {
    let value = value.trim();
    // `u64::from_str` would let a sign pass.
    if !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit()) {
        return Some(Duration::from_secs(value.parse().unwrap_or(u64::MAX)));
    }
    let date = httpdate::parse_http_date(value).ok()?;
    Some(date.duration_since(now).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;

    use super::*;

    const POLICY: RetryPolicy = RetryPolicy {
        max_attempts: 4,
        first_delay: Duration::from_secs(1),
        max_delay: Duration::from_secs(3),
        total: Duration::from_secs(30),
    };

    fn failed(method: Method, reason: Reason) -> Failed {
        Failed {
            method,
            reason,
            attempts: 1,
            spent: Duration::ZERO,
            retry_after: None,
        }
    }

    #[rstest]
    fn what_reads_is_sent_again_after_not_now_or_nothing(
        #[values(
            Reason::Status(429),
            Reason::Status(502),
            Reason::Status(503),
            Reason::Status(504),
            Reason::NoAnswer(Failure::Connect),
            Reason::NoAnswer(Failure::Timeout),
            Reason::NoAnswer(Failure::Lost)
        )]
        reason: Reason,
    ) {
        let failed = failed(Method::Get, reason);
        assert_eq!(POLICY.wait(&failed, 0.5), Some(Duration::from_millis(500)));
    }

    #[rstest]
    fn what_changes_something_is_not_sent_again(
        #[values(Method::Post, Method::Put, Method::Patch, Method::Delete)] method: Method,
        #[values(
            Reason::Status(503),
            Reason::NoAnswer(Failure::Connect),
            Reason::NoAnswer(Failure::Lost)
        )]
        reason: Reason,
    ) {
        assert_eq!(POLICY.wait(&failed(method, reason), 0.5), None);
    }

    #[rstest]
    fn an_answer_that_would_be_the_same_again_is_not_asked_for_again(
        #[values(200, 302, 400, 401, 403, 404, 406, 409, 500, 501)] status: u16,
    ) {
        let failed = failed(Method::Get, Reason::Status(status));
        assert_eq!(POLICY.wait(&failed, 0.5), None);
    }

    #[test]
    fn mistrust_does_not_pass_by_itself() {
        let failed = failed(Method::Get, Reason::NoAnswer(Failure::Tls));
        assert_eq!(POLICY.wait(&failed, 0.5), None);
    }

    #[rstest]
    #[case::doubled(2, 0, None, Some(2))]
    #[case::capped(3, 0, None, Some(3))]
    #[case::often_enough(4, 0, None, None)]
    #[case::asked_for_patience(1, 0, Some(7), Some(8))]
    #[case::just_in_time(1, 22, Some(7), Some(8))]
    #[case::too_long(1, 23, Some(7), None)]
    #[case::asked_for_too_much_patience(1, 0, Some(u64::MAX), None)]
    fn the_wait_is_bounded(
        #[case] attempts: u32,
        #[case] spent: u64,
        #[case] retry_after: Option<u64>,
        #[case] wait: Option<u64>,
    ) {
        let failed = Failed {
            attempts,
            spent: Duration::from_secs(spent),
            retry_after: retry_after.map(Duration::from_secs),
            ..failed(Method::Get, Reason::Status(503))
        };
        assert_eq!(POLICY.wait(&failed, 1.0), wait.map(Duration::from_secs));
    }

    #[test]
    fn nothing_is_sent_again_by_the_policy_that_says_so() {
        let failed = failed(Method::Get, Reason::Status(503));
        assert_eq!(RetryPolicy::NEVER.wait(&failed, 0.0), None);
    }

    #[rstest]
    #[case::seconds("120", Some(120))]
    #[case::spaces(" 3 ", Some(3))]
    #[case::more_than_there_are("99999999999999999999", Some(u64::MAX))]
    #[case::date("Sun, 06 Nov 1994 08:49:47 GMT", Some(10))]
    #[case::date_that_is_past("Sun, 06 Nov 1994 08:49:30 GMT", Some(0))]
    #[case::sign("-1", None)]
    #[case::fraction("1.5", None)]
    #[case::empty("", None)]
    #[case::words("soon", None)]
    fn retry_after_is_seconds_or_a_date(#[case] value: &str, #[case] seconds: Option<u64>) {
        // 1994-11-06 08:49:37, the example of RFC 9110.
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(784_111_777);
        assert_eq!(
            retry_after(value, now),
            seconds.map(Duration::from_secs),
            "{value:?}"
        );
    }

    proptest! {
        #[test]
        fn no_wait_exceeds_its_bounds(
            (max_attempts, first, max, total) in any::<(u32, u64, u64, u64)>(),
            (attempts, spent) in any::<(u32, u64)>(),
            retry_after in any::<Option<u64>>(),
            jitter in 0.0..1.0,
        ) {
            let policy = RetryPolicy {
                max_attempts,
                first_delay: Duration::from_millis(first),
                max_delay: Duration::from_millis(max),
                total: Duration::from_millis(total),
            };
            let failed = Failed {
                attempts,
                spent: Duration::from_millis(spent),
                retry_after: retry_after.map(Duration::from_millis),
                ..failed(Method::Get, Reason::Status(503))
            };
            if let Some(wait) = policy.wait(&failed, jitter) {
                let asked = failed.retry_after.unwrap_or_default();
                prop_assert!(attempts < max_attempts);
                prop_assert!(wait >= asked);
                prop_assert!(wait <= asked + policy.max_delay);
                prop_assert!(failed.spent + wait <= policy.total);
            }
        }

        #[test]
        fn any_text_is_read_as_a_retry_after_or_not(value in "\\PC*") {
            let _ = retry_after(&value, SystemTime::UNIX_EPOCH);
        }
    }
}
