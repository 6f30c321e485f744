//! The hardware interfaces of a node that depend on its BMC.

use ironic_types::Node;
use metal_api::values::BmcScheme;

use crate::observation::Abilities;

/// What a node gets, by kind; none leaves the choice to Ironic.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Interfaces {
    /// `bios_interface`.
    pub bios: Option<&'static str>,
    /// `boot_interface`.
    pub boot: Option<&'static str>,
    /// `firmware_interface`.
    pub firmware: Option<&'static str>,
    /// `management_interface`.
    pub management: Option<&'static str>,
    /// `power_interface`.
    pub power: Option<&'static str>,
    /// `raid_interface`.
    pub raid: Option<&'static str>,
    /// `vendor_interface`.
    pub vendor: Option<&'static str>,
}

/// A kind of interface that depends on the BMC.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InterfaceKind {
    /// BIOS settings.
    Bios,
    /// How the machine boots.
    Boot,
    /// Firmware updates.
    Firmware,
    /// Boot device and boot mode.
    Management,
    /// Power.
    Power,
    /// Hardware RAID.
    Raid,
    /// Vendors' own methods.
    Vendor,
}

const IPMI: Interfaces = Interfaces {
    bios: None,
    boot: Some("ipxe"),
    firmware: None,
    management: None,
    power: None,
    raid: Some("no-raid"),
    vendor: None,
};

const REDFISH: Interfaces = Interfaces {
    firmware: Some("redfish"),
    raid: Some("redfish"),
    ..IPMI
};

const IDRAC: Interfaces = Interfaces {
    bios: Some("idrac-redfish"),
    management: Some("idrac-redfish"),
    power: Some("idrac-redfish"),
    raid: Some("idrac-redfish"),
    vendor: Some("idrac-redfish"),
    ..REDFISH
};

impl Interfaces {
    pub(super) fn of(scheme: BmcScheme) -> Self {
        match scheme {
            BmcScheme::Ipmi | BmcScheme::Libvirt => IPMI,
            BmcScheme::Redfish | BmcScheme::Ilo5Redfish => REDFISH,
            BmcScheme::RedfishVirtualMedia | BmcScheme::Ilo5VirtualMedia => Self {
                boot: Some("redfish-virtual-media"),
                ..REDFISH
            },
            BmcScheme::RedfishUefiHttp => Self {
                boot: Some("redfish-https"),
                ..REDFISH
            },
            BmcScheme::IdracRedfish => IDRAC,
            BmcScheme::IdracVirtualMedia => Self {
                boot: Some("idrac-redfish-virtual-media"),
                ..IDRAC
            },
        }
    }

    /// With another boot interface: a host that boots from a volume has always the same.
    #[must_use]
    pub fn booting_by(self, boot: &'static str) -> Self {
        Self {
            boot: Some(boot),
            ..self
        }
    }

    /// The one of a kind.
    pub fn get(&self, kind: InterfaceKind) -> Option<&'static str> {
        match kind {
            InterfaceKind::Bios => self.bios,
            InterfaceKind::Boot => self.boot,
            InterfaceKind::Firmware => self.firmware,
            InterfaceKind::Management => self.management,
            InterfaceKind::Power => self.power,
            InterfaceKind::Raid => self.raid,
            InterfaceKind::Vendor => self.vendor,
        }
    }

    /// Only those that must be, and of the others those that Ironic is known to have: not every Ironic enables BIOS
    /// settings, firmware updates, RAID and vendors' methods, and a machine is deployed without them.
    #[must_use]
    pub(crate) fn where_enabled(self, abilities: Option<&Abilities>) -> Self {
        let keep = |kind: InterfaceKind| {
            self.get(kind).filter(|name| {
                kind.is_needed() || abilities.is_some_and(|abilities| abilities.has(kind, name))
            })
        };
        Self {
            bios: keep(InterfaceKind::Bios),
            boot: keep(InterfaceKind::Boot),
            firmware: keep(InterfaceKind::Firmware),
            management: keep(InterfaceKind::Management),
            power: keep(InterfaceKind::Power),
            raid: keep(InterfaceKind::Raid),
            vendor: keep(InterfaceKind::Vendor),
        }
    }

    /// The first that must be and that Ironic lacks.
    pub(crate) fn lacking(&self, abilities: &Abilities) -> Option<(InterfaceKind, &'static str)> {
        InterfaceKind::ALL
            .into_iter()
            .filter(|kind| kind.is_needed())
            .filter_map(|kind| Some((kind, self.get(kind)?)))
            .find(|(kind, name)| !abilities.has(*kind, name))
    }
}

impl InterfaceKind {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::Bios,
        Self::Boot,
        Self::Firmware,
        Self::Management,
        Self::Power,
        Self::Raid,
        Self::Vendor,
    ];

    /// Its name: what stands before `_interface` in a node's field, and in `enabled_…_interfaces` of ironic.conf.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Bios => "bios",
            Self::Boot => "boot",
            Self::Firmware => "firmware",
            Self::Management => "management",
            Self::Power => "power",
            Self::Raid => "raid",
            Self::Vendor => "vendor",
        }
    }

    /// The one that a node has.
    pub(crate) fn of(self, node: &Node) -> Option<&str> {
        let interface = match self {
            Self::Bios => &node.bios_interface,
            Self::Boot => &node.boot_interface,
            Self::Firmware => &node.firmware_interface,
            Self::Management => &node.management_interface,
            Self::Power => &node.power_interface,
            Self::Raid => &node.raid_interface,
            Self::Vendor => &node.vendor_interface,
        };
        interface.as_deref()
    }

    /// Whether no machine is deployed without it.
    const fn is_needed(self) -> bool {
        match self {
            Self::Boot | Self::Management | Self::Power => true,
            Self::Bios | Self::Firmware | Self::Raid | Self::Vendor => false,
        }
    }
}
