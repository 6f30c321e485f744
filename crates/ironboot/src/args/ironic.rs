//! How Ironic is reached. The default places are those where Metal3's deployments mount their Secrets.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context as _, bail};
use clap::Args;
use clap::builder::{FalseyValueParser, OsStringValueParser};
use ironic_client::{Auth, Ironic, Observer};
use url::Url;

/// How Ironic is reached. Empty values count as not given, as in Metal3.
#[derive(Args)]
pub(crate) struct IronicArgs {
    /// Ironic's API, with or without /v1.
    // As a text: clap would repeat an address that is none, and somebody may have put a password into it.
    #[arg(
        long = "ironic-endpoint",
        env = "IRONIC_ENDPOINT",
        hide_env_values = true
    )]
    endpoint: String,

    /// A folder with the files ironic/username and ironic/password for HTTP basic authentication, read again when they
    /// change; /opt/metal3/auth where that has them.
    #[arg(long = "ironic-auth-root-dir", env = "METAL3_AUTH_ROOT_DIR", value_parser = OsStringValueParser::new())]
    auth_root_dir: Option<OsString>,

    /// The authorities that vouch for Ironic, as PEM, read again when they change; /opt/metal3/certs/ca/tls.crt where
    /// that exists, else the system's.
    #[arg(long = "ironic-cacert-file", env = "IRONIC_CACERT_FILE", value_parser = OsStringValueParser::new())]
    cacert_file: Option<OsString>,

    /// The certificate that the operator shows to Ironic, as PEM, read again when it changes;
    /// /opt/metal3/certs/client/tls.crt where that exists.
    #[arg(long = "ironic-client-cert-file", env = "IRONIC_CLIENT_CERT_FILE", value_parser = OsStringValueParser::new())]
    client_cert_file: Option<OsString>,

    /// Its key, likewise.
    #[arg(long = "ironic-client-private-key-file", env = "IRONIC_CLIENT_PRIVATE_KEY_FILE", value_parser = OsStringValueParser::new())]
    client_private_key_file: Option<OsString>,

    /// Talk to Ironic whoever vouches for it: whoever is on the way can read the BMCs' passwords.
    #[arg(long = "ironic-insecure", env = "IRONIC_INSECURE", value_parser = FalseyValueParser::new())]
    insecure: bool,
}

/// Where Metal3's deployments mount Secrets.
const METAL3: &str = "/opt/metal3";

impl IronicArgs {
    /// The client, and the host that it talks to; the observer is told of each request.
    pub(crate) fn client(
        self,
        observer: Arc<dyn Observer>,
    ) -> anyhow::Result<(Ironic, Option<String>)> {
        self.client_below(Path::new(METAL3), observer)
    }

    fn client_below(
        self,
        mounted: &Path,
        observer: Arc<dyn Observer>,
    ) -> anyhow::Result<(Ironic, Option<String>)> {
        let Ok(endpoint) = self.endpoint.parse::<Url>() else {
            bail!(
                "--ironic-endpoint, or IRONIC_ENDPOINT, is no URL such as http://ironic.example:6385"
            );
        };
        let host = endpoint.host_str().map(str::to_owned);
        let auth = auth(given(self.auth_root_dir), mounted)?;
        let ca = match given(self.cacert_file) {
            Some(file) => Some(file),
            None => existing(mounted.join("certs/ca/tls.crt"))?,
        };
        let certificate = client_certificate(
            given(self.client_cert_file),
            given(self.client_private_key_file),
            mounted,
        )?;
        tracing::info!(
            authentication = !matches!(auth, Auth::None),
            cacert_file = ca.as_deref().map(tracing::field::debug),
            client_certificate = certificate.is_some(),
            insecure = self.insecure,
            "access to Ironic"
        );
        let mut builder = Ironic::builder(endpoint)
            .auth(auth)
            .observer(observer)
            .danger_accept_invalid_certs(self.insecure);
        if let Some(file) = ca {
            builder = builder.ca_file(file);
        }
        if let Some((certificate, key)) = certificate {
            builder = builder.client_certificate_files(certificate, key);
        }
        let ironic = builder
            .build()
            .context("failed to set up the client for Ironic")?;
        Ok((ironic, host))
    }
}

fn given(value: Option<OsString>) -> Option<PathBuf> {
    value.filter(|value| !value.is_empty()).map(PathBuf::from)
}

fn auth(root: Option<PathBuf>, mounted: &Path) -> anyhow::Result<Auth> {
    let files = |root: &Path| {
        let folder = root.join("ironic");
        (folder.join("username"), folder.join("password"))
    };
    let (username, password) = if let Some(root) = root {
        files(&root)
    } else {
        let (username, password) = files(&mounted.join("auth"));
        match (existing(username)?, password) {
            (Some(username), password) => (username, password),
            (None, password) if password.exists() => {
                bail!("{} has no user name beside it", password.display())
            }
            (None, _) => return Ok(Auth::None),
        }
    };
    Ok(Auth::BasicFiles { username, password })
}

fn client_certificate(
    certificate: Option<PathBuf>,
    key: Option<PathBuf>,
    mounted: &Path,
) -> anyhow::Result<Option<(PathBuf, PathBuf)>> {
    let (certificate, key) = if certificate.is_none() && key.is_none() {
        let folder = mounted.join("certs/client");
        (
            existing(folder.join("tls.crt"))?,
            existing(folder.join("tls.key"))?,
        )
    } else {
        (certificate, key)
    };
    match (certificate, key) {
        (Some(certificate), Some(key)) => Ok(Some((certificate, key))),
        (None, None) => Ok(None),
        (Some(certificate), None) => bail!(
            "the client certificate {} has no key: give --ironic-client-private-key-file",
            certificate.display()
        ),
        (None, Some(key)) => bail!(
            "the key {} has no client certificate: give --ironic-client-cert-file",
            key.display()
        ),
    }
}

/// What cannot be looked at is an error: without the file, the operator would trust others.
fn existing(path: PathBuf) -> anyhow::Result<Option<PathBuf>> {
    let exists = path.try_exists();
    let exists = exists.with_context(|| format!("failed to look at {}", path.display()))?;
    Ok(exists.then_some(path))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        ironic: IronicArgs,
    }

    fn parse(args: &[&str]) -> IronicArgs {
        let endpoint = ["test", "--ironic-endpoint", "http://ironic.example"];
        Line::try_parse_from(endpoint.iter().chain(args))
            .unwrap()
            .ironic
    }

    fn refusal(args: IronicArgs) -> String {
        drop(rustls::crypto::ring::default_provider().install_default());
        let nobody = Arc::new(|_: &ironic_client::Attempt| {});
        let refused = args.client_below(Path::new("/nonexistent"), nobody);
        format!("{:#}", refused.map(drop).unwrap_err())
    }

    /// A folder that is removed when the test ends.
    struct Folder(PathBuf);

    impl Folder {
        fn with(name: &str, files: &[&str]) -> Self {
            let folder =
                std::env::temp_dir().join(format!("ironboot-{name}-{}", std::process::id()));
            for file in files {
                let path = folder.join(file);
                fs::create_dir_all(path.parent().unwrap()).unwrap();
                fs::write(path, "something").unwrap();
            }
            Self(folder)
        }
    }

    impl Drop for Folder {
        fn drop(&mut self) {
            drop(fs::remove_dir_all(&self.0));
        }
    }

    #[test]
    fn mounted_files_are_found() {
        let files = [
            "auth/ironic/username",
            "auth/ironic/password",
            "certs/client/tls.crt",
            "certs/client/tls.key",
        ];
        let folder = Folder::with("mounted", &files);
        let Auth::BasicFiles { username, password } = auth(None, &folder.0).unwrap() else {
            panic!("no authentication");
        };
        assert_eq!(username, folder.0.join(files[0]));
        assert_eq!(password, folder.0.join(files[1]));
        let certificate = client_certificate(None, None, &folder.0).unwrap();
        assert_eq!(
            certificate,
            Some((folder.0.join(files[2]), folder.0.join(files[3])))
        );
    }

    #[test]
    fn half_of_a_mounted_pair_is_an_error() {
        let folder = Folder::with("halves", &["auth/ironic/password", "certs/client/tls.crt"]);
        assert!(auth(None, &folder.0).is_err());
        assert!(client_certificate(None, None, &folder.0).is_err());
    }

    #[test]
    fn a_certificate_without_its_key_is_refused() {
        let words = refusal(parse(&["--ironic-client-cert-file", "/tls.crt"]));
        assert!(
            words.contains("--ironic-client-private-key-file"),
            "{words}"
        );
    }

    #[test]
    fn without_mounted_secrets_there_is_no_authentication() {
        let nothing = Path::new("/nonexistent");
        assert!(matches!(auth(None, nothing).unwrap(), Auth::None));
    }

    #[test]
    fn empty_values_count_as_not_given() {
        let args = parse(&["--ironic-cacert-file", "", "--ironic-auth-root-dir", ""]);
        assert_eq!(
            (given(args.cacert_file), given(args.auth_root_dir)),
            (None, None)
        );
    }

    #[test]
    fn a_folder_that_was_named_must_have_the_files() {
        let words = refusal(parse(&["--ironic-auth-root-dir", "/nonexistent"]));
        assert!(words.contains("/nonexistent/ironic/username"), "{words}");
    }

    #[test]
    fn an_endpoint_that_is_none_is_not_repeated() {
        for endpoint in ["http://admin:planted@host:bad", "http://admin:planted@host"] {
            let args = IronicArgs {
                endpoint: endpoint.to_owned(),
                ..parse(&[])
            };
            let words = refusal(args);
            assert!(!words.contains("planted"), "{words}");
        }
    }
}
