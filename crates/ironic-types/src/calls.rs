//! The calls: one struct for each request.
//!
//! Fields are public: a call is made by naming what it needs.
//! What Ironic answers, and when it refuses, is told by each call where it matters, and for all of
//! them by the [Bare Metal API reference](https://docs.openstack.org/api-ref/baremetal/).
//!
//! ```
//! use ironic_types::calls::GetNode;
//! use ironic_types::{Call, Method};
//!
//! let call = GetNode { ident: "rack-1~u7".into() };
//! assert_eq!((call.method(), call.path().as_str()), (Method::Get, "/v1/nodes/rack-1~u7"));
//! ```

mod bios;
mod boot;
mod conductors;
mod connectors;
mod console;
mod drivers;
mod firmware;
mod history;
mod inventory;
mod node_list;
mod nodes;
mod ports;
mod provision;
mod raid;
mod server;
mod states;
mod targets;
mod traits;
mod vendor;
mod virtual_media;
mod volumes;

pub use bios::{GetBiosSetting, ListBiosSettings};
pub use boot::{
    GetBootDevice, InjectNmi, ListBootDevices, SetBootDevice, SetBootMode, SetSecureBoot,
};
pub use conductors::{GetConductor, ListConductors};
pub use connectors::{
    CreateConnector, DeleteConnector, GetConnector, ListConnectors, PatchConnector,
};
pub use console::{GetConsole, SetConsole};
pub use drivers::{
    GetDriver, GetDriverProperties, GetLogicalDiskProperties, ListDriverDetails,
    ListDriverVendorMethods, ListDrivers,
};
pub use firmware::ListFirmware;
pub use history::{GetHistoryEvent, ListHistory};
pub use inventory::GetInventory;
pub use node_list::{ListChildren, ListNodes};
pub use nodes::{CreateNode, DeleteNode, GetNode, GetNodeFields, PatchNode, ValidateNode};
pub use ports::{CreatePort, DeletePort, GetPort, ListPorts, PatchPort};
pub use provision::{AbortDeployment, CleanNode, DeployNode, RescueNode, ServiceNode};
pub use raid::SetRaidConfig;
pub use server::{GetRoot, GetV1};
pub use states::{GetStates, SetMaintenance, SetPowerState, SetProvisionState, UnsetMaintenance};
pub use targets::{CreateTarget, DeleteTarget, GetTarget, ListTargets, PatchTarget};
pub use traits::{AddTrait, ListTraits, RemoveAllTraits, RemoveTrait, SetTraits};
pub use vendor::{CallVendorMethod, ListVendorMethods};
pub use virtual_media::{AttachVirtualMedia, DetachVirtualMedia, GetVirtualMedia};

use std::borrow::Borrow;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::version::Microversion;
use crate::wire_enum::closed_enum;

closed_enum! {
    /// Which end of a sorted list comes first.
    pub enum SortDirection {
        /// The smallest.
        Ascending = "asc",
        /// The greatest.
        Descending = "desc",
    }
}

/// Everything but the unreserved characters of RFC 3986.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// One segment of a path, percent-encoded.
fn segment(text: &str) -> String {
    utf8_percent_encode(text, SEGMENT).to_string()
}

/// The query of a list, in one order.
#[derive(Default)]
struct Query(Vec<(&'static str, String)>);

impl Query {
    fn with(mut self, name: &'static str, value: Option<impl ToString>) -> Self {
        self.0.extend(value.map(|value| (name, value.to_string())));
        self
    }

    fn flag(self, name: &'static str, set: bool) -> Self {
        // Spelled as Ironic's own links spell it.
        self.with(name, set.then_some("True"))
    }

    fn list(self, name: &'static str, values: &[impl Borrow<str>]) -> Self {
        self.with(name, (!values.is_empty()).then(|| values.join(",")))
    }

    fn bool(self, name: &'static str, value: Option<bool>) -> Self {
        self.with(
            name,
            value.map(|value| if value { "True" } else { "False" }),
        )
    }
}

/// The lowest version that has all that is used: a call's own, or that of its youngest part.
fn lowest(
    call: Microversion,
    parts: impl IntoIterator<Item = (bool, Microversion)>,
) -> Microversion {
    parts
        .into_iter()
        .filter_map(|(used, since)| used.then_some(since))
        .fold(call, Ord::max)
}
