//! Detachment: the node is taken out of Ironic while the machine runs on, and comes back when the annotation goes.

use metal_api::v1alpha1::{BareMetalHost, ErrorType, ProvisioningState};

use crate::host::{detached, is_shown_detached};
use crate::observation::{Observation, Seen};
use crate::plan::{Plan, Transition, Wait};
use crate::removal::{self, Haste};

/// What the annotation asks for; none where the host's state has its say.
pub(crate) fn plan(observation: &Observation, seen: &Seen) -> Option<Plan> {
    let host = &observation.host;
    if detached(host).is_none() {
        return ends(host).then(|| Plan::enter(Transition::Attach));
    }
    let haste = takes_out(host)?;
    Some(match &seen.node {
        Some(node) => removal::remove(node, haste),
        None if is_shown_detached(host) => Plan::wait(Wait::Detached),
        None => Plan::enter(Transition::Detach),
    })
}

/// Whether the last attempt at it failed.
pub(crate) fn has_failed(host: &BareMetalHost) -> bool {
    host.status
        .as_ref()
        .is_some_and(|status| status.error_type == Some(ErrorType::Detach))
}

/// Whether the annotation takes the node out of Ironic in the host's state, and how.
pub(crate) fn takes_out(host: &BareMetalHost) -> Option<Haste> {
    let annotation = detached(host)?;
    if is_stable(host.state()) {
        Some(Haste::Patient)
    } else if annotation.force && host.state() != ProvisioningState::Deleting {
        Some(Haste::Forced)
    } else {
        None
    }
}

/// The states that last: in others Ironic works on the machine, and only force interrupts that.
fn is_stable(state: ProvisioningState) -> bool {
    use ProvisioningState as S;
    match state {
        S::Provisioned | S::ExternallyProvisioned | S::Ready | S::Available => true,
        S::None
        | S::Unmanaged
        | S::Registering
        | S::Inspecting
        | S::MatchProfile
        | S::Preparing
        | S::Provisioning
        | S::Deprovisioning
        | S::PoweringOffBeforeDelete
        | S::Deleting => false,
    }
}

fn ends(host: &BareMetalHost) -> bool {
    is_shown_detached(host) || has_failed(host)
}
