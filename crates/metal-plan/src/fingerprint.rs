//! Whether credentials are the same as before, without knowing them.

use std::fmt;

/// A keyed hash of a user and a password: `<key id>.<hash>`.
///
/// Two with the same key are equal if the credentials are; of two with different keys nothing can be said. What it is
/// made of is known to `metal_controller::credentials` alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fingerprint(String);

/// What one fingerprint says of another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Comparison {
    /// The credentials are the same.
    Same,
    /// They are others.
    Other,
    /// The keys differ.
    Unknown,
}

impl Fingerprint {
    /// From the identifier of the key, which holds no dot, and the hash.
    pub fn new(key_id: &str, hash: &str) -> Self {
        Self(format!("{key_id}.{hash}"))
    }

    /// As it is recorded.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Compares with one on record, which may be anything.
    pub(crate) fn compare(&self, recorded: &str) -> Comparison {
        if self.0 == recorded {
            Comparison::Same
        } else if self.key_id().is_some() && key_id(recorded) == self.key_id() {
            Comparison::Other
        } else {
            Comparison::Unknown
        }
    }

    fn key_id(&self) -> Option<&str> {
        key_id(&self.0)
    }
}

fn key_id(fingerprint: &str) -> Option<&str> {
    fingerprint.split_once('.').map(|(key_id, _)| key_id)
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("1a2b.77", Comparison::Same)]
    #[case("1a2b.78", Comparison::Other)]
    #[case("9c8d.77", Comparison::Unknown)]
    #[case("12345", Comparison::Unknown)]
    #[case("", Comparison::Unknown)]
    fn only_fingerprints_of_one_key_can_differ(
        #[case] recorded: &str,
        #[case] expected: Comparison,
    ) {
        assert_eq!(Fingerprint::new("1a2b", "77").compare(recorded), expected);
    }
}
