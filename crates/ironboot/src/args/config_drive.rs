//! Where Ironic gets the config drives of hosts.

use std::ffi::OsString;
use std::path::PathBuf;

use anyhow::{Context as _, bail};
use clap::Args;
use clap::builder::{FalseyValueParser, OsStringValueParser};
use metal_controller::{ConfigDriveAddress, Listen, TlsFiles};
use url::Url;

/// Where config drives are served unless it is said.
const DEFAULT_ADDR: &str = ":9444";

/// Where Ironic gets config drives. Empty values count as not given.
#[derive(Args)]
pub(crate) struct ConfigDriveArgs {
    /// The https URL under which Ironic reaches --config-drive-addr. Without one no config drives are served, and machines
    /// that boot from a volume get no user data. All replicas of the operator must have the same.
    // As a text: clap would repeat a URL that is none.
    #[arg(long = "config-drive-url", env = "CONFIG_DRIVE_URL")]
    url: Option<String>,

    /// Where config drives are served: HOST:PORT, or :PORT for all addresses of the machine; :9444 where it isn't given.
    // As a text: empty is not given, and not nowhere.
    #[arg(long = "config-drive-addr", env = "CONFIG_DRIVE_ADDR")]
    addr: Option<String>,

    /// The certificate that is shown to Ironic, as PEM, read again when it changes.
    #[arg(long = "config-drive-tls-cert-file", env = "CONFIG_DRIVE_TLS_CERT_FILE", value_parser = OsStringValueParser::new())]
    tls_cert_file: Option<OsString>,

    /// Its key, likewise.
    #[arg(long = "config-drive-tls-private-key-file", env = "CONFIG_DRIVE_TLS_PRIVATE_KEY_FILE", value_parser = OsStringValueParser::new())]
    tls_private_key_file: Option<OsString>,

    /// Serve config drives by plain HTTP: whoever is on the way can read the user data.
    #[arg(long = "config-drive-insecure-http", env = "CONFIG_DRIVE_INSECURE_HTTP", value_parser = FalseyValueParser::new())]
    insecure_http: bool,
}

impl ConfigDriveArgs {
    /// Where to serve; nowhere without a URL. What contradicts itself is refused.
    pub(crate) fn address(self) -> anyhow::Result<Option<ConfigDriveAddress>> {
        let Self {
            url,
            addr,
            tls_cert_file,
            tls_private_key_file,
            insecure_http,
        } = self;
        let addr = addr.filter(|addr| !addr.is_empty());
        let file = |value: Option<OsString>| value.filter(|it| !it.is_empty()).map(PathBuf::from);
        let (certificate, key) = (file(tls_cert_file), file(tls_private_key_file));
        let Some(url) = url.filter(|url| !url.is_empty()) else {
            for (is_given, flag) in [
                (addr.as_deref().is_some_and(|addr| addr != "0"), "addr"),
                (certificate.is_some(), "tls-cert-file"),
                (key.is_some(), "tls-private-key-file"),
                (insecure_http, "insecure-http"),
            ] {
                if is_given {
                    bail!(
                        "--config-drive-{flag} is given without --config-drive-url: give the URL under which Ironic reaches the operator, or neither"
                    );
                }
            }
            return Ok(None);
        };
        let listen = addr.as_deref().unwrap_or(DEFAULT_ADDR).parse::<Listen>();
        let listen = listen.context("--config-drive-addr, or CONFIG_DRIVE_ADDR, can't be used")?;
        if listen == Listen::Nowhere {
            bail!(
                "--config-drive-addr is 0, and --config-drive-url is given: nothing would be served there; give an address, or no URL"
            );
        }
        let url = base(&url)?;
        let tls = match (certificate, key) {
            _ if url.scheme() == "http" && !insecure_http => bail!(
                "--config-drive-url is an http URL: whoever is on the way could read the user data; give an https URL and a certificate, or --config-drive-insecure-http"
            ),
            (None, None) if insecure_http => None,
            _ if insecure_http => bail!(
                "--config-drive-insecure-http and a certificate contradict each other: give one of them"
            ),
            (Some(certificate), Some(key)) => Some(TlsFiles { certificate, key }),
            (None, None) => bail!(
                "--config-drive-url needs a certificate: give --config-drive-tls-cert-file and --config-drive-tls-private-key-file, or --config-drive-insecure-http if somebody else speaks TLS before the operator"
            ),
            (Some(_), None) => bail!(
                "--config-drive-tls-cert-file has no key: give --config-drive-tls-private-key-file"
            ),
            (None, Some(_)) => bail!(
                "--config-drive-tls-private-key-file has no certificate: give --config-drive-tls-cert-file"
            ),
        };
        Ok(Some(ConfigDriveAddress { listen, url, tls }))
    }
}

/// A URL that paths can be added to. It isn't repeated: somebody may have put a password into it.
fn base(text: &str) -> anyhow::Result<Url> {
    let url = text.parse::<Url>().ok();
    let url = url.filter(|url| matches!(url.scheme(), "http" | "https"));
    let Some(url) = url else {
        bail!(
            "--config-drive-url, or CONFIG_DRIVE_URL, is no URL such as https://ironboot.example:9444"
        );
    };
    let has_login = !url.username().is_empty() || url.password().is_some();
    if has_login || url.query().is_some() || url.fragment().is_some() {
        bail!(
            "--config-drive-url, or CONFIG_DRIVE_URL, must have no user, password, query or fragment: remove it"
        );
    }
    Ok(url)
}

#[cfg(test)]
mod tests {
    use clap::Parser;
    use rstest::rstest;

    use super::*;

    const URL: &str = "--config-drive-url=https://ironboot.example:9444/below";
    const PLAIN_URL: &str = "--config-drive-url=http://ironboot.example";
    const CERT: &str = "--config-drive-tls-cert-file=/tls.crt";
    const KEY: &str = "--config-drive-tls-private-key-file=/tls.key";
    const PLAIN: &str = "--config-drive-insecure-http";

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        config_drive: ConfigDriveArgs,
    }

    fn address(args: &[&str]) -> anyhow::Result<Option<ConfigDriveAddress>> {
        let line = Line::try_parse_from([&["test"], args].concat()).unwrap();
        line.config_drive.address()
    }

    fn served(args: &[&str]) -> ConfigDriveAddress {
        address(args).unwrap().unwrap()
    }

    #[rstest]
    #[case(&[])]
    #[case(&["--config-drive-url="])]
    #[case(&["--config-drive-addr=0"])]
    #[case(&["--config-drive-addr=", "--config-drive-tls-cert-file="])]
    fn without_a_url_nothing_is_served(#[case] args: &[&str]) {
        assert!(address(args).unwrap().is_none());
    }

    #[test]
    fn by_tls_it_is_served_at_every_address_of_the_machine() {
        let served = served(&[URL, CERT, KEY]);
        assert_eq!(served.url.as_str(), "https://ironboot.example:9444/below");
        assert_eq!(served.listen, DEFAULT_ADDR.parse().unwrap());
        let tls = served.tls.unwrap();
        assert_eq!(tls.certificate.to_str(), Some("/tls.crt"));
        assert_eq!(tls.key.to_str(), Some("/tls.key"));
    }

    #[test]
    fn plain_http_is_asked_for_by_name() {
        assert!(served(&[PLAIN_URL, PLAIN]).tls.is_none());
        // Somebody else speaks TLS.
        let behind = served(&[URL, PLAIN, "--config-drive-addr=127.0.0.1:8080"]);
        assert!(behind.tls.is_none());
        assert_eq!(behind.listen, "127.0.0.1:8080".parse().unwrap());
    }

    #[rstest]
    #[case(&[PLAIN_URL], "give an https URL")]
    #[case(&[PLAIN_URL, CERT, KEY], "give an https URL")]
    #[case(&[URL], "needs a certificate")]
    #[case(&[URL, CERT], "--config-drive-tls-private-key-file")]
    #[case(&[URL, KEY], "--config-drive-tls-cert-file")]
    #[case(&[URL, CERT, KEY, PLAIN], "contradict")]
    #[case(&[URL, CERT, KEY, "--config-drive-addr=0"], "nothing would be served")]
    #[case(&[URL, CERT, KEY, "--config-drive-addr=9444"], "--config-drive-addr")]
    #[case(&["--config-drive-addr=:9444"], "--config-drive-addr is given without")]
    #[case(&[CERT], "--config-drive-tls-cert-file is given without")]
    #[case(&[KEY], "--config-drive-tls-private-key-file is given without")]
    #[case(&[PLAIN], "--config-drive-insecure-http is given without")]
    #[case(&[CERT, KEY, "--config-drive-url=ironboot.example"], "is no URL")]
    #[case(&[CERT, KEY, "--config-drive-url=ftp://ironboot.example"], "is no URL")]
    #[case(&[CERT, KEY, "--config-drive-url=https://me:planted@ironboot.example"], "must have no user")]
    #[case(&[CERT, KEY, "--config-drive-url=https://ironboot.example?planted"], "must have no user")]
    fn what_contradicts_itself_is_refused(#[case] args: &[&str], #[case] expected: &str) {
        let words = format!("{:#}", address(args).unwrap_err());
        assert!(words.contains(expected), "{words}");
        assert!(!words.contains("planted"), "{words}");
    }
}
