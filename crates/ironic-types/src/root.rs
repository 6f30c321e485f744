//! The version documents: what a server says about itself to anyone.

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
    /// All APIs: the one behind `/v1`.
    #[serde(default)]
    pub versions: Vec<ApiVersion>,
}

impl RootDocument {
    /// The microversions that the server speaks.
    pub fn versions(&self) -> VersionRange {
        self.default_version.range()
    }
}

/// The answer to [`GetV1`](crate::calls::GetV1).
///
/// The links to what is behind `/v1` are not read: the calls know their paths.
/// See `ironic/api/controllers/v1/__init__.py`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct V1Document {
    /// `v1`.
    pub id: String,
    /// The API itself.
    pub version: ApiVersion,
}

impl V1Document {
    /// The microversions that the server speaks.
    pub fn versions(&self) -> VersionRange {
        self.version.range()
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

impl ApiVersion {
    fn range(&self) -> VersionRange {
        VersionRange {
            min: self.min_version,
            max: self.version,
        }
    }
}
