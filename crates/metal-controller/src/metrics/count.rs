//! What a pass is counted as, once its end was published.

use ironic_types::PowerTarget;
use metal_api::annotations;
use metal_api::v1alpha1::{
    BareMetalHost, BareMetalHostStatus, OperationHistory, OperationMetric, OperationalStatus,
    ProvisioningState,
};
use metal_plan::{
    Attempt, Bmc, ConfigDriveFacts, Effect, EventReason, Observation, Outcome, Plan, SecretFacts,
    Step, Transition, Wait,
};
use prometheus::HistogramVec;

use super::{HostLabels, Metrics, PassResult};

/// A pass that was published.
pub(crate) struct Pass<'a> {
    /// What was observed, the host before the pass included.
    pub(crate) observation: &'a Observation,
    /// What was planned.
    pub(crate) plan: &'a Plan,
    /// What came of the effects.
    pub(crate) outcomes: &'a [Outcome],
    /// The host after the pass.
    pub(crate) next: &'a BareMetalHost,
}

impl Pass<'_> {
    /// For the label `result`.
    pub(crate) fn result(&self) -> PassResult {
        match &self.plan.step {
            Step::Ignore => PassResult::Ignored,
            Step::Enter(_) => PassResult::Entered,
            Step::Act(_) => PassResult::Acted,
            Step::Wait(_) => PassResult::Waited,
            Step::Rest => PassResult::Rested,
        }
    }

    fn before(&self) -> &BareMetalHost {
        &self.observation.host
    }

    fn labels(&self) -> HostLabels<'_> {
        let metadata = &self.before().metadata;
        HostLabels {
            namespace: metadata.namespace.as_deref().unwrap_or_default(),
            host: metadata.name.as_deref().unwrap_or_default(),
        }
    }
}

impl Metrics {
    /// Counts what happened in a pass.
    pub(crate) fn count(&self, pass: &Pass<'_>) {
        let unset = BareMetalHostStatus::default();
        let before = pass.before().status.as_ref().unwrap_or(&unset);
        let next = pass.next.status.as_ref().unwrap_or(&unset);
        match &pass.plan.step {
            Step::Ignore => return,
            Step::Enter(transition) => self.count_transition(pass, transition),
            Step::Act(effects) => self.count_effects(pass, effects),
            Step::Wait(wait) => self.count_wait(wait),
            Step::Rest => {}
        }
        self.count_credentials(pass);
        self.count_config_data(pass);
        if before.tried_credentials != next.tried_credentials {
            self.0.families.credentials_updated.inc();
        }
        self.count_states(pass, before, next);
        self.count_errors(before, next);
        self.count_operations(pass, before, next);
    }

    fn count_transition(&self, pass: &Pass<'_>, transition: &Transition) {
        let families = &self.0.families;
        match transition {
            Transition::Register => {
                if was_registered(pass.before().state()) {
                    families.registration_required.inc();
                }
            }
            Transition::SkipDeprovisioning => families.delete_without_deprovisioning.inc(),
            // That is what a detachment is for.
            Transition::SkipPowerOff if is_detached(pass.before()) => {}
            Transition::SkipPowerOff => {
                if is_deployed(pass.before().state()) {
                    families.delete_without_deprovisioning.inc();
                }
                families.delete_without_powering_off.inc();
            }
            Transition::RecordFailure(attempt) => {
                if is_registration(attempt) {
                    families.no_management_access.inc();
                }
            }
            Transition::Discover
            | Transition::Inspect
            | Transition::Prepare
            | Transition::BecomeAvailable
            | Transition::Provision(_)
            | Transition::Complete
            | Transition::Deprovision
            | Transition::PowerOffBeforeDelete
            | Transition::Delete
            | Transition::TakeOver
            | Transition::LetGo
            | Transition::Detach
            | Transition::Attach
            | Transition::Restore(_)
            | Transition::TakeHardware(_)
            | Transition::DropAnnotation { .. }
            | Transition::EndReboot
            | Transition::Hold(_)
            | Transition::EndHold
            | Transition::SkipRedeploy
            | Transition::RenewCredentials(_)
            | Transition::Forget => {}
        }
    }

    fn count_effects(&self, pass: &Pass<'_>, effects: &[Effect]) {
        for (effect, outcome) in effects.iter().zip(pass.outcomes) {
            match (effect, outcome) {
                (Effect::SetPower { target, .. }, Outcome::Done) => {
                    let HostLabels { namespace, host } = pass.labels();
                    self.0
                        .families
                        .power_change
                        .with_label_values(&[namespace, host, on_off(*target)])
                        .inc();
                }
                (Effect::CreateNode { .. }, Outcome::NodeCreated(_))
                    if was_registered(pass.before().state()) =>
                {
                    self.0.families.registration_required.inc();
                }
                _ => {}
            }
        }
    }

    fn count_wait(&self, wait: &Wait) {
        match wait {
            Wait::IronicUnavailable { .. } => self.0.families.provisioner_not_ready.inc(),
            Wait::NodeBusy { .. }
            | Wait::VirtualMedia
            | Wait::PowerChanging { .. }
            | Wait::BackOff { .. }
            | Wait::Offline
            | Wait::Detached
            | Wait::Delayed { .. }
            | Wait::KeptOff { .. }
            | Wait::KeptOn { .. }
            | Wait::RebootNotForced { .. }
            | Wait::Unclaimed
            | Wait::Held { .. }
            | Wait::Drifted { .. }
            | Wait::Blocked(_) => {}
        }
    }

    fn count_config_data(&self, pass: &Pass<'_>) {
        if let ConfigDriveFacts::SecretMissing { field, .. }
        | ConfigDriveFacts::SecretInvalid { field, .. } = &pass.observation.config_drive
            && let Some(host_data_type) = field.strip_prefix("spec.")
        {
            let errors = &self.0.families.host_config_data_error;
            errors.with_label_values(&[host_data_type]).inc();
        }
    }

    /// A host that is deleted goes on without credentials, as in Metal3.
    fn count_credentials(&self, pass: &Pass<'_>) {
        if pass.before().metadata.deletion_timestamp.is_some() {
            return;
        }
        let families = &self.0.families;
        match &pass.observation.bmc_credentials {
            SecretFacts::Missing => families.credentials_missing.inc(),
            SecretFacts::NotOptedIn | SecretFacts::Invalid { .. } => {
                families.credentials_invalid.inc();
            }
            SecretFacts::Usable { .. } => {
                let bmc = pass.before().spec.bmc.as_ref();
                if bmc.is_some_and(|bmc| Bmc::parse(bmc).is_err()) {
                    families.credentials_invalid.inc();
                }
            }
            SecretFacts::NotRead | SecretFacts::Chap(_) => {}
        }
    }

    fn count_states(
        &self,
        pass: &Pass<'_>,
        before: &BareMetalHostStatus,
        next: &BareMetalHostStatus,
    ) {
        use ProvisioningState as S;
        let families = &self.0.families;
        let (old, new) = (before.provisioning.state, next.provisioning.state);
        if old != new {
            families
                .state_change
                .with_label_values(&[old.as_str(), new.as_str()])
                .inc();
            if new == S::Unmanaged {
                families.unmanaged.inc();
            }
        }
        let is_deleted = pass.before().metadata.deletion_timestamp.is_some();
        match next.operational_status {
            OperationalStatus::Detached if is_deleted && new != S::Deleting => {
                families.delete_delayed_for_detached.inc();
            }
            OperationalStatus::Delayed
                if before.operational_status != OperationalStatus::Delayed =>
            {
                let delayed = match new {
                    S::Provisioned | S::ExternallyProvisioned | S::Deprovisioning => {
                        &families.delayed_deprovisioning
                    }
                    _ => &families.delayed_provisioning,
                };
                delayed.with_label_values(&pass.labels().values()).inc();
            }
            _ => {}
        }
    }

    /// A host that waits for somebody shows an error without counting it: it has come to it if it showed none of that
    /// type before.
    fn count_errors(&self, before: &BareMetalHostStatus, next: &BareMetalHostStatus) {
        let Some(error_type) = next.error_type else {
            return;
        };
        let failed = next.error_count > before.error_count
            || next.provisioning_fail_count > before.provisioning_fail_count;
        if failed || before.error_type != Some(error_type) {
            self.0
                .families
                .host_error
                .with_label_values(&[EventReason::Error(error_type).as_str()])
                .inc();
        }
    }

    fn count_operations(
        &self,
        pass: &Pass<'_>,
        before: &BareMetalHostStatus,
        next: &BareMetalHostStatus,
    ) {
        type Of = fn(&OperationHistory) -> Option<&OperationMetric>;
        let families = &self.0.families;
        let operations: [(Of, &HistogramVec); 4] = [
            (
                |history| history.register.as_ref(),
                &families.register_duration,
            ),
            (
                |history| history.inspect.as_ref(),
                &families.inspect_duration,
            ),
            (
                |history| history.provision.as_ref(),
                &families.provision_duration,
            ),
            (
                |history| history.deprovision.as_ref(),
                &families.deprovision_duration,
            ),
        ];
        for (of, histogram) in operations {
            let old = before.operation_history.as_ref().and_then(of);
            let new = next.operation_history.as_ref().and_then(of);
            if let Some(seconds) = ended(old, new) {
                histogram
                    .with_label_values(&pass.labels().values())
                    .observe(seconds);
            }
        }
    }
}

/// How long an operation took that ended in this pass.
fn ended(old: Option<&OperationMetric>, new: Option<&OperationMetric>) -> Option<f64> {
    let new = new?;
    let (start, end) = (new.start.as_ref()?, new.end.as_ref()?);
    let is_news = old.and_then(|old| old.end.as_ref()) != Some(end);
    is_news.then(|| end.0.duration_since(start.0).as_secs_f64())
}

/// Metal3 counts what it asks for when the power is to stay off, a reboot of a host with `disablePowerOff` included.
fn on_off(target: PowerTarget) -> &'static str {
    match target {
        PowerTarget::On => "on",
        PowerTarget::Off | PowerTarget::SoftOff | PowerTarget::Reboot | PowerTarget::SoftReboot => {
            "off"
        }
    }
}

fn was_registered(state: ProvisioningState) -> bool {
    !matches!(
        state,
        ProvisioningState::None | ProvisioningState::Unmanaged | ProvisioningState::Registering
    )
}

fn is_deployed(state: ProvisioningState) -> bool {
    matches!(
        state,
        ProvisioningState::Provisioning
            | ProvisioningState::Provisioned
            | ProvisioningState::Deprovisioning
    )
}

fn is_detached(host: &BareMetalHost) -> bool {
    let all = host.metadata.annotations.as_ref();
    all.is_some_and(|all| annotations::detached(all).is_some())
}

fn is_registration(attempt: &Attempt) -> bool {
    use metal_api::v1alpha1::ErrorType;
    matches!(
        attempt.error_type,
        ErrorType::Registration | ErrorType::ProvisionedRegistration
    )
}
