//! Calls about a node's traits.
//!
//! See `ironic/api/controllers/v1/node.py`, `NodeTraitsController`, and "Bare Metal API reference,
//! Node Traits". All changes are refused (409) while another request holds the node's lock.

use serde::Serialize;

use crate::call::{Call, Method};
use crate::empty::Empty;
use crate::ids::NodeId;
use crate::page::Page;
use crate::traits::Trait;
use crate::version::{Microversion, feature};

/// Lists a node's traits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ListTraits {
    /// Of which node.
    pub node: NodeId,
}

impl Call for ListTraits {
    type Body = ();
    type Response = Page<String>;
    const NAME: &'static str = "list traits";
    const MIN_VERSION: Microversion = feature::TRAITS;

    fn method(&self) -> Method {
        Method::Get
    }

    fn path(&self) -> String {
        format!("/v1/nodes/{}/traits", self.node)
    }
}

/// Gives a node these traits, and no others.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SetTraits {
    /// Which.
    #[serde(skip)]
    pub node: NodeId,
    /// The traits.
    pub traits: Vec<Trait>,
}

impl Call for SetTraits {
    type Body = Self;
    type Response = Empty;
    const NAME: &'static str = "set traits";
    const MIN_VERSION: Microversion = feature::TRAITS;

    fn method(&self) -> Method {
        Method::Put
    }

    fn path(&self) -> String {
        format!("/v1/nodes/{}/traits", self.node)
    }

    fn body(&self) -> Option<&Self> {
        Some(self)
    }
}

/// Gives a node one more trait.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AddTrait {
    /// Which.
    pub node: NodeId,
    /// The trait.
    pub name: Trait,
}

impl Call for AddTrait {
    type Body = ();
    type Response = Empty;
    const NAME: &'static str = "add trait";
    const MIN_VERSION: Microversion = feature::TRAITS;

    fn method(&self) -> Method {
        Method::Put
    }

    fn path(&self) -> String {
        let Self { node, name } = self;
        format!("/v1/nodes/{node}/traits/{name}")
    }
}

/// Takes a trait from a node. Not found (404) if it does not have it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RemoveTrait {
    /// Which.
    pub node: NodeId,
    /// The trait.
    pub name: Trait,
}

impl Call for RemoveTrait {
    type Body = ();
    type Response = Empty;
    const NAME: &'static str = "remove trait";
    const MIN_VERSION: Microversion = feature::TRAITS;

    fn method(&self) -> Method {
        Method::Delete
    }

    fn path(&self) -> String {
        let Self { node, name } = self;
        format!("/v1/nodes/{node}/traits/{name}")
    }
}

/// Takes all traits from a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RemoveAllTraits {
    /// Which.
    pub node: NodeId,
}

impl Call for RemoveAllTraits {
    type Body = ();
    type Response = Empty;
    const NAME: &'static str = "remove all traits";
    const MIN_VERSION: Microversion = feature::TRAITS;

    fn method(&self) -> Method {
        Method::Delete
    }

    fn path(&self) -> String {
        format!("/v1/nodes/{}/traits", self.node)
    }
}
