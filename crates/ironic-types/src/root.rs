//! The root document: what a server says about itself to anyone.

use serde::{Deserialize, Serialize};

use crate::version::{Microversion, VersionRange};

/// The answer to [`GetRoot`](crate::calls::GetRoot).
///
/// Public even where everything else asks for credentials.
/// See `ironic/api/controllers/root.py` and "Bare Metal API reference, API versions".
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RootDocument {
    /// What it calls itself: `OpenStack Ironic API`.
    #[serde(default)]
    pub name: String,
    /// What it is, in a sentence.
    #[serde(default)]
    pub description: String,
    /// The API behind `/v1`.
    pub default_version: ApiVersion,
}

impl RootDocument {
    /// The microversions that the server speaks.
    pub fn versions(&self) -> VersionRange {
        VersionRange {
            min: self.default_version.min_version,
            max: self.default_version.version,
        }
    }
}

/// One major version of the API.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApiVersion {
    /// `v1`.
    pub id: String,
    /// `CURRENT`.
    #[serde(default)]
    pub status: String,
    /// The oldest microversion.
    pub min_version: Microversion,
    /// The newest microversion.
    pub version: Microversion,
}
