//! A node's lock, held by a verification whose BMC does not answer. See `ironic/conductor/task_manager.py`.

use anyhow::{Result, ensure};
use ironic_types::NewNode;
use ironic_types::Patch;
use ironic_types::calls::{CreateNode, DeleteNode, PatchNode};
use serde_json::json;
use uuid::Uuid;

use crate::env::Env;
use crate::expect::{has, text};
use crate::iscsi::Volume;
use crate::test_node::{TestNode, fresh_mac, uuid_of};

/// A node that can be locked: verifying it takes until its BMC answers.
async fn unverified(env: &Env) -> Result<TestNode<'_>> {
    let machine = env.silent_bmc().await?;
    env.redfish_node(&machine).await
}

async fn locked(env: &Env) -> Result<TestNode<'_>> {
    let node = unverified(env).await?;
    lock(&node).await?;
    Ok(node)
}

async fn lock(node: &TestNode<'_>) -> Result<()> {
    node.verb("manage").await?.is(202)?;
    let held = async || {
        let seen = node.get().await?;
        Ok((!seen["reservation"].is_null()).then_some(()))
    };
    node.env.until("the lock", held).await
}

pub(crate) async fn a_node_that_is_being_verified_is_locked(env: &Env) -> Result<()> {
    let node = locked(env).await?;
    let seen = node.get().await?;
    has(
        &seen,
        [
            ("provision_state", json!("verifying")),
            ("target_provision_state", json!("manageable")),
        ],
    )?;
    let holder = text(&seen, "reservation")?;
    let conductors = env.api.get("/v1/conductors").await?.is(200)?;
    ensure!(
        conductors["conductors"][0]["hostname"] == holder,
        "{holder} is none of {conductors}"
    );
    env.release_bmcs();
    let seen = node.settles().await?;
    has(
        &seen,
        [
            ("provision_state", json!("enroll")),
            ("reservation", json!(null)),
        ],
    )?;
    node.set("/extra/note", json!(1)).await?.is(200).map(drop)
}

pub(crate) async fn a_locked_node_takes_no_verb(env: &Env) -> Result<()> {
    let node = locked(env).await?;
    for verb in ["manage", "provide", "active", "deleted"] {
        node.verb(verb).await?.is_locked()?;
    }
    let power = json!({"target": "power on"});
    env.api
        .put(&node.path("/states/power"), power)
        .await?
        .is_locked()
}

pub(crate) async fn a_locked_node_is_not_changed(env: &Env) -> Result<()> {
    let node = locked(env).await?;
    let refused = node.set("/extra/note", json!(1)).await?;
    let holder = text(&node.get().await?, "reservation")?.to_owned();
    let words = format!(
        "Node {} is locked by host {holder}, please retry after the current operation is completed.",
        node.uuid
    );
    refused.refuses(409, &words)?;
    env.api
        .put(&node.path("/maintenance"), json!({}))
        .await?
        .is_locked()
}

pub(crate) async fn a_locked_node_is_not_deleted(env: &Env) -> Result<()> {
    let node = locked(env).await?;
    env.api.delete(&node.path("")).await?.is_locked()
}

pub(crate) async fn a_locked_nodes_volumes_and_ports_are_not_changed_or_deleted(
    env: &Env,
) -> Result<()> {
    let node = unverified(env).await?;
    let port = node.port().await?;
    let id = format!("iqn.2026-11.org.example:{}", Uuid::new_v4());
    let connector = node.connector("iqn", &id).await?.is(201)?;
    let target = node.target(Volume::boot()).await?.is(201)?;
    lock(&node).await?;
    let change = json!([{"op": "add", "path": "/extra/note", "value": 1}]);
    for path in [
        format!("/v1/ports/{}", uuid_of(&port)?),
        format!("/v1/volume/connectors/{}", uuid_of(&connector)?),
        format!("/v1/volume/targets/{}", uuid_of(&target)?),
    ] {
        env.api.patch(&path, change.clone()).await?.is_locked()?;
        env.api.delete(&path).await?.is_locked()?;
        env.api.get(&path).await?.is(200)?;
    }
    Ok(())
}

/// The API writes these by itself, without the conductor.
pub(crate) async fn a_locked_node_gets_new_ports_connectors_and_targets(env: &Env) -> Result<()> {
    let node = locked(env).await?;
    let id = format!("iqn.2026-11.org.example:{}", Uuid::new_v4());
    node.connector("iqn", &id).await?.is(201)?;
    node.target(Volume::boot()).await?.is(201)?;
    node.port_with(&fresh_mac()).await?.is(201)?;
    ensure!(text(&node.get().await?, "provision_state")? == "verifying");
    Ok(())
}

pub(crate) async fn a_lock_is_told_apart_from_other_conflicts(env: &Env) -> Result<()> {
    let node = locked(env).await?;
    let patch = Patch::new().add("/extra/note", 1);
    let call = PatchNode {
        node: node.id()?,
        patch,
    };
    let Err(locked) = env.ironic.send(&call).await else {
        anyhow::bail!("a locked node was changed");
    };
    ensure!(locked.is_locked() && !locked.is_conflict(), "{locked:?}");
    let holder = text(&node.get().await?, "reservation")?.to_owned();
    ensure!(locked.locked_by() == Some(holder.as_str()), "{locked:?}");

    let name = text(&node.get().await?, "name")?.to_owned();
    let twin = NewNode {
        name: Some(name),
        driver: "fake-hardware".to_owned(),
        ..NewNode::default()
    };
    let Err(taken) = env.ironic.send(&CreateNode { node: twin }).await else {
        anyhow::bail!("a second node of the same name was created");
    };
    ensure!(!taken.is_locked() && taken.is_conflict(), "{taken:?}");

    let deployed = env.node().await?.deployed().await?;
    let call = DeleteNode {
        node: deployed.id()?,
    };
    let Err(used) = env.ironic.send(&call).await else {
        anyhow::bail!("a deployed node was deleted");
    };
    ensure!(!used.is_locked() && used.is_conflict(), "{used:?}");
    Ok(())
}
