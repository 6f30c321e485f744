//! How a client is made.

use std::time::Duration;

use rustls::crypto::CryptoProvider;
use url::Url;

use crate::client::Ironic;
use crate::transport::Transport;

/// Long enough for `ValidateNode`, for which Ironic asks the machine's BMC.
const TIMEOUT: Duration = Duration::from_mins(1);

/// Makes an [`Ironic`]; from [`Ironic::builder`].
#[derive(Clone, Debug)]
pub struct IronicBuilder {
    endpoint: Url,
    timeout: Duration,
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
            endpoint,
            timeout: TIMEOUT,
        }
    }

    /// How long one request may take, from connecting to the last byte of the answer; one minute
    /// if not set.
    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// Makes the client. Sends nothing yet.
    ///
    /// # Errors
    ///
    /// [`BuildError`] if the endpoint is none, or no crypto provider is installed for the process.
    /// The provider is needed for plain HTTP as well, because the same client serves both.
    pub fn build(self) -> Result<Ironic, BuildError> {
        let Self { endpoint, timeout } = self;
        let endpoint = root_of(endpoint)?;
        // reqwest would panic.
        if CryptoProvider::get_default().is_none() {
            return Err(BuildError::NoCryptoProvider);
        }
        let transport =
            Transport::new(endpoint, timeout).map_err(|source| BuildError::Transport {
                source: source.into(),
            })?;
        Ok(Ironic::new(transport))
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
