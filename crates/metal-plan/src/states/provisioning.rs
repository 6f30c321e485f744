//! `provisioning`: the recorded intent is carried out, and found again after any interruption by its deployment id.

use ironic_types::{Node, ProvisionState, ProvisionVerb};
use jiff::Timestamp;
use metal_api::v1alpha1::{DeployedVolume, ErrorType};

use crate::boot_volume;
use crate::effect::Effect;
use crate::host::{began, is_deleted};
use crate::observation::{Observation, Seen};
use crate::plan::{Plan, Transition};
use crate::power;
use crate::volumes;

pub(crate) fn plan(observation: &Observation, seen: &Seen) -> Plan {
    let host = &observation.host;
    let status = host.status.as_ref();
    let cancelled = is_deleted(host) || boot_volume::effective(&host.spec).is_none();
    let failed = status.is_some_and(|status| {
        status.error_count > 0 && status.error_type == Some(ErrorType::Provisioning)
    });
    let intent = status.and_then(|status| status.provisioning.boot_volume.as_ref());
    let Some(intent) = intent.filter(|_| !cancelled && !failed) else {
        return Plan::enter(Transition::Deprovision);
    };
    let Some(node) = &seen.node else {
        return super::node_is_lost(host);
    };
    match &node.provision_state {
        Some(ProvisionState::Available) => deploy(observation, seen, node, intent),
        Some(ProvisionState::Active) if volumes::is_deployed(node, seen, intent) => {
            Plan::enter(Transition::Complete)
        }
        // Another deployment's: it is shut down and undeployed first.
        Some(ProvisionState::Active) => super::undeploy(observation, node, since(observation)),
        Some(ProvisionState::DeployFailed | ProvisionState::Error) => {
            Plan::failed(ErrorType::Provisioning, super::last_error(node))
        }
        Some(ProvisionState::CleanFailed) => {
            super::clean_failed(observation, node, ErrorType::Provisioning)
        }
        Some(ProvisionState::Manageable) => super::provide(observation, node),
        Some(ProvisionState::Enroll) => super::node_is_lost(host),
        other => Plan::node_busy(other.as_ref()),
    }
}

fn deploy(observation: &Observation, seen: &Seen, node: &Node, intent: &DeployedVolume) -> Plan {
    let credentials = match boot_volume::credentials(observation, intent) {
        Ok(credentials) => credentials,
        Err(blocker) => return Plan::blocked(blocker),
    };
    // The machine may run from a volume, and Ironic's deployment would cut its power.
    if let Some(plan) = power::shut_down(observation, node, since(observation)) {
        return plan;
    }
    let instance = observation.host.metadata.uid.as_deref();
    let mut effects = volumes::prepare(node, seen, intent, credentials.as_ref(), instance);
    effects.push(Effect::Validate { node: node.uuid });
    effects.push(Effect::SetProvisionState {
        node: node.uuid,
        verb: ProvisionVerb::Active,
    });
    Plan::act(effects)
}

fn since(observation: &Observation) -> Option<Timestamp> {
    began(&observation.host, |history| history.provision.as_ref())
}
