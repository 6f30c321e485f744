//! Requests that are answered without a socket.
//!
//! For tests in paused time: a runtime that waits for a socket has nothing to do, and lets its clock
//! run to the next timeout.

use std::sync::Arc;

use futures_util::future::BoxFuture;
use reqwest::Request;

use crate::answer::{Answer, Missed};
use crate::auth::Credentials;
use crate::failure::Failure;

/// Answers requests, in place of a server.
pub trait InProcess: Send + Sync {
    /// The answer to a request, or why there is none. It may take its time, of the runtime's clock;
    /// the client's own timeouts don't count here.
    fn answer(&self, request: InProcessRequest) -> BoxFuture<'_, Result<InProcessAnswer, Failure>>;
}

/// A request as it would be sent. It may hold secrets, so it has no `Debug`.
pub struct InProcessRequest {
    /// The method, such as `GET`.
    pub method: String,
    /// The path, and the query after a question mark, percent-encoded.
    pub target: String,
    /// The headers that are text.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

/// An answer.
pub struct InProcessAnswer {
    /// The status.
    pub status: u16,
    /// The body.
    pub body: Vec<u8>,
}

/// Nobody answered.
#[derive(Debug, thiserror::Error)]
#[error("no answer ({})", .0.as_str())]
struct NoAnswer(Failure);

pub(crate) async fn ask(
    answering: &dyn InProcess,
    request: &Request,
    credentials: Arc<Credentials>,
) -> Result<Answer, Missed> {
    match answering.answer(taken_apart(request)).await {
        Ok(InProcessAnswer { status, body }) => Ok(Answer::in_process(status, body, credentials)),
        Err(failure) => Err(Missed::NoAnswer {
            failure,
            source: NoAnswer(failure).into(),
        }),
    }
}

fn taken_apart(request: &Request) -> InProcessRequest {
    let url = request.url();
    let headers = request.headers().iter().filter_map(|(name, value)| {
        let value = value.to_str().ok()?;
        Some((name.to_string(), value.to_owned()))
    });
    let body = request.body().and_then(reqwest::Body::as_bytes);
    InProcessRequest {
        method: request.method().to_string(),
        target: match url.query() {
            Some(query) => format!("{}?{query}", url.path()),
            None => url.path().to_owned(),
        },
        headers: headers.collect(),
        body: body.unwrap_or_default().to_vec(),
    }
}
