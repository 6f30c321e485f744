//! What is served over a socket, by TLS and by plain HTTP.

use std::fs;
use std::path::PathBuf;

use reqwest::header::{CACHE_CONTROL, CONTENT_LENGTH};
use reqwest::{Certificate, Client, StatusCode};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::*;
use crate::config_drives::tls::{Tls, TlsError};

/// A folder with a certificate and its key, that is removed when the test ends.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let folder = std::env::temp_dir().join(format!("ironboot-{name}-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        Self(folder)
    }

    fn files(&self) -> TlsFiles {
        TlsFiles {
            certificate: self.0.join("tls.crt"),
            key: self.0.join("tls.key"),
        }
    }

    /// Writes a new certificate that vouches for itself, and returns it.
    fn renew(&self) -> String {
        let made = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).unwrap();
        let files = self.files();
        fs::write(files.certificate, made.cert.pem()).unwrap();
        fs::write(files.key, made.signing_key.serialize_pem()).unwrap();
        made.cert.pem()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        drop(fs::remove_dir_all(&self.0));
    }
}

/// A client that trusts nobody else.
fn trusting(certificate: &str) -> Client {
    let root = Certificate::from_pem(certificate.as_bytes()).unwrap();
    Client::builder().tls_certs_only([root]).build().unwrap()
}

async fn bound(world: &World, tls: Option<TlsFiles>) -> Result<ConfigDrives, ConfigDrivesError> {
    let address = ConfigDriveAddress {
        listen: "127.0.0.1:0".parse().unwrap(),
        url: world.context.config_drive_url.clone().unwrap(),
        tls,
    };
    let metrics = world.context.metrics.clone();
    let kube = world.kubernetes.client();
    ConfigDrives::bind(address, kube, world.other_replica(), metrics).await
}

/// What comes of something while drives are served.
async fn while_served<T>(drives: ConfigDrives, asked: impl Future<Output = T>) -> T {
    tokio::select! {
        answer = asked => answer,
        never = drives.serve() => match never {},
    }
}

#[tokio::test]
async fn a_drive_is_served_by_tls_to_who_trusts_the_certificate_and_by_nothing_else() {
    let world = World::begin();
    let folder = Folder::new("served");
    let certificate = folder.renew();
    let drives = bound(&world, Some(folder.files())).await.unwrap();
    let authority = drives.address().unwrap();
    let path = world.path().await;
    while_served(drives, async {
        let client = trusting(&certificate);
        let url = format!("https://{authority}{path}");
        let head = client.head(&url).send().await.unwrap();
        let get = client.get(&url).send().await.unwrap();
        assert_eq!(
            (head.status(), get.status()),
            (StatusCode::OK, StatusCode::OK)
        );
        assert_eq!(head.headers()[CACHE_CONTROL], "no-store");
        assert_eq!(
            head.headers()[CONTENT_LENGTH],
            get.headers()[CONTENT_LENGTH]
        );
        let size = get.headers()[CONTENT_LENGTH].to_str().unwrap().to_owned();
        let body = get.bytes().await.unwrap();
        assert_eq!(body.len().to_string(), size);
        assert!(
            body.windows(PLANTED.len())
                .any(|it| it == PLANTED.as_bytes())
        );

        let post = client.post(&url).body("something").send().await.unwrap();
        assert_eq!(post.status(), StatusCode::METHOD_NOT_ALLOWED);
        let nothing = client
            .get(format!("https://{authority}/"))
            .send()
            .await
            .unwrap();
        assert_eq!(nothing.status(), StatusCode::NOT_FOUND);
        assert_eq!(nothing.text().await.unwrap(), "");

        let other = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).unwrap();
        let stranger = trusting(&other.cert.pem());
        assert!(stranger.get(&url).send().await.unwrap_err().is_connect());
        assert!(
            client
                .get(url.replace("https", "http"))
                .send()
                .await
                .is_err()
        );
    })
    .await;
}

#[tokio::test]
async fn a_drive_is_served_by_plain_http_where_that_is_asked_for() {
    let world = World::begin();
    let drives = bound(&world, None).await.unwrap();
    let url = format!("http://{}{}", drives.address().unwrap(), world.path().await);
    let answer = while_served(drives, reqwest::get(&url)).await.unwrap();
    assert_eq!(answer.status(), StatusCode::OK);
}

#[tokio::test]
async fn one_who_says_nothing_keeps_nobody_waiting() {
    let world = World::begin();
    let folder = Folder::new("silent");
    let certificate = folder.renew();
    let drives = bound(&world, Some(folder.files())).await.unwrap();
    let authority = drives.address().unwrap();
    let url = format!("https://{authority}{}", world.path().await);
    while_served(drives, async {
        let _silent = TcpStream::connect(authority).await.unwrap();
        let answer = trusting(&certificate).get(&url).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::OK);
    })
    .await;
}

#[tokio::test]
async fn a_connection_is_for_one_request() {
    let world = World::begin();
    let drives = bound(&world, None).await.unwrap();
    let authority = drives.address().unwrap();
    let answers = while_served(drives, async {
        let mut stream = TcpStream::connect(authority).await.unwrap();
        let request = "GET / HTTP/1.1\r\nHost: here\r\n\r\n";
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answers = String::new();
        stream.read_to_string(&mut answers).await.unwrap();
        answers
    })
    .await;
    assert!(answers.starts_with("HTTP/1.1 404"), "{answers}");
    assert!(answers.contains("connection: close"), "{answers}");
}

#[tokio::test]
async fn a_renewed_certificate_is_used_and_a_bad_one_is_not() {
    let world = World::begin();
    let folder = Folder::new("renewed");
    let first = folder.renew();
    let drives = bound(&world, Some(folder.files())).await.unwrap();
    let (authority, tls) = (drives.address().unwrap(), drives.tls().unwrap());
    let url = format!("https://{authority}{}", world.path().await);
    while_served(drives, async {
        let trusted = async |certificate: &str| {
            let answer = trusting(certificate).get(&url).send().await;
            answer.is_ok_and(|answer| answer.status() == StatusCode::OK)
        };
        assert!(trusted(&first).await);
        // cert-manager renews it.
        let second = folder.renew();
        tls.look();
        assert!(trusted(&second).await);
        assert!(!trusted(&first).await);
        // The key isn't there yet.
        let key = fs::read(folder.files().key).unwrap();
        let third = folder.renew();
        let new_key = fs::read(folder.files().key).unwrap();
        fs::write(folder.files().key, key).unwrap();
        tls.look();
        assert!(trusted(&second).await);
        fs::write(folder.files().key, new_key).unwrap();
        tls.look();
        assert!(trusted(&third).await);
        fs::remove_file(folder.files().certificate).unwrap();
        tls.look();
        assert!(trusted(&third).await);
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn the_files_are_looked_at_by_themselves() {
    let folder = Folder::new("followed");
    folder.renew();
    let tls = Arc::new(Tls::new(folder.files()).unwrap());
    let before = tls.current();
    folder.renew();
    let followed = tls.clone();
    tokio::select! {
        never = followed.follow() => match never {},
        () = async {
            while Arc::ptr_eq(&tls.current(), &before) {
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
        } => {}
    }
}

#[rstest]
#[case("tls.crt", None, "failed to read")]
#[case("tls.key", None, "failed to read")]
#[case("tls.crt", Some("planted"), "holds no certificate")]
#[case("tls.key", Some("planted"), "holds no private key")]
#[case(
    "tls.crt",
    Some("-----BEGIN CERTIFICATE-----\nplanted\n"),
    "is no valid PEM"
)]
#[tokio::test]
async fn a_certificate_of_no_use_keeps_the_operator_from_starting(
    #[case] file: &str,
    #[case] content: Option<&str>,
    #[case] expected: &str,
) {
    let folder = Folder::new(&format!("unfit-{file}-{}", expected.replace(' ', "-")));
    folder.renew();
    let path = folder.0.join(file);
    match content {
        Some(content) => fs::write(&path, content).unwrap(),
        None => fs::remove_file(&path).unwrap(),
    }
    let error = bound(&World::begin(), Some(folder.files())).await.err();
    let words = ironic_client::Chain(&error.unwrap()).to_string();
    assert!(words.contains(expected), "{words}");
    assert!(words.contains(&*path.to_string_lossy()), "{words}");
    assert!(!words.contains("planted"), "{words}");
}

#[test]
fn a_key_of_another_certificate_is_refused() {
    let folder = Folder::new("mixed");
    folder.renew();
    let key = fs::read(folder.files().key).unwrap();
    folder.renew();
    fs::write(folder.files().key, key).unwrap();
    let error = Tls::new(folder.files()).err();
    assert!(
        matches!(error, Some(TlsError::Unusable { .. })),
        "{error:?}"
    );
}

#[tokio::test]
async fn nowhere_is_nowhere() {
    assert_eq!(ConfigDrives::nowhere().address(), None);
}
