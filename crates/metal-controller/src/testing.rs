//! A whole operator in a test: the real passes, a simulated Ironic, and a Kubernetes in memory, all in virtual time.
//!
//! [`Life`] is what tests hold. Everything below it is deterministic, and time costs nothing: Tokio's clock stands still
//! (`start_paused`) until everybody waits, and then moves to the next moment at which something happens.

mod apply;
mod host;
mod ironic;
mod kubernetes;
mod life;
mod logs;
mod objects;
mod operator;
pub(crate) mod picture;
mod stop;
mod witness;

pub(crate) use host::{
    BMC_PASSWORD, BMC_SECRET, DATA_PASSWORD, DATA_SECRET, ISCSI_PASSWORD, ISCSI_SECRET, NAMESPACE,
    USER_DATA, USER_DATA_SECRET, diskless, external, for_claims, with_data, with_disk,
    with_user_data,
};
pub(crate) use ironic::Asked;
pub(crate) use kubernetes::{Kubernetes, Trouble};
pub(crate) use life::{Life, key_of, planner_settings};
pub(crate) use logs::Logs;
pub(crate) use objects::{Change, Key, Part};
pub(crate) use stop::Stop;
pub(crate) use witness::Witness;
