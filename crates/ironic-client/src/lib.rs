//! A typed client for OpenStack Ironic.
//!
//! # Purpose
//!
//! Sends the calls of [`ironic_types`] and reads what Ironic answers: [`Ironic::send`] is the one
//! function through which every request goes.
//!
//! # Scope
//!
//! * Transport: TLS by rustls, timeouts, keep-alive.
//! * Version negotiation: the server's range is read once and again when it may have changed.
//! * Lists of many pages, by [`Ironic::list_all`].
//! * Errors that carry the method, the path, the status, the request id and Ironic's own words,
//!   and tell a locked node from a conflict.
//! * A span for each request.
//!
//! # Non-goals
//!
//! * No policy: no call is sent twice.
//! * No wire types of its own: they are in [`ironic_types`].
//!
//! # Secrets
//!
//! Bodies are never logged and never part of an error. Ironic may repeat a request's secrets in its
//! error messages; they are taken out.
//!
//! # Crypto provider
//!
//! reqwest is built without one, so that a program has exactly one: install it before a client is
//! built, for instance by `rustls::crypto::ring::default_provider().install_default()`.
//!
//! ```no_run
//! use ironic_client::Ironic;
//! use ironic_client::types::Node;
//! use ironic_client::types::calls::ListNodes;
//!
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! let ironic = Ironic::builder("http://localhost:6385".parse()?).build()?;
//! let nodes = ironic
//!     .list_all(&ListNodes { fields: Node::FIELDS, ..ListNodes::default() })
//!     .await?;
//! # Ok(())
//! # }
//! ```

pub use ironic_types as types;

mod answer;
mod auth;
mod builder;
mod chain;
mod client;
mod error;
mod failure;
mod files;
mod http;
mod observer;
mod pages;
mod request;
mod retry;
mod transport;

pub use auth::Auth;
pub use builder::{BuildError, IronicBuilder};
pub use chain::Chain;
pub use client::Ironic;
pub use error::{ApiError, DecodeError, Error, ErrorKind};
pub use failure::Failure;
pub use files::{FileError, FileProblem};
pub use observer::{Attempt, AttemptOutcome, Observer};
pub use retry::RetryPolicy;
