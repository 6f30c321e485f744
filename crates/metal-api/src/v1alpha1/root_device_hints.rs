//! How to recognise a disk.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::schema::Integer;

/// How to recognise a disk.
///
/// A disk is meant when it fits all hints that are set.
#[derive(Serialize, Deserialize, JsonSchema, Clone, Debug, Default, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
pub struct RootDeviceHints {
    /// The disk's device name, for example `/dev/vda`, or a link to it below `/dev/disk/by-path`.
    /// It must be equal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device_name: Option<String>,

    /// The disk's SCSI address (host, channel, target, LUN), for example `0:0:0:0`.
    /// It must be equal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hctl: Option<String>,

    /// The disk's smallest size in GB.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<Integer>", range(min = 0))]
    pub min_size_gigabytes: Option<i64>,

    /// A part of the disk's model.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,

    /// Whether the disk rotates.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rotational: Option<bool>,

    /// The disk's serial number.
    /// It must be equal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub serial_number: Option<String>,

    /// A part of the name of the disk's maker.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vendor: Option<String>,

    /// The disk's World Wide Name.
    /// It must be equal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wwn: Option<String>,

    /// The vendor's extension of the World Wide Name.
    /// It must be equal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wwn_vendor_extension: Option<String>,

    /// The World Wide Name with the vendor's extension.
    /// It must be equal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wwn_with_extension: Option<String>,
}
