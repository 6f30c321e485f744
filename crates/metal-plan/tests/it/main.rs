//! Cases of the planner: what is observed, and what is planned for it.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a fixture that can't be made fails its test"
)]

mod bmc;
mod conditions;
mod drivers;
mod fixtures;
mod interruptions;
mod plans;
mod power;
mod properties;
mod refusals;
mod restore;
mod shutdown;
mod status;
