//! The host's things in Ironic: from the inventory where that is enough, by requests where it is not.

use std::time::Duration;

use ironic_types::calls::{ListConnectors, ListTargets};
use ironic_types::{Node, VolumeTarget};
use metal_api::v1alpha1::BareMetalHost;
use metal_plan::{IronicView, Needs, Seen, VolumeScope};

use super::node::{self, Found};
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
            let needs = metal_plan::needs(host, found.node.as_ref());
            let seen = Box::pin(see(context, host, needs, found)).await;
            seen.map(|seen| (needs, IronicView::Seen(Box::new(seen))))
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
    let Some(node) = seen.node.take() else {
        return Ok(seen);
    };
    if needs.ports {
        seen.ports = context.inventory.ports(&context.ironic, node.uuid).await?;
    }
    let scope = metal_plan::volume_scope(host, &node);
    match scope {
        VolumeScope::None => {}
        VolumeScope::Node | VolumeScope::NodeTargets => {
            let targets = ListTargets {
                node: Some(node.uuid),
                detail: true,
                ..ListTargets::default()
            };
            seen.targets = context.ironic.list_all(&targets).await?;
        }
        VolumeScope::AllTargets | VolumeScope::NodeAndAllTargets => {
            seen.targets = targets(context, host, &node).await?;
        }
    }
    if matches!(scope, VolumeScope::Node | VolumeScope::NodeAndAllTargets) {
        let connectors = ListConnectors {
            node: Some(node.uuid),
            ..ListConnectors::default()
        };
        seen.connectors = context.ironic.list_all(&connectors).await?;
    }
    if needs.busy_nodes {
        seen.busy_nodes = context.inventory.count(|other| {
            other.uuid != node.uuid
                && (metal_plan::is_busy(other) || context.started.holds(other.uuid))
        });
    }
    seen.node = Some(node);
    Ok(seen)
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
