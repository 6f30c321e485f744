//! The public face of `ironic-types`: what it writes for Ironic and what it reads from it.
//!
//! `tests/data` was recorded from Ironic 39.0.0 in version 1.89; what ends in `newest`, in 1.115;
//! what Ironic says about virtual media, in 1.93.

// For `json!` with all of a node's fields.
#![recursion_limit = "256"]
#![expect(clippy::unwrap_used, reason = "helpers of tests fail their tests")]

mod calls;
mod faults;
mod patches;
mod properties;
mod secrets;
mod versions;
mod wire;

/// A recorded answer.
macro_rules! recorded {
    ($name:literal) => {
        include_str!(concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/tests/data/",
            $name,
            ".json"
        ))
    };
}
pub(crate) use recorded;

pub(crate) const NODE: &str = "53ef9ae8-6f94-4dcd-bf11-2554189f29bb";

pub(crate) fn node() -> ironic_types::NodeId {
    NODE.parse().unwrap()
}
