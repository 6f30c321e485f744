//! RAID volumes.

#![expect(
    unreachable_pub,
    reason = "kube's derive of the schema copies the struct into a function"
)]

mod rules;

use kube::KubeSchema;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{RootDeviceHints, schema::Integer};

/// The RAID volumes of a host.
#[derive(KubeSchema, Serialize, Deserialize, Clone, Debug, Default, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
#[x_kube(validation = rules::one_kind(), validation = rules::one_root_volume())]
pub struct RaidConfig {
    /// The volumes of the RAID controllers.
    /// Without `rootDeviceHints` the first one is the root disk.
    /// The empty list removes all volumes; an unset one keeps them.
    #[serde(
        default,
        rename = "hardwareRAIDVolumes",
        skip_serializing_if = "Option::is_none"
    )]
    #[schemars(extend("nullable" = true))]
    pub hardware_raid_volumes: Option<Vec<HardwareRaidVolume>>,

    /// The volumes of Linux' software RAID, at most two.
    /// The first one has level 1; the second one has level 0, 1 or 1+0.
    /// Without `rootDeviceHints` the first one is the root disk.
    #[serde(
        default,
        rename = "softwareRAIDVolumes",
        skip_serializing_if = "Option::is_none"
    )]
    #[schemars(length(max = 2), extend("nullable" = true))]
    pub software_raid_volumes: Option<Vec<SoftwareRaidVolume>>,
}

/// A volume of a RAID controller.
#[derive(KubeSchema, Serialize, Deserialize, Clone, Debug, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
#[x_kube(
    validation = rules::disks_need_a_controller(),
    validation = rules::disks_are_as_many_as_said(),
)]
pub struct HardwareRaidVolume {
    /// The name of the RAID controller.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub controller: Option<String>,

    /// The RAID level.
    /// A driver may support only some of them.
    pub level: HardwareRaidLevel,

    /// The volume's name, unique in the host.
    /// A name is generated when it is unset.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 64))]
    pub name: Option<String>,

    /// The number of disks.
    /// The default is the smallest one that the level allows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<Integer>", range(min = 1))]
    pub number_of_physical_disks: Option<i64>,

    /// The names of the disks, in the form that the RAID controller uses.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub physical_disks: Vec<String>,

    /// Take only rotating disks (`true`) or only solid-state ones (`false`).
    /// By default any disk may be taken.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rotational: Option<bool>,

    /// The volume's size in GiB.
    /// Unset or 0 means as large as possible.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<Integer>", range(min = 0))]
    pub size_gibibytes: Option<i64>,
}

/// A RAID level of a RAID controller.
#[derive(Serialize, Deserialize, JsonSchema, Clone, Copy, Debug, PartialEq, Eq)]
pub enum HardwareRaidLevel {
    /// Striping.
    #[serde(rename = "0")]
    Raid0,
    /// Mirroring.
    #[serde(rename = "1")]
    Raid1,
    /// Striping of bits with an error-correcting code.
    #[serde(rename = "2")]
    Raid2,
    /// Striping with one parity.
    #[serde(rename = "5")]
    Raid5,
    /// Striping with two parities.
    #[serde(rename = "6")]
    Raid6,
    /// Striping over mirrors.
    #[serde(rename = "1+0")]
    Raid10,
    /// Striping over RAID 5.
    #[serde(rename = "5+0")]
    Raid50,
    /// Striping over RAID 6.
    #[serde(rename = "6+0")]
    Raid60,
}

/// A volume of Linux' software RAID.
#[derive(KubeSchema, Serialize, Deserialize, Clone, Debug, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
#[x_kube(validation = rules::root_volume_is_mirrored())]
pub struct SoftwareRaidVolume {
    /// The RAID level.
    pub level: SoftwareRaidLevel,

    /// The disks, at least two.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(min = 2))]
    pub physical_disks: Vec<RootDeviceHints>,

    /// Whether the volume is the root disk.
    /// At most one volume can be.
    #[serde(default)]
    pub root_volume: bool,

    /// The volume's size in GiB.
    /// Unset or 0 means as large as possible.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<Integer>", range(min = 0))]
    pub size_gibibytes: Option<i64>,
}

/// A RAID level of Linux' software RAID.
#[derive(Serialize, Deserialize, JsonSchema, Clone, Copy, Debug, PartialEq, Eq)]
pub enum SoftwareRaidLevel {
    /// Striping.
    #[serde(rename = "0")]
    Raid0,
    /// Mirroring.
    #[serde(rename = "1")]
    Raid1,
    /// Striping over mirrors.
    #[serde(rename = "1+0")]
    Raid10,
}
