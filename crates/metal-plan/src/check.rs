//! A checker of plans: the promises that no plan may break, whatever was observed.

use std::fmt;

use ironic_types::{PowerState, PowerTarget, ProvisionState, ProvisionVerb};
use metal_api::annotations::{self, RebootMode};
use metal_api::v1alpha1::{BareMetalHost, DeployedVolume, ErrorType, ProvisioningState};

use crate::boot_volume::{same_identity, wanted_targets};
use crate::claim;
use crate::effect::{ChapRef, Effect};
use crate::host::{deployment, detached, is_deleted, is_ours, shutdown_asked_at};
use crate::leases;
use crate::observation::Observation;
use crate::plan::{Plan, Step, Transition};
use crate::redeploy;

mod config_drive;
mod targets;

/// A promise that a plan breaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Violation {
    /// A deployment, or a part of one, without its recorded intent.
    DeploysWithoutIntent,
    /// A target for another volume or deployment than the recorded one.
    TargetIsNotTheIntent,
    /// An undeployment that was not recorded as an intent.
    UndeploysWithoutIntent,
    /// A power off, or a reset, though neither was the operating system asked before nor is there another right to it.
    CutsPowerUnasked,
    /// The deletion of a node that is deployed: its machine may run.
    DeletesDeployedNode,
    /// An undeployment or deployment of a machine that was not switched off before.
    CutsPowerOfRunningMachine,
    /// The deletion of a node whose host is neither being deleted nor detached.
    DeletesNodeOfLivingHost,
    /// An adoption of what isn't on record as deployed.
    AdoptsWithoutRecord,
    /// An adoption before Ironic has the volume and finds that it would deploy from it.
    AdoptsWithoutVolume,
    /// A power off of a machine that must stay on.
    SwitchesOffWhatMustStayOn,
    /// A deployment of a volume that is held as its last consumer left it.
    DeploysHeldVolume,
    /// A deployment of a host that waits for a consumer, and that nobody has claimed.
    DeploysUnclaimed,
    /// A second target with a boot index that another one has.
    TwoTargetsWithOneBootIndex,
    /// A deployment or an adoption without all targets of the one on record.
    DeploysWithoutAllTargets,
    /// The removal of a connector or target of a machine that runs from its volume.
    TakesVolumeFromRunningMachine,
    /// A machine is let run from a volume, or readied for that, without holding the volume's Leases.
    RunsWithoutLeases,
    /// A Lease of another machine is taken over that is not fenced.
    TakesLeaseOfAnother,
    /// A Lease is given back though the machine may run from the volume.
    GivesBackLeaseOfRunningMachine,
    /// A target with other credentials than the recorded ones.
    TargetHasOtherCredentials,
    /// Another deployment of a deployed host that nobody asks for, or from another volume.
    RedeploysUnasked,
    /// A config drive is inserted that is not the intent's, or without a deployment that is about to begin.
    InsertsWithoutIntent,
    /// A config drive is ejected from a machine that may run.
    EjectsFromRunningMachine,
    /// A deployment without the intent's config drive in the machine.
    DeploysWithoutConfigDrive,
    /// A deployment without a config drive while that of another one may be in the machine.
    DeploysWithOldConfigDrive,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::DeploysWithoutIntent => "deploys without a recorded intent",
            Self::TargetIsNotTheIntent => "makes a target that is not the intent's",
            Self::UndeploysWithoutIntent => "undeploys without a recorded intent",
            Self::CutsPowerUnasked => "cuts the power unasked",
            Self::DeletesDeployedNode => "deletes a node that is deployed",
            Self::CutsPowerOfRunningMachine => "cuts the power of a machine that may run",
            Self::DeletesNodeOfLivingHost => "deletes the node of a host that stays",
            Self::AdoptsWithoutRecord => "adopts what is not on record as deployed",
            Self::AdoptsWithoutVolume => "adopts before Ironic has the volume",
            Self::SwitchesOffWhatMustStayOn => "switches off a machine that must stay on",
            Self::DeploysHeldVolume => "deploys a volume that is held",
            Self::DeploysUnclaimed => "deploys a host that nobody has claimed",
            Self::TwoTargetsWithOneBootIndex => "makes two targets with one boot index",
            Self::DeploysWithoutAllTargets => "deploys without all targets of the intent",
            Self::TakesVolumeFromRunningMachine => "takes the volume from a machine that may run",
            Self::RunsWithoutLeases => "lets a machine run without the volume's Leases",
            Self::TakesLeaseOfAnother => "takes the Lease of another machine",
            Self::GivesBackLeaseOfRunningMachine => "gives back a Lease while the machine may run",
            Self::TargetHasOtherCredentials => {
                "makes a target with other than the recorded credentials"
            }
            Self::InsertsWithoutIntent => "inserts a config drive that is not the intent's",
            Self::EjectsFromRunningMachine => "ejects the config drive of a machine that may run",
            Self::DeploysWithoutConfigDrive => "deploys without the intent's config drive",
            Self::DeploysWithOldConfigDrive => "deploys with a config drive of before",
            Self::RedeploysUnasked => "deploys a deployed host anew, and nobody asks for it",
        })
    }
}

/// The promises that this plan breaks for this observation: none, if the planner is right.
pub fn check(observation: &Observation, plan: &Plan) -> Vec<Violation> {
    let effects = match &plan.step {
        Step::Act(effects) => effects,
        Step::Enter(Transition::Provision(next)) => {
            let violations = [
                consumer_violation(&observation.host),
                redeployment(&observation.host, next),
            ];
            return violations.into_iter().flatten().collect();
        }
        Step::Enter(_) | Step::Ignore | Step::Wait(_) | Step::Rest => return Vec::new(),
    };
    let mut violations: Vec<_> = effects
        .iter()
        .filter_map(|effect| violation(observation, effect))
        .collect();
    violations.extend(adoption(observation, effects));
    if effects.iter().any(is_deployment) {
        violations.extend(consumer_violation(&observation.host));
    }
    violations.extend(targets::violations(observation, effects));
    violations.extend(config_drive::violations(observation, effects));
    violations.extend(
        effects
            .iter()
            .filter_map(|effect| of_leases(observation, effect)),
    );
    violations
}

fn is_deployment(effect: &Effect) -> bool {
    matches!(
        effect,
        Effect::SetProvisionState {
            verb: ProvisionVerb::Active,
            ..
        }
    )
}

/// What a consumer left is deployed for nobody, and nothing for a consumer that isn't there.
fn consumer_violation(host: &BareMetalHost) -> Option<Violation> {
    if claim::held(host).is_some() {
        Some(Violation::DeploysHeldVolume)
    } else {
        claim::is_awaited(host).then_some(Violation::DeploysUnclaimed)
    }
}

fn violation(observation: &Observation, effect: &Effect) -> Option<Violation> {
    let state = observation.host.state();
    let intent = deployment(&observation.host);
    let deploys = state == ProvisioningState::Provisioning && intent.is_some();
    let readies = deploys || readies_adoption(observation) || puts_right(observation);
    let is_detached = detached(&observation.host).is_some();
    match effect {
        Effect::CreateTarget {
            volume,
            boot_index,
            credentials,
            ..
        } if readies => not_of_intent(intent, volume, *boot_index).or_else(|| {
            // What the target of a running machine had can't be read back: it is made again with the Secret as it is now.
            let is_recorded = puts_right(observation) || are_recorded(volume, credentials.as_ref());
            (!is_recorded).then_some(Violation::TargetHasOtherCredentials)
        }),
        Effect::CreateTarget { .. } | Effect::CreateConnector { .. } if !readies => {
            Some(Violation::DeploysWithoutIntent)
        }
        Effect::SetProvisionState {
            verb: ProvisionVerb::Active,
            ..
        } if !deploys => Some(Violation::DeploysWithoutIntent),
        Effect::SetProvisionState {
            verb: ProvisionVerb::Deleted,
            ..
        } if state != ProvisioningState::Deprovisioning && !deploys && !is_detached => {
            Some(Violation::UndeploysWithoutIntent)
        }
        Effect::SetProvisionState {
            verb: ProvisionVerb::Active | ProvisionVerb::Deleted,
            ..
        } => (intent.is_some() && !is_detached && runs(observation))
            .then_some(Violation::CutsPowerOfRunningMachine),
        Effect::DeleteConnector { .. } | Effect::DeleteTarget { .. } => {
            let is_deployed = is_active(observation) && intent.is_some();
            (is_deployed && runs(observation)).then_some(Violation::TakesVolumeFromRunningMachine)
        }
        Effect::SetPower { target, .. } => power_violation(&observation.host, *target),
        Effect::DeleteNode { .. } if is_detached => None,
        Effect::DeleteNode { .. } if !is_deleted(&observation.host) => {
            Some(Violation::DeletesNodeOfLivingHost)
        }
        Effect::DeleteNode { .. } => (is_ours(&observation.host) && is_active(observation))
            .then_some(Violation::DeletesDeployedNode),
        Effect::CreateNode { .. }
        | Effect::SetDriverInfo { .. }
        | Effect::UpdateNode { .. }
        | Effect::SetMaintenance { .. }
        | Effect::UnsetMaintenance { .. }
        | Effect::SetProvisionState { .. }
        | Effect::CreatePort { .. }
        | Effect::EnablePxe { .. }
        | Effect::CreateConnector { .. }
        | Effect::CreateTarget { .. }
        | Effect::Validate { .. }
        | Effect::AttachConfigDrive { .. }
        | Effect::DetachConfigDrive { .. }
        | Effect::TakeLeases { .. }
        | Effect::GiveBackLeases { .. } => None,
    }
}

fn of_leases(observation: &Observation, effect: &Effect) -> Option<Violation> {
    match effect {
        Effect::TakeLeases { claims, .. } => claims
            .iter()
            .any(|claim| !leases::may_be_taken(observation, claim))
            .then_some(Violation::TakesLeaseOfAnother),
        Effect::GiveBackLeases { .. } => {
            let is_available = observation
                .node()
                .is_some_and(|node| node.provision_state == Some(ProvisionState::Available));
            (!is_available || runs(observation))
                .then_some(Violation::GivesBackLeaseOfRunningMachine)
        }
        effect => {
            let is_from_volume = deployment(&observation.host).is_some();
            (effect.needs_leases() && is_from_volume && !leases::holds_all(observation))
                .then_some(Violation::RunsWithoutLeases)
        }
    }
}

fn not_of_intent(
    intent: Option<&DeployedVolume>,
    volume: &DeployedVolume,
    boot_index: i64,
) -> Option<Violation> {
    let has_it = wanted_targets(volume).any(|target| target.boot_index == boot_index);
    (intent != Some(volume) || !has_it).then_some(Violation::TargetIsNotTheIntent)
}

fn are_recorded(volume: &DeployedVolume, credentials: Option<&ChapRef>) -> bool {
    credentials.is_none_or(|credentials| {
        volume.credentials.iter().any(|used| {
            used.name == credentials.name && used.fingerprint == credentials.fingerprint.as_str()
        })
    })
}

fn redeployment(host: &BareMetalHost, next: &DeployedVolume) -> Option<Violation> {
    let deployed = deployment(host).filter(|_| host.state() == ProvisioningState::Provisioned)?;
    let is_asked_for = redeploy::token(host).is_some() && host.spec.online;
    (!is_asked_for || !same_identity(next, deployed)).then_some(Violation::RedeploysUnasked)
}

/// The volume of a deployment on record may be told to a node that was made anew.
fn readies_adoption(observation: &Observation) -> bool {
    let is_deployed = matches!(
        observation.host.state(),
        ProvisioningState::Provisioned | ProvisioningState::Deprovisioning
    );
    let is_new = observation.node().is_some_and(|node| {
        matches!(
            node.provision_state,
            Some(ProvisionState::Manageable | ProvisionState::AdoptFailed)
        )
    });
    is_deployed && is_new && deployment(&observation.host).is_some()
}

/// What somebody else took from a deployed node is given back to it.
fn puts_right(observation: &Observation) -> bool {
    let state = observation.host.state();
    let is_deployed = state == ProvisioningState::Provisioned && is_active(observation);
    is_deployed && deployment(&observation.host).is_some()
}

fn adoption(observation: &Observation, effects: &[Effect]) -> Option<Violation> {
    let adopts = effects.iter().position(|effect| {
        matches!(
            effect,
            Effect::SetProvisionState {
                verb: ProvisionVerb::Adopt,
                ..
            }
        )
    })?;
    let is_validated = matches!(effects[..adopts].last(), Some(Effect::Validate { .. }));
    match observation.host.state() {
        ProvisioningState::Provisioned | ProvisioningState::Deprovisioning
            if deployment(&observation.host).is_some() =>
        {
            (!is_validated).then_some(Violation::AdoptsWithoutVolume)
        }
        ProvisioningState::Provisioned | ProvisioningState::ExternallyProvisioned => None,
        ProvisioningState::None
        | ProvisioningState::Unmanaged
        | ProvisioningState::Registering
        | ProvisioningState::Inspecting
        | ProvisioningState::MatchProfile
        | ProvisioningState::Preparing
        | ProvisioningState::Ready
        | ProvisioningState::Available
        | ProvisioningState::Provisioning
        | ProvisioningState::Deprovisioning
        | ProvisioningState::PoweringOffBeforeDelete
        | ProvisioningState::Deleting => Some(Violation::AdoptsWithoutRecord),
    }
}

fn power_violation(host: &BareMetalHost, target: PowerTarget) -> Option<Violation> {
    let switches_off = match target {
        PowerTarget::Off | PowerTarget::SoftOff => true,
        PowerTarget::On | PowerTarget::Reboot | PowerTarget::SoftReboot => false,
    };
    let cuts = match target {
        PowerTarget::Off | PowerTarget::Reboot => true,
        PowerTarget::On | PowerTarget::SoftOff | PowerTarget::SoftReboot => false,
    };
    if switches_off && host.spec.disable_power_off == Some(true) {
        Some(Violation::SwitchesOffWhatMustStayOn)
    } else {
        (cuts && !may_lose_power(host)).then_some(Violation::CutsPowerUnasked)
    }
}

/// Who may cut the power of a machine that was not asked to shut down: the user who says so, and, where no volume of ours
/// can lose data, whoever failed to do it more gently or deletes the host. Metal3's baremetal-operator asks no more than
/// that in these cases.
fn may_lose_power(host: &BareMetalHost) -> bool {
    let status = host.status.as_ref();
    let failed = status.is_some_and(|status| {
        status.error_count > 0 && status.error_type == Some(ErrorType::PowerManagement)
    });
    let is_going = is_deleted(host) && host.state() == ProvisioningState::PoweringOffBeforeDelete;
    let is_deployed = matches!(
        host.state(),
        ProvisioningState::Provisioned | ProvisioningState::ExternallyProvisioned
    );
    let user_asks = host.metadata.annotations.as_ref().is_some_and(|all| {
        annotations::reboots(all)
            .any(|reboot| reboot.mode == RebootMode::Hard && (reboot.force || is_deployed))
    });
    shutdown_asked_at(host).is_some() || user_asks || !is_ours(host) && (failed || is_going)
}

fn runs(observation: &Observation) -> bool {
    observation.node().is_none_or(|node| {
        node.power_state != Some(PowerState::Off) || node.target_power_state.is_some()
    })
}

fn is_active(observation: &Observation) -> bool {
    observation
        .node()
        .is_some_and(|node| node.provision_state == Some(ProvisionState::Active))
}
