//! In which order a host is looked at: what goes before its state, and which state plans.

use ironic_types::Node;
use metal_api::annotations::DeleteAction;
use metal_api::v1alpha1::{BareMetalHost, ProvisioningState};

use crate::backoff;
use crate::cancellation;
use crate::capacity;
use crate::deletion;
use crate::detachment;
use crate::host::{detached, has_bmc, has_finalizer, is_deleted, is_paused, is_shown_detached};
use crate::leases;
use crate::observation::{IronicView, Observation, Seen};
use crate::plan::{Plan, Step, Transition, Wait};
use crate::registration;
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
    if matches!(
        host.state(),
        ProvisioningState::None | ProvisioningState::Unmanaged
    ) {
        return unregistered(host);
    }
    match &observation.ironic {
        IronicView::Unavailable { .. } if stays_detached(host) => Plan::wait(Wait::Detached),
        IronicView::Unavailable { message } => Plan::wait(Wait::IronicUnavailable {
            message: message.clone(),
        }),
        IronicView::Seen(seen) => in_ironic(observation, seen),
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
    match (has_bmc(host), host.state()) {
        (true, _) => Plan::enter(Transition::Register),
        (false, ProvisioningState::None) => Plan::enter(Transition::Discover),
        (false, _) => Plan::rest(),
    }
}

/// Whether nothing is asked of Ironic, and so nothing waits for its answer.
fn stays_detached(host: &BareMetalHost) -> bool {
    let is_asked_for = detached(host).is_some_and(|annotation| {
        !is_deleted(host) || annotation.delete_action == DeleteAction::Delay
    });
    is_asked_for && is_shown_detached(host)
}

/// The order is Metal3's (baremetal-operator, `ReconcileState` in
/// `internal/controller/metal3.io/host_state_machine.go`).
fn in_ironic(observation: &Observation, seen: &Seen) -> Plan {
    if let Some(plan) = deletion::begin(observation, seen) {
        return backoff::hold_back(observation, plan);
    }
    if let Some(plan) = detachment::plan(observation, seen) {
        // What failed before somebody asked for it is no reason to wait.
        return if detachment::has_failed(&observation.host) {
            backoff::hold_back(observation, plan)
        } else {
            plan
        };
    }
    let plan = registered(observation, seen).unwrap_or_else(|| of_state(observation, seen));
    capacity::hold_back(observation, seen, backoff::hold_back(observation, plan))
}

/// A host that is deleted is taken out of Ironic and not put in; `match profile` is left at once.
fn registered(observation: &Observation, seen: &Seen) -> Option<Plan> {
    let state = observation.host.state();
    let needs_no_node = matches!(
        state,
        ProvisioningState::Deleting | ProvisioningState::MatchProfile
    );
    if needs_no_node {
        return None;
    }
    // A host that was registered already keeps its machine.
    let is_new = state == ProvisioningState::Registering || seen.node.is_none();
    let rival = rivals::blocker(observation).filter(|_| is_new && !is_deleted(&observation.host));
    match rival {
        Some(blocker) => Some(Plan::blocked(blocker)),
        None => of_another(observation, seen).or_else(|| registration::ensure(observation, seen)),
    }
}

/// A machine that may run from a volume which is another's by now is not given back to Ironic. The Leases are taken only
/// once Ironic reaches the machine: what a host says of itself is no reason to keep a volume from others.
fn of_another(observation: &Observation, seen: &Seen) -> Option<Plan> {
    let host = &observation.host;
    let stays_deployed =
        host.state() == ProvisioningState::Provisioned && !cancellation::is_cancelled(host);
    (stays_deployed && seen.node.is_none())
        .then(|| leases::conflict(observation))
        .flatten()
}

fn of_state(observation: &Observation, seen: &Seen) -> Plan {
    use ProvisioningState as S;
    let host = &observation.host;
    // Registration has made a node, or says why it can't.
    let on_node = |plan: &dyn Fn(&Node) -> Plan| {
        seen.node
            .as_ref()
            .map_or_else(|| Plan::node_busy(None), plan)
    };
    match host.state() {
        S::None | S::Unmanaged => unregistered(host),
        S::Registering => on_node(&|node| states::registering::plan(host, node)),
        S::Inspecting => states::inspecting::plan(host),
        S::MatchProfile => Plan::enter(Transition::Prepare),
        S::Preparing => on_node(&|node| states::preparing::plan(observation, node)),
        S::Ready | S::Available => {
            on_node(&|node| states::available::plan(observation, seen, node))
        }
        S::Provisioning => on_node(&|node| states::provisioning::plan(observation, seen, node)),
        S::Provisioned => on_node(&|node| states::provisioned::plan(observation, seen, node)),
        S::ExternallyProvisioned => {
            on_node(&|node| states::externally_provisioned::plan(observation, seen, node))
        }
        S::Deprovisioning => states::deprovisioning::plan(observation, seen),
        S::PoweringOffBeforeDelete => states::powering_off::plan(observation, seen),
        S::Deleting => states::deleting::plan(observation, seen),
    }
}
