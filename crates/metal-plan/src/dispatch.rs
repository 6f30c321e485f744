//! Which state plans: a match and nothing else.

use metal_api::names;
use metal_api::v1alpha1::{BareMetalHost, ProvisioningState};

use crate::backoff;
use crate::host::{has_finalizer, is_deleted, is_detached, is_paused};
use crate::observation::{IronicView, Observation, Seen};
use crate::plan::{Blocker, Plan, Step, Transition, Wait};
use crate::restore;
use crate::rivals;
use crate::states;

/// What to do next for this host.
pub fn plan(observation: &Observation) -> Plan {
    let host = &observation.host;
    if is_paused(host) {
        return Plan {
            step: Step::Ignore,
            ..Plan::rest()
        };
    }
    if let Some(plan) = restore::plan(observation) {
        return plan;
    }
    if is_detached(host) {
        return Plan::blocked(Blocker::NotImplemented {
            message: format!(
                "{}: detaching a host from Ironic is not implemented yet, and the host is left alone; remove the annotation",
                names::DETACHED_ANNOTATION
            ),
        });
    }
    match host.state() {
        ProvisioningState::None | ProvisioningState::Unmanaged => unregistered(host),
        registered => match &observation.ironic {
            IronicView::Unavailable { message } => Plan::wait(Wait::IronicUnavailable {
                message: message.clone(),
            }),
            IronicView::Seen(seen) => hold_back(
                observation,
                registered,
                of_state(observation, seen, registered),
            ),
        },
    }
}

fn of_state(observation: &Observation, seen: &Seen, state: ProvisioningState) -> Plan {
    use ProvisioningState as S;
    match state {
        S::None | S::Unmanaged => unregistered(&observation.host),
        S::Registering => match rivals::blocker(observation) {
            Some(blocker) if !is_deleted(&observation.host) => Plan::blocked(blocker),
            Some(_) | None => states::registering::plan(observation, seen),
        },
        S::Inspecting | S::MatchProfile | S::Preparing => {
            states::preparing::plan(observation, seen)
        }
        S::Ready | S::Available => states::available::plan(observation, seen),
        S::Provisioning => states::provisioning::plan(observation, seen),
        S::Provisioned => states::provisioned::plan(observation, seen),
        S::ExternallyProvisioned => states::externally_provisioned::plan(seen),
        S::Deprovisioning => states::deprovisioning::plan(observation, seen),
        S::PoweringOffBeforeDelete => states::powering_off::plan(observation, seen),
        S::Deleting => states::deleting::plan(observation, seen),
    }
}

/// A host without a record: it is taken over, left alone for want of a BMC, or let go.
fn unregistered(host: &BareMetalHost) -> Plan {
    if is_deleted(host) {
        // A node of that name may be another operator's, of the time before this host.
        return if has_finalizer(host) {
            Plan::enter(Transition::Delete)
        } else {
            Plan::rest()
        };
    }
    match (&host.spec.bmc, host.state()) {
        (Some(_), _) => Plan::enter(Transition::Register),
        (None, ProvisioningState::None) => Plan::enter(Transition::Discover),
        (None, _) => Plan::rest(),
    }
}

/// After a failure the next effects wait, unless what they depend on was changed since.
fn hold_back(observation: &Observation, state: ProvisioningState, plan: Plan) -> Plan {
    let acts = matches!(plan.step, Step::Act(_));
    let retried = state == ProvisioningState::Registering
        && states::registering::credentials_changed(observation);
    match backoff::not_before(&observation.host) {
        Some(until) if acts && !retried && observation.now < until => {
            Plan::back_off(observation.now, until)
        }
        Some(_) | None => plan,
    }
}
