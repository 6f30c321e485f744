//! Virtual media. See `ironic/api/controllers/v1/node.py`, `NodeVmediaController`, and
//! `ironic/conductor/manager.py`, `do_attach_virtual_media`.

use anyhow::{Result, ensure};
use serde_json::{Value, json};

use crate::env::Env;
use crate::expect::{has, says};
use crate::test_node::TestNode;

fn media(device: &str, url: &str) -> Value {
    json!({"device_type": device, "image_url": url})
}

/// Whether a disc is in.
async fn has_disc(node: &TestNode<'_>) -> Result<bool> {
    let slots = node
        .env
        .api
        .at(93)
        .get(&node.path("/vmedia"))
        .await?
        .is(200)?;
    let slots = slots.as_array().cloned().unwrap_or_default();
    let disc = slots.iter().find(|slot| {
        let types = slot["media_types"].as_array();
        types.is_some_and(|types| types.contains(&json!("CD")))
    });
    let disc = disc.ok_or_else(|| anyhow::anyhow!("no drive for discs in {slots:?}"))?;
    disc["inserted"]
        .as_bool()
        .ok_or_else(|| anyhow::anyhow!("{disc} does not say whether it is inserted"))
}

pub(crate) async fn media_are_attached_listed_and_detached(env: &Env) -> Result<()> {
    let machine = env.machine().await?;
    let node = env.redfish_node(&machine).await?.available().await?;
    let path = node.path("/vmedia");
    ensure!(!has_disc(&node).await?);
    env.api
        .post(&path, media("cdrom", &env.image()?))
        .await?
        .is(204)?;
    let seen = node.settles().await?;
    has(&seen, [("last_error", Value::Null)])?;
    ensure!(has_disc(&node).await?);
    env.api
        .delete(&format!("{path}?device_types=floppy"))
        .await?
        .is(204)?;
    node.settles().await?;
    ensure!(has_disc(&node).await?, "the disc went with the floppy");
    env.api.delete(&path).await?.is(204)?;
    node.settles().await?;
    ensure!(!has_disc(&node).await?);
    Ok(())
}

pub(crate) async fn media_that_cannot_be_read_are_an_error_afterwards(env: &Env) -> Result<()> {
    let machine = env.machine().await?;
    let node = env.redfish_node(&machine).await?.available().await?;
    let missing = media("cdrom", &env.missing_image());
    env.api
        .post(&node.path("/vmedia"), missing)
        .await?
        .is(204)?;
    let error = node.error().await?;
    ensure!(
        error.starts_with("Could not attach device cdrom to node"),
        "{error}"
    );
    node.settles().await?;
    ensure!(!has_disc(&node).await?);
    Ok(())
}

pub(crate) async fn a_device_type_is_cdrom_floppy_or_disk(env: &Env) -> Result<()> {
    let node = env.node().await?;
    let path = node.path("/vmedia");
    for device in ["dvd", "usb", "cd"] {
        let body = media(device, "http://192.0.2.1/image.iso");
        env.api
            .post(&path, body)
            .await?
            .refuses(400, "Schema error for vmedia")?;
    }
    env.api
        .delete(&format!("{path}?device_types=usb"))
        .await?
        .refuses(400, "Invalid device type(s) usb")?;
    Ok(())
}

pub(crate) async fn an_image_is_read_by_http(env: &Env) -> Result<()> {
    let node = env.node().await?;
    for url in [
        "ftp://192.0.2.1/image.iso",
        "file:///image.iso",
        "image.iso",
    ] {
        env.api
            .post(&node.path("/vmedia"), media("cdrom", url))
            .await?
            .refuses(400, "Unsupported or missing URL scheme")?;
    }
    Ok(())
}

pub(crate) async fn a_driver_without_media_says_so_when_asked(env: &Env) -> Result<()> {
    let node = env.node().await?;
    env.api
        .at(93)
        .get(&node.path("/vmedia"))
        .await?
        .refuses(400, "does not support get_virtual_media")?;
    Ok(())
}

pub(crate) async fn a_driver_without_media_fails_after_it_accepted(env: &Env) -> Result<()> {
    let node = env.node().await?;
    let body = media("cdrom", "http://192.0.2.1/image.iso");
    env.api.post(&node.path("/vmedia"), body).await?.is(204)?;
    node.error().await?;
    let seen = node.settles().await?;
    says(&seen, "last_error", "Could not attach device cdrom to node")?;
    has(&seen, [("provision_state", json!("enroll"))])
}
