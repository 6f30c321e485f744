//! What comes back.

use std::error::Error;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use ironic_types::{Call, Fault, without_secrets};
use reqwest::Response;
use reqwest::header::{HeaderMap, RETRY_AFTER};

use crate::auth::Credentials;
use crate::error::{self, ApiError, DecodeError};
use crate::failure::Failure;
use crate::retry::retry_after;

/// The headers that may hold a request's id, the newer one first (`ironic/api/app.py`).
const REQUEST_ID_HEADERS: [&str; 2] = ["x-openstack-request-id", "openstack-request-id"];

/// How much is kept of what is wrong with an answer: the parser may repeat a text of it.
const MAX_PROBLEM: usize = 300;

/// What came back, whatever it says.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) request_id: Option<String>,
    pub(crate) retry_after: Option<Duration>,
    body: Vec<u8>,
    /// Those that the request was sent with: something on the way may have repeated them.
    credentials: Arc<Credentials>,
}

/// Why nothing came back that can be read.
pub(crate) enum Missed {
    NoAnswer {
        failure: Failure,
        source: Box<dyn Error + Send + Sync>,
    },
    TooLarge {
        status: u16,
        request_id: Option<String>,
    },
}

impl Missed {
    /// No answer began.
    pub(crate) fn before_answer(source: reqwest::Error) -> Self {
        Self::NoAnswer {
            failure: Failure::before_answer(&source),
            source: source.without_url().into(),
        }
    }

    /// An answer ended before its end.
    fn within_answer(source: reqwest::Error) -> Self {
        Self::NoAnswer {
            failure: Failure::within_answer(&source),
            source: source.without_url().into(),
        }
    }

    /// Whether the other end is not trusted, or does not trust this one.
    pub(crate) fn is_mistrust(&self) -> bool {
        match self {
            Self::NoAnswer { failure, .. } => *failure == Failure::Tls,
            Self::TooLarge { .. } => false,
        }
    }
}

impl Answer {
    /// Reads a response to its end, or until it is too large.
    pub(crate) async fn receive(
        mut response: Response,
        max_bytes: usize,
        credentials: Arc<Credentials>,
    ) -> Result<Self, Missed> {
        let status = response.status().as_u16();
        let request_id = request_id(response.headers());
        let retry_after = response
            .headers()
            .get(RETRY_AFTER)
            .and_then(|value| retry_after(value.to_str().ok()?, SystemTime::now()));
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(Missed::within_answer)? {
            if chunk.len() > max_bytes - body.len() {
                return Err(Missed::TooLarge { status, request_id });
            }
            body.extend_from_slice(&chunk);
        }
        Ok(Self {
            status,
            request_id,
            retry_after,
            body,
            credentials,
        })
    }

    /// An answer that came over no connection.
    #[cfg(feature = "in-process")]
    pub(crate) fn in_process(status: u16, body: Vec<u8>, credentials: Arc<Credentials>) -> Self {
        Self {
            status,
            request_id: None,
            retry_after: None,
            body,
            credentials,
        }
    }

    /// What the answer says, by its status.
    pub(crate) fn read<C: Call>(self, call: &C) -> Result<C::Response, error::Error> {
        let Self {
            status,
            request_id,
            retry_after: _,
            body,
            credentials,
        } = self;
        let mut secrets = call.secrets();
        secrets.extend(credentials.secrets());
        if !(200..300).contains(&status) {
            return Err(error::Error::Api(Box::new(ApiError {
                call: C::NAME,
                method: call.method(),
                path: call.path(),
                status,
                request_id,
                fault: Fault::from_body(&body, &secrets),
            })));
        }
        // 202 and 204 come without a body.
        let json: &[u8] = if body.is_empty() { b"null" } else { &body };
        serde_json::from_slice(json).map_err(|err| error::Error::Decode {
            call: C::NAME,
            method: call.method(),
            path: call.path(),
            status,
            request_id,
            source: DecodeError {
                problem: without_secrets(&err.to_string(), &secrets)
                    .chars()
                    .take(MAX_PROBLEM)
                    .collect(),
            },
        })
    }
}

fn request_id(headers: &HeaderMap) -> Option<String> {
    REQUEST_ID_HEADERS
        .iter()
        .find_map(|name| headers.get(*name)?.to_str().ok())
        .map(str::to_owned)
}
