//! Drivers: the hardware types that Ironic has enabled.

use serde::{Deserialize, Serialize};

use crate::page::Page;

/// A hardware type, as Ironic answers it.
///
/// The interfaces are in the answer to [`GetDriver`](crate::calls::GetDriver) and
/// [`ListDriverDetails`](crate::calls::ListDriverDetails) only: of each kind those that ironic.conf
/// enables and this driver supports, and the one that a node gets that names none.
/// See `ironic/api/controllers/v1/driver.py` and "Bare Metal API reference, Drivers".
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Driver {
    /// Its name, such as `redfish`.
    pub name: String,
    /// The conductors that run it.
    #[serde(default)]
    pub hosts: Vec<String>,
    /// How it is made: `dynamic`, of interfaces that can be chosen; all are, since 2018.
    #[serde(default, rename = "type", skip_serializing_if = "Option::is_none")]
    pub driver_type: Option<String>,
    /// The BIOS interfaces that a node may have.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub enabled_bios_interfaces: Option<Vec<String>>,
    /// The BIOS interface that a node gets.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default_bios_interface: Option<String>,
    /// The boot interfaces that a node may have.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub enabled_boot_interfaces: Option<Vec<String>>,
    /// The boot interface that a node gets.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default_boot_interface: Option<String>,
    /// The console interfaces that a node may have.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub enabled_console_interfaces: Option<Vec<String>>,
    /// The console interface that a node gets.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default_console_interface: Option<String>,
    /// The deploy interfaces that a node may have.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub enabled_deploy_interfaces: Option<Vec<String>>,
    /// The deploy interface that a node gets.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default_deploy_interface: Option<String>,
    /// The firmware interfaces that a node may have.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub enabled_firmware_interfaces: Option<Vec<String>>,
    /// The firmware interface that a node gets.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default_firmware_interface: Option<String>,
    /// The inspect interfaces that a node may have.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub enabled_inspect_interfaces: Option<Vec<String>>,
    /// The inspect interface that a node gets.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default_inspect_interface: Option<String>,
    /// The management interfaces that a node may have.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub enabled_management_interfaces: Option<Vec<String>>,
    /// The management interface that a node gets.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default_management_interface: Option<String>,
    /// The network interfaces that a node may have.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub enabled_network_interfaces: Option<Vec<String>>,
    /// The network interface that a node gets.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default_network_interface: Option<String>,
    /// The power interfaces that a node may have.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub enabled_power_interfaces: Option<Vec<String>>,
    /// The power interface that a node gets.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default_power_interface: Option<String>,
    /// The RAID interfaces that a node may have.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub enabled_raid_interfaces: Option<Vec<String>>,
    /// The RAID interface that a node gets.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default_raid_interface: Option<String>,
    /// The rescue interfaces that a node may have.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub enabled_rescue_interfaces: Option<Vec<String>>,
    /// The rescue interface that a node gets.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default_rescue_interface: Option<String>,
    /// The storage interfaces that a node may have.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub enabled_storage_interfaces: Option<Vec<String>>,
    /// The storage interface that a node gets.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default_storage_interface: Option<String>,
    /// The vendor interfaces that a node may have.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub enabled_vendor_interfaces: Option<Vec<String>>,
    /// The vendor interface that a node gets.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default_vendor_interface: Option<String>,
}

/// The answer to [`ListDrivers`](crate::calls::ListDrivers): always a single page.
pub type Drivers = Page<Driver>;
