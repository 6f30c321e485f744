//! The rules for a BMC.

use kube::core::Rule;

/// The schemes that Metal3 knows. What has none is an IPMI address to it; the planner reads the rest.
pub(super) fn known_scheme() -> Rule {
    Rule::new(concat!(
        "!self.contains('://') || self.lowerAscii().matches('^(ipmi|libvirt|(",
        "(ilo5-|idrac-)?redfish|(redfish|ilo5|idrac)-virtualmedia|redfish-uefihttp",
        ")([+]https?)?)://')",
    ))
    .message(
        "spec.bmc.address: the scheme is unknown; use ipmi, libvirt, redfish, ilo5-redfish, \
         idrac-redfish, redfish-virtualmedia, ilo5-virtualmedia, idrac-virtualmedia or \
         redfish-uefihttp, those of Redfish with +http or +https if need be",
    )
}
