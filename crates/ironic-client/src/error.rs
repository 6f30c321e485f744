//! What can go wrong between a call and its answer.

mod kind;

use std::fmt;

use ironic_types::{Fault, Method, VersionError};

use crate::chain::Chain;
use crate::failure::Failure;

pub use kind::ErrorKind;

/// Why a call has no answer to give.
///
/// The message says what was being done and what Ironic said; [`source`](std::error::Error::source)
/// has the cause where there is one, and [`Chain`] shows both.
/// No variant shows a secret or a body.
///
/// The variants are where it went wrong; [`Error::kind`] is what to do about it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// No answer, or not all of it. Whether the request may have taken effect is told by
    /// `failure`.
    #[error(
        "could not {call}: no answer from {endpoint} to {method} {path}{}",
        Hint(kind::hint_at_failure(*.failure))
    )]
    Transport {
        /// The call's name.
        call: &'static str,
        /// The request's method.
        method: Method,
        /// The request's path.
        path: String,
        /// Ironic's host and port.
        endpoint: String,
        /// In which way.
        failure: Failure,
        /// Why.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// Ironic does not speak the version that the call needs. Nothing was sent.
    #[error("could not {call}: no version in common with this Ironic for {method} {path}")]
    Version {
        /// The call's name.
        call: &'static str,
        /// The request's method.
        method: Method,
        /// The request's path.
        path: String,
        /// What is needed and what there is.
        #[source]
        source: VersionError,
    },
    /// Ironic refused.
    #[error(transparent)]
    Api(Box<ApiError>),
    /// The answer is larger than the client's limit. Unless its status says otherwise, Ironic did
    /// as asked.
    #[error(
        "could not read the answer {status} to {method} {path}{}: it has more than {limit} bytes",
        RequestId(.request_id.as_deref())
    )]
    TooLarge {
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
        /// How many bytes are allowed.
        limit: usize,
    },
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
    #[error("could not {call}: {method} {path} cannot be written as JSON")]
    Encode {
        /// The call's name.
        call: &'static str,
        /// The request's method.
        method: Method,
        /// The request's path.
        path: String,
        /// Why.
        #[source]
        source: serde_json::Error,
    },
    /// A list whose pages lead in a circle.
    #[error("could not {call}: the pages of {method} {path} lead in a circle")]
    EndlessList {
        /// The call's name.
        call: &'static str,
        /// The request's method.
        method: Method,
        /// The request's path.
        path: String,
    },
    /// What a page of a list ended with was removed before the next page was asked for, so that
    /// Ironic does not know where to go on. The list has to be read again from its start.
    #[error("could not {}: it changed while it was read", .source.call)]
    ListChanged {
        /// What Ironic said.
        #[source]
        source: Box<ApiError>,
    },
}

/// A refusal of Ironic, or of a proxy before it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "could not {call}: {method} {path} was answered {status}{}{}{}",
    RequestId(.request_id.as_deref()),
    Words(.fault.message()),
    Hint(kind::hint_at_status(*.status))
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
    /// The method of the request, or of that which was not sent.
    pub fn method(&self) -> Method {
        match self {
            Self::Api(api) | Self::ListChanged { source: api } => api.method,
            Self::Transport { method, .. }
            | Self::Version { method, .. }
            | Self::TooLarge { method, .. }
            | Self::Decode { method, .. }
            | Self::Encode { method, .. }
            | Self::EndlessList { method, .. } => *method,
        }
    }

    /// The path of the request, or of that which was not sent, below the endpoint.
    pub fn path(&self) -> &str {
        match self {
            Self::Api(api) | Self::ListChanged { source: api } => &api.path,
            Self::Transport { path, .. }
            | Self::Version { path, .. }
            | Self::TooLarge { path, .. }
            | Self::Decode { path, .. }
            | Self::Encode { path, .. }
            | Self::EndlessList { path, .. } => path,
        }
    }

    /// The status of the answer, if there was one.
    pub fn status(&self) -> Option<u16> {
        match self {
            Self::Api(api) | Self::ListChanged { source: api } => Some(api.status),
            Self::Decode { status, .. } | Self::TooLarge { status, .. } => Some(*status),
            Self::Transport { .. }
            | Self::Version { .. }
            | Self::Encode { .. }
            | Self::EndlessList { .. } => None,
        }
    }

    /// The request's id in Ironic's log, if there was an answer with one.
    pub fn request_id(&self) -> Option<&str> {
        match self {
            Self::Api(api) | Self::ListChanged { source: api } => api.request_id.as_deref(),
            Self::Decode { request_id, .. } | Self::TooLarge { request_id, .. } => {
                request_id.as_deref()
            }
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

    /// What went wrong, for people, on one line: the same words each time that the same thing goes
    /// wrong, so without the request's id.
    pub fn in_words(&self) -> String {
        match self {
            Self::Api(api) => {
                let hint = Hint(self.hint());
                match api.fault.message() {
                    "" => format!(
                        "{} {} was answered {}{hint}",
                        api.method, api.path, api.status
                    ),
                    words => format!("{words}{hint}"),
                }
            }
            Self::Decode {
                method,
                path,
                status,
                source,
                ..
            } => {
                format!("the answer {status} to {method} {path} is not understood: {source}")
            }
            Self::TooLarge {
                method,
                path,
                status,
                limit,
                ..
            } => {
                format!("the answer {status} to {method} {path} has more than {limit} bytes")
            }
            // What is under it has a request's id.
            Self::ListChanged { .. } => self.to_string(),
            Self::Transport { .. }
            | Self::Version { .. }
            | Self::Encode { .. }
            | Self::EndlessList { .. } => Chain(self).to_string(),
        }
    }

    fn api(&self) -> Option<&ApiError> {
        match self {
            Self::Api(api) | Self::ListChanged { source: api } => Some(api),
            Self::Transport { .. }
            | Self::Version { .. }
            | Self::TooLarge { .. }
            | Self::Decode { .. }
            | Self::Encode { .. }
            | Self::EndlessList { .. } => None,
        }
    }
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

struct Hint(Option<&'static str>);

impl fmt::Display for Hint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.map_or(Ok(()), |hint| write!(f, " ({hint})"))
    }
}
