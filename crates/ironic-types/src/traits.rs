//! Traits: what a node can do, for whoever schedules.

use std::fmt;
use std::str::FromStr;

use serde::{Serialize, Serializer};

/// A trait that a node may be given: one of OpenStack's own such as `HW_CPU_X86_VMX`, or one that
/// starts with `CUSTOM_`.
///
/// Capital letters, digits and `_`, at most 255 of them. Which are OpenStack's own depends on the
/// server: it refuses others (400). See `TRAITS_SCHEMA` in `ironic/api/controllers/v1/utils.py`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Trait(String);

impl Trait {
    /// The trait as it is on the wire.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A text that is no trait.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} is no trait: expected at most 255 capital letters, digits and `_`")]
pub struct ParseTraitError {
    /// The text.
    pub text: String,
}

impl FromStr for Trait {
    type Err = ParseTraitError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let plain = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_';
        if (1..=255).contains(&text.len()) && text.bytes().all(plain) {
            Ok(Self(text.to_owned()))
        } else {
            Err(ParseTraitError {
                text: text.to_owned(),
            })
        }
    }
}

impl fmt::Display for Trait {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Serialize for Trait {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}
