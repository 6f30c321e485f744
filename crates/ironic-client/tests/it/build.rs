//! How a client is made.

use ironic_client::types::calls::ListDrivers;
use ironic_client::{BuildError, Ironic};
use rstest::rstest;
use serde_json::json;
use wiremock::matchers::path;
use wiremock::{Mock, MockServer, ResponseTemplate};

use crate::{answer, root, set_up};

#[rstest]
fn the_endpoint_is_taken_with_or_without_the_version(
    #[values("", "/", "/v1", "/v1/", "//")] path: &str,
) {
    set_up();
    let endpoint = format!("https://ironic.example:6385{path}")
        .parse()
        .unwrap();
    let ironic = Ironic::builder(endpoint).build().unwrap();
    let shown = format!("{ironic:?}");
    assert!(
        shown.contains("\"https://ironic.example:6385/\""),
        "{shown}"
    );
}

#[rstest]
#[tokio::test]
async fn an_ironic_below_a_path_is_reached(
    #[values("/baremetal", "/baremetal/", "/baremetal/v1")] below: &str,
) {
    set_up();
    let server = MockServer::start().await;
    Mock::given(path("/baremetal/"))
        .respond_with(ResponseTemplate::new(200).set_body_json(root("1.1", "1.115")))
        .mount(&server)
        .await;
    let drivers = ResponseTemplate::new(200).set_body_json(json!({"drivers": []}));
    answer(&server, "GET", "/baremetal/v1/drivers", drivers).await;

    let endpoint = format!("{}{below}", server.uri()).parse().unwrap();
    let ironic = Ironic::builder(endpoint).build().unwrap();
    ironic.send(&ListDrivers).await.unwrap();
}

#[rstest]
#[case::scheme("ftp://ironic.example/", "neither http nor https")]
#[case::no_host("mailto:root@ironic.example", "neither http nor https")]
#[case::user("http://admin@ironic.example/", "user name or a password")]
#[case::password("http://:planted-7f3a@ironic.example/", "user name or a password")]
#[case::query("http://ironic.example/?a=planted-7f3a", "query or a fragment")]
#[case::fragment("http://ironic.example/#a", "query or a fragment")]
fn what_is_no_endpoint_is_refused_without_being_repeated(
    #[case] endpoint: &str,
    #[case] problem: &str,
) {
    set_up();
    let refused = Ironic::builder(endpoint.parse().unwrap())
        .build()
        .unwrap_err();
    assert!(matches!(refused, BuildError::Endpoint { .. }));
    let shown = format!("{refused} {refused:?}");
    assert!(shown.contains(problem), "{shown}");
    assert!(!shown.contains("planted"), "{shown}");
}
