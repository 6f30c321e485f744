//! What a node needs in Ironic to boot from its volume, and what must be undone after a release:
//! `ironic/drivers/modules/storage/external.py`, `ironic/drivers/modules/deploy_utils.py`.

use ironic_types::{ConnectorType, Node, Patch, VolumeTarget};
use metal_api::conditions::BootVolumeReason;
use metal_api::v1alpha1::{BareMetalHost, DeployedVolume, IscsiTarget, LunMapping};
use serde_json::Value;

use crate::boot_volume::{Credentials, WantedTarget, effective, wanted_targets};
use crate::capabilities;
use crate::effect::Effect;
use crate::host::deployment;
use crate::observation::Seen;
use crate::plan::Blocker;

/// The key of a target's `extra` that holds the deployment id: a node that is `active` with it is this deployment.
pub const DEPLOYMENT_KEY: &str = "ironboot_deployment";
/// The key of a target's `extra` that holds the version of the Secret whose password it has: Ironic masks passwords,
/// so a target is known to be current by this alone.
pub const CREDENTIALS_KEY: &str = "ironboot_credentials";

const CAPABILITY: &str = "iscsi_boot";
pub(crate) const STORAGE_INTERFACE: &str = "external";
pub(crate) const BOOT_INTERFACE: &str = "ipxe";
pub(crate) const DEPLOY_INTERFACE: &str = "direct";

/// Makes the node ready for this volume, in the order that Ironic needs: the node, the connector, the target.
pub(crate) fn prepare(
    host: &BareMetalHost,
    node: &Node,
    seen: &Seen,
    volume: &DeployedVolume,
    credentials: &Credentials,
) -> Vec<Effect> {
    let mut effects = Vec::new();
    let patch = node_patch(host, node);
    if !patch.is_empty() {
        effects.push(Effect::UpdateNode {
            node: node.uuid,
            patch,
            skips_cleaning: false,
        });
    }
    effects.extend(connector(node, seen, &volume.connector_id));
    effects.extend(targets(node, seen, volume, credentials));
    effects
}

fn node_patch(host: &BareMetalHost, node: &Node) -> Patch {
    let mut patch = Patch::new();
    for (path, present, wanted) in [
        (
            "/storage_interface",
            &node.storage_interface,
            STORAGE_INTERFACE,
        ),
        ("/boot_interface", &node.boot_interface, BOOT_INTERFACE),
        (
            "/deploy_interface",
            &node.deploy_interface,
            DEPLOY_INTERFACE,
        ),
    ] {
        if present.as_deref() != Some(wanted) {
            patch = patch.add(path, wanted);
        }
    }
    let present = present_capabilities(node);
    let boot_mode = capabilities::boot_mode(host.spec.boot_mode);
    let wanted = capabilities::with(
        &capabilities::with(present, "boot_mode", boot_mode),
        CAPABILITY,
        "true",
    );
    if wanted != present {
        patch = patch.add("/properties/capabilities", wanted);
    }
    // With an image source Ironic writes a local disk instead.
    if node.instance_info.contains_key("image_source") {
        patch = patch.remove("/instance_info/image_source");
    }
    // One that is set may be the host's of before a move to another cluster, and Ironic changes none.
    match &host.metadata.uid {
        Some(uid) if node.instance_uuid.is_none() => patch.add("/instance_uuid", uid.as_str()),
        Some(_) | None => patch,
    }
}

/// One IQN for each node: others go.
fn connector(node: &Node, seen: &Seen, connector_id: &str) -> Vec<Effect> {
    let (ours, others): (Vec<_>, Vec<_>) =
        initiators(node, seen).partition(|connector| connector.connector_id == connector_id);
    let mut effects: Vec<_> = others
        .into_iter()
        .map(|other| Effect::DeleteConnector {
            connector: other.uuid,
        })
        .collect();
    if ours.is_empty() {
        effects.push(Effect::CreateConnector {
            node: node.uuid,
            connector_id: connector_id.to_owned(),
        });
    }
    effects
}

/// Exactly the targets of this deployment with the present credentials: others go.
fn targets(
    node: &Node,
    seen: &Seen,
    volume: &DeployedVolume,
    credentials: &Credentials,
) -> Vec<Effect> {
    let is_current = |target: &VolumeTarget, wanted: &WantedTarget<'_>| {
        let credentials = credentials.of(wanted.iscsi_credentials_name);
        let version = credentials.map(|credentials| credentials.version.as_str());
        is_of_deployment(target, volume)
            && target.boot_index == Some(wanted.boot_index)
            && text(target, CREDENTIALS_KEY) == version
    };
    let mut effects: Vec<_> = of_node(node, seen)
        .filter(|target| !wanted_targets(volume).any(|wanted| is_current(target, &wanted)))
        .map(|other| Effect::DeleteTarget { target: other.uuid })
        .collect();
    effects.extend(
        wanted_targets(volume)
            .filter(|wanted| !of_node(node, seen).any(|target| is_current(target, wanted)))
            .map(|missing| Effect::CreateTarget {
                node: node.uuid,
                volume: Box::new(volume.clone()),
                boot_index: missing.boot_index,
                credentials: credentials.of(missing.iscsi_credentials_name).cloned(),
            }),
    );
    effects
}

/// Undoes [`prepare`]: the storage interface goes back to Ironic's default for the node, so that the same host can be deployed in another way next. Empty when nothing is left.
pub(crate) fn undo(node: &Node, seen: &Seen) -> Vec<Effect> {
    let mut effects: Vec<_> = of_node(node, seen)
        .map(|target| Effect::DeleteTarget {
            target: target.uuid,
        })
        .collect();
    effects.extend(
        initiators(node, seen).map(|connector| Effect::DeleteConnector {
            connector: connector.uuid,
        }),
    );
    let mut patch = Patch::new();
    // The interface goes in one request with the capability: while that is there, something is left to undo.
    let present = present_capabilities(node);
    let wanted = capabilities::without(present, CAPABILITY);
    if wanted != present {
        patch = patch
            .remove("/storage_interface")
            .add("/properties/capabilities", wanted);
    }
    // An undeployment clears it, but an attempt may have ended before; with it Ironic refuses to delete the node.
    if node.instance_uuid.is_some() {
        patch = patch.remove("/instance_uuid");
    }
    if !patch.is_empty() {
        effects.push(Effect::UpdateNode {
            node: node.uuid,
            patch,
            skips_cleaning: false,
        });
    }
    effects
}

/// Whether the node's target is of this deployment.
pub(crate) fn is_deployed(node: &Node, seen: &Seen, volume: &DeployedVolume) -> bool {
    of_node(node, seen).any(|target| is_of_deployment(target, volume))
}

/// A volume belongs to one machine: no other node may have a target for it. Where each initiator has LUNs of its own,
/// the same number says nothing.
pub(crate) fn free(node: &Node, seen: &Seen, volume: &DeployedVolume) -> Result<(), Blocker> {
    let others = || {
        let targets = seen.targets.iter();
        targets.filter(|target| target.node_uuid != node.uuid)
    };
    for wanted in wanted_targets(volume) {
        if let Some(other) = others().find(|target| is_same_volume(target, &wanted)) {
            return Err(Blocker::BootVolume {
                reason: BootVolumeReason::VolumeConflict,
                message: taken(&wanted, other),
            });
        }
    }
    Ok(())
}

fn is_same_volume(target: &VolumeTarget, wanted: &WantedTarget<'_>) -> bool {
    let IscsiTarget {
        iqn,
        lun,
        lun_mapping,
        ..
    } = wanted.iscsi_target;
    has_iqn(target, iqn)
        && match lun_mapping {
            LunMapping::Shared => target_lun(target) == Some(*lun),
            LunMapping::PerInitiator => target.volume_id == wanted.volume_id,
        }
}

fn taken(wanted: &WantedTarget<'_>, other: &VolumeTarget) -> String {
    const WHAT_TO_DO: &str = "a volume belongs to one machine, release it there first";
    let field = wanted.field();
    let IscsiTarget {
        iqn,
        lun,
        lun_mapping,
        ..
    } = wanted.iscsi_target;
    match lun_mapping {
        LunMapping::Shared => format!(
            "{field}.iscsiTarget: another node of this Ironic has iqn {iqn} with lun {lun} (volume target {}); {WHAT_TO_DO}",
            other.uuid
        ),
        LunMapping::PerInitiator => format!(
            "{field}.volumeId: another node of this Ironic has volume {} of {iqn} (volume target {}); {WHAT_TO_DO}",
            wanted.volume_id, other.uuid
        ),
    }
}

/// Whether a target matters to the plan of a host that looks at those of
/// [all nodes](crate::VolumeScope::AllTargets): there may be thousands.
pub fn target_matters(host: &BareMetalHost, node: &Node, target: &VolumeTarget) -> bool {
    let wanted = effective(&host.spec).map(|volume| {
        let boot = volume.iscsi_target.iter();
        let data = host.spec.data_volumes.iter();
        boot.chain(data.map(|volume| &volume.iscsi_target))
    });
    let deployed = deployment(host).into_iter().flat_map(wanted_targets);
    target.node_uuid == node.uuid
        || wanted
            .into_iter()
            .flatten()
            .chain(deployed.map(|wanted| wanted.iscsi_target))
            .any(|volume| has_iqn(target, &volume.iqn))
}

fn has_iqn(target: &VolumeTarget, iqn: &str) -> bool {
    let other = target.properties.get("target_iqn").and_then(Value::as_str);
    other.is_some_and(|other| other.eq_ignore_ascii_case(iqn))
}

/// Somebody else may have written it as a text.
fn target_lun(target: &VolumeTarget) -> Option<i64> {
    let lun = target.properties.get("target_lun")?;
    lun.as_i64().or_else(|| lun.as_str()?.parse().ok())
}

fn of_node<'a>(node: &Node, seen: &'a Seen) -> impl Iterator<Item = &'a VolumeTarget> {
    let node = node.uuid;
    seen.targets
        .iter()
        .filter(move |target| target.node_uuid == node)
}

fn initiators<'a>(
    node: &Node,
    seen: &'a Seen,
) -> impl Iterator<Item = &'a ironic_types::VolumeConnector> {
    let node = node.uuid;
    seen.connectors.iter().filter(move |connector| {
        connector.node_uuid == node && connector.connector_type == ConnectorType::Iqn
    })
}

fn is_of_deployment(target: &VolumeTarget, volume: &DeployedVolume) -> bool {
    text(target, DEPLOYMENT_KEY) == Some(&volume.deployment_id)
}

fn text<'a>(target: &'a VolumeTarget, key: &str) -> Option<&'a str> {
    target.extra.get(key).and_then(Value::as_str)
}

fn present_capabilities(node: &Node) -> &str {
    node.properties
        .get("capabilities")
        .and_then(Value::as_str)
        .unwrap_or_default()
}
