//! Requests and answers, without sockets.

use std::fmt;
use std::time::Duration;

use ironic_types::Method;

/// A request.
#[derive(Clone, PartialEq, Eq)]
pub struct Request {
    /// The method: any token, such as `GET`.
    pub method: String,
    /// The path, percent-encoded.
    pub path: String,
    /// What comes after the question mark, percent-encoded; empty for nothing.
    pub query: String,
    /// The headers: names in any case.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

impl Request {
    /// A request without headers and body. `target` is a path, with or without a query.
    pub fn new(method: Method, target: &str) -> Self {
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        Self {
            method: method.as_str().to_owned(),
            path: path.to_owned(),
            query: query.to_owned(),
            headers: Vec::new(),
            body: Vec::new(),
        }
    }

    /// And with this header.
    #[must_use]
    pub fn header(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.push((name.to_owned(), value.into()));
        self
    }

    /// And in this version of the API.
    #[must_use]
    pub fn version(self, version: impl fmt::Display) -> Self {
        self.header(VERSION, version.to_string())
    }

    /// And with this body.
    #[must_use]
    pub fn body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        self.header("Content-Type", "application/json")
    }

    pub(crate) fn header_value(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(other, _)| other.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }
}

impl fmt::Debug for Request {
    /// Shows neither body nor headers: both may hold secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Request")
            .field("method", &self.method)
            .field("path", &self.path)
            .finish_non_exhaustive()
    }
}

/// The header that a version is asked for with.
pub(crate) const VERSION: &str = "X-OpenStack-Ironic-API-Version";
/// The oldest version that is offered.
pub(crate) const MIN_VERSION: &str = "X-OpenStack-Ironic-API-Minimum-Version";
/// The newest version that is offered.
pub(crate) const MAX_VERSION: &str = "X-OpenStack-Ironic-API-Maximum-Version";

/// An answer.
#[derive(Clone, PartialEq, Eq)]
pub struct Response {
    /// The status.
    pub status: u16,
    /// The headers.
    pub headers: Vec<(&'static str, String)>,
    /// The body.
    pub body: Vec<u8>,
    /// How long the answer takes, by a fault that was asked for.
    pub delay: Duration,
    /// Whether the connection is cut and nothing arrives, by a fault that was asked for.
    pub is_cut: bool,
    /// Whether a lock was in the way.
    pub(crate) is_locked: bool,
}

impl Response {
    pub(crate) fn new(status: u16, body: Vec<u8>) -> Self {
        Self {
            status,
            headers: Vec::new(),
            body,
            delay: Duration::ZERO,
            is_cut: false,
            is_locked: false,
        }
    }

    /// The value of a header.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(other, _)| other.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }

    /// The body as JSON; `null` if it is none.
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }
}

impl fmt::Debug for Response {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Response")
            .field("status", &self.status)
            .field("body", &String::from_utf8_lossy(&self.body))
            .finish_non_exhaustive()
    }
}
