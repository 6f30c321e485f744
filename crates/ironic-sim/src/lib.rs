//! An Ironic without machines.
//!
//! # Purpose
//!
//! Everything of this project is tested on it at speed: it has the URLs, JSON, states, transitions,
//! microversion gates, messages, masks and locks of [OpenStack Ironic] 39.0, and it takes no time.
//! One contract suite runs against it and against a real Ironic; a difference is a bug of this
//! crate.
//!
//! # Scope
//!
//! * [`Sim`]: requests in, answers out ([`Sim::handle`]), or typed calls ([`Sim::send`]), or a
//!   server ([`Sim::serve`]).
//! * Time, virtual ([`Sim::advance`], [`Sim::settle`]) or real.
//! * [`Machine`]s behind Redfish BMCs, and what they [`Boot`].
//! * [`Fault`]s on demand, and a [`Journal`] of requests.
//! * A program, `ironic-sim`, for any operator to be pointed at.
//!
//! ```
//! use std::time::Duration;
//!
//! use ironic_sim::{Method, Request, Settings, Sim};
//!
//! let sim = Sim::new(Settings::default());
//! let create = Request::new(Method::Post, "/v1/nodes")
//!     .version("1.89")
//!     .body(r#"{"driver": "fake-hardware", "name": "node-0"}"#);
//! assert_eq!(sim.handle(&create).status, 201);
//!
//! let manage = Request::new(Method::Put, "/v1/nodes/node-0/states/provision")
//!     .version("1.89")
//!     .body(r#"{"target": "manage"}"#);
//! assert_eq!(sim.handle(&manage).status, 202);
//! assert!(sim.settle(Duration::from_secs(60)));
//!
//! let get = Request::new(Method::Get, "/v1/nodes/node-0").version("1.89");
//! assert_eq!(sim.handle(&get).json()["provision_state"], "manageable");
//! ```
//!
//! # Non-goals
//!
//! * No policy, and no users: whoever asks may do everything.
//! * No portgroups, chassis, allocations, deploy templates, runbooks or inspection rules: their
//!   lists are empty, and none can be made. No VIFs.
//! * No Cinder: a node with the storage interface `cinder` and a volume fails as it does with an
//!   Ironic that can't reach one.
//! * Deploy and clean steps are not run one by one.
//!
//! # Secrets
//!
//! Secrets are kept, for a machine's boot has them. They are in no `Debug`, log or error of this
//! crate; in answers they are masked as by Ironic.
//!
//! [OpenStack Ironic]: https://docs.openstack.org/api-ref/baremetal/

mod api;
mod bmc;
mod boot;
mod clock;
mod drivers;
mod faults;
mod http;
mod journal;
mod machine;
mod mask;
mod model;
mod python;
mod seed;
mod server;
mod settings;
mod sim;
mod states;
mod storage;
mod typed;
mod validate;
mod world;

pub use bmc::{Bmc, Credentials, Machine, Slot};
pub use boot::{Boot, SanBoot, SanHook};
pub use clock::ClockKind;
pub use drivers::{Interface, Interfaces};
pub use faults::{Failing, Fault, FaultKind, Scope};
pub use http::{Request, Response};
pub use ironic_types::Method;
pub use journal::{Entry, Journal};
pub use seed::Seed;
pub use server::Server;
pub use settings::{Delays, LockRetry, Settings, Strangers};
pub use sim::Sim;
pub use states::{Power, State};
pub use typed::SendError;
