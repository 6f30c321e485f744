//! What the end-to-end tests share.
//!
//! # Purpose
//! A [`Scenario`] is one test on real parts: it has the real stack for itself, secrets that no
//! other test has, operators that it starts and kills, and it leaves nothing behind.
//!
//! # Scope
//! Looking at and acting on Kubernetes, Ironic, machines and volumes; machines that are [fakes](Fake); a [`Proxy`] before Ironic that
//! holds a request; a second Kubernetes API; what [Cluster API](cluster_api) does; the search for [secrets](Planted) that leaked.
//!
//! # Non-goals
//! Starting the stack: `hack/stack` does, and `hack/test` runs the tests inside of it.

mod cluster;
pub mod cluster_api;
mod config_drive;
mod environment;
mod fakes;
pub mod host;
mod inventory;
mod machine;
mod operator;
mod planted;
mod progress;
mod proxy;
mod scan;
mod scenario;
mod stack;
mod wait;

pub use cluster::Cluster;
pub use config_drive::ConfigDrive;
pub use environment::Environment;
pub use fakes::Fake;
pub use inventory::Inventory;
pub use machine::{Firmware, Machine};
pub use operator::{Operator, OperatorFlags};
pub use planted::{Finding, Planted, Secrets};
pub use progress::step;
pub use proxy::{Asked, Hold, Point, Proxy};
pub use scenario::{BOOT, DEPLOYMENT, RELEASE, Scenario, run};
pub use stack::{Stack, output};
pub use wait::until;
