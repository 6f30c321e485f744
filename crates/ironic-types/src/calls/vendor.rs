//! Calls of a node's methods that are not Ironic's own.
//!
//! See `ironic/api/controllers/v1/node.py`, `NodeVendorPassthruController`, and "Bare Metal API
//! reference, Node Vendor Passthru".

use std::collections::BTreeMap;
use std::fmt;

use secrecy::SecretString;
use serde_json::Value;

use super::Query;
use crate::call::{Call, Method};
use crate::ids::NodeId;
use crate::vendor::VendorMethod;
use crate::version::{Microversion, feature};

/// Lists the methods that a node's vendor interface has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ListVendorMethods {
    /// Of which node.
    pub node: NodeId,
}

impl Call for ListVendorMethods {
    type Body = ();
    /// The methods, by their names.
    type Response = BTreeMap<String, VendorMethod>;
    const NAME: &'static str = "list vendor methods of node";
    const MIN_VERSION: Microversion = feature::INITIAL;

    fn method(&self) -> Method {
        Method::Get
    }

    fn path(&self) -> String {
        format!("/v1/nodes/{}/vendor_passthru/methods", self.node)
    }
}

/// Calls a method of a node's vendor interface.
///
/// An asynchronous method is taken (202), its answer is `null`, and what becomes of it is known
/// from the node's `last_error`. `Debug` shows nothing of the body.
#[derive(Clone)]
pub struct CallVendorMethod {
    /// Of which node.
    pub node: NodeId,
    /// The HTTP method, one of [`VendorMethod::http_methods`].
    pub http_method: Method,
    /// The method's name, such as `create_subscription`.
    pub name: String,
    /// Its arguments, usually an object.
    pub arguments: Option<Value>,
    /// The secrets among the arguments, to be taken out of what Ironic says about an error.
    pub secrets: Vec<SecretString>,
}

impl fmt::Debug for CallVendorMethod {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CallVendorMethod")
            .field("node", &self.node)
            .field("http_method", &self.http_method)
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

impl Call for CallVendorMethod {
    type Body = Value;
    type Response = Value;
    const NAME: &'static str = "call vendor method";
    const MIN_VERSION: Microversion = feature::INITIAL;

    fn method(&self) -> Method {
        self.http_method
    }

    fn path(&self) -> String {
        format!("/v1/nodes/{}/vendor_passthru", self.node)
    }

    fn query(&self) -> Vec<(&'static str, String)> {
        Query::default().with("method", Some(&self.name)).0
    }

    fn body(&self) -> Option<&Value> {
        self.arguments.as_ref()
    }

    fn secrets(&self) -> Vec<&SecretString> {
        self.secrets.iter().collect()
    }
}
