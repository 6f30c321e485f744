//! What a transition writes down.

use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
use metal_api::conditions::BootVolumeReason;
use metal_api::names;
use metal_api::v1alpha1::{
    DeployedVolume, ErrorType, OperationHistory, OperationMetric, OperationalStatus,
    ProvisioningState,
};

use super::Next;
use crate::backoff;
use crate::claim::{self, Hold};
use crate::config_drive;
use crate::event::EventReason;
use crate::host::{is_ours, wanted_boot_mode};
use crate::plan::Transition;

impl Next<'_> {
    pub(super) fn enter(&mut self, transition: &Transition) {
        match transition {
            Transition::Register => self.register(),
            Transition::Discover => {
                self.status.operational_status = OperationalStatus::Discovered;
                self.advance(ProvisioningState::Unmanaged);
                self.normal(
                    EventReason::Discovered,
                    "the host names no BMC and is not managed",
                );
            }
            Transition::Inspect => self.leave_registration(ProvisioningState::Inspecting),
            Transition::Prepare => self.leave_registration(ProvisioningState::Preparing),
            Transition::BecomeAvailable => self.become_available(),
            Transition::Provision(volume) => self.provision(volume),
            Transition::Complete => self.complete(),
            Transition::Deprovision => {
                self.history().deprovision = Some(self.started());
                self.keep_only_deployment_error();
                self.advance(ProvisioningState::Deprovisioning);
                self.normal(
                    EventReason::DeprovisioningStarted,
                    "shutting down and undeploying",
                );
            }
            Transition::PowerOffBeforeDelete => self.power_off_before_delete(),
            Transition::SkipDeprovisioning => {
                self.warn_of_running_machine();
                self.power_off_before_delete();
            }
            Transition::Delete => {
                self.warn_of_running_machine();
                self.delete();
            }
            Transition::SkipPowerOff => {
                self.warn_of_running_machine();
                self.forget_deployment();
                self.delete();
            }
            Transition::TakeOver => {
                self.forget_failures();
                self.leave_registration(ProvisioningState::ExternallyProvisioned);
            }
            Transition::LetGo => self.let_go(),
            Transition::Detach => self.detach(),
            Transition::Attach => self.attach(),
            Transition::Forget => {
                if let Some(finalizers) = &mut self.host.metadata.finalizers {
                    finalizers.retain(|finalizer| finalizer != names::FINALIZER);
                }
            }
            Transition::RecordFailure(attempt) => {
                self.count_failure(attempt.error_type, attempt.message.clone());
            }
            Transition::Restore(status) => self.restore(status),
            Transition::TakeHardware(hardware) => self.take_hardware(hardware),
            Transition::DropAnnotation { name, note } => self.drop_annotation(name, *note),
            Transition::EndReboot => self.annotate(names::REBOOT_ANNOTATION, None),
            Transition::Hold(released) => self.hold(released),
            Transition::EndHold => self.end_hold(),
            Transition::SkipRedeploy => self.skip_redeploy(),
            Transition::RenewCredentials(used) => self.renew_credentials(used),
        }
    }

    fn register(&mut self) {
        self.clear_error();
        self.status.provisioning.id = String::new();
        self.status.provisioning.boot_mode = Some(wanted_boot_mode(&self.host));
        self.history().register = Some(self.started());
        self.advance(ProvisioningState::Registering);
    }

    /// Goes on to a state from `registering`, or from one further on, where all this is on record already.
    fn leave_registration(&mut self, state: ProvisioningState) {
        self.clear_error();
        if self.status.provisioning.state == ProvisioningState::Registering {
            self.registered();
        }
        self.advance(state);
    }

    /// Records that the BMC's credentials work, if that is new, and that the registration is over.
    pub(super) fn registered(&mut self) {
        let now = self.now();
        let register = self
            .status
            .operation_history
            .as_mut()
            .and_then(|history| history.register.as_mut());
        if let Some(register) = register.filter(|register| register.end.is_none()) {
            register.end = Some(now);
            self.normal(
                EventReason::Registered,
                format!(
                    "registered in Ironic as node {}",
                    self.status.provisioning.id
                ),
            );
        }
        if self.status.good_credentials != self.status.tried_credentials {
            self.status.good_credentials = self.status.tried_credentials.clone();
            self.normal(
                EventReason::BmcAccessValidated,
                "the BMC accepts the credentials",
            );
        }
    }

    fn power_off_before_delete(&mut self) {
        self.clear_error();
        self.forget_deployment();
        self.advance(ProvisioningState::PoweringOffBeforeDelete);
    }

    fn delete(&mut self) {
        self.clear_error();
        self.advance(ProvisioningState::Deleting);
    }

    /// What the spec names by now is taken for deployed. Where it names nothing the host is undeployed next.
    fn let_go(&mut self) {
        self.clear_error();
        self.record_image();
        self.advance(ProvisioningState::Provisioned);
    }

    fn record_image(&mut self) {
        self.status.provisioning.image = self.host.spec.image.clone();
        self.status.provisioning.custom_deploy = self.host.spec.custom_deploy.clone();
    }

    fn detach(&mut self) {
        self.clear_error();
        self.status.operational_status = OperationalStatus::Detached;
    }

    fn attach(&mut self) {
        if self.status.error_type == Some(ErrorType::Detach) {
            self.clear_error();
        }
        self.show_whether_it_has_an_error();
    }

    fn forget_deployment(&mut self) {
        self.forget_annotations();
        self.status.provisioning.boot_volume = None;
        self.status.provisioning.image = None;
        self.status.provisioning.custom_deploy = None;
    }

    fn provision(&mut self, volume: &DeployedVolume) {
        self.annotate_deployment(volume);
        self.keep_dropped_data_volumes(volume);
        if !backoff::failed_as_it_is(&self.host) {
            self.forget_failures();
        }
        self.clear_error();
        self.status.provisioning.boot_mode = Some(wanted_boot_mode(&self.host));
        self.status.provisioning.boot_volume = Some(volume.clone());
        self.history().provision = Some(self.started());
        match &volume.redeploy {
            Some(token) if self.status.provisioning.state == ProvisioningState::Provisioned => self
                .normal(
                    EventReason::RedeployStarted,
                    format!(
                        "shut down, undeployed and deployed anew, as the annotation {} asks ({token})",
                        names::REDEPLOY_ANNOTATION
                    ),
                ),
            Some(_) | None => self.normal(
                EventReason::ProvisioningStarted,
                format!("deploying from volume {}", volume.volume_id),
            ),
        }
        self.advance(ProvisioningState::Provisioning);
    }

    fn complete(&mut self) {
        self.clear_error();
        // Another operator began it, and what it deployed is what a later change of the spec is compared with.
        match &self.status.provisioning.boot_volume {
            None => self.record_image(),
            Some(volume) => {
                let has_drive = volume.config_drive.is_some();
                if let Some(token) = volume.redeploy.clone() {
                    self.annotate(names::REDEPLOY_HANDLED_ANNOTATION, Some(token));
                }
                // It was seen out before the machine started.
                if !has_drive {
                    self.annotate(names::DEPLOYED_CONFIG_DRIVE_ANNOTATION, None);
                }
            }
        }
        self.forget_failures();
        let now = self.now();
        end(&mut self.history().provision, now);
        self.advance(ProvisioningState::Provisioned);
        self.normal(
            EventReason::ProvisioningComplete,
            "Ironic has deployed the host; its console shows whether it boots",
        );
    }

    fn warn_of_running_machine(&mut self) {
        if config_drive::may_be_in(&self.host) {
            self.warn(
                EventReason::ConfigDriveLeft,
                "the host goes while its config drive may be in its machine's virtual CD drive, with the user data: eject it before somebody else gets the machine",
            );
        }
        if !is_ours(&self.host) {
            return;
        }
        let volume = self.status.provisioning.boot_volume.as_ref();
        let volume = volume.map_or("none on record", |volume| volume.volume_id.as_str());
        let note = format!(
            "the host goes without having been undeployed, so its machine may run from its volume ({volume}), or start from it again: \
             switch it off, or revoke its initiator on the storage, before another machine gets the volume"
        );
        self.warn(EventReason::MachineMayRun, note);
    }

    fn become_available(&mut self) {
        if self.status.provisioning.state == ProvisioningState::Deprovisioning {
            let now = self.now();
            end(&mut self.history().deprovision, now);
            self.normal(
                EventReason::DeprovisioningComplete,
                "undeployed; nothing of the deployment is left in Ironic",
            );
        }
        self.forget_deployment();
        self.keep_only_deployment_error();
        self.advance(ProvisioningState::Available);
        if self.observation.host.state() == ProvisioningState::Deprovisioning {
            self.tell_of_hold();
        }
    }

    fn hold(&mut self, released: &str) {
        let host = &self.observation.host;
        let data = claim::held::data_volumes(host, &host.spec.data_volumes);
        self.annotate(names::RELEASED_VOLUME_ANNOTATION, Some(released.to_owned()));
        self.annotate(names::RELEASED_DATA_VOLUMES_ANNOTATION, data);
        self.clear_error();
        self.forget_failures();
        self.tell_of_hold();
    }

    fn tell_of_hold(&mut self) {
        if let Some(message) = claim::held(&self.host).map(claim::held_in_words) {
            self.normal(EventReason::BootVolume(BootVolumeReason::Released), message);
        }
    }

    fn end_hold(&mut self) {
        let note = match claim::hold(&self.host) {
            Some(Hold::GivenFree) => "the volume is given free as its last consumer left it",
            Some(Hold::Holds(_)) => "the consumer that let go of the volume asked for it again",
            Some(Hold::OfAnotherVolume) | None => {
                "the spec names another volume than the one that is held"
            }
        };
        self.annotate(names::RELEASED_VOLUME_ANNOTATION, None);
        self.annotate(names::RELEASED_DATA_VOLUMES_ANNOTATION, None);
        self.annotate(names::REUSE_VOLUME_ANNOTATION, None);
        self.clear_error();
        self.normal(EventReason::HoldEnded, note);
    }

    pub(super) fn history(&mut self) -> &mut OperationHistory {
        self.status.operation_history.get_or_insert_default()
    }

    pub(super) fn started(&self) -> OperationMetric {
        OperationMetric {
            start: Some(self.now()),
            end: None,
        }
    }
}

fn end(metric: &mut Option<OperationMetric>, now: Time) {
    metric.get_or_insert_default().end = Some(now);
}
