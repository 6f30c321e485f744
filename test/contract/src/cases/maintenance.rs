//! Maintenance. See `ironic/api/controllers/v1/node.py`, `NodeMaintenanceController`.

use anyhow::Result;
use ironic_types::calls::{SetMaintenance, UnsetMaintenance};
use serde_json::{Value, json};

use crate::env::Env;
use crate::expect::has;
use crate::iscsi::Volume;

pub(crate) async fn maintenance_has_a_reason_until_it_ends(env: &Env) -> Result<()> {
    let node = env.node().await?;
    let id = node.id()?;
    let set = SetMaintenance {
        node: id,
        reason: Some("a case".to_owned()),
    };
    env.ironic.send(&set).await?;
    has(
        &node.get().await?,
        [
            ("maintenance", json!(true)),
            ("maintenance_reason", json!("a case")),
            ("fault", Value::Null),
        ],
    )?;
    env.ironic.send(&UnsetMaintenance { node: id }).await?;
    has(
        &node.get().await?,
        [
            ("maintenance", json!(false)),
            ("maintenance_reason", Value::Null),
        ],
    )
}

pub(crate) async fn maintenance_that_is_set_or_ended_again_is_no_error(env: &Env) -> Result<()> {
    let node = env.node().await?;
    let path = node.path("/maintenance");
    env.api
        .put(&path, json!({"reason": "first"}))
        .await?
        .is(202)?;
    env.api.put(&path, json!({})).await?.is(202)?;
    has(&node.get().await?, [("maintenance_reason", Value::Null)])?;
    for _ in 0..2 {
        env.api.delete(&path).await?.is(202)?;
    }
    Ok(())
}

pub(crate) async fn a_node_in_maintenance_is_not_deployed(env: &Env) -> Result<()> {
    let node = env.node().await?.ready().await?;
    node.target(Volume::boot()).await?.is(201)?;
    env.api
        .put(&node.path("/maintenance"), json!({}))
        .await?
        .is(202)?;
    node.verb("active")
        .await?
        .refuses(400, "maintenance mode")?;
    env.api.delete(&node.path("/maintenance")).await?.is(202)?;
    node.reaches("active", "active").await.map(drop)
}

pub(crate) async fn a_node_in_maintenance_can_be_switched_on_and_provided(env: &Env) -> Result<()> {
    let node = env.node().await?.manageable().await?;
    env.api
        .put(&node.path("/maintenance"), json!({}))
        .await?
        .is(202)?;
    has(
        &node.power("power on").await?,
        [("power_state", json!("power on"))],
    )?;
    let seen = node.reaches("provide", "available").await?;
    has(&seen, [("maintenance", json!(true))])
}
