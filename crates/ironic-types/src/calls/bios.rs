//! Calls about a node's BIOS settings.
//!
//! See `ironic/api/controllers/v1/bios.py` and "Bare Metal API reference, Node Bios".

use std::collections::BTreeMap;

use super::{Query, segment};
use crate::bios::BiosSetting;
use crate::call::{Call, Method};
use crate::ids::NodeId;
use crate::page::Page;
use crate::version::{Microversion, feature};

/// Lists a node's BIOS settings, as Ironic last read them: when the node became manageable, was
/// cleaned or serviced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ListBiosSettings {
    /// Of which node.
    pub node: NodeId,
    /// Whether more than the name and the value is wanted.
    pub detail: bool,
}

impl Call for ListBiosSettings {
    type Body = ();
    type Response = Page<BiosSetting>;
    const NAME: &'static str = "list BIOS settings";
    const MIN_VERSION: Microversion = feature::BIOS;

    fn method(&self) -> Method {
        Method::Get
    }

    fn path(&self) -> String {
        format!("/v1/nodes/{}/bios", self.node)
    }

    fn query(&self) -> Vec<(&'static str, String)> {
        Query::default().flag("detail", self.detail).0
    }

    fn required_version(&self) -> Microversion {
        if self.detail {
            feature::BIOS_REGISTRY
        } else {
            Self::MIN_VERSION
        }
    }
}

/// Reads one BIOS setting of a node, with all that is known of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GetBiosSetting {
    /// Of which node.
    pub node: NodeId,
    /// Its name, such as `ProcVirtualization`.
    pub name: String,
}

impl Call for GetBiosSetting {
    type Body = ();
    /// The setting, under its name.
    type Response = BTreeMap<String, BiosSetting>;
    const NAME: &'static str = "get BIOS setting";
    const MIN_VERSION: Microversion = feature::BIOS_REGISTRY;

    fn method(&self) -> Method {
        Method::Get
    }

    fn path(&self) -> String {
        let Self { node, name } = self;
        format!("/v1/nodes/{node}/bios/{}", segment(name))
    }
}
