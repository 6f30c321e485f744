//! No error shows a secret, whatever Ironic says.

use std::error::Error as _;

use ironic_client::Error;
use ironic_client::types::calls::{CreateNode, PatchNode};
use ironic_client::types::{DriverInfo, NewNode, Patch};
use rstest::rstest;
use secrecy::SecretString;
use serde_json::json;
use wiremock::ResponseTemplate;

use crate::{NODE, answer, client, fault, node, server};

const PLANTED: &str = "planted-7f3a";

#[track_caller]
fn check(refused: &Error) {
    let cause = refused.source().map(ToString::to_string);
    let shown = format!(
        "{refused} {refused:?} {refused:#?} {cause:?} {:?}",
        refused.message()
    );
    assert!(!shown.contains(PLANTED), "{shown}");
}

#[rstest]
#[case::as_ironic_repeats_a_patch(
    "Couldn't apply patch '{'op': 'add', 'path': '/driver_info/a/b', 'value': 'planted-7f3a'}'. \
     Reason: member 'a' not found in {'redfish_password': 'planted-7f3a'}"
)]
#[case::as_ironic_repeats_a_value("Schema error for patch: 'planted-7f3a' is not of type 'object'")]
#[tokio::test]
async fn a_secret_that_ironic_repeats_is_left_out(#[case] words: &str) {
    let server = server().await;
    answer(
        &server,
        "PATCH",
        &format!("/v1/nodes/{NODE}"),
        fault(400, words),
    )
    .await;
    let patch = Patch::new().add("/driver_info/a/b", SecretString::from(PLANTED));

    let call = PatchNode {
        node: node(),
        patch,
    };
    let refused = client(&server).send(&call).await.unwrap_err();

    assert_eq!(refused.status(), Some(400));
    assert!(refused.message().is_some());
    check(&refused);
}

fn create() -> CreateNode {
    CreateNode {
        node: NewNode {
            driver: "redfish".to_owned(),
            driver_info: DriverInfo::new().with("redfish_password", SecretString::from(PLANTED)),
            ..NewNode::default()
        },
    }
}

#[rstest]
#[case::in_an_error(ResponseTemplate::new(502).set_body_string("you sent planted-7f3a"))]
#[case::in_an_answer(ResponseTemplate::new(201).set_body_json(json!({"uuid": PLANTED})))]
#[case::in_no_json(ResponseTemplate::new(201).set_body_string(PLANTED))]
#[tokio::test]
async fn a_secret_that_something_else_repeats_is_left_out(#[case] response: ResponseTemplate) {
    let server = server().await;
    answer(&server, "POST", "/v1/nodes", response).await;
    let refused = client(&server).send(&create()).await.unwrap_err();
    check(&refused);
}

#[tokio::test]
async fn a_secret_is_in_no_error_about_a_lost_connection() {
    let server = server().await;
    let ironic = client(&server);
    ironic.versions().await.unwrap();
    drop(server);
    let refused = ironic.send(&create()).await.unwrap_err();
    check(&refused);
}
