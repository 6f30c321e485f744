//! Volume connectors. See `ironic/api/controllers/v1/volume_connector.py` and
//! `ironic/conductor/manager.py`, `update_volume_connector` and `destroy_volume_connector`.

use anyhow::{Result, ensure};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::env::Env;
use crate::expect::{has, items, lacks};
use crate::test_node::{TestNode, uuid_of};

fn iqn() -> String {
    format!("iqn.2026-11.org.example:{}", Uuid::new_v4())
}

async fn create(node: &TestNode<'_>) -> Result<String> {
    let created = node.connector("iqn", &iqn()).await?.is(201)?;
    Ok(format!("/v1/volume/connectors/{}", uuid_of(&created)?))
}

pub(crate) async fn a_type_is_any_text(env: &Env) -> Result<()> {
    let node = env.node().await?;
    for kind in [
        "iqn",
        "ip",
        "mac",
        "wwnn",
        "wwpn",
        "port",
        "portgroup",
        "none-such",
        "",
    ] {
        let created = node.connector(kind, &iqn()).await?.is(201)?;
        has(
            &created,
            [("type", json!(kind)), ("node_uuid", json!(node.uuid))],
        )?;
    }
    Ok(())
}

pub(crate) async fn a_type_and_an_id_belong_to_one_connector(env: &Env) -> Result<()> {
    let (node, other) = (env.node().await?, env.node().await?);
    let id = iqn();
    node.connector("iqn", &id).await?.is(201)?;
    let words = format!("A volume connector with type iqn and connector ID {id} already exists.");
    for node in [&node, &other] {
        node.connector("iqn", &id).await?.refuses(409, &words)?;
    }
    other.connector("ip", &id).await?.is(201)?;
    // Letter case tells them apart, though it would not to a target.
    other
        .connector("iqn", &id.to_uppercase())
        .await?
        .is(201)
        .map(drop)
}

pub(crate) async fn a_connector_needs_a_node_that_exists_a_type_and_an_id(env: &Env) -> Result<()> {
    let node = env.node().await?;
    let path = "/v1/volume/connectors";
    for (body, words) in [
        (
            json!({"node_uuid": node.uuid, "type": "iqn"}),
            "'connector_id' is a required property",
        ),
        (
            json!({"node_uuid": node.uuid, "connector_id": "a"}),
            "'type' is a required property",
        ),
        (
            json!({"type": "iqn", "connector_id": "a"}),
            "'node_uuid' is a required property",
        ),
        (
            json!({"node_uuid": node.uuid, "type": "iqn", "connector_id": "a", "none_such": 1}),
            "Additional properties are not allowed",
        ),
    ] {
        env.api.post(path, body).await?.refuses(400, words)?;
    }
    let unknown = Uuid::new_v4().to_string();
    let body = json!({"node_uuid": unknown, "type": "iqn", "connector_id": iqn()});
    env.api.post(path, body).await?.refuses(400, &unknown)?;
    Ok(())
}

pub(crate) async fn a_list_has_all_but_extra(env: &Env) -> Result<()> {
    let node = env.node().await?;
    let body =
        json!({"node_uuid": node.uuid, "type": "iqn", "connector_id": iqn(), "extra": {"note": 1}});
    let created = env.api.post("/v1/volume/connectors", body).await?.is(201)?;
    let path = format!("/v1/volume/connectors?node={}", node.uuid);
    let plain = env.api.get(&path).await?.is(200)?;
    let connector = &items(&plain, "connectors")?[0];
    for key in ["uuid", "type", "connector_id", "node_uuid"] {
        ensure!(connector[key] == created[key], "{key}: {connector}");
    }
    lacks(connector, ["extra", "created_at"])?;
    has(
        &node.connectors().await?[0],
        [("extra", json!({"note": 1}))],
    )?;
    let unknown = Uuid::new_v4();
    env.api
        .get(&format!("/v1/volume/connectors?node={unknown}"))
        .await?
        .refuses(404, "could not be found")?;
    Ok(())
}

pub(crate) async fn a_connector_changes_only_while_the_machine_is_off(env: &Env) -> Result<()> {
    let node = env.node().await?;
    let path = create(&node).await?;
    let change = || json!([{"op": "replace", "path": "/connector_id", "value": iqn()}]);
    env.api.patch(&path, change()).await?.refuses(
        400,
        "\"volume connector update\" can not be performed on node",
    )?;
    node.power("power on").await?;
    env.api
        .patch(&path, change())
        .await?
        .refuses(400, "while it is in state \"power on\"")?;
    node.power("power off").await?;
    env.api.patch(&path, change()).await?.is(200).map(drop)
}

pub(crate) async fn a_connector_stays_while_the_machine_uses_it(env: &Env) -> Result<()> {
    let node = env.node().await?.available().await?;
    let path = create(&node).await?;
    let words = "\"volume connector deletion\" can not be performed on node";
    // Not known to be off.
    env.api.delete(&path).await?.refuses(400, words)?;
    node.power("power on").await?;
    env.api.delete(&path).await?.refuses(400, words)?;
    node.power("power off").await?;
    env.api.delete(&path).await?.is(204)?;
    env.api
        .delete(&path)
        .await?
        .refuses(404, "could not be found")?;
    Ok(())
}

pub(crate) async fn a_connector_of_a_node_that_is_not_in_use_goes_whatever_its_power(
    env: &Env,
) -> Result<()> {
    let node = env.node().await?;
    for state in ["enroll", "manageable"] {
        env.api.delete(&create(&node).await?).await?.is(204)?;
        node.power("power on").await?;
        env.api.delete(&create(&node).await?).await?.is(204)?;
        if state == "enroll" {
            node.reaches("manage", "manageable").await?;
        }
    }
    Ok(())
}

pub(crate) async fn connectors_are_listed_below_their_node(env: &Env) -> Result<()> {
    let node = env.node().await?;
    create(&node).await?;
    env.node().await?.connector("iqn", &iqn()).await?.is(201)?;
    let path = node.path("/volume/connectors");
    let list = env.api.get(&path).await?.is(200)?;
    let found: &[Value] = items(&list, "connectors")?;
    ensure!(
        found.len() == 1 && found[0]["node_uuid"] == node.uuid.as_str(),
        "{list}"
    );
    Ok(())
}
