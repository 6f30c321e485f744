//! What an error means for the caller.

use crate::error::{ApiError, Error};
use crate::failure::Failure;

const UNAUTHORIZED: u16 = 401;
const FORBIDDEN: u16 = 403;
const NOT_FOUND: u16 = 404;
/// Ironic's status for a node whose lock is held, and for everything that already exists.
const CONFLICT: u16 = 409;
/// Too many requests; bad gateway, service unavailable, gateway timeout: Ironic is starting or has
/// too much to do, or a proxy cannot reach it.
const UNAVAILABLE: [u16; 4] = [429, 502, 503, 504];

/// What an error means for the caller. Each error is of one kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ErrorKind {
    /// The node's lock is held: the same call may succeed in a moment.
    Locked,
    /// The call collides with what is there: a name, an address, a connector or a boot index is
    /// taken, or the node's state forbids it. The same call will fail again.
    Conflict,
    /// Ironic says that what the call is about does not exist.
    NotFound,
    /// Ironic, or a proxy before it, does not know the client, or does not let it do that.
    Denied,
    /// Ironic refused for another reason. The same call will fail again.
    Refused,
    /// Ironic failed.
    Failed,
    /// Ironic cannot be reached, or is not ready to answer. The request may have taken effect.
    Unavailable,
    /// The two ends do not trust each other. Nothing was done.
    Mistrust,
    /// Ironic is too old for the call, or too new. Nothing was sent.
    Unsupported,
    /// The list changed while it was read. It has to be read again.
    ListChanged,
    /// The answer is not understood, or too large.
    NotUnderstood,
    /// The request could not be written. Nothing was sent.
    NotSent,
}

impl ErrorKind {
    /// A word for it, for logs and metrics.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Locked => "locked",
            Self::Conflict => "conflict",
            Self::NotFound => "not_found",
            Self::Denied => "denied",
            Self::Refused => "refused",
            Self::Failed => "failed",
            Self::Unavailable => "unavailable",
            Self::Mistrust => "mistrust",
            Self::Unsupported => "unsupported",
            Self::ListChanged => "list_changed",
            Self::NotUnderstood => "not_understood",
            Self::NotSent => "not_sent",
        }
    }
}

impl Error {
    /// What the error means for the caller.
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::Api(api) => api.kind(),
            Self::Transport { failure, .. } => match failure {
                Failure::Tls => ErrorKind::Mistrust,
                Failure::Connect | Failure::Timeout | Failure::Lost => ErrorKind::Unavailable,
            },
            Self::Version { .. } => ErrorKind::Unsupported,
            Self::ListChanged { .. } => ErrorKind::ListChanged,
            Self::TooLarge { .. } | Self::Decode { .. } | Self::EndlessList { .. } => {
                ErrorKind::NotUnderstood
            }
            Self::Encode { .. } => ErrorKind::NotSent,
        }
    }

    /// Whether Ironic says that what the call is about does not exist. A 404 of a proxy says
    /// nothing about it.
    pub fn is_not_found(&self) -> bool {
        self.kind() == ErrorKind::NotFound
    }

    /// Whether the node's lock is held, so that the same call may succeed in a moment.
    pub fn is_locked(&self) -> bool {
        self.kind() == ErrorKind::Locked
    }

    /// The conductor that holds the node's lock, if that is why Ironic refused.
    pub fn locked_by(&self) -> Option<&str> {
        self.api()?.fault.locked_by()
    }

    /// Whether the call collides with what is there: a name, an address, a connector or a boot
    /// index is taken, or the node's state forbids it. The same call will fail again.
    pub fn is_conflict(&self) -> bool {
        self.kind() == ErrorKind::Conflict
    }

    /// Whether Ironic cannot be reached, or is not ready to answer: also when the two ends do not
    /// trust each other, which somebody has to mend. The request may have taken effect.
    pub fn is_unavailable(&self) -> bool {
        matches!(self.kind(), ErrorKind::Unavailable | ErrorKind::Mistrust)
    }

    /// What to look at, for whoever set the client up.
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Api(api) => hint_at_status(api.status),
            Self::Transport { failure, .. } => hint_at_failure(*failure),
            Self::Version { .. }
            | Self::TooLarge { .. }
            | Self::Decode { .. }
            | Self::Encode { .. }
            | Self::EndlessList { .. }
            | Self::ListChanged { .. } => None,
        }
    }
}

impl ApiError {
    /// What the refusal means for the caller.
    pub fn kind(&self) -> ErrorKind {
        match self.status {
            CONFLICT if self.fault.locked_by().is_some() => ErrorKind::Locked,
            CONFLICT => ErrorKind::Conflict,
            NOT_FOUND if self.fault.is_ironics() => ErrorKind::NotFound,
            // A proxy that has lost Ironic.
            NOT_FOUND => ErrorKind::Unavailable,
            UNAUTHORIZED | FORBIDDEN => ErrorKind::Denied,
            status if UNAVAILABLE.contains(&status) => ErrorKind::Unavailable,
            500.. => ErrorKind::Failed,
            _ => ErrorKind::Refused,
        }
    }
}

pub(super) fn hint_at_status(status: u16) -> Option<&'static str> {
    match status {
        UNAUTHORIZED => Some("check the user name and the password, or the token, for Ironic"),
        FORBIDDEN => Some("check what Ironic's policy allows this user"),
        _ => None,
    }
}

pub(super) fn hint_at_failure(failure: Failure) -> Option<&'static str> {
    match failure {
        Failure::Tls => Some("check the CA bundle, the client certificate and the endpoint's name"),
        Failure::Connect | Failure::Timeout | Failure::Lost => None,
    }
}
