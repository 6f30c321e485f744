//! Random lives: several hosts, machines and volumes, and whatever users, Ironic, machines and the operator's process may
//! do to them, in any order and at any moment.
//!
//! [`acts`] is the table of what may happen, [`happen`] how it does, [`watch`] what must hold at every moment, [`rest`]
//! what must hold once everything that was wrong is right again and nothing changes any more. A sequence that breaks one
//! of these is made as short as it can be, and printed with its seed:
//! `IRONBOOT_SEED=… cargo test -p metal-controller random` leads the same life again.

mod acts;
mod cases;
mod happen;
mod heal;
mod rest;
mod shrink;
mod tamper;
mod volumes;
mod watch;
mod world;
