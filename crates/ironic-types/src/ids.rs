//! Identifiers: a node's is not a port's, and the compiler knows.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// A text that is no identifier, because it is no UUID.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} is no {kind} id: expected a UUID")]
pub struct ParseIdError {
    kind: &'static str,
    text: String,
}

macro_rules! id {
    ($(#[$doc:meta])* $name:ident, $kind:literal) => {
        $(#[$doc])*
        #[derive(
            Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
        )]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = ParseIdError;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Uuid::parse_str(text).map(Self).map_err(|_| ParseIdError {
                    kind: $kind,
                    text: text.to_owned(),
                })
            }
        }

        impl From<Uuid> for $name {
            fn from(uuid: Uuid) -> Self {
                Self(uuid)
            }
        }
    };
}

id!(
    /// The UUID of a node.
    NodeId,
    "node"
);
id!(
    /// The UUID of a port.
    PortId,
    "port"
);
id!(
    /// The UUID of a volume connector.
    ConnectorId,
    "volume connector"
);
id!(
    /// The UUID of a volume target.
    TargetId,
    "volume target"
);
id!(
    /// The UUID of an event in a node's history.
    HistoryEventId,
    "history event"
);

/// What a node can be asked for by.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum NodeIdent {
    /// Its UUID.
    Id(NodeId),
    /// Its name. Ironic takes a name that looks like a UUID for one.
    Name(String),
}

impl fmt::Display for NodeIdent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Id(id) => id.fmt(f),
            Self::Name(name) => name.fmt(f),
        }
    }
}

impl From<NodeId> for NodeIdent {
    fn from(id: NodeId) -> Self {
        Self::Id(id)
    }
}

impl From<&str> for NodeIdent {
    fn from(name: &str) -> Self {
        Self::Name(name.to_owned())
    }
}

impl From<String> for NodeIdent {
    fn from(name: String) -> Self {
        Self::Name(name)
    }
}
