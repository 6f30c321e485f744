//! Ports. See `ironic/api/controllers/v1/port.py` and `ironic/conductor/manager.py`, `update_port`.

use anyhow::{Result, ensure};
use serde_json::json;
use uuid::Uuid;

use crate::env::Env;
use crate::expect::{has, items, lacks, text};
use crate::test_node::{fresh_mac, uuid_of};

pub(crate) async fn an_address_is_kept_in_small_letters(env: &Env) -> Result<()> {
    let node = env.node().await?;
    let mac = fresh_mac();
    let created = node.port_with(&mac.to_uppercase()).await?.is(201)?;
    has(&created, [("address", json!(mac))])?;
    let found = env
        .api
        .get(&format!("/v1/ports?address={}", mac.to_uppercase()))
        .await?;
    ensure!(items(&found.is(200)?, "ports")?.len() == 1, "{found}");
    Ok(())
}

pub(crate) async fn an_address_belongs_to_one_port(env: &Env) -> Result<()> {
    let (node, other) = (env.node().await?, env.node().await?);
    let mac = fresh_mac();
    node.port_with(&mac).await?.is(201)?;
    let words = format!("A port with MAC address {mac} already exists.");
    for node in [&node, &other] {
        node.port_with(&mac).await?.refuses(409, &words)?;
    }
    Ok(())
}

pub(crate) async fn an_address_that_is_none_is_refused(env: &Env) -> Result<()> {
    let node = env.node().await?;
    for address in ["none", "52-54-00-00-00-01", ""] {
        node.port_with(address)
            .await?
            .refuses(400, "Expected valid MAC address for address")?;
    }
    Ok(())
}

pub(crate) async fn a_new_port_boots_unless_it_is_said(env: &Env) -> Result<()> {
    let node = env.node().await?;
    has(&node.port().await?, [("pxe_enabled", json!(true))])?;
    let body = json!({"node_uuid": node.uuid, "address": fresh_mac(), "pxe_enabled": false});
    let created = env.api.post("/v1/ports", body).await?.is(201)?;
    has(&created, [("pxe_enabled", json!(false))])
}

pub(crate) async fn a_port_needs_a_node_that_exists(env: &Env) -> Result<()> {
    let uuid = Uuid::new_v4().to_string();
    let port = |node: &str| json!({"node_uuid": node, "address": fresh_mac()});
    env.api
        .post("/v1/ports", port(&uuid))
        .await?
        .refuses(400, &format!("Node {uuid} could not be found."))?;
    env.api
        .post("/v1/ports", port("none"))
        .await?
        .refuses(400, "Expected UUID for node_uuid")?;
    let without = json!({"address": fresh_mac()});
    env.api
        .post("/v1/ports", without)
        .await?
        .refuses(400, "Schema error for port")?;
    Ok(())
}

/// Whether a port boots is not in a plain list.
pub(crate) async fn a_list_has_address_and_uuid_and_with_detail_all(env: &Env) -> Result<()> {
    let node = env.node().await?;
    let created = node.port().await?;
    let plain = env
        .api
        .get(&format!("/v1/ports?node={}", node.uuid))
        .await?
        .is(200)?;
    let [port] = items(&plain, "ports")? else {
        anyhow::bail!("{plain}");
    };
    has(
        port,
        [
            ("uuid", created["uuid"].clone()),
            ("address", created["address"].clone()),
        ],
    )?;
    lacks(port, ["pxe_enabled", "node_uuid", "extra"])?;
    for path in [
        format!("/v1/ports?detail=True&node={}", node.uuid),
        format!("/v1/ports/detail?node={}", node.uuid),
    ] {
        let list = env.api.get(&path).await?.is(200)?;
        has(
            &items(&list, "ports")?[0],
            [
                ("pxe_enabled", json!(true)),
                ("node_uuid", json!(node.uuid)),
                ("extra", json!({})),
            ],
        )?;
    }
    Ok(())
}

pub(crate) async fn ports_are_listed_by_node(env: &Env) -> Result<()> {
    let (node, other) = (env.node().await?, env.node().await?);
    let first = node.port().await?;
    let second = node.port().await?;
    let wanted = [uuid_of(&first)?, uuid_of(&second)?];
    for path in [
        format!("/v1/ports?node={}", node.uuid),
        format!("/v1/ports?node_uuid={}", node.uuid),
        node.path("/ports"),
    ] {
        let list = env.api.get(&path).await?.is(200)?;
        let found: Vec<_> = items(&list, "ports")?
            .iter()
            .map(uuid_of)
            .collect::<Result<_>>()?;
        ensure!(found == wanted, "{path}: {found:?}, wanted {wanted:?}");
    }
    ensure!(other.ports().await?.is_empty());
    let unknown = Uuid::new_v4();
    env.api
        .get(&format!("/v1/ports?node={unknown}"))
        .await?
        .refuses(404, &format!("Node {unknown} could not be found."))?;
    Ok(())
}

pub(crate) async fn ports_are_listed_by_address(env: &Env) -> Result<()> {
    let node = env.node().await?;
    let port = node.port().await?;
    let list = |mac: &str| format!("/v1/ports?detail=True&address={mac}");
    let found = env.api.get(&list(text(&port, "address")?)).await?.is(200)?;
    ensure!(items(&found, "ports")?.len() == 1, "{found}");
    has(&found["ports"][0], [("node_uuid", json!(node.uuid))])?;
    let nobodys = env.api.get(&list(&fresh_mac())).await?.is(200)?;
    ensure!(items(&nobodys, "ports")?.is_empty(), "{nobodys}");
    env.api
        .get(&list("none"))
        .await?
        .refuses(400, "Expected valid MAC address")?;
    Ok(())
}

pub(crate) async fn details_and_fields_exclude_each_other(env: &Env) -> Result<()> {
    let node = env.node().await?;
    node.port().await?;
    env.api
        .get("/v1/ports?detail=True&fields=uuid")
        .await?
        .refuses(
            400,
            "Can not specify ?detail=True and fields in the same request.",
        )?;
    let path = format!("/v1/ports?node={}&fields=uuid,pxe_enabled", node.uuid);
    let list = env.api.get(&path).await?.is(200)?;
    has(&list["ports"][0], [("pxe_enabled", json!(true))])?;
    lacks(&list["ports"][0], ["address", "node_uuid"])
}

pub(crate) async fn whether_a_port_boots_changes_in_manageable_only(env: &Env) -> Result<()> {
    let node = env.node().await?;
    let port = node.port().await?;
    let path = format!("/v1/ports/{}", uuid_of(&port)?);
    let boots = |value: bool| json!([{"op": "replace", "path": "/pxe_enabled", "value": value}]);
    env.api.patch(&path, boots(false)).await?.is(200)?;
    node.reaches("manage", "manageable").await?;
    let seen = env.api.patch(&path, boots(true)).await?.is(200)?;
    has(&seen, [("pxe_enabled", json!(true))])?;
    node.reaches("provide", "available").await?;
    let refused = env.api.patch(&path, boots(false)).await?;
    refused.refuses(409, "can not have any connectivity attributes")?;
    refused.refuses(409, "The current state is available.")?;
    // As it is is no change.
    env.api.patch(&path, boots(true)).await?.is(200)?;
    let change = json!([{"op": "add", "path": "/extra/note", "value": 1}]);
    env.api.patch(&path, change).await?.is(200)?;
    node.port().await.map(drop)
}

pub(crate) async fn an_address_does_not_change_while_deployed(env: &Env) -> Result<()> {
    let node = env.node().await?.deployed().await?;
    let ports = node.ports().await?;
    let path = format!("/v1/ports/{}", uuid_of(&ports[0])?);
    let change = json!([{"op": "replace", "path": "/address", "value": fresh_mac()}]);
    env.api
        .patch(&path, change.clone())
        .await?
        .refuses(409, "Cannot update hardware address for port")?;
    node.reaches("deleted", "available").await?;
    env.api.patch(&path, change).await?.is(200).map(drop)
}

pub(crate) async fn a_port_that_is_gone_is_not_found(env: &Env) -> Result<()> {
    let node = env.node().await?;
    let port = node.port().await?;
    let path = format!("/v1/ports/{}", uuid_of(&port)?);
    env.api.delete(&path).await?.is(204)?;
    let words = format!("Port {} could not be found.", uuid_of(&port)?);
    env.api.delete(&path).await?.refuses(404, &words)?;
    env.api.get(&path).await?.refuses(404, &words)?;
    Ok(())
}
