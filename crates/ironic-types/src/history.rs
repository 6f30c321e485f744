//! What happened to a node.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::ids::HistoryEventId;
use crate::provision::ProvisionState;
use crate::redact::without_objects;

/// An event of a node's history, as Ironic answers it.
///
/// A list without `detail` gives the UUID, the time, the severity and the event only.
/// Ironic writes the arguments of steps into `event` as they came, passwords included: `Debug`
/// leaves out what is between braces.
/// See `ironic/api/controllers/v1/node.py`, `NodeHistoryController`.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct HistoryEvent {
    /// Its UUID.
    pub uuid: HistoryEventId,
    /// When it happened: ISO 8601, in UTC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created_at: Option<String>,
    /// How bad it is: `INFO` or `ERROR`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub severity: Option<String>,
    /// What kind of event it is, such as `manual_cleaning_start`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub event_type: Option<String>,
    /// What happened, in Ironic's words; in lists without `detail`, cut at 255 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub event: Option<String>,
    /// The conductor that it happened at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub conductor: Option<String>,
    /// Who asked for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// The project of who asked for it. Since 1.113.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub project: Option<String>,
    /// The state that the node was in. Since 1.115.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<ProvisionState>,
    /// Where Ironic was taking the node. Since 1.115.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target_provision_state: Option<ProvisionState>,
    /// How long the node had been in that state, in seconds. Since 1.115.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub duration_seconds: Option<i64>,
}

impl fmt::Debug for HistoryEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = Self {
            event: self.event.as_deref().map(without_objects),
            ..self.clone()
        };
        let json = serde_json::to_string(&shown).map_err(|_| fmt::Error)?;
        write!(f, "HistoryEvent {json}")
    }
}
