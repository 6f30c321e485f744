//! Which version is spoken, and what happens if there is none.

use ironic_client::types::calls::{
    AbortDeployment, GetNode, GetVirtualMedia, ListDrivers, ListNodes, PatchNode, PatchPort,
};
use ironic_client::types::{Call, FLOOR, Microversion, Patch, VersionError, VersionRange};
use ironic_client::{Error, ErrorKind};
use serde_json::json;
use wiremock::ResponseTemplate;

use crate::{
    NODE, VERSION_HEADER, answer, asked, client, fault, header, node, root, server, server_up_to,
    times_asked_for_root,
};

/// A call that needs a version above the floor, 1.110.
fn young() -> AbortDeployment {
    AbortDeployment { node: node() }
}

fn young_path() -> String {
    young().path()
}

fn accepted() -> ResponseTemplate {
    ResponseTemplate::new(202)
}

fn drivers() -> ResponseTemplate {
    ResponseTemplate::new(200).set_body_json(json!({"drivers": []}))
}

#[tokio::test]
async fn the_root_document_is_read_once_and_without_a_version() {
    let server = server().await;
    answer(&server, "GET", "/v1/drivers", drivers()).await;
    let ironic = client(&server);

    for _ in 0..3 {
        ironic.clone().send(&ListDrivers).await.unwrap();
    }

    assert_eq!(times_asked_for_root(&server).await, 1);
    let requests = server.received_requests().await.unwrap();
    assert_eq!(header(&requests[0], VERSION_HEADER), None);
    let known = VersionRange {
        min: Microversion::v1(1),
        max: Microversion::v1(115),
    };
    assert_eq!(ironic.versions().await.unwrap(), known);
    assert_eq!(times_asked_for_root(&server).await, 1);
}

#[tokio::test]
async fn a_call_that_needs_more_than_the_floor_gets_it() {
    let server = server().await;
    answer(&server, "PUT", &young_path(), accepted()).await;

    client(&server).send(&young()).await.unwrap();

    let [request] = asked(&server).await.try_into().unwrap();
    assert_eq!(header(&request, VERSION_HEADER), Some("1.110"));
}

#[tokio::test]
async fn a_server_that_is_too_old_is_told_apart_and_asked_for_nothing() {
    let server = server_up_to("1.72").await;

    let refused = client(&server).send(&ListDrivers).await.unwrap_err();

    let Error::Version { source, .. } = &refused else {
        panic!("{refused:?}");
    };
    let VersionError::TooOld {
        what,
        feature,
        needed,
        found,
    } = source
    else {
        panic!("{source:?}");
    };
    assert_eq!(
        (*what, *feature, *needed, found.max),
        ("list drivers", None, FLOOR, Microversion::v1(72))
    );
    assert!(!refused.is_unavailable());
    assert_eq!(refused.status(), None);
    assert!(asked(&server).await.is_empty());
}

#[tokio::test]
async fn a_server_that_was_upgraded_is_asked_again_before_a_call_is_given_up() {
    let server = server_up_to("1.95").await;
    let ironic = client(&server);
    ironic.send(&young()).await.unwrap_err();

    server.reset().await;
    let newer = ResponseTemplate::new(200).set_body_json(root("1.1", "1.115"));
    answer(&server, "GET", "/", newer).await;
    answer(&server, "PUT", &young_path(), accepted()).await;

    ironic.send(&young()).await.unwrap();
}

#[tokio::test]
async fn a_server_that_refuses_a_version_is_asked_again_what_it_speaks() {
    let server = server().await;
    let ironic = client(&server);
    ironic.versions().await.unwrap();

    // Replaced by an older one.
    server.reset().await;
    let older = ResponseTemplate::new(200).set_body_json(root("1.1", "1.100"));
    answer(&server, "GET", "/", older).await;
    let words = "Version 1.110 was requested but the minor version is not supported.";
    answer(&server, "PUT", &young_path(), fault(406, words)).await;
    let refused = ironic.send(&young()).await.unwrap_err();

    assert!(matches!(refused, Error::Version { .. }), "{refused:?}");
    assert_eq!(ironic.versions().await.unwrap().max, Microversion::v1(100));
    assert_eq!(times_asked_for_root(&server).await, 1);
    assert_eq!(
        asked(&server).await.len(),
        1,
        "there is nothing to send it again in"
    );
}

#[tokio::test]
async fn a_406_of_another_cause_is_an_error_and_not_repeated() {
    let server = server().await;
    answer(
        &server,
        "GET",
        &format!("/v1/nodes/{}", node()),
        fault(406, "Not acceptable."),
    )
    .await;

    let ident = node().into();
    let refused = client(&server).send(&GetNode { ident }).await.unwrap_err();

    assert_eq!(refused.status(), Some(406));
    assert_eq!(asked(&server).await.len(), 1);
}

#[tokio::test]
async fn a_root_document_that_is_none_is_an_error_with_its_cause() {
    let server = wiremock::MockServer::start().await;
    let page = ResponseTemplate::new(200).set_body_string("<html>Welcome to nginx!</html>");
    answer(&server, "GET", "/", page).await;

    let refused = client(&server).send(&ListDrivers).await.unwrap_err();

    assert_eq!(
        refused.to_string(),
        "could not read the answer 200 to GET /"
    );
    assert!(matches!(refused, Error::Decode { .. }), "{refused:?}");
}

#[tokio::test]
async fn it_can_be_asked_whether_a_server_is_new_enough() {
    let server = server_up_to("1.95").await;
    let ironic = client(&server);

    for (needed, expected) in [(1, true), (89, true), (95, true), (96, false)] {
        let supported = ironic.supports(Microversion::v1(needed)).await.unwrap();
        assert_eq!(supported, expected, "1.{needed}");
    }
    assert!(!ironic.supports(young().required_version()).await.unwrap());
    // Once for all that it speaks, and once for each that it does not.
    assert_eq!(times_asked_for_root(&server).await, 3);
}

#[tokio::test]
async fn a_server_that_is_older_than_the_floor_supports_nothing() {
    let server = server_up_to("1.72").await;
    let supported = client(&server).supports(Microversion::v1(1)).await.unwrap();
    assert!(!supported);
}

#[tokio::test]
async fn a_server_that_says_nothing_is_not_taken_for_an_old_one() {
    let server = wiremock::MockServer::start().await;
    answer(&server, "GET", "/", fault(500, "Broken.")).await;
    let refused = client(&server).supports(FLOOR).await.unwrap_err();
    assert_eq!(refused.status(), Some(500));
}

async fn refused_in_words(call: impl Call) -> String {
    let server = server_up_to("1.90").await;
    let refused = client(&server).send(&call).await.err().unwrap();
    assert_eq!(refused.kind(), ErrorKind::Unsupported);
    assert_eq!(
        (refused.method(), refused.path()),
        (call.method(), call.path().as_str())
    );
    assert!(asked(&server).await.is_empty());
    refused.in_words()
}

#[tokio::test]
async fn a_server_that_is_too_old_is_told_the_feature_the_version_and_what_there_is() {
    let call = PatchNode {
        node: node(),
        patch: Patch::new().add("/disable_power_off", true),
    };
    assert_eq!(
        refused_in_words(call).await,
        "could not patch node: no version in common with this Ironic for PATCH \
         /v1/nodes/53ef9ae8-6f94-4dcd-bf11-2554189f29bb: `patch node` needs `disable_power_off` of a node, version 1.95 of Ironic's API; \
         this Ironic offers 1.1 to 1.90"
    );
}

#[tokio::test]
async fn the_feature_is_that_of_what_the_call_asks_for() {
    let patch = PatchPort {
        port: NODE.parse().unwrap(),
        patch: Patch::new().add("/description", "left"),
    };
    for (words, feature) in [
        (
            refused_in_words(patch).await,
            "`patch port` needs `description` of a port, version 1.97 ",
        ),
        (
            refused_in_words(young()).await,
            "needs the verb `abort` for a deployment that waits for the machine, \
             version 1.110 ",
        ),
        (
            refused_in_words(GetVirtualMedia { node: node() }).await,
            "needs reading which virtual media is attached, version 1.93 ",
        ),
        (
            refused_in_words(ListNodes {
                instance_name: Some("a".to_owned()),
                ..ListNodes::default()
            })
            .await,
            "`list nodes` needs `instance_name` of a node, and nodes listed by it, version 1.104 ",
        ),
    ] {
        assert!(words.contains(feature), "{words}");
    }
}
