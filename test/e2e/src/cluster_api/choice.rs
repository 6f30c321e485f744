//! Which host a machine gets (`chooseHost`).

use anyhow::{Context, Result};
use kube::api::ListParams;
use serde_json::Value;
use uuid::Uuid;

use super::edit::{Edit, text};
use super::machine::Metal3Machine;
use super::provider::Provider;
use super::{MACHINE_GROUP, MACHINE_KIND, NODE_REUSE_LABEL, UNHEALTHY_ANNOTATIONS};
use metal_api::names;

/// A host that was chosen, as it was then.
#[derive(Debug, Clone)]
pub struct Chosen(pub(super) Edit);

impl Chosen {
    /// The host's name.
    pub fn name(&self) -> &str {
        self.0.name()
    }
}

impl Provider {
    /// Chooses a host for a machine: one that is its own already, one that waits for it, or any; none if there is none.
    pub async fn choose(&self, machine: &Metal3Machine) -> Result<Option<Chosen>> {
        let selector: Vec<_> = machine
            .template
            .host_selector
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        let params = ListParams::default().labels(&selector.join(","));
        let hosts = self.hosts.list(&params).await;
        let (mut free, mut kept) = (Vec::new(), Vec::new());
        for host in hosts.context("failed to list hosts")? {
            let host = Edit::of(self.types.host(&host)?);
            if is_of(&host.host["spec"]["consumerRef"], machine, &self.namespace) {
                return Ok(Some(Chosen(host)));
            }
            let is_kept = host.label(NODE_REUSE_LABEL);
            let is_kept_for_it =
                is_kept.is_some() && is_kept == machine.template.node_reuse.as_deref();
            let is_of_others = if is_kept.is_some() {
                !is_kept_for_it
            } else {
                !host.host["spec"]["consumerRef"].is_null()
            };
            if is_of_others || !is_sound(&host) {
                continue;
            }
            if is_kept_for_it {
                kept.push(host);
            } else if is_available(&host) {
                free.push(host);
            }
        }
        if let Some(kept) = kept.pop() {
            // It is waited for rather than another taken.
            return Ok(is_available(&kept).then_some(Chosen(kept)));
        }
        Ok(any(free).map(Chosen))
    }
}

fn any(mut hosts: Vec<Edit>) -> Option<Edit> {
    let count = u128::try_from(hosts.len()).ok()?;
    let index = Uuid::new_v4().as_u128().checked_rem(count)?;
    Some(hosts.swap_remove(usize::try_from(index).ok()?))
}

/// Nobody deletes it, nothing is said against it, and nobody keeps others away.
fn is_sound(host: &Edit) -> bool {
    host.host["metadata"]["deletionTimestamp"].is_null()
        && text(&host.host["status"]["errorMessage"]).is_empty()
        && host.annotation(names::PAUSED_ANNOTATION).is_none()
        && UNHEALTHY_ANNOTATIONS
            .iter()
            .all(|annotation| host.annotation(annotation).is_none())
}

fn is_available(host: &Edit) -> bool {
    matches!(host.state(), "ready" | "available")
}

/// Whether a `consumerRef` is this machine, of whatever version (`consumerRefMatches`).
pub(super) fn is_of(consumer: &Value, machine: &Metal3Machine, namespace: &str) -> bool {
    let group = text(&consumer["apiVersion"]).split('/').next();
    consumer["name"] == machine.name.as_str()
        && consumer["namespace"] == namespace
        && consumer["kind"] == MACHINE_KIND
        && group == Some(MACHINE_GROUP)
}
