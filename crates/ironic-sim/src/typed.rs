//! Typed calls, without sockets.

use std::time::Duration;

use ironic_types::{Call, Fault, VersionError, negotiate};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use crate::http::{Request, Response};
use crate::sim::Sim;

/// Why a call had no result.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SendError {
    /// The simulator does not offer the version that the call needs.
    #[error(transparent)]
    Version(#[from] VersionError),
    /// The connection was cut. What was asked for may have happened.
    #[error("the connection was cut during `{call}`")]
    Cut {
        /// The name of the call.
        call: &'static str,
    },
    /// Ironic refused.
    #[error("`{call}` was refused with {status}: {fault}")]
    Refused {
        /// The name of the call.
        call: &'static str,
        /// The status.
        status: u16,
        /// Ironic's words.
        fault: Fault,
    },
    /// The answer is not what the call's type says.
    #[error("`{call}` has an unexpected answer")]
    Unexpected {
        /// The name of the call.
        call: &'static str,
        /// What is unexpected.
        source: serde_json::Error,
    },
    /// The body of the call can't be written.
    #[error("the body of `{call}` can't be written")]
    Body {
        /// The name of the call.
        call: &'static str,
        /// Why.
        source: serde_json::Error,
    },
}

impl Sim {
    /// Sends a typed call, in the version that [`negotiate`] chooses, and reads the answer.
    ///
    /// Tries a locked node again if the settings say so; a slow answer takes its time. On virtual
    /// time, both move the clock.
    ///
    /// # Errors
    ///
    /// [`SendError`]: the version is not offered, the connection was cut, Ironic refused, or the
    /// answer is not what `ironic-types` expects.
    pub fn send<C: Call>(&self, call: &C) -> Result<C::Response, SendError> {
        let name = C::NAME;
        let range = self.world().settings.versions;
        let version = negotiate(range, name, call.required_version())?;
        let query: Vec<String> = call
            .query()
            .into_iter()
            .map(|(key, value)| format!("{key}={}", utf8_percent_encode(&value, NON_ALPHANUMERIC)))
            .collect();
        let target = format!("{}?{}", call.path(), query.join("&"));
        let mut request = Request::new(call.method(), &target).version(version);
        if let Some(body) = call.body() {
            let body = serde_json::to_vec(body)
                .map_err(|source| SendError::Body { call: name, source })?;
            request = request.body(body);
        }
        let response = self.handle_patiently(&request);
        if response.is_cut {
            return Err(SendError::Cut { call: name });
        }
        if response.status >= 400 {
            let fault = Fault::from_body(&response.body, &call.secrets());
            return Err(SendError::Refused {
                call: name,
                status: response.status,
                fault,
            });
        }
        let body: &[u8] = if response.body.is_empty() {
            b"null"
        } else {
            &response.body
        };
        serde_json::from_slice(body).map_err(|source| SendError::Unexpected { call: name, source })
    }

    /// Answers a request as [`Sim::handle`], but tries a locked node again.
    fn handle_patiently(&self, request: &Request) -> Response {
        let retry = self.lock_retry();
        let mut left = retry.map_or(1, |retry| retry.attempts.max(1));
        let response = loop {
            let response = self.attempt(request, left == 1);
            left -= 1;
            let Some(retry) = retry.filter(|_| response.is_locked && left > 0) else {
                break response;
            };
            self.pass(retry.interval);
        };
        self.pass(response.delay);
        response
    }

    /// Lets virtual time pass; real time is not waited for here.
    pub(crate) fn pass(&self, time: Duration) {
        if !time.is_zero() && self.is_virtual() {
            self.advance(time);
        }
    }
}
