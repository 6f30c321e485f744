//! How a client is made.

use std::fmt;
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use rustls::crypto::CryptoProvider;
use tokio::sync::Semaphore;
use url::Url;

use crate::auth::Auth;
use crate::client::Ironic;
use crate::files::{FileError, Renewed};
use crate::http::Http;
use crate::observer::Observer;
use crate::retry::RetryPolicy;
use crate::transport::Transport;

/// Long enough for `ValidateNode`, for which Ironic asks the machine's BMC.
const TIMEOUT: Duration = Duration::from_mins(1);

const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// Less than the five seconds after which Apache's httpd hangs up, which is often before Ironic, and
/// the ten of Ironic's own server: a request on a connection that is just being closed is lost.
const KEEP_ALIVE: Duration = Duration::from_secs(4);

/// As soon as a rotated password should be in use, and rarely enough to cost nothing.
const REREAD_EVERY: Duration = Duration::from_secs(5);

/// More than Ironic works on at the same time, so that it is not idle while it answers.
const MAX_IN_FLIGHT: NonZeroUsize = NonZeroUsize::MIN.saturating_add(31);

/// A page of a thousand nodes with all their fields takes a tenth of it.
const MAX_ANSWER_BYTES: usize = 64 << 20;

/// Makes an [`Ironic`]; from [`Ironic::builder`].
#[derive(Clone)]
pub struct IronicBuilder {
    endpoint: Url,
    http: Http,
    auth: Auth,
    reread_every: Duration,
    retry: RetryPolicy,
    max_in_flight: NonZeroUsize,
    max_answer_bytes: usize,
    observer: Option<Arc<dyn Observer>>,
    #[cfg(feature = "in-process")]
    in_process: Option<Arc<dyn crate::in_process::InProcess>>,
}

/// Why a client could not be made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BuildError {
    /// The endpoint is no address of an Ironic.
    #[error("the endpoint of Ironic {problem}")]
    Endpoint {
        /// What is wrong with it. Never the address itself, which may hold a password.
        problem: &'static str,
    },
    /// The credentials cannot be sent.
    #[error("the user name or the token for Ironic {problem}")]
    Credentials {
        /// What is wrong with them. Never they themselves.
        problem: &'static str,
    },
    /// A file cannot be used.
    #[error(transparent)]
    File(#[from] FileError),
    /// Nobody installed a crypto provider for the process.
    #[error(
        "no crypto provider is installed: call, for instance, \
         `rustls::crypto::ring::default_provider().install_default()` first"
    )]
    NoCryptoProvider,
    /// The HTTP client could not be made.
    #[error("could not set up the HTTP client")]
    Transport {
        /// Why.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}

impl IronicBuilder {
    pub(crate) fn new(endpoint: Url) -> Self {
        Self {
            http: Http {
                plain: endpoint.scheme() == "http",
                timeout: TIMEOUT,
                connect_timeout: CONNECT_TIMEOUT,
                keep_alive: KEEP_ALIVE,
                ca_file: None,
                client_certificate: None,
                accept_invalid_certs: false,
            },
            endpoint,
            auth: Auth::None,
            reread_every: REREAD_EVERY,
            retry: RetryPolicy::default(),
            max_in_flight: MAX_IN_FLIGHT,
            max_answer_bytes: MAX_ANSWER_BYTES,
            observer: None,
            #[cfg(feature = "in-process")]
            in_process: None,
        }
    }

    /// How the client says who it is; not at all if not set.
    #[must_use]
    pub fn auth(mut self, auth: Auth) -> Self {
        self.auth = auth;
        self
    }

    /// A file with the certificates, in PEM, of the authorities that may vouch for Ironic: these
    /// and no others. The system's if not set.
    #[must_use]
    pub fn ca_file(mut self, path: impl Into<PathBuf>) -> Self {
        self.http.ca_file = Some(path.into());
        self
    }

    /// The files with the certificate by which the client shows who it is, with those that lead up
    /// to its authority, and with its key, which must not be encrypted; both in PEM.
    #[must_use]
    pub fn client_certificate_files(
        mut self,
        certificate: impl Into<PathBuf>,
        key: impl Into<PathBuf>,
    ) -> Self {
        self.http.client_certificate = Some((certificate.into(), key.into()));
        self
    }

    /// Whether to talk to whatever answers, whoever vouches for it. Everybody on the way can then
    /// read and change everything, BMC passwords among it.
    #[must_use]
    pub fn danger_accept_invalid_certs(mut self, accept: bool) -> Self {
        self.http.accept_invalid_certs = accept;
        self
    }

    /// How often files are looked at for changes at most; every five seconds if not set.
    #[must_use]
    pub fn reread_files_every(mut self, every: Duration) -> Self {
        self.reread_every = every;
        self
    }

    /// How long one request may take, from connecting to the last byte of the answer; one minute
    /// if not set. The time that it waits for others to end does not count.
    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.http.timeout = timeout;
        self
    }

    /// How long connecting may take, as a part of the whole; ten seconds if not set.
    #[must_use]
    pub fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.http.connect_timeout = timeout;
        self
    }

    /// How long a connection is kept that nobody uses; four seconds if not set.
    ///
    /// It should be less than Ironic's patience, or that of a proxy before it: a request that is
    /// sent while the other end hangs up is lost, and not sent again if it changes something.
    #[must_use]
    pub fn keep_alive(mut self, idle: Duration) -> Self {
        self.http.keep_alive = idle;
        self
    }

    /// When a request is sent again; see [`RetryPolicy::default`] if not set.
    #[must_use]
    pub fn retry(mut self, policy: RetryPolicy) -> Self {
        self.retry = policy;
        self
    }

    /// How many requests of this client and its clones may be on their way at the same time; 32 if
    /// not set. Further ones wait their turn, first come, first served.
    #[must_use]
    pub fn max_in_flight(mut self, requests: NonZeroUsize) -> Self {
        self.max_in_flight = requests;
        self
    }

    /// How many bytes the body of an answer may have; 64 MiB if not set. A longer one is an error.
    #[must_use]
    pub fn max_answer_bytes(mut self, bytes: usize) -> Self {
        self.max_answer_bytes = bytes;
        self
    }

    /// Who is told of every request.
    #[must_use]
    pub fn observer(mut self, observer: Arc<dyn Observer>) -> Self {
        self.observer = Some(observer);
        self
    }

    /// Who answers all requests instead of the server at the endpoint, to which no connection is
    /// made then. For tests.
    #[cfg(feature = "in-process")]
    #[must_use]
    pub fn in_process(mut self, answering: Arc<dyn crate::in_process::InProcess>) -> Self {
        self.in_process = Some(answering);
        self
    }

    /// Makes the client. Reads the files, and blocks for that; sends nothing yet.
    ///
    /// # Errors
    ///
    /// [`BuildError`] if the endpoint is none, a file cannot be used, or no crypto provider is
    /// installed for the process.
    /// The provider is needed for plain HTTP as well, because the same client serves both.
    pub fn build(self) -> Result<Ironic, BuildError> {
        let Self {
            endpoint,
            http,
            auth,
            reread_every,
            retry,
            max_in_flight,
            max_answer_bytes,
            observer,
            #[cfg(feature = "in-process")]
            in_process,
        } = self;
        let endpoint = root_of(endpoint)?;
        // reqwest would panic.
        if CryptoProvider::get_default().is_none() {
            return Err(BuildError::NoCryptoProvider);
        }
        Ok(Ironic::new(Transport {
            endpoint,
            http: Renewed::new(http, reread_every)?,
            auth: Renewed::new(auth, reread_every)?,
            retry,
            permits: Semaphore::new(max_in_flight.get().min(Semaphore::MAX_PERMITS)),
            max_answer_bytes,
            observer,
            #[cfg(feature = "in-process")]
            in_process,
        }))
    }
}

impl fmt::Debug for IronicBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Until it is built, the endpoint may hold a password.
        f.debug_struct("IronicBuilder")
            .field("host", &self.endpoint.host_str())
            .field("http", &self.http)
            .field("auth", &self.auth)
            .field("reread_every", &self.reread_every)
            .field("retry", &self.retry)
            .field("max_in_flight", &self.max_in_flight)
            .field("max_answer_bytes", &self.max_answer_bytes)
            .finish_non_exhaustive()
    }
}

/// The address that calls' paths are appended to: without `/v1`, without a slash at its end.
fn root_of(mut endpoint: Url) -> Result<Url, BuildError> {
    let problem = |problem| Err(BuildError::Endpoint { problem });
    if !matches!(endpoint.scheme(), "http" | "https") {
        return problem("is neither http nor https");
    }
    if !endpoint.username().is_empty() || endpoint.password().is_some() {
        return problem("holds a user name or a password, which addresses must not");
    }
    if endpoint.query().is_some() || endpoint.fragment().is_some() {
        return problem("has a query or a fragment");
    }
    let path = endpoint.path().trim_end_matches('/');
    let path = path.strip_suffix("/v1").unwrap_or(path).to_owned();
    endpoint.set_path(path.trim_end_matches('/'));
    Ok(endpoint)
}

#[cfg(test)]
mod tests {
    use super::*;

    // The crate's other tests install a provider, which lasts as long as the process: this one
    // has the process of the unit tests to itself.
    #[test]
    fn a_missing_crypto_provider_is_an_error_and_no_panic() {
        for endpoint in ["http://ironic.example", "https://ironic.example"] {
            let refused = Ironic::builder(endpoint.parse().unwrap()).build();
            assert!(matches!(refused, Err(BuildError::NoCryptoProvider)));
        }
    }
}
