//! Conductors: the processes that do Ironic's work.

use serde::{Deserialize, Serialize};

/// A conductor, as Ironic answers it.
///
/// See `ironic/api/controllers/v1/conductor.py` and "Bare Metal API reference, Conductors".
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Conductor {
    /// Its name: `[DEFAULT]host` of its configuration.
    pub hostname: String,
    /// The group whose nodes it looks after; empty for the group without a name.
    #[serde(default)]
    pub conductor_group: String,
    /// Whether the database has heard of it lately (`[conductor]heartbeat_timeout`).
    /// Of an Ironic that is one process with its database in a file it can be `false` all the
    /// while: see [`ListDrivers`](crate::calls::ListDrivers) for who is there.
    #[serde(default)]
    pub alive: bool,
    /// The drivers that it runs; in lists with `detail` only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub drivers: Option<Vec<String>>,
    /// When it was first heard of: ISO 8601, in UTC. In lists with `detail` only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created_at: Option<String>,
    /// When the database last heard of it: ISO 8601, in UTC. In lists with `detail` only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub updated_at: Option<String>,
}
