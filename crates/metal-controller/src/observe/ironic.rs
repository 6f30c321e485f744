//! The host's things in Ironic: from the inventory where that is enough, by requests where it is not.

use std::time::Duration;

use ironic_client::Error;
use ironic_client::watch::Look;
use ironic_types::calls::{GetNode, ListConnectors, ListPorts, ListTargets};
use ironic_types::{Node, NodeId, NodeIdent, Port};
use kube::ResourceExt;
use metal_api::v1alpha1::BareMetalHost;
use metal_plan::{Bmc, IronicView, Needs, Seen, VolumeScope};

use crate::context::Context;

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
        Ok(Found::Pending) => return None,
        Ok(Found::Lost { message }) => return Some(IronicView::Unavailable { message }),
        Err(error) => Err(error),
    };
    Some(match seen {
        Ok(seen) => IronicView::Seen(Box::new(seen)),
        Err(error) => IronicView::Unavailable {
            message: error.in_words(),
        },
    })
}

async fn without_node(context: &Context, needs: Needs) -> Result<Seen, Error> {
    let mut seen = Seen::default();
    if needs.abilities {
        let abilities = context.drivers.abilities(&context.ironic, Bmc::DRIVER);
        seen.abilities = Some(abilities.await?);
    }
    Ok(seen)
}

async fn with_node(
    context: &Context,
    host: &BareMetalHost,
    needs: Needs,
    node: Node,
) -> Result<Seen, Error> {
    let mut seen = Seen::default();
    if needs.ports {
        seen.ports = ports(context, node.uuid).await?;
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
        VolumeScope::AllTargets => {
            let targets = context.inventory.targets(&context.ironic, TARGETS_MAX_AGE);
            seen.targets = targets.await?;
        }
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

async fn ports(context: &Context, node: NodeId) -> Result<Vec<Port>, Error> {
    if let Some(known) = context.inventory.ports(node) {
        return Ok(known);
    }
    let call = ListPorts {
        node: Some(node),
        detail: true,
        ..ListPorts::default()
    };
    let ports = context.ironic.list_all(&call).await?;
    context.inventory.learn_ports(node, ports.clone());
    Ok(ports)
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
async fn node(context: &Context, host: &BareMetalHost) -> Result<Found, Error> {
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

async fn look(context: &Context, look: Look, ident: NodeIdent) -> Result<Found, Error> {
    match look {
        Look::Known(node) => Ok(Found::Node(Box::new(Node::clone(&node)))),
        Look::Pending => Ok(Found::Pending),
        Look::Lost { message } => Ok(Found::Lost { message }),
        Look::Unknown => match context.ironic.send(&GetNode { ident }).await {
            Ok(node) => Ok(Found::Node(Box::new(node))),
            Err(error) if error.is_not_found() => Ok(Found::None),
            Err(error) => Err(error),
        },
    }
}
