//! A node's console.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::redact::{masked, or_default};

/// The answer to [`GetConsole`](crate::calls::GetConsole).
///
/// `Debug` shows nothing of how it is reached: the address may let in whoever has it.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Console {
    /// Whether it is started.
    pub console_enabled: bool,
    /// How it is reached: a `type` such as `socat`, and a `url`.
    #[serde(default, deserialize_with = "or_default")]
    pub console_info: Map<String, Value>,
}

impl fmt::Debug for Console {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Console")
            .field("console_enabled", &self.console_enabled)
            .field("console_info", &masked(&self.console_info))
            .finish()
    }
}
