//! What else is asked of a machine with a Redfish BMC.

use anyhow::{Result, ensure};
use serde_json::{Value, json};

use crate::boot::Boot;
use crate::env::Env;
use crate::expect::{has, text};
use crate::iscsi::Volume;

pub(crate) async fn inspection_finds_what_the_machine_has(env: &Env) -> Result<()> {
    let machine = env.machine().await?;
    let node = env.redfish_node(&machine).await?;
    node.port_with(&machine.mac).await?.is(201)?;
    node.set("/inspect_interface", json!("redfish"))
        .await?
        .is(200)?;
    let node = node.manageable().await?;
    let seen = node.reaches("inspect", "manageable").await?;
    has(&seen, [("last_error", Value::Null)])?;
    let properties = &seen["properties"];
    for key in ["cpu_arch", "memory_mb"] {
        ensure!(
            properties.get(key).is_some(),
            "{key} is missing in {properties}"
        );
    }
    // What was there stays.
    ensure!(
        text(properties, "capabilities")?.contains("iscsi_boot:true"),
        "{properties}"
    );
    let inventory = env.api.get(&node.path("/inventory")).await?.is(200)?;
    ensure!(inventory["inventory"].is_object(), "{inventory}");
    // A port that boots still does.
    let ports = node.ports().await?;
    let port = ports
        .iter()
        .find(|port| port["address"] == machine.mac.as_str());
    ensure!(
        port.is_some_and(|port| port["pxe_enabled"] == true),
        "{ports:?}"
    );
    Ok(())
}

pub(crate) async fn a_redfish_node_knows_the_boot_device(env: &Env) -> Result<()> {
    let machine = env.machine().await?;
    let node = env.redfish_node(&machine).await?.manageable().await?;
    let path = node.path("/management/boot_device");
    let supported = env.api.get(&format!("{path}/supported")).await?.is(200)?;
    let devices = supported["supported_boot_devices"].as_array();
    ensure!(
        devices.is_some_and(|devices| devices.contains(&json!("pxe"))),
        "{supported}"
    );
    let pxe = json!({"boot_device": "pxe", "persistent": true});
    env.api.put(&path, pxe.clone()).await?.is(204)?;
    let found = env.api.get(&path).await?.is(200)?;
    ensure!(found["boot_device"] == "pxe", "{found}");
    Ok(())
}

/// Validation tells; the deployment is accepted all the same, and boots a disk, which this machine lacks.
pub(crate) async fn a_virtual_media_boot_does_not_attach_volumes(env: &Env) -> Result<()> {
    let machine = env.machine().await?;
    let node = env.redfish_node(&machine).await?;
    let boot = json!("redfish-virtual-media");
    node.set("/boot_interface", boot).await?.is(200)?;
    node.port_with(&machine.mac).await?.is(201)?;
    let node = node.available().await?;
    node.target(Volume::boot()).await?.is(201)?;
    let problem = node.problem("storage").await?.unwrap_or_default();
    ensure!(
        problem.contains("the boot interface must be set to ``ipxe``"),
        "{problem}"
    );
    let seen = node.after("active").await?;
    ensure!(node.boot().await? == Boot::NoConfiguration);
    has(&seen, [("provision_state", json!("deploy failed"))])?;
    node.has_failed(&seen, "device Hdd does not exist").await
}
