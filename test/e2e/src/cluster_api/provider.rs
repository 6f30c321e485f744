//! One pass over a machine, as the provider makes it again and again (`Reconcile`).

use anyhow::{Context, Result};
use k8s_openapi::api::core::v1::Secret;
use kube::api::{DynamicObject, Patch, PatchParams, PostParams};
use kube::core::ApiResource;
use kube::{Api, ResourceExt};
use metal_api::v1alpha1::BareMetalHost;
use serde_json::{Value, json};
use tokio::sync::Mutex;

use super::choice::{Chosen, is_of};
use super::edit::{Edit, Metal3Types, text};
use super::machine::Metal3Machine;
use super::{CLUSTER_NAME_LABEL, MACHINE_API_VERSION, MACHINE_KIND, NODE_REUSE_LABEL};
use crate::cluster::Cluster;
use crate::progress::step;

/// The provider, for one Cluster in one namespace.
pub struct Provider {
    /// `spec.paused` of the Cluster.
    pub is_paused: bool,
    pub(super) namespace: String,
    pub(super) cluster_name: String,
    pub(super) types: Metal3Types,
    pub(super) hosts: Api<DynamicObject>,
    secrets: Api<Secret>,
    /// Two machines of one provider don't choose at once. Another provider doesn't know of it.
    choosing: Mutex<()>,
}

impl Provider {
    /// A provider that works on a namespace of a cluster.
    pub fn new(cluster: &Cluster, namespace: &str, cluster_name: &str) -> Result<Self> {
        let kind = ApiResource::erase::<BareMetalHost>(&());
        Ok(Self {
            is_paused: false,
            namespace: namespace.to_owned(),
            cluster_name: cluster_name.to_owned(),
            types: Metal3Types::read(cluster)?,
            hosts: Api::namespaced_with(cluster.client.clone(), namespace, &kind),
            secrets: Api::namespaced(cluster.client.clone(), namespace),
            choosing: Mutex::default(),
        })
    }

    /// One pass over a machine.
    pub async fn reconcile(&self, machine: &mut Metal3Machine) -> Result<()> {
        self.ensure_block_move(machine).await?;
        if self.is_paused {
            return self.pause(machine).await;
        }
        self.unpause(machine).await?;
        if machine.is_deleted {
            return self.delete(machine).await;
        }
        if machine.host.is_none() {
            let _choosing = self.choosing.lock().await;
            let Some(chosen) = self.choose(machine).await? else {
                return Ok(());
            };
            return self.take(machine, chosen).await;
        }
        self.update(machine).await?;
        let Some(host) = self.host_of(machine).await? else {
            return Ok(());
        };
        if host.state() == "provisioned" && machine.provider_id.is_none() {
            let id = format!(
                "metal3://{}/{}/{}",
                self.namespace,
                host.name(),
                machine.name
            );
            machine.provider_id = Some(id);
            self.update(machine).await?;
        }
        Ok(())
    }

    /// Gives a machine the host that was chosen for it, whatever became of that since (`Associate`).
    pub async fn take(&self, machine: &mut Metal3Machine, chosen: Chosen) -> Result<()> {
        let Chosen(mut host) = chosen;
        host.set_label(CLUSTER_NAME_LABEL, Some(&self.cluster_name));
        self.set_consumer(&mut host, machine);
        if machine.template.data_template.is_none() {
            self.set_spec(&mut host, machine);
        }
        self.write(&mut host).await?;
        if !self.label_bmc_secret(&host, true).await? {
            return Ok(());
        }
        step(format!("  consumer {} has {}", machine.name, host.name()));
        machine.host = Some(host.name().to_owned());
        Ok(())
    }

    /// What is done for a machine that has a host, in each pass (`Update`).
    async fn update(&self, machine: &mut Metal3Machine) -> Result<()> {
        let waits = machine.template.data_template.as_ref();
        if waits.is_some_and(|data| !data.is_ready) {
            return Ok(());
        }
        let host = self.host_of(machine).await?;
        let mut host = host.context("the machine's host is gone")?;
        self.set_consumer(&mut host, machine);
        self.set_spec(&mut host, machine);
        self.write(&mut host).await?;
        machine.addresses = addresses(&host.host["status"]["hardware"]);
        Ok(())
    }

    fn set_consumer(&self, host: &mut Edit, machine: &Metal3Machine) {
        host.spec()["consumerRef"] = json!({
            "kind": MACHINE_KIND, "name": machine.name, "namespace": self.namespace,
            "apiVersion": MACHINE_API_VERSION,
        });
        host.set_label(NODE_REUSE_LABEL, None);
    }

    /// What is to be deployed is written once, and never changed (`setHostSpec`).
    fn set_spec(&self, host: &mut Edit, machine: &Metal3Machine) {
        let wanted = &machine.template;
        let in_namespace = |name: &String| json!({ "name": name, "namespace": self.namespace });
        let spec = host.spec();
        let is_free = spec["image"].is_null() && spec["customDeploy"].is_null();
        if let Some(user_data) = wanted.user_data.as_ref().filter(|_| is_free) {
            if let Some(image) = &wanted.image {
                spec["image"] = json!({ "format": "" });
                for (field, value) in image.as_object().into_iter().flatten() {
                    spec["image"][field] = value.clone();
                }
            }
            if let Some(method) = &wanted.custom_deploy {
                spec["customDeploy"] = json!({ "method": method });
            }
            spec["userData"] = in_namespace(user_data);
            let data = wanted.data_template.clone().unwrap_or_default();
            if let Some(secret) = &data.meta_data {
                spec["metaData"] = in_namespace(secret);
            }
            if let Some(secret) = &data.network_data {
                spec["networkData"] = in_namespace(secret);
            }
        }
        if let Some(mode) = &wanted.automated_cleaning_mode {
            spec["automatedCleaningMode"] = mode.as_str().into();
        }
        spec["online"] = true.into();
    }

    /// The host that a machine has.
    pub(super) async fn host_of(&self, machine: &Metal3Machine) -> Result<Option<Edit>> {
        let Some(name) = &machine.host else {
            return Ok(None);
        };
        let host = self.hosts.get_opt(name).await;
        let host = host.context("failed to read the machine's host")?;
        host.map(|host| Ok(Edit::of(self.types.host(&host)?)))
            .transpose()
    }

    /// Whether the host says that it is this machine's.
    pub(super) fn is_of(&self, host: &Edit, machine: &Metal3Machine) -> bool {
        is_of(&host.host["spec"]["consumerRef"], machine, &self.namespace)
    }

    /// Writes what was changed. The answer is what the next change begins with.
    pub(super) async fn write(&self, host: &mut Edit) -> Result<()> {
        let Some(patch) = host.patch() else {
            return Ok(());
        };
        let patched = self
            .hosts
            .patch(host.name(), &PatchParams::default(), &Patch::Merge(&patch))
            .await;
        patched.with_context(|| format!("the consumer's patch is refused: {patch}"))?;
        host.written();
        Ok(())
    }

    /// Replaces the whole Secret; false if somebody else was faster, and it is to be tried again.
    pub(super) async fn label_bmc_secret(&self, host: &Edit, is_set: bool) -> Result<bool> {
        let name = text(&host.host["spec"]["bmc"]["credentialsName"]);
        let Some(mut secret) = self.secrets.get_opt(name).await? else {
            return Ok(true);
        };
        let labels = secret.labels_mut();
        if is_set {
            labels.insert(CLUSTER_NAME_LABEL.to_owned(), self.cluster_name.clone());
        } else if labels.get(CLUSTER_NAME_LABEL) == Some(&self.cluster_name) {
            labels.remove(CLUSTER_NAME_LABEL);
        } else {
            return Ok(true);
        }
        match self
            .secrets
            .replace(name, &PostParams::default(), &secret)
            .await
        {
            Ok(_) => Ok(true),
            Err(kube::Error::Api(status)) if status.is_conflict() => Ok(false),
            Err(error) => Err(error).context("the label of the BMC's Secret is refused"),
        }
    }
}

/// Of the hardware in the host's status (`nodeAddresses`).
fn addresses(hardware: &Value) -> Vec<(&'static str, String)> {
    let nics = hardware["nics"].as_array().into_iter().flatten();
    let mut addresses: Vec<_> = nics
        .map(|nic| text(&nic["ip"]))
        .filter(|address| !address.is_empty())
        .map(|address| ("InternalIP", address.to_owned()))
        .collect();
    let hostname = text(&hardware["hostname"]);
    if !hostname.is_empty() {
        addresses.push(("Hostname", hostname.to_owned()));
        addresses.push(("InternalDNS", hostname.to_owned()));
    }
    addresses
}
