//! What of a request is in the log.

use std::io;
use std::sync::{Arc, LazyLock, Mutex};
use std::time::Duration;

use ironic_client::types::calls::{CreateNode, ListDrivers};
use ironic_client::types::{DriverInfo, NewNode};
use ironic_client::{Auth, Ironic};
use secrecy::SecretString;
use tracing::Level;
use url::Url;
use wiremock::ResponseTemplate;

use crate::volume::Volume;
use crate::{answer, client, fault, server, set_up};

/// The log of all tests of this process. One for each would be at the mercy of the others, for
/// `tracing` remembers for all threads whether anybody listens.
static LOG: LazyLock<Log> = LazyLock::new(Log::default);

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Logs everything, for all that follows in this process.
pub(crate) fn install() {
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(Level::TRACE)
        .with_ansi(false)
        .with_writer(|| LOG.clone())
        .finish();
    tracing::subscriber::set_global_default(subscriber).unwrap();
}

fn log() -> String {
    String::from_utf8(LOG.0.lock().unwrap().clone()).unwrap()
}

/// How many lines there are so far with all of these words.
pub(crate) fn lines(words: &[&str]) -> usize {
    let has_all = |line: &&str| words.iter().all(|word| line.contains(word));
    log().lines().filter(has_all).count()
}

#[tokio::test]
async fn a_request_is_logged_with_its_id_and_without_its_body() {
    let server = server().await;
    let refused =
        fault(409, "you sent logged-9b21").insert_header("x-openstack-request-id", "req-l");
    answer(&server, "POST", "/v1/nodes", refused).await;

    let call = CreateNode {
        node: NewNode {
            driver: "redfish".to_owned(),
            driver_info: DriverInfo::new()
                .with("redfish_username", "logged-user")
                .with("redfish_password", SecretString::from("logged-9b21")),
            ..NewNode::default()
        },
    };
    client(&server).send(&call).await.unwrap_err();

    let log = log();
    let span = "ironic{call=\"create node\" method=POST path=\"/v1/nodes\" version=1.89 \
                status=409 request_id=\"req-l\"}";
    assert!(log.contains(span), "{log}");
    assert!(
        log.contains("call=\"get root document\" method=GET path=\"/\""),
        "{log}"
    );
    assert!(!log.contains("logged-"), "{log}");
}

#[tokio::test]
async fn who_the_client_is_is_in_no_log() {
    set_up();
    let server = server().await;
    let denied = ResponseTemplate::new(401).set_body_string("you are logged-4d77");
    answer(&server, "GET", "/v1/drivers", denied).await;
    let endpoint: Url = server.uri().parse().unwrap();
    let volume = Volume::new(&[
        ("username", "logged-user"),
        ("password", "logged-4d77"),
        ("token", "logged-4d77"),
    ]);

    for auth in [
        Auth::Bearer("logged-4d77".into()),
        Auth::Basic {
            username: "logged-user".to_owned(),
            password: "logged-4d77".into(),
        },
        Auth::BasicFiles {
            username: volume.path("username"),
            password: volume.path("password"),
        },
        Auth::BearerFile(volume.path("token")),
    ] {
        let ironic = Ironic::builder(endpoint.clone())
            .auth(auth)
            .reread_files_every(Duration::ZERO)
            .build()
            .unwrap();
        ironic.send(&ListDrivers).await.unwrap_err();
        volume.replace(&[
            ("username", "logged-user"),
            ("password", "logged-b1c0"),
            ("token", "logged-b1c0"),
        ]);
        ironic.send(&ListDrivers).await.unwrap_err();
        volume.replace(&[("username", "logged:user")]);
        ironic.send(&ListDrivers).await.unwrap_err();
        volume.replace(&[
            ("username", "logged-user"),
            ("password", "logged-4d77"),
            ("token", "logged-4d77"),
        ]);
    }

    assert!(lines(&["files changed", "of=\"credentials\""]) > 0);
    assert!(lines(&["status=401"]) > 0);
    // The last two are what basic authentication makes of the first four.
    for secret in [
        "logged-4d77",
        "logged-b1c0",
        "logged-user",
        "logged:user",
        "bG9nZ2VkLXVzZXI6bG9nZ2VkLTRkNzc=",
        "bG9nZ2VkLXVzZXI6bG9nZ2VkLWIxYzA=",
    ] {
        assert_eq!(lines(&[secret]), 0, "{secret}");
    }
}
