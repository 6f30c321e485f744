//! Calls about volume connectors.
//!
//! See `ironic/api/controllers/v1/volume_connector.py` and "Bare Metal API reference, Volume".
//! Creating is allowed in every state. Removing and changing need the node powered off, and Ironic
//! refuses with 400 otherwise; but since Ironic 39.0 (not up to 35.1) removing is allowed in
//! `manageable`, `enroll` and `adopt failed`, too.

use super::volumes::list_volumes;
use crate::call::{Call, Method};
use crate::empty::Empty;
use crate::ids::ConnectorId;
use crate::patch::Patch;
use crate::version::{Microversion, feature};
use crate::volume::{NewVolumeConnector, VolumeConnector};

list_volumes! {
    /// Lists volume connectors: all of them, or those of a node.
    ///
    /// Without `detail` they come without `extra`.
    ListConnectors of VolumeConnector at "/v1/volume/connectors" as "list volume connectors"
}

/// Reads a volume connector, in full.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GetConnector {
    /// Which.
    pub connector: ConnectorId,
}

impl Call for GetConnector {
    type Body = ();
    type Response = VolumeConnector;
    const NAME: &'static str = "get volume connector";
    const MIN_VERSION: Microversion = feature::VOLUMES;

    fn method(&self) -> Method {
        Method::Get
    }

    fn path(&self) -> String {
        format!("/v1/volume/connectors/{}", self.connector)
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

/// Changes a volume connector.
///
/// Of a deployed node this changes Ironic's record only. A type and id that another has is a
/// conflict (409). Refused (400) unless the node is powered off.
#[derive(Clone, Debug, PartialEq)]
pub struct PatchConnector {
    /// Which.
    pub connector: ConnectorId,
    /// The changes.
    pub patch: Patch,
}

impl Call for PatchConnector {
    type Body = Patch;
    type Response = VolumeConnector;
    const NAME: &'static str = "patch volume connector";
    const MIN_VERSION: Microversion = feature::VOLUMES;

    fn method(&self) -> Method {
        Method::Patch
    }

    fn path(&self) -> String {
        format!("/v1/volume/connectors/{}", self.connector)
    }

    fn body(&self) -> Option<&Patch> {
        Some(&self.patch)
    }
}

/// Removes a volume connector.
///
/// Refused (400) unless the node is powered off or, since Ironic 39.0 (not up to 35.1), in
/// `manageable`, `enroll` or `adopt failed`.
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
