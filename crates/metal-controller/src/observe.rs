//! Reads all that a plan depends on: no less, and nothing that it doesn't.

use std::collections::BTreeMap;

use ironic_client::watch::Look;
use kube::{Api, ResourceExt};
use metal_api::v1alpha1::{BareMetalHost, HardwareData, HardwareDetails};
use metal_plan::{ConfigDriveFacts, Observation, Rival, SecretFacts};
use uuid::Uuid;

use crate::config_drives;
use crate::context::Context;
use crate::credentials::{self, Purpose};

mod ironic;
mod leases;
mod node;
mod virtual_media;

pub(crate) use node::recorded_node;

/// Kubernetes could not be read.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    #[error("failed to read HardwareData {name}")]
    Hardware { name: String, source: kube::Error },
    #[error("failed to read the host that holds a volume's Lease")]
    Holder { source: kube::Error },
    #[error(transparent)]
    Credentials(credentials::Error),
    #[error(transparent)]
    ConfigDrive(#[from] config_drives::Error),
}

impl Error {
    /// Whether it was the BMC's Secret that could not be read.
    pub(crate) fn is_of_credentials(&self) -> bool {
        match self {
            Self::Credentials(_) => true,
            Self::Hardware { .. } | Self::Holder { .. } | Self::ConfigDrive(_) => false,
        }
    }
}

/// The host and all that its plan depends on; none while Ironic's node is about to be read anew, or the
/// Leases are about to be listed, which will call.
pub(crate) async fn observe(
    context: &Context,
    host: &BareMetalHost,
) -> Result<Option<Observation>, Error> {
    let Some((needs, ironic)) = ironic::view(context, host).await else {
        return Ok(None);
    };
    let Some(leases) = leases::facts(context, host).await? else {
        return Ok(None);
    };
    let bmc = host
        .spec
        .bmc
        .as_ref()
        .map(|bmc| bmc.credentials_name.as_str());
    Ok(Some(Observation {
        host: host.clone(),
        hardware: if needs.hardware {
            hardware(context, host).await?
        } else {
            None
        },
        bmc_credentials: match bmc.filter(|_| needs.bmc_credentials) {
            Some(name) => bmc_facts(context, host, name).await?,
            None => SecretFacts::NotRead,
        },
        iscsi_credentials: if needs.iscsi_credentials {
            iscsi_facts(context, host, needs.fresh_iscsi_credentials).await?
        } else {
            BTreeMap::new()
        },
        config_drive: if needs.config_drive {
            config_drives::facts(context, host).await?
        } else {
            ConfigDriveFacts::NotRead
        },
        ironic,
        rivals: rivals(context, host),
        leases,
        settings: context.settings.clone(),
        now: context.clock.now(),
        fresh_id: Uuid::new_v4(),
    }))
}

/// The word of Ironic counts for who has a node: a status can be written by others.
fn rivals(context: &Context, host: &BareMetalHost) -> Vec<Rival> {
    let mut rivals = context.rivals.of(host);
    for rival in &mut rivals {
        let name = metal_plan::node_name(&rival.namespace, &rival.name);
        rival.has_node = match context.inventory.look_by_name(&name) {
            Look::Known(node) => metal_plan::is_verified(&node),
            // It was a moment ago, as far as its status tells.
            Look::Pending | Look::Lost { .. } => rival.has_node,
            Look::Unknown => false,
        };
    }
    rivals
}

async fn hardware(
    context: &Context,
    host: &BareMetalHost,
) -> Result<Option<HardwareDetails>, Error> {
    let name = host.name_any();
    let api: Api<HardwareData> =
        Api::namespaced(context.kube.clone(), &host.namespace().unwrap_or_default());
    match api.get_opt(&name).await {
        Ok(data) => Ok(data.and_then(|data| data.spec.hardware)),
        Err(source) => Err(Error::Hardware { name, source }),
    }
}

/// Facts about the BMC's Secret. One that Ironic was told, and that worked, is not read again.
async fn bmc_facts(
    context: &Context,
    host: &BareMetalHost,
    name: &str,
) -> Result<SecretFacts, Error> {
    let namespace = host.namespace().unwrap_or_default();
    let good = host.status.as_ref().and_then(|status| {
        let good = status.good_credentials.as_ref()?;
        let is_named = good.credentials.as_ref()?.name.as_deref() == Some(name);
        good.credentials_version.clone().filter(|_| is_named)
    });
    match good {
        Some(version) if context.secret_versions.is_at(&namespace, name, &version) => {
            Ok(SecretFacts::Usable { version })
        }
        Some(_) | None => facts(context, host, name, Purpose::Bmc).await,
    }
}

/// Facts about the Secrets of the host's volumes: of one that has not changed those that were found before, unless they
/// must be fresh. What is opened for a deployment is compared with them.
async fn iscsi_facts(
    context: &Context,
    host: &BareMetalHost,
    fresh: bool,
) -> Result<BTreeMap<String, SecretFacts>, Error> {
    let mut all = BTreeMap::new();
    let namespace = host.namespace().unwrap_or_default();
    for name in metal_plan::iscsi_secrets(host) {
        let known = context.secret_versions.facts(&namespace, name);
        let facts = match known.filter(|_| !fresh) {
            Some(known) => known,
            None => facts(context, host, name, Purpose::Iscsi).await?,
        };
        all.insert(name.to_owned(), facts);
    }
    Ok(all)
}

async fn facts(
    context: &Context,
    host: &BareMetalHost,
    name: &str,
    purpose: Purpose,
) -> Result<SecretFacts, Error> {
    let namespace = host.namespace().unwrap_or_default();
    credentials::facts(context, &namespace, name, purpose)
        .await
        .map_err(Error::Credentials)
}
