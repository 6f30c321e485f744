//! A typed client for OpenStack Ironic.
//!
//! # Purpose
//!
//! Sends the calls of [`ironic_types`] and reads what Ironic answers. A call is a value, and
//! [`Ironic::send`] is the one function through which every request goes.
//!
//! ```no_run
//! use std::pin::pin;
//! use std::sync::Arc;
//!
//! use futures_util::TryStreamExt;
//! use ironic_client::types::calls::{GetNode, ListNodes};
//! use ironic_client::types::{Node, feature};
//! use ironic_client::{Attempt, Auth, ErrorKind, Ironic};
//!
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! // Once for the whole program, see "Environment". An error means that there is one already.
//! let _ = rustls::crypto::ring::default_provider().install_default();
//!
//! let ironic = Ironic::builder("https://ironic.metal.svc:6385".parse()?)
//!     .auth(Auth::BasicFiles {
//!         username: "/opt/metal3/auth/ironic/username".into(),
//!         password: "/opt/metal3/auth/ironic/password".into(),
//!     })
//!     .ca_file("/opt/metal3/certs/ca/tls.crt")
//!     .observer(Arc::new(|attempt: &Attempt| {
//!         println!("{} {} {:?}", attempt.call, attempt.outcome.as_str(), attempt.took);
//!     }))
//!     .build()?;
//!
//! let call = ListNodes { fields: Node::FIELDS, ..ListNodes::default() };
//! let mut nodes = pin!(ironic.list(call));
//! while let Some(node) = nodes.try_next().await? {
//!     println!("{} {:?}", node.uuid, node.name);
//! }
//!
//! let ident = "rack-1~u7".into();
//! match ironic.send(&GetNode { ident }).await {
//!     Ok(node) => println!("{}", node.uuid),
//!     Err(error) => match error.kind() {
//!         ErrorKind::NotFound => println!("there is no such node"),
//!         ErrorKind::Locked | ErrorKind::Unavailable => println!("later: {}", error.in_words()),
//!         _ => return Err(error.into()),
//!     },
//! }
//!
//! if !ironic.supports(feature::SERVICE).await? {
//!     println!("this Ironic cannot service a node");
//! }
//! # Ok(())
//! # }
//! ```
//!
//! # Scope
//!
//! * Transport: TLS by rustls, timeouts, keep-alive, limits on what is in flight and on how large
//!   an answer may be.
//! * Credentials and trust, from values or from files that may change.
//! * Version negotiation: the server's range is read once and again when it may have changed.
//! * Lists of many pages: [`Ironic::list`] and [`Ironic::list_all`].
//! * One watch over all nodes: [`watch`](watch::watch).
//! * Errors that carry the method, the path, the status, the request id and Ironic's own words, and
//!   are told apart by [`ErrorKind`].
//! * A span for each call, and an [`Observer`] of each request.
//!
//! # Non-goals
//!
//! * No policy: which call to make, and what to do about a locked node, is the caller's to decide.
//! * No wire types of its own: they are in [`ironic_types`].
//! * No Keystone.
//!
//! # Guarantees
//!
//! * What changes something takes effect once at most: no `POST`, `PUT`, `PATCH` or `DELETE` is sent
//!   a second time, unless the first was refused before it could have an effect.
//!   [`RetryPolicy`] says what is sent again, and when.
//! * Each request speaks one version, chosen by [`negotiate`](ironic_types::negotiate): the lowest
//!   that does what the call asks for, so that an upgrade of Ironic changes nothing.
//!   A server that is too old is told so by [`Error::Version`], with the name of the call, the
//!   feature and the version that it needs, and the versions that there are.
//! * No redirect is followed.
//!
//! # What is read again
//!
//! The user name, the password, the token, the CA bundle, and the client certificate with its key
//! are read when the client is built if they are files, and then
//!
//! * with a request, if they were not looked at for
//!   [five seconds](IronicBuilder::reread_files_every);
//! * after an answer 401 (credentials) or a failed handshake (TLS). If they changed, the request is
//!   sent once more.
//!
//! Contents are compared, so that it does not matter how the files are replaced; Kubernetes does it
//! by links. What was read takes effect for the requests that follow, while those under way go on.
//! New files that cannot be used are logged once, and what they held before stays in use.
//!
//! # Errors
//!
//! [`Error`]'s variants are where it went wrong, [`Error::kind`] is what it means, and
//! [`Error::in_words`] says it to people, in the same words each time. A locked node is
//! [`ErrorKind::Locked`]; other collisions, which Ironic answers with the same status, are
//! [`ErrorKind::Conflict`].
//! [`Chain`] shows any error with its causes.
//!
//! # Cancellation
//!
//! All futures can be dropped at any time. That gives back the place among the requests in flight,
//! and does not take back a request that was sent.
//!
//! # Secrets
//!
//! Bodies and credentials are never logged, and never part of an error or a `Debug` output; nor is
//! what is in a file. Ironic may repeat a request's secrets in its error messages, and a proxy its
//! headers: they are taken out. An endpoint with a password in it is refused without being
//! repeated.
//!
//! Over plain `http`, credentials and BMC passwords can be read by everyone on the way. It is
//! allowed because Ironic is often run next to its client in one pod, where nobody is.
//!
//! # Environment
//!
//! `HTTPS_PROXY` and `NO_PROXY` are honoured, as by most programs. Plain `http` goes through no
//! proxy, which could read everything.
//!
//! A crypto provider must be installed before a client is built, for instance by
//! `rustls::crypto::ring::default_provider().install_default()`: the client brings none, so that
//! a program has exactly one.
//!
//! Futures must be polled within a Tokio runtime that has its I/O and its time enabled.

pub use ironic_types as types;

mod answer;
mod ask;
mod auth;
mod builder;
mod chain;
mod client;
mod error;
mod failure;
mod files;
mod http;
#[cfg(feature = "in-process")]
mod in_process;
mod observer;
mod pages;
mod request;
mod retry;
mod transport;
pub mod watch;

pub use auth::Auth;
pub use builder::{BuildError, IronicBuilder};
pub use chain::Chain;
pub use client::Ironic;
pub use error::{ApiError, DecodeError, Error, ErrorKind};
pub use failure::Failure;
pub use files::{FileError, FileProblem};
#[cfg(feature = "in-process")]
pub use in_process::{InProcess, InProcessAnswer, InProcessRequest};
pub use observer::{Attempt, AttemptOutcome, Observer};
pub use retry::RetryPolicy;
