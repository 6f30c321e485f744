//! Taking over a machine that runs already. See `ironic/conductor/manager.py`, `_do_adoption`.

use anyhow::{Result, ensure};
use serde_json::{Value, json};

use crate::boot::Boot;
use crate::env::Env;
use crate::expect::has;
use crate::iscsi::Volume;
use crate::test_node::{TestNode, uuid_of};

const NO_CAPABILITY: &str = "has an iSCSI boot volume defined and no iSCSI boot support available.";

async fn failed(env: &Env) -> Result<TestNode<'_>> {
    let without = json!({"properties": {"capabilities": "boot_mode:bios"}});
    let node = env.node_with(without).await?;
    node.port().await?;
    let node = node.manageable().await?;
    node.target(Volume::boot()).await?.is(201)?;
    let seen = node.after("adopt").await?;
    has(&seen, [("provision_state", json!("adopt failed"))])?;
    node.has_failed(&seen, NO_CAPABILITY).await?;
    Ok(node)
}

pub(crate) async fn a_machine_with_its_volume_becomes_active_with_a_script(
    env: &Env,
) -> Result<()> {
    let node = env.node().await?;
    node.port().await?;
    let node = node.manageable().await?;
    node.target(Volume::boot()).await?.is(201)?;
    let seen = node.reaches("adopt", "active").await?;
    has(
        &seen,
        [
            ("last_error", Value::Null),
            ("target_provision_state", Value::Null),
        ],
    )?;
    ensure!(node.hooks().await?.len() == 1);
    // It can be released like any other.
    node.reaches("deleted", "available").await?;
    ensure!(node.targets().await?.is_empty());
    Ok(())
}

/// Only the validation before it would have told.
pub(crate) async fn without_a_volume_a_node_becomes_active_and_would_not_boot(
    env: &Env,
) -> Result<()> {
    let node = env.node().await?;
    node.port().await?;
    let node = node.manageable().await?;
    let problem = node.problem("deploy").await?.unwrap_or_default();
    ensure!(problem.contains("instance_info.image_source"), "{problem}");
    let seen = node.reaches("adopt", "active").await?;
    has(&seen, [("last_error", Value::Null)])?;
    ensure!(node.boot().await? == Boot::NoConfiguration);
    node.target(Volume::boot()).await?.is(201)?;
    node.power("rebooting").await?;
    ensure!(node.boot().await? == Boot::NoConfiguration);
    Ok(())
}

pub(crate) async fn without_the_capability_adoption_fails_and_may_be_tried_again(
    env: &Env,
) -> Result<()> {
    let node = failed(env).await?;
    let capabilities = json!("boot_mode:bios,iscsi_boot:true");
    node.set("/properties/capabilities", capabilities)
        .await?
        .is(200)?;
    let seen = node.reaches("adopt", "active").await?;
    has(&seen, [("last_error", Value::Null)])?;
    ensure!(node.hooks().await?.len() == 1);
    Ok(())
}

pub(crate) async fn a_failed_adoption_leads_back_to_manageable(env: &Env) -> Result<()> {
    let node = failed(env).await?;
    node.reaches("manage", "manageable").await.map(drop)
}

pub(crate) async fn after_a_failed_adoption_a_volume_goes_whatever_the_power(
    env: &Env,
) -> Result<()> {
    let node = failed(env).await?;
    let target = node.targets().await?.swap_remove(0);
    let path = format!("/v1/volume/targets/{}", uuid_of(&target)?);
    env.api.delete(&path).await?.is(204).map(drop)
}

pub(crate) async fn a_node_whose_adoption_failed_can_be_deleted(env: &Env) -> Result<()> {
    let node = failed(env).await?;
    env.api.delete(&node.path("")).await?.is(204).map(drop)
}

pub(crate) async fn adoption_leaves_a_running_machine_alone(env: &Env) -> Result<()> {
    let machine = env.machine().await?;
    let node = env.redfish_node(&machine).await?;
    node.port_with(&machine.mac).await?.is(201)?;
    let node = node.manageable().await?;
    node.power("power on").await?;
    node.target(Volume::boot()).await?.is(201)?;
    let seen = node.reaches("adopt", "active").await?;
    has(
        &seen,
        [
            ("power_state", json!("power on")),
            ("last_error", Value::Null),
        ],
    )?;
    ensure!(node.hooks().await?.len() == 1);
    Ok(())
}
