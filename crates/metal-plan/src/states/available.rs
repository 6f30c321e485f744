//! `available`: the host can be deployed. All that can be checked before is checked here, and the intent is recorded.

use ironic_types::{Node, ProvisionState};
use metal_api::v1alpha1::{BootVolume, DeployedVolume};

use crate::backoff;
use crate::boot_volume;
use crate::claim::{self, Hold};
use crate::config_drive;
use crate::host::{asks_for_inspection, is_externally_provisioned};
use crate::leases;
use crate::not_implemented;
use crate::observation::{Observation, Seen};
use crate::plan::{Blocker, Plan, Transition, Wait};
use crate::power;
use crate::volumes;

pub(crate) fn plan(observation: &Observation, seen: &Seen, node: &Node) -> Plan {
    let host = &observation.host;
    if is_externally_provisioned(host) {
        return Plan::enter(Transition::TakeOver);
    }
    match &node.provision_state {
        Some(ProvisionState::Available) => {}
        // Made anew, or taken back by hand: it is cleaned again.
        Some(ProvisionState::Manageable) => return Plan::enter(Transition::Prepare),
        Some(ProvisionState::CleanFailed | ProvisionState::InspectFailed) => {
            return super::manage(node);
        }
        _ => return super::other_state(node),
    }
    if asks_for_inspection(host) {
        return Plan::blocked(super::inspecting::not_implemented());
    }
    if let Some(blocker) = not_implemented::blocker(host) {
        return Plan::blocked(blocker);
    }
    if let Some(plan) = leases::give_back_unneeded(observation, node) {
        return plan;
    }
    match (boot_volume::effective(&host.spec), claim::hold(host)) {
        (None, _) => power::follow_online(observation, node),
        (Some(_), Some(Hold::GivenFree | Hold::OfAnotherVolume)) => {
            Plan::enter(Transition::EndHold)
        }
        (Some(_), Some(Hold::Holds(released))) => {
            let message = claim::held_in_words(released);
            off_or(observation, node, Wait::Held { message })
        }
        (Some(volume), None) => {
            deployment(observation, seen, node, volume).unwrap_or_else(Plan::blocked)
        }
    }
}

/// Waits, with the machine off if it is not to be online.
fn off_or(observation: &Observation, node: &Node, wait: Wait) -> Plan {
    let is_to_be_off = !observation.host.spec.online;
    is_to_be_off
        .then(|| power::shut_down(observation, node))
        .flatten()
        .unwrap_or_else(|| Plan::wait(wait))
}

fn deployment(
    observation: &Observation,
    seen: &Seen,
    node: &Node,
    volume: &BootVolume,
) -> Result<Plan, Blocker> {
    let intent = boot_volume::intent(observation, volume)?;
    leases::free(observation)?;
    volumes::free(node, seen, &intent)?;
    if let Some(plan) = config_drive::check(observation, seen)? {
        return Ok(plan);
    }
    if claim::is_awaited(&observation.host) {
        return Ok(offer(observation, node, &intent));
    }
    if !observation.host.spec.online {
        return Ok(off_or(observation, node, Wait::Offline));
    }
    retry(observation)?;
    if let Some(plan) = super::in_maintenance(node) {
        return Ok(plan);
    }
    Ok(match backoff::next_deployment(&observation.host) {
        Some(until) if observation.now < until => Plan::back_off(observation.now, until),
        Some(_) | None => leases::secure(observation)
            .unwrap_or_else(|| Plan::enter(Transition::Provision(Box::new(intent)))),
    })
}

/// A deployment from the volume could begin, and waits for a consumer. One that failed may have run for a moment before,
/// so what its consumer leaves is held too.
fn offer(observation: &Observation, node: &Node, intent: &DeployedVolume) -> Plan {
    let host = &observation.host;
    let status = host.status.as_ref();
    let has_failed = status.is_some_and(|status| status.provisioning_fail_count > 0);
    if has_failed && claim::is_retained(host) {
        let released = boot_volume::in_annotation(intent);
        return Plan::enter(Transition::Hold(released));
    }
    super::in_maintenance(node).unwrap_or_else(|| off_or(observation, node, Wait::Unclaimed))
}

/// After too many failures only a change of the spec leads to another attempt.
fn retry(observation: &Observation) -> Result<(), Blocker> {
    let status = observation.host.status.as_ref();
    let failures = status.map_or(0, |status| status.provisioning_fail_count);
    let limit = observation.settings.max_provisioning_retries;
    if limit == 0 || failures < limit || !backoff::failed_as_it_is(&observation.host) {
        return Ok(());
    }
    let message = status
        .map(|status| status.error_message.clone())
        .unwrap_or_default();
    Err(Blocker::TooManyFailures { message })
}
