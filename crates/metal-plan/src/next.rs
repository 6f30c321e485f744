//! What becomes of the host's own record after a plan: its status, finalizers, annotations and events.

use ironic_types::{Node, PowerState};
use k8s_openapi::api::core::v1::SecretReference;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
use metal_api::names;
use metal_api::v1alpha1::{
    BareMetalHost, BareMetalHostStatus, BootVolumeStatus, CredentialsStatus, ErrorType,
    OperationalStatus, ProvisioningState,
};

use crate::boot_volume;
use crate::conditions;
use crate::config_drive;
use crate::detachment;
use crate::effect::{Effect, Outcome};
use crate::event::EventReason;
use crate::host::{has_finalizer, is_deleted};
use crate::observation::{IronicView, Observation};
use crate::plan::{Blocker, Plan, Step, Wait};
use crate::power::is_refusal_to_ask;
use crate::registration;
use crate::rivals::is_verified;

mod annotations;
mod consumers;
mod credentials;
mod drift;
mod errors;
mod power;
mod restore;
mod transitions;

use errors::{error_type, volume_error_type};

/// The host as it is to be published, and what to tell about the change.
#[derive(Debug, Clone, PartialEq)]
pub struct NextHost {
    /// The observed host with the next metadata and status; equal to it where nothing changes but time.
    pub host: BareMetalHost,
    /// Events, in order.
    pub events: Vec<Event>,
}

/// A Kubernetes event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// Normal or Warning.
    pub kind: EventKind,
    /// Metal3's reason where it has one.
    pub reason: EventReason,
    /// A sentence for people.
    pub note: String,
}

/// Whether an event tells of progress or of trouble.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EventKind {
    /// Progress.
    Normal,
    /// Trouble.
    Warning,
}

/// The host's next record: a function of what was observed, what was planned, and what came of it.
pub fn next_host(observation: &Observation, plan: &Plan, outcomes: &[Outcome]) -> NextHost {
    let mut next = Next {
        observation,
        host: observation.host.clone(),
        status: observation.host.status.clone().unwrap_or_default(),
        events: Vec::new(),
    };
    next.take_over_node();
    next.take_over_hardware();
    next.end_delay(&plan.step);
    next.keep_hold(&plan.step);
    match &plan.step {
        Step::Ignore => {
            return NextHost {
                host: next.host,
                events: next.events,
            };
        }
        Step::Enter(transition) => next.enter(transition),
        Step::Act(effects) => next.acted(effects, outcomes),
        Step::Wait(wait) => next.waits(wait),
        Step::Rest => next.rests(),
    }
    next.finish(plan, outcomes)
}

struct Next<'a> {
    observation: &'a Observation,
    host: BareMetalHost,
    status: BareMetalHostStatus,
    events: Vec<Event>,
}

impl Next<'_> {
    /// What the status shows of the node.
    fn take_over_node(&mut self) {
        let IronicView::Seen(seen) = &self.observation.ironic else {
            return;
        };
        let Some(node) = &seen.node else { return };
        self.status.provisioning.id = node.uuid.to_string();
        match node.power_state {
            Some(PowerState::On) => self.status.powered_on = true,
            Some(PowerState::Off) => {
                self.status.powered_on = false;
                self.record_shutdown(None);
            }
            Some(_) | None => {}
        }
        self.confirm_access(node);
    }

    /// There is room again: what was shown before is shown again.
    fn end_delay(&mut self, step: &Step) {
        let is_over = !matches!(step, Step::Ignore | Step::Wait(Wait::Delayed { .. }));
        if is_over && self.status.operational_status == OperationalStatus::Delayed {
            self.show_whether_it_has_an_error();
        }
    }

    pub(super) fn show_whether_it_has_an_error(&mut self) {
        self.status.operational_status = match self.status.error_type {
            Some(_) => OperationalStatus::Error,
            None => OperationalStatus::Ok,
        };
    }

    /// Beyond `registering`, credentials are good once Ironic was told them and the node isn't about to be verified.
    fn confirm_access(&mut self, node: &Node) {
        use ProvisioningState as S;
        let is_registered = !matches!(
            self.status.provisioning.state,
            S::None | S::Unmanaged | S::Registering | S::Deleting
        );
        let are_told = registration::credentials_are_told(self.observation);
        if is_registered && is_verified(node) && are_told {
            self.registered();
        }
    }

    fn acted(&mut self, effects: &[Effect], outcomes: &[Outcome]) {
        for (effect, outcome) in effects.iter().zip(outcomes) {
            match outcome {
                Outcome::Done => self.did(effect),
                Outcome::NodeCreated(node) => {
                    self.status.provisioning.id = node.to_string();
                    self.history().register = Some(self.started());
                    self.did(effect);
                }
                Outcome::Refused { message } => self.refused(effect, message),
                Outcome::Unavailable { message } => self.no_answer(message),
                Outcome::LeasesUnavailable { message } => self.no_leases(message),
                Outcome::Locked { .. }
                | Outcome::Overtaken { .. }
                | Outcome::CredentialsChanged
                | Outcome::LeasesChanged => {}
            }
        }
        let all_done = outcomes.len() == effects.len() && outcomes.iter().all(Outcome::is_done);
        if all_done && !self.shows_deployment_error() {
            self.hide_error();
        }
    }

    fn did(&mut self, effect: &Effect) {
        match effect {
            Effect::CreateNode { credentials, .. } | Effect::SetDriverInfo { credentials, .. } => {
                self.status.tried_credentials = Some(CredentialsStatus {
                    credentials: Some(SecretReference {
                        name: Some(credentials.name.clone()),
                        namespace: self.host.metadata.namespace.clone(),
                    }),
                    credentials_version: Some(credentials.version.clone()),
                });
            }
            Effect::SetPower { target, .. } => self.changes_power(*target),
            Effect::UpdateNode {
                skips_cleaning: true,
                ..
            } => {
                self.normal(
                    EventReason::CleaningSkipped,
                    "the host has no local disk that Ironic could clean",
                );
            }
            Effect::UpdateNode { .. }
            | Effect::SetMaintenance { .. }
            | Effect::UnsetMaintenance { .. }
            | Effect::SetProvisionState { .. }
            | Effect::CreatePort { .. }
            | Effect::EnablePxe { .. }
            | Effect::CreateConnector { .. }
            | Effect::DeleteConnector { .. }
            | Effect::CreateTarget { .. }
            | Effect::DeleteTarget { .. }
            | Effect::Validate { .. }
            | Effect::DeleteNode { .. }
            | Effect::AttachConfigDrive { .. }
            | Effect::DetachConfigDrive { .. }
            | Effect::TakeLeases { .. }
            | Effect::GiveBackLeases { .. } => {}
        }
    }

    fn refused(&mut self, effect: &Effect, message: &str) {
        match effect {
            Effect::SetPower { target, .. } if is_refusal_to_ask(*target, message) => {
                self.cannot_be_asked(message);
            }
            effect => {
                let error_type = if detachment::takes_out(&self.host).is_some() {
                    ErrorType::Detach
                } else {
                    error_type(self.status.provisioning.state, effect)
                };
                let message = config_drive::refused_in_words(effect, message);
                self.count_failure(error_type, message);
            }
        }
    }

    fn waits(&mut self, wait: &Wait) {
        match wait {
            Wait::NodeBusy { .. }
            | Wait::PowerChanging { .. }
            | Wait::VirtualMedia
            | Wait::BackOff { .. }
            | Wait::Offline => {
                if self.status.error_count == 0 && !self.shows_deployment_error() {
                    self.hide_error();
                }
            }
            Wait::Detached => {}
            Wait::Delayed { .. } => self.status.operational_status = OperationalStatus::Delayed,
            Wait::IronicUnavailable { message } => self.no_answer(message),
            Wait::Blocked(blocker) => self.blocked(blocker),
            // The power is as it can be, or nothing is to be deployed.
            Wait::KeptOff { .. }
            | Wait::KeptOn { .. }
            | Wait::RebootNotForced { .. }
            | Wait::Unclaimed
            | Wait::Held { .. }
            | Wait::Drifted { .. } => self.rests(),
        }
    }

    fn blocked(&mut self, blocker: &Blocker) {
        let (error_type, reason, message) = match blocker {
            Blocker::Node {
                error_type,
                message,
            } => (*error_type, EventReason::Error(*error_type), message),
            Blocker::BmcAccess { message } => (
                ErrorType::Registration,
                EventReason::BmcCredentialError,
                message,
            ),
            Blocker::BootVolume { reason, message } => (
                volume_error_type(*reason),
                EventReason::BootVolume(*reason),
                message,
            ),
            Blocker::UserData { reason, message } => (
                ErrorType::Provisioning,
                EventReason::UserData(*reason),
                message,
            ),
            Blocker::PowerUnknown { message } => (
                ErrorType::PowerManagement,
                EventReason::Error(ErrorType::PowerManagement),
                message,
            ),
            Blocker::NotImplemented { message, .. } => (
                ErrorType::Provisioning,
                EventReason::NotImplemented,
                message,
            ),
            Blocker::TooManyFailures { message } => (
                ErrorType::Provisioning,
                EventReason::Error(ErrorType::Provisioning),
                message,
            ),
        };
        // The spec or a Secret must be changed: once it is, nothing holds the next attempt back.
        // And what is shown now has not failed as often as something else before it.
        let counts_another = self
            .status
            .error_type
            .is_some_and(|shown| shown != error_type);
        if counts_another
            || matches!(
                blocker,
                Blocker::BootVolume { .. }
                    | Blocker::UserData { .. }
                    | Blocker::NotImplemented { .. }
            )
        {
            self.status.error_count = 0;
        }
        let shown = std::mem::take(&mut self.status.error_message);
        self.show_error(Some(error_type), message);
        if self.status.error_message != shown {
            self.warn(reason, message.clone());
        }
    }

    fn rests(&mut self) {
        // A question of another time: the machine is to run again.
        self.record_shutdown(None);
        self.clear_error();
        self.forget_failures();
    }

    fn finish(mut self, plan: &Plan, outcomes: &[Outcome]) -> NextHost {
        self.keep_finalizer();
        self.keep_annotation();
        self.show_initiator();
        self.keep_label();
        self.keep_consumers_away(&plan.step);
        self.tell_of_drift(plan, outcomes);
        self.set_conditions(plan, outcomes);
        self.tell_outdated();
        // Time alone is no reason to write.
        if self.host.status.as_ref() != Some(&self.status) {
            self.status.last_updated = Some(self.now());
            // Whatever counts from that time, as a back-off does, is told with it.
            self.set_conditions(plan, outcomes);
            self.host.status = Some(self.status);
        }
        NextHost {
            host: self.host,
            events: self.events,
        }
    }

    fn set_conditions(&mut self, plan: &Plan, outcomes: &[Outcome]) {
        conditions::set(
            &mut self.status,
            &self.host,
            self.observation,
            plan,
            outcomes,
        );
    }

    /// A host that is managed is not gone before its node is, wherever its status came from.
    fn keep_finalizer(&mut self) {
        use ProvisioningState as S;
        let is_managed = !matches!(self.status.provisioning.state, S::None | S::Unmanaged);
        if is_managed && !is_deleted(&self.host) && !has_finalizer(&self.host) {
            let finalizers = self.host.metadata.finalizers.get_or_insert_default();
            finalizers.push(names::FINALIZER.to_owned());
        }
    }

    /// The storage administrator needs the initiator for the access list, before the first boot.
    fn show_initiator(&mut self) {
        let initiator = boot_volume::effective(&self.host.spec)
            .and_then(|volume| boot_volume::initiator(&self.host, volume).ok())
            .map(|iqn| iqn.to_string());
        let shown = self.status.boot_volume.take().unwrap_or_default();
        if initiator.is_some()
            || shown.failed_generation.is_some()
            || shown.shutdown_asked_at.is_some()
            || shown.power_cut_at.is_some()
        {
            self.status.boot_volume = Some(BootVolumeStatus {
                connector_id: initiator,
                ..shown
            });
        }
    }

    fn now(&self) -> Time {
        Time(self.observation.now)
    }

    fn normal(&mut self, reason: EventReason, note: impl Into<String>) {
        self.event(EventKind::Normal, reason, note.into());
    }

    fn warn(&mut self, reason: EventReason, note: impl Into<String>) {
        self.event(EventKind::Warning, reason, note.into());
    }

    fn event(&mut self, kind: EventKind, reason: EventReason, note: String) {
        self.events.push(Event { kind, reason, note });
    }
}
