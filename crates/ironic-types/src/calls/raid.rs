//! Calls about a node's RAID configuration.
//!
//! See `ironic/api/controllers/v1/node.py`, `NodeStatesController.raid`.

use crate::call::{Call, Method};
use crate::empty::Empty;
use crate::ids::NodeId;
use crate::raid::RaidConfig;
use crate::version::{Microversion, feature};

/// Says which RAID configuration a node is to have. Cleaning by the step `create_configuration` of
/// the interface `raid` makes it so.
///
/// Not found (404) where the node's RAID interface knows no RAID.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SetRaidConfig {
    /// Of which node.
    pub node: NodeId,
    /// The configuration; empty for none.
    pub config: RaidConfig,
}

impl Call for SetRaidConfig {
    type Body = RaidConfig;
    type Response = Empty;
    const NAME: &'static str = "set RAID configuration";
    const MIN_VERSION: Microversion = feature::RAID;

    fn method(&self) -> Method {
        Method::Put
    }

    fn path(&self) -> String {
        format!("/v1/nodes/{}/states/raid", self.node)
    }

    fn body(&self) -> Option<&RaidConfig> {
        Some(&self.config)
    }
}
