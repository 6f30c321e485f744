//! What a node needs in Ironic to boot from its volume, and what must be undone after a release:
//! `ironic/drivers/modules/storage/external.py`, `ironic/drivers/modules/deploy_utils.py`.

use ironic_types::{ConnectorType, Node, Patch, VolumeTarget};
use metal_api::conditions::BootVolumeReason;
use metal_api::v1alpha1::{BareMetalHost, BootMode, DeployedVolume, IscsiTarget, LunMapping};
use serde_json::Value;

use crate::boot_volume::{Credentials, WantedTarget, effective, wanted_targets};
use crate::capabilities;
use crate::effect::Effect;
use crate::host::{boot_mode, deployment};
use crate::observation::Seen;
use crate::plan::Blocker;

mod differences;

use differences::has_credentials;
pub use differences::target_properties;
pub(crate) use differences::{Differences, connector, target};

/// The key of a target's `extra` that holds the deployment id: a node that is `active` with it is this deployment.
pub const DEPLOYMENT_KEY: &str = "ironboot_deployment";
/// The key of a target's `extra` that holds the fingerprint of the credentials that it has: Ironic masks passwords, so a
/// target is known to be current by this alone.
pub const CREDENTIALS_KEY: &str = "ironboot_credentials";
/// The key of a target's `extra` that holds `lunMapping`, of a volume whose LUN is its initiator's own.
pub const LUN_MAPPING_KEY: &str = "ironboot_lun_mapping";
/// The value of [`LUN_MAPPING_KEY`].
pub const PER_INITIATOR: &str = "PerInitiator";

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
    let differences = Differences::of(node, seen, volume, |target, wanted| {
        has_credentials(target, wanted, credentials)
    });
    effects.extend(differences.deletions());
    effects.extend(differences.creations(node, volume, credentials));
    effects
}

fn node_patch(host: &BareMetalHost, node: &Node) -> Patch {
    let mut patch = Patch::new();
    for interface in other_interfaces(node) {
        patch = patch.add(format!("/{}", interface.field), interface.wanted);
    }
    fields_patch(host, node, Some(boot_mode(host)), patch)
}

/// An interface of a node that a boot from a volume doesn't work with.
pub(crate) struct OtherInterface<'a> {
    pub(crate) field: &'static str,
    pub(crate) present: Option<&'a str>,
    pub(crate) wanted: &'static str,
}

/// Ironic changes these in few states, and in maintenance (`ironic/conductor/manager.py`, `update_node`).
pub(crate) fn other_interfaces(node: &Node) -> impl Iterator<Item = OtherInterface<'_>> {
    [
        (
            "storage_interface",
            &node.storage_interface,
            STORAGE_INTERFACE,
        ),
        ("boot_interface", &node.boot_interface, BOOT_INTERFACE),
        ("deploy_interface", &node.deploy_interface, DEPLOY_INTERFACE),
    ]
    .into_iter()
    .map(|(field, present, wanted)| OtherInterface {
        field,
        present: present.as_deref(),
        wanted,
    })
    .filter(|interface| interface.present != Some(interface.wanted))
}

/// What a boot from a volume needs of the node beside its interfaces: Ironic changes it in each state that lasts.
/// Without a boot mode the node keeps the one that it has.
pub(crate) fn fields_patch(
    host: &BareMetalHost,
    node: &Node,
    boot_mode: Option<BootMode>,
    mut patch: Patch,
) -> Patch {
    let present = present_capabilities(node);
    let in_boot_mode = boot_mode.map_or_else(
        || present.to_owned(),
        |boot_mode| capabilities::for_boot_mode(present, boot_mode),
    );
    let wanted = capabilities::with(&in_boot_mode, CAPABILITY, "true");
    if wanted != present {
        patch = patch.add("/properties/capabilities", wanted);
    }
    if let Some(boot_mode) = boot_mode {
        patch = capabilities::ask_for_secure_boot(patch, node, boot_mode);
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

/// Undoes [`prepare`]: the storage and the deploy interface go back to Ironic's defaults for the node, so that the same host can be deployed in another way next. Empty when nothing is left.
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
    // The interfaces go in one request with the capability: while that is there, something is left to undo.
    // The boot interface is registration's, which sets the BMC's own once no volume is on record.
    let present = present_capabilities(node);
    let wanted = capabilities::without(present, CAPABILITY);
    if wanted != present {
        patch = patch
            .remove("/storage_interface")
            .remove("/deploy_interface")
            .add("/properties/capabilities", wanted);
    }
    // An undeployment clears both, but an attempt may have ended before.
    patch = capabilities::withdraw_secure_boot(patch, node);
    // With it Ironic refuses to delete the node.
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

/// A volume belongs to one machine: no other node may have a target for it. The same LUN says nothing only where both hosts
/// say that each initiator has LUNs of its own.
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
            LunMapping::PerInitiator if has_own_lun(target) => target.volume_id == wanted.volume_id,
            LunMapping::PerInitiator => {
                target.volume_id == wanted.volume_id || target_lun(target) == Some(*lun)
            }
        }
}

fn has_own_lun(target: &VolumeTarget) -> bool {
    text(target, LUN_MAPPING_KEY) == Some(PER_INITIATOR)
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
        LunMapping::PerInitiator if other.volume_id != wanted.volume_id => format!(
            "{field}.iscsiTarget.lunMapping: another node of this Ironic has iqn {iqn} with lun {lun} (volume target {}), and not as one of its initiator's own; correct lunMapping here or there",
            other.uuid
        ),
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

pub(crate) fn of_node<'a>(node: &Node, seen: &'a Seen) -> impl Iterator<Item = &'a VolumeTarget> {
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
    deployment_of(target) == Some(&volume.deployment_id)
}

/// The deployment that a target was made for.
pub(crate) fn deployment_of(target: &VolumeTarget) -> Option<&str> {
    text(target, DEPLOYMENT_KEY)
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
