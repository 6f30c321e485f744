//! The ways in which a request can stay without an answer.

use std::error::Error;
use std::io;

use rustls::AlertDescription;

/// Why a request has no answer, or only part of one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Failure {
    /// There is no connection: the name is unknown, nobody listens, or the connect timeout passed.
    /// Nothing was sent.
    Connect,
    /// The two ends do not trust each other, or do not speak a common TLS.
    /// Ironic did not get the request. What breaks an encrypted connection later is
    /// [`Failure::Lost`].
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

    /// Why no answer began.
    pub(crate) fn before_answer(error: &reqwest::Error) -> Self {
        match tls_error(error) {
            // By TLS 1.3 a client that is refused learns of it after its handshake is done, and a
            // server that refuses reads nothing that follows.
            Some(tls) if error.is_connect() || is_refusal(tls) => Self::Tls,
            Some(_) | None if error.is_connect() => Self::Connect,
            Some(_) | None => Self::within_answer(error),
        }
    }

    /// Why an answer ended before its end: the request went out, whatever the error says.
    pub(crate) fn within_answer(error: &reqwest::Error) -> Self {
        if error.is_timeout() {
            Self::Timeout
        } else {
            Self::Lost
        }
    }
}

/// What TLS says, if it is among the causes.
fn tls_error<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a rustls::Error> {
    // An I/O error shows what it wraps, but does not count it among its causes.
    let wrapped = error.downcast_ref().and_then(io::Error::get_ref);
    match wrapped {
        Some(wrapped) => tls_error(wrapped),
        None => error
            .downcast_ref()
            .or_else(|| error.source().and_then(tls_error)),
    }
}

/// Whether the other end says that it does not take the client's certificate, or the lack of one.
fn is_refusal(error: &rustls::Error) -> bool {
    matches!(
        error,
        rustls::Error::AlertReceived(
            AlertDescription::NoCertificate
                | AlertDescription::BadCertificate
                | AlertDescription::UnsupportedCertificate
                | AlertDescription::CertificateRevoked
                | AlertDescription::CertificateExpired
                | AlertDescription::CertificateUnknown
                | AlertDescription::UnknownCA
                | AlertDescription::AccessDenied
                | AlertDescription::CertificateRequired
        )
    )
}
