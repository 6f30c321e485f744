//! The keys of `driver_info` that lead to a BMC: `ironic/drivers/modules/ipmitool.py`,
//! `ironic/drivers/modules/redfish/utils.py`.

use std::borrow::Cow;

use metal_api::values::BmcAddress;
use serde_json::{Map, Value};

/// What Ironic is told. A key at Ironic's own default is left out, but for those that Metal3 writes too.
pub(super) fn of(address: &BmcAddress, verify_ca: bool) -> Map<String, Value> {
    let mut info = Map::new();
    let mut set = |key: &str, value: Value| info.insert(key.to_owned(), value);
    if address.scheme.is_ipmi() {
        set("ipmi_address", address.host.as_str().into());
        set("ipmi_port", address.port_or_default().to_string().into());
        set("ipmi_priv_level", address.privilege_level.as_str().into());
        if !verify_ca {
            // IPMI has no certificates; Metal3 writes it, and Ironic takes no notice.
            set("ipmi_verify_ca", false.into());
        }
    } else {
        set("redfish_address", redfish_address(address).into());
        if let Some(system) = system(address) {
            set("redfish_system_id", system.into());
        }
        if !verify_ca {
            set("redfish_verify_ca", false.into());
        }
    }
    info
}

pub(super) fn is_same(address: &BmcAddress, verify_ca: bool, present: &Map<String, Value>) -> bool {
    let wanted = of(address, verify_ca);
    // What is left out means the same as its default, whoever wrote it.
    let keys: &[(&str, &str)] = if address.scheme.is_ipmi() {
        &[
            ("ipmi_address", ""),
            ("ipmi_port", "623"),
            ("ipmi_priv_level", "ADMINISTRATOR"),
        ]
    } else {
        &[
            ("redfish_address", ""),
            ("redfish_system_id", ""),
            ("redfish_verify_ca", "true"),
        ]
    };
    keys.iter()
        .all(|(key, default)| text(&wanted, key, default) == text(present, key, default))
}

/// A number, a flag or a text, as a text: Ironic takes one for the other.
fn text<'a>(info: &'a Map<String, Value>, key: &str, default: &'a str) -> Cow<'a, str> {
    match info.get(key) {
        None | Some(Value::Null) => default.into(),
        Some(Value::String(text)) => text.as_str().into(),
        Some(other) => other.to_string().into(),
    }
}

fn redfish_address(address: &BmcAddress) -> String {
    format!("{}://{}", address.transport.as_str(), address.authority())
}

/// The system's path; none lets Ironic take the only one, as the path of the service itself does.
///
/// With `redfish-uefihttp` Metal3 writes even an empty one, which leads nowhere.
pub(super) fn system(address: &BmcAddress) -> Option<&str> {
    let path = address.path.as_str();
    (!matches!(path.trim_matches('/'), "" | "redfish/v1")).then_some(path)
}
