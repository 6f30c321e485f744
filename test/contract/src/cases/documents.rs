//! Which fields documents have in the oldest version that Ironboot speaks: no less and no more.

use std::collections::BTreeSet;

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::env::Env;
use crate::expect::items;
use crate::iscsi::Volume;

/// The object has exactly these keys.
fn keys(document: &Value, wanted: &str) -> Result<()> {
    let document = document.as_object().context("it is no object")?;
    let found: BTreeSet<_> = document.keys().map(String::as_str).collect();
    let wanted: BTreeSet<_> = wanted.split_whitespace().collect();
    let missing: Vec<_> = wanted.difference(&found).collect();
    let more: Vec<_> = found.difference(&wanted).collect();
    ensure!(
        missing.is_empty() && more.is_empty(),
        "missing are {missing:?}, not wanted are {more:?}"
    );
    Ok(())
}

/// A link leads to where the document was read.
fn leads_to(document: &Value, path: &str) -> Result<()> {
    let links = items(document, "links")?;
    let of = |rel: &str| {
        links
            .iter()
            .find(|link| link["rel"] == rel)
            .and_then(|link| link["href"].as_str())
            .with_context(|| format!("no {rel} in {links:?}"))
    };
    ensure!(of("self")?.ends_with(path), "{links:?}");
    let bookmark = path.strip_prefix("/v1").unwrap_or(path);
    ensure!(of("bookmark")?.ends_with(bookmark), "{links:?}");
    Ok(())
}

pub(crate) async fn a_node_has_these_fields(env: &Env) -> Result<()> {
    let node = env.node().await?;
    let seen = env.api.at(89).get(&node.path("")).await?.is(200)?;
    leads_to(&seen, &node.path(""))?;
    keys(
        &seen,
        "allocation_uuid automated_clean bios_interface boot_interface boot_mode chassis_uuid \
         clean_step conductor conductor_group console_enabled console_interface created_at \
         deploy_interface deploy_step description driver driver_info driver_internal_info extra \
         fault firmware_interface inspect_interface inspection_finished_at \
         inspection_started_at instance_info instance_uuid last_error lessee links maintenance \
         maintenance_reason management_interface name network_data network_interface owner \
         parent_node portgroups ports power_interface power_state properties protected \
         protected_reason provision_state provision_updated_at raid_config raid_interface \
         rescue_interface reservation resource_class retired retired_reason secure_boot \
         service_step shard states storage_interface target_power_state target_provision_state \
         target_raid_config traits updated_at uuid vendor_interface volume",
    )
}

pub(crate) async fn a_port_has_these_fields(env: &Env) -> Result<()> {
    let port = env.node().await?.port().await?;
    let path = format!("/v1/ports/{}", crate::test_node::uuid_of(&port)?);
    leads_to(&port, &path)?;
    let read = env.api.get(&path).await?.is(200)?;
    for document in [port, read] {
        keys(
            &document,
            "address created_at extra internal_info is_smartnic links local_link_connection name \
             node_uuid physical_network portgroup_uuid pxe_enabled updated_at uuid",
        )?;
    }
    Ok(())
}

pub(crate) async fn a_connector_and_a_target_have_these_fields(env: &Env) -> Result<()> {
    let node = env.node().await?;
    let id = format!("iqn.2026-11.org.example:{}", Uuid::new_v4());
    let connector = node.connector("iqn", &id).await?.is(201)?;
    let target = node.target(Volume::boot()).await?.is(201)?;
    for connector in [&connector, &node.connectors().await?[0]] {
        keys(
            connector,
            "connector_id created_at extra links node_uuid type updated_at uuid",
        )?;
    }
    for target in [&target, &node.targets().await?[0]] {
        keys(
            target,
            "boot_index created_at extra links node_uuid properties updated_at uuid volume_id \
             volume_type",
        )?;
    }
    Ok(())
}

pub(crate) async fn what_is_created_says_where_it_is(env: &Env) -> Result<()> {
    let node = env.node().await?;
    let body = json!({"node_uuid": node.uuid, "address": crate::test_node::fresh_mac()});
    for (path, body) in [
        ("/v1/ports", body),
        ("/v1/volume/targets", Volume::boot().of(&node.uuid)),
    ] {
        let answer = env.api.post(path, body).await?;
        let created = answer.is(201)?;
        let location = answer.header("location").unwrap_or_default();
        let uuid = crate::test_node::uuid_of(&created)?;
        ensure!(
            location.ends_with(&format!("{path}/{uuid}")),
            "{path}: {location:?}"
        );
    }
    Ok(())
}

pub(crate) async fn what_was_changed_has_a_time(env: &Env) -> Result<()> {
    let node = env.node().await?;
    let before = node.get().await?;
    ensure!(before["updated_at"].is_null(), "{before}");
    ensure!(before["created_at"].is_string(), "{before}");
    let after = node.set("/extra/note", json!(1)).await?.is(200)?;
    ensure!(after["updated_at"].is_string(), "{after}");
    ensure!(after["created_at"] == before["created_at"], "{after}");
    Ok(())
}
