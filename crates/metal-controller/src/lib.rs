//! The hands of Ironboot: everything that talks to Kubernetes and to Ironic.
//!
//! # Purpose
//! [`run`] watches hosts, the metadata of Secrets and Ironic's nodes, and takes each host through the same five steps:
//! observe, plan, execute, next status, publish.
//! [`Metrics`] counts what comes of it, [`Health`] knows how far it is, and [`Endpoints`] serves both.
//!
//! # Scope
//! I/O and nothing else: what to do is decided in `metal-plan`.
//!
//! # Non-goals
//! No state of its own: what a restart must know is in Kubernetes and in Ironic. The inventory of Ironic's nodes is read
//! anew at each start.

mod abilities;
mod clock;
mod config_drives;
mod context;
mod credentials;
mod endpoints;
mod execute;
mod guard;
mod health;
mod leases;
#[cfg(test)]
mod lifecycles;
mod listing;
mod metrics;
mod observe;
mod publish;
mod reconcile;
mod refusals;
mod rivals;
mod secret_versions;
mod shared;
mod started;
mod superseded;
#[cfg(test)]
mod testing;
mod virtual_media;
mod watches;

pub use config_drives::{ConfigDriveAddress, ConfigDrives, ConfigDrivesError, TlsError, TlsFiles};
pub use context::Setup;
pub use credentials::Secrets;
pub use endpoints::{BindError, Endpoints, Listen, ListenError};
pub use health::{Health, Readiness};
pub use metrics::{MetricInfo, Metrics, MetricsError};
pub use watches::run;
