//! Who the client says it is.

use std::collections::HashSet;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use ironic_client::types::calls::{CreateNode, ListDrivers};
use ironic_client::types::{Call, NewNode};
use ironic_client::{Auth, BuildError, Error, ErrorKind, Ironic, IronicBuilder};
use rstest::rstest;
use secrecy::SecretString;
use serde_json::json;
use wiremock::matchers::{method, path};
use wiremock::{Mock, MockServer, Request, ResponseTemplate};

use crate::volume::Volume;
use crate::{NODE, answer, asked, header, root, set_up};

/// `admin:secret` and `admin:rotated`, and so on, as basic authentication writes them.
const SECRET: &str = "Basic YWRtaW46c2VjcmV0";
const ROTATED: &str = "Basic YWRtaW46cm90YXRlZA==";

const LONG: Duration = Duration::from_hours(1);

/// The values of `Authorization` that are let in.
type Accepted = Arc<Mutex<HashSet<&'static str>>>;

/// A server that lets in who is known, and answers others as Ironic does.
async fn guarded(accepted: &[&'static str]) -> (MockServer, Accepted) {
    let accepted: Accepted = Arc::new(Mutex::new(accepted.iter().copied().collect()));
    let server = MockServer::start().await;
    let open = ResponseTemplate::new(200).set_body_json(root("1.1", "1.115"));
    answer(&server, "GET", "/", open).await;
    for (verb, at, status, body) in [
        ("GET", "/v1/drivers", 200, json!({"drivers": []})),
        ("POST", "/v1/nodes", 201, json!({"uuid": NODE})),
    ] {
        let accepted = Arc::clone(&accepted);
        Mock::given(method(verb))
            .and(path(at))
            .respond_with(move |request: &Request| {
                let given = header(request, "authorization").unwrap_or_default();
                if accepted.lock().unwrap().contains(given) {
                    ResponseTemplate::new(status).set_body_json(&body)
                } else {
                    let words = "Incorrect username or password";
                    let refused = json!({"error": {"message": words, "code": 401}});
                    ResponseTemplate::new(401).set_body_json(refused)
                }
            })
            .mount(&server)
            .await;
    }
    (server, accepted)
}

fn builder(server: &MockServer, auth: Auth) -> IronicBuilder {
    set_up();
    Ironic::builder(server.uri().parse().unwrap()).auth(auth)
}

fn login(password: &str) -> [(&'static str, String); 2] {
    [
        ("username", "admin\n".to_owned()),
        ("password", format!("{password}\n")),
    ]
}

fn volume(password: &str) -> Volume {
    let login = login(password);
    Volume::new(&login.each_ref().map(|(name, text)| (*name, text.as_str())))
}

fn rotate(volume: &Volume, password: &str) {
    let login = login(password);
    volume.replace(&login.each_ref().map(|(name, text)| (*name, text.as_str())));
}

fn files(volume: &Volume) -> Auth {
    Auth::BasicFiles {
        username: volume.path("username"),
        password: volume.path("password"),
    }
}

fn create() -> CreateNode {
    let node = NewNode {
        driver: "fake-hardware".to_owned(),
        ..NewNode::default()
    };
    CreateNode { node }
}

/// What was said of the client, request by request.
async fn said(server: &MockServer) -> Vec<Option<String>> {
    let requests = asked(server).await;
    let said = |request| header(request, "authorization").map(str::to_owned);
    requests.iter().map(said).collect()
}

#[rstest]
#[case::nothing(Auth::None, None)]
#[case::basic(
    Auth::Basic { username: "admin".to_owned(), password: "secret".into() },
    Some(SECRET)
)]
#[case::not_only_ascii(
    Auth::Basic { username: "J\u{fc}rgen".to_owned(), password: "p:w\u{e9}".into() },
    Some("Basic SsO8cmdlbjpwOnfDqQ==")
)]
#[case::no_password(
    Auth::Basic { username: "admin".to_owned(), password: "".into() },
    Some("Basic YWRtaW46")
)]
#[case::bearer(Auth::Bearer("tok-1".into()), Some("Bearer tok-1"))]
#[tokio::test]
async fn who_the_client_is_is_said_with_each_request(
    #[case] auth: Auth,
    #[case] expected: Option<&str>,
) {
    let (server, _) = guarded(&[
        "",
        SECRET,
        "Basic SsO8cmdlbjpwOnfDqQ==",
        "Basic YWRtaW46",
        "Bearer tok-1",
    ])
    .await;
    let ironic = builder(&server, auth).build().unwrap();

    ironic.send(&ListDrivers).await.unwrap();
    ironic.send(&create()).await.unwrap();

    for request in server.received_requests().await.unwrap() {
        assert_eq!(header(&request, "authorization"), expected);
    }
}

#[rstest]
#[case::as_it_is("")]
#[case::newline("\n")]
#[case::newlines("\r\n\n")]
#[tokio::test]
async fn line_ends_at_the_end_of_a_file_do_not_count(#[case] end: &str) {
    let (server, _) = guarded(&[SECRET, "Bearer tok-1"]).await;
    let [username, password, token] =
        ["admin", "secret", "tok-1"].map(|text| format!("{text}{end}"));
    let volume = Volume::new(&[
        ("username", &username),
        ("password", &password),
        ("token", &token),
    ]);

    for auth in [files(&volume), Auth::BearerFile(volume.path("token"))] {
        let ironic = builder(&server, auth).build().unwrap();
        ironic.send(&ListDrivers).await.unwrap();
    }
}

#[tokio::test]
async fn files_that_changed_are_used_from_the_next_look_on() {
    let (server, accepted) = guarded(&[SECRET]).await;
    let volume = volume("secret");
    let ironic = builder(&server, files(&volume))
        .reread_files_every(Duration::ZERO)
        .build()
        .unwrap();
    ironic.send(&ListDrivers).await.unwrap();

    rotate(&volume, "rotated");
    *accepted.lock().unwrap() = HashSet::from([ROTATED]);
    ironic.send(&ListDrivers).await.unwrap();

    assert_eq!(
        said(&server).await,
        [Some(SECRET.to_owned()), Some(ROTATED.to_owned())]
    );
}

#[rstest]
#[case::what_reads(ListDrivers)]
#[case::what_changes_something(create())]
#[tokio::test]
async fn a_request_that_is_refused_is_sent_once_more_with_what_the_files_hold_now<C: Call>(
    #[case] call: C,
) {
    let (server, _) = guarded(&[ROTATED]).await;
    let volume = volume("secret");
    let ironic = builder(&server, files(&volume))
        .reread_files_every(LONG)
        .build()
        .unwrap();

    rotate(&volume, "rotated");
    ironic.send(&call).await.unwrap();
    ironic.send(&call).await.unwrap();

    let [old, new] = [SECRET, ROTATED].map(|value| Some(value.to_owned()));
    assert_eq!(said(&server).await, [old, new.clone(), new]);
}

#[tokio::test]
async fn a_token_that_changed_is_used() {
    let (server, _) = guarded(&["Bearer tok-2"]).await;
    let volume = Volume::new(&[("token", "tok-1")]);
    let ironic = builder(&server, Auth::BearerFile(volume.path("token")))
        .reread_files_every(LONG)
        .build()
        .unwrap();

    ironic.send(&ListDrivers).await.unwrap_err();
    volume.replace(&[("token", "tok-2")]);
    ironic.send(&ListDrivers).await.unwrap();
}

#[rstest]
#[case::of_files(true)]
#[case::of_values(false)]
#[tokio::test]
async fn credentials_that_are_the_same_are_not_tried_again(#[case] of_files: bool) {
    let (server, _) = guarded(&[]).await;
    let volume = volume("secret");
    let auth = if of_files {
        files(&volume)
    } else {
        Auth::Bearer("tok-1".into())
    };
    let ironic = builder(&server, auth).build().unwrap();

    let refused = ironic.send(&ListDrivers).await.unwrap_err();

    assert_eq!(asked(&server).await.len(), 1);
    assert_eq!(refused.kind(), ErrorKind::Denied);
    let words = "Incorrect username or password (check the user name and the password, or the \
                 token, for Ironic)";
    assert_eq!(refused.in_words(), words);
    assert_eq!(
        refused.to_string(),
        format!("could not list drivers: GET /v1/drivers was answered 401: {words}")
    );
}

#[tokio::test]
async fn a_new_password_that_is_refused_as_well_is_not_tried_again() {
    let (server, _) = guarded(&[]).await;
    let volume = volume("secret");
    let ironic = builder(&server, files(&volume))
        .reread_files_every(LONG)
        .build()
        .unwrap();

    rotate(&volume, "rotated");
    let refused = ironic.send(&ListDrivers).await.unwrap_err();

    assert_eq!(refused.status(), Some(401));
    assert_eq!(asked(&server).await.len(), 2);
}

#[rstest]
#[case::gone(&[("username", "admin")])]
#[case::empty(&[("username", "admin"), ("password", "\n")])]
#[case::unfit(&[("username", "ad:min"), ("password", "rotated")])]
#[tokio::test]
async fn a_file_that_changed_for_the_worse_changes_nothing(#[case] worse: &[(&str, &str)]) {
    let (server, _) = guarded(&[SECRET, ROTATED]).await;
    let volume = volume("secret");
    let ironic = builder(&server, files(&volume))
        .reread_files_every(Duration::ZERO)
        .build()
        .unwrap();

    volume.replace(worse);
    ironic.send(&ListDrivers).await.unwrap();
    ironic.send(&ListDrivers).await.unwrap();
    rotate(&volume, "rotated");
    ironic.send(&ListDrivers).await.unwrap();

    let [old, new] = [SECRET, ROTATED].map(|value| Some(value.to_owned()));
    assert_eq!(said(&server).await, [old.clone(), old, new]);
    // The words have the file's name, which is this test's own.
    let path = volume.path("").display().to_string();
    assert_eq!(crate::logs::lines(&["changed for the worse", &path]), 1);
}

fn refusal(auth: Auth) -> BuildError {
    set_up();
    let endpoint = "http://ironic.example".parse().unwrap();
    Ironic::builder(endpoint).auth(auth).build().unwrap_err()
}

#[rstest]
#[case::gone("username", "", "the user name: it cannot be read: No such file")]
#[case::empty("password", "\r\n", "the password: it is empty")]
#[case::colon("username", "ad:min", "the user name: it holds a colon")]
fn a_file_that_cannot_be_used_is_named(
    #[case] name: &str,
    #[case] content: &str,
    #[case] problem: &str,
) {
    let volume = volume("planted-7f3a");
    let mut files = vec![("username", "admin"), ("password", "planted-7f3a")];
    files.retain(|file| file.0 != name);
    if !content.is_empty() {
        files.push((name, content));
    }
    volume.replace(&files);

    let refused = refusal(self::files(&volume));

    assert!(matches!(refused, BuildError::File(_)));
    let shown = ironic_client::Chain(&refused).to_string();
    let path = volume.path(name).display().to_string();
    assert!(
        shown.starts_with(&format!("could not use {path} as {problem}")),
        "{shown}"
    );
    assert!(!format!("{shown} {refused:?}").contains("planted"));
}

#[test]
fn a_file_that_is_no_text_is_refused() {
    let volume = Volume::new(&[("token", "")]);
    std::fs::write(volume.path("token"), b"planted\xff").unwrap();
    let refused = refusal(Auth::BearerFile(volume.path("token")));
    let shown = ironic_client::Chain(&refused).to_string();
    assert!(
        shown.ends_with("as the token: it is no text in UTF-8"),
        "{shown}"
    );
    assert!(!format!("{shown} {refused:?}").contains("planted"));
}

#[rstest]
#[case::colon(Auth::Basic { username: "planted:".to_owned(), password: "p".into() }, "holds a colon")]
#[case::no_header(Auth::Bearer("planted\n".into()), "holds characters that no header can")]
#[case::empty(Auth::Bearer("".into()), "is empty")]
fn credentials_that_cannot_be_sent_are_refused_without_being_repeated(
    #[case] auth: Auth,
    #[case] problem: &str,
) {
    let refused = refusal(auth);
    assert!(matches!(refused, BuildError::Credentials { .. }));
    let shown = format!("{refused} {refused:?}");
    assert!(shown.contains(problem), "{shown}");
    assert!(!shown.contains("planted"), "{shown}");
}

#[rstest]
#[case::password(Auth::Basic { username: "admin".to_owned(), password: "planted-7f3a".into() })]
#[case::token(Auth::Bearer("planted-7f3a".into()))]
#[tokio::test]
async fn credentials_that_a_proxy_repeats_are_left_out(#[case] auth: Auth) {
    let server = crate::server().await;
    Mock::given(path("/v1/drivers"))
        .respond_with(|request: &Request| {
            let said = header(request, "authorization").unwrap();
            let words = format!("bad gateway; you sent {said}, which is planted-7f3a");
            ResponseTemplate::new(400).set_body_string(words)
        })
        .mount(&server)
        .await;

    let refused: Error = builder(&server, auth)
        .build()
        .unwrap()
        .send(&ListDrivers)
        .await
        .unwrap_err();

    let shown = format!("{refused} {refused:?}");
    assert!(shown.contains("you sent"), "{shown}");
    for secret in ["planted-7f3a", "YWRtaW46cGxhbnRlZC03ZjNh"] {
        assert!(!shown.contains(secret), "{shown}");
    }
}

#[test]
fn nothing_that_is_shown_holds_a_secret() {
    set_up();
    let secret = || SecretString::from("planted-7f3a");
    for auth in [
        Auth::Bearer(secret()),
        Auth::Basic {
            username: "admin".to_owned(),
            password: secret(),
        },
    ] {
        let endpoint = "http://admin:planted-7f3a@ironic.example/?token=planted-7f3a";
        let builder = Ironic::builder(endpoint.parse().unwrap()).auth(auth.clone());
        let sane = Ironic::builder("http://ironic.example".parse().unwrap()).auth(auth);
        let shown = format!(
            "{builder:?} {:#?} {:?}",
            sane,
            sane.clone().build().unwrap()
        );
        assert!(shown.contains("ironic.example"), "{shown}");
        assert!(!shown.contains("planted"), "{shown}");
    }
}
