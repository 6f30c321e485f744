//! One request for all who want the same at the same time.

use std::time::Duration;

use tokio::sync::Mutex;
use tokio::time::Instant;

/// The last answer to a question that many ask.
#[derive(Debug)]
pub(crate) struct Shared<T>(Mutex<Option<Last<T>>>);

#[derive(Debug)]
struct Last<T> {
    result: Result<T, NoAnswer>,
    at: Instant,
}

/// Ironic gave no answer that could be used.
#[derive(Clone, Debug)]
pub(crate) struct NoAnswer {
    /// What went wrong, for people.
    pub(crate) message: String,
}

impl From<ironic_client::Error> for NoAnswer {
    fn from(error: ironic_client::Error) -> Self {
        Self {
            message: error.in_words(),
        }
    }
}

impl<T> Default for Shared<T> {
    fn default() -> Self {
        Self(Mutex::new(None))
    }
}

impl<T: Clone> Shared<T> {
    /// The last answer if it came since, or is no older than `max_age`; else a new one.
    ///
    /// Who comes while somebody asks gets the same result, a failure too: many who wait one after the other for what
    /// times out would wait for ever.
    pub(crate) async fn get(
        &self,
        max_age: Duration,
        ask: impl Future<Output = Result<T, ironic_client::Error>>,
    ) -> Result<T, NoAnswer> {
        let came = Instant::now();
        let mut last = self.0.lock().await;
        if let Some(Last { result, at }) = &*last {
            let is_shared = *at > came;
            if is_shared || (result.is_ok() && at.elapsed() <= max_age) {
                return result.clone();
            }
        }
        let result = ask.await.map_err(NoAnswer::from);
        *last = Some(Last {
            result: result.clone(),
            at: Instant::now(),
        });
        result
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[tokio::test(start_paused = true)]
    async fn who_comes_in_the_meantime_gets_the_same_answer_and_later_ones_as_long_as_it_is_young()
    {
        let shared = Shared::default();
        let asked = AtomicU32::new(0);
        let get = || {
            shared.get(10 * SECOND, async {
                tokio::time::sleep(SECOND).await;
                Ok(asked.fetch_add(1, Ordering::Relaxed))
            })
        };
        let (first, second) = tokio::join!(get(), get());
        assert_eq!((first.unwrap(), second.unwrap()), (0, 0));
        tokio::time::advance(9 * SECOND).await;
        assert_eq!(get().await.unwrap(), 0);
        tokio::time::advance(2 * SECOND).await;
        assert_eq!(get().await.unwrap(), 1);
    }

    #[tokio::test(start_paused = true)]
    async fn a_failure_is_shared_by_those_who_waited_and_by_nobody_later() {
        let shared = Shared::<()>::default();
        let asked = AtomicU32::new(0);
        let get = || {
            shared.get(10 * SECOND, async {
                tokio::time::sleep(SECOND).await;
                asked.fetch_add(1, Ordering::Relaxed);
                Err(ironic_client::Error::EndlessList {
                    call: "list",
                    method: ironic_types::Method::Get,
                    path: "/".to_owned(),
                })
            })
        };
        let (first, second) = tokio::join!(get(), get());
        assert!(first.is_err() && second.is_err());
        assert_eq!(asked.load(Ordering::Relaxed), 1);
        assert!(get().await.is_err());
        assert_eq!(asked.load(Ordering::Relaxed), 2);
    }
}
