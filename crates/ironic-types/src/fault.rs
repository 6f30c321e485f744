//! What Ironic says when it refuses.

use std::fmt;

use secrecy::SecretString;
use serde_json::Value;

use crate::redact::{without_objects, without_secrets};

/// How much of a text that is not Ironic's is kept: enough for a proxy's sentence.
const MAX_PLAIN: usize = 300;
/// How much of Ironic's own words is kept: more than it ever says.
const MAX_WORDS: usize = 8192;

/// Ironic's own words about an error.
///
/// # Secrets
///
/// Ironic's words may repeat what it was sent, and for a patch that does not apply even what it
/// has stored, passwords in clear. So whatever is between braces is left out, and so are the
/// secrets of the request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    message: String,
    is_ironics: bool,
    locked_by: Option<String>,
}

impl Fault {
    /// Reads the body of the error answer to a request that held these secrets
    /// ([`Call::secrets`](crate::Call::secrets)).
    ///
    /// Ironic's is `{"error_message": …}`, where `…` is an object with a `faultstring`, or that
    /// object as a text, or a plain text (`ironic/api/middleware/parsable_error.py`,
    /// `ironic/api/method.py`).
    /// From before the API comes `{"error": {"message": …}}`, which is not counted as Ironic's own,
    /// for others answer like that as well.
    /// Anything else, such as a proxy's page, is taken as the text it is, cut at 300 characters.
    pub fn from_body(body: &[u8], secrets: &[&SecretString]) -> Self {
        let error = serde_json::from_slice(body).ok().and_then(error_message);
        let is_ironics = error.is_some();
        let (message, limit) = match error {
            Some(error) => words(error),
            None => (
                denial(body).unwrap_or_else(|| String::from_utf8_lossy(body).into_owned()),
                MAX_PLAIN,
            ),
        };
        // Before a secret such as `host` is taken out of Ironic's words.
        let locked_by = lock_holder(&message).map(|host| without_secrets(host, secrets));
        // Cut last: half a secret would not be found.
        let message = without_objects(&without_secrets(&message, secrets));
        Self {
            message: one_line(&message).chars().take(limit).collect(),
            is_ironics,
            locked_by,
        }
    }

    /// The words. Empty if there were none.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// Whether Ironic itself answered, and not something before it, such as a proxy that says 404 while Ironic restarts.
    pub fn is_ironics(&self) -> bool {
        self.is_ironics
    }

    /// The conductor that holds the node's lock, if that is what Ironic complains of.
    ///
    /// See `NodeLocked` in `ironic/common/exception.py`.
    pub fn locked_by(&self) -> Option<&str> {
        self.locked_by.as_deref()
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

/// What is in the envelope that Ironic puts every error into.
fn error_message(mut body: Value) -> Option<Value> {
    body.as_object_mut()?.remove("error_message")
}

/// The words in an envelope, and how many of their characters to keep.
fn words(error: Value) -> (String, usize) {
    let words = match &error {
        Value::String(text) => serde_json::from_str(text).ok().and_then(|body| said(&body)),
        body => said(body),
    };
    match (words, error) {
        (Some(words), _) => (words, MAX_WORDS),
        (None, Value::String(text)) => (text, MAX_PLAIN),
        // Of no known shape: rather no words than what nobody looked at.
        (None, _) => (String::new(), 0),
    }
}

/// What is before Ironic's API says so when it does not know the client: Ironic's basic
/// authentication (`ironic/common/auth_basic.py`) and Keystone's middleware.
fn denial(body: &[u8]) -> Option<String> {
    let denial: Value = serde_json::from_slice(body).ok()?;
    Some(denial.get("error")?.get("message")?.as_str()?.to_owned())
}

/// The words of a fault. Ironic's own have a `faultstring`; those of the web framework below it,
/// for an unknown path or version, a `title` and a `description`.
fn said(fault: &Value) -> Option<String> {
    ["faultstring", "description", "title"]
        .into_iter()
        .filter_map(|key| fault.get(key)?.as_str())
        .find(|words| !words.is_empty())
        .map(str::to_owned)
}

/// Without what could pass for another line of a log.
fn one_line(text: &str) -> String {
    let plain = |c: char| if c.is_control() { ' ' } else { c };
    text.trim().chars().map(plain).collect()
}

fn lock_holder(message: &str) -> Option<&str> {
    let (_, rest) = message.split_once(" is locked by host ")?;
    let host = rest
        .split_once(", please retry")
        .map_or(rest, |(host, _)| host);
    Some(host.trim_end_matches('.'))
}
