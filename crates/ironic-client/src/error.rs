//! What can go wrong between a call and its answer.

use std::fmt;

use ironic_types::{Fault, Method, VersionError};

/// Ironic's status for a node whose lock is held, and for everything that already exists.
const CONFLICT: u16 = 409;
const NOT_FOUND: u16 = 404;
/// Bad gateway, service unavailable, gateway timeout: Ironic is starting, or a proxy cannot
/// reach it.
const UNAVAILABLE: [u16; 3] = [502, 503, 504];

/// Why a call has no answer to give.
///
/// The message says what was being done and what Ironic said; [`source`](std::error::Error::source)
/// has the cause where there is one. No variant shows a secret or a body.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// No answer, or not all of it. The request may have taken effect.
    #[error("could not {call}: no answer to {method} {path}")]
    Transport {
        /// The call's name.
        call: &'static str,
        /// The request's method.
        method: Method,
        /// The request's path.
        path: String,
        /// Why.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// Ironic does not speak the version that the call needs. Nothing was sent.
    #[error("could not {call}: no version in common with this Ironic")]
    Version {
        /// The call's name.
        call: &'static str,
        /// What is needed and what there is.
        #[source]
        source: VersionError,
    },
    /// Ironic refused.
    #[error(transparent)]
    Api(Box<ApiError>),
    /// Ironic did as asked, and its answer is not understood.
    #[error(
        "could not read the answer {status} to {method} {path}{}",
        RequestId(.request_id.as_deref())
    )]
    Decode {
        /// The call's name.
        call: &'static str,
        /// The request's method.
        method: Method,
        /// The request's path.
        path: String,
        /// The answer's status.
        status: u16,
        /// The request's id in Ironic's log.
        request_id: Option<String>,
        /// What is not understood.
        #[source]
        source: DecodeError,
    },
    /// The request could not be written as JSON. Nothing was sent.
    #[error("could not {call}: the request cannot be written as JSON")]
    Encode {
        /// The call's name.
        call: &'static str,
        /// Why.
        #[source]
        source: serde_json::Error,
    },
    /// A list whose pages lead in a circle.
    #[error("could not {call}: its pages lead in a circle")]
    EndlessList {
        /// The call's name.
        call: &'static str,
    },
}

/// A refusal of Ironic, or of a proxy before it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "could not {call}: {method} {path} was answered {status}{}{}",
    RequestId(.request_id.as_deref()),
    Words(.fault.message())
)]
pub struct ApiError {
    /// The call's name.
    pub call: &'static str,
    /// The request's method.
    pub method: Method,
    /// The request's path.
    pub path: String,
    /// The answer's status.
    pub status: u16,
    /// The request's id in Ironic's log.
    pub request_id: Option<String>,
    /// Ironic's words.
    pub fault: Fault,
}

/// What of an answer is not understood. The request's secrets are taken out.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{problem}")]
pub struct DecodeError {
    pub(crate) problem: String,
}

impl Error {
    /// The status of the answer, if there was one.
    pub fn status(&self) -> Option<u16> {
        match self {
            Self::Api(api) => Some(api.status),
            Self::Decode { status, .. } => Some(*status),
            Self::Transport { .. }
            | Self::Version { .. }
            | Self::Encode { .. }
            | Self::EndlessList { .. } => None,
        }
    }

    /// Ironic's own words, if it said any.
    pub fn message(&self) -> Option<&str> {
        let message = self.api()?.fault.message();
        (!message.is_empty()).then_some(message)
    }

    /// What went wrong, for people, on one line: the same words each time that the same thing goes wrong, so without
    /// the request's id.
    pub fn in_words(&self) -> String {
        match self {
            Self::Api(api) if api.fault.message().is_empty() => {
                format!("{} {} was answered {}", api.method, api.path, api.status)
            }
            Self::Api(api) => api.fault.message().to_owned(),
            Self::Decode {
                method,
                path,
                status,
                source,
                ..
            } => {
                format!("the answer {status} to {method} {path} is not understood: {source}")
            }
            Self::Transport { .. }
            | Self::Version { .. }
            | Self::Encode { .. }
            | Self::EndlessList { .. } => with_causes(self),
        }
    }

    /// Whether Ironic says that what the call is about does not exist. A 404 of a proxy says nothing about it.
    pub fn is_not_found(&self) -> bool {
        self.refused_with(NOT_FOUND) && self.api().is_some_and(|api| api.fault.is_ironics())
    }

    /// Whether the node's lock is held, so that the same call may succeed in a moment.
    pub fn is_locked(&self) -> bool {
        self.refused_with(CONFLICT) && self.locked_by().is_some()
    }

    /// The conductor that holds the node's lock, if that is why Ironic refused.
    pub fn locked_by(&self) -> Option<&str> {
        self.api()?.fault.locked_by()
    }

    /// Whether the call collides with what is there: a name, an address, a connector or a boot
    /// index is taken, or the node's state forbids it. The same call will fail again.
    pub fn is_conflict(&self) -> bool {
        self.refused_with(CONFLICT) && !self.is_locked()
    }

    /// Whether Ironic cannot be reached, or is not ready to answer. The request may have taken
    /// effect.
    pub fn is_unavailable(&self) -> bool {
        match self {
            Self::Transport { .. } => true,
            Self::Api(api) => {
                UNAVAILABLE.contains(&api.status)
                    || (api.status == NOT_FOUND && !api.fault.is_ironics())
            }
            Self::Version { .. }
            | Self::Decode { .. }
            | Self::Encode { .. }
            | Self::EndlessList { .. } => false,
        }
    }

    fn api(&self) -> Option<&ApiError> {
        match self {
            Self::Api(api) => Some(api),
            Self::Transport { .. }
            | Self::Version { .. }
            | Self::Decode { .. }
            | Self::Encode { .. }
            | Self::EndlessList { .. } => None,
        }
    }

    fn refused_with(&self, status: u16) -> bool {
        self.api().is_some_and(|api| api.status == status)
    }
}

fn with_causes(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(error.source(), |cause| cause.source());
    causes.fold(error.to_string(), |words, cause| {
        format!("{words}: {cause}")
    })
}

struct RequestId<'a>(Option<&'a str>);

impl fmt::Display for RequestId<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.map_or(Ok(()), |id| write!(f, " (request {id})"))
    }
}

struct Words<'a>(&'a str);

impl fmt::Display for Words<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            return Ok(());
        }
        write!(f, ": {}", self.0)
    }
}
