//! Lists of many pages.

use ironic_client::Error;
use ironic_client::types::calls::ListTargets;
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
    assert!(refused.is_not_found());
}
