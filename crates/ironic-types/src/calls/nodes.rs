//! Calls about nodes.
//!
//! See `ironic/api/controllers/v1/node.py` and "Bare Metal API reference, Nodes".

use secrecy::SecretString;

use super::{Query, segment};
use crate::call::{Call, Method};
use crate::empty::Empty;
use crate::fields::{needed, used};
use crate::ids::{NodeId, NodeIdent};
use crate::new_node::NewNode;
use crate::node::Node;
use crate::node::fields::{LISTED, SINGLE};
use crate::patch::Patch;
use crate::validation::NodeValidation;
use crate::version::{Microversion, feature};

/// Creates a node, in the state `enroll`.
///
/// A name, a UUID or an instance UUID that another node has is a conflict (409).
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
        let node = &self.node;
        // Those that are younger than the call itself.
        let fields = [
            ("storage_interface", node.storage_interface.is_some()),
            ("rescue_interface", node.rescue_interface.is_some()),
            ("bios_interface", node.bios_interface.is_some()),
            ("conductor_group", node.conductor_group.is_some()),
            ("automated_clean", node.automated_clean.is_some()),
            ("owner", node.owner.is_some()),
            ("description", node.description.is_some()),
            ("lessee", node.lessee.is_some()),
            ("network_data", !node.network_data.is_empty()),
            ("parent_node", node.parent_node.is_some()),
            ("firmware_interface", node.firmware_interface.is_some()),
            ("disable_power_off", node.disable_power_off.is_some()),
            ("instance_name", node.instance_name.is_some()),
            ("retired", node.retired.is_some()),
            ("retired_reason", node.retired_reason.is_some()),
            ("shard", node.shard.is_some()),
        ];
        needed(used(&fields), &[&LISTED]).max(Self::MIN_VERSION)
    }

    fn secrets(&self) -> Vec<&SecretString> {
        let NewNode {
            driver_info,
            instance_info,
            ..
        } = &self.node;
        driver_info
            .secrets()
            .chain(instance_info.secrets())
            .collect()
    }
}

/// Reads a node, with all the fields that [`FLOOR`](crate::FLOOR) knows.
///
/// For younger ones, such as `health`, see [`GetNodeFields`].
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

/// Reads some fields of a node, or such as an older version does not know.
///
/// Fields that [`Node`] does not have are asked for and not read, but for `uuid`, which must be
/// among them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GetNodeFields {
    /// Which.
    pub ident: NodeIdent,
    /// The fields wanted, `uuid` among them: what [`Node::fields_at`] gives, `conductor`,
    /// `allocation_uuid` and `chassis_uuid`.
    pub fields: &'static [&'static str],
}

impl Call for GetNodeFields {
    type Body = ();
    type Response = Node;
    const NAME: &'static str = "get fields of node";
    const MIN_VERSION: Microversion = feature::FIELDS;

    fn method(&self) -> Method {
        Method::Get
    }

    fn path(&self) -> String {
        format!("/v1/nodes/{}", segment(&self.ident.to_string()))
    }

    fn query(&self) -> Vec<(&'static str, String)> {
        Query::default().list("fields", self.fields).0
    }

    fn required_version(&self) -> Microversion {
        needed(self.fields.iter().copied(), &[&LISTED, &SINGLE]).max(Self::MIN_VERSION)
    }
}

/// Changes a node.
///
/// Refused while another request holds the node's lock (409), and for most fields while the node
/// is on its way between states. The version is that of the youngest field that it changes.
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

    fn required_version(&self) -> Microversion {
        needed(self.patch.fields(), &[&LISTED, &SINGLE]).max(Self::MIN_VERSION)
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
