//! What Ironic says when it refuses.

use std::fmt;

use secrecy::SecretString;
use serde::Deserialize;
use serde_json::Value;

use crate::redact::without_secrets;

/// How much of a text that is not Ironic's is kept: enough for a proxy's sentence.
const MAX_PLAIN: usize = 300;

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

#[derive(Deserialize)]
struct Envelope {
    error_message: Value,
}

/// What is before Ironic's API says so when it does not know the client: Ironic's basic
/// authentication (`ironic/common/auth_basic.py`) and Keystone's middleware.
#[derive(Deserialize)]
struct Denial {
    error: DenialBody,
}

#[derive(Deserialize)]
struct DenialBody {
    message: String,
}

/// Ironic's own faults have a `faultstring`; those of the web framework below it, for an unknown
/// path or version, a `title` and a `description`.
#[derive(Deserialize)]
struct Body {
    faultstring: Option<String>,
    description: Option<String>,
    title: Option<String>,
}

impl Body {
    fn into_words(self) -> Option<String> {
        [self.faultstring, self.description, self.title]
            .into_iter()
            .flatten()
            .find(|words| !words.is_empty())
    }
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
        let envelope = serde_json::from_slice::<Envelope>(body).ok();
        let is_ironics = envelope.is_some();
        let (message, limit) = match envelope {
            Some(Envelope { error_message }) => words(error_message),
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
            message: message.trim().chars().take(limit).collect(),
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

/// The words in an error body, and how many of their characters to keep.
fn words(error_message: Value) -> (String, usize) {
    let body = match &error_message {
        Value::String(text) => serde_json::from_str::<Body>(text).ok(),
        object => Body::deserialize(object).ok(),
    };
    match (body.and_then(Body::into_words), error_message) {
        (Some(words), _) => (words, usize::MAX),
        (None, Value::String(text)) => (text, MAX_PLAIN),
        // Of no known shape: rather no words than what nobody looked at.
        (None, _) => (String::new(), 0),
    }
}

fn denial(body: &[u8]) -> Option<String> {
    let denial: Denial = serde_json::from_slice(body).ok()?;
    Some(denial.error.message)
}

fn lock_holder(message: &str) -> Option<&str> {
    let (_, rest) = message.split_once(" is locked by host ")?;
    let host = rest
        .split_once(", please retry")
        .map_or(rest, |(host, _)| host);
    Some(host.trim_end_matches('.'))
}

/// Leaves out what is between the first opening brace and the last closing one.
fn without_objects(message: &str) -> String {
    let Some((before, rest)) = message.split_once('{') else {
        return message.to_owned();
    };
    let after = rest.rsplit_once('}').map_or("", |(_, after)| after);
    format!("{before}{{…}}{after}")
}
