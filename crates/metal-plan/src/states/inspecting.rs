//! `inspecting`: the hardware is looked at before the host is prepared.

use metal_api::names;
use metal_api::v1alpha1::BareMetalHost;

use crate::host::{is_externally_provisioned, skips_inspection};
use crate::plan::{Blocker, Plan, Transition};

pub(crate) fn plan(host: &BareMetalHost) -> Plan {
    if is_externally_provisioned(host) {
        Plan::enter(Transition::TakeOver)
    } else if skips_inspection(host) {
        Plan::enter(Transition::Prepare)
    } else {
        Plan::blocked(not_implemented())
    }
}

/// What is said wherever an inspection is asked for.
pub(crate) fn not_implemented() -> Blocker {
    Blocker::NotImplemented {
        message: format!(
            "spec.inspectionMode: inspection (the default) is not implemented yet; set it to disabled, and remove the annotation {}",
            names::INSPECT_ANNOTATION
        ),
    }
}
