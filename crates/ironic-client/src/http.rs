//! The HTTP client below: timeouts, connections, and whom to trust.

use std::path::PathBuf;
use std::time::Duration;

use reqwest::redirect::Policy;
use reqwest::{Certificate, Identity};
use rustls::RootCertStore;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::CertifiedKey;
use secrecy::{ExposeSecret, SecretSlice};

use crate::builder::BuildError;
use crate::files::{File, FileError, FileProblem, Recipe};

/// How requests are sent, whatever is in them.
#[derive(Clone, Debug)]
pub(crate) struct Http {
    /// Nothing but `http`.
    pub(crate) plain: bool,
    pub(crate) timeout: Duration,
    pub(crate) connect_timeout: Duration,
    pub(crate) keep_alive: Duration,
    pub(crate) ca_file: Option<PathBuf>,
    /// The certificate and its key.
    pub(crate) client_certificate: Option<(PathBuf, PathBuf)>,
    pub(crate) accept_invalid_certs: bool,
}

/// The files that TLS is made of.
#[derive(PartialEq)]
pub(crate) struct TlsFiles {
    ca: Option<File>,
    identity: Option<(File, File)>,
}

impl Recipe for Http {
    type Read = TlsFiles;
    type Made = reqwest::Client;

    const WHAT: &'static str = "TLS";

    fn has_files(&self) -> bool {
        self.ca_file.is_some() || self.client_certificate.is_some()
    }

    fn read(&self) -> Result<TlsFiles, BuildError> {
        let ca = match &self.ca_file {
            None => None,
            Some(path) => Some(File::read(path, "the CA bundle")?),
        };
        let identity = match &self.client_certificate {
            None => None,
            Some((certificate, key)) => Some((
                File::read(certificate, "the client certificate")?,
                File::read(key, "the key of the client certificate")?,
            )),
        };
        Ok(TlsFiles { ca, identity })
    }

    fn make(&self, files: &TlsFiles) -> Result<reqwest::Client, BuildError> {
        let mut http = reqwest::Client::builder()
            .timeout(self.timeout)
            .connect_timeout(self.connect_timeout)
            .pool_idle_timeout(self.keep_alive)
            // Ironic does not redirect; a body with secrets goes nowhere else.
            .redirect(Policy::none())
            // What is sent again, and when, is decided in one place.
            .retry(reqwest::retry::never())
            .user_agent(concat!("ironic-client/", env!("CARGO_PKG_VERSION")))
            .tls_danger_accept_invalid_certs(self.accept_invalid_certs);
        if let Some(ca) = &files.ca {
            http = http.tls_certs_only(authorities(ca)?);
        } else if self.plain {
            // The system's authorities are not needed, and an image may be without.
            http = http.tls_certs_only([]);
        }
        if self.plain {
            // It would see the credentials, also those meant for a neighbour in the same pod.
            http = http.no_proxy();
        }
        if let Some((certificate, key)) = &files.identity {
            http = http.identity(identity(certificate, key)?);
        }
        http.build().map_err(transport)
    }
}

fn transport(source: reqwest::Error) -> BuildError {
    BuildError::Transport {
        source: source.into(),
    }
}

/// The certificates in a PEM file, of which there must be one at least.
///
/// The parser's own words are left out: it may repeat a line of the file, which may be a key.
fn certificates(file: &File) -> Result<Vec<CertificateDer<'static>>, FileError> {
    let found: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(file.bytes()).collect();
    match found {
        Ok(found) if found.is_empty() => Err(file.unfit("holds no certificate in PEM")),
        Ok(found) => Ok(found),
        Err(_) => Err(file.unfit("is no valid PEM")),
    }
}

fn authorities(file: &File) -> Result<Vec<Certificate>, BuildError> {
    let tls = |error| file.error(FileProblem::Tls(error));
    let found = certificates(file)?;
    let mut usable = RootCertStore::empty();
    for certificate in found.iter().cloned() {
        usable.add(certificate).map_err(tls)?;
    }
    found
        .iter()
        .map(|der| Certificate::from_der(der).map_err(transport))
        .collect()
}

fn identity(certificate: &File, key: &File) -> Result<Identity, BuildError> {
    let chain = certificates(certificate)?;
    let parsed = PrivateKeyDer::from_pem_slice(key.bytes())
        .map_err(|_| key.unfit("holds no private key in PEM that is not encrypted"))?;
    let provider = CryptoProvider::get_default().ok_or(BuildError::NoCryptoProvider)?;
    CertifiedKey::from_der(chain, parsed, provider).map_err(|error| match error {
        rustls::Error::InconsistentKeys(_) => key.unfit("does not belong to the certificate"),
        other => key.error(FileProblem::Tls(other)),
    })?;
    let both = SecretSlice::from([certificate.bytes(), b"\n", key.bytes()].concat());
    Identity::from_pem(both.expose_secret()).map_err(transport)
}
