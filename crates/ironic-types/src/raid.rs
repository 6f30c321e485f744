//! RAID configurations.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::wire_enum::open_enum;

open_enum! {
    /// How a logical disk is spread over physical ones.
    pub enum RaidLevel {
        /// Striped.
        Raid0 = "0",
        /// Mirrored.
        Raid1 = "1",
        /// Striped with dedicated Hamming codes.
        Raid2 = "2",
        /// Striped with one parity.
        Raid5 = "5",
        /// Striped with two parities.
        Raid6 = "6",
        /// Striped over mirrors.
        Raid10 = "1+0",
        /// Striped over RAID 5.
        Raid50 = "5+0",
        /// Striped over RAID 6.
        Raid60 = "6+0",
        /// Not at all: just a bunch of disks.
        Jbod = "JBOD",
    }
}

/// The RAID configuration that a node is to have.
///
/// See `ironic/drivers/raid_config_schema.json`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RaidConfig {
    /// The logical disks.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub logical_disks: Vec<LogicalDisk>,
}

/// One disk of a [`RaidConfig`].
///
/// What is `None` is left to the driver;
/// [`GetLogicalDiskProperties`](crate::calls::GetLogicalDiskProperties) says what it reads.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogicalDisk {
    /// How it is spread.
    pub raid_level: RaidLevel,
    /// How large it is.
    pub size_gb: DiskSize,
    /// Its name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub volume_name: Option<String>,
    /// Whether it is what the node boots from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub is_root_volume: Option<bool>,
    /// Whether other logical disks may use the same physical ones.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub share_physical_disks: Option<bool>,
    /// The kind of its physical disks: `hdd` or `ssd`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub disk_type: Option<String>,
    /// How its physical disks are attached: `sata`, `scsi` or `sas`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub interface_type: Option<String>,
    /// How many physical disks it takes, at least 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number_of_physical_disks: Option<u32>,
    /// The controller that makes it; `software` for none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub controller: Option<String>,
    /// The physical disks that it takes: names, or objects with hints.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub physical_disks: Vec<Value>,
    /// Keys of the driver's own.
    #[serde(flatten)]
    pub more: Map<String, Value>,
}

impl LogicalDisk {
    /// A disk of which all else is left to the driver.
    pub fn new(raid_level: RaidLevel, size_gb: DiskSize) -> Self {
        Self {
            raid_level,
            size_gb,
            volume_name: None,
            is_root_volume: None,
            share_physical_disks: None,
            disk_type: None,
            interface_type: None,
            number_of_physical_disks: None,
            controller: None,
            physical_disks: Vec::new(),
            more: Map::new(),
        }
    }
}

/// How large a logical disk is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "WireSize", into = "WireSize")]
pub enum DiskSize {
    /// So many GiB.
    Gib(u64),
    /// All that is left.
    Rest,
}

#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum WireSize {
    Gib(u64),
    Word(Word),
}

#[derive(Serialize, Deserialize)]
enum Word {
    #[serde(rename = "MAX")]
    Max,
}

impl From<WireSize> for DiskSize {
    fn from(size: WireSize) -> Self {
        match size {
            WireSize::Gib(gib) => Self::Gib(gib),
            WireSize::Word(Word::Max) => Self::Rest,
        }
    }
}

impl From<DiskSize> for WireSize {
    fn from(size: DiskSize) -> Self {
        match size {
            DiskSize::Gib(gib) => Self::Gib(gib),
            DiskSize::Rest => Self::Word(Word::Max),
        }
    }
}
