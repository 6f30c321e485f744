//! Calls about volume connectors and volume targets.
//!
//! See `ironic/api/controllers/v1/volume_connector.py`, `volume_target.py`, and "Bare Metal API
//! reference, Volume". Creating is allowed in every state. Removing needs the node powered off, or
//! in `manageable`, `enroll` or `adopt failed`; changing needs it powered off. Ironic refuses with
//! 400 otherwise.

use secrecy::SecretString;

use super::Query;
use crate::call::{Call, ListCall, Method};
use crate::empty::Empty;
use crate::ids::{ConnectorId, NodeId, TargetId};
use crate::page::Page;
use crate::patch::Patch;
use crate::version::{Microversion, feature};
use crate::volume::{NewVolumeConnector, NewVolumeTarget, VolumeConnector, VolumeTarget};

/// Lists volume connectors: all of them, or those of a node.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ListConnectors {
    /// Those of this node.
    pub node: Option<NodeId>,
    /// Whether `extra` is wanted.
    pub detail: bool,
    /// How many at most in one page; Ironic caps it at `[api]max_limit`.
    pub limit: Option<u32>,
    /// The UUID of the last connector before those wanted.
    pub marker: Option<String>,
}

impl Call for ListConnectors {
    type Body = ();
    type Response = Page<VolumeConnector>;
    const NAME: &'static str = "list volume connectors";
    const MIN_VERSION: Microversion = feature::VOLUMES;

    fn method(&self) -> Method {
        Method::Get
    }

    fn path(&self) -> String {
        "/v1/volume/connectors".to_owned()
    }

    fn query(&self) -> Vec<(&'static str, String)> {
        Query::default()
            .with("node", self.node)
            .flag("detail", self.detail)
            .with("limit", self.limit)
            .with("marker", self.marker.as_deref())
            .0
    }
}

impl ListCall for ListConnectors {
    type Item = VolumeConnector;

    fn after(self, marker: String) -> Self {
        Self {
            marker: Some(marker),
            ..self
        }
    }
}

/// Creates a volume connector. A type and id that another has is a conflict (409).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CreateConnector {
    /// The connector.
    pub connector: NewVolumeConnector,
}

impl Call for CreateConnector {
    type Body = NewVolumeConnector;
    type Response = VolumeConnector;
    const NAME: &'static str = "create volume connector";
    const MIN_VERSION: Microversion = feature::VOLUMES;

    fn method(&self) -> Method {
        Method::Post
    }

    fn path(&self) -> String {
        "/v1/volume/connectors".to_owned()
    }

    fn body(&self) -> Option<&NewVolumeConnector> {
        Some(&self.connector)
    }
}

/// Removes a volume connector.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DeleteConnector {
    /// Which.
    pub connector: ConnectorId,
}

impl Call for DeleteConnector {
    type Body = ();
    type Response = Empty;
    const NAME: &'static str = "delete volume connector";
    const MIN_VERSION: Microversion = feature::VOLUMES;

    fn method(&self) -> Method {
        Method::Delete
    }

    fn path(&self) -> String {
        format!("/v1/volume/connectors/{}", self.connector)
    }
}

/// Lists volume targets: all of them, or those of a node.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ListTargets {
    /// Those of this node.
    pub node: Option<NodeId>,
    /// Whether `properties` and `extra` are wanted: without, they are absent.
    pub detail: bool,
    /// How many at most in one page; Ironic caps it at `[api]max_limit`.
    pub limit: Option<u32>,
    /// The UUID of the last target before those wanted.
    pub marker: Option<String>,
}

impl Call for ListTargets {
    type Body = ();
    type Response = Page<VolumeTarget>;
    const NAME: &'static str = "list volume targets";
    const MIN_VERSION: Microversion = feature::VOLUMES;

    fn method(&self) -> Method {
        Method::Get
    }

    fn path(&self) -> String {
        "/v1/volume/targets".to_owned()
    }

    fn query(&self) -> Vec<(&'static str, String)> {
        Query::default()
            .with("node", self.node)
            .flag("detail", self.detail)
            .with("limit", self.limit)
            .with("marker", self.marker.as_deref())
            .0
    }
}

impl ListCall for ListTargets {
    type Item = VolumeTarget;

    fn after(self, marker: String) -> Self {
        Self {
            marker: Some(marker),
            ..self
        }
    }
}

/// Creates a volume target. A boot index that the node already has is a conflict (409).
#[derive(Clone, Debug)]
pub struct CreateTarget {
    /// The target.
    pub target: NewVolumeTarget,
}

impl Call for CreateTarget {
    type Body = NewVolumeTarget;
    type Response = VolumeTarget;
    const NAME: &'static str = "create volume target";
    const MIN_VERSION: Microversion = feature::VOLUMES;

    fn method(&self) -> Method {
        Method::Post
    }

    fn path(&self) -> String {
        "/v1/volume/targets".to_owned()
    }

    fn body(&self) -> Option<&NewVolumeTarget> {
        Some(&self.target)
    }

    fn secrets(&self) -> Vec<&SecretString> {
        vec![&self.target.properties.auth_password]
    }
}

/// Changes a volume target.
///
/// Of a deployed node this changes Ironic's record only: the boot configuration is written when
/// the node is deployed.
#[derive(Clone, Debug, PartialEq)]
pub struct PatchTarget {
    /// Which.
    pub target: TargetId,
    /// The changes.
    pub patch: Patch,
}

impl Call for PatchTarget {
    type Body = Patch;
    type Response = VolumeTarget;
    const NAME: &'static str = "patch volume target";
    const MIN_VERSION: Microversion = feature::VOLUMES;

    fn method(&self) -> Method {
        Method::Patch
    }

    fn path(&self) -> String {
        format!("/v1/volume/targets/{}", self.target)
    }

    fn body(&self) -> Option<&Patch> {
        Some(&self.patch)
    }

    fn secrets(&self) -> Vec<&SecretString> {
        self.patch.secrets().collect()
    }
}

/// Removes a volume target.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DeleteTarget {
    /// Which.
    pub target: TargetId,
}

impl Call for DeleteTarget {
    type Body = ();
    type Response = Empty;
    const NAME: &'static str = "delete volume target";
    const MIN_VERSION: Microversion = feature::VOLUMES;

    fn method(&self) -> Method {
        Method::Delete
    }

    fn path(&self) -> String {
        format!("/v1/volume/targets/{}", self.target)
    }
}
