//! The public face of `ironic-sim`. The texts were seen on Ironic 39.0.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "helpers of tests fail their tests"
)]

mod arbitrary;
mod boots;
mod calls;
mod cleaning;
mod deployments;
mod faults;
mod journal;
mod lists;
mod nodes;
mod ports;
mod power;
mod secrets;
mod sockets;
mod stack;
mod states;
mod versions;
mod volumes;
