//! Methods that are not Ironic's own.

use serde::{Deserialize, Serialize};

use crate::call::Method;

/// What Ironic says about a method of a vendor interface.
///
/// See `passthru` in `ironic/drivers/base.py`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct VendorMethod {
    /// What it does, and which arguments it takes.
    #[serde(default)]
    pub description: String,
    /// The HTTP methods that it is called by.
    pub http_methods: Vec<Method>,
    /// Whether Ironic takes it (202) and works on it later.
    #[serde(rename = "async")]
    pub is_async: bool,
    /// Whether what it returns is a file to be saved.
    #[serde(default)]
    pub attach: bool,
    /// Whether it needs the node's lock. Drivers' own methods do not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub require_exclusive_lock: Option<bool>,
}
