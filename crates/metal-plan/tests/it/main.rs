//! Cases of the planner: what is observed, and what is planned for it.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a fixture that can't be made fails its test"
)]

mod bmc;
mod cancellation;
mod claim;
mod conditions;
mod config_drive;
mod credentials;
mod data_volumes;
mod deletion;
mod detach;
mod drift;
mod drivers;
mod errors;
mod events;
mod fixtures;
mod guard;
mod interruptions;
mod leases;
mod multipath;
mod plans;
mod power;
mod properties;
mod redeploy;
mod refusals;
mod registration;
mod restore;
mod rivals;
mod secure_boot;
mod shutdown;
mod states;
mod status;
mod told;
mod toy;
