//! What a transition writes down.

use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
use metal_api::names;
use metal_api::v1alpha1::{
    BareMetalHost, BootMode, DeployedVolume, OperationHistory, OperationMetric, OperationalStatus,
    ProvisioningState,
};

use super::Next;
use crate::backoff;
use crate::plan::Transition;

impl Next<'_> {
    pub(super) fn enter(&mut self, transition: &Transition) {
        match transition {
            Transition::Register => self.register(),
            Transition::Discover => {
                self.status.operational_status = OperationalStatus::Discovered;
                self.advance(ProvisioningState::Unmanaged);
                self.normal("Discovered", "the host names no BMC and is not managed");
            }
            Transition::Prepare => self.prepare(),
            Transition::BecomeAvailable => self.become_available(),
            Transition::Provision(volume) => self.provision(volume),
            Transition::Complete => self.complete(),
            Transition::Deprovision => {
                self.history().deprovision = Some(self.started());
                self.keep_only_deployment_error();
                self.advance(ProvisioningState::Deprovisioning);
                self.normal("DeprovisioningStarted", "shutting down and undeploying");
            }
            Transition::PowerOffBeforeDelete => {
                self.clear_error();
                self.annotate(names::DEPLOYED_VOLUME_ANNOTATION, None);
                self.status.provisioning.boot_volume = None;
                self.advance(ProvisioningState::PoweringOffBeforeDelete);
            }
            Transition::Delete => {
                self.clear_error();
                self.advance(ProvisioningState::Deleting);
            }
            Transition::Abandon => {
                self.warn_of_running_machine();
                self.clear_error();
                self.advance(ProvisioningState::Deleting);
            }
            Transition::Forget => {
                if let Some(finalizers) = &mut self.host.metadata.finalizers {
                    finalizers.retain(|finalizer| finalizer != names::FINALIZER);
                }
            }
            Transition::RecordFailure(attempt) => {
                self.count_failure(attempt.error_type, attempt.message.clone());
            }
            Transition::EndReboot => self.annotate(names::REBOOT_ANNOTATION, None),
        }
    }

    fn register(&mut self) {
        let finalizers = self.host.metadata.finalizers.get_or_insert_default();
        if !finalizers
            .iter()
            .any(|finalizer| finalizer == names::FINALIZER)
        {
            finalizers.push(names::FINALIZER.to_owned());
        }
        self.clear_error();
        self.status.provisioning.id = String::new();
        self.status.provisioning.boot_mode = Some(boot_mode(&self.host));
        self.history().register = Some(self.started());
        self.advance(ProvisioningState::Registering);
    }

    fn prepare(&mut self) {
        self.clear_error();
        if self.status.provisioning.state != ProvisioningState::Registering {
            return self.advance(ProvisioningState::Preparing);
        }
        self.status.good_credentials = self.status.tried_credentials.clone();
        let now = self.now();
        end(&mut self.history().register, now);
        self.advance(ProvisioningState::Preparing);
        self.normal(
            "Registered",
            format!(
                "registered in Ironic as node {}",
                self.status.provisioning.id
            ),
        );
        self.normal("BMCAccessValidated", "the BMC accepts the credentials");
    }

    fn provision(&mut self, volume: &DeployedVolume) {
        let target = &volume.iscsi_target;
        let identity = format!(
            "{}/{}/{}@{}",
            target.iqn, target.lun, volume.volume_id, volume.deployment_id
        );
        self.annotate(names::DEPLOYED_VOLUME_ANNOTATION, Some(identity));
        if !backoff::failed_as_it_is(&self.host) {
            self.forget_failures();
        }
        self.clear_error();
        self.status.provisioning.boot_mode = Some(boot_mode(&self.host));
        self.status.provisioning.boot_volume = Some(volume.clone());
        self.history().provision = Some(self.started());
        self.advance(ProvisioningState::Provisioning);
        self.normal(
            "ProvisioningStarted",
            format!("deploying from volume {}", volume.volume_id),
        );
    }

    fn complete(&mut self) {
        self.clear_error();
        self.forget_failures();
        let now = self.now();
        end(&mut self.history().provision, now);
        self.advance(ProvisioningState::Provisioned);
        self.normal(
            "ProvisioningComplete",
            "Ironic has deployed the host; its console shows whether it boots",
        );
    }

    fn warn_of_running_machine(&mut self) {
        let volume = self.status.provisioning.boot_volume.as_ref();
        let volume = volume.map_or("none on record", |volume| volume.volume_id.as_str());
        let note = format!(
            "Ironic has no usable node for the host, so it was neither shut down nor undeployed, and it may run from its volume ({volume}): \
             switch it off, or revoke its initiator on the storage, before another machine gets the volume"
        );
        self.warn("MachineMayRun", note);
    }

    fn become_available(&mut self) {
        if self.status.provisioning.state == ProvisioningState::Deprovisioning {
            let now = self.now();
            end(&mut self.history().deprovision, now);
            self.normal(
                "DeprovisioningComplete",
                "undeployed; nothing of the deployment is left in Ironic",
            );
        }
        self.annotate(names::DEPLOYED_VOLUME_ANNOTATION, None);
        self.status.provisioning.boot_volume = None;
        self.keep_only_deployment_error();
        self.advance(ProvisioningState::Available);
    }

    pub(super) fn annotate(&mut self, name: &str, value: Option<String>) {
        let annotations = self.host.metadata.annotations.get_or_insert_default();
        match value {
            Some(value) => annotations.insert(name.to_owned(), value),
            None => annotations.remove(name),
        };
        if annotations.is_empty() {
            self.host.metadata.annotations = None;
        }
    }

    fn history(&mut self) -> &mut OperationHistory {
        self.status.operation_history.get_or_insert_default()
    }

    fn started(&self) -> OperationMetric {
        OperationMetric {
            start: Some(self.now()),
            end: None,
        }
    }
}

fn end(metric: &mut Option<OperationMetric>, now: Time) {
    metric.get_or_insert_default().end = Some(now);
}

fn boot_mode(host: &BareMetalHost) -> BootMode {
    host.spec.boot_mode.unwrap_or(BootMode::Uefi)
}
