//! The host's error: when it is shown, counted and forgotten.

use ironic_types::ProvisionVerb;
use metal_api::conditions::BootVolumeReason;
use metal_api::v1alpha1::{ErrorType, OperationalStatus, ProvisioningState};

use super::Next;
use crate::boot_volume;
use crate::claim;
use crate::effect::Effect;
use crate::event::EventReason;

const NO_ANSWER: &str = "Ironic gives no answer";

/// Ironic repeats whole tracebacks at times.
const LONGEST_MESSAGE: usize = 4096;

impl Next<'_> {
    /// A new state begins with no errors counted, and with nothing asked of the machine: a question of another time never
    /// lets its power be cut.
    pub(super) fn advance(&mut self, state: ProvisioningState) {
        self.status.error_count = 0;
        self.record_shutdown(None);
        self.status.provisioning.state = state;
    }

    pub(super) fn count_failure(&mut self, error_type: ErrorType, message: String) {
        let deploys = self.status.provisioning.state == ProvisioningState::Provisioning;
        if deploys && error_type == ErrorType::Provisioning {
            let failures = &mut self.status.provisioning_fail_count;
            *failures = failures.saturating_add(1);
            self.status
                .boot_volume
                .get_or_insert_default()
                .failed_generation = self.host.metadata.generation;
        }
        self.status.error_count = self.status.error_count.saturating_add(1);
        let shown = (
            self.status.error_type,
            std::mem::take(&mut self.status.error_message),
        );
        self.show_error(Some(error_type), &message);
        // The same again is told by the count alone.
        let is_news = shown != (Some(error_type), self.status.error_message.clone());
        if is_news {
            self.warn(EventReason::Error(error_type), message);
        }
    }

    pub(super) fn no_answer(&mut self, message: &str) {
        // What an attempt led to says more, and the back-off hangs on it.
        // And the first such word is enough: the next may differ in no more than a number, and each is a write.
        let is_shown = self.status.error_message.starts_with(NO_ANSWER);
        if self.status.error_count == 0 && !self.shows_deployment_error() && !is_shown {
            self.show_error(None, &format!("{NO_ANSWER}: {message}"));
        }
    }

    /// It is tried again and again, so it is not counted; what an attempt led to says more.
    pub(super) fn no_leases(&mut self, message: &str) {
        if self.status.error_count > 0 || self.shows_deployment_error() {
            return;
        }
        let shown = std::mem::take(&mut self.status.error_message);
        self.show_error(Some(ErrorType::Provisioning), message);
        if self.status.error_message != shown {
            let reason = EventReason::BootVolume(BootVolumeReason::Checking);
            self.warn(reason, message.to_owned());
        }
    }

    /// The error of a failed deployment stays while the host is undeployed and until the next attempt.
    pub(super) fn shows_deployment_error(&self) -> bool {
        let between_attempts = matches!(
            self.status.provisioning.state,
            ProvisioningState::Deprovisioning | ProvisioningState::Available
        );
        between_attempts && self.failed_deployment() && self.status.error_count == 0
    }

    fn failed_deployment(&self) -> bool {
        self.status.provisioning_fail_count > 0
            && self.status.error_type == Some(ErrorType::Provisioning)
    }

    pub(super) fn keep_only_deployment_error(&mut self) {
        let is_tried_again =
            boot_volume::effective(&self.host.spec).is_some() && !claim::is_awaited(&self.host);
        if !self.failed_deployment() || !is_tried_again {
            self.clear_error();
        }
    }

    pub(super) fn show_error(&mut self, error_type: Option<ErrorType>, message: &str) {
        self.status.operational_status = OperationalStatus::Error;
        self.status.error_type = error_type;
        self.status.error_message = message.chars().take(LONGEST_MESSAGE).collect();
    }

    pub(super) fn hide_error(&mut self) {
        self.status.error_type = None;
        self.status.error_message = String::new();
        if self.status.provisioning.state != ProvisioningState::Unmanaged {
            self.status.operational_status = OperationalStatus::Ok;
        }
    }

    pub(super) fn clear_error(&mut self) {
        self.hide_error();
        self.status.error_count = 0;
    }

    pub(super) fn forget_failures(&mut self) {
        self.status.provisioning_fail_count = 0;
        if let Some(volume) = &mut self.status.boot_volume {
            volume.failed_generation = None;
        }
    }
}

/// What kind of error a refused effect is.
pub(super) fn error_type(state: ProvisioningState, effect: &Effect) -> ErrorType {
    use ProvisioningState as S;
    match effect {
        Effect::CreateNode { .. }
        | Effect::SetDriverInfo { .. }
        | Effect::CreatePort { .. }
        | Effect::EnablePxe { .. } => return ErrorType::Registration,
        Effect::SetProvisionState {
            verb: ProvisionVerb::Adopt,
            ..
        } => return ErrorType::ProvisionedRegistration,
        Effect::SetPower { .. } if state != S::Provisioning => return ErrorType::PowerManagement,
        Effect::SetPower { .. }
        | Effect::UpdateNode { .. }
        | Effect::SetMaintenance { .. }
        | Effect::UnsetMaintenance { .. }
        | Effect::SetProvisionState { .. }
        | Effect::CreateConnector { .. }
        | Effect::DeleteConnector { .. }
        | Effect::CreateTarget { .. }
        | Effect::DeleteTarget { .. }
        | Effect::Validate { .. }
        | Effect::DeleteNode { .. }
        | Effect::TakeLeases { .. }
        | Effect::AttachConfigDrive { .. }
        | Effect::DetachConfigDrive { .. }
        | Effect::GiveBackLeases { .. } => {}
    }
    match state {
        S::None | S::Unmanaged | S::Registering => ErrorType::Registration,
        S::Inspecting => ErrorType::Inspection,
        S::MatchProfile | S::Preparing => ErrorType::Preparation,
        S::Provisioned | S::ExternallyProvisioned => ErrorType::ProvisionedRegistration,
        S::Ready
        | S::Available
        | S::Provisioning
        | S::Deprovisioning
        | S::PoweringOffBeforeDelete
        | S::Deleting => ErrorType::Provisioning,
    }
}

/// What kind of error an unusable boot volume is.
pub(super) fn volume_error_type(reason: BootVolumeReason) -> ErrorType {
    match reason {
        BootVolumeReason::IronicLacksInterface => ErrorType::Registration,
        BootVolumeReason::Ready
        | BootVolumeReason::SecretMissing
        | BootVolumeReason::SecretNotOptedIn
        | BootVolumeReason::SecretInvalid
        | BootVolumeReason::VolumeConflict
        | BootVolumeReason::ImageConflict
        | BootVolumeReason::Invalid
        | BootVolumeReason::Checking
        | BootVolumeReason::Released => ErrorType::Provisioning,
    }
}
