//! The ways in which a request can stay without an answer.

use std::error::Error;
use std::io;

/// Why a request has no answer, or only part of one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Failure {
    /// There is no connection: the name is unknown, nobody listens, or the connect timeout passed.
    /// Nothing was sent.
    Connect,
    /// The two ends do not trust each other, or do not speak a common TLS.
    /// Ironic did not get the request.
    Tls,
    /// The timeout passed. The request may have taken effect.
    Timeout,
    /// The connection was lost. The request may have taken effect.
    Lost,
}

impl Failure {
    /// A word for it, for logs and metrics.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Connect => "connect",
            Self::Tls => "tls",
            Self::Timeout => "timeout",
            Self::Lost => "lost",
        }
    }

    pub(crate) fn of(error: &reqwest::Error) -> Self {
        if is_tls(error) {
            Self::Tls
        } else if error.is_connect() {
            Self::Connect
        } else if error.is_timeout() {
            Self::Timeout
        } else {
            Self::Lost
        }
    }
}

fn is_tls(error: &(dyn Error + 'static)) -> bool {
    // An I/O error shows what it wraps, but does not count it among its causes.
    let wrapped = error.downcast_ref().and_then(io::Error::get_ref);
    match wrapped {
        Some(wrapped) => is_tls(wrapped),
        None => error.is::<rustls::Error>() || error.source().is_some_and(is_tls),
    }
}
