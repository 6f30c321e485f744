//! Lists, and pages of lists.

use std::fmt;

use percent_encoding::percent_decode_str;
use serde::{Deserialize, Serialize};

/// A list, or one page of it.
///
/// Ironic gives at most `[api]max_limit` items (1000 by default) at once of a
/// [`ListCall`](crate::ListCall)'s; other lists always come whole.
/// Each of Ironic's lists has a key of its own for its items; all are read, and `items` is
/// written.
/// See `ironic/api/controllers/v1/collection.py`.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Page<T> {
    /// The items.
    #[serde(
        alias = "nodes",
        alias = "children",
        alias = "ports",
        alias = "connectors",
        alias = "targets",
        alias = "drivers",
        alias = "conductors",
        alias = "traits",
        alias = "bios",
        alias = "firmware",
        alias = "history",
        alias = "supported_boot_devices"
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
        let next = self.next.as_deref()?;
        // The last one: of a node's history, Ironic puts before it what it made of the previous
        // marker, which is a whole event, in the words of Python and not encoded.
        let start = ["?marker=", "&marker="]
            .into_iter()
            .filter_map(|name| next.rfind(name).map(|at| at + name.len()))
            .max()?;
        let marker = next.get(start..)?.split(['&', '#']).next()?;
        let marker = percent_decode_str(marker).decode_utf8_lossy();
        (!marker.is_empty()).then(|| marker.into_owned())
    }
}

/// The marker only of the next page's address: of a node's history, the rest may show secrets.
impl<T: fmt::Debug> fmt::Debug for Page<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Page")
            .field("items", &self.items)
            .field("next_marker", &self.next_marker())
            .finish_non_exhaustive()
    }
}
