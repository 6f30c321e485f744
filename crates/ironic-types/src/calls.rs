//! The calls: one struct for each request.
//!
//! Fields are public: a call is made by naming what it needs.
//!
//! ```
//! use ironic_types::calls::GetNode;
//! use ironic_types::{Call, Method};
//!
//! let call = GetNode { ident: "rack-1~u7".into() };
//! assert_eq!((call.method(), call.path().as_str()), (Method::Get, "/v1/nodes/rack-1~u7"));
//! ```

mod nodes;
mod ports;
mod server;
mod states;
mod volumes;

pub use nodes::{CreateNode, DeleteNode, GetNode, ListNodes, PatchNode, ValidateNode};
pub use ports::{CreatePort, DeletePort, ListPorts, PatchPort};
pub use server::{GetDriver, GetRoot, ListDrivers};
pub use states::{SetMaintenance, SetPowerState, SetProvisionState, UnsetMaintenance};
pub use volumes::{
    CreateConnector, CreateTarget, DeleteConnector, DeleteTarget, ListConnectors, ListTargets,
    PatchTarget,
};

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

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
}
