//! Which node is the host's.

use ironic_client::watch::Look;
use ironic_types::calls::{GetNode, ListPorts};
use ironic_types::{Node, NodeId, NodeIdent};
use kube::ResourceExt;
use metal_api::v1alpha1::BareMetalHost;
use metal_plan::MacOwner;

use crate::context::Context;
use crate::shared::NoAnswer;

/// What came of the search.
pub(super) enum Found {
    Node(Box<Node>),
    None,
    /// There is none, and a node with a name of its own has the host's MAC address.
    OtherOwner(MacOwner),
    /// There is none, and the node that the host's record names is another's, by its name.
    Stranger(String),
    /// An event will tell.
    Pending,
    Lost {
        message: String,
    },
}

/// By the recorded id, by name (a node that was made just before a crash is found again), by the bare name that old
/// versions of Metal3's operator gave, and by the MAC address of a node without a name, as a discovery leaves it.
///
/// That there is none is never taken from the inventory: it may have been made since, by another operator. Only for the
/// bare name, which nobody gives any more, it says enough.
pub(super) async fn find(context: &Context, host: &BareMetalHost) -> Result<Found, NoAnswer> {
    if let Some(id) = recorded_node(host) {
        let found = look(context, context.inventory.look(id), NodeIdent::Id(id)).await?;
        match found {
            Found::None => {}
            // A status can be written by others: nothing is done to a node on its word alone.
            Found::Node(node) if !metal_plan::may_be_of(host, &node) => {
                return Ok(Found::Stranger(node.name.unwrap_or_default()));
            }
            found => return Ok(found),
        }
    }
    let found = by_name(context, host).await?;
    if !matches!(found, Found::None) {
        return Ok(found);
    }
    if let Some(found) = by_bare_name(context, host).await? {
        return Ok(found);
    }
    match &host.spec.boot_mac_address {
        Some(address) if metal_plan::needs(host, None).mac_owner => by_mac(context, address).await,
        Some(_) | None => Ok(Found::None),
    }
}

async fn by_name(context: &Context, host: &BareMetalHost) -> Result<Found, NoAnswer> {
    let name = metal_plan::node_name_of(host);
    let look_by_name = context.inventory.look_by_name(&name);
    Ok(
        match look(context, look_by_name, NodeIdent::Name(name.clone())).await? {
            // Ironic takes `a` for `a.json` if there is no such name (`ironic/api/middleware/json_ext.py`).
            Found::Node(node) if node.name.as_ref() != Some(&name) => Found::None,
            found => found,
        },
    )
}

/// Any node may have that name: it is the host's if it has the host's port, too.
async fn by_bare_name(context: &Context, host: &BareMetalHost) -> Result<Option<Found>, NoAnswer> {
    let node = match context.inventory.look_by_name(&host.name_any()) {
        Look::Unknown => return Ok(None),
        Look::Known(node) => node,
        look @ (Look::Pending | Look::Lost { .. }) => return Ok(Some(known(look))),
    };
    let ports = context.inventory.ports(&context.ironic, node.uuid).await?;
    let is_its = host.spec.boot_mac_address.as_ref().is_some_and(|address| {
        ports
            .iter()
            .any(|port| port.address.eq_ignore_ascii_case(address))
    });
    Ok(is_its.then(|| Found::Node(Box::new(Node::clone(&node)))))
}

async fn by_mac(context: &Context, address: &str) -> Result<Found, NoAnswer> {
    let call = ListPorts {
        address: Some(address.to_lowercase()),
        detail: true,
        ..ListPorts::default()
    };
    let ports = context.ironic.list_all(&call).await?;
    let Some(id) = ports.first().and_then(|port| port.node_uuid) else {
        return Ok(Found::None);
    };
    let found = look(context, context.inventory.look(id), NodeIdent::Id(id)).await?;
    Ok(match found {
        Found::Node(node) => match node.name {
            Some(name) => Found::OtherOwner(MacOwner {
                address: address.to_owned(),
                node: name,
            }),
            None => Found::Node(node),
        },
        found => found,
    })
}

/// The node that the host's status names.
pub(crate) fn recorded_node(host: &BareMetalHost) -> Option<NodeId> {
    let status = host.status.as_ref()?;
    status.provisioning.id.parse().ok()
}

async fn look(context: &Context, look: Look, ident: NodeIdent) -> Result<Found, NoAnswer> {
    match look {
        Look::Unknown => match context.ironic.send(&GetNode { ident }).await {
            Ok(node) => Ok(Found::Node(Box::new(node))),
            Err(error) if error.is_not_found() => Ok(Found::None),
            Err(error) => Err(error.into()),
        },
        look => Ok(known(look)),
    }
}

fn known(look: Look) -> Found {
    match look {
        Look::Known(node) => Found::Node(Box::new(Node::clone(&node))),
        Look::Pending => Found::Pending,
        Look::Lost { message } => Found::Lost { message },
        Look::Unknown => Found::None,
    }
}
