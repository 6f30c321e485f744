//! What is sent again, and what is not.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use ironic_client::types::calls::{
    CreateNode, DeleteNode, GetNode, ListDrivers, PatchNode, SetProvisionState,
};
use ironic_client::types::{Call, NewNode, Patch, ProvisionVerb};
use ironic_client::{Error, Failure, Ironic, IronicBuilder, RetryPolicy};
use rstest::rstest;
use serde_json::json;
use wiremock::matchers::path;
use wiremock::{Mock, MockServer, ResponseTemplate};

use crate::served::{Reply, Served, nothing};
use crate::{answer, asked, fault, node, root, server, set_up};

/// Four attempts, with next to no time between them.
const SOON: RetryPolicy = RetryPolicy {
    max_attempts: 4,
    first_delay: Duration::from_millis(1),
    max_delay: Duration::from_millis(2),
    total: Duration::from_hours(1),
};

fn soon(endpoint: &str) -> IronicBuilder {
    set_up();
    Ironic::builder(endpoint.parse().unwrap()).retry(SOON)
}

fn soon_at(served: &Served) -> Ironic {
    soon(&format!("http://{}", served.address)).build().unwrap()
}

/// Lets the server answer the first requests so.
async fn first(server: &MockServer, times: u64, response: ResponseTemplate) {
    Mock::given(path("/v1/drivers"))
        .respond_with(response)
        .up_to_n_times(times)
        .mount(server)
        .await;
}

fn drivers() -> ResponseTemplate {
    ResponseTemplate::new(200).set_body_json(json!({"drivers": []}))
}

fn create() -> CreateNode {
    let node = NewNode {
        driver: "fake-hardware".to_owned(),
        ..NewNode::default()
    };
    CreateNode { node }
}

fn deploy() -> SetProvisionState {
    SetProvisionState {
        node: node(),
        target: ProvisionVerb::Active,
    }
}

fn patch() -> PatchNode {
    PatchNode {
        node: node(),
        patch: Patch::new().add("/extra/a", 1),
    }
}

#[rstest]
#[tokio::test]
async fn a_reading_request_that_is_answered_not_now_is_sent_again(
    #[values(429, 502, 503, 504)] status: u16,
) {
    let server = server().await;
    first(&server, 3, ResponseTemplate::new(status)).await;
    first(&server, 1, drivers()).await;

    let ironic = soon(&server.uri()).build().unwrap();
    ironic.send(&ListDrivers).await.unwrap();

    assert_eq!(asked(&server).await.len(), 4);
}

#[tokio::test]
async fn enough_is_enough_and_the_last_answer_is_the_one_that_is_told() {
    let server = server().await;
    first(&server, 3, ResponseTemplate::new(502)).await;
    first(&server, 10, fault(503, "No conductor.")).await;

    let ironic = soon(&server.uri()).build().unwrap();
    let refused = ironic.send(&ListDrivers).await.unwrap_err();

    assert_eq!(asked(&server).await.len(), 4);
    assert_eq!(refused.message(), Some("No conductor."));
    assert!(refused.is_unavailable());
}

#[rstest]
#[tokio::test]
async fn another_answer_is_taken_as_it_is(#[values(400, 404, 409, 500)] status: u16) {
    let server = server().await;
    first(&server, 10, fault(status, "So.")).await;
    let ironic = soon(&server.uri()).build().unwrap();
    ironic.send(&ListDrivers).await.unwrap_err();
    assert_eq!(asked(&server).await.len(), 1);
}

#[tokio::test]
async fn a_locked_node_is_the_callers_to_come_back_to() {
    let server = server().await;
    let words = "Node x is locked by host conductor-1, please retry after the current operation \
                 is completed.";
    let at = format!("/v1/nodes/{}", node());
    answer(&server, "GET", &at, fault(409, words)).await;

    let ironic = soon(&server.uri()).build().unwrap();
    let ident = node().into();
    let refused = ironic.send(&GetNode { ident }).await.unwrap_err();

    assert!(refused.is_locked());
    assert_eq!(asked(&server).await.len(), 1);
}

#[rstest]
#[case::seconds("3600")]
#[case::date("Fri, 31 Dec 9999 23:59:59 GMT")]
#[tokio::test]
async fn a_server_that_asks_for_too_much_patience_gets_none(#[case] retry_after: &str) {
    let server = server().await;
    let later = ResponseTemplate::new(503).insert_header("retry-after", retry_after);
    first(&server, 10, later).await;
    let policy = RetryPolicy {
        total: Duration::from_mins(10),
        ..SOON
    };

    let ironic = soon(&server.uri()).retry(policy).build().unwrap();
    let refused = ironic.send(&ListDrivers).await.unwrap_err();

    assert_eq!(refused.status(), Some(503));
    assert_eq!(asked(&server).await.len(), 1);
}

#[rstest]
#[case::seconds("0")]
#[case::date("Sun, 06 Nov 1994 08:49:37 GMT")]
#[tokio::test]
async fn a_server_that_asks_for_no_patience_is_asked_again(#[case] retry_after: &str) {
    let server = server().await;
    let later = ResponseTemplate::new(503).insert_header("retry-after", retry_after);
    first(&server, 1, later).await;
    first(&server, 1, drivers()).await;
    let ironic = soon(&server.uri()).build().unwrap();
    ironic.send(&ListDrivers).await.unwrap();
}

#[tokio::test]
async fn the_root_document_is_asked_for_again_as_well() {
    let server = MockServer::start().await;
    let not_now = ResponseTemplate::new(503);
    Mock::given(path("/"))
        .respond_with(not_now)
        .up_to_n_times(2)
        .mount(&server)
        .await;
    let found = ResponseTemplate::new(200).set_body_json(root("1.1", "1.115"));
    answer(&server, "GET", "/", found).await;
    answer(&server, "GET", "/v1/drivers", drivers()).await;

    let ironic = soon(&server.uri()).build().unwrap();
    ironic.send(&ListDrivers).await.unwrap();
}

#[rstest]
#[case::create(create())]
#[case::provision(deploy())]
#[case::patch(patch())]
#[case::delete(DeleteNode { node: node() })]
#[tokio::test]
async fn what_changes_something_is_sent_once<C: Call>(
    #[case] call: C,
    #[values(429, 502, 503, 504)] status: u16,
) {
    let server = server().await;
    let not_now = ResponseTemplate::new(status).insert_header("retry-after", "0");
    answer(&server, call.method().as_str(), &call.path(), not_now).await;

    let ironic = soon(&server.uri()).build().unwrap();
    let refused = ironic.send(&call).await.err().unwrap();

    assert_eq!(refused.status(), Some(status));
    assert_eq!(asked(&server).await.len(), 1);
}

#[rstest]
#[case::create(create())]
#[case::provision(deploy())]
#[case::patch(patch())]
#[case::delete(DeleteNode { node: node() })]
#[tokio::test]
async fn what_changes_something_is_sent_once_though_the_connection_was_cut<C: Call>(
    #[case] call: C,
    #[values(true, false)] on_a_used_connection: bool,
) {
    let served = Served::by(async |request| {
        if request.is("GET ") {
            nothing()
        } else {
            Reply::Cut
        }
    })
    .await;
    let endpoint = format!("http://{}", served.address);
    let ironic = soon(&endpoint);
    let ironic = if on_a_used_connection {
        ironic
    } else {
        ironic.keep_alive(Duration::ZERO)
    };
    let ironic = ironic.build().unwrap();
    ironic.send(&ListDrivers).await.unwrap();

    let refused = ironic.send(&call).await.err().unwrap();

    assert!(
        matches!(
            refused,
            Error::Transport {
                failure: Failure::Lost,
                ..
            }
        ),
        "{refused:?}"
    );
    assert!(refused.is_unavailable());
    let [read, changed] = served.seen().try_into().unwrap();
    assert!(changed.is(call.method().as_str()));
    assert_eq!(changed.connection == read.connection, on_a_used_connection);
}

#[rstest]
#[case::before_the_answer(None)]
#[case::in_its_head(Some("HTTP/1.1 200 OK\r\ncontent-"))]
#[case::in_its_body(Some("HTTP/1.1 200 OK\r\ncontent-length: 15\r\n\r\n{\"driv"))]
#[tokio::test]
async fn a_reading_request_is_sent_again_if_the_connection_was_cut(
    #[case] last_words: Option<&'static str>,
) {
    let asked = AtomicU32::new(0);
    let served = Served::by(move |_| {
        let first = asked.fetch_add(1, Ordering::Relaxed) == 0;
        async move {
            match last_words {
                _ if !first => nothing(),
                Some(words) => Reply::Last(words.to_owned()),
                None => Reply::Cut,
            }
        }
    })
    .await;

    soon_at(&served).send(&ListDrivers).await.unwrap();

    assert_eq!(served.seen().len(), 2);
}

#[tokio::test]
async fn a_reading_request_is_sent_again_if_the_answer_took_too_long() {
    let asked = AtomicU32::new(0);
    let served = Served::by(move |_| {
        let first = asked.fetch_add(1, Ordering::Relaxed) == 0;
        async move {
            if first {
                std::future::pending::<()>().await;
            }
            nothing()
        }
    })
    .await;
    let endpoint = format!("http://{}", served.address);
    // Long enough for an answer that does come.
    let ironic = soon(&endpoint).timeout(Duration::from_secs(1)).build();
    ironic.unwrap().send(&ListDrivers).await.unwrap();
    assert_eq!(served.seen().len(), 2);
}

#[tokio::test]
async fn nothing_is_sent_again_if_nothing_shall_be() {
    let server = server().await;
    first(&server, 10, ResponseTemplate::new(503)).await;
    let ironic = soon(&server.uri()).retry(RetryPolicy::NEVER).build();
    ironic.unwrap().send(&ListDrivers).await.unwrap_err();
    assert_eq!(asked(&server).await.len(), 1);
}
