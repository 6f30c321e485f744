//! Lists of many pages.

use std::pin::pin;

use futures_util::{StreamExt, TryStreamExt};
use ironic_client::types::Method;
use ironic_client::types::calls::ListTargets;
use ironic_client::{Error, ErrorKind};
use serde_json::{Value, json};
use wiremock::matchers::{path, query_param, query_param_is_missing};
use wiremock::{Mock, MockServer, ResponseTemplate};

use crate::{NODE, asked, client, fault, node, server};

fn target(id: u128) -> Value {
    json!({
        "uuid": uuid(id),
        "node_uuid": NODE,
        "volume_type": "iscsi",
        "volume_id": format!("vol-{id}"),
        "boot_index": id,
    })
}

fn uuid(id: u128) -> String {
    format!("00000000-0000-0000-0000-{id:012}")
}

fn call() -> ListTargets {
    ListTargets {
        node: Some(node()),
        detail: true,
        ..ListTargets::default()
    }
}

/// As Ironic gives it: at an address of its own, and without the filter by node.
fn next(marker: u128) -> String {
    let marker = uuid(marker);
    format!("http://ironic.internal:6385/v1/volume/targets?sort_key=id&detail=True&marker={marker}")
}

async fn page(server: &MockServer, after: Option<u128>, response: ResponseTemplate) {
    let mock = Mock::given(path("/v1/volume/targets"));
    let mock = match after {
        Some(marker) => mock.and(query_param("marker", uuid(marker))),
        None => mock.and(query_param_is_missing("marker")),
    };
    mock.respond_with(response).mount(server).await;
}

fn of(targets: &[u128], next: Option<&str>) -> ResponseTemplate {
    let targets: Vec<_> = targets.iter().map(|id| target(*id)).collect();
    ResponseTemplate::new(200).set_body_json(json!({"targets": targets, "next": next}))
}

#[tokio::test]
async fn all_pages_are_read_with_the_filters_that_ironic_leaves_out_of_its_links() {
    let server = server().await;
    page(&server, None, of(&[1, 2], Some(&next(2)))).await;
    page(&server, Some(2), of(&[3, 4], Some(&next(4)))).await;
    page(&server, Some(4), of(&[], None)).await;

    let targets = client(&server).list_all(&call()).await.unwrap();

    let ids: Vec<_> = targets
        .iter()
        .map(|target| target.volume_id.as_str())
        .collect();
    assert_eq!(ids, ["vol-1", "vol-2", "vol-3", "vol-4"]);
    let requests = asked(&server).await;
    assert_eq!(requests.len(), 3);
    for request in requests {
        let query = request.url.query().unwrap();
        assert!(
            query.starts_with(&format!("node={NODE}&detail=True")),
            "{query}"
        );
    }
}

#[tokio::test]
async fn a_list_of_one_page_is_asked_for_once() {
    let server = server().await;
    page(&server, None, of(&[1], None)).await;

    assert_eq!(client(&server).list_all(&call()).await.unwrap().len(), 1);
    assert_eq!(asked(&server).await.len(), 1);
}

#[tokio::test]
async fn pages_that_lead_in_a_circle_are_an_error() {
    let server = server().await;
    page(&server, None, of(&[1], Some(&next(1)))).await;
    page(&server, Some(1), of(&[2], Some(&next(2)))).await;
    page(&server, Some(2), of(&[1], Some(&next(1)))).await;

    let refused = client(&server).list_all(&call()).await.unwrap_err();

    assert!(matches!(refused, Error::EndlessList { .. }), "{refused:?}");
    assert_eq!(
        (refused.method(), refused.path()),
        (Method::Get, "/v1/volume/targets")
    );
    assert_eq!(asked(&server).await.len(), 3);
}

#[tokio::test]
async fn half_a_list_is_an_error() {
    let server = server().await;
    page(&server, None, of(&[1], Some(&next(1)))).await;
    page(
        &server,
        Some(1),
        fault(404, "Volume target could not be found."),
    )
    .await;

    let refused = client(&server).list_all(&call()).await.unwrap_err();

    assert_eq!(refused.kind(), ErrorKind::ListChanged);
    assert!(!refused.is_not_found(), "the list is there");
    assert_eq!(refused.status(), Some(404));
    assert_eq!(
        refused.in_words(),
        "could not list volume targets: it changed while it was read"
    );
    assert_eq!(refused.message(), Some("Volume target could not be found."));
}

#[tokio::test]
async fn a_list_that_is_not_there_is_not_found() {
    let server = server().await;
    page(&server, None, fault(404, "Node could not be found.")).await;
    let refused = client(&server).list_all(&call()).await.unwrap_err();
    assert!(refused.is_not_found());
}

#[tokio::test]
async fn a_page_is_asked_for_when_the_one_before_is_used_up() {
    let server = server().await;
    page(&server, None, of(&[1, 2], Some(&next(2)))).await;
    page(&server, Some(2), of(&[], Some(&next(3)))).await;
    page(&server, Some(3), of(&[3], None)).await;
    let ironic = client(&server);

    let mut items = pin!(ironic.list(call()));
    assert!(asked(&server).await.is_empty(), "nobody wanted one yet");

    for (expected, pages) in [("vol-1", 1), ("vol-2", 1), ("vol-3", 3)] {
        let item = items.try_next().await.unwrap().unwrap();
        assert_eq!(item.volume_id, expected);
        assert_eq!(asked(&server).await.len(), pages);
    }
    assert_eq!(items.try_next().await.unwrap(), None);
    assert_eq!(asked(&server).await.len(), 3);
}

#[tokio::test]
async fn there_is_nothing_after_an_error() {
    let server = server().await;
    page(&server, None, of(&[1], Some(&next(1)))).await;
    page(&server, Some(1), fault(500, "Broken.")).await;
    let ironic = client(&server);

    let mut items = pin!(ironic.list(call()));

    assert!(items.next().await.unwrap().is_ok());
    let refused = items.next().await.unwrap().unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Failed);
    assert!(items.next().await.is_none());
}

#[tokio::test]
async fn a_list_can_be_read_on_any_thread_after_its_client_is_gone() {
    fn movable<T: Send + 'static>(stream: T) -> T {
        stream
    }
    let server = server().await;
    page(&server, None, of(&[1], None)).await;
    let items = movable(client(&server).list(call()));
    assert_eq!(items.try_collect::<Vec<_>>().await.unwrap().len(), 1);
}
