//! What Ironic has of a node's volume connectors and targets, compared with what a deployment wants.

use ironic_types::{Node, VolumeConnector, VolumeTarget, VolumeType};
use metal_api::v1alpha1::{AuthMethod, DeployedVolume, IscsiTarget};
use serde_json::{Map, Value};

use super::{CREDENTIALS_KEY, initiators, is_of_deployment, of_node, text};
use crate::boot_volume::{Credentials, WantedTarget, wanted_targets};
use crate::effect::Effect;
use crate::observation::Seen;

/// The keys of a target's properties that tell nothing: Ironic masks the password, and the name is the Secret's.
const OF_THE_SECRET: [&str; 2] = ["auth_username", "auth_password"];

/// Where they differ.
#[derive(Debug)]
pub(crate) struct Differences<'a> {
    /// Those of other initiators: a node has one IQN.
    pub(crate) other_connectors: Vec<&'a VolumeConnector>,
    /// There is none of the deployment's initiator.
    pub(crate) lacks_connector: bool,
    /// Those of other deployments, and those that are not as this deployment's must be.
    pub(crate) other_targets: Vec<&'a VolumeTarget>,
    /// The volumes that have no target as it must be.
    pub(crate) lacks_targets: Vec<WantedTarget<'a>>,
}

impl<'a> Differences<'a> {
    /// Compares. `is_current` may ask more of a target that is as it must be.
    pub(crate) fn of(
        node: &Node,
        seen: &'a Seen,
        volume: &'a DeployedVolume,
        is_current: impl Fn(&VolumeTarget, &WantedTarget<'_>) -> bool,
    ) -> Self {
        let (connectors, other_connectors): (Vec<_>, Vec<_>) = initiators(node, seen)
            .partition(|connector| connector.connector_id == volume.connector_id);
        let is_it = |target: &VolumeTarget, wanted: &WantedTarget<'_>| {
            is_of_deployment(target, volume)
                && is_as_wanted(target, wanted)
                && is_current(target, wanted)
        };
        Self {
            other_connectors,
            lacks_connector: connectors.is_empty(),
            other_targets: of_node(node, seen)
                .filter(|target| !wanted_targets(volume).any(|wanted| is_it(target, &wanted)))
                .collect(),
            lacks_targets: wanted_targets(volume)
                .filter(|wanted| !of_node(node, seen).any(|target| is_it(target, wanted)))
                .collect(),
        }
    }

    /// Whether all is as it must be.
    pub(crate) fn is_empty(&self) -> bool {
        let has_others = !self.other_connectors.is_empty() || !self.other_targets.is_empty();
        !has_others && !self.lacks_connector && self.lacks_targets.is_empty()
    }

    /// What must not be there.
    pub(crate) fn others_in_words(&self) -> impl Iterator<Item = String> {
        let connectors = self.other_connectors.iter().map(|other| {
            format!(
                "volume connector {} (another initiator's)",
                other.connector_id
            )
        });
        let targets = self.other_targets.iter().map(|other| {
            format!(
                "volume target {} (another deployment's, or changed)",
                other.uuid
            )
        });
        connectors.chain(targets)
    }

    /// Removes what must not be there.
    pub(crate) fn deletions(&self) -> impl Iterator<Item = Effect> {
        let connectors = self
            .other_connectors
            .iter()
            .map(|other| Effect::DeleteConnector {
                connector: other.uuid,
            });
        let targets = self
            .other_targets
            .iter()
            .map(|other| Effect::DeleteTarget { target: other.uuid });
        connectors.chain(targets)
    }

    /// Makes what is missing, once nothing else has its boot index.
    pub(crate) fn creations(
        &self,
        node: &Node,
        volume: &DeployedVolume,
        credentials: &Credentials,
    ) -> impl Iterator<Item = Effect> {
        let connector = self.lacks_connector.then(|| connector(node, volume));
        let targets = self
            .lacks_targets
            .iter()
            .map(|missing| target(node, volume, missing, credentials));
        connector.into_iter().chain(targets)
    }

    /// Whether a target that must not be there keeps another one from being made: Ironic refuses two with one boot index.
    pub(crate) fn has_taken(&self, boot_index: i64) -> bool {
        self.other_targets
            .iter()
            .any(|other| other.boot_index == Some(boot_index))
    }
}

pub(crate) fn connector(node: &Node, volume: &DeployedVolume) -> Effect {
    Effect::CreateConnector {
        node: node.uuid,
        connector_id: volume.connector_id.clone(),
    }
}

pub(crate) fn target(
    node: &Node,
    volume: &DeployedVolume,
    missing: &WantedTarget<'_>,
    credentials: &Credentials,
) -> Effect {
    Effect::CreateTarget {
        node: node.uuid,
        volume: Box::new(volume.clone()),
        boot_index: missing.boot_index,
        credentials: credentials.of(missing.iscsi_credentials_name).cloned(),
    }
}

/// Whether a target was made with these credentials.
pub(super) fn has_credentials(
    target: &VolumeTarget,
    wanted: &WantedTarget<'_>,
    credentials: &Credentials,
) -> bool {
    let credentials = credentials.of(wanted.iscsi_credentials_name);
    let fingerprint = credentials.map(|credentials| credentials.fingerprint.as_str());
    text(target, CREDENTIALS_KEY) == fingerprint
}

/// Whether a target is as it was made, and nobody has changed it.
fn is_as_wanted(target: &VolumeTarget, wanted: &WantedTarget<'_>) -> bool {
    target.boot_index == Some(wanted.boot_index)
        && target.volume_type == VolumeType::Iscsi
        && target.volume_id == wanted.volume_id
        && has_properties(target, wanted.iscsi_target)
}

fn has_properties(target: &VolumeTarget, wanted: &IscsiTarget) -> bool {
    let mut present = target.properties.clone();
    for key in OF_THE_SECRET {
        present.remove(key);
    }
    present == target_properties(wanted)
}

/// How Ironic reaches a volume, but for the credentials: as `metal_controller` sends it and Ironic answers it.
pub fn target_properties(target: &IscsiTarget) -> Map<String, Value> {
    let auth_method = match target.auth_method {
        Some(AuthMethod::Chap) => "CHAP",
        Some(AuthMethod::None) | None => "",
    };
    let mut properties = Map::new();
    properties.insert("target_iqn".to_owned(), target.iqn.as_str().into());
    if let Some(portal) = &target.portal {
        properties.insert("target_portal".to_owned(), portal.as_str().into());
    }
    if !target.portals.is_empty() {
        properties.insert("target_portals".to_owned(), target.portals.clone().into());
    }
    properties.insert("target_lun".to_owned(), target.lun.into());
    properties.insert("auth_method".to_owned(), auth_method.into());
    properties
}
