//! Paths, taken apart.

mod template;

use super::Error;

/// A path that leads somewhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Route<'a> {
    /// `/`
    Root,
    /// `/v1`
    V1,
    /// `/v1/nodes`
    Nodes,
    /// `/v1/nodes/detail`
    NodesDetail,
    /// `/v1/nodes/validate`
    NodesValidate,
    /// `/v1/nodes/{node}`
    Node(&'a str),
    /// Below a node, where there is nothing.
    NodeUnknown { ident: &'a str, rest: &'a str },
    /// `/v1/nodes/{node}/states` and below.
    NodeStates { ident: &'a str, what: States<'a> },
    /// Below a node.
    NodeSub { ident: &'a str, what: Sub<'a> },
    /// A list of ports: all, or those of a node.
    Ports {
        node: Option<&'a str>,
        is_detail: bool,
    },
    /// A port.
    Port {
        node: Option<&'a str>,
        ident: &'a str,
    },
    /// `/v1/volume`, or that of a node.
    Volume { node: Option<&'a str> },
    /// A list of connectors or targets.
    Volumes {
        node: Option<&'a str>,
        kind: VolumeKind,
    },
    /// A connector or a target.
    VolumeRecord {
        node: Option<&'a str>,
        kind: VolumeKind,
        ident: &'a str,
    },
    /// `/v1/drivers`
    Drivers,
    /// `/v1/drivers/{driver}` and below.
    Driver { name: &'a str, what: DriverPart<'a> },
    /// `/v1/conductors`
    Conductors,
    /// `/v1/conductors/{conductor}`
    Conductor(&'a str),
    /// `/v1/shards`
    Shards,
    /// A collection of something that a simulated Ironic never has.
    Empty { name: &'static str, since: u16 },
}

/// Volume connectors or volume targets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum VolumeKind {
    Connectors,
    Targets,
}

/// What is below a driver.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DriverPart<'a> {
    Itself,
    Properties,
    Raid,
    VendorMethods,
    Vendor(Option<&'a str>),
}

/// What is below `states`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum States<'a> {
    All,
    Power,
    Provision,
    Raid,
    BootMode,
    SecureBoot,
    Console,
    Unknown(&'a str),
}

/// What else is below a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sub<'a> {
    Maintenance,
    Validate,
    Traits,
    Trait(&'a str),
    History,
    HistoryEvent(&'a str),
    Inventory,
    Bios,
    BiosSetting(&'a str),
    Firmware,
    Vmedia,
    Vendor(Option<&'a str>),
    VendorMethods,
    Vifs,
    Management,
    BootDevice,
    BootDevices,
    InjectNmi,
    Indicators,
    Children,
    Portgroups,
    Allocation,
}

/// Collections that are always empty, and the minor version that they came with.
const EMPTY: [(&str, u16); 6] = [
    ("portgroups", 23),
    ("chassis", 1),
    ("allocations", 52),
    ("deploy_templates", 55),
    ("runbooks", 92),
    ("inspection_rules", 96),
];

impl<'a> Route<'a> {
    /// Takes a decoded path apart. One slash at the end does not count, and neither does a missing
    /// `/v1`.
    pub(crate) fn parse(path: &'a str) -> Result<Self, Error> {
        let path = path.strip_prefix('/').unwrap_or(path);
        let path = path.strip_suffix('/').unwrap_or(path);
        if path.is_empty() {
            return Ok(Self::Root);
        }
        let path = match path.strip_prefix("v1") {
            Some("") => return Ok(Self::V1),
            Some(rest) => rest.strip_prefix('/').unwrap_or(path),
            None => path,
        };
        let (head, rest) = path.split_once('/').unwrap_or((path, ""));
        let segments: Vec<&str> = if rest.is_empty() {
            Vec::new()
        } else {
            rest.split('/').collect()
        };
        if let Some(&(name, since)) = EMPTY.iter().find(|(name, _)| *name == head) {
            return match segments.as_slice() {
                [] => Ok(Self::Empty { name, since }),
                _ => Err(Error::no_route()),
            };
        }
        match (head, segments.as_slice()) {
            ("nodes", []) => Ok(Self::Nodes),
            ("nodes", ["detail"]) => Ok(Self::NodesDetail),
            ("nodes", ["validate"]) => Ok(Self::NodesValidate),
            ("nodes", [ident, below @ ..]) => {
                let rest = rest.split_once('/').map_or("", |(_, rest)| rest);
                Self::node(ident, below, rest)
            }
            ("ports", below) => Self::ports(None, below),
            ("volume", below) => Self::volume(None, below),
            ("drivers", []) => Ok(Self::Drivers),
            ("drivers", [name, below @ ..]) => Self::driver(name, below),
            ("conductors", []) => Ok(Self::Conductors),
            ("conductors", [name]) => Ok(Self::Conductor(name)),
            ("shards", []) => Ok(Self::Shards),
            ("events" | "continue_inspection" | "heartbeat", _) => Err(Error::no_method()),
            _ => Err(Error::no_route()),
        }
    }

    fn node(ident: &'a str, below: &[&'a str], rest: &'a str) -> Result<Self, Error> {
        let states = |what| Ok(Self::NodeStates { ident, what });
        let sub = |what| Ok(Self::NodeSub { ident, what });
        match below {
            [] => Ok(Self::Node(ident)),
            ["states"] => states(States::All),
            ["states", what] => states(match *what {
                "power" => States::Power,
                "provision" => States::Provision,
                "raid" => States::Raid,
                "boot_mode" => States::BootMode,
                "secure_boot" => States::SecureBoot,
                "console" => States::Console,
                other => States::Unknown(other),
            }),
            ["ports", below @ ..] => Self::ports(Some(ident), below),
            ["volume", below @ ..] => Self::volume(Some(ident), below),
            ["maintenance"] => sub(Sub::Maintenance),
            ["validate"] => sub(Sub::Validate),
            ["traits"] => sub(Sub::Traits),
            ["traits", name] => sub(Sub::Trait(name)),
            ["history"] => sub(Sub::History),
            ["history", event] => sub(Sub::HistoryEvent(event)),
            ["inventory"] => sub(Sub::Inventory),
            ["bios"] => sub(Sub::Bios),
            ["bios", name] => sub(Sub::BiosSetting(name)),
            ["firmware"] => sub(Sub::Firmware),
            ["vmedia"] => sub(Sub::Vmedia),
            ["vendor_passthru"] => sub(Sub::Vendor(None)),
            ["vendor_passthru", "methods"] => sub(Sub::VendorMethods),
            ["vendor_passthru", method] => sub(Sub::Vendor(Some(method))),
            ["vifs"] => sub(Sub::Vifs),
            ["management"] => sub(Sub::Management),
            ["management", "boot_device"] => sub(Sub::BootDevice),
            ["management", "boot_device", "supported"] => sub(Sub::BootDevices),
            ["management", "inject_nmi"] => sub(Sub::InjectNmi),
            ["management", "indicators"] => sub(Sub::Indicators),
            ["children"] => sub(Sub::Children),
            ["portgroups"] => sub(Sub::Portgroups),
            ["allocation"] => sub(Sub::Allocation),
            _ => Ok(Self::NodeUnknown { ident, rest }),
        }
    }

    fn ports(node: Option<&'a str>, below: &[&'a str]) -> Result<Self, Error> {
        match below {
            [] => Ok(Self::Ports {
                node,
                is_detail: false,
            }),
            ["detail"] => Ok(Self::Ports {
                node,
                is_detail: true,
            }),
            [ident] => Ok(Self::Port { node, ident }),
            _ => Err(Error::no_route()),
        }
    }

    fn volume(node: Option<&'a str>, below: &[&'a str]) -> Result<Self, Error> {
        let kind = match below.first() {
            None => return Ok(Self::Volume { node }),
            Some(&"connectors") => VolumeKind::Connectors,
            Some(&"targets") => VolumeKind::Targets,
            Some(_) => {
                return Err(Error::server(
                    "VolumeController.get() takes 1 positional argument but 2 were given",
                ));
            }
        };
        match below {
            [_] => Ok(Self::Volumes { node, kind }),
            [_, ident] => Ok(Self::VolumeRecord { node, kind, ident }),
            _ => Err(Error::no_route()),
        }
    }

    fn driver(name: &'a str, below: &[&'a str]) -> Result<Self, Error> {
        let what = match below {
            [] => DriverPart::Itself,
            ["properties"] => DriverPart::Properties,
            ["raid", "logical_disk_properties"] => DriverPart::Raid,
            ["vendor_passthru", "methods"] => DriverPart::VendorMethods,
            ["vendor_passthru"] => DriverPart::Vendor(None),
            ["vendor_passthru", method] => DriverPart::Vendor(Some(method)),
            _ => return Err(Error::no_route()),
        };
        Ok(Self::Driver { name, what })
    }

    /// The node that the path names.
    pub(crate) fn node_ident(&self) -> Option<&'a str> {
        match *self {
            Self::Node(ident)
            | Self::NodeUnknown { ident, .. }
            | Self::NodeStates { ident, .. }
            | Self::NodeSub { ident, .. } => Some(ident),
            Self::Ports { node, .. }
            | Self::Port { node, .. }
            | Self::Volume { node }
            | Self::Volumes { node, .. }
            | Self::VolumeRecord { node, .. } => node,
            Self::Root
            | Self::V1
            | Self::Nodes
            | Self::NodesDetail
            | Self::NodesValidate
            | Self::Drivers
            | Self::Driver { .. }
            | Self::Conductors
            | Self::Conductor(_)
            | Self::Shards
            | Self::Empty { .. } => None,
        }
    }
}

impl VolumeKind {
    /// Its name in paths and lists.
    pub(crate) fn plural(self) -> &'static str {
        match self {
            Self::Connectors => "connectors",
            Self::Targets => "targets",
        }
    }

    /// Its name in messages.
    pub(crate) fn singular(self) -> &'static str {
        match self {
            Self::Connectors => "connector",
            Self::Targets => "target",
        }
    }
}
