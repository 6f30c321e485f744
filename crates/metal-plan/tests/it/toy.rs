//! An Ironic of a few rules, in which a plan's effects come to something: enough to see where a host gets to.
//!
//! What Ironic does in truth is the matter of the tests on `ironic-sim`; here thousands of lives pass in a second.

use ironic_types::{Node, Patch, PowerState, PowerTarget, ProvisionState as N, ProvisionVerb as V};
use metal_plan::{
    ChapRef, DEPLOYMENT_KEY, Effect, LeaseFacts, Observation, Outcome, Seen, Step, Transition,
    Wait, next_host,
};
use serde_json::{Value, json};

use crate::fixtures::*;

/// What Ironic may refuse whatever the node's state is, as when a driver or a hook of its site forbids it.
///
/// Without `SetMaintenance` or `DeleteNode` nobody gets a node out of Ironic: these are not among them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refusal {
    CreateNode,
    SetDriverInfo,
    UpdateNode,
    UnsetMaintenance,
    SetProvisionState(V),
    SetPower,
    CreatePort,
    EnablePxe,
    Connector,
    Target,
    VirtualMedia,
}

impl Refusal {
    pub(crate) const ALL: [Self; 15] = [
        Self::CreateNode,
        Self::SetDriverInfo,
        Self::UpdateNode,
        Self::UnsetMaintenance,
        Self::SetProvisionState(V::Manage),
        Self::SetProvisionState(V::Abort),
        Self::SetProvisionState(V::Deleted),
        Self::SetProvisionState(V::Adopt),
        Self::SetProvisionState(V::Provide),
        Self::SetPower,
        Self::CreatePort,
        Self::EnablePxe,
        Self::Connector,
        Self::Target,
        Self::VirtualMedia,
    ];

    /// What would refuse this effect; none where nothing here does.
    fn of(effect: &Effect) -> Option<Self> {
        Some(match effect {
            Effect::CreateNode { .. } => Self::CreateNode,
            Effect::SetDriverInfo { .. } => Self::SetDriverInfo,
            Effect::UpdateNode { .. } => Self::UpdateNode,
            Effect::UnsetMaintenance { .. } => Self::UnsetMaintenance,
            Effect::SetProvisionState { verb, .. } => Self::SetProvisionState(*verb),
            Effect::SetPower { .. } => Self::SetPower,
            Effect::CreatePort { .. } => Self::CreatePort,
            Effect::EnablePxe { .. } => Self::EnablePxe,
            Effect::CreateConnector { .. } | Effect::DeleteConnector { .. } => Self::Connector,
            Effect::CreateTarget { .. } | Effect::DeleteTarget { .. } => Self::Target,
            Effect::AttachConfigDrive { .. } | Effect::DetachConfigDrive { .. } => {
                Self::VirtualMedia
            }
            Effect::SetMaintenance { .. }
            | Effect::Validate { .. }
            | Effect::DeleteNode { .. }
            | Effect::TakeLeases { .. }
            | Effect::GiveBackLeases { .. } => return None,
        })
    }
}

/// What goes well.
#[expect(
    clippy::struct_excessive_bools,
    reason = "each goes well or not by itself"
)]
#[derive(Debug, Clone)]
pub(crate) struct Toy {
    /// The BMC answers and takes the credentials.
    pub(crate) reaches_bmc: bool,
    /// Cleaning succeeds.
    pub(crate) cleans: bool,
    /// Adoption succeeds.
    pub(crate) adopts: bool,
    /// Undeployment succeeds.
    pub(crate) undeploys: bool,
    /// What is refused each time.
    pub(crate) refuses: Option<Refusal>,
    /// Whether the machine is on, as it is and not as Ironic has it.
    pub(crate) machine: PowerState,
    /// What was asked of the power last.
    pub(crate) asked: Option<PowerTarget>,
}

impl Default for Toy {
    fn default() -> Self {
        Self {
            reaches_bmc: true,
            cleans: true,
            adopts: true,
            undeploys: true,
            refuses: None,
            machine: PowerState::On,
            asked: None,
        }
    }
}

impl Toy {
    /// One pass over the host, and all that Ironic does until the next. Gives the plan in words.
    #[track_caller]
    pub(crate) fn pass(&mut self, observation: &mut Observation) -> String {
        let plan = planned(observation);
        let mut outcomes = Vec::new();
        let mut seen = observation.seen().clone();
        if let Step::Act(effects) = &plan.step {
            for effect in effects {
                take_leases(observation, effect);
                outcomes.push(self.ask(&mut seen, effect));
                if !outcomes.last().unwrap().is_done() {
                    break;
                }
            }
        }
        observation.host = next_host(observation, &plan, &outcomes).host;
        *observation.seen() = seen;
        if let Some(node) = &mut observation.seen().node {
            self.turn(node);
        }
        let is_freed = observation
            .seen()
            .node
            .as_ref()
            .is_none_or(|node| node.provision_state == Some(N::Deleting));
        if is_freed {
            observation.seen().targets.clear();
        }
        observation.now += match &plan.step {
            Step::Wait(Wait::BackOff { until }) => until.duration_since(observation.now),
            _ => plan.look_again_after(&outcomes).try_into().unwrap(),
        };
        plan.to_string()
    }

    /// The plans until the host is gone, or waits for the same again and again.
    #[track_caller]
    pub(crate) fn live(&mut self, observation: &mut Observation, most: usize) -> Vec<String> {
        let mut plans: Vec<String> = Vec::new();
        for _ in 0..most {
            let before = (observation.host.clone(), observation.seen().node.clone());
            let step = planned(observation).step;
            plans.push(self.pass(observation));
            let is_gone = step == Step::Enter(Transition::Forget);
            let waits = matches!(step, Step::Wait(_) | Step::Rest);
            let is_still = before == (observation.host.clone(), observation.seen().node.clone());
            let is_over = match step {
                // The time decides these.
                Step::Wait(
                    Wait::BackOff { .. } | Wait::Blocked(metal_plan::Blocker::PowerUnknown { .. }),
                ) => false,
                _ => waits && is_still,
            };
            if is_gone || is_over {
                break;
            }
        }
        plans
    }

    fn ask(&mut self, seen: &mut Seen, effect: &Effect) -> Outcome {
        if self.refuses.is_some() && self.refuses == Refusal::of(effect) {
            return refused("forbidden here");
        }
        self.take(seen, effect)
    }

    fn take(&mut self, seen: &mut Seen, effect: &Effect) -> Outcome {
        if let Effect::CreateNode { .. } = effect {
            let made = node(N::Enroll, PowerState::Off).with(|node| {
                node.power_state = None;
                node.automated_clean = None;
            });
            seen.ports.clear();
            seen.connectors.clear();
            return Outcome::NodeCreated(seen.node.insert(made).uuid);
        }
        if let Effect::DeleteNode { .. } = effect {
            if !may_be_deleted(seen.node.as_ref().unwrap()) {
                return refused("can't be deleted in this state");
            }
            seen.node = None;
            return Outcome::Done;
        }
        let node = seen.node.as_mut().unwrap();
        match effect {
            Effect::UpdateNode { patch, .. } => apply(patch, node),
            Effect::SetMaintenance { .. } => node.maintenance = true,
            Effect::UnsetMaintenance { .. } => {
                node.maintenance = false;
                node.fault = None;
            }
            Effect::SetProvisionState { verb, .. } => return start(node, *verb),
            Effect::SetPower { target, .. } => return self.switch(node, *target),
            Effect::CreatePort {
                address,
                pxe_enabled,
                ..
            } => seen
                .ports
                .push(port(*pxe_enabled).with(|port| port.address.clone_from(address))),
            Effect::EnablePxe { .. } => {
                for port in &mut seen.ports {
                    port.pxe_enabled = Some(true);
                }
            }
            Effect::CreateConnector { connector_id, .. } => {
                seen.connectors.push(connector(connector_id));
            }
            Effect::DeleteConnector { .. } => seen.connectors.clear(),
            Effect::CreateTarget {
                volume,
                boot_index,
                credentials,
                ..
            } => {
                let word = credentials.as_ref().map_or("", word);
                let made = target_at(*boot_index, &volume.deployment_id, word);
                seen.targets.push(made);
            }
            Effect::DeleteTarget { .. } => seen.targets.clear(),
            Effect::AttachConfigDrive { .. } => seen.virtual_media = disc(true),
            Effect::DetachConfigDrive { .. } => seen.virtual_media = disc(false),
            Effect::Validate { .. } => {
                let is_ready = seen
                    .targets
                    .iter()
                    .any(|target| target.extra.contains_key(DEPLOYMENT_KEY));
                if !is_ready || seen.connectors.is_empty() {
                    return refused("no iSCSI boot support");
                }
            }
            Effect::SetDriverInfo { .. }
            | Effect::CreateNode { .. }
            | Effect::DeleteNode { .. }
            | Effect::TakeLeases { .. }
            | Effect::GiveBackLeases { .. } => {}
        }
        Outcome::Done
    }

    fn switch(&mut self, node: &mut Node, target: PowerTarget) -> Outcome {
        if node.target_provision_state.is_some() {
            return refused("no power change in this state");
        }
        self.asked = Some(target);
        node.target_power_state = Some(match target {
            PowerTarget::Off | PowerTarget::SoftOff => PowerState::Off,
            PowerTarget::On | PowerTarget::Reboot | PowerTarget::SoftReboot => PowerState::On,
        });
        Outcome::Done
    }

    /// What Ironic does by itself between two passes.
    fn turn(&mut self, node: &mut Node) {
        self.turn_power(node);
        let cleans = node.automated_clean != Some(false);
        let next = match node.provision_state.clone().unwrap_or(N::Enroll) {
            N::Verifying if self.reaches_bmc => {
                node.power_state = Some(self.machine.clone());
                N::Manageable
            }
            N::Verifying => fail(node, N::Enroll, "HTTP response code: 401"),
            N::Cleaning if self.cleans => N::CleanWait,
            N::CleanWait if self.cleans => match node.target_provision_state.take() {
                Some(N::Manageable) => N::Manageable,
                _ => N::Available,
            },
            N::Cleaning | N::CleanWait => {
                node.maintenance = true;
                node.fault = Some("clean failure".into());
                fail(node, N::CleanFailed, "cleaning timed out")
            }
            N::Deleting if !self.undeploys => fail(node, N::Error, "tear down failed"),
            N::Deleting | N::Deleted => {
                node.instance_uuid = None;
                if cleans { N::Cleaning } else { N::Available }
            }
            N::Deploying | N::DeployWait | N::DeployComplete | N::Rebuild => {
                self.machine = PowerState::On;
                node.power_state = Some(PowerState::On);
                N::Active
            }
            N::Adopting if self.adopts => N::Active,
            N::Adopting => fail(node, N::AdoptFailed, "validation failed"),
            N::Inspecting => N::InspectWait,
            N::InspectWait => N::Manageable,
            N::Servicing | N::ServiceWait | N::Unrescuing => N::Active,
            N::Rescuing | N::RescueWait => N::Rescue,
            state => state,
        };
        if !next.is_transient() && next != N::InspectFailed {
            node.target_provision_state = None;
        }
        node.provision_state = Some(next);
    }

    fn turn_power(&mut self, node: &mut Node) {
        let Some(target) = node.target_power_state.take() else {
            return;
        };
        if !self.reaches_bmc {
            let asked = self.asked.map_or("nobody", PowerTarget::as_str);
            node.last_error = Some(format!(
                "Failed to change power state to '{target}' by '{asked}': no answer"
            ));
            return;
        }
        self.machine = target;
        node.power_state = Some(self.machine.clone());
        node.last_error = None;
    }
}

/// What Kubernetes makes of it.
fn take_leases(observation: &mut Observation, effect: &Effect) {
    let host = observation.host.clone();
    let LeaseFacts::Known(leases) = &mut observation.leases else {
        return;
    };
    match effect {
        Effect::TakeLeases { claims, .. } => {
            for claim in claims {
                leases.retain(|lease| lease.name != claim.name);
                leases.extend(
                    held(&host)
                        .into_iter()
                        .filter(|lease| lease.name == claim.name),
                );
            }
        }
        Effect::GiveBackLeases { leases: given } => {
            leases.retain(|lease| given.iter().all(|given| given.name != lease.name));
        }
        _ => {}
    }
}

fn refused(message: &str) -> Outcome {
    Outcome::Refused {
        message: message.into(),
    }
}

fn fail(node: &mut Node, state: N, error: &str) -> N {
    node.last_error = Some(error.into());
    state
}

/// Ironic's state machine (`ironic/common/states.py`), as far as a plan uses it.
fn start(node: &mut Node, verb: V) -> Outcome {
    let state = node.provision_state.clone().unwrap_or(N::Enroll);
    let (next, target) = match (verb, state) {
        (V::Manage, N::Enroll) => (N::Verifying, Some(N::Manageable)),
        (V::Manage, N::Available | N::CleanFailed | N::InspectFailed | N::AdoptFailed) => {
            (N::Manageable, None)
        }
        (V::Provide, N::Manageable) | (V::Active, N::Available) if node.maintenance => {
            return refused("in maintenance");
        }
        (V::Provide, N::Manageable) if node.automated_clean == Some(false) => (N::Available, None),
        (V::Provide, N::Manageable) => (N::Cleaning, Some(N::Available)),
        (V::Active, N::Available) => (N::Deploying, Some(N::Active)),
        (
            V::Deleted,
            N::Active
            | N::DeployFailed
            | N::DeployWait
            | N::Error
            | N::Rescue
            | N::RescueFailed
            | N::UnrescueFailed
            | N::ServiceFailed,
        ) => (N::Deleting, Some(N::Available)),
        (V::Adopt, N::Manageable | N::AdoptFailed) => (N::Adopting, Some(N::Active)),
        (V::Abort, N::CleanWait | N::CleanHold) => {
            node.maintenance = true;
            (N::CleanFailed, None)
        }
        (V::Abort, N::InspectWait) => (N::InspectFailed, Some(N::Manageable)),
        (V::Abort, N::ServiceWait | N::ServiceHold) => (N::ServiceFailed, None),
        (V::Abort, N::DeployHold) => (N::DeployFailed, None),
        (verb, state) => return refused(&format!("no {verb} in state {state}")),
    };
    node.last_error = None;
    node.provision_state = Some(next);
    node.target_provision_state = target;
    Outcome::Done
}

fn may_be_deleted(node: &Node) -> bool {
    let state = node.provision_state.clone().unwrap_or(N::Enroll);
    match state {
        N::Available | N::Manageable | N::Enroll => {
            node.maintenance || node.instance_uuid.is_none()
        }
        N::CleanHold | N::DeployHold | N::ServiceHold => node.maintenance,
        state => node.maintenance && !state.is_transient(),
    }
}

/// Only what a plan looks at: paths of one or two keys.
fn apply(patch: &Patch, node: &mut Node) {
    let mut json = serde_json::to_value(&*node).unwrap();
    for operation in serde_json::to_value(patch).unwrap().as_array().unwrap() {
        let pointer = operation["path"].as_str().unwrap();
        let (parent, key) = pointer.rsplit_once('/').unwrap();
        let parent = match parent.strip_prefix('/') {
            None => &mut json,
            Some(parent) => {
                if json[parent].is_null() {
                    json[parent] = json!({});
                }
                &mut json[parent]
            }
        };
        let parent = parent.as_object_mut().unwrap();
        match operation.get("value") {
            Some(value) => parent.insert(key.to_owned(), value.clone()),
            None if key == "storage_interface" => {
                parent.insert(key.to_owned(), Value::from("noop"))
            }
            None => parent.remove(key),
        };
    }
    *node = from(json);
}

/// What stands for the credentials themselves in a fingerprint.
fn word(secret: &ChapRef) -> &str {
    let fingerprint = secret.fingerprint.as_str();
    fingerprint.split_once('.').map_or("", |(_, word)| word)
}
