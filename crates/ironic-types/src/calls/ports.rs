//! Calls about ports.
//!
//! See `ironic/api/controllers/v1/port.py` and "Bare Metal API reference, Ports".

use secrecy::SecretString;
use uuid::Uuid;

use super::{Query, SortDirection, lowest};
use crate::call::{Call, Method, paged};
use crate::empty::Empty;
use crate::fields::{needed, used};
use crate::ids::{NodeId, PortId};
use crate::page::Page;
use crate::patch::Patch;
use crate::port::fields::LISTED;
use crate::port::{NewPort, Port};
use crate::version::{Microversion, feature};

/// Lists ports: all of them, or those that pass the filters.
///
/// Ironic refuses more than one of `node`, `portgroup` and `shard` (403); with one of them, it
/// ignores `address`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ListPorts {
    /// Those of this node.
    pub node: Option<NodeId>,
    /// The one with this MAC address.
    pub address: Option<String>,
    /// Those of this port group.
    pub portgroup: Option<Uuid>,
    /// Those of nodes in one of these shards.
    pub shard: Vec<String>,
    /// Those of nodes in one of these conductor groups.
    pub conductor_groups: Vec<String>,
    /// Those whose description has this text in it.
    pub description_contains: Option<String>,
    /// Whether all fields are wanted that the version knows; the UUID and the address otherwise.
    pub detail: bool,
    /// The fields wanted of each, `uuid` and `address` among them; empty for Ironic's own choice.
    /// The version is that of the youngest: see [`Port::FIELDS`] and [`Port::fields_at`].
    /// Ironic refuses (400) this together with `detail`.
    pub fields: &'static [&'static str],
    /// The field to sort by; Ironic sorts by age if there is none.
    pub sort_key: Option<&'static str>,
    /// Which end comes first; the smallest or oldest if `None`.
    pub sort_dir: Option<SortDirection>,
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
            .with("portgroup", self.portgroup)
            .list("shard", &self.shard)
            .list("conductor_groups", &self.conductor_groups)
            .with("description_contains", self.description_contains.as_deref())
            .flag("detail", self.detail)
            .list("fields", self.fields)
            .with("sort_key", self.sort_key)
            .with("sort_dir", self.sort_dir)
            .with("limit", self.limit)
            .with("marker", self.marker.as_deref())
            .0
    }

    fn required_version(&self) -> Microversion {
        let parts = [
            (self.detail, feature::DETAIL),
            (!self.fields.is_empty(), feature::FIELDS),
            (self.portgroup.is_some(), feature::PORT_GROUPS),
            (!self.shard.is_empty(), feature::SHARD),
            (
                !self.conductor_groups.is_empty(),
                feature::PORT_CONDUCTOR_GROUPS,
            ),
            (
                self.description_contains.is_some(),
                feature::PORT_DESCRIPTION,
            ),
        ];
        let fields = self.fields.iter().copied().chain(self.sort_key);
        lowest(Self::MIN_VERSION, parts).max(needed(fields, &[&LISTED]))
    }
}

paged!(ListPorts of Port);

/// Reads a port, with all the fields that [`FLOOR`](crate::FLOOR) knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GetPort {
    /// Which.
    pub port: PortId,
}

impl Call for GetPort {
    type Body = ();
    type Response = Port;
    const NAME: &'static str = "get port";
    const MIN_VERSION: Microversion = feature::INITIAL;

    fn method(&self) -> Method {
        Method::Get
    }

    fn path(&self) -> String {
        format!("/v1/ports/{}", self.port)
    }
}

/// Creates a port. An address that another port has is a conflict (409), a port group of another
/// node is refused (400).
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
        let port = &self.port;
        // Those that are younger than the call itself.
        let fields = [
            ("pxe_enabled", port.pxe_enabled.is_some()),
            (
                "local_link_connection",
                !port.local_link_connection.is_empty(),
            ),
            ("portgroup_uuid", port.portgroup_uuid.is_some()),
            ("physical_network", port.physical_network.is_some()),
            ("is_smartnic", port.is_smartnic.is_some()),
            ("name", port.name.is_some()),
            ("description", port.description.is_some()),
            ("vendor", port.vendor.is_some()),
            ("category", port.category.is_some()),
            (
                "available_for_dynamic_portgroup",
                port.available_for_dynamic_portgroup.is_some(),
            ),
        ];
        needed(used(&fields), &[&LISTED]).max(Self::MIN_VERSION)
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
    const MIN_VERSION: Microversion = feature::INITIAL;

    fn method(&self) -> Method {
        Method::Patch
    }

    fn path(&self) -> String {
        format!("/v1/ports/{}", self.port)
    }

    fn body(&self) -> Option<&Patch> {
        Some(&self.patch)
    }

    fn required_version(&self) -> Microversion {
        needed(self.patch.fields(), &[&LISTED]).max(Self::MIN_VERSION)
    }

    fn secrets(&self) -> Vec<&SecretString> {
        self.patch.secrets().collect()
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
