//! The certificate under which config drives are served: from files, which are read again and again.

use std::convert::Infallible;
use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::Duration;

use ironic_client::Chain;
use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use secrecy::{ExposeSecret, SecretSlice};
use tokio::task::spawn_blocking;
use tokio::time::sleep;

/// How soon a new certificate is used. What a Kubernetes volume shows is replaced by a link, so times tell nothing, and the
/// files are small.
const EVERY: Duration = Duration::from_secs(5);

/// More than any chain of certificates has.
const LARGEST: u64 = 1 << 20;

/// Where the certificate is, as cert-manager writes it into a Secret of type `kubernetes.io/tls`.
#[derive(Clone, Debug)]
pub struct TlsFiles {
    /// The chain, the server's own certificate first, as PEM: `tls.crt`.
    pub certificate: PathBuf,
    /// Its key, as PEM and not encrypted: `tls.key`.
    pub key: PathBuf,
}

/// A certificate or its key can't be used. Never shows what is in the files.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A file is not there, or must not be read.
    #[error("failed to read {}", path.display())]
    Unreadable {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// What is in it is not what it should be.
    #[error("{} {problem}", path.display())]
    Unfit {
        /// Which.
        path: PathBuf,
        /// In words, such as `holds no certificate in PEM`.
        problem: &'static str,
    },
    /// They can't be served with, or the key is of another certificate.
    #[error("the certificate in {} and the key in {} can't be used", certificate.display(), key.display())]
    Unusable {
        /// Which certificate.
        certificate: PathBuf,
        /// Which key.
        key: PathBuf,
        /// Why.
        source: rustls::Error,
    },
}

/// The certificate in use.
pub(super) struct Tls {
    files: TlsFiles,
    current: RwLock<Arc<ServerConfig>>,
    seen: Mutex<Seen>,
}

/// What the files held at the last look, or what was wrong with them.
type Seen = Result<Contents, String>;

struct Contents {
    certificate: Vec<u8>,
    key: SecretSlice<u8>,
}

impl PartialEq for Contents {
    fn eq(&self, other: &Self) -> bool {
        self.certificate == other.certificate
            && self.key.expose_secret() == other.key.expose_secret()
    }
}

impl Tls {
    /// Reads the files for the first time; blocks.
    pub(super) fn new(files: TlsFiles) -> Result<Self, TlsError> {
        let contents = files.read()?;
        let config = files.config(&contents)?;
        Ok(Self {
            files,
            current: RwLock::new(config),
            seen: Mutex::new(Ok(contents)),
        })
    }

    /// What the next connection is served with.
    pub(super) fn current(&self) -> Arc<ServerConfig> {
        self.current
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Looks at the files for ever.
    pub(super) async fn follow(self: Arc<Self>) -> Infallible {
        loop {
            sleep(EVERY).await;
            let tls = self.clone();
            // An error is that the process ends, or that it panicked: there is nobody to tell.
            spawn_blocking(move || tls.look()).await.ok();
        }
    }

    /// Takes what the files hold now; blocks. What can't be used changes nothing, and is told once.
    pub(super) fn look(&self) {
        let read = self.files.read().map_err(in_words);
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        if read == *seen {
            return;
        }
        let made = match &read {
            Ok(contents) => self.files.config(contents).map_err(in_words),
            Err(error) => Err(error.clone()),
        };
        *seen = read;
        match made {
            Ok(config) => {
                *self.current.write().unwrap_or_else(PoisonError::into_inner) = config;
                tracing::info!("config drives are served with another certificate from now on");
            }
            Err(error) => {
                tracing::warn!(
                    error,
                    "the certificate of config drives changed for the worse: the former one stays in use"
                );
            }
        }
    }
}

#[expect(clippy::needless_pass_by_value, reason = "for map_err")]
fn in_words(error: TlsError) -> String {
    Chain(&error).to_string()
}

impl TlsFiles {
    fn read(&self) -> Result<Contents, TlsError> {
        Ok(Contents {
            certificate: read(&self.certificate)?,
            key: read(&self.key)?.into(),
        })
    }

    /// The parser's own words are left out: it may repeat a line of the file, which may be a key.
    fn config(&self, contents: &Contents) -> Result<Arc<ServerConfig>, TlsError> {
        let chain: Result<Vec<_>, _> =
            CertificateDer::pem_slice_iter(&contents.certificate).collect();
        let chain = match chain {
            Ok(chain) if chain.is_empty() => {
                return Err(unfit(&self.certificate, "holds no certificate in PEM"));
            }
            Ok(chain) => chain,
            Err(_) => return Err(unfit(&self.certificate, "is no valid PEM")),
        };
        let key = PrivateKeyDer::from_pem_slice(contents.key.expose_secret()).map_err(|_| {
            unfit(
                &self.key,
                "holds no private key in PEM that is not encrypted",
            )
        })?;
        let unusable = |source| TlsError::Unusable {
            certificate: self.certificate.clone(),
            key: self.key.clone(),
            source,
        };
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let mut config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(unusable)?
            .with_no_client_auth()
            .with_single_cert(chain, key)
            .map_err(unusable)?;
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Arc::new(config))
    }
}

/// What is in a regular file of no more than [`LARGEST`] bytes: others may have no end.
fn read(path: &Path) -> Result<Vec<u8>, TlsError> {
    let unreadable = |source| TlsError::Unreadable {
        path: path.to_owned(),
        source,
    };
    if !fs::metadata(path).map_err(unreadable)?.is_file() {
        return Err(unfit(path, "is no regular file"));
    }
    let file = fs::File::open(path).map_err(unreadable)?;
    let mut bytes = Vec::new();
    file.take(LARGEST + 1)
        .read_to_end(&mut bytes)
        .map_err(unreadable)?;
    if bytes.len() as u64 > LARGEST {
        return Err(unfit(path, "has more than a mebibyte"));
    }
    Ok(bytes)
}

fn unfit(path: &Path, problem: &'static str) -> TlsError {
    TlsError::Unfit {
        path: path.to_owned(),
        problem,
    }
}
