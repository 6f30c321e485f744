//! The rule for an interface.

use kube::core::Rule;

pub(super) fn name_or_mac_address() -> Rule {
    Rule::new("has(self.name) != has(self.macAddress)").message(
        "spec.networkInterfaces[]: must have either name or macAddress; give one of the two",
    )
}
