//! What Ironic's database holds.

mod node;
mod records;
mod store;

pub(crate) use node::{Locked, Node};
pub(crate) use records::{Connector, Event, Port, Target};
pub(crate) use store::{NodeKey, Store};

use serde_json::{Map, Value};

/// A JSON object.
pub(crate) type Object = Map<String, Value>;
