//! From a call to its answer, in as many attempts as it takes.

use std::sync::Arc;
use std::time::{Duration, Instant};

use ironic_types::{Call, Microversion};
use reqwest::header::AUTHORIZATION;
use tokio::sync::Semaphore;
use tokio::time::sleep;
use tracing::Span;
use tracing::field::Empty;
use url::Url;

use crate::answer::{Answer, Missed};
use crate::auth::{Auth, Credentials};
use crate::error::Error;
use crate::files::Renewed;
use crate::http::Http;
use crate::observer::{Attempt, AttemptOutcome, Observer};
use crate::request;
use crate::retry::{Failed, Reason, RetryPolicy};

/// Ironic's status for a user or a password that it does not know.
const UNAUTHORIZED: u16 = 401;

/// Sends requests to one endpoint.
pub(crate) struct Transport {
    pub(crate) endpoint: Url,
    pub(crate) http: Renewed<Http>,
    pub(crate) auth: Renewed<Auth>,
    pub(crate) retry: RetryPolicy,
    /// One for each request in flight.
    pub(crate) permits: Semaphore,
    pub(crate) max_answer_bytes: usize,
    pub(crate) observer: Option<Arc<dyn Observer>>,
    /// Who answers instead of a server.
    #[cfg(feature = "in-process")]
    pub(crate) in_process: Option<Arc<dyn crate::in_process::InProcess>>,
}

/// What an attempt is made with.
struct Means {
    http: Arc<reqwest::Client>,
    credentials: Arc<Credentials>,
}

impl Transport {
    /// Sends a call, in a version or (the root document) in none, until it is answered or
    /// [`RetryPolicy`] says that it is enough.
    pub(crate) async fn exchange<C: Call>(
        &self,
        call: &C,
        version: Option<Microversion>,
    ) -> Result<Answer, Error> {
        let begun = Instant::now();
        let mut means = self.means().await;
        let mut renewed = false;
        let mut number = 0;
        loop {
            number += 1;
            let request = request::build(&self.endpoint, call, version)?;
            let result = self.attempt(call, request, number, &means).await;
            if !renewed && let Some(newer) = self.newer_means(&means, &result).await {
                tracing::debug!(attempt = number, "sent again with what the files hold now");
                renewed = true;
                means = newer;
                continue;
            }
            let failed = Failed {
                method: call.method(),
                reason: match &result {
                    Ok(answer) => Reason::Status(answer.status),
                    Err(Missed::NoAnswer { failure, .. }) => Reason::NoAnswer(*failure),
                    Err(Missed::TooLarge { .. }) => return self.conclude(call, result),
                },
                attempts: number,
                spent: begun.elapsed(),
                retry_after: result.as_ref().ok().and_then(|answer| answer.retry_after),
            };
            let Some(wait) = self.retry.wait(&failed, fastrand::f64()) else {
                return self.conclude(call, result);
            };
            tracing::debug!(attempt = number, reason = %failed.reason, ?wait, "to be sent again");
            sleep(wait).await;
            means = self.means().await;
        }
    }

    async fn means(&self) -> Means {
        Means {
            http: self.http.get().await,
            credentials: self.auth.get().await,
        }
    }

    /// Other means, if they may be the remedy and there are any. What was refused like this had no
    /// effect, so it may be sent again whatever it is.
    async fn newer_means(&self, used: &Means, result: &Result<Answer, Missed>) -> Option<Means> {
        match result {
            Ok(answer) if answer.status == UNAUTHORIZED => Some(Means {
                http: used.http.clone(),
                credentials: self.auth.newer_than(&used.credentials).await?,
            }),
            Err(missed) if missed.is_mistrust() => Some(Means {
                http: self.http.newer_than(&used.http).await?,
                credentials: used.credentials.clone(),
            }),
            Ok(_) | Err(_) => None,
        }
    }

    /// Sends a request once, as soon as few enough others are in flight.
    async fn attempt<C: Call>(
        &self,
        call: &C,
        mut request: reqwest::Request,
        number: u32,
        means: &Means,
    ) -> Result<Answer, Missed> {
        let queued = Instant::now();
        // It is never closed, so that this is a permit.
        let _permit = self.permits.acquire().await;
        let begun = Instant::now();
        let mut report = Report {
            observer: self.observer.as_deref(),
            begun,
            attempt: Attempt {
                call: C::NAME,
                method: call.method(),
                outcome: AttemptOutcome::Cancelled,
                number,
                waited: begun - queued,
                took: Duration::ZERO,
            },
        };
        if let Some(header) = means.credentials.header() {
            request.headers_mut().insert(AUTHORIZATION, header.clone());
        }
        let result = self.send(request, means).await;
        report.attempt.outcome = match &result {
            Ok(answer) => AttemptOutcome::Answered(answer.status),
            Err(Missed::NoAnswer { failure, .. }) => AttemptOutcome::Failed(*failure),
            Err(Missed::TooLarge { .. }) => AttemptOutcome::TooLarge,
        };
        result
    }

    async fn send(&self, request: reqwest::Request, means: &Means) -> Result<Answer, Missed> {
        let credentials = means.credentials.clone();
        #[cfg(feature = "in-process")]
        if let Some(answering) = &self.in_process {
            return crate::in_process::ask(answering.as_ref(), &request, credentials).await;
        }
        match means.http.execute(request).await {
            Ok(response) => Answer::receive(response, self.max_answer_bytes, credentials).await,
            Err(error) => Err(Missed::before_answer(error)),
        }
    }

    /// Tells the span what came of it all.
    fn conclude<C: Call>(&self, call: &C, result: Result<Answer, Missed>) -> Result<Answer, Error> {
        let span = Span::current();
        match &result {
            Ok(Answer {
                status, request_id, ..
            })
            | Err(Missed::TooLarge { status, request_id }) => {
                span.record("status", status);
                span.record("request_id", request_id.as_deref());
                tracing::debug!("Ironic answered");
            }
            Err(Missed::NoAnswer { failure, .. }) => {
                tracing::debug!(failure = failure.as_str(), "Ironic gave no answer");
            }
        }
        result.map_err(|missed| match missed {
            Missed::NoAnswer { failure, source } => Error::Transport {
                call: C::NAME,
                method: call.method(),
                path: call.path(),
                endpoint: host_and_port(&self.endpoint),
                failure,
                source,
            },
            Missed::TooLarge { status, request_id } => Error::TooLarge {
                call: C::NAME,
                method: call.method(),
                path: call.path(),
                status,
                request_id,
                limit: self.max_answer_bytes,
            },
        })
    }
}

/// Tells the observer of an attempt when it is over, also if nobody waits for it any more.
struct Report<'a> {
    observer: Option<&'a dyn Observer>,
    begun: Instant,
    attempt: Attempt,
}

impl Drop for Report<'_> {
    fn drop(&mut self) {
        if let Some(observer) = self.observer {
            self.attempt.took = self.begun.elapsed();
            observer.attempted(&self.attempt);
        }
    }
}

fn host_and_port(endpoint: &Url) -> String {
    let host = endpoint.host_str().unwrap_or_default();
    match endpoint.port_or_known_default() {
        Some(port) => format!("{host}:{port}"),
        None => host.to_owned(),
    }
}

/// The span of one call.
pub(crate) fn span<C: Call>(call: &C) -> Span {
    tracing::info_span!(
        "ironic",
        call = C::NAME,
        method = %call.method(),
        path = call.path(),
        version = Empty,
        status = Empty,
        request_id = Empty,
    )
}
