//! Whole lives of hosts: the operator's own passes on a simulated Ironic and a Kubernetes in memory, in virtual time.
//!
//! Each scenario says what users, machines and Ironic do, and where everything must end.
//! The matrices (each fault at each request, a stop after each, each state of Ironic) are sampled here; `just lifecycles`
//! runs them whole.

mod claims;
mod data_volumes;
mod database;
mod deletions;
mod detached;
mod drift;
mod external;
mod failures;
mod faults;
mod guard;
mod leases;
mod moves;
mod parked;
mod plain;
mod power;
mod random;
mod redeploy;
mod secrets;
mod states;
mod stops;
mod told;
mod undo;
mod user_data;
mod whole;
