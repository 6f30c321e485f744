//! Calls about what inspection found.
//!
//! See `ironic/api/controllers/v1/node.py`, `NodeInventoryController`.

use crate::call::{Call, Method};
use crate::ids::NodeId;
use crate::inventory::Inspection;
use crate::version::{Microversion, feature};

/// Reads what the last inspection of a node found. Not found (404) before the first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GetInventory {
    /// Of which node.
    pub node: NodeId,
}

impl Call for GetInventory {
    type Body = ();
    type Response = Inspection;
    const NAME: &'static str = "get inventory";
    const MIN_VERSION: Microversion = feature::INVENTORY;

    fn method(&self) -> Method {
        Method::Get
    }

    fn path(&self) -> String {
        format!("/v1/nodes/{}/inventory", self.node)
    }
}
