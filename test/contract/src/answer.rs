//! What Ironic answered, word for word.

use anyhow::{Context, Result, bail, ensure};
use reqwest::header::HeaderMap;
use serde_json::Value;

/// An answer of Ironic, whatever it says.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The request: method and path.
    pub asked: String,
    /// The status.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub text: String,
}

impl Answer {
    /// The body, which must be JSON.
    pub fn json(&self) -> Result<Value> {
        serde_json::from_str(&self.text).with_context(|| format!("{self} is not JSON"))
    }

    /// The body of an answer with this status; `null` if there is none.
    pub fn is(&self, status: u16) -> Result<Value> {
        ensure!(self.status == status, "{self}, wanted {status}");
        if self.text.is_empty() {
            return Ok(Value::Null);
        }
        self.json()
    }

    /// Ironic's words in a refusal with this status; they must contain the given ones.
    pub fn refuses(&self, status: u16, words: &str) -> Result<String> {
        ensure!(
            self.status == status,
            "{self}, wanted {status} with {words:?}"
        );
        let found = self.words()?;
        ensure!(found.contains(words), "{self}, wanted {words:?} in it");
        Ok(found)
    }

    /// Whether this is a refusal because another request holds the node's lock.
    pub fn is_locked(&self) -> Result<()> {
        self.refuses(409, " is locked by host ").map(drop)
    }

    /// A header's value.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// The error message as Ironic wraps it: an object in a text (`ironic/api/middleware/parsable_error.py`).
    pub fn fault(&self) -> Result<Value> {
        match &self.json()?["error_message"] {
            Value::String(text) => {
                serde_json::from_str(text).with_context(|| format!("{self} has no fault"))
            }
            object @ Value::Object(_) => Ok(object.clone()),
            _ => bail!("{self} has no error_message"),
        }
    }

    fn words(&self) -> Result<String> {
        let fault = self.fault()?;
        ["faultstring", "description", "title"]
            .iter()
            .find_map(|key| fault[key].as_str())
            .map(str::to_owned)
            .with_context(|| format!("{self} says nothing"))
    }
}

impl std::fmt::Display for Answer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        const MOST: usize = 600;
        let text: String = self.text.chars().take(MOST).collect();
        write!(f, "{} was answered {} {text}", self.asked, self.status)
    }
}
