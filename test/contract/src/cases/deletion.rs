//! Deleting nodes. See `ironic/conductor/manager.py`, `destroy_node`, and `ironic/db/sqlalchemy/api.py`.

use anyhow::Result;
use serde_json::json;
use uuid::Uuid;

use crate::env::Env;
use crate::expect::text;
use crate::iscsi::Volume;
use crate::test_node::{fresh_mac, uuid_of};

pub(crate) async fn a_node_takes_its_ports_connectors_and_targets_along(env: &Env) -> Result<()> {
    let node = env.node().await?.ready().await?;
    let port = node.ports().await?.swap_remove(0);
    let id = format!("iqn.2026-11.org.example:{}", Uuid::new_v4());
    let connector = node.connector("iqn", &id).await?.is(201)?;
    let target = node.target(Volume::boot()).await?.is(201)?;
    env.api.delete(&node.path("")).await?.is(204)?;
    for path in [
        node.path(""),
        format!("/v1/ports/{}", uuid_of(&port)?),
        format!("/v1/volume/connectors/{}", uuid_of(&connector)?),
        format!("/v1/volume/targets/{}", uuid_of(&target)?),
    ] {
        env.api
            .get(&path)
            .await?
            .refuses(404, "could not be found")?;
    }
    Ok(())
}

pub(crate) async fn what_a_deleted_node_had_is_free_again(env: &Env) -> Result<()> {
    let node = env.node().await?;
    let name = text(&node.get().await?, "name")?.to_owned();
    let mac = fresh_mac();
    let id = format!("iqn.2026-11.org.example:{}", Uuid::new_v4());
    node.port_with(&mac).await?.is(201)?;
    node.connector("iqn", &id).await?.is(201)?;
    env.api.delete(&node.path("")).await?.is(204)?;
    let next = env
        .node_with(json!({"name": name, "uuid": node.uuid}))
        .await?;
    next.port_with(&mac).await?.is(201)?;
    next.connector("iqn", &id).await?.is(201).map(drop)
}

pub(crate) async fn a_node_is_deleted_before_it_is_deployed_only(env: &Env) -> Result<()> {
    let enrolled = env.node().await?;
    let manageable = env.node().await?.manageable().await?;
    let available = env.node().await?.available().await?;
    for node in [enrolled, manageable, available] {
        env.api.delete(&node.path("")).await?.is(204)?;
    }
    let deployed = env.node().await?.deployed().await?;
    let refused = env.api.delete(&deployed.path("")).await?;
    let words = format!(
        "Can not delete node \"{}\" while it is in provision state \"active\".",
        deployed.uuid
    );
    refused.refuses(409, &words)?;
    deployed.reaches("deleted", "available").await?;
    env.api.delete(&deployed.path("")).await?.is(204).map(drop)
}

pub(crate) async fn a_node_with_an_instance_is_not_deleted(env: &Env) -> Result<()> {
    let instance = Uuid::new_v4().to_string();
    let node = env
        .node_with(json!({"instance_uuid": instance}))
        .await?
        .available()
        .await?;
    let words = format!("Node {} is associated with instance {instance}.", node.uuid);
    env.api.delete(&node.path("")).await?.refuses(409, &words)?;
    let patch = json!([{"op": "remove", "path": "/instance_uuid"}]);
    node.patch(patch).await?.is(200)?;
    env.api.delete(&node.path("")).await?.is(204).map(drop)
}

pub(crate) async fn a_node_in_maintenance_is_deleted_whatever_it_is(env: &Env) -> Result<()> {
    let node = env.node().await?.deployed().await?;
    let instance = json!(Uuid::new_v4().to_string());
    node.set("/instance_uuid", instance).await?.is(200)?;
    env.api
        .put(&node.path("/maintenance"), json!({}))
        .await?
        .is(202)?;
    env.api.delete(&node.path("")).await?.is(204).map(drop)
}

pub(crate) async fn a_node_that_is_gone_is_not_found(env: &Env) -> Result<()> {
    let node = env.node().await?;
    env.api.delete(&node.path("")).await?.is(204)?;
    let words = format!("Node {} could not be found.", node.uuid);
    env.api.delete(&node.path("")).await?.refuses(404, &words)?;
    env.api.get(&node.path("")).await?.refuses(404, &words)?;
    Ok(())
}
