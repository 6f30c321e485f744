//! What consumers are told: whether they may claim the host, and what becomes of the volume that they leave.
//!
//! Cluster API claims whatever is `available` with an empty `errorMessage`, and looks at nothing else. A message that only
//! keeps it away is no error: `operationalStatus` and `errorType` say nothing of it.

use metal_api::names;
use metal_api::v1alpha1::{DataVolume, DeployedVolume, ProvisionOn, ProvisioningState};

use super::Next;
use crate::boot_volume;
use crate::claim;
use crate::host::deployment;
use crate::plan::{Step, Transition, Wait};

const BOOTS_BY_ITSELF: &str =
    "this host boots from its spec.bootVolume and is not offered to consumers";
const IS_CLAIMED: &str =
    "this host is claimed by spec.customDeploy and is not offered to other consumers";
const IS_NOT_CHECKED: &str = "this host's spec.bootVolume has not been checked yet, and until then it is not offered to consumers";

impl Next<'_> {
    /// The hold is on record no later than the release begins. A consumer may also let go while a deployment that failed is
    /// undone.
    pub(super) fn keep_hold(&mut self, step: &Step) {
        let host = &self.observation.host;
        let begins = matches!(step, Step::Enter(Transition::Deprovision));
        let goes_on = host.state() == ProvisioningState::Deprovisioning && *step != Step::Ignore;
        let to_be_held = claim::to_be_held(host).filter(|_| begins || goes_on);
        if to_be_held.is_some() {
            let data = deployment(host)
                .and_then(|deployed| claim::held::data_volumes(host, &deployed.data_volumes));
            self.annotate(names::RELEASED_VOLUME_ANNOTATION, to_be_held);
            self.annotate(names::RELEASED_DATA_VOLUMES_ANNOTATION, data);
        } else if begins && (claim::holds_what_is_deployed(host) || !claim::is_retained(host)) {
            self.annotate(names::RELEASED_VOLUME_ANNOTATION, None);
            self.annotate(names::RELEASED_DATA_VOLUMES_ANNOTATION, None);
        }
    }

    /// What another deployment for the same consumer leaves out has the consumer's data, too, and is held with the rest.
    pub(super) fn keep_dropped_data_volumes(&mut self, next: &DeployedVolume) {
        let host = &self.observation.host;
        let Some(deployed) =
            deployment(host).filter(|volume| volume.provision_on == ProvisionOn::Claim)
        else {
            return;
        };
        let is_kept = |volume: &DataVolume| {
            let mut kept = next.data_volumes.iter();
            kept.any(|kept| {
                kept.volume_id == volume.volume_id
                    && kept.iscsi_target.iqn == volume.iscsi_target.iqn
            })
        };
        let dropped = deployed
            .data_volumes
            .iter()
            .filter(|volume| !is_kept(volume));
        let dropped: Vec<_> = dropped.cloned().collect();
        if !dropped.is_empty() {
            let data = claim::held::data_volumes(host, &dropped);
            self.annotate(names::RELEASED_DATA_VOLUMES_ANNOTATION, data);
        }
    }

    /// Consumers select by it.
    pub(super) fn keep_label(&mut self) {
        let labels = &mut self.host.metadata.labels;
        if claim::is_for_claims(&self.observation.host) {
            labels
                .get_or_insert_default()
                .insert(names::BOOT_VOLUME_LABEL.to_owned(), "true".to_owned());
        } else if let Some(labels) = labels {
            labels.remove(names::BOOT_VOLUME_LABEL);
        }
        self.host
            .metadata
            .labels
            .take_if(|labels| labels.is_empty());
    }

    /// A host with a boot volume is offered only by a pass that has just found the volume usable and unclaimed.
    pub(super) fn keep_consumers_away(&mut self, step: &Step) {
        let is_offered = matches!(step, Step::Wait(Wait::Unclaimed));
        let host = &self.host;
        let may_be_claimed = matches!(
            self.status.provisioning.state,
            ProvisioningState::Ready | ProvisioningState::Available
        );
        if !may_be_claimed
            || boot_volume::effective(&host.spec).is_none()
            || !self.status.error_message.is_empty()
            || is_offered
        {
            return;
        }
        self.status.error_message = match claim::held(host) {
            Some(released) => claim::held_in_words(released),
            None if !claim::is_for_claims(host) => BOOTS_BY_ITSELF.to_owned(),
            None if claim::is_claimed(host) => IS_CLAIMED.to_owned(),
            None => IS_NOT_CHECKED.to_owned(),
        };
    }
}
