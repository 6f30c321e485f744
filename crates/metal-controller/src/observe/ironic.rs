//! The host's things in Ironic: from the inventory where that is enough, by requests where it is not.

use std::time::Duration;

use ironic_client::watch::Belongings;
use ironic_types::calls::ListTargets;
use ironic_types::{Node, NodeId, VolumeTarget};
use metal_api::v1alpha1::BareMetalHost;
use metal_plan::{IronicView, Needs, Seen, VolumeScope};

use super::node::{self, Found};
use super::virtual_media;
use crate::context::Context;
use crate::shared::NoAnswer;

/// Hosts that are about to be deployed share a list of all targets that is no older than this.
const TARGETS_MAX_AGE: Duration = Duration::from_secs(10);

/// What Ironic says of the host, and what else its plan depends on; none while its node is about to be read anew.
pub(super) async fn view(context: &Context, host: &BareMetalHost) -> Option<(Needs, IronicView)> {
    if !metal_plan::needs_node(host) {
        return Some((
            metal_plan::needs(host, None),
            IronicView::Seen(Box::default()),
        ));
    }
    // In a box, as what is seen below: every pass would carry the state of all requests that few of them send.
    let found = match Box::pin(node::find(context, host)).await {
        Ok(Found::Node(node)) => Ok(Seen {
            node: Some(*node),
            ..Seen::default()
        }),
        Ok(Found::None) => Ok(Seen::default()),
        Ok(Found::OtherOwner(owner)) => Ok(Seen {
            mac_owner: Some(owner),
            ..Seen::default()
        }),
        Ok(Found::Stranger(name)) => Ok(Seen {
            stranger: Some(name),
            ..Seen::default()
        }),
        Ok(Found::Pending) => {
            context.inventory.hurry();
            return None;
        }
        Ok(Found::Lost { message }) => Err(NoAnswer { message }),
        Err(error) => Err(error),
    };
    let view = match found {
        Ok(found) => {
            let mut needs = metal_plan::needs(host, found.node.as_ref());
            let seen = Box::pin(see(context, host, needs, found)).await;
            seen.map(|seen| {
                needs.iscsi_credentials |= metal_plan::lacks_target(host, &seen);
                (needs, IronicView::Seen(Box::new(seen)))
            })
        }
        Err(error) => Err(error),
    };
    Some(view.unwrap_or_else(|NoAnswer { message }| {
        let needs = metal_plan::needs(host, None);
        (needs, IronicView::Unavailable { message })
    }))
}

async fn see(
    context: &Context,
    host: &BareMetalHost,
    needs: Needs,
    mut seen: Seen,
) -> Result<Seen, NoAnswer> {
    if needs.abilities
        && let Some(driver) = metal_plan::driver(host)
    {
        let abilities = context.drivers.abilities(&context.ironic, driver);
        seen.abilities = Some(abilities.await?);
    }
    let Some(mut node) = seen.node.take() else {
        return Ok(seen);
    };
    if needs.ports {
        seen.ports = context.inventory.ports(&context.ironic, node.uuid).await?;
    }
    // Ironic quotes the URL of what it can't get.
    node.last_error = node
        .last_error
        .map(|error| config_drive::redacted(&error).into_owned());
    let id = node.uuid;
    let Context {
        inventory, ironic, ..
    } = context;
    let scope = metal_plan::volume_scope(host, &node);
    let mut others = Vec::new();
    match scope {
        VolumeScope::None | VolumeScope::Known => {}
        VolumeScope::KnownAndAllTargets => {
            others = targets(context, host, &node).await?;
            others.retain(|target| target.node_uuid != id);
        }
        VolumeScope::NodeTargets => seen.targets = inventory.read_targets_of(ironic, id).await?,
        VolumeScope::Node => {
            seen.targets = inventory.read_targets_of(ironic, id).await?;
            seen.connectors = inventory.read_connectors_of(ironic, id).await?;
        }
        VolumeScope::AllTargets => seen.targets = targets(context, host, &node).await?,
        VolumeScope::NodeAndAllTargets => {
            seen.targets = targets(context, host, &node).await?;
            seen.connectors = inventory.read_connectors_of(ironic, id).await?;
        }
    }
    if needs.virtual_media {
        let fresh = needs.fresh_virtual_media;
        seen.virtual_media = virtual_media::facts(context, id, fresh).await?;
    }
    if needs.busy_nodes {
        seen.busy_nodes = context.inventory.count(|other| {
            other.uuid != node.uuid
                && (metal_plan::is_busy(other) || context.started.holds(other.uuid))
        });
    }
    let looks_for_drift = matches!(scope, VolumeScope::Known | VolumeScope::KnownAndAllTargets);
    seen.node = Some(node);
    if looks_for_drift {
        look_for_drift(context, host, id, &mut seen).await?;
    }
    seen.targets.extend(others);
    Ok(seen)
}

/// A host that rests asks nothing of its own: what the watch knows tells whether all is as it was deployed. If not, it
/// may be that the watch knows it from before a change, and Ironic is asked.
async fn look_for_drift(
    context: &Context,
    host: &BareMetalHost,
    node: NodeId,
    seen: &mut Seen,
) -> Result<(), NoAnswer> {
    let Some(known) = context.inventory.belongings(node) else {
        return Ok(());
    };
    take(known, seen);
    if metal_plan::has_drifted(host, seen) {
        take(
            context
                .inventory
                .read_belongings(&context.ironic, node)
                .await?,
            seen,
        );
    }
    Ok(())
}

fn take(belongings: Belongings, seen: &mut Seen) {
    let Belongings {
        ports,
        connectors,
        targets,
    } = belongings;
    seen.ports = ports;
    seen.connectors = connectors;
    seen.targets = targets;
    seen.knows_belongings = true;
}

/// The targets of all nodes, as far as they matter to the host.
async fn targets(
    context: &Context,
    host: &BareMetalHost,
    node: &Node,
) -> Result<Vec<VolumeTarget>, NoAnswer> {
    let Context {
        inventory, ironic, ..
    } = context;
    let matters = |target: &VolumeTarget| metal_plan::target_matters(host, node, target);
    let known = || inventory.targets(TARGETS_MAX_AGE, matters);
    if let Some(targets) = known() {
        return Ok(targets);
    }
    let reading = inventory.read_targets(ironic);
    context.targets.get(Duration::ZERO, reading).await?;
    if let Some(targets) = known() {
        return Ok(targets);
    }
    // Forgotten in the meantime: another host's request has failed.
    let call = ListTargets {
        detail: true,
        ..ListTargets::default()
    };
    let mut targets = ironic.list_all(&call).await?;
    targets.retain(matters);
    Ok(targets)
}
