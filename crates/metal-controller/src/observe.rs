//! Reads all that a plan depends on: no less, and nothing that it doesn't.

use ironic_client::Ironic;
use ironic_types::calls::{GetDriver, GetNode, ListConnectors, ListPorts, ListTargets};
use ironic_types::{Node, NodeId, NodeIdent};
use jiff::Timestamp;
use kube::{Api, ResourceExt};
use metal_api::v1alpha1::{BareMetalHost, HardwareData, HardwareDetails};
use metal_plan::{Abilities, Bmc, IronicView, Needs, Observation, SecretFacts, Seen, VolumeScope};
use uuid::Uuid;

use crate::context::Context;
use crate::credentials::{self, Purpose};

/// Kubernetes could not be read.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    #[error("failed to read HardwareData {name}")]
    Hardware { name: String, source: kube::Error },
    #[error(transparent)]
    Credentials(credentials::Error),
}

pub(crate) async fn observe(context: &Context, host: &BareMetalHost) -> Result<Observation, Error> {
    let needs = metal_plan::needs(host);
    let bmc = host
        .spec
        .bmc
        .as_ref()
        .map(|bmc| bmc.credentials_name.as_str());
    let volume = metal_plan::iscsi_secret(host);
    Ok(Observation {
        host: host.clone(),
        hardware: if needs.hardware {
            hardware(context, host).await?
        } else {
            None
        },
        bmc_credentials: facts(
            context,
            host,
            bmc.filter(|_| needs.bmc_credentials),
            Purpose::Bmc,
        )
        .await?,
        iscsi_credentials: facts(
            context,
            host,
            volume.filter(|_| needs.iscsi_credentials),
            Purpose::Iscsi,
        )
        .await?,
        ironic: view(context, host, needs).await,
        settings: context.settings.clone(),
        now: now(),
        fresh_id: Uuid::new_v4(),
    })
}

#[expect(clippy::disallowed_methods, reason = "this is where the clock is read")]
fn now() -> Timestamp {
    // Kubernetes keeps whole seconds: a finer time would differ from itself once it was stored.
    Timestamp::from_second(Timestamp::now().as_second()).unwrap_or_default()
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

async fn facts(
    context: &Context,
    host: &BareMetalHost,
    name: Option<&str>,
    purpose: Purpose,
) -> Result<SecretFacts, Error> {
    match name {
        None => Ok(SecretFacts::NotRead),
        Some(name) => {
            let namespace = host.namespace().unwrap_or_default();
            credentials::facts(context, &namespace, name, purpose)
                .await
                .map_err(Error::Credentials)
        }
    }
}

async fn view(context: &Context, host: &BareMetalHost, needs: Needs) -> IronicView {
    match seen(&context.ironic, host, needs).await {
        Ok(seen) => IronicView::Seen(Box::new(seen)),
        Err(error) => IronicView::Unavailable {
            message: error.in_words(),
        },
    }
}

async fn seen(
    ironic: &Ironic,
    host: &BareMetalHost,
    needs: Needs,
) -> Result<Seen, ironic_client::Error> {
    let mut seen = Seen::default();
    if !needs.node {
        return Ok(seen);
    }
    seen.node = node(ironic, host).await?;
    match &seen.node {
        Some(node) => {
            if needs.ports {
                seen.ports = ironic
                    .list_all(&ListPorts {
                        node: Some(node.uuid),
                        detail: true,
                        ..ListPorts::default()
                    })
                    .await?;
            }
            let scope = metal_plan::volume_scope(host, node);
            if scope == VolumeScope::Node {
                seen.connectors = ironic
                    .list_all(&ListConnectors {
                        node: Some(node.uuid),
                        ..ListConnectors::default()
                    })
                    .await?;
            }
            let of_node = match scope {
                VolumeScope::None => return Ok(seen),
                VolumeScope::Node => Some(node.uuid),
                VolumeScope::AllTargets => None,
            };
            seen.targets = ironic
                .list_all(&ListTargets {
                    node: of_node,
                    detail: true,
                    ..ListTargets::default()
                })
                .await?;
        }
        None if needs.abilities => {
            let driver = ironic
                .send(&GetDriver {
                    name: Bmc::DRIVER.to_owned(),
                })
                .await;
            seen.abilities =
                Some(found(driver)?.map_or_else(|| Abilities::none(Bmc::DRIVER), Abilities::from));
        }
        None => {}
    }
    Ok(seen)
}

/// By the recorded id, else by name: a node that was made just before a crash is found again.
async fn node(ironic: &Ironic, host: &BareMetalHost) -> Result<Option<Node>, ironic_client::Error> {
    let recorded = host
        .status
        .as_ref()
        .and_then(|status| status.provisioning.id.parse::<NodeId>().ok());
    if let Some(id) = recorded
        && let Some(node) = found(
            ironic
                .send(&GetNode {
                    ident: NodeIdent::Id(id),
                })
                .await,
        )?
    {
        return Ok(Some(node));
    }
    let name = metal_plan::node_name(&host.namespace().unwrap_or_default(), &host.name_any());
    let named = found(
        ironic
            .send(&GetNode {
                ident: NodeIdent::Name(name.clone()),
            })
            .await,
    )?;
    // Ironic takes `a` for `a.json` if there is no such name (`ironic/api/middleware/json_ext.py`).
    Ok(named.filter(|node| node.name.as_ref() == Some(&name)))
}

/// "Not found" is an answer.
fn found<T>(answer: Result<T, ironic_client::Error>) -> Result<Option<T>, ironic_client::Error> {
    match answer {
        Ok(found) => Ok(Some(found)),
        Err(error) if error.is_not_found() => Ok(None),
        Err(error) => Err(error),
    }
}
