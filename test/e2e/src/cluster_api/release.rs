//! How the provider lets go of a host (`Delete`).

use anyhow::Result;
use metal_api::names;
use serde_json::{Value, json};

use super::edit::Edit;
use super::machine::Metal3Machine;
use super::provider::Provider;
use super::{CLUSTER_NAME_LABEL, NODE_REUSE_LABEL, PAUSED_BY_PROVIDER};
use crate::progress::step;

impl Provider {
    /// One pass over a machine that is being deleted: its finalizer goes with the last one.
    pub(super) async fn delete(&self, machine: &mut Metal3Machine) -> Result<()> {
        let Some(mut host) = self.host_of(machine).await? else {
            machine.has_finalizer = false;
            return Ok(());
        };
        let is_free = host.host["spec"]["consumerRef"].is_null();
        if is_free || !self.is_of(&host, machine) {
            machine.has_finalizer = false;
            return Ok(());
        }
        if !self.label_bmc_secret(&host, false).await? {
            return Ok(());
        }
        clear(&mut host, machine);
        if host.patch().is_some() {
            return self.write(&mut host).await;
        }
        if is_deployed(&host) {
            return Ok(());
        }
        if let Some(owner) = &machine.template.node_reuse {
            host.set_label(NODE_REUSE_LABEL, Some(owner));
            host.spec()["consumerRef"] = json!({
                "kind": "Cluster", "name": self.cluster_name, "namespace": self.namespace,
                "apiVersion": "cluster.x-k8s.io/v1beta2",
            });
        } else {
            host.spec()["consumerRef"] = Value::Null;
        }
        if host.label(CLUSTER_NAME_LABEL) == Some(&self.cluster_name) {
            host.set_label(CLUSTER_NAME_LABEL, None);
        }
        if host.annotation(names::PAUSED_ANNOTATION) == Some(PAUSED_BY_PROVIDER) {
            host.set_annotation(names::PAUSED_ANNOTATION, None);
        }
        self.write(&mut host).await?;
        machine.has_finalizer = false;
        step(format!(
            "  consumer {} has let go of {}",
            machine.name,
            host.name()
        ));
        Ok(())
    }
}

/// What the machine had written. It is switched off, too: `CAPM3_FAST_TRACK` is not set.
fn clear(host: &mut Edit, machine: &Metal3Machine) {
    let wanted = &machine.template;
    let data = wanted.data_template.clone().unwrap_or_default();
    let written = [
        ("image", true),
        ("customDeploy", true),
        ("userData", wanted.user_data.is_some()),
        ("metaData", data.meta_data.is_some()),
        ("networkData", data.network_data.is_some()),
    ];
    let spec = host.spec();
    for (field, _) in written.iter().filter(|(_, is_its)| *is_its) {
        if !spec[*field].is_null() {
            spec[*field] = Value::Null;
        }
    }
    spec["online"] = (spec["disablePowerOff"] == true).into();
}

/// Whether the machine must still be waited for.
fn is_deployed(host: &Edit) -> bool {
    match host.state() {
        "" | "unmanaged" | "registering" | "match profile" | "inspecting" | "ready"
        | "available" => false,
        "externally provisioned" => host.is_on(),
        _ => true,
    }
}
