//! An answer that says nothing.

use serde::de::IgnoredAny;
use serde::{Deserialize, Deserializer};

/// The answer to a call that Ironic answers with a status alone (202 or 204).
///
/// Whatever a body may hold is read past.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Empty;

impl<'de> Deserialize<'de> for Empty {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        IgnoredAny::deserialize(deserializer).map(|_| Self)
    }
}
