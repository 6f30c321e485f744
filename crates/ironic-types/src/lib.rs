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
//! * Wire types: [`Node`], [`Port`], [`VolumeConnector`], [`VolumeTarget`], [`Driver`],
//!   [`NodeValidation`] and the bodies that create them. Unknown enum values survive a round trip.
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
//! Passwords are [`SecretString`](secrecy::SecretString)s. No `Debug` of this crate shows one;
//! `Serialize` writes them in clear, because that is what Ironic needs: serialise a body for
//! Ironic only.
//!
//! [OpenStack Ironic]: https://docs.openstack.org/api-ref/baremetal/

pub mod calls;

mod call;
mod driver;
mod empty;
mod fault;
mod ids;
mod new_node;
mod node;
mod page;
pub mod patch;
mod port;
mod power;
mod provision;
mod redact;
mod root;
mod validation;
mod version;
mod volume;
mod wire_enum;

pub use call::{Call, ListCall, Method};
pub use driver::{Driver, Drivers};
pub use empty::Empty;
pub use fault::Fault;
pub use ids::{ConnectorId, NodeId, NodeIdent, ParseIdError, PortId, TargetId};
pub use new_node::{DriverInfo, DriverInfoValue, NewNode};
pub use node::Node;
pub use page::Page;
pub use patch::Patch;
pub use port::{NewPort, Port};
pub use power::{PowerState, PowerTarget};
pub use provision::{ProvisionState, ProvisionVerb};
pub use redact::without_secrets;
pub use root::{ApiVersion, RootDocument};
pub use validation::{InterfaceValidation, NodeValidation};
pub use version::{
    FLOOR, Microversion, ParseVersionError, VersionError, VersionRange, feature, negotiate,
};
pub use volume::{
    ConnectorType, IscsiTargetProperties, NewVolumeConnector, NewVolumeTarget, VolumeConnector,
    VolumeTarget, VolumeType,
};
