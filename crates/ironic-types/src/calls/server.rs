//! Calls about the server itself.

use crate::call::{Call, Method};
use crate::calls::segment;
use crate::driver::{Driver, Drivers};
use crate::root::RootDocument;
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

/// Lists the hardware types that conductors run. An Ironic without a conductor lists none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ListDrivers;

impl Call for ListDrivers {
    type Body = ();
    type Response = Drivers;
    const NAME: &'static str = "list drivers";
    const MIN_VERSION: Microversion = feature::INITIAL;

    fn method(&self) -> Method {
        Method::Get
    }

    fn path(&self) -> String {
        "/v1/drivers".to_owned()
    }
}

/// `GET /v1/drivers/{name}`: one hardware type with its interfaces.
///
/// Ironic answers 404 for one that no conductor runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GetDriver {
    /// Its name, such as `redfish`.
    pub name: String,
}

impl Call for GetDriver {
    type Body = ();
    type Response = Driver;
    const NAME: &'static str = "get driver";
    const MIN_VERSION: Microversion = feature::DRIVER_INTERFACES;

    fn method(&self) -> Method {
        Method::Get
    }

    fn path(&self) -> String {
        format!("/v1/drivers/{}", segment(&self.name))
    }
}
