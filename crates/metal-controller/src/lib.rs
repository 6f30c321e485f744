//! The hands of Ironboot: everything that talks to Kubernetes and to Ironic.
//!
//! # Purpose
//! [`run`] watches hosts, the metadata of Secrets and Ironic's nodes, and takes each host through the same five steps:
//! observe, plan, execute, next status, publish.
//!
//! # Scope
//! I/O and nothing else: what to do is decided in `metal-plan`.
//!
//! # Non-goals
//! No state of its own: what a restart must know is in Kubernetes and in Ironic. The inventory of Ironic's nodes is read
//! anew at each start.

mod abilities;
mod clock;
mod context;
mod credentials;
mod execute;
#[cfg(test)]
mod lifecycles;
mod observe;
mod publish;
mod reconcile;
mod shared;
mod superseded;
#[cfg(test)]
mod testing;
mod watches;

pub use context::Setup;
pub use watches::run;
