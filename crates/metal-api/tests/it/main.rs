//! What the API server is told about the custom resources, and what it makes of objects.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "clippy takes the helpers of a test crate for production code"
)]

mod agreement;
mod annotations;
mod bmc_rules;
mod data_volume_rules;
mod examples;
mod fixtures;
mod host_rules;
mod metal3;
mod metal3_rules;
mod policy;
mod resources;
mod serialization;
mod update_rules;
mod volume_rules;
mod warnings;
