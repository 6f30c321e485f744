//! The rules for a host.
//!
//! Rules that need no status stand on `spec` or lower: the API server skips them while `spec` is
//! unchanged, so they never keep anybody from writing the status, removing a finalizer or deleting
//! an object that was stored before the rule existed. Only rules that need the status stand at the
//! root, and they are false only for a changed `spec`.

use kube::core::{Reason, Rule};

pub(super) mod metal3;

/// True for a spec without a boot volume, or with one that is kept and not used.
const UNUSED: &str = "!has(self.bootVolume) || self.bootVolume.volumeDriver == 'noop'";

pub(super) fn boot_mac_address_present() -> Rule {
    Rule::new(format!("{UNUSED} || has(self.bootMACAddress)"))
        .message(
            "spec.bootMACAddress: required with spec.bootVolume, because iPXE starts on this \
             interface; give the MAC address of the interface that the host boots from",
        )
        .field_path(".bootMACAddress")
        .reason(Reason::FieldValueRequired)
}

/// Metal3's pattern has no anchors, so it also fits longer strings that contain a MAC address.
pub(super) fn boot_mac_address_whole() -> Rule {
    Rule::new(format!(
        "{UNUSED} || !has(self.bootMACAddress) || size(self.bootMACAddress) == 17"
    ))
    .message(
        "spec.bootMACAddress: must be one MAC address and nothing else with spec.bootVolume; \
         give six pairs of hexadecimal digits, for example 52:54:00:e2:e0:01",
    )
    .field_path(".bootMACAddress")
}

/// `VirtualBMC` says nothing of the machine's network cards, and its address is not the machine's own
/// (`pkg/hardwareutils/bmc/ipmi.go`, `NeedsMAC`).
pub(super) fn boot_mac_address_of_libvirt() -> Rule {
    Rule::new(
        "!has(self.bmc) || has(self.bootMACAddress) || !self.bmc.address.matches('^(?i:libvirt:)')",
    )
    .message(
        "spec.bootMACAddress: required with a spec.bmc.address of libvirt, because VirtualBMC \
         doesn't tell it; give the MAC address of the interface that the host boots from",
    )
    .field_path(".bootMACAddress")
    .reason(Reason::FieldValueRequired)
}

/// Cluster API's provider claims a host before it sets an image, so a host with a consumer is
/// accepted here, and the planner stops it with a condition instead.
pub(super) fn no_image() -> Rule {
    Rule::new(format!(
        "{UNUSED} || has(self.consumerRef) || !has(self.image) || self.image.url == ''"
    ))
    .message(
        "spec.image: can't be used together with spec.bootVolume; remove one of them, or set \
         spec.bootVolume.volumeDriver to noop",
    )
    .field_path(".image")
    .reason(Reason::FieldValueForbidden)
}

pub(super) fn no_other_custom_deploy() -> Rule {
    Rule::new(format!(
        "{UNUSED} || has(self.consumerRef) || !has(self.customDeploy) \
         || self.customDeploy.method == '' || self.customDeploy.method == 'boot-volume'"
    ))
    .message(
        "spec.customDeploy.method: only boot-volume can be used together with spec.bootVolume; \
         set it to boot-volume, or remove one of them",
    )
    .field_path(".customDeploy.method")
    .reason(Reason::FieldValueForbidden)
}

pub(super) fn power_off_allowed() -> Rule {
    Rule::new(format!(
        "{UNUSED} || !has(self.disablePowerOff) || !self.disablePowerOff"
    ))
    .message(
        "spec.disablePowerOff: can't be used together with spec.bootVolume, because a volume is \
         released only after the host was powered off; remove one of them",
    )
    .field_path(".disablePowerOff")
    .reason(Reason::FieldValueForbidden)
}

pub(super) fn not_externally_provisioned() -> Rule {
    Rule::new(format!(
        "{UNUSED} || !has(self.externallyProvisioned) || !self.externallyProvisioned"
    ))
    .message(
        "spec.externallyProvisioned: can't be used together with spec.bootVolume; \
         remove one of them",
    )
    .field_path(".externallyProvisioned")
    .reason(Reason::FieldValueForbidden)
}

/// Without a boot volume Ironic attaches none.
pub(super) fn data_volumes_beside_a_boot_volume() -> Rule {
    Rule::new("has(self.bootVolume) || !has(self.dataVolumes) || self.dataVolumes.size() == 0")
        .message(
            "spec.dataVolumes: can be used together with spec.bootVolume only, with which they \
             are deployed and released; remove both, or set spec.bootVolume",
        )
        .field_path(".dataVolumes")
        .reason(Reason::FieldValueForbidden)
}

pub(super) fn volume_ids_differ() -> Rule {
    Rule::new(format!(
        "{UNUSED} || !has(self.dataVolumes) || self.dataVolumes.all(one, \
         one.volumeId != self.bootVolume.volumeId \
         && self.dataVolumes.filter(other, other.volumeId == one.volumeId).size() == 1)"
    ))
    .message(
        "spec.dataVolumes: no two volumes of a host, its bootVolume included, can have one \
         volumeId; remove one of them, or correct its volumeId",
    )
    .field_path(".dataVolumes")
}

/// As the storage sees them: the case of an IQN doesn't count (RFC 3722).
pub(super) fn targets_differ() -> Rule {
    let same = |one: &str, other: &str| {
        format!("({one}.iqn.lowerAscii() == {other}.iqn.lowerAscii() && {one}.lun == {other}.lun)")
    };
    Rule::new(format!(
        "{UNUSED} || !has(self.dataVolumes) || self.dataVolumes.all(one, \
         !(has(self.bootVolume.iscsiTarget) && {}) \
         && self.dataVolumes.filter(other, {}).size() == 1)",
        same("one.iscsiTarget", "self.bootVolume.iscsiTarget"),
        same("one.iscsiTarget", "other.iscsiTarget"),
    ))
    .message(
        "spec.dataVolumes: no two volumes of a host, its bootVolume included, can have one \
         iscsiTarget.iqn and lun; remove one of them, or correct its target",
    )
    .field_path(".dataVolumes")
}

/// True while a volume belongs to the host: from before its deployment until its release is done.
const RECORDED: &str = "(has(self.status) && has(self.status.provisioning) \
                        && has(self.status.provisioning.bootVolume))";

/// True when the host has a boot volume now.
const HAS_NOW: &str = "(has(self.spec) && has(self.spec.bootVolume))";

/// True when the host had a boot volume before the change.
const HAD_BEFORE: &str = "(has(oldSelf.spec) && has(oldSelf.spec.bootVolume))";

/// The block is what it was before the change.
const SAME_AS_BEFORE: &str = "(\
    self.spec.bootVolume.volumeId == oldSelf.spec.bootVolume.volumeId \
    && self.spec.bootVolume.volumeDriver == oldSelf.spec.bootVolume.volumeDriver \
    && self.spec.bootVolume.targetType == oldSelf.spec.bootVolume.targetType \
    && (has(self.spec.bootVolume.connectorId) ? self.spec.bootVolume.connectorId : '') \
    == (has(oldSelf.spec.bootVolume.connectorId) ? oldSelf.spec.bootVolume.connectorId : '') \
    && (has(self.spec.bootVolume.iscsiTarget) ? self.spec.bootVolume.iscsiTarget.iqn : '') \
    == (has(oldSelf.spec.bootVolume.iscsiTarget) ? oldSelf.spec.bootVolume.iscsiTarget.iqn : '') \
    && (has(self.spec.bootVolume.iscsiTarget) ? self.spec.bootVolume.iscsiTarget.lun : -1) \
    == (has(oldSelf.spec.bootVolume.iscsiTarget) ? oldSelf.spec.bootVolume.iscsiTarget.lun : -1) \
    && (has(self.spec.bootVolume.iscsiTarget) ? self.spec.bootVolume.iscsiTarget.lunMapping : '') \
    == (has(oldSelf.spec.bootVolume.iscsiTarget) ? oldSelf.spec.bootVolume.iscsiTarget.lunMapping : ''))";

/// The block names the recorded volume, whatever it says about the initiator.
const SAME_VOLUME_AS_RECORDED: &str = "(\
    self.spec.bootVolume.volumeId == self.status.provisioning.bootVolume.volumeId \
    && self.spec.bootVolume.volumeDriver == self.status.provisioning.bootVolume.volumeDriver \
    && self.spec.bootVolume.targetType == self.status.provisioning.bootVolume.targetType \
    && has(self.spec.bootVolume.iscsiTarget) \
    && self.spec.bootVolume.iscsiTarget.iqn == self.status.provisioning.bootVolume.iscsiTarget.iqn \
    && self.spec.bootVolume.iscsiTarget.lun == self.status.provisioning.bootVolume.iscsiTarget.lun \
    && self.spec.bootVolume.iscsiTarget.lunMapping \
    == self.status.provisioning.bootVolume.iscsiTarget.lunMapping)";

/// The block names the recorded initiator.
const SAME_CONNECTOR_AS_RECORDED: &str = "(has(self.spec.bootVolume.connectorId) \
    && self.spec.bootVolume.connectorId == self.status.provisioning.bootVolume.connectorId)";

/// The block leaves the initiator out, and the recorded one looks like the host's default.
///
/// A rule can see the host's name and not its namespace, so this is only close; the planner
/// compares exactly.
const DEFAULT_CONNECTOR_AS_RECORDED: &str = "(!has(self.spec.bootVolume.connectorId) \
    && self.status.provisioning.bootVolume.connectorId.startsWith('iqn.2026-11.io.ironboot:') \
    && (self.status.provisioning.bootVolume.connectorId.endsWith('.' + self.metadata.name) \
    || size(self.status.provisioning.bootVolume.connectorId) == 223))";

/// What [`provision_on_is_kept`] compares for a block that comes back before its release is done.
/// A record of before the field existed is of a deployment that began by itself.
const SAME_PROVISION_ON_AS_RECORDED: &str = "(self.spec.bootVolume.provisionOn == \
    (has(self.status.provisioning.bootVolume.provisionOn) \
    ? self.status.provisioning.bootVolume.provisionOn : 'Immediate'))";

/// A host with a consumer: this update gives it one, or takes the one away that it had.
const CONSUMED: &str =
    "((has(self.spec) && has(self.spec.consumerRef)) || has(oldSelf.spec.consumerRef))";

pub(super) fn identity_is_kept() -> Rule {
    Rule::new(format!(
        "!{RECORDED} || !{HAS_NOW} || !{HAD_BEFORE} || {SAME_AS_BEFORE} \
         || ({SAME_VOLUME_AS_RECORDED} && {SAME_CONNECTOR_AS_RECORDED})"
    ))
    .message(
        "spec.bootVolume: volumeId, volumeDriver, targetType, connectorId, iscsiTarget.iqn, \
         iscsiTarget.lun and iscsiTarget.lunMapping can't change while status.provisioning.bootVolume is set; remove \
         spec.bootVolume, wait until the host is available, then set the new one",
    )
    .field_path(".spec.bootVolume")
    .reason(Reason::FieldValueForbidden)
}

pub(super) fn no_other_volume_before_the_release_is_done() -> Rule {
    Rule::new(format!(
        "!{RECORDED} || !{HAS_NOW} || {HAD_BEFORE} || ({SAME_VOLUME_AS_RECORDED} \
         && ({SAME_CONNECTOR_AS_RECORDED} || {DEFAULT_CONNECTOR_AS_RECORDED}))"
    ))
    .message(
        "spec.bootVolume: another volume can't be set before the release of the one in \
         status.provisioning.bootVolume is done; wait until the host is available",
    )
    .field_path(".spec.bootVolume")
    .reason(Reason::FieldValueForbidden)
}

/// It says what ends the deployment, so a change could release a machine that runs, or keep one from
/// its release. A block that the driver `noop` keeps unused before and after says nothing.
pub(super) fn provision_on_is_kept() -> Rule {
    Rule::new(format!(
        "!{HAS_NOW} || ({HAD_BEFORE} \
         ? (self.spec.bootVolume.provisionOn == oldSelf.spec.bootVolume.provisionOn \
         || (!{RECORDED} && (!{CONSUMED} || (self.spec.bootVolume.volumeDriver == 'noop' \
         && oldSelf.spec.bootVolume.volumeDriver == 'noop')))) \
         : (!{RECORDED} || {SAME_PROVISION_ON_AS_RECORDED}))"
    ))
    .message(
        "spec.bootVolume.provisionOn: can't change while status.provisioning.bootVolume or \
         spec.consumerRef is set; release the host and wait until it is available, then change it",
    )
    .field_path(".spec.bootVolume.provisionOn")
    .reason(Reason::FieldValueForbidden)
}

/// A client that was built before `bootVolume` existed drops it from every host that it writes as
/// a whole, also in the update by which it claims the host or lets it go. So the consumer before
/// the change counts as much as the one after it.
pub(super) fn not_removed_from_a_consumer() -> Rule {
    Rule::new(format!(
        "!{RECORDED} || {HAS_NOW} || !{HAD_BEFORE} || !{CONSUMED}"
    ))
    .message(
        "spec.bootVolume: can't be removed from a deployed host while spec.consumerRef is set; \
         clear spec.consumerRef first, in an update of its own",
    )
    .field_path(".spec.bootVolume")
    .reason(Reason::FieldValueForbidden)
}
