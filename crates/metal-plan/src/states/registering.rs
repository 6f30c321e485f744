//! `registering`: the node is known to Ironic and its BMC answers. How it gets there is
//! [registration](crate::registration)'s, in this state as in all others.

use ironic_types::Node;
use metal_api::v1alpha1::BareMetalHost;

use crate::host::{is_externally_provisioned, skips_inspection};
use crate::plan::{Plan, Transition};

pub(crate) fn plan(host: &BareMetalHost, node: &Node) -> Plan {
    if is_externally_provisioned(host) {
        return Plan::enter(Transition::TakeOver);
    }
    match &node.provision_state {
        Some(state) if state.is_transient() => super::other_state(node),
        _ if skips_inspection(host) => Plan::enter(Transition::Prepare),
        _ => Plan::enter(Transition::Inspect),
    }
}
