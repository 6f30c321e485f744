//! Calls about volume targets.
//!
//! See `ironic/api/controllers/v1/volume_target.py` and "Bare Metal API reference, Volume".
//! Creating is allowed in every state. Removing and changing need the node powered off, and Ironic
//! refuses with 400 otherwise; but since Ironic 39.0 (not up to 35.1) removing is allowed in
//! `manageable`, `enroll` and `adopt failed`, too.

use secrecy::SecretString;

use super::volumes::list_volumes;
use crate::call::{Call, Method};
use crate::empty::Empty;
use crate::ids::TargetId;
use crate::patch::Patch;
use crate::version::{Microversion, feature};
use crate::volume::{NewVolumeTarget, VolumeTarget};

list_volumes! {
    /// Lists volume targets: all of them, or those of a node.
    ///
    /// Without `detail` they come without `properties` and `extra`.
    ListTargets of VolumeTarget at "/v1/volume/targets" as "list volume targets"
}

/// Reads a volume target, in full.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GetTarget {
    /// Which.
    pub target: TargetId,
}

impl Call for GetTarget {
    type Body = ();
    type Response = VolumeTarget;
    const NAME: &'static str = "get volume target";
    const MIN_VERSION: Microversion = feature::VOLUMES;

    fn method(&self) -> Method {
        Method::Get
    }

    fn path(&self) -> String {
        format!("/v1/volume/targets/{}", self.target)
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
        self.target.properties.secrets()
    }
}

/// Changes a volume target.
///
/// Of a deployed node this changes Ironic's record only: the boot configuration is written when
/// the node is deployed. Refused (400) unless the node is powered off.
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
///
/// Refused (400) unless the node is powered off or, since Ironic 39.0 (not up to 35.1), in
/// `manageable`, `enroll` or `adopt failed`.
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
