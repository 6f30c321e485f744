//! What is known of a node after an effect.

use std::time::Duration;

use ironic_types::{NodeId, ProvisionVerb};
use metal_plan::{Effect, Outcome, RETRY};

use super::Executor;

/// How long a node that is locked is left alone, as by Metal3's operator.
const LOCKED: Duration = Duration::from_secs(3);

impl Executor<'_> {
    /// Whatever came of an effect, what is known of the node may be of before it.
    pub(super) fn note(&self, effect: &Effect, outcome: &Outcome) {
        let inventory = &self.context.inventory;
        let Some(node) = self.observation.node().map(|node| node.uuid) else {
            return;
        };
        match outcome {
            Outcome::Done | Outcome::NodeCreated(_) => self.note_done(node, effect),
            // Whoever has the lock keeps it for a while.
            Outcome::Locked { .. } => inventory.touch_for(node, LOCKED),
            Outcome::Refused { .. } | Outcome::Overtaken { .. } => {
                if matches!(effect, Effect::CreatePort { .. } | Effect::EnablePxe { .. }) {
                    inventory.forget_ports(node);
                }
                inventory.touch(node);
            }
            Outcome::Unavailable { .. } => {
                inventory.forget_ports(node);
                inventory.forget_targets();
                inventory.touch_for(node, RETRY);
            }
            // Nothing was sent to Ironic.
            Outcome::CredentialsChanged
            | Outcome::LeasesChanged
            | Outcome::LeasesUnavailable { .. } => {}
        }
    }

    fn note_done(&self, node: NodeId, effect: &Effect) {
        let inventory = &self.context.inventory;
        match effect {
            // The answer told all, or there is nothing to tell.
            Effect::SetDriverInfo { .. } => self.context.virtual_media.forget(node),
            Effect::UpdateNode { .. }
            | Effect::CreatePort { .. }
            | Effect::EnablePxe { .. }
            | Effect::Validate { .. }
            | Effect::TakeLeases { .. }
            | Effect::GiveBackLeases { .. } => {}
            Effect::DeleteNode { .. } => inventory.forget(node),
            Effect::DeleteConnector { connector } => {
                inventory.learn_no_connector(node, *connector);
                inventory.touch(node);
            }
            Effect::DeleteTarget { target } => {
                inventory.learn_no_target(node, *target);
                inventory.touch(node);
            }
            Effect::SetProvisionState { verb, .. } => {
                if starts_ramdisk(*verb) {
                    self.context.started.add(node);
                }
                inventory.touch(node);
            }
            Effect::CreateNode { .. }
            | Effect::SetMaintenance { .. }
            | Effect::UnsetMaintenance { .. }
            | Effect::SetPower { .. }
            | Effect::CreateConnector { .. }
            | Effect::CreateTarget { .. } => inventory.touch(node),
            Effect::AttachConfigDrive { .. } => {
                self.context.virtual_media.ask(node, true);
                inventory.touch(node);
            }
            Effect::DetachConfigDrive { .. } => {
                self.context.virtual_media.ask(node, false);
                inventory.touch(node);
            }
        }
    }
}

/// Whether the machine may boot a ramdisk next.
fn starts_ramdisk(verb: ProvisionVerb) -> bool {
    matches!(
        verb,
        ProvisionVerb::Deleted
            | ProvisionVerb::Provide
            | ProvisionVerb::Inspect
            | ProvisionVerb::Clean
    )
}
