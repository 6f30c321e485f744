//! The host's things in Ironic: from the inventory where that is enough, by requests where it is not.

use std::time::Duration;

use ironic_client::watch::Look;
use ironic_types::calls::{GetNode, ListConnectors, ListTargets};
use ironic_types::{Node, NodeId, NodeIdent, VolumeTarget};
use kube::ResourceExt;
use metal_api::v1alpha1::BareMetalHost;
use metal_plan::{IronicView, Needs, Seen, VolumeScope};

use crate::context::Context;
use crate::shared::NoAnswer;

/// Hosts that are about to be deployed share a list of all targets that is no older than this.
const TARGETS_MAX_AGE: Duration = Duration::from_secs(10);

/// What Ironic says of the host; none while its node is about to be read anew.
pub(super) async fn view(
    context: &Context,
    host: &BareMetalHost,
    needs: Needs,
) -> Option<IronicView> {
    if !needs.node {
        return Some(IronicView::Seen(Box::default()));
    }
    let seen = match node(context, host).await {
        Ok(Found::Node(node)) => with_node(context, host, needs, *node).await,
        Ok(Found::None) => without_node(context, needs).await,
        Ok(Found::Pending) => {
            context.inventory.hurry();
            return None;
        }
        Ok(Found::Lost { message }) => return Some(IronicView::Unavailable { message }),
        Err(error) => Err(error),
    };
    Some(match seen {
        Ok(seen) => IronicView::Seen(Box::new(seen)),
        Err(NoAnswer { message }) => IronicView::Unavailable { message },
    })
}

async fn without_node(context: &Context, needs: Needs) -> Result<Seen, NoAnswer> {
    let mut seen = Seen::default();
    if needs.abilities {
        seen.abilities = Some(context.driver.abilities(&context.ironic).await?);
    }
    Ok(seen)
}

async fn with_node(
    context: &Context,
    host: &BareMetalHost,
    needs: Needs,
    node: Node,
) -> Result<Seen, NoAnswer> {
    let mut seen = Seen::default();
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
        VolumeScope::AllTargets => seen.targets = targets(context, host, &node).await?,
    }
    if scope == VolumeScope::Node {
        let connectors = ListConnectors {
            node: Some(node.uuid),
            ..ListConnectors::default()
        };
        seen.connectors = context.ironic.list_all(&connectors).await?;
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

enum Found {
    Node(Box<Node>),
    None,
    /// An event will tell.
    Pending,
    Lost {
        message: String,
    },
}

/// By the recorded id, else by name: a node that was made just before a crash is found again.
///
/// That there is none is never taken from the inventory: it may have been made since, by another operator.
async fn node(context: &Context, host: &BareMetalHost) -> Result<Found, NoAnswer> {
    if let Some(id) = recorded_node(host) {
        let found = look(context, context.inventory.look(id), NodeIdent::Id(id)).await?;
        if !matches!(found, Found::None) {
            return Ok(found);
        }
    }
    let name = metal_plan::node_name(&host.namespace().unwrap_or_default(), &host.name_any());
    let look_by_name = context.inventory.look_by_name(&name);
    Ok(
        match look(context, look_by_name, NodeIdent::Name(name.clone())).await? {
            // Ironic takes `a` for `a.json` if there is no such name (`ironic/api/middleware/json_ext.py`).
            Found::Node(node) if node.name.as_ref() != Some(&name) => Found::None,
            found => found,
        },
    )
}

/// The node that the host's status names.
pub(crate) fn recorded_node(host: &BareMetalHost) -> Option<NodeId> {
    let status = host.status.as_ref()?;
    status.provisioning.id.parse().ok()
}

async fn look(context: &Context, look: Look, ident: NodeIdent) -> Result<Found, NoAnswer> {
    match look {
        Look::Known(node) => Ok(Found::Node(Box::new(Node::clone(&node)))),
        Look::Pending => Ok(Found::Pending),
        Look::Lost { message } => Ok(Found::Lost { message }),
        Look::Unknown => match context.ironic.send(&GetNode { ident }).await {
            Ok(node) => Ok(Found::Node(Box::new(node))),
            Err(error) if error.is_not_found() => Ok(Found::None),
            Err(error) => Err(error.into()),
        },
    }
}
