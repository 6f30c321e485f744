//! What Ironboot relies on in Ironic, as plain functions.
//!
//! # Purpose
//!
//! Each function in [`cases`] asks an Ironic for one behaviour and says what differed. All of them run
//! against a real Ironic and against `ironic-sim`, so that what is tested on the simulator holds on
//! the real one. Where the two differ, the real Ironic is right.
//!
//! # Scope
//!
//! * [`Env`] is what a case has: Ironic by the typed client and by raw HTTP, nodes that are removed
//!   however the case ends, a machine with a BMC, BMCs that do not answer, and waiting.
//! * [`Backend`] makes one for each case: on a real Ironic with the parts that `hack/stack` starts, or
//!   on a simulator of its own in virtual time.
//! * [`run()`] runs cases side by side and keeps the [`Tally`].
//!
//! # Non-goals
//!
//! Testing Ironic: what nobody here relies on has no case. Starting the real stack: `hack/stack` does.

mod answer;
mod api;
mod backend;
mod boot;
pub mod cases;
mod env;
mod expect;
mod iscsi;
mod real;
mod run;
mod silent_bmc;
mod simulated;
mod test_node;

pub use answer::Answer;
pub use api::Api;
pub use backend::Backend;
pub use boot::{Boot, Hook};
pub use env::{Env, Machine};
pub use iscsi::Volume;
pub use real::{Real, Site};
pub use run::{Case, Needs, Outcome, Tally, run};
pub use silent_bmc::SilentBmc;
pub use test_node::TestNode;
