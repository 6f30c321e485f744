//! Kinds of paths, by name.

use super::{DriverPart, Route, States, Sub};

impl Route<'_> {
    /// The path, with names of variables in the place of what varies.
    pub(crate) fn template(&self) -> String {
        let below_node = |node: Option<&str>, rest: &str| match node {
            Some(_) => format!("/v1/nodes/{{node}}/{rest}"),
            None => format!("/v1/{rest}"),
        };
        match *self {
            Self::Root => "/".to_owned(),
            Self::V1 => "/v1".to_owned(),
            Self::Nodes => "/v1/nodes".to_owned(),
            Self::NodesDetail => "/v1/nodes/detail".to_owned(),
            Self::NodesValidate => "/v1/nodes/validate".to_owned(),
            Self::Node(_) => "/v1/nodes/{node}".to_owned(),
            Self::NodeUnknown { .. } => "/v1/nodes/{node}/?".to_owned(),
            Self::NodeStates { what, .. } => {
                format!("/v1/nodes/{{node}}/states{}", what.template())
            }
            Self::NodeSub { what, .. } => format!("/v1/nodes/{{node}}/{}", what.template()),
            Self::Ports { node, is_detail } => {
                below_node(node, if is_detail { "ports/detail" } else { "ports" })
            }
            Self::Port { node, .. } => below_node(node, "ports/{port}"),
            Self::Volume { node } => below_node(node, "volume"),
            Self::Volumes { node, kind } => below_node(node, &format!("volume/{}", kind.plural())),
            Self::VolumeRecord { node, kind, .. } => below_node(
                node,
                &format!("volume/{}/{{{}}}", kind.plural(), kind.singular()),
            ),
            Self::Drivers => "/v1/drivers".to_owned(),
            Self::Driver { what, .. } => format!("/v1/drivers/{{driver}}{}", what.template()),
            Self::Conductors => "/v1/conductors".to_owned(),
            Self::Conductor(_) => "/v1/conductors/{conductor}".to_owned(),
            Self::Shards => "/v1/shards".to_owned(),
            Self::Empty { name, .. } => format!("/v1/{name}"),
        }
    }
}

impl States<'_> {
    fn template(&self) -> &'static str {
        match self {
            Self::All => "",
            Self::Power => "/power",
            Self::Provision => "/provision",
            Self::Raid => "/raid",
            Self::BootMode => "/boot_mode",
            Self::SecureBoot => "/secure_boot",
            Self::Console => "/console",
            Self::Unknown(_) => "/?",
        }
    }
}

impl DriverPart<'_> {
    fn template(&self) -> &'static str {
        match self {
            Self::Itself => "",
            Self::Properties => "/properties",
            Self::Raid => "/raid/logical_disk_properties",
            Self::VendorMethods => "/vendor_passthru/methods",
            Self::Vendor(_) => "/vendor_passthru",
        }
    }
}

impl Sub<'_> {
    fn template(&self) -> &'static str {
        match self {
            Self::Maintenance => "maintenance",
            Self::Validate => "validate",
            Self::Traits => "traits",
            Self::Trait(_) => "traits/{trait}",
            Self::History => "history",
            Self::HistoryEvent(_) => "history/{event}",
            Self::Inventory => "inventory",
            Self::Bios => "bios",
            Self::BiosSetting(_) => "bios/{setting}",
            Self::Firmware => "firmware",
            Self::Vmedia => "vmedia",
            Self::Vendor(_) => "vendor_passthru",
            Self::VendorMethods => "vendor_passthru/methods",
            Self::Vifs => "vifs",
            Self::Management => "management",
            Self::BootDevice => "management/boot_device",
            Self::BootDevices => "management/boot_device/supported",
            Self::InjectNmi => "management/inject_nmi",
            Self::Indicators => "management/indicators",
            Self::Children => "children",
            Self::Portgroups => "portgroups",
            Self::Allocation => "allocation",
        }
    }
}
