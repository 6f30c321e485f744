//! What a server is asked about itself.

use ironic_types::calls::{
    GetConductor, GetDriver, GetDriverProperties, GetLogicalDiskProperties, GetRoot, GetV1,
    ListDriverDetails, ListDriverVendorMethods, ListDrivers,
};
use serde_json::Value;

use super::check;

#[test]
fn a_server_is_asked_for_its_versions() {
    check(&GetRoot, "GET /", Value::Null);
    check(&GetV1, "GET /v1", Value::Null);
}

#[test]
fn a_server_is_asked_for_its_drivers() {
    check(&ListDrivers, "GET /v1/drivers", Value::Null);
    let line = "GET /v1/drivers?detail=True";
    check(&ListDriverDetails, line, Value::Null);
    let name = || "redfish".to_owned();
    let line = "GET /v1/drivers/redfish";
    check(&GetDriver { name: name() }, line, Value::Null);
    let line = "GET /v1/drivers/redfish/properties";
    check(&GetDriverProperties { name: name() }, line, Value::Null);
    let line = "GET /v1/drivers/redfish/raid/logical_disk_properties";
    check(
        &GetLogicalDiskProperties { name: name() },
        line,
        Value::Null,
    );
    let line = "GET /v1/drivers/redfish/vendor_passthru/methods";
    check(&ListDriverVendorMethods { name: name() }, line, Value::Null);
}

#[test]
fn a_server_is_asked_for_a_conductor() {
    let hostname = "a.example:1".to_owned();
    let line = "GET /v1/conductors/a.example%3A1";
    check(&GetConductor { hostname }, line, Value::Null);
}
