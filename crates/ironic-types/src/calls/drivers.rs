//! Calls about drivers.
//!
//! See `ironic/api/controllers/v1/driver.py` and "Bare Metal API reference, Drivers".
//! Ironic can also list drivers by `type`; all have had the same since 2018, so no call does.

use std::collections::BTreeMap;

use super::{Query, segment};
use crate::call::{Call, Method};
use crate::driver::{Driver, Drivers};
use crate::vendor::VendorMethod;
use crate::version::{Microversion, feature};

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

/// Lists the hardware types that conductors run, each with its interfaces.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ListDriverDetails;

impl Call for ListDriverDetails {
    type Body = ();
    type Response = Drivers;
    const NAME: &'static str = "list details of drivers";
    const MIN_VERSION: Microversion = feature::DRIVER_INTERFACES;

    fn method(&self) -> Method {
        Method::Get
    }

    fn path(&self) -> String {
        "/v1/drivers".to_owned()
    }

    fn query(&self) -> Vec<(&'static str, String)> {
        Query::default().flag("detail", true).0
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

/// Asks which keys a driver reads in `driver_info`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GetDriverProperties {
    /// Its name, such as `redfish`.
    pub name: String,
}

impl Call for GetDriverProperties {
    type Body = ();
    /// What each key means, in words.
    type Response = BTreeMap<String, String>;
    const NAME: &'static str = "get driver properties";
    const MIN_VERSION: Microversion = feature::INITIAL;

    fn method(&self) -> Method {
        Method::Get
    }

    fn path(&self) -> String {
        format!("/v1/drivers/{}/properties", segment(&self.name))
    }
}

/// Asks which keys a driver reads in a logical disk of a RAID configuration.
///
/// Not found (404) where the driver knows no RAID.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GetLogicalDiskProperties {
    /// Its name, such as `redfish`.
    pub name: String,
}

impl Call for GetLogicalDiskProperties {
    type Body = ();
    /// What each key means, in words.
    type Response = BTreeMap<String, String>;
    const NAME: &'static str = "get logical disk properties";
    const MIN_VERSION: Microversion = feature::RAID;

    fn method(&self) -> Method {
        Method::Get
    }

    fn path(&self) -> String {
        let driver = segment(&self.name);
        format!("/v1/drivers/{driver}/raid/logical_disk_properties")
    }
}

/// Lists the methods that a driver has besides Ironic's own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListDriverVendorMethods {
    /// Its name, such as `redfish`.
    pub name: String,
}

impl Call for ListDriverVendorMethods {
    type Body = ();
    /// The methods, by their names.
    type Response = BTreeMap<String, VendorMethod>;
    const NAME: &'static str = "list vendor methods of driver";
    const MIN_VERSION: Microversion = feature::INITIAL;

    fn method(&self) -> Method {
        Method::Get
    }

    fn path(&self) -> String {
        let driver = segment(&self.name);
        format!("/v1/drivers/{driver}/vendor_passthru/methods")
    }
}
