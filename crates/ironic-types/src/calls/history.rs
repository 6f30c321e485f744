//! Calls about a node's history.
//!
//! See `ironic/api/controllers/v1/node.py`, `NodeHistoryController`.

use super::{Query, SortDirection, lowest};
use crate::call::{Call, Method, paged};
use crate::history::HistoryEvent;
use crate::ids::{HistoryEventId, NodeId};
use crate::page::Page;
use crate::version::{Microversion, feature};

/// Lists what happened to a node, as far back as Ironic keeps it
/// (`[conductor]node_history_max_entries`).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ListHistory {
    /// Of which node.
    pub node: NodeId,
    /// Whether more is wanted than when, how bad, and what, cut at 255 characters.
    pub detail: bool,
    /// Whether the project is wanted, too: `detail`, and since 1.113.
    pub project: bool,
    /// Whether the states and the duration are wanted, too: `detail`, and since 1.115.
    pub states: bool,
    /// The field to sort by; Ironic sorts by `created_at` if there is none.
    pub sort_key: Option<&'static str>,
    /// Which end comes first; the oldest if `None`.
    pub sort_dir: Option<SortDirection>,
    /// How many at most in one page; Ironic caps it at `[api]max_limit`.
    pub limit: Option<u32>,
    /// The UUID of the last event before those wanted.
    pub marker: Option<String>,
}

impl Call for ListHistory {
    type Body = ();
    type Response = Page<HistoryEvent>;
    const NAME: &'static str = "list history of node";
    const MIN_VERSION: Microversion = feature::HISTORY;

    fn method(&self) -> Method {
        Method::Get
    }

    fn path(&self) -> String {
        format!("/v1/nodes/{}/history", self.node)
    }

    fn query(&self) -> Vec<(&'static str, String)> {
        Query::default()
            .flag("detail", self.detail || self.project || self.states)
            .with("sort_key", self.sort_key)
            .with("sort_dir", self.sort_dir)
            .with("limit", self.limit)
            .with("marker", self.marker.as_deref())
            .0
    }

    fn required_version(&self) -> Microversion {
        let parts = [
            (self.project, feature::HISTORY_PROJECT),
            (self.states, feature::HISTORY_STATES),
        ];
        lowest(Self::MIN_VERSION, parts)
    }
}

paged!(ListHistory of HistoryEvent);

/// Reads one event of a node's history, in full.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GetHistoryEvent {
    /// Of which node.
    pub node: NodeId,
    /// Which.
    pub event: HistoryEventId,
}

impl Call for GetHistoryEvent {
    type Body = ();
    type Response = HistoryEvent;
    const NAME: &'static str = "get history event";
    const MIN_VERSION: Microversion = feature::HISTORY;

    fn method(&self) -> Method {
        Method::Get
    }

    fn path(&self) -> String {
        let Self { node, event } = self;
        format!("/v1/nodes/{node}/history/{event}")
    }
}
