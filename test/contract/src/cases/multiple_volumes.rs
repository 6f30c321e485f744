//! More than one volume, and more than one way to one. See `ironic/drivers/modules/pxe_utils.py`,
//! `get_volume_pxe_options`.

use anyhow::{Result, ensure};
use serde_json::json;

use crate::env::Env;
use crate::expect::has;
use crate::iscsi::Volume;

pub(crate) async fn every_portal_is_a_way_to_the_volume(env: &Env) -> Result<()> {
    let node = env.node().await?.ready().await?;
    let portals = json!(["192.0.2.1:3260", "192.0.2.2:3260"]);
    let volume = Volume::boot()
        .without_properties(&["target_portal"])
        .property("target_portals", portals);
    node.target(volume).await?.is(201)?;
    node.reaches("active", "active").await?;
    let hooks = node.hooks().await?;
    let iqn = "iqn.2026-11.org.example:vol-0";
    let uris = [
        format!("iscsi:192.0.2.1::3260:1:{iqn}"),
        format!("iscsi:192.0.2.2::3260:1:{iqn}"),
    ];
    ensure!(hooks.len() == 1 && hooks[0].uris == uris, "{hooks:?}");
    Ok(())
}

pub(crate) async fn another_volume_is_attached_after_the_first(env: &Env) -> Result<()> {
    let node = env.node().await?.ready().await?;
    // In the other order than they are attached in.
    node.target(Volume::at(1).property("auth_password", json!("other password")))
        .await?
        .is(201)?;
    node.target(Volume::boot()).await?.is(201)?;
    node.reaches("active", "active").await?;
    let hooks = node.hooks().await?;
    let [first, second] = hooks.as_slice() else {
        anyhow::bail!("{hooks:?}");
    };
    ensure!(
        first.drive == "0x80" && first.username == "user-0",
        "{hooks:?}"
    );
    ensure!(first.password == Volume::PASSWORD, "{hooks:?}");
    ensure!(
        second.drive == "0x81" && second.username == "user-1",
        "{hooks:?}"
    );
    ensure!(second.password == "other password", "{hooks:?}");
    ensure!(
        second.uris == ["iscsi:192.0.2.1::3260:1:iqn.2026-11.org.example:vol-1"],
        "{hooks:?}"
    );
    Ok(())
}

pub(crate) async fn another_volume_with_empty_credentials_is_attached_without(
    env: &Env,
) -> Result<()> {
    let node = env.node().await?.ready().await?;
    let open = ["auth_method", "auth_username", "auth_password"]
        .iter()
        .fold(Volume::at(1), |volume, key| volume.property(key, json!("")));
    node.target(Volume::boot()).await?.is(201)?;
    node.target(open).await?.is(201)?;
    node.reaches("active", "active").await?;
    let hooks = node.hooks().await?;
    ensure!(hooks.len() == 2, "{hooks:?}");
    ensure!(
        hooks[1].username.is_empty() && hooks[1].password.is_empty(),
        "{hooks:?}"
    );
    Ok(())
}

pub(crate) async fn another_volume_without_keys_for_credentials_fails_the_deployment(
    env: &Env,
) -> Result<()> {
    let node = env.node().await?.ready().await?;
    node.target(Volume::boot()).await?.is(201)?;
    let without = Volume::at(1).without_properties(&["auth_username", "auth_password"]);
    node.target(without).await?.is(201)?;
    let seen = node.after("active").await?;
    has(&seen, [("provision_state", json!("deploy failed"))])?;
    node.has_failed(&seen, "auth_username").await
}
