//! Authorities and what they vouch for.

use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig};

use crate::set_up;

/// A certificate with its key, in PEM.
pub(crate) struct Pair {
    pub(crate) certificate: String,
    pub(crate) key: String,
}

pub(crate) struct Authority {
    pub(crate) pem: String,
    issuer: Issuer<'static, KeyPair>,
}

impl Authority {
    pub(crate) fn new(name: &str) -> Self {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new([]).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.distinguished_name.push(DnType::CommonName, name);
        let pem = params.self_signed(&key).unwrap().pem();
        let issuer = Issuer::new(params, key);
        Self { pem, issuer }
    }

    /// Vouches for a name or an address.
    pub(crate) fn vouch(&self, name: &str) -> Pair {
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new([name.to_owned()]).unwrap();
        let certificate = params.signed_by(&key, &self.issuer).unwrap().pem();
        Pair {
            certificate,
            key: key.serialize_pem(),
        }
    }

    /// A server that this authority vouches for, and that asks nobody who he is.
    pub(crate) fn server(&self) -> Arc<ServerConfig> {
        self.server_named("127.0.0.1")
    }

    pub(crate) fn server_named(&self, name: &str) -> Arc<ServerConfig> {
        set_up();
        let (chain, key) = self.vouch(name).parsed();
        let config = ServerConfig::builder()
            .with_no_client_auth()
            .with_single_cert(chain, key);
        Arc::new(config.unwrap())
    }

    /// A server that lets in only those that `clients` vouches for.
    pub(crate) fn server_for(&self, clients: &Self) -> Arc<ServerConfig> {
        set_up();
        let mut roots = RootCertStore::empty();
        let root = CertificateDer::from_pem_slice(clients.pem.as_bytes()).unwrap();
        roots.add(root).unwrap();
        let verifier = WebPkiClientVerifier::builder(Arc::new(roots)).build();
        let (chain, key) = self.vouch("127.0.0.1").parsed();
        let config = ServerConfig::builder()
            .with_client_cert_verifier(verifier.unwrap())
            .with_single_cert(chain, key);
        Arc::new(config.unwrap())
    }
}

impl Pair {
    fn parsed(&self) -> (Vec<CertificateDer<'static>>, PrivateKeyDer<'static>) {
        let certificate = CertificateDer::from_pem_slice(self.certificate.as_bytes()).unwrap();
        let key = PrivateKeyDer::from_pem_slice(self.key.as_bytes()).unwrap();
        (vec![certificate], key)
    }
}
