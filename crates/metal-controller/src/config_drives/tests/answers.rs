//! Who gets a drive, and what the others are told.

use std::time::Duration;

use axum::body::to_bytes;
use axum::http::header::{CACHE_CONTROL, CONTENT_LENGTH, CONTENT_TYPE};
use axum::http::{HeaderMap, Method, StatusCode};

use super::*;
use crate::testing::Logs;

/// An answer with its whole body.
struct Answered {
    status: StatusCode,
    headers: HeaderMap,
    body: Vec<u8>,
}

async fn ask(answers: &Answers, method: Method, path: &str) -> Answered {
    let response = answers.answer(&method, path).await;
    let (parts, body) = response.into_parts();
    Answered {
        status: parts.status,
        headers: parts.headers,
        body: to_bytes(body, usize::MAX).await.unwrap().to_vec(),
    }
}

async fn get(answers: &Answers, path: &str) -> Answered {
    ask(answers, Method::GET, path).await
}

/// Neither a drive nor a word, and none in the log either that only its owner may read.
#[track_caller]
fn assert_refused(answered: &Answered, status: StatusCode) {
    assert_eq!(answered.status, status);
    assert_eq!(answered.body, b"");
    for header in [CACHE_CONTROL, CONTENT_TYPE] {
        assert_eq!(answered.headers.get(header), None);
    }
}

fn contains(bytes: &[u8], text: &str) -> bool {
    bytes
        .windows(text.len())
        .any(|window| window == text.as_bytes())
}

#[tokio::test]
async fn any_replica_sends_the_drive_to_who_has_its_url() {
    let world = World::begin();
    let path = world.path().await;
    let answered = get(&world.answers(), &path).await;
    assert_eq!(answered.status, StatusCode::OK);
    assert!(contains(&answered.body, PLANTED));
    assert!(contains(&answered.body, r#""metal3-name":"node-0""#));
    assert_eq!(answered.headers[CACHE_CONTROL], "no-store");
    assert_eq!(
        answered.headers[CONTENT_TYPE],
        "application/x-iso9660-image"
    );
    let size = answered.body.len().to_string();
    assert_eq!(answered.headers[CONTENT_LENGTH], size.as_str());
    // Nothing is kept and nothing is used up.
    assert_eq!(get(&world.answers(), &path).await.body, answered.body);
}

#[tokio::test]
async fn head_has_the_headers_of_get_and_no_body() {
    let world = World::begin();
    let (answers, path) = (world.answers(), world.path().await);
    let head = ask(&answers, Method::HEAD, &path).await;
    let get = get(&answers, &path).await;
    assert_eq!((head.status, head.headers), (get.status, get.headers));
    assert_eq!(head.body, b"");
}

#[rstest]
#[case("https://ironboot.example", "")]
#[case("https://ironboot.example/", "")]
#[case("https://ironboot.example/below/", "/below")]
#[case("https://ironboot.example/below/more", "/below/more")]
#[tokio::test]
async fn whoever_is_in_between_may_take_the_folder_off(#[case] url: &str, #[case] folder: &str) {
    let world = World::at(Some(url));
    let (answers, path) = (world.answers(), world.path().await);
    let below = path.strip_prefix(folder).unwrap();
    assert!(below.starts_with("/config-drive/"), "{path}");
    assert_eq!(get(&answers, &path).await.status, StatusCode::OK);
    assert_eq!(get(&answers, below).await.status, StatusCode::OK);
}

#[rstest]
#[case(Duration::from_secs(590), StatusCode::OK)]
#[case(Duration::from_secs(610), StatusCode::NOT_FOUND)]
#[tokio::test]
async fn a_url_is_good_for_ten_minutes(#[case] after: Duration, #[case] expected: StatusCode) {
    let world = World::begin();
    let (mut answers, path) = (world.answers(), world.path().await);
    answers.set_clock(Clock::Virtual {
        began: tokio::time::Instant::now(),
        epoch: Clock::System.now() + after,
    });
    assert_eq!(get(&answers, &path).await.status, expected);
}

#[tokio::test]
async fn a_url_ends_with_the_data_that_it_was_signed_for() {
    let world = World::begin();
    let (answers, path) = (world.answers(), world.path().await);
    world.secret("user-data", &[("value", "other")]);
    assert_refused(&get(&answers, &path).await, StatusCode::NOT_FOUND);
    // What was there before is there again: it is the same drive.
    world.secret("user-data", &[("value", PLANTED)]);
    assert_eq!(get(&answers, &path).await.status, StatusCode::OK);
    world.host(&json!({"userData": null}));
    assert_refused(&get(&answers, &path).await, StatusCode::NOT_FOUND);
    world.host(&json!({"userData": {"name": "nobody"}}));
    assert_refused(&get(&answers, &path).await, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_url_ends_with_its_host_and_is_of_no_use_for_another_of_the_same_name() {
    let world = World::begin();
    let (answers, path) = (world.answers(), world.path().await);
    world.kubernetes.delete(&key("baremetalhosts", NAME));
    assert_refused(&get(&answers, &path).await, StatusCode::NOT_FOUND);
    world.host(&json!({"userData": {"name": "user-data"}}));
    assert_refused(&get(&answers, &path).await, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_url_of_another_installation_is_refused() {
    let path = World::begin().path().await;
    let answered = get(&World::begin().answers(), &path).await;
    assert_refused(&answered, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn no_other_path_leads_to_a_drive() {
    let world = World::begin();
    let (answers, path) = (world.answers(), world.path().await);
    let file = path.rsplit('/').next().unwrap();
    let expiry = path.rsplit('/').nth(1).unwrap();
    let later = (expiry.parse::<i64>().unwrap() + 1).to_string();
    for other in [
        "/".to_owned(),
        String::new(),
        "/metrics".to_owned(),
        "/config-drive/".to_owned(),
        "/config-drive/../../etc/passwd".to_owned(),
        format!("/config-drive/metal/node-0/{file}"),
        path.replace("/node-0/", "/node-1/"),
        path.replace("/metal/", "/other/"),
        path.replace("/metal/", "/../metal/"),
        path.replace("/metal/", "/%6detal/"),
        path.replace("/metal/", "//metal/"),
        path.replace(expiry, &later),
        path.replace(".iso", ""),
        path.replace(".iso", ".ISO"),
        path.to_uppercase(),
        format!("{path}/"),
        format!("/config-drive{path}"),
    ] {
        assert_ne!(other, path);
        assert_refused(&get(&answers, &other).await, StatusCode::NOT_FOUND);
    }
}

#[tokio::test]
async fn who_has_no_url_of_ours_makes_nobody_ask_kubernetes() {
    let world = World::begin();
    let answers = world.answers();
    for path in ["/", "/config", "/healthz"] {
        assert_refused(&get(&answers, path).await, StatusCode::NOT_FOUND);
    }
    assert_eq!(world.kubernetes.opened(), 0);
    let path = world.path().await.replace("node-0", "node-1");
    let (answers, opened) = (world.answers(), world.kubernetes.opened());
    assert_refused(&get(&answers, &path).await, StatusCode::NOT_FOUND);
    // The key, and no host's Secret.
    assert_eq!(world.kubernetes.opened(), opened + 1);
}

#[rstest]
#[case(Method::POST)]
#[case(Method::PUT)]
#[case(Method::DELETE)]
#[case(Method::OPTIONS)]
#[case(Method::TRACE)]
#[tokio::test]
async fn only_get_and_head_are_allowed(#[case] method: Method) {
    let world = World::begin();
    let (answers, path) = (world.answers(), world.path().await);
    let answered = ask(&answers, method, &path).await;
    assert_refused(&answered, StatusCode::METHOD_NOT_ALLOWED);
    assert_eq!(answered.headers["allow"], "GET, HEAD");
}

#[tokio::test]
async fn what_can_not_be_known_now_is_no_refusal() {
    let world = World::begin();
    let (answers, path) = (world.answers(), world.path().await);
    world.kubernetes.forbid_hosts_of(Some(NAMESPACE));
    let answered = get(&answers, &path).await;
    assert_refused(&answered, StatusCode::SERVICE_UNAVAILABLE);
    world.kubernetes.forbid_hosts_of(None);
    assert_eq!(get(&answers, &path).await.status, StatusCode::OK);
}

#[tokio::test]
async fn no_content_and_no_signature_is_logged() {
    let (logs, _capturing) = Logs::capture();
    let world = World::begin();
    let (mut answers, path) = (world.answers(), world.path().await);
    get(&answers, &path).await;
    ask(&answers, Method::POST, &path).await;
    get(&answers, &path.replace("node-0", "node-1")).await;
    world.secret("meta-data", &[("metaData", &format!("{PLANTED}: ["))]);
    get(&answers, &path).await;
    world.secret("meta-data", &[("metaData", "c: d")]);
    get(&answers, &path).await;
    answers.set_clock(Clock::Virtual {
        began: tokio::time::Instant::now(),
        epoch: Clock::System.now() + Duration::from_hours(1),
    });
    get(&answers, &path).await;

    let told = logs.take();
    for expected in [
        "a config drive is sent namespace=metal name=node-0",
        "neither GET nor HEAD",
        "the signature isn't ours",
        "spec.metaData: Secret meta-data can't be used: key metaData can't be read as YAML or JSON",
        "the host's data is not what the URL was signed for",
        "expired at",
    ] {
        assert!(told.contains(expected), "{expected} is not in {told}");
    }
    let signature = path.rsplit('/').next().unwrap().trim_end_matches(".iso");
    for secret in [PLANTED, signature] {
        assert!(!told.contains(secret), "{told}");
    }
}

#[tokio::test]
async fn answers_are_counted() {
    let world = World::begin();
    let (answers, path) = (world.answers(), world.path().await);
    let counted = |answer: &str, count: u32| {
        let series =
            format!("ironboot_config_drive_requests_total{{answer=\"{answer}\"}} {count}\n");
        assert!(
            world.context.metrics.text().unwrap().contains(&series),
            "{series}"
        );
    };
    for answer in ["sent", "refused", "failed"] {
        counted(answer, 0);
    }
    get(&answers, &path).await;
    ask(&answers, Method::HEAD, &path).await;
    counted("sent", 2);
    get(&answers, "/").await;
    ask(&answers, Method::POST, &path).await;
    counted("refused", 2);
    world.kubernetes.forbid_hosts_of(Some(NAMESPACE));
    get(&answers, &path).await;
    counted("failed", 1);
}
