//! `available`: the host can be deployed. All that can be checked before is checked here, and the intent is recorded.

use ironic_types::{Node, ProvisionState};
use metal_api::v1alpha1::BootVolume;

use crate::backoff;
use crate::boot_volume;
use crate::host::{asks_for_inspection, is_externally_provisioned};
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
    match boot_volume::effective(&host.spec) {
        None => power::follow_online(observation, node),
        Some(volume) => deployment(observation, seen, node, volume).unwrap_or_else(Plan::blocked),
    }
}

fn deployment(
    observation: &Observation,
    seen: &Seen,
    node: &Node,
    volume: &BootVolume,
) -> Result<Plan, Blocker> {
    let intent = boot_volume::checked(&observation.host, volume, observation.fresh_id.to_string())?;
    boot_volume::credentials(observation, &intent)?;
    volumes::free(node, seen, &intent)?;
    if !observation.host.spec.online {
        let off = power::shut_down(observation, node);
        return Ok(off.unwrap_or_else(|| Plan::wait(Wait::Offline)));
    }
    retry(observation)?;
    if let Some(plan) = super::in_maintenance(node) {
        return Ok(plan);
    }
    Ok(match backoff::next_deployment(&observation.host) {
        Some(until) if observation.now < until => Plan::back_off(observation.now, until),
        Some(_) | None => Plan::enter(Transition::Provision(Box::new(intent))),
    })
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
