//! BIOS settings of a node.

use serde::{Deserialize, Serialize};

/// A BIOS setting, as Ironic last read it from the machine.
///
/// All but the name and the value is in lists with `detail` only, and only where the BMC says it.
/// See `ironic/api/controllers/v1/bios.py` and "Bare Metal API reference, Node Bios".
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct BiosSetting {
    /// Its name, such as `ProcVirtualization`.
    pub name: String,
    /// Its value; a number or a flag is a text, too.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// What kind of value it has: `Enumeration`, `String`, `Password`, `Integer` or `Boolean`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attribute_type: Option<String>,
    /// The values that it may have, for an enumeration.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub allowable_values: Option<Vec<String>>,
    /// The least value that it may have, for an integer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lower_bound: Option<i64>,
    /// The greatest value that it may have, for an integer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub upper_bound: Option<i64>,
    /// How many characters it has at least, for a string.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min_length: Option<i64>,
    /// How many characters it has at most, for a string.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_length: Option<i64>,
    /// Whether it can't be changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub read_only: Option<bool>,
    /// Whether a change needs a reset of the machine.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reset_required: Option<bool>,
    /// Whether it is this machine's alone, such as a serial number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unique: Option<bool>,
    /// When Ironic first read it: ISO 8601, in UTC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created_at: Option<String>,
    /// When Ironic last saw it change: ISO 8601, in UTC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub updated_at: Option<String>,
}
