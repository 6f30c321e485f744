//! Calls about a machine's virtual media.
//!
//! See `ironic/api/controllers/v1/node.py`, `NodeVmediaController`, and "Bare Metal API reference,
//! Attach and Detach Virtual Media". A BMC without virtual media shows in [`GetVirtualMedia`] only
//! (400): Ironic takes the other two (204) and writes into the node's `last_error` what failed.

use secrecy::SecretString;
use serde::Serialize;

use super::Query;
use crate::call::{Call, Method};
use crate::empty::Empty;
use crate::ids::NodeId;
use crate::redact::expose;
use crate::version::{Microversion, feature};
use crate::virtual_media::{ImageDownload, MediaType, VirtualMedia};

/// Asks a node's BMC which virtual media it has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GetVirtualMedia {
    /// Of which node.
    pub node: NodeId,
}

impl Call for GetVirtualMedia {
    type Body = ();
    type Response = Vec<VirtualMedia>;
    const NAME: &'static str = "get virtual media";
    const MIN_VERSION: Microversion = feature::GET_VIRTUAL_MEDIA;

    fn method(&self) -> Method {
        Method::Get
    }

    fn path(&self) -> String {
        format!("/v1/nodes/{}/vmedia", self.node)
    }
}

/// Puts an image into a machine's virtual drive. Ironic takes it (204) and works on it later.
#[derive(Clone, Debug, Serialize)]
pub struct AttachVirtualMedia {
    /// Of which node.
    #[serde(skip)]
    pub node: NodeId,
    /// The drive.
    pub device_type: MediaType,
    /// Where the image is: `http`, `https`, `nfs` or `cifs`. A secret, for it may be signed.
    #[serde(serialize_with = "expose")]
    pub image_url: SecretString,
    /// How the BMC gets the image; by way of the conductor if `None`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub image_download_source: Option<ImageDownload>,
}

impl Call for AttachVirtualMedia {
    type Body = Self;
    type Response = Empty;
    const NAME: &'static str = "attach virtual media";
    const MIN_VERSION: Microversion = feature::VIRTUAL_MEDIA;

    fn method(&self) -> Method {
        Method::Post
    }

    fn path(&self) -> String {
        format!("/v1/nodes/{}/vmedia", self.node)
    }

    fn body(&self) -> Option<&Self> {
        Some(self)
    }

    fn secrets(&self) -> Vec<&SecretString> {
        vec![&self.image_url]
    }
}

/// Takes the images out of a machine's virtual drives. Ironic takes it (204) and works on it
/// later.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DetachVirtualMedia {
    /// Of which node.
    pub node: NodeId,
    /// The drives; empty for all.
    pub device_types: Vec<MediaType>,
}

impl Call for DetachVirtualMedia {
    type Body = ();
    type Response = Empty;
    const NAME: &'static str = "detach virtual media";
    const MIN_VERSION: Microversion = feature::VIRTUAL_MEDIA;

    fn method(&self) -> Method {
        Method::Delete
    }

    fn path(&self) -> String {
        format!("/v1/nodes/{}/vmedia", self.node)
    }

    fn query(&self) -> Vec<(&'static str, String)> {
        let types: Vec<_> = self.device_types.iter().map(|kind| kind.as_str()).collect();
        Query::default().list("device_types", &types).0
    }
}
