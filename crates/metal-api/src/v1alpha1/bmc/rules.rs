//! The rules for a BMC's address.
//!
//! They refuse what [`BmcAddress`](crate::values::BmcAddress) refuses, as far as an expression says it that the API
//! server finds cheap: Metal3 gives the address no limit, so each character of a pattern costs as if the address had
//! megabytes. The planner tells the rest. A test holds both to one table.
//!
//! They stand beside the address and not on it: of a text that is refused itself the API server repeats the whole, and
//! a password may be in it.
//!
//! Metal3 takes a host with an empty address for one without a BMC, and so do these.

use kube::core::Rule;

use crate::values::BmcScheme;

/// A host, with a port or without, that nothing precedes.
const HOST_ALONE: &str = r"'^([^:]*(:[0-9]+)?([/?#]|$)|\\[)'";

/// No host after the scheme, or before the path something that is in no host: the `@` behind a user, a space.
const NO_HOST: &str = concat!(
    r"'^([^:/?#\\[]+:(//)?)?([:?#]|$|/([^/]|$))",
    r"|^([^:/?#]+://)?[^/?#]*[^0-9A-Za-z.:\\[\\]+/?#-]'",
);

pub(super) fn address_scheme() -> Rule {
    let mut known = Vec::new();
    for scheme in BmcScheme::ALL {
        known.push(format!("'{scheme}:'"));
        if !scheme.is_ipmi() {
            known.extend([format!("'{scheme}+http:'"), format!("'{scheme}+https:'")]);
        }
    }
    Rule::new(format!(
        "self.address.lowerAscii().find('^[^:]*:') in [{}] || self.address.matches({HOST_ALONE})",
        known.join(", ")
    ))
    .message(
        "spec.bmc.address: the scheme is not known; use one of ipmi, libvirt, redfish, \
         ilo5-redfish, idrac-redfish, redfish-virtualmedia, ilo5-virtualmedia, \
         idrac-virtualmedia, redfish-uefihttp; those of Redfish also with +http or +https",
    )
    .field_path(".address")
}

pub(super) fn address_host() -> Rule {
    Rule::new(format!("self.address == '' || !self.address.matches({NO_HOST})")).message(
        "spec.bmc.address: must have a host, which is a DNS name, an IPv4 address or an IPv6 address \
         in brackets, and no user or password; write SCHEME://HOST:PORT/PATH, and put user and \
         password into the Secret that spec.bmc.credentialsName names",
    )
    .field_path(".address")
}
