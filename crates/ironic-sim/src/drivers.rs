//! Hardware types, their interfaces, and which one a node gets.
//!
//! See `ironic/common/driver_factory.py`, `ironic/drivers/{hardware_type,generic,redfish,
//! fake_hardware}.py`.

mod described;

pub(crate) use described::{properties, raid_properties, vendor_methods};

use std::collections::BTreeMap;

use crate::api::Error;
use crate::python;

/// A kind of interface that a node has one of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Interface {
    /// BIOS settings.
    Bios,
    /// What the machine boots from.
    Boot,
    /// Its console.
    Console,
    /// How it is deployed.
    Deploy,
    /// Firmware updates.
    Firmware,
    /// How it is inspected.
    Inspect,
    /// Boot device, boot mode, virtual media.
    Management,
    /// Its networks.
    Network,
    /// Its power.
    Power,
    /// RAID.
    Raid,
    /// Rescue.
    Rescue,
    /// Volumes.
    Storage,
    /// What only this vendor has.
    Vendor,
}

impl Interface {
    /// All of them, in the order of Ironic's fields.
    pub const ALL: [Self; 13] = [
        Self::Bios,
        Self::Boot,
        Self::Console,
        Self::Deploy,
        Self::Firmware,
        Self::Inspect,
        Self::Management,
        Self::Network,
        Self::Power,
        Self::Raid,
        Self::Rescue,
        Self::Storage,
        Self::Vendor,
    ];

    /// Its name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Bios => "bios",
            Self::Boot => "boot",
            Self::Console => "console",
            Self::Deploy => "deploy",
            Self::Firmware => "firmware",
            Self::Inspect => "inspect",
            Self::Management => "management",
            Self::Network => "network",
            Self::Power => "power",
            Self::Raid => "raid",
            Self::Rescue => "rescue",
            Self::Storage => "storage",
            Self::Vendor => "vendor",
        }
    }

    /// The interface that a field such as `boot_interface` is about.
    pub(crate) fn of_field(field: &str) -> Option<Self> {
        let name = field.strip_suffix("_interface")?;
        Self::ALL
            .into_iter()
            .find(|interface| interface.as_str() == name)
    }

    /// The lowest minor version that shows it.
    pub(crate) fn since(self) -> u16 {
        match self {
            Self::Boot
            | Self::Console
            | Self::Deploy
            | Self::Inspect
            | Self::Management
            | Self::Power
            | Self::Raid
            | Self::Vendor => 31,
            Self::Network => 20,
            Self::Storage => 33,
            Self::Rescue => 38,
            Self::Bios => 40,
            Self::Firmware => 86,
        }
    }
}

/// The interfaces that are enabled, and the defaults that are configured.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Interfaces {
    /// `enabled_…_interfaces`.
    pub enabled: BTreeMap<Interface, Vec<String>>,
    /// `default_…_interface`, where it is set.
    pub defaults: BTreeMap<Interface, String>,
}

impl Default for Interfaces {
    fn default() -> Self {
        let enabled = Interface::ALL
            .into_iter()
            .map(|interface| {
                let names: &[&str] = match interface {
                    Interface::Bios => &["no-bios", "redfish", "fake"],
                    Interface::Boot => &["ipxe", "http-ipxe", "redfish-virtual-media", "fake"],
                    Interface::Console => &["no-console", "fake"],
                    Interface::Deploy => &["direct", "ramdisk", "custom-agent", "noop", "fake"],
                    Interface::Firmware => &["no-firmware", "fake"],
                    Interface::Inspect => &["redfish", "no-inspect", "agent", "fake"],
                    Interface::Management => &["redfish", "noop", "fake"],
                    Interface::Network => &["noop"],
                    Interface::Power => &["redfish", "fake"],
                    Interface::Raid => &["no-raid", "agent", "redfish", "fake"],
                    Interface::Rescue => &["no-rescue", "fake"],
                    Interface::Storage => &["noop", "external", "cinder", "fake"],
                    Interface::Vendor => &["no-vendor", "redfish", "fake"],
                };
                (interface, names.iter().map(|&name| name.into()).collect())
            })
            .collect();
        let defaults = [
            (Interface::Deploy, "direct"),
            (Interface::Network, "noop"),
            (Interface::Storage, "noop"),
            (Interface::Firmware, "no-firmware"),
        ];
        Self {
            enabled,
            defaults: defaults.map(|(of, name)| (of, name.to_owned())).into(),
        }
    }
}

impl Interfaces {
    /// The interfaces of a kind that are enabled and that a hardware type can use, in its own
    /// order of preference.
    pub(crate) fn usable(&self, driver: &str, interface: Interface) -> Vec<&str> {
        let enabled = self.enabled.get(&interface).map_or(&[][..], Vec::as_slice);
        supported(driver, interface)
            .iter()
            .filter_map(|name| enabled.iter().find(|enabled| enabled == name))
            .map(String::as_str)
            .collect()
    }

    /// The interface that a node gets if it asks for none.
    pub(crate) fn default_of(&self, driver: &str, interface: Interface) -> Result<String, Error> {
        let usable = self.usable(driver, interface);
        let default = match self.defaults.get(&interface) {
            Some(default) => usable.contains(&default.as_str()).then(|| default.clone()),
            None => usable.first().map(|&name| name.to_owned()),
        };
        default.ok_or_else(|| {
            Error::invalid(format!(
                "For hardware type '{driver}', no default value found for {} interface could be \
                 determined. Please ensure the interfaces are enabled.",
                interface.as_str()
            ))
        })
    }

    /// Whether a node may have this interface.
    pub(crate) fn check(
        &self,
        driver: &str,
        interface: Interface,
        name: &str,
    ) -> Result<(), Error> {
        let kind = interface.as_str();
        let enabled = self.enabled.get(&interface).map_or(&[][..], Vec::as_slice);
        if !enabled.iter().any(|enabled| enabled == name) {
            let mut valid: Vec<&str> = enabled.iter().map(String::as_str).collect();
            valid.sort_unstable();
            return Err(Error::invalid(format!(
                "Could not find the following interface in the 'ironic.hardware.interfaces.{kind}' \
                 entrypoint: {name}. Valid interfaces are {}.",
                python::quoted_list(valid)
            )));
        }
        // The fake hardware type takes whatever is enabled.
        if driver == FAKE || supported(driver, interface).contains(&name) {
            return Ok(());
        }
        let hardware = if driver == REDFISH {
            "RedfishHardware"
        } else {
            driver
        };
        Err(Error::invalid(format!(
            "{kind} interface implementation '{name}' is not supported by hardware type \
             {hardware}."
        )))
    }
}

/// The hardware type without hardware.
pub(crate) const FAKE: &str = "fake-hardware";
/// Redfish.
pub(crate) const REDFISH: &str = "redfish";

/// What a hardware type can use, best first. One that is unknown is taken for a `redfish` with
/// another name.
fn supported(driver: &str, interface: Interface) -> &'static [&'static str] {
    let fake = driver == FAKE;
    match (interface, fake) {
        (Interface::Bios, true) => &["fake", "no-bios"],
        (Interface::Bios, false) => &["redfish", "no-bios"],
        (Interface::Boot, true) => &["fake", "ipxe", "pxe", "http-ipxe", "http"],
        (Interface::Boot, false) => &[
            "ipxe",
            "pxe",
            "http-ipxe",
            "http",
            "redfish-virtual-media",
            "redfish-https",
        ],
        (Interface::Console, true) => &["fake", "no-console"],
        (Interface::Console, false) => &["no-console"],
        (Interface::Deploy, true) => &["fake", "direct", "ramdisk", "custom-agent"],
        (Interface::Deploy, false) => &["direct", "ramdisk", "custom-agent"],
        (Interface::Firmware, true) => &["fake", "no-firmware"],
        (Interface::Firmware, false) => &["redfish", "no-firmware"],
        (Interface::Inspect, true) => &["fake", "agent", "no-inspect"],
        (Interface::Inspect, false) => &["redfish", "agent", "no-inspect"],
        (Interface::Management | Interface::Power, true) => &["fake"],
        (Interface::Management, false) => &["redfish", "noop"],
        (Interface::Network, _) => &["flat", "neutron", "noop"],
        (Interface::Power, false) => &["redfish"],
        (Interface::Raid, true) => &["fake", "no-raid", "agent"],
        (Interface::Raid, false) => &["redfish", "no-raid", "agent"],
        (Interface::Rescue, true) => &["fake", "no-rescue", "agent"],
        (Interface::Rescue, false) => &["no-rescue", "agent"],
        (Interface::Storage, true) => &["fake", "noop", "cinder", "external"],
        (Interface::Storage, false) => &["noop", "cinder", "external"],
        (Interface::Vendor, true) => &["fake", "no-vendor"],
        (Interface::Vendor, false) => &["redfish", "no-vendor"],
    }
}
