//! The version that a request speaks (`api/controllers/base.py`, `v1/__init__.py`).

use ironic_types::{Microversion, VersionRange};

use super::Error;
use crate::http::{Request, VERSION};

/// The minor version that a request asks for, or the oldest if it asks for none.
pub(crate) fn chosen(request: &Request, range: VersionRange) -> Result<u16, Error> {
    let invalid = || Error::framework(406, format!("Invalid value for {VERSION} header"));
    let asked = service_version(request).or_else(|| request.header_value(VERSION));
    let version: Microversion = match asked.map(str::trim) {
        None | Some("") => range.min,
        Some(latest) if latest.eq_ignore_ascii_case("latest") => range.max,
        Some(text) => text.parse().map_err(|_| invalid())?,
    };
    let VersionRange { min, max } = range;
    if version.major != 1 {
        return Err(Error::framework(
            406,
            format!(
                "Mutually exclusive versions requested. Version {version} requested but not \
                 supported by this service. The supported version range is: [{min}, {max}]."
            ),
        ));
    }
    if !range.contains(version) {
        return Err(Error::framework(
            406,
            format!(
                "Version {version} was requested but the minor version is not supported by this \
                 service. The supported version range is: [{min}, {max}]."
            ),
        ));
    }
    Ok(version.minor)
}

/// The newer header, which names a service: `OpenStack-API-Version: baremetal 1.80`.
fn service_version(request: &Request) -> Option<&str> {
    request
        .header_value("OpenStack-API-Version")?
        .split(',')
        .filter_map(|entry| entry.trim().split_once(' '))
        .find(|(service, _)| *service == "baremetal")
        .map(|(_, version)| version.trim())
}
