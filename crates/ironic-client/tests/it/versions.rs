//! Which version is spoken, and what happens if there is none.

use ironic_client::types::calls::{GetNode, ListDrivers};
use ironic_client::types::{
    Call, Drivers, FLOOR, Method, Microversion, VersionError, VersionRange,
};
use ironic_client::{Error, ErrorKind};
use serde_json::json;
use wiremock::ResponseTemplate;

use crate::{
    VERSION_HEADER, answer, asked, client, fault, header, node, root, server, server_up_to,
    times_asked_for_root,
};

/// A call that needs a version above the floor; none of the client's own does yet.
struct Young;

impl Call for Young {
    type Body = ();
    type Response = Drivers;
    const NAME: &'static str = "do what is new";
    const MIN_VERSION: Microversion = Microversion::v1(110);

    fn method(&self) -> Method {
        Method::Get
    }

    fn path(&self) -> String {
        "/v1/drivers".to_owned()
    }
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
    answer(&server, "GET", "/v1/drivers", drivers()).await;

    client(&server).send(&Young).await.unwrap();

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
        needed,
        found,
    } = source
    else {
        panic!("{source:?}");
    };
    assert_eq!(
        (*what, *needed, found.max),
        ("list drivers", FLOOR, Microversion::v1(72))
    );
    assert!(!refused.is_unavailable());
    assert_eq!(refused.status(), None);
    assert!(asked(&server).await.is_empty());
}

#[tokio::test]
async fn a_server_that_was_upgraded_is_asked_again_before_a_call_is_given_up() {
    let server = server_up_to("1.95").await;
    answer(&server, "GET", "/v1/drivers", drivers()).await;
    let ironic = client(&server);
    ironic.send(&Young).await.unwrap_err();

    server.reset().await;
    let newer = ResponseTemplate::new(200).set_body_json(root("1.1", "1.115"));
    answer(&server, "GET", "/", newer).await;
    answer(&server, "GET", "/v1/drivers", drivers()).await;

    ironic.send(&Young).await.unwrap();
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
    answer(&server, "GET", "/v1/drivers", fault(406, words)).await;
    let refused = ironic.send(&Young).await.unwrap_err();

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
    assert!(!ironic.supports(Young.required_version()).await.unwrap());
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

#[tokio::test]
async fn a_server_that_is_too_old_is_told_in_words() {
    let server = server_up_to("1.95").await;
    let refused = client(&server).send(&Young).await.unwrap_err();
    assert_eq!(
        refused.in_words(),
        "could not do what is new: no version in common with this Ironic: `do what is new` needs \
         version 1.110 of Ironic's API, this Ironic offers 1.1 to 1.95"
    );
    assert_eq!(refused.kind(), ErrorKind::Unsupported);
}
