//! Lists of nodes.
//!
//! See `ironic/api/controllers/v1/node.py`, `NodesController.get_all`, and "Bare Metal API
//! reference, Nodes".

use uuid::Uuid;

use super::{Query, SortDirection, lowest};
use crate::call::{Call, Method, paged};
use crate::fields::needed;
use crate::ids::NodeId;
use crate::node::Node;
use crate::node::fields::LISTED;
use crate::page::Page;
use crate::provision::ProvisionState;
use crate::version::{Microversion, feature};

/// Lists nodes: all of them but for parts of others, or those that pass all filters.
///
/// ```
/// use ironic_types::calls::ListNodes;
/// use ironic_types::{Call, Node, ProvisionState};
///
/// let call = ListNodes {
///     fields: Node::FIELDS,
///     provision_state: Some(ProvisionState::Active),
///     ..ListNodes::default()
/// };
/// assert_eq!(call.query()[0].0, "fields");
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ListNodes {
    /// The fields wanted of each, `uuid` among them; empty for Ironic's own choice of six.
    /// The version is that of the youngest: see [`Node::FIELDS`] and [`Node::fields_at`].
    pub fields: &'static [&'static str],
    /// Whether all fields are wanted that the version knows. Ironic refuses (400) this together
    /// with `fields`.
    pub detail: bool,
    /// The one that has this `instance_uuid`.
    pub instance_uuid: Option<Uuid>,
    /// Those that have this `instance_name`.
    pub instance_name: Option<String>,
    /// Those with an `instance_uuid`, or those without.
    pub associated: Option<bool>,
    /// Those in maintenance, or those that are not.
    pub maintenance: Option<bool>,
    /// Those that are retired, or those that are not.
    pub retired: Option<bool>,
    /// Those in this state. Ironic takes one state, no list, and refuses one it does not know (400).
    pub provision_state: Option<ProvisionState>,
    /// Those of this driver.
    pub driver: Option<String>,
    /// Those of this class.
    pub resource_class: Option<String>,
    /// Those with this fault, such as `power failure`.
    pub fault: Option<String>,
    /// Those that this conductor looks after. Ironic sorts out the others of each page, and takes
    /// a page that is not full any more for the last: set `limit` so that one page has all nodes.
    pub conductor: Option<String>,
    /// Those of this group; empty for the group without a name.
    pub conductor_group: Option<String>,
    /// Those of this owner.
    pub owner: Option<String>,
    /// Those of this lessee.
    pub lessee: Option<String>,
    /// Those in one of these shards.
    pub shard: Vec<String>,
    /// Those whose description has this text in it, in either case.
    pub description_contains: Option<String>,
    /// The parts of this node.
    pub parent_node: Option<NodeId>,
    /// Whether nodes that are parts of others are listed, too.
    pub include_children: bool,
    /// The field to sort by; Ironic sorts by age if there is none.
    pub sort_key: Option<&'static str>,
    /// Which end comes first; the smallest or oldest if `None`.
    pub sort_dir: Option<SortDirection>,
    /// How many at most in one page; Ironic caps it at `[api]max_limit`.
    pub limit: Option<u32>,
    /// The UUID of the last node before those wanted.
    pub marker: Option<String>,
}

impl Call for ListNodes {
    type Body = ();
    type Response = Page<Node>;
    const NAME: &'static str = "list nodes";
    const MIN_VERSION: Microversion = feature::INITIAL;

    fn method(&self) -> Method {
        Method::Get
    }

    fn path(&self) -> String {
        "/v1/nodes".to_owned()
    }

    fn query(&self) -> Vec<(&'static str, String)> {
        Query::default()
            .list("fields", self.fields)
            .flag("detail", self.detail)
            .with("instance_uuid", self.instance_uuid)
            .with("instance_name", self.instance_name.as_deref())
            .bool("associated", self.associated)
            .bool("maintenance", self.maintenance)
            .bool("retired", self.retired)
            .with("provision_state", self.provision_state.as_ref())
            .with("driver", self.driver.as_deref())
            .with("resource_class", self.resource_class.as_deref())
            .with("fault", self.fault.as_deref())
            .with("conductor", self.conductor.as_deref())
            .with("conductor_group", self.conductor_group.as_deref())
            .with("owner", self.owner.as_deref())
            .with("lessee", self.lessee.as_deref())
            .list("shard", &self.shard)
            .with("description_contains", self.description_contains.as_deref())
            .with("parent_node", self.parent_node)
            .flag("include_children", self.include_children)
            .with("sort_key", self.sort_key)
            .with("sort_dir", self.sort_dir)
            .with("limit", self.limit)
            .with("marker", self.marker.as_deref())
            .0
    }

    fn required_version(&self) -> Microversion {
        let parts = [
            (!self.fields.is_empty(), feature::FIELDS),
            (self.detail, feature::DETAIL),
            (self.instance_name.is_some(), feature::INSTANCE_NAME),
            (
                self.provision_state.is_some(),
                feature::PROVISION_STATE_FILTER,
            ),
            (self.driver.is_some(), feature::DRIVER_FILTER),
            (self.resource_class.is_some(), feature::RESOURCE_CLASS),
            (self.fault.is_some(), feature::FAULT),
            (self.conductor.is_some(), feature::CONDUCTORS),
            (self.conductor_group.is_some(), feature::CONDUCTOR_GROUP),
            (self.owner.is_some(), feature::OWNER),
            (self.lessee.is_some(), feature::LESSEE),
            (!self.shard.is_empty(), feature::SHARD),
            (self.parent_node.is_some(), feature::CHILD_NODES),
            (self.include_children, feature::CHILD_NODES),
        ];
        let fields = self.fields.iter().copied().chain(self.sort_key);
        lowest(Self::MIN_VERSION, parts).max(needed(fields, &[&LISTED]))
    }
}

paged!(ListNodes of Node);

/// Lists the nodes that are parts of a node.
///
/// See `ironic/api/controllers/v1/node.py`, `NodeChildrenController`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ListChildren {
    /// Of which node.
    pub node: NodeId,
}

impl Call for ListChildren {
    type Body = ();
    type Response = Page<NodeId>;
    const NAME: &'static str = "list children of node";
    const MIN_VERSION: Microversion = feature::CHILD_NODES;

    fn method(&self) -> Method {
        Method::Get
    }

    fn path(&self) -> String {
        format!("/v1/nodes/{}/children", self.node)
    }
}
