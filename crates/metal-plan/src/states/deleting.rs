//! `deleting`: the node goes, and with it its ports, volume connectors and volume targets; then the finalizer.

use ironic_types::{Node, ProvisionState};
use metal_api::v1alpha1::BareMetalHost;

use crate::host::{detached, has_finalizer, is_ours, shows_failure};
use crate::observation::{Observation, Seen};
use crate::plan::{Plan, Transition};
use crate::removal::{self, Haste};

pub(crate) fn plan(observation: &Observation, seen: &Seen) -> Plan {
    let host = &observation.host;
    let Some(node) = &seen.node else {
        return forget(host);
    };
    // Its record was lost or edited: the machine may run from its volume.
    let is_used = node.provision_state.as_ref().is_some_and(super::is_used);
    if is_used && is_ours(host) && detached(host).is_none() {
        return Plan::enter(Transition::Deprovision);
    }
    // It may be that the instance can't be taken from the node, which then is no reason to keep it.
    if shows_failure(host) && node.instance_uuid.is_some() && !is_busy(node) {
        return removal::in_maintenance(node);
    }
    removal::remove(node, Haste::Patient)
}

fn is_busy(node: &Node) -> bool {
    let state = node.provision_state.as_ref();
    state.is_none_or(ProvisionState::is_transient)
}

/// The object may stay for a while: for a finalizer that is not ours.
fn forget(host: &BareMetalHost) -> Plan {
    if has_finalizer(host) {
        Plan::enter(Transition::Forget)
    } else {
        Plan::rest()
    }
}
