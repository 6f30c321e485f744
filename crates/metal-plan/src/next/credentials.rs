//! What is written down of credentials, and of the annotation that asks for their use.

use metal_api::conditions::{ConditionType, CredentialsAppliedReason, find_condition};
use metal_api::names;
use metal_api::v1alpha1::{BareMetalHostStatus, UsedCredentials};

use super::Next;
use crate::event::EventReason;
use crate::redeploy;

impl Next<'_> {
    pub(super) fn skip_redeploy(&mut self) {
        let Some(token) = redeploy::token(&self.host).map(str::to_owned) else {
            return;
        };
        self.normal(
            EventReason::RedeploySkipped,
            format!(
                "the annotation {} asks for another deployment ({token}), and nothing is outdated or pending",
                names::REDEPLOY_ANNOTATION
            ),
        );
        self.annotate(names::REDEPLOY_HANDLED_ANNOTATION, Some(token));
    }

    pub(super) fn renew_credentials(&mut self, used: &[UsedCredentials]) {
        let Some(volume) = &mut self.status.provisioning.boot_volume else {
            return;
        };
        let before = std::mem::replace(&mut volume.credentials, used.to_vec());
        if !before.is_empty() {
            self.warn(
                EventReason::CredentialsChanged,
                "the credentials were changed since the deployment; the node is made anew, and the machine's next boot uses the present ones",
            );
        }
    }

    /// Told once, when it comes to light.
    pub(super) fn tell_outdated(&mut self) {
        let before = self.observation.host.status.as_ref();
        if before.and_then(outdated).is_some() {
            return;
        }
        if let Some(message) = outdated(&self.status).map(str::to_owned) {
            self.warn(EventReason::CredentialsOutdated, message);
        }
    }
}

/// What the condition says, if it says that the credentials are outdated.
fn outdated(status: &BareMetalHostStatus) -> Option<&str> {
    let told = find_condition(&status.conditions, ConditionType::CredentialsApplied)?;
    (told.reason == CredentialsAppliedReason::Outdated.as_str()).then_some(told.message.as_str())
}
