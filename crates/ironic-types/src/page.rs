//! Pages of a list.

use percent_encoding::percent_decode_str;
use serde::{Deserialize, Serialize};

/// One page of a list.
///
/// Ironic gives at most `[api]max_limit` items (1000 by default) at once.
/// See `ironic/api/controllers/v1/collection.py`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Page<T> {
    /// The items.
    #[serde(
        alias = "nodes",
        alias = "ports",
        alias = "connectors",
        alias = "targets"
    )]
    pub items: Vec<T>,
    /// The address of the next page, as Ironic gives it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

impl<T> Page<T> {
    /// The marker of the next page: the id of this page's last item.
    ///
    /// The marker alone, because the address cannot be followed as it is: it may name a host that
    /// only Ironic can reach, and Ironic leaves out some of the filters (`node`, for one).
    /// Ask again with this marker instead.
    pub fn next_marker(&self) -> Option<String> {
        let (_, query) = self.next.as_deref()?.split_once('?')?;
        let query = query.split_once('#').map_or(query, |(query, _)| query);
        let marker = query
            .split('&')
            .find_map(|pair| pair.strip_prefix("marker="))?;
        let marker = percent_decode_str(marker).decode_utf8_lossy();
        (!marker.is_empty()).then(|| marker.into_owned())
    }
}
