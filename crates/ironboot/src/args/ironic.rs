//! How Ironic is reached. The default places are those where Metal3's deployments mount their Secrets.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::Args;
use ironic_client::{Auth, Ironic};
use url::Url;

/// How Ironic is reached.
#[derive(Debug, Args)]
pub(crate) struct IronicArgs {
    /// Ironic's API, with or without /v1.
    #[arg(long = "ironic-endpoint", env = "IRONIC_ENDPOINT")]
    pub(crate) endpoint: Url,

    /// A folder with the files ironic/username and ironic/password for HTTP basic authentication, read again when they
    /// change; /opt/metal3/auth where that has them.
    #[arg(long = "ironic-auth-root-dir", env = "METAL3_AUTH_ROOT_DIR")]
    auth_root_dir: Option<PathBuf>,

    /// The authorities that vouch for Ironic, as PEM, read again when they change; /opt/metal3/certs/ca/tls.crt where
    /// that exists, else the system's.
    #[arg(long = "ironic-cacert-file", env = "IRONIC_CACERT_FILE")]
    cacert_file: Option<PathBuf>,

    /// The certificate that the operator shows to Ironic, as PEM, read again when it changes;
    /// /opt/metal3/certs/client/tls.crt where that exists.
    #[arg(
        long = "ironic-client-cert-file",
        env = "IRONIC_CLIENT_CERT_FILE",
        requires = "client_private_key_file"
    )]
    client_cert_file: Option<PathBuf>,

    /// Its key, likewise.
    #[arg(
        long = "ironic-client-private-key-file",
        env = "IRONIC_CLIENT_PRIVATE_KEY_FILE",
        requires = "client_cert_file"
    )]
    client_private_key_file: Option<PathBuf>,

    /// Talk to Ironic whoever vouches for it: whoever is on the way can read the BMCs' passwords.
    #[arg(long = "ironic-insecure", env = "IRONIC_INSECURE")]
    insecure: bool,
}

/// Where Metal3's deployments mount Secrets.
const METAL3: &str = "/opt/metal3";

impl IronicArgs {
    pub(crate) fn client(self) -> anyhow::Result<Ironic> {
        self.client_below(Path::new(METAL3))
    }

    fn client_below(self, mounted: &Path) -> anyhow::Result<Ironic> {
        let Self {
            endpoint,
            auth_root_dir,
            cacert_file,
            client_cert_file,
            client_private_key_file,
            insecure,
        } = self;
        let mut builder = Ironic::builder(endpoint)
            .auth(auth(auth_root_dir, mounted))
            .danger_accept_invalid_certs(insecure);
        if let Some(file) = cacert_file.or_else(|| existing(mounted.join("certs/ca/tls.crt"))) {
            builder = builder.ca_file(file);
        }
        let given = client_cert_file.zip(client_private_key_file);
        let default = || {
            let folder = mounted.join("certs/client");
            existing(folder.join("tls.crt")).zip(existing(folder.join("tls.key")))
        };
        if let Some((certificate, key)) = given.or_else(default) {
            builder = builder.client_certificate_files(certificate, key);
        }
        builder
            .build()
            .context("failed to set up the client for Ironic")
    }
}

fn auth(root: Option<PathBuf>, mounted: &Path) -> Auth {
    let files = |root: &Path| {
        let folder = root.join("ironic");
        (folder.join("username"), folder.join("password"))
    };
    let (username, password) = if let Some(root) = root {
        files(&root)
    } else {
        let (username, password) = files(&mounted.join("auth"));
        if !username.exists() {
            return Auth::None;
        }
        (username, password)
    };
    Auth::BasicFiles { username, password }
}

fn existing(path: PathBuf) -> Option<PathBuf> {
    path.exists().then_some(path)
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Debug, Parser)]
    struct Line {
        #[command(flatten)]
        ironic: IronicArgs,
    }

    fn parse(args: &[&str]) -> Result<IronicArgs, clap::Error> {
        let endpoint = ["test", "--ironic-endpoint", "http://ironic.example"];
        let line = Line::try_parse_from(endpoint.iter().chain(args))?;
        Ok(line.ironic)
    }

    #[test]
    fn a_certificate_without_its_key_is_refused() {
        let refused = parse(&["--ironic-client-cert-file", "/tls.crt"]).unwrap_err();
        assert!(
            refused
                .to_string()
                .contains("--ironic-client-private-key-file")
        );
    }

    #[test]
    fn without_mounted_secrets_there_is_no_authentication() {
        let nothing = Path::new("/nonexistent");
        assert!(matches!(auth(None, nothing), Auth::None));
    }

    #[test]
    fn a_folder_that_was_named_must_have_the_files() {
        rustls::crypto::ring::default_provider()
            .install_default()
            .ok();
        let args = parse(&["--ironic-auth-root-dir", "/nonexistent"]).unwrap();
        let refused = args.client_below(Path::new("/nonexistent")).unwrap_err();
        let words = format!("{refused:#}");
        assert!(words.contains("/nonexistent/ironic/username"), "{words}");
    }
}
