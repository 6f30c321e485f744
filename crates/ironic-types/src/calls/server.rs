//! Calls about the server itself.
//!
//! See `ironic/api/controllers/root.py` and `ironic/api/controllers/v1/__init__.py`.

use crate::call::{Call, Method};
use crate::root::{RootDocument, V1Document};
use crate::version::{Microversion, feature};

/// Asks a server which versions it speaks. Needs no version itself, and no credentials.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct GetRoot;

impl Call for GetRoot {
    type Body = ();
    type Response = RootDocument;
    const NAME: &'static str = "get root document";
    const MIN_VERSION: Microversion = feature::INITIAL;

    fn method(&self) -> Method {
        Method::Get
    }

    fn path(&self) -> String {
        "/".to_owned()
    }
}

/// Asks what is behind `/v1`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct GetV1;

impl Call for GetV1 {
    type Body = ();
    type Response = V1Document;
    const NAME: &'static str = "get document of version 1";
    const MIN_VERSION: Microversion = feature::INITIAL;

    fn method(&self) -> Method {
        Method::Get
    }

    fn path(&self) -> String {
        "/v1".to_owned()
    }
}
