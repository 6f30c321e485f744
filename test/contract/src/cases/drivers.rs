//! Drivers and conductors. See `ironic/api/controllers/v1/driver.py` and `conductor.py`.

use anyhow::{Result, ensure};
use ironic_types::calls::{GetDriver, ListDrivers, ValidateNode};
use serde_json::json;

use crate::env::Env;
use crate::expect::{items, text};
use crate::iscsi::Volume;

pub(crate) async fn the_enabled_drivers_are_listed_with_their_conductors(env: &Env) -> Result<()> {
    let drivers = env.ironic.send(&ListDrivers).await?.items;
    let names: Vec<_> = drivers.iter().map(|driver| driver.name.as_str()).collect();
    ensure!(names == ["fake-hardware", "redfish"], "{names:?}");
    ensure!(
        drivers.iter().all(|driver| driver.hosts.len() == 1),
        "{drivers:?}"
    );
    Ok(())
}

pub(crate) async fn a_driver_says_which_interfaces_are_enabled(env: &Env) -> Result<()> {
    let name = "redfish".to_owned();
    let driver = env.ironic.send(&GetDriver { name }).await?;
    for (enabled, interface) in [
        (&driver.enabled_boot_interfaces, "ipxe"),
        (&driver.enabled_storage_interfaces, "external"),
        (&driver.enabled_deploy_interfaces, "direct"),
    ] {
        let enabled = enabled.as_deref().unwrap_or_default();
        ensure!(
            enabled.iter().any(|one| one == interface),
            "{interface}: {enabled:?}"
        );
        // What the driver can't do is left out though it is enabled for others.
        ensure!(!enabled.iter().any(|one| one == "fake"), "{enabled:?}");
    }
    Ok(())
}

pub(crate) async fn a_driver_that_is_not_enabled_is_not_found(env: &Env) -> Result<()> {
    env.api.get("/v1/drivers/ipmi").await?.refuses(
        404,
        "Could not find the following driver(s) or hardware type(s): ipmi.",
    )?;
    Ok(())
}

pub(crate) async fn the_properties_of_a_driver_are_described(env: &Env) -> Result<()> {
    let properties = env
        .api
        .get("/v1/drivers/redfish/properties")
        .await?
        .is(200)?;
    for key in [
        "redfish_address",
        "redfish_system_id",
        "redfish_username",
        "redfish_password",
        "redfish_verify_ca",
        "deploy_kernel",
        "deploy_ramdisk",
    ] {
        ensure!(!text(&properties, key)?.is_empty());
    }
    Ok(())
}

pub(crate) async fn conductors_are_listed_with_their_drivers(env: &Env) -> Result<()> {
    let list = env.api.get("/v1/conductors").await?.is(200)?;
    let [conductor] = items(&list, "conductors")? else {
        anyhow::bail!("{list}");
    };
    let name = text(conductor, "hostname")?;
    let one = env
        .api
        .get(&format!("/v1/conductors/{name}"))
        .await?
        .is(200)?;
    ensure!(
        one["drivers"] == json!(["fake-hardware", "redfish"]),
        "{one}"
    );
    let node = env.node().await?.get().await?;
    ensure!(node["conductor"] == name, "{node}");
    env.api
        .get("/v1/conductors/none-such")
        .await?
        .refuses(404, "could not be found")?;
    Ok(())
}

/// An interface that the driver lacks is refused as well, so only those that matter count.
pub(crate) async fn validation_judges_each_interface(env: &Env) -> Result<()> {
    let node = env.node().await?;
    node.port().await?;
    node.target(Volume::boot()).await?.is(201)?;
    let validation = env.ironic.send(&ValidateNode { node: node.id()? }).await?;
    let interfaces = [
        "power",
        "management",
        "boot",
        "storage",
        "deploy",
        "network",
    ];
    for interface in interfaces {
        let verdict = validation.get(interface);
        ensure!(
            verdict.is_some_and(|verdict| verdict.result == Some(true)),
            "{interface}: {verdict:?}"
        );
    }
    ensure!(validation.failures(&interfaces).next().is_none());
    let firmware: Vec<_> = validation.failures(&["firmware"]).collect();
    ensure!(
        matches!(firmware.as_slice(), [(_, reason)] if reason.contains("does not support firmware")),
        "{firmware:?}"
    );
    Ok(())
}
