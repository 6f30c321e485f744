//! What inspection found in a machine.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::redact::or_default;

/// The answer to [`GetInventory`](crate::calls::GetInventory).
///
/// See `ironic/drivers/modules/inspect_utils.py`, `get_inspection_data`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Inspection {
    /// The machine.
    pub inventory: Inventory,
    /// What the inspection's hooks made of it, such as `all_interfaces` and `parsed_lldp`.
    #[serde(default, deserialize_with = "or_default")]
    pub plugin_data: Map<String, Value>,
}

/// What is in a machine, as the ramdisk or the BMC sees it.
///
/// Which fields there are depends on the inspect interface; those that this crate does not know are
/// kept in `more`. See "Hardware Inventory" in the documentation of Ironic's ramdisk, and
/// `ironic/drivers/modules/redfish/inspect.py`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Inventory {
    /// Its processors, all of one kind.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cpu: Option<Cpu>,
    /// Its memory.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub memory: Option<Memory>,
    /// Its disks.
    #[serde(
        default,
        deserialize_with = "or_default",
        skip_serializing_if = "Vec::is_empty"
    )]
    pub disks: Vec<Disk>,
    /// Its network cards.
    #[serde(
        default,
        deserialize_with = "or_default",
        skip_serializing_if = "Vec::is_empty"
    )]
    pub interfaces: Vec<Interface>,
    /// Who made it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub system_vendor: Option<SystemVendor>,
    /// How it booted for the inspection.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub boot: Option<Boot>,
    /// The name that it has for itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hostname: Option<String>,
    /// The IPv4 address of its BMC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bmc_address: Option<String>,
    /// The IPv6 address of its BMC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bmc_v6address: Option<String>,
    /// The MAC address of its BMC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bmc_mac: Option<String>,
    /// What else there is.
    #[serde(flatten)]
    pub more: Map<String, Value>,
}

/// The processors of a machine.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cpu {
    /// Such as `x86_64`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub architecture: Option<String>,
    /// How many threads there are in all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub count: Option<u64>,
    /// Such as `Intel(R) Xeon(R) CPU E5-2430 0 @ 2.20GHz`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model_name: Option<String>,
    /// What else there is: `frequency` in MHz as a text or a number, `flags`, `socket_count`.
    #[serde(flatten)]
    pub more: Map<String, Value>,
}

/// The memory of a machine.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Memory {
    /// What is built in, in MiB.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub physical_mb: Option<u64>,
    /// What its system may use, in bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub total: Option<u64>,
    /// What else there is.
    #[serde(flatten)]
    pub more: Map<String, Value>,
}

/// A disk of a machine.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Disk {
    /// Its name, such as `/dev/sda`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Its size, in bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub size: Option<u64>,
    /// Whether it turns.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rotational: Option<bool>,
    /// Its model.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// Who made it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vendor: Option<String>,
    /// Its serial number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub serial: Option<String>,
    /// Its world-wide name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wwn: Option<String>,
    /// Its SCSI address: host, channel, target, unit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hctl: Option<String>,
    /// Its name by the path that leads to it, such as `/dev/disk/by-path/pci-0000:00:07.0`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by_path: Option<String>,
    /// What else there is.
    #[serde(flatten)]
    pub more: Map<String, Value>,
}

/// A network card of a machine.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Interface {
    /// Its name, such as `eth0`, or its MAC address again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Its MAC address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mac_address: Option<String>,
    /// The IPv4 address that it had during the inspection.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ipv4_address: Option<String>,
    /// The IPv6 address that it had during the inspection.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ipv6_address: Option<String>,
    /// Whether it is plugged in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub has_carrier: Option<bool>,
    /// Its speed, in Mbit/s.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub speed_mbps: Option<u64>,
    /// Who made it: a PCI id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vendor: Option<String>,
    /// Which product it is: a PCI id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub product: Option<String>,
    /// What else there is, such as `lldp` and `client_id`.
    #[serde(flatten)]
    pub more: Map<String, Value>,
}

/// Who made a machine.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SystemVendor {
    /// Who made it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub manufacturer: Option<String>,
    /// Which product it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub product_name: Option<String>,
    /// Its serial number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub serial_number: Option<String>,
    /// What else there is, such as `firmware` and `system_uuid`.
    #[serde(flatten)]
    pub more: Map<String, Value>,
}

/// How a machine booted for its inspection.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Boot {
    /// By `bios` or by `uefi`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub current_boot_mode: Option<String>,
    /// The MAC address of the card that it booted through.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pxe_interface: Option<String>,
    /// What else there is.
    #[serde(flatten)]
    pub more: Map<String, Value>,
}
