//! Config drives: what a deployed system finds about itself.

use std::fmt;

use secrecy::SecretString;
use serde::{Serialize, Serializer};
use serde_json::{Map, Value};

use crate::redact::{expose, expose_option, masked};

/// A config drive, as Ironic takes it.
///
/// `Debug` shows nothing of what is in it; `Serialize` writes all in clear.
/// See `check_allow_configdrive` in `ironic/api/controllers/v1/utils.py`.
#[derive(Clone, Debug)]
pub enum ConfigDrive {
    /// One that is ready: an ISO 9660 image, gzipped, in base64. Or the address of that text, which
    /// Ironic takes for one because of its `://`.
    Ready(SecretString),
    /// What Ironic builds one from.
    Parts(ConfigDriveParts),
}

impl Serialize for ConfigDrive {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Ready(image) => expose(image, serializer),
            Self::Parts(parts) => parts.serialize(serializer),
        }
    }
}

/// What Ironic builds a config drive from.
#[derive(Clone, Default, Serialize)]
pub struct ConfigDriveParts {
    /// What the system is: `uuid`, `name`, `local-hostname` and the like.
    #[serde(skip_serializing_if = "Map::is_empty")]
    pub meta_data: Map<String, Value>,
    /// Which addresses it takes.
    #[serde(skip_serializing_if = "Map::is_empty")]
    pub network_data: Map<String, Value>,
    /// What its user wants done at the first boot, such as a cloud-config.
    #[serde(
        skip_serializing_if = "Option::is_none",
        serialize_with = "expose_option"
    )]
    pub user_data: Option<SecretString>,
    /// What its vendor wants done at the first boot.
    #[serde(skip_serializing_if = "Map::is_empty")]
    pub vendor_data: Map<String, Value>,
}

impl ConfigDrive {
    /// The secrets in it. Values in objects are not among them: whatever Ironic repeats of an
    /// object, [`Fault`](crate::Fault) leaves out.
    pub(crate) fn secrets(&self) -> impl Iterator<Item = &SecretString> {
        match self {
            Self::Ready(image) => Some(image),
            Self::Parts(parts) => parts.user_data.as_ref(),
        }
        .into_iter()
    }
}

impl fmt::Debug for ConfigDriveParts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ConfigDriveParts")
            .field("meta_data", &masked(&self.meta_data))
            .field("network_data", &masked(&self.network_data))
            .field("user_data", &self.user_data)
            .field("vendor_data", &masked(&self.vendor_data))
            .finish()
    }
}
