//! One file for each state of a host: what to do next in it. Here is what several of them share.

use ironic_types::{Node, ProvisionState, ProvisionVerb};
use metal_api::v1alpha1::ErrorType;

use crate::cleaning;
use crate::effect::Effect;
use crate::host::{is_ours, shows_failure};
use crate::observation::Observation;
use crate::plan::{Plan, Step, node_in_words};
use crate::power;
use crate::removal::is_held;

pub(crate) mod available;
pub(crate) mod deleting;
pub(crate) mod deprovisioning;
pub(crate) mod externally_provisioned;
pub(crate) mod inspecting;
pub(crate) mod powering_off;
pub(crate) mod preparing;
pub(crate) mod provisioned;
pub(crate) mod provisioning;
pub(crate) mod registering;

const NO_REASON: &str = "Ironic gives no reason";

/// Undeploys a machine; one that may run from its volume is shut down before, always.
fn undeploy(observation: &Observation, node: &Node) -> Plan {
    is_ours(&observation.host)
        .then(|| power::shut_down(observation, node))
        .flatten()
        .unwrap_or_else(|| with_cleaning_set(observation, node, ProvisionVerb::Deleted))
}

/// Records an undeployment that failed, and tries again when its time has come.
fn undeploy_again(observation: &Observation, node: &Node) -> Plan {
    let again = undeploy(observation, node);
    let is_ready = matches!(again.step, Step::Act(_));
    if is_ready && !shows_failure(&observation.host) {
        Plan::failed(ErrorType::Provisioning, last_error(node))
    } else {
        again
    }
}

/// Makes a `manageable` node `available`. That cleans its disks, and a machine that may run from its volume is shut down
/// before, always.
fn provide(observation: &Observation, node: &Node) -> Plan {
    is_ours(&observation.host)
        .then(|| power::shut_down(observation, node))
        .flatten()
        .unwrap_or_else(|| with_cleaning_set(observation, node, ProvisionVerb::Provide))
}

/// Both verbs clean the node, if Ironic is not told otherwise.
fn with_cleaning_set(observation: &Observation, node: &Node, verb: ProvisionVerb) -> Plan {
    let mut effects: Vec<_> = cleaning::setting(observation, node).into_iter().collect();
    effects.push(Effect::SetProvisionState {
        node: node.uuid,
        verb,
    });
    Plan::act(effects)
}

/// Records a cleaning that failed, and tries again from `manageable` when its time has come.
fn clean_failed(observation: &Observation, node: &Node, error_type: ErrorType) -> Plan {
    if !shows_failure(&observation.host) {
        return Plan::failed(error_type, last_error(node));
    }
    manage(node)
}

/// Brings a node back to `manageable`. Ironic sets maintenance when a cleaning fails, and starts nothing in it.
pub(crate) fn manage(node: &Node) -> Plan {
    let mut effects = Vec::new();
    if node.maintenance {
        effects.push(Effect::UnsetMaintenance { node: node.uuid });
    }
    effects.push(Effect::SetProvisionState {
        node: node.uuid,
        verb: ProvisionVerb::Manage,
    });
    Plan::act(effects)
}

/// Ends what waits, or is held.
fn abort(node: &Node) -> Plan {
    Plan::act(vec![Effect::SetProvisionState {
        node: node.uuid,
        verb: ProvisionVerb::Abort,
    }])
}

/// A state in which nothing is planned: one that passes by itself, or one that somebody brought the node into.
pub(crate) fn other_state(node: &Node) -> Plan {
    match &node.provision_state {
        None => Plan::node_busy(None),
        Some(state) if state.is_transient() && !is_held(state) => Plan::node_busy(Some(state)),
        Some(state) => Plan::blocked_by_node(
            ErrorType::ProvisionedRegistration,
            format!(
                "{} is in the state {state}, which this operator did not bring it into; bring it out in Ironic ({})",
                node_in_words(node.uuid),
                last_error(node)
            ),
        ),
    }
}

/// In maintenance Ironic refuses to deploy, and looks at no power state.
fn in_maintenance(node: &Node) -> Option<Plan> {
    node.maintenance.then(|| {
        let reason = node.maintenance_reason.as_ref().or(node.fault.as_ref());
        Plan::blocked_by_node(
            ErrorType::Preparation,
            format!(
                "{} is in maintenance ({}); nothing is deployed until that is over",
                node_in_words(node.uuid),
                reason.map_or(NO_REASON, String::as_str)
            ),
        )
    })
}

pub(crate) fn last_error(node: &Node) -> String {
    node.last_error.as_deref().unwrap_or(NO_REASON).to_owned()
}

/// Whether only a deployment, by somebody, leads to this state.
pub(crate) fn is_used(state: &ProvisionState) -> bool {
    matches!(
        state,
        ProvisionState::Active
            | ProvisionState::DeployFailed
            | ProvisionState::DeployWait
            | ProvisionState::Deploying
            | ProvisionState::Error
            | ProvisionState::AdoptFailed
    )
}
