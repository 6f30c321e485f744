//! What a caller can tell apart.

use std::error::Error as _;
use std::time::Duration;

use ironic_client::types::Patch;
use ironic_client::types::calls::{GetNode, PatchNode};
use ironic_client::{Error, Ironic};
use rstest::rstest;
use wiremock::matchers::path;
use wiremock::{Mock, MockServer, ResponseTemplate};

use crate::{NODE, answer, client, fault, node, server, set_up};

/// The error that a caller gets for this answer.
async fn refusal(response: ResponseTemplate) -> Error {
    let server = server().await;
    answer(&server, "PATCH", &format!("/v1/nodes/{NODE}"), response).await;
    let patch = Patch::new().add("/extra/a", 1);
    let call = PatchNode {
        node: node(),
        patch,
    };
    client(&server).send(&call).await.unwrap_err()
}

#[tokio::test]
async fn a_refusal_carries_all_that_is_needed_to_find_it_in_ironics_log() {
    let words = "A node with name metal~host-0 already exists.";
    let refused = refusal(fault(409, words)).await;

    let Error::Api(api) = &refused else {
        panic!("{refused:?}");
    };
    assert_eq!(api.method.as_str(), "PATCH");
    assert_eq!(api.path, format!("/v1/nodes/{NODE}"));
    assert_eq!(api.status, 409);
    assert_eq!(api.request_id.as_deref(), Some("req-1"));
    assert_eq!(refused.message(), Some(words));
    assert_eq!(
        refused.to_string(),
        format!(
            "could not patch node: PATCH /v1/nodes/{NODE} was answered 409 (request req-1): {words}"
        ),
    );
    assert!(refused.source().is_none());
}

#[tokio::test]
async fn the_older_request_id_header_is_read_as_well() {
    let response = ResponseTemplate::new(500).insert_header("openstack-request-id", "req-old");
    let refused = refusal(response).await;
    assert!(
        refused
            .to_string()
            .ends_with("was answered 500 (request req-old)"),
        "{refused}"
    );
    assert_eq!(refused.message(), None);
}

#[tokio::test]
async fn a_locked_node_is_no_conflict() {
    let words = "Node 53ef9ae8 is locked by host conductor-1, please retry after the current \
                 operation is completed.";
    let refused = refusal(fault(409, words)).await;
    assert!(refused.is_locked());
    assert!(!refused.is_conflict());
    assert_eq!(refused.locked_by(), Some("conductor-1"));
}

#[rstest]
#[case("A volume target with boot index '0' for the same node already exists.")]
#[case("A port with MAC address 52:54:00:e2:e0:01 already exists.")]
#[case("")]
#[tokio::test]
async fn another_conflict_is_no_lock(#[case] words: &str) {
    let refused = refusal(fault(409, words)).await;
    assert!(refused.is_conflict());
    assert!(!refused.is_locked());
}

#[tokio::test]
async fn words_about_a_lock_in_another_status_are_no_lock() {
    let refused = refusal(fault(
        400,
        "Node x is locked by host y, please retry later.",
    ))
    .await;
    assert!(!refused.is_locked());
}

#[tokio::test]
async fn what_does_not_exist_is_not_found() {
    let refused = refusal(fault(404, "Node nobody could not be found.")).await;
    assert!(refused.is_not_found());
    assert!(!refused.is_unavailable());
    assert_eq!(refused.status(), Some(404));
}

#[tokio::test]
async fn a_404_of_a_proxy_is_no_word_of_ironics() {
    let refused = refusal(ResponseTemplate::new(404).set_body_string("default backend")).await;
    assert!(!refused.is_not_found());
    assert!(refused.is_unavailable());
}

#[tokio::test]
async fn the_same_trouble_has_the_same_words_each_time() {
    let words = async |id: &str| {
        let answer = fault(500, "no conductor").insert_header("x-openstack-request-id", id);
        refusal(answer).await.in_words()
    };
    assert_eq!(words("req-1").await, "no conductor");
    assert_eq!(words("req-1").await, words("req-2").await);
}

#[rstest]
fn a_server_that_is_not_ready_is_unavailable(#[values(502, 503, 504)] status: u16) {
    let refused = runtime().block_on(refusal(ResponseTemplate::new(status)));
    assert!(refused.is_unavailable());
}

#[rstest]
fn a_server_that_failed_is_not_unavailable(#[values(400, 500)] status: u16) {
    let refused = runtime().block_on(refusal(ResponseTemplate::new(status)));
    assert!(!refused.is_unavailable());
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap()
}

#[tokio::test]
async fn a_server_that_is_gone_is_unavailable() {
    set_up();
    // Bound, so that nobody else listens there, and closed.
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let endpoint = format!("http://{address}/").parse().unwrap();
    let ironic = Ironic::builder(endpoint).build().unwrap();

    let ident = node().into();
    let refused = ironic.send(&GetNode { ident }).await.unwrap_err();

    assert!(refused.is_unavailable());
    assert_eq!(refused.status(), None);
    assert_eq!(
        refused.to_string(),
        format!("could not get root document: no answer from {address} to GET /")
    );
    let cause = refused.source().unwrap().to_string();
    assert!(
        !cause.contains(&address.to_string()),
        "no addresses: {cause}"
    );
}

#[tokio::test]
async fn a_server_that_takes_too_long_is_unavailable() {
    set_up();
    let server = MockServer::start().await;
    Mock::given(path("/"))
        .respond_with(ResponseTemplate::new(200).set_delay(Duration::from_mins(10)))
        .mount(&server)
        .await;
    let ironic = Ironic::builder(server.uri().parse().unwrap())
        .timeout(Duration::from_millis(50))
        .build()
        .unwrap();

    let ident = node().into();
    let refused = ironic.send(&GetNode { ident }).await.unwrap_err();
    assert!(refused.is_unavailable());
}

#[tokio::test]
async fn an_answer_that_is_not_understood_says_where() {
    let response = ResponseTemplate::new(200)
        .insert_header("x-openstack-request-id", "req-2")
        .set_body_json(serde_json::json!({"name": "no uuid"}));
    let refused = refusal(response).await;
    assert_eq!(
        refused.to_string(),
        format!("could not read the answer 200 to PATCH /v1/nodes/{NODE} (request req-2)"),
    );
    let cause = refused.source().unwrap().to_string();
    assert!(cause.starts_with("missing field `uuid`"), "{cause}");
    assert!(!refused.is_unavailable());
}
