//! Ironic's wire types, its calls as values, and version negotiation: no I/O.
//!
//! # Purpose
//!
//! Everything that can be said about [OpenStack Ironic]'s REST interface without opening a socket:
//! what a node, a port or a volume target looks like as JSON, which requests there are, which
//! microversion each of them needs, and how to read what Ironic answers when it refuses.
//!
//! # Scope
//!
//! * Wire types: [`Node`] and what hangs on it, [`Port`], [`VolumeConnector`], [`VolumeTarget`],
//!   [`Driver`], [`Conductor`], the version documents, and the bodies that create and change them.
//!   Unknown enum values survive a round trip.
//! * Calls as values: one struct for each request, all of them a [`Call`].
//!   They build a method, a path, a query and a body; a transport sends them.
//! * Versions: [`negotiate`] is one pure function over a server's range.
//! * Faults: [`Fault`] reads both shapes of Ironic's error body.
//!
//! # Non-goals
//!
//! * No I/O: no sockets, no clocks, no async runtime. `ironic-client` is the transport.
//! * No policy: which call to make, and when, is the caller's to decide.
//!
//! # Secrets
//!
//! Passwords are [`SecretString`](secrecy::SecretString)s. No `Debug` of this crate shows one, nor
//! what may hold one, such as a config drive, the arguments of a step or a signed address;
//! `Serialize` writes them in clear, because that is what Ironic needs: serialise a body for
//! Ironic only.
//!
//! [OpenStack Ironic]: https://docs.openstack.org/api-ref/baremetal/

pub mod calls;

mod bios;
mod boot;
mod call;
mod conductor;
mod config_drive;
mod console;
mod driver;
mod empty;
mod fault;
mod fields;
mod firmware;
mod history;
mod ids;
pub mod inventory;
mod new_node;
mod node;
mod page;
pub mod patch;
mod port;
mod power;
mod provision;
mod raid;
mod redact;
mod root;
mod states;
mod step;
mod traits;
mod validation;
mod vendor;
mod version;
mod virtual_media;
mod volume;
mod wire_enum;

pub use bios::BiosSetting;
pub use boot::{BootDevice, BootMode, NextBoot};
pub use call::{Call, ListCall, Method};
pub use conductor::Conductor;
pub use config_drive::{ConfigDrive, ConfigDriveParts};
pub use console::Console;
pub use driver::{Driver, Drivers};
pub use empty::Empty;
pub use fault::Fault;
pub use firmware::FirmwareComponent;
pub use history::HistoryEvent;
pub use ids::{ConnectorId, HistoryEventId, NodeId, NodeIdent, ParseIdError, PortId, TargetId};
pub use inventory::{Inspection, Inventory};
pub use new_node::{DriverInfo, DriverInfoValue, NewNode};
pub use node::{Health, Node};
pub use page::Page;
pub use patch::Patch;
pub use port::{NewPort, Port};
pub use power::{PowerState, PowerTarget};
pub use provision::{ProvisionState, ProvisionVerb};
pub use raid::{DiskSize, LogicalDisk, RaidConfig, RaidLevel};
pub use redact::without_secrets;
pub use root::{ApiVersion, RootDocument, V1Document};
pub use states::NodeStates;
pub use step::{DeployStep, Step, Steps};
pub use traits::{ParseTraitError, Trait};
pub use validation::{InterfaceValidation, NodeValidation};
pub use vendor::VendorMethod;
pub use version::{
    FLOOR, Microversion, ParseVersionError, VersionError, VersionRange, feature, negotiate,
};
pub use virtual_media::{ImageDownload, MediaType, VirtualMedia};
pub use volume::{
    ConnectorType, IscsiTargetProperties, NewVolumeConnector, NewVolumeTarget, TargetProperties,
    VolumeConnector, VolumeTarget, VolumeType,
};
