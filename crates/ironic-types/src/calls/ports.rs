//! Calls about ports.
//!
//! See `ironic/api/controllers/v1/port.py` and "Bare Metal API reference, Ports".

use super::Query;
use crate::call::{Call, ListCall, Method};
use crate::empty::Empty;
use crate::ids::{NodeId, PortId};
use crate::page::Page;
use crate::patch::Patch;
use crate::port::{NewPort, Port};
use crate::version::{Microversion, feature};

/// Lists ports: all of them, or those of a node, or the one with an address.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ListPorts {
    /// Those of this node.
    pub node: Option<NodeId>,
    /// The one with this MAC address.
    pub address: Option<String>,
    /// Whether more than the UUID and the address is wanted.
    pub detail: bool,
    /// How many at most in one page; Ironic caps it at `[api]max_limit`.
    pub limit: Option<u32>,
    /// The UUID of the last port before those wanted.
    pub marker: Option<String>,
}

impl Call for ListPorts {
    type Body = ();
    type Response = Page<Port>;
    const NAME: &'static str = "list ports";
    const MIN_VERSION: Microversion = feature::INITIAL;

    fn method(&self) -> Method {
        Method::Get
    }

    fn path(&self) -> String {
        "/v1/ports".to_owned()
    }

    fn query(&self) -> Vec<(&'static str, String)> {
        Query::default()
            .with("node", self.node)
            .with("address", self.address.as_deref())
            .flag("detail", self.detail)
            .with("limit", self.limit)
            .with("marker", self.marker.as_deref())
            .0
    }

    fn required_version(&self) -> Microversion {
        if self.detail {
            feature::DETAIL
        } else {
            Self::MIN_VERSION
        }
    }
}

impl ListCall for ListPorts {
    type Item = Port;

    fn after(self, marker: String) -> Self {
        Self {
            marker: Some(marker),
            ..self
        }
    }
}

/// Creates a port. An address that another port has is a conflict (409).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CreatePort {
    /// The port.
    pub port: NewPort,
}

impl Call for CreatePort {
    type Body = NewPort;
    type Response = Port;
    const NAME: &'static str = "create port";
    const MIN_VERSION: Microversion = feature::INITIAL;

    fn method(&self) -> Method {
        Method::Post
    }

    fn path(&self) -> String {
        "/v1/ports".to_owned()
    }

    fn body(&self) -> Option<&NewPort> {
        Some(&self.port)
    }

    fn required_version(&self) -> Microversion {
        if self.port.pxe_enabled.is_some() {
            feature::PORT_PXE_ENABLED
        } else {
            Self::MIN_VERSION
        }
    }
}

/// Changes a port. `/pxe_enabled` may change in `manageable`, and is refused in `available` (409).
#[derive(Clone, Debug, PartialEq)]
pub struct PatchPort {
    /// Which.
    pub port: PortId,
    /// The changes.
    pub patch: Patch,
}

impl Call for PatchPort {
    type Body = Patch;
    type Response = Port;
    const NAME: &'static str = "patch port";
    const MIN_VERSION: Microversion = feature::PORT_PXE_ENABLED;

    fn method(&self) -> Method {
        Method::Patch
    }

    fn path(&self) -> String {
        format!("/v1/ports/{}", self.port)
    }

    fn body(&self) -> Option<&Patch> {
        Some(&self.patch)
    }
}

/// Removes a port.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DeletePort {
    /// Which.
    pub port: PortId,
}

impl Call for DeletePort {
    type Body = ();
    type Response = Empty;
    const NAME: &'static str = "delete port";
    const MIN_VERSION: Microversion = feature::INITIAL;

    fn method(&self) -> Method {
        Method::Delete
    }

    fn path(&self) -> String {
        format!("/v1/ports/{}", self.port)
    }
}
