//! What becomes of a node that is deployed and released. See `ironic/conductor/manager.py`,
//! `_do_node_tear_down`.

use anyhow::{Result, ensure};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::boot::Boot;
use crate::env::Env;
use crate::expect::{has, text};
use crate::iscsi::Volume;
use crate::test_node::uuid_of;

pub(crate) async fn undeploying_removes_targets_and_keeps_connectors_and_ports(
    env: &Env,
) -> Result<()> {
    let node = env.node().await?.deployed().await?;
    node.target(Volume::at(1)).await?.is(201)?;
    let id = format!("iqn.2026-11.org.example:{}", Uuid::new_v4());
    node.connector("iqn", &id).await?.is(201)?;
    node.reaches("deleted", "available").await?;
    let (targets, connectors, ports) = (
        node.targets().await?,
        node.connectors().await?,
        node.ports().await?,
    );
    ensure!(targets.is_empty(), "{targets:?}");
    ensure!(
        connectors.len() == 1 && connectors[0]["connector_id"] == id.as_str(),
        "{connectors:?}"
    );
    ensure!(ports.len() == 1, "{ports:?}");
    Ok(())
}

pub(crate) async fn undeploying_clears_the_instance(env: &Env) -> Result<()> {
    let node = env.node().await?.ready().await?;
    let instance = json!(Uuid::new_v4().to_string());
    node.set("/instance_uuid", instance.clone())
        .await?
        .is(200)?;
    node.set("/instance_info/note", json!(1)).await?.is(200)?;
    node.target(Volume::boot()).await?.is(201)?;
    let seen = node.reaches("active", "active").await?;
    has(&seen, [("instance_uuid", instance)])?;
    let seen = node.reaches("deleted", "available").await?;
    has(
        &seen,
        [("instance_uuid", Value::Null), ("instance_info", json!({}))],
    )
}

pub(crate) async fn undeploying_removes_the_script_and_switches_off(env: &Env) -> Result<()> {
    let node = env.node().await?.deployed().await?;
    ensure!(node.hooks().await?.len() == 1);
    let seen = node.reaches("deleted", "available").await?;
    has(
        &seen,
        [
            ("power_state", json!("power off")),
            ("target_provision_state", Value::Null),
            ("last_error", Value::Null),
        ],
    )?;
    ensure!(node.boot().await? == Boot::NoConfiguration);
    Ok(())
}

pub(crate) async fn a_failed_deployment_keeps_targets_until_it_is_undeployed(
    env: &Env,
) -> Result<()> {
    let without = json!({"properties": {"capabilities": "boot_mode:bios"}});
    let node = env.node_with(without).await?.ready().await?;
    node.target(Volume::boot()).await?.is(201)?;
    let seen = node.after("active").await?;
    has(&seen, [("provision_state", json!("deploy failed"))])?;
    ensure!(node.targets().await?.len() == 1);
    let seen = node.reaches("deleted", "available").await?;
    has(
        &seen,
        [("last_error", Value::Null), ("maintenance", json!(false))],
    )?;
    ensure!(node.targets().await?.is_empty());
    Ok(())
}

pub(crate) async fn a_node_is_deployed_again_to_another_volume(env: &Env) -> Result<()> {
    let node = env.node().await?.deployed().await?;
    node.reaches("deleted", "available").await?;
    let other = Volume::boot().property("target_iqn", json!("iqn.2026-11.org.example:other"));
    node.target(other).await?.is(201)?;
    node.reaches("active", "active").await?;
    let hooks = node.hooks().await?;
    ensure!(
        hooks[0].uris == ["iscsi:192.0.2.1::3260:1:iqn.2026-11.org.example:other"],
        "{hooks:?}"
    );
    Ok(())
}

/// A bug of Ironic's (`ironic/conductor/deployments.py`, `start_deploy`): why another volume takes an undeployment.
pub(crate) async fn a_deployed_node_is_not_rebuilt(env: &Env) -> Result<()> {
    let node = env.node().await?.deployed().await?;
    let before = node.hooks().await?;
    node.verb("rebuild").await?.refuses(
        500,
        "cannot access local variable 'auto_lessee' where it is not associated with a value",
    )?;
    let seen = node.settles().await?;
    has(
        &seen,
        [
            ("provision_state", json!("active")),
            ("target_provision_state", Value::Null),
        ],
    )?;
    ensure!(node.hooks().await? == before);
    Ok(())
}

/// A new password reaches the machine by another deployment only.
pub(crate) async fn a_deployed_nodes_script_does_not_follow_its_target(env: &Env) -> Result<()> {
    let node = env.node().await?.deployed().await?;
    node.power("power off").await?;
    let target = node.targets().await?.swap_remove(0);
    let path = format!("/v1/volume/targets/{}", uuid_of(&target)?);
    let change = json!([{"op": "replace", "path": "/properties/auth_password", "value": "new"}]);
    env.api.patch(&path, change).await?.is(200)?;
    node.power("power on").await?;
    let hooks = node.hooks().await?;
    ensure!(hooks[0].password == Volume::PASSWORD, "{hooks:?}");
    Ok(())
}

pub(crate) async fn a_deployed_node_keeps_what_was_noted(env: &Env) -> Result<()> {
    let node = env
        .node_with(json!({"extra": {"note": "kept"}}))
        .await?
        .deployed()
        .await?;
    let before = node.get().await?;
    has(&before, [("extra", json!({"note": "kept"}))])?;
    let after = node.reaches("deleted", "available").await?;
    for field in [
        "extra",
        "properties",
        "driver_info",
        "name",
        "storage_interface",
        "automated_clean",
    ] {
        ensure!(after[field] == before[field], "{field} is {}", after[field]);
    }
    Ok(())
}

pub(crate) async fn a_redfish_machine_is_deployed_and_released(env: &Env) -> Result<()> {
    let machine = env.machine().await?;
    let node = env.redfish_node(&machine).await?;
    node.port_with(&machine.mac).await?.is(201)?;
    let node = node.available().await?;
    let initiator = format!("iqn.2026-11.org.example:{}", Uuid::new_v4());
    node.connector("iqn", &initiator).await?.is(201)?;
    node.target(Volume::boot()).await?.is(201)?;
    let deploy = node.problem("deploy").await?;
    ensure!(deploy.is_none(), "{deploy:?}");
    let seen = node.reaches("active", "active").await?;
    has(
        &seen,
        [
            ("power_state", json!("power on")),
            ("last_error", Value::Null),
        ],
    )?;
    let hooks = node.hooks().await?;
    ensure!(hooks.len() == 1 && hooks[0].drive == "0x80", "{hooks:?}");
    let seen = node.reaches("deleted", "available").await?;
    has(&seen, [("power_state", json!("power off"))])?;
    ensure!(text(&seen, "boot_interface")? == "ipxe");
    ensure!(node.boot().await? == Boot::NoConfiguration);
    ensure!(node.targets().await?.is_empty());
    Ok(())
}
