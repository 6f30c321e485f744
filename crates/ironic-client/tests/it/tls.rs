//! Whom the client trusts, and how it is trusted.

use std::sync::Arc;
use std::time::Duration;

use ironic_client::types::NewNode;
use ironic_client::types::calls::{CreateNode, ListDrivers};
use ironic_client::{BuildError, Chain, Error, ErrorKind, Failure, Ironic, IronicBuilder};
use rstest::rstest;
use rustls::ServerConfig;
use serde_json::json;

use crate::certificates::Authority;
use crate::served::{Reply, Served};
use crate::volume::Volume;
use crate::{NODE, set_up};

const LONG: Duration = Duration::from_hours(1);

/// A server that closes each connection, so that each request is another handshake.
async fn served(tls: Arc<ServerConfig>) -> Served {
    let served = Served::by(async |request| {
        let body = if request.is("POST ") {
            json!({"uuid": NODE})
        } else {
            json!({"drivers": []})
        };
        Reply::Json(200, body)
    })
    .await;
    *served.tls.lock().unwrap() = Some(tls);
    served
}

/// A client that keeps no connection.
fn builder(served: &Served) -> IronicBuilder {
    set_up();
    let endpoint = format!("https://{}/", served.address);
    Ironic::builder(endpoint.parse().unwrap()).keep_alive(Duration::ZERO)
}

fn ca(pem: &str) -> Volume {
    Volume::new(&[("ca.crt", pem)])
}

fn create() -> CreateNode {
    let node = NewNode {
        driver: "fake-hardware".to_owned(),
        ..NewNode::default()
    };
    CreateNode { node }
}

#[track_caller]
fn check_mistrust(refused: &Error, because: &str) {
    assert!(
        matches!(
            refused,
            Error::Transport {
                failure: Failure::Tls,
                ..
            }
        ),
        "{refused:?}"
    );
    assert_eq!(refused.kind(), ErrorKind::Mistrust);
    assert!(refused.is_unavailable());
    let words = refused.in_words();
    assert!(words.contains(because), "{words}");
    assert!(words.contains("(check the CA bundle"), "{words}");
}

#[tokio::test]
async fn a_server_that_the_authority_vouches_for_is_talked_to() {
    let authority = Authority::new("one");
    let served = served(authority.server()).await;
    // A bundle may have more than one, and words between them.
    let other = Authority::new("other").pem;
    let volume = ca(&format!("# other\n{other}\n# one\n{}", authority.pem));
    let ironic = builder(&served).ca_file(volume.path("ca.crt"));
    ironic.build().unwrap().send(&ListDrivers).await.unwrap();
}

#[tokio::test]
async fn a_server_that_another_authority_vouches_for_is_refused_at_once() {
    let served = served(Authority::new("other").server()).await;
    let volume = ca(&Authority::new("one").pem);
    let ironic = builder(&served).ca_file(volume.path("ca.crt"));

    let refused = ironic
        .build()
        .unwrap()
        .send(&ListDrivers)
        .await
        .unwrap_err();

    check_mistrust(&refused, "UnknownIssuer");
    assert!(refused.to_string().contains(&served.address.to_string()));
}

#[tokio::test]
async fn a_server_that_only_the_system_could_vouch_for_is_refused() {
    let served = served(Authority::new("unknown").server()).await;
    let ironic = builder(&served).build();
    // An image without authorities cannot have such a client at all.
    if let Ok(ironic) = ironic {
        let refused = ironic.send(&ListDrivers).await.unwrap_err();
        check_mistrust(&refused, "UnknownIssuer");
    }
}

#[tokio::test]
async fn a_server_of_another_name_is_refused() {
    let authority = Authority::new("one");
    let served = served(authority.server_named("ironic.example")).await;
    let volume = ca(&authority.pem);
    let ironic = builder(&served).ca_file(volume.path("ca.crt"));
    let refused = ironic
        .build()
        .unwrap()
        .send(&ListDrivers)
        .await
        .unwrap_err();
    check_mistrust(&refused, "not valid for name");
}

#[tokio::test]
async fn whoever_answers_is_talked_to_if_that_is_what_is_asked_for() {
    let served = served(Authority::new("other").server_named("elsewhere")).await;
    let volume = ca(&Authority::new("one").pem);
    let ironic = builder(&served)
        .ca_file(volume.path("ca.crt"))
        .danger_accept_invalid_certs(true);
    ironic.build().unwrap().send(&ListDrivers).await.unwrap();
}

#[rstest]
#[case::by_the_clock(Duration::ZERO)]
#[case::by_the_refusal(LONG)]
#[tokio::test]
async fn a_new_authority_is_trusted_without_a_restart(#[case] every: Duration) {
    let [old, new] = ["old", "new"].map(Authority::new);
    let served = served(old.server()).await;
    let volume = ca(&old.pem);
    let ironic = builder(&served)
        .ca_file(volume.path("ca.crt"))
        .reread_files_every(every)
        .build()
        .unwrap();
    ironic.send(&ListDrivers).await.unwrap();

    *served.tls.lock().unwrap() = Some(new.server());
    check_mistrust(&ironic.send(&create()).await.unwrap_err(), "UnknownIssuer");
    volume.replace(&[("ca.crt", &new.pem)]);
    ironic.send(&create()).await.unwrap();

    let posts = served.seen().iter().filter(|seen| seen.is("POST ")).count();
    assert_eq!(posts, 1);
}

#[rstest]
#[case::gone(&[])]
#[case::empty(&[("ca.crt", "")])]
#[case::garbage(&[("ca.crt", "garbage")])]
#[tokio::test]
async fn a_bundle_that_changed_for_the_worse_changes_nothing(#[case] worse: &[(&str, &str)]) {
    let [old, new] = ["old", "new"].map(Authority::new);
    let served = served(old.server()).await;
    let volume = ca(&old.pem);
    let ironic = builder(&served)
        .ca_file(volume.path("ca.crt"))
        .reread_files_every(Duration::ZERO)
        .build()
        .unwrap();

    volume.replace(worse);
    ironic.send(&ListDrivers).await.unwrap();
    ironic.send(&ListDrivers).await.unwrap();

    let path = volume.path("").display().to_string();
    assert_eq!(crate::logs::lines(&["changed for the worse", &path]), 1);

    volume.replace(&[("ca.crt", &new.pem)]);
    *served.tls.lock().unwrap() = Some(new.server());
    ironic.send(&ListDrivers).await.unwrap();
}

fn certified(served: &Served, ca: &Volume, own: &Volume) -> IronicBuilder {
    builder(served)
        .ca_file(ca.path("ca.crt"))
        .client_certificate_files(own.path("tls.crt"), own.path("tls.key"))
}

fn own(authority: &Authority) -> Volume {
    let pair = authority.vouch("controller");
    Volume::new(&[("tls.crt", &pair.certificate), ("tls.key", &pair.key)])
}

#[tokio::test]
async fn a_client_that_shows_no_certificate_is_refused_where_one_is_needed() {
    let [authority, clients] = ["servers", "clients"].map(Authority::new);
    let served = served(authority.server_for(&clients)).await;
    let volume = ca(&authority.pem);
    let ironic = builder(&served).ca_file(volume.path("ca.crt"));

    let refused = ironic
        .build()
        .unwrap()
        .send(&ListDrivers)
        .await
        .unwrap_err();

    // Whether the server's words arrive before its end of the connection is a matter of luck.
    assert!(matches!(refused, Error::Transport { .. }), "{refused:?}");
    assert!(served.seen().is_empty());
}

#[tokio::test]
async fn a_client_that_shows_its_certificate_is_let_in() {
    let [authority, clients] = ["servers", "clients"].map(Authority::new);
    let served = served(authority.server_for(&clients)).await;
    let (ca, own) = (ca(&authority.pem), own(&clients));
    let ironic = certified(&served, &ca, &own).build().unwrap();
    ironic.send(&ListDrivers).await.unwrap();
}

#[tokio::test]
async fn a_new_certificate_is_shown_without_a_restart() {
    let [authority, old, new] = ["servers", "old", "new"].map(Authority::new);
    let served = served(authority.server_for(&old)).await;
    let (ca, own) = (ca(&authority.pem), own(&old));
    let ironic = certified(&served, &ca, &own)
        .reread_files_every(Duration::ZERO)
        .build()
        .unwrap();
    ironic.send(&ListDrivers).await.unwrap();

    *served.tls.lock().unwrap() = Some(authority.server_for(&new));
    ironic.send(&ListDrivers).await.unwrap_err();
    let pair = new.vouch("controller");
    own.replace(&[("tls.crt", &pair.certificate), ("tls.key", &pair.key)]);
    ironic.send(&ListDrivers).await.unwrap();
}

#[tokio::test]
async fn a_key_that_does_not_fit_yet_leaves_the_old_pair_in_use() {
    let [authority, clients] = ["servers", "clients"].map(Authority::new);
    let served = served(authority.server_for(&clients)).await;
    let (ca, own) = (ca(&authority.pem), own(&clients));
    let ironic = certified(&served, &ca, &own)
        .reread_files_every(Duration::ZERO)
        .build()
        .unwrap();
    ironic.send(&ListDrivers).await.unwrap();

    let [one, other] = [(); 2].map(|()| clients.vouch("controller"));
    own.replace(&[("tls.crt", &one.certificate), ("tls.key", &other.key)]);
    ironic.send(&ListDrivers).await.unwrap();
}

#[tokio::test]
async fn a_connection_that_is_in_use_outlives_the_files_that_it_was_made_of() {
    let [old, new] = ["old", "new"].map(Authority::new);
    let volume = Arc::new(ca(&old.pem));
    // The files change while the request is under way.
    let served = Served::by({
        let (volume, new) = (Arc::clone(&volume), new.pem.clone());
        move |_| {
            volume.replace(&[("ca.crt", &new)]);
            async { Reply::Json(200, json!({"drivers": []})) }
        }
    })
    .await;
    *served.tls.lock().unwrap() = Some(old.server());
    let ironic = builder(&served)
        .ca_file(volume.path("ca.crt"))
        .reread_files_every(Duration::ZERO)
        .build()
        .unwrap();
    ironic.send(&ListDrivers).await.unwrap();
}

#[rstest]
#[case::before_the_answer("")]
#[case::within_the_head("HTTP/1.1 201 Created\r\ncontent-")]
#[case::within_the_body("HTTP/1.1 201 Created\r\ncontent-length: 100\r\n\r\n{")]
#[tokio::test]
async fn a_connection_that_tls_loses_later_may_have_done_it_and_is_not_sent_again(
    #[case] begun: &'static str,
) {
    let [one, other] = ["one", "other"].map(Authority::new);
    let volume = Arc::new(ca(&one.pem));
    // There are other means while the request is under way, and they would do.
    let served = Served::by({
        let (volume, both) = (Arc::clone(&volume), format!("{}{}", one.pem, other.pem));
        move |_| {
            volume.replace(&[("ca.crt", &both)]);
            async { Reply::Garbled(begun.to_owned()) }
        }
    })
    .await;
    *served.tls.lock().unwrap() = Some(one.server());
    let ironic = builder(&served)
        .ca_file(volume.path("ca.crt"))
        .reread_files_every(LONG)
        .build()
        .unwrap();

    let lost = ironic.send(&create()).await.unwrap_err();

    assert!(
        matches!(
            lost,
            Error::Transport {
                failure: Failure::Lost,
                ..
            }
        ),
        "{lost:?}"
    );
    assert_eq!(lost.kind(), ErrorKind::Unavailable);
    let posts = served.seen().iter().filter(|seen| seen.is("POST ")).count();
    assert_eq!(posts, 1);
}

fn refusal(files: &[(&str, &str)]) -> (String, Volume) {
    set_up();
    let volume = Volume::new(files);
    let mut builder = Ironic::builder("https://ironic.example".parse().unwrap());
    for (name, _) in files {
        builder = match *name {
            "ca.crt" => builder.ca_file(volume.path("ca.crt")),
            _ => builder.client_certificate_files(volume.path("tls.crt"), volume.path("tls.key")),
        };
    }
    let refused = builder.build().unwrap_err();
    assert!(matches!(refused, BuildError::File(_)), "{refused:?}");
    let shown = format!("{} {refused:?}", Chain(&refused));
    assert!(!shown.contains("planted"), "{shown}");
    (shown, volume)
}

#[rstest]
#[case::empty("", "it holds no certificate in PEM")]
#[case::garbage("planted", "it holds no certificate in PEM")]
#[case::no_pem("-----BEGIN CERTIFICATE-----planted", "it is no valid PEM")]
#[case::half_a_pem("-----BEGIN CERTIFICATE-----\nplanted\n", "it is no valid PEM")]
#[case::no_certificate(
    "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
    "what it holds is of no use for TLS: "
)]
fn a_bundle_that_cannot_be_used_is_named(#[case] content: &str, #[case] problem: &str) {
    let (shown, volume) = refusal(&[("ca.crt", content)]);
    let path = volume.path("ca.crt").display().to_string();
    let expected = format!("could not use {path} as the CA bundle: {problem}");
    assert!(shown.starts_with(&expected), "{shown}");
}

#[rstest]
#[case::garbage("planted", "it holds no private key in PEM that is not encrypted")]
#[case::on_one_line(
    "-----BEGIN PRIVATE KEY-----planted-----END PRIVATE KEY-----",
    "it holds no private key in PEM that is not encrypted"
)]
#[case::no_key(
    "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
    "what it holds is of no use for TLS: "
)]
fn a_key_that_cannot_be_used_is_named(#[case] key: &str, #[case] problem: &str) {
    let certificate = Authority::new("one").vouch("controller").certificate;
    let (shown, volume) = refusal(&[("tls.crt", &certificate), ("tls.key", key)]);
    let path = volume.path("tls.key").display().to_string();
    let expected = format!("could not use {path} as the key of the client certificate: {problem}");
    assert!(shown.starts_with(&expected), "{shown}");
}

#[test]
fn a_key_of_another_certificate_is_named() {
    let [one, other] = [(); 2].map(|()| Authority::new("one").vouch("controller"));
    let (shown, _) = refusal(&[("tls.crt", &one.certificate), ("tls.key", &other.key)]);
    assert!(
        shown.contains("it does not belong to the certificate"),
        "{shown}"
    );
}

#[tokio::test]
async fn a_key_is_in_no_log() {
    let [authority, clients] = ["servers", "clients"].map(Authority::new);
    let served = served(authority.server_for(&clients)).await;
    let (ca, own) = (ca(&authority.pem), own(&clients));
    let ironic = certified(&served, &ca, &own).build().unwrap();
    ironic.send(&ListDrivers).await.unwrap();

    let key = std::fs::read_to_string(own.path("tls.key")).unwrap();
    let lines: Vec<_> = key.lines().filter(|line| !line.starts_with('-')).collect();
    assert!(!lines.is_empty());
    for line in lines {
        assert_eq!(crate::logs::lines(&[line]), 0);
        assert!(!format!("{ironic:?}").contains(line));
    }
}
