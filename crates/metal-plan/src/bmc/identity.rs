//! Which BMC an address leads to.

use std::fmt;
use std::net::Ipv6Addr;

use metal_api::values::BmcAddress;

/// A BMC, and the machine behind it: equal for two addresses that differ in writing only. No name is looked up, so a
/// name and its address are two.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct BmcIdentity {
    /// Protocol, host and port, such as `redfish 192.0.2.10:443`: what hosts can be sorted by.
    pub endpoint: String,
    /// The path of the Redfish system, without its outer slashes; none is the only one that there is.
    pub system: Option<String>,
}

impl BmcIdentity {
    pub(super) fn of(address: &BmcAddress) -> Self {
        let is_ipmi = address.scheme.is_ipmi();
        let protocol = if is_ipmi { "ipmi" } else { "redfish" };
        let host = match address.host.parse::<Ipv6Addr>() {
            Ok(host) => format!("[{host}]"),
            Err(_) => address.host.to_ascii_lowercase(),
        };
        let system = super::driver_info::system(address).filter(|_| !is_ipmi);
        Self {
            endpoint: format!("{protocol} {host}:{}", address.port_or_default()),
            system: system.map(|path| path.trim_matches('/').to_owned()),
        }
    }

    /// Whether both mean one machine: a BMC without a system named is one for which there is no other.
    pub fn is_same_machine(&self, other: &Self) -> bool {
        self.endpoint == other.endpoint
            && (self.system == other.system || self.system.is_none() || other.system.is_none())
    }
}

impl fmt::Display for BmcIdentity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.endpoint)?;
        match &self.system {
            Some(system) => write!(f, " /{system}"),
            None => Ok(()),
        }
    }
}
