//! What Ironic knows of a machine beside its power: traits, settings, history, boot device and mode.

use anyhow::{Result, ensure};
use serde_json::json;

use crate::env::Env;
use crate::expect::{has, items, text};

pub(crate) async fn traits_are_set_added_and_removed(env: &Env) -> Result<()> {
    let node = env.node().await?;
    let path = node.path("/traits");
    let set = json!({"traits": ["CUSTOM_B", "CUSTOM_A"]});
    env.api.put(&path, set).await?.is(204)?;
    env.api
        .put(&format!("{path}/CUSTOM_C"), json!({}))
        .await?
        .is(204)?;
    env.api.delete(&format!("{path}/CUSTOM_A")).await?.is(204)?;
    env.api
        .delete(&format!("{path}/CUSTOM_A"))
        .await?
        .refuses(404, "doesn't have a trait 'CUSTOM_A'")?;
    let list = env.api.get(&path).await?.is(200)?;
    let mut traits: Vec<_> = items(&list, "traits")?
        .iter()
        .map(ToString::to_string)
        .collect();
    traits.sort();
    ensure!(traits == ["\"CUSTOM_B\"", "\"CUSTOM_C\""], "{list}");
    env.api.delete(&path).await?.is(204)?;
    has(&node.get().await?, [("traits", json!([]))])
}

pub(crate) async fn a_trait_is_a_known_one_or_a_custom_one(env: &Env) -> Result<()> {
    let node = env.node().await?;
    let path = node.path("/traits");
    for name in ["none-such", "CUSTOM_small_letters"] {
        let body = json!({"traits": [name]});
        env.api.put(&path, body).await?.refuses(400, name)?;
    }
    let known = json!({"traits": ["HW_CPU_X86_VMX"]});
    env.api.put(&path, known).await?.is(204).map(drop)
}

pub(crate) async fn bios_settings_and_firmware_are_empty_at_first(env: &Env) -> Result<()> {
    let node = env.node().await?;
    let bios = env
        .api
        .get(&node.path("/bios?detail=True"))
        .await?
        .is(200)?;
    ensure!(items(&bios, "bios")?.is_empty(), "{bios}");
    env.api
        .get(&node.path("/bios/none_such"))
        .await?
        .refuses(404, "doesn't have a BIOS setting 'none_such'")?;
    let firmware = env.api.get(&node.path("/firmware")).await?.is(200)?;
    ensure!(items(&firmware, "firmware")?.is_empty(), "{firmware}");
    Ok(())
}

pub(crate) async fn an_inventory_is_not_found_before_inspection(env: &Env) -> Result<()> {
    let node = env.node().await?;
    env.api
        .get(&node.path("/inventory"))
        .await?
        .refuses(404, "could not be found")?;
    Ok(())
}

pub(crate) async fn errors_are_kept_in_the_history(env: &Env) -> Result<()> {
    let node = env.create(json!({"driver": "redfish"})).await?;
    let path = node.path("/history");
    let list = env.api.get(&path).await?.is(200)?;
    ensure!(items(&list, "history")?.is_empty(), "{list}");
    let seen = node.after("manage").await?;
    let error = text(&seen, "last_error")?;
    let list = env.api.get(&path).await?.is(200)?;
    let [event] = items(&list, "history")? else {
        anyhow::bail!("{list}");
    };
    has(event, [("severity", json!("ERROR"))])?;
    // Lists shorten long ones.
    let words = text(event, "event")?.trim_end_matches("...");
    ensure!(error.starts_with(words), "{event}, last_error is {error}");
    Ok(())
}

pub(crate) async fn a_wanted_raid_is_kept_and_needs_disks(env: &Env) -> Result<()> {
    let node = env.node_with(json!({"raid_interface": "fake"})).await?;
    let path = node.path("/states/raid");
    let wanted = json!({"logical_disks": [{"size_gb": 100, "raid_level": "1"}]});
    env.api.put(&path, wanted.clone()).await?.is(204)?;
    has(&node.get().await?, [("target_raid_config", wanted)])?;
    env.api
        .put(&path, json!({"none_such": 1}))
        .await?
        .refuses(400, "'logical_disks' is a required property")?;
    env.api.put(&path, json!({})).await?.is(204)?;
    has(&node.get().await?, [("target_raid_config", json!({}))])
}

pub(crate) async fn a_boot_device_is_one_of_those_supported(env: &Env) -> Result<()> {
    let node = env.node().await?;
    let path = node.path("/management/boot_device");
    let supported = env.api.get(&format!("{path}/supported")).await?.is(200)?;
    has(&supported, [("supported_boot_devices", json!(["pxe"]))])?;
    let pxe = json!({"boot_device": "pxe", "persistent": false});
    env.api.put(&path, pxe.clone()).await?.is(204)?;
    ensure!(env.api.get(&path).await?.is(200)? == pxe);
    env.api
        .put(&path, json!({"boot_device": "none-such"}))
        .await?
        .refuses(400, "Invalid boot device none-such specified.")?;
    Ok(())
}

/// What the driver cannot do turns out afterwards.
pub(crate) async fn a_boot_mode_is_bios_or_uefi(env: &Env) -> Result<()> {
    let node = env.node().await?;
    let path = node.path("/states/boot_mode");
    let words =
        "Invalid boot mode none-such requested for node. Allowed boot modes are: bios, uefi";
    env.api
        .put(&path, json!({"target": "none-such"}))
        .await?
        .refuses(400, words)?;
    has(&node.get().await?, [("last_error", json!(null))])?;
    for mode in ["bios", "uefi"] {
        env.api.put(&path, json!({"target": mode})).await?.is(202)?;
        let words = format!("Failed to change boot mode to '{mode}");
        let error = env
            .until("last_error", async || {
                let node = node.get().await?;
                let error = node["last_error"]
                    .as_str()
                    .filter(|error| error.contains(&words));
                Ok(error.map(str::to_owned))
            })
            .await?;
        let words = "Driver fake-hardware does not support set_boot_mode";
        ensure!(error.contains(words), "{error}");
    }
    has(
        &node.get().await?,
        [("boot_mode", json!(null)), ("secure_boot", json!(null))],
    )
}
