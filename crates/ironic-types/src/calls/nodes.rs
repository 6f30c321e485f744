//! Calls about nodes.
//!
//! See `ironic/api/controllers/v1/node.py` and "Bare Metal API reference, Nodes".

use secrecy::SecretString;

use super::{Query, segment};
use crate::call::{Call, ListCall, Method};
use crate::empty::Empty;
use crate::ids::{NodeId, NodeIdent};
use crate::new_node::NewNode;
use crate::node::Node;
use crate::page::Page;
use crate::patch::Patch;
use crate::provision::ProvisionState;
use crate::validation::NodeValidation;
use crate::version::{Microversion, feature};

/// Creates a node, in the state `enroll`.
///
/// A name or a UUID that another node has is a conflict (409).
#[derive(Clone, Debug)]
pub struct CreateNode {
    /// The node.
    pub node: NewNode,
}

impl Call for CreateNode {
    type Body = NewNode;
    type Response = Node;
    const NAME: &'static str = "create node";
    const MIN_VERSION: Microversion = feature::DYNAMIC_INTERFACES;

    fn method(&self) -> Method {
        Method::Post
    }

    fn path(&self) -> String {
        "/v1/nodes".to_owned()
    }

    fn body(&self) -> Option<&NewNode> {
        Some(&self.node)
    }

    fn required_version(&self) -> Microversion {
        let fields = [
            (
                self.node.automated_clean.is_some(),
                feature::AUTOMATED_CLEAN,
            ),
            (
                self.node.firmware_interface.is_some(),
                feature::FIRMWARE_INTERFACE,
            ),
        ];
        fields
            .into_iter()
            .filter_map(|(used, since)| used.then_some(since))
            .fold(Self::MIN_VERSION, Ord::max)
    }

    fn secrets(&self) -> Vec<&SecretString> {
        self.node.driver_info.secrets().collect()
    }
}

/// Reads a node, with all its fields.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GetNode {
    /// Which.
    pub ident: NodeIdent,
}

impl Call for GetNode {
    type Body = ();
    type Response = Node;
    const NAME: &'static str = "get node";
    const MIN_VERSION: Microversion = feature::NODE_NAMES;

    fn method(&self) -> Method {
        Method::Get
    }

    fn path(&self) -> String {
        format!("/v1/nodes/{}", segment(&self.ident.to_string()))
    }
}

/// Lists nodes.
///
/// ```
/// use ironic_types::calls::ListNodes;
/// use ironic_types::{Call, Node};
///
/// let call = ListNodes { fields: Node::FIELDS, ..ListNodes::default() };
/// assert_eq!(call.query()[0].0, "fields");
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ListNodes {
    /// The fields wanted of each; empty for Ironic's own choice of six.
    pub fields: &'static [&'static str],
    /// Nodes in this state only.
    pub provision_state: Option<ProvisionState>,
    /// How many at most in one page; Ironic caps it at `[api]max_limit`.
    pub limit: Option<u32>,
    /// The UUID of the last node before those wanted.
    pub marker: Option<String>,
}

impl Call for ListNodes {
    type Body = ();
    type Response = Page<Node>;
    const NAME: &'static str = "list nodes";
    const MIN_VERSION: Microversion = feature::FIELDS;

    fn method(&self) -> Method {
        Method::Get
    }

    fn path(&self) -> String {
        "/v1/nodes".to_owned()
    }

    fn query(&self) -> Vec<(&'static str, String)> {
        let fields = (!self.fields.is_empty()).then(|| self.fields.join(","));
        Query::default()
            .with("fields", fields)
            .with("provision_state", self.provision_state.as_ref())
            .with("limit", self.limit)
            .with("marker", self.marker.as_deref())
            .0
    }

    fn required_version(&self) -> Microversion {
        if self.fields.is_empty() {
            Self::MIN_VERSION
        } else {
            // One of `Node::FIELDS`: asked for in an older version it is refused with 406.
            feature::FIRMWARE_INTERFACE
        }
    }
}

impl ListCall for ListNodes {
    type Item = Node;

    fn after(self, marker: String) -> Self {
        Self {
            marker: Some(marker),
            ..self
        }
    }
}

/// Changes a node.
///
/// Refused while another request holds the node's lock (409), and for most fields while the node
/// is on its way between states.
#[derive(Clone, Debug, PartialEq)]
pub struct PatchNode {
    /// Which.
    pub node: NodeId,
    /// The changes.
    pub patch: Patch,
}

impl Call for PatchNode {
    type Body = Patch;
    type Response = Node;
    const NAME: &'static str = "patch node";
    const MIN_VERSION: Microversion = feature::DYNAMIC_INTERFACES;

    fn method(&self) -> Method {
        Method::Patch
    }

    fn path(&self) -> String {
        format!("/v1/nodes/{}", self.node)
    }

    fn body(&self) -> Option<&Patch> {
        Some(&self.patch)
    }

    fn secrets(&self) -> Vec<&SecretString> {
        self.patch.secrets().collect()
    }
}

/// Removes a node, with its ports, volume connectors and volume targets.
///
/// Refused in states where the node is in use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DeleteNode {
    /// Which.
    pub node: NodeId,
}

impl Call for DeleteNode {
    type Body = ();
    type Response = Empty;
    const NAME: &'static str = "delete node";
    const MIN_VERSION: Microversion = feature::INITIAL;

    fn method(&self) -> Method {
        Method::Delete
    }

    fn path(&self) -> String {
        format!("/v1/nodes/{}", self.node)
    }
}

/// Asks whether a node's interfaces have what they need.
///
/// Ironic asks the machine's BMC for some of it, so this may take seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ValidateNode {
    /// Which.
    pub node: NodeId,
}

impl Call for ValidateNode {
    type Body = ();
    type Response = NodeValidation;
    const NAME: &'static str = "validate node";
    const MIN_VERSION: Microversion = feature::INITIAL;

    fn method(&self) -> Method {
        Method::Get
    }

    fn path(&self) -> String {
        format!("/v1/nodes/{}/validate", self.node)
    }
}
