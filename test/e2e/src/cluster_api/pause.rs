//! What happens to the host of a machine whose Cluster is paused, and once it is not any more.

use anyhow::{Context, Result};
use metal_api::names;
use serde_json::{Value, json};

use super::machine::Metal3Machine;
use super::provider::Provider;
use super::{BLOCK_MOVE_ANNOTATION, CLUSTER_NAME_LABEL, PAUSED_BY_PROVIDER};

impl Provider {
    /// Nobody moves a claimed host before it is paused (`EnsureBlockMoveAnnotation`).
    pub(super) async fn ensure_block_move(&self, machine: &Metal3Machine) -> Result<()> {
        let Some(mut host) = self.host_of(machine).await? else {
            return Ok(());
        };
        let is_paused = host.annotation(names::PAUSED_ANNOTATION).is_some();
        let is_blocked = host.annotation(BLOCK_MOVE_ANNOTATION).is_some();
        if is_paused || is_blocked || !self.is_of(&host, machine) {
            return Ok(());
        }
        host.set_annotation(BLOCK_MOVE_ANNOTATION, Some(""));
        self.write(&mut host).await
    }

    /// Pauses the host and writes its status down, then lets it be moved (`SetPauseAnnotation`).
    pub(super) async fn pause(&self, machine: &Metal3Machine) -> Result<()> {
        let Some(mut host) = self.host_of(machine).await? else {
            return Ok(());
        };
        if host.annotation(names::PAUSED_ANNOTATION).is_none() {
            host.set_annotation(BLOCK_MOVE_ANNOTATION, Some(""));
            self.write(&mut host).await?;
            let status = written_down(&host.host["status"])?;
            host.set_annotation(names::PAUSED_ANNOTATION, Some(PAUSED_BY_PROVIDER));
            host.set_annotation(names::STATUS_ANNOTATION, Some(&status));
            self.write(&mut host).await?;
        }
        host.set_annotation(BLOCK_MOVE_ANNOTATION, None);
        self.write(&mut host).await
    }

    /// Takes the own pause away, and nobody else's (`RemovePauseAnnotation`).
    pub(super) async fn unpause(&self, machine: &Metal3Machine) -> Result<()> {
        let Some(mut host) = self.host_of(machine).await? else {
            return Ok(());
        };
        if host.label(CLUSTER_NAME_LABEL) == Some(&self.cluster_name)
            && host.annotation(names::PAUSED_ANNOTATION) == Some(PAUSED_BY_PROVIDER)
        {
            host.set_annotation(names::PAUSED_ANNOTATION, None);
        }
        self.write(&mut host).await
    }
}

/// As Go writes Metal3's types: what they can't leave out is there, and empty. The hardware is left out on purpose.
fn written_down(status: &Value) -> Result<String> {
    let never = json!({ "start": null, "end": null });
    let mut whole = json!({
        "operationalStatus": "", "errorMessage": "", "errorCount": 0, "provisioningFailCount": 0, "poweredOn": false,
        "provisioning": { "state": "", "ID": "", "image": { "url": "" } },
        "goodCredentials": {}, "triedCredentials": {},
        "operationHistory": { "register": never, "inspect": never, "provision": never, "deprovision": never },
    });
    json_patch::merge(&mut whole, status);
    let fields = whole.as_object_mut().context("a status is no object")?;
    fields.remove("hardware");
    Ok(whole.to_string())
}
