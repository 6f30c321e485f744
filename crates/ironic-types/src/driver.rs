//! Drivers: the hardware types that Ironic has enabled.

use serde::{Deserialize, Serialize};

/// A hardware type, as Ironic answers it.
///
/// See `ironic/api/controllers/v1/driver.py` and "Bare Metal API reference, Drivers".
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Driver {
    /// Its name, such as `redfish`.
    pub name: String,
    /// The conductors that run it.
    #[serde(default)]
    pub hosts: Vec<String>,
    /// The boot interfaces that `enabled_boot_interfaces` in ironic.conf allows it. Only the answer
    /// to [`GetDriver`](crate::calls::GetDriver) has this and what follows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub enabled_boot_interfaces: Option<Vec<String>>,
    /// The deploy interfaces that `enabled_deploy_interfaces` allows it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub enabled_deploy_interfaces: Option<Vec<String>>,
    /// The storage interfaces that `enabled_storage_interfaces` allows it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub enabled_storage_interfaces: Option<Vec<String>>,
}

/// The answer to [`ListDrivers`](crate::calls::ListDrivers), which has no pages.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Drivers {
    /// The hardware types that some conductor runs.
    pub drivers: Vec<Driver>,
}
