//! Calls about a node's console.
//!
//! See `ironic/api/controllers/v1/node.py`, `NodeConsoleController`.

use serde::Serialize;

use crate::call::{Call, Method};
use crate::console::Console;
use crate::empty::Empty;
use crate::ids::NodeId;
use crate::version::{Microversion, feature};

/// Asks how a node's console is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GetConsole {
    /// Of which node.
    pub node: NodeId,
}

impl Call for GetConsole {
    type Body = ();
    type Response = Console;
    const NAME: &'static str = "get console";
    const MIN_VERSION: Microversion = feature::INITIAL;

    fn method(&self) -> Method {
        Method::Get
    }

    fn path(&self) -> String {
        format!("/v1/nodes/{}/states/console", self.node)
    }
}

/// Starts or stops a node's console. Ironic takes it (202) and works on it later.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct SetConsole {
    /// Of which node.
    #[serde(skip)]
    pub node: NodeId,
    /// Whether it is to run.
    pub enabled: bool,
}

impl Call for SetConsole {
    type Body = Self;
    type Response = Empty;
    const NAME: &'static str = "set console";
    const MIN_VERSION: Microversion = feature::INITIAL;

    fn method(&self) -> Method {
        Method::Put
    }

    fn path(&self) -> String {
        format!("/v1/nodes/{}/states/console", self.node)
    }

    fn body(&self) -> Option<&Self> {
        Some(self)
    }
}
