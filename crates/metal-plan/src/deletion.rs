//! Where a host goes that is to be deleted, by the state it is in.

use ironic_types::{Node, PowerState};
use metal_api::annotations::DeleteAction;
use metal_api::v1alpha1::{BareMetalHost, ErrorType, ProvisioningState};

use crate::host::{detached, is_deleted, is_ours, is_shown_detached, shows_failure};
use crate::observation::{Observation, Seen};
use crate::plan::{Plan, Transition};
use crate::states;

/// After so many failures in a row a deletion goes on without what fails, as in Metal3.
const MOST_ERRORS: i64 = 3;

/// Begins the deletion, or turns to its next part; none where the state has its say.
pub(crate) fn begin(observation: &Observation, seen: &Seen) -> Option<Plan> {
    use ProvisioningState as S;
    let host = &observation.host;
    let state = host.state();
    if !is_deleted(host) {
        // A status that was copied from an object that was deleted: this one lives.
        let is_copied = matches!(state, S::PoweringOffBeforeDelete | S::Deleting);
        return is_copied.then(|| Plan::enter(Transition::Register));
    }
    if state == S::Deleting {
        return None;
    }
    if let Some(annotation) = detached(host) {
        // Neither powered off nor undeployed: that is what a detached machine is for.
        let is_delayed = annotation.delete_action == DeleteAction::Delay;
        return (!is_delayed).then(|| Plan::enter(Transition::SkipPowerOff));
    }
    // Without the annotation it is attached first, and then deleted as any other: so a delay ends.
    if is_shown_detached(host) {
        return None;
    }
    match state {
        S::Deleting => None,
        // Its record was lost, and the machine may run from its volume.
        S::Registering if is_ours(host) && is_used(seen.node.as_ref()) => {
            Some(Plan::enter(Transition::Deprovision))
        }
        S::None | S::Unmanaged | S::Registering => Some(Plan::enter(Transition::Delete)),
        S::Provisioning | S::Provisioned => Some(Plan::enter(Transition::Deprovision)),
        // Whatever it is that fails, a refused change of the node included: the object must be able to go.
        S::Deprovisioning if !gives_up(host) => None,
        S::Deprovisioning if shows(host, ErrorType::Registration) => {
            Some(Plan::enter(Transition::SkipPowerOff))
        }
        // Off it can be undeployed, however it came to be.
        S::Deprovisioning if shows(host, ErrorType::PowerManagement) => {
            (!is_off(seen)).then(|| Plan::enter(Transition::SkipPowerOff))
        }
        S::Deprovisioning => Some(states::deprovisioning::give_up(observation, seen)),
        S::PoweringOffBeforeDelete => {
            let has_failed = gives_up(host) && shows_failure(host);
            has_failed.then(|| Plan::enter(Transition::SkipPowerOff))
        }
        S::Inspecting
        | S::MatchProfile
        | S::Preparing
        | S::Ready
        | S::Available
        | S::ExternallyProvisioned => Some(Plan::enter(Transition::PowerOffBeforeDelete)),
    }
}

/// Whether a deletion goes on without what has failed so often. What is tried instead hides the error and keeps the count.
fn gives_up(host: &BareMetalHost) -> bool {
    host.status
        .as_ref()
        .is_some_and(|status| status.error_count > MOST_ERRORS)
}

fn shows(host: &BareMetalHost, error_type: ErrorType) -> bool {
    host.status
        .as_ref()
        .is_some_and(|status| status.error_type == Some(error_type))
}

fn is_off(seen: &Seen) -> bool {
    let node = seen.node.as_ref();
    node.is_some_and(|node| node.power_state == Some(PowerState::Off))
}

fn is_used(node: Option<&Node>) -> bool {
    node.and_then(|node| node.provision_state.as_ref())
        .is_some_and(states::is_used)
}
