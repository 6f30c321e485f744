//! The host's config drive: what is known of its content without knowing it.

use crate::fingerprint::Fingerprint;

/// What is known of the config drive that the host's Secrets make, without its content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ConfigDriveFacts {
    /// The host's state needs no look at it, or the host wants none.
    NotRead,
    /// This operator has no address at which Ironic could get a config drive: `--config-drive-url`.
    NotServed,
    /// There is no Secret of the name that a field gives, in the host's namespace.
    SecretMissing {
        /// The field, such as `spec.userData`.
        field: &'static str,
        /// The Secret's name.
        secret: String,
    },
    /// It can't be used.
    SecretInvalid {
        /// The field, such as `spec.userData`.
        field: &'static str,
        /// The Secret's name.
        secret: String,
        /// Says what is wrong with it; never the content.
        problem: String,
    },
    /// It can be made.
    Usable {
        /// Tells its content from another.
        fingerprint: Fingerprint,
    },
}
