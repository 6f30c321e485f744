//! What goes over the wire.

use ironic_client::types::calls::{
    CreateTarget, DeleteNode, GetNode, ListPorts, SetProvisionState,
};
use ironic_client::types::{
    Empty, IscsiTargetProperties, NewVolumeTarget, ProvisionVerb, VolumeType,
};
use secrecy::SecretString;
use serde_json::{Map, Value, json};
use wiremock::ResponseTemplate;

use crate::{NODE, VERSION_HEADER, answer, asked, client, header, node, server};

#[tokio::test]
async fn a_request_says_which_version_it_speaks_and_what_it_takes() {
    let server = server().await;
    let body = json!({"uuid": NODE, "name": "metal~host-0"});
    let response = ResponseTemplate::new(200).set_body_json(body);
    answer(&server, "GET", "/v1/nodes/metal~host-0", response).await;

    let call = GetNode {
        ident: "metal~host-0".into(),
    };
    let read = client(&server).send(&call).await.unwrap();

    assert_eq!(
        (read.uuid, read.name.as_deref()),
        (node(), Some("metal~host-0"))
    );
    let [request] = asked(&server).await.try_into().unwrap();
    assert_eq!(header(&request, VERSION_HEADER), Some("1.89"));
    assert_eq!(header(&request, "accept"), Some("application/json"));
    assert_eq!(header(&request, "content-type"), None);
    assert!(
        header(&request, "user-agent")
            .unwrap()
            .starts_with("ironic-client/")
    );
    assert!(request.body.is_empty());
}

#[tokio::test]
async fn a_body_is_sent_as_json_with_its_secrets() {
    let server = server().await;
    let body = json!({
        "uuid": "974b4143-8230-4049-bd67-570f6435175d",
        "node_uuid": NODE,
        "volume_type": "iscsi",
        "volume_id": "vol-1",
        "boot_index": 0,
        "properties": {"auth_password": "******"},
    });
    let response = ResponseTemplate::new(201).set_body_json(body);
    answer(&server, "POST", "/v1/volume/targets", response).await;

    let target = NewVolumeTarget {
        uuid: None,
        node_uuid: node(),
        volume_type: VolumeType::Iscsi,
        volume_id: "vol-1".to_owned(),
        boot_index: 0,
        properties: IscsiTargetProperties {
            target_iqn: "iqn.2026-11.example:vol-1".to_owned(),
            target_portal: "192.0.2.1:3260".to_owned(),
            target_lun: 1,
            auth_method: "CHAP".to_owned(),
            auth_username: "chapuser".to_owned(),
            auth_password: SecretString::from("chap-secret"),
            ..IscsiTargetProperties::default()
        }
        .into(),
        extra: Map::new(),
    };
    let created = client(&server)
        .send(&CreateTarget { target })
        .await
        .unwrap();

    assert_eq!(created.properties["auth_password"], "******");
    let [request] = asked(&server).await.try_into().unwrap();
    assert_eq!(header(&request, "content-type"), Some("application/json"));
    let sent: Value = request.body_json().unwrap();
    assert_eq!(sent["properties"]["auth_password"], "chap-secret");
    assert_eq!(sent["properties"]["target_lun"], 1);
}

#[tokio::test]
async fn a_query_is_encoded() {
    let server = server().await;
    let response = ResponseTemplate::new(200).set_body_json(json!({"ports": []}));
    answer(&server, "GET", "/v1/ports", response).await;

    let call = ListPorts {
        address: Some("52:54:00:e2:e0:01 &?".to_owned()),
        ..ListPorts::default()
    };
    client(&server).send(&call).await.unwrap();

    let [request] = asked(&server).await.try_into().unwrap();
    let query: Vec<_> = request.url.query_pairs().into_owned().collect();
    assert_eq!(
        query,
        [("address".to_owned(), "52:54:00:e2:e0:01 &?".to_owned())]
    );
}

#[tokio::test]
async fn a_name_with_special_characters_stays_one_segment() {
    let server = server().await;
    let name = "a/b c%?";
    let response = ResponseTemplate::new(200).set_body_json(json!({"uuid": NODE}));
    answer(&server, "GET", "/v1/nodes/a%2Fb%20c%25%3F", response).await;

    let ident = name.into();
    client(&server).send(&GetNode { ident }).await.unwrap();
}

#[tokio::test]
async fn answers_without_a_body_are_answers() {
    let server = server().await;
    let provision = format!("/v1/nodes/{NODE}/states/provision");
    answer(&server, "PUT", &provision, ResponseTemplate::new(202)).await;
    answer(
        &server,
        "DELETE",
        &format!("/v1/nodes/{NODE}"),
        ResponseTemplate::new(204),
    )
    .await;
    let ironic = client(&server);

    let target = ProvisionVerb::Active;
    let accepted = ironic
        .send(&SetProvisionState {
            node: node(),
            target,
        })
        .await;
    assert_eq!(accepted.unwrap(), Empty);
    let gone = ironic.send(&DeleteNode { node: node() }).await;
    assert_eq!(gone.unwrap(), Empty);
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let server = server().await;
    let elsewhere = ResponseTemplate::new(302).insert_header("location", "/v1/nodes/other");
    answer(&server, "GET", &format!("/v1/nodes/{NODE}"), elsewhere).await;

    let ident = node().into();
    let refused = client(&server).send(&GetNode { ident }).await.unwrap_err();

    assert_eq!(refused.status(), Some(302));
    assert_eq!(asked(&server).await.len(), 1);
}

#[tokio::test]
async fn a_request_can_be_made_on_any_thread() {
    fn movable<T: Send>(future: T) -> T {
        future
    }
    let server = server().await;
    let ironic = client(&server);
    drop(movable(ironic.send(&DeleteNode { node: node() })));
    drop(movable(ironic.list_all(&ListPorts::default())));
}
