//! The rules for RAID volumes.

use kube::core::{Reason, Rule};

pub(super) fn one_kind() -> Rule {
    Rule::new(
        "!has(self.hardwareRAIDVolumes) || !has(self.softwareRAIDVolumes) \
         || size(self.hardwareRAIDVolumes) == 0 || size(self.softwareRAIDVolumes) == 0",
    )
    .message(
        "spec.raid: hardwareRAIDVolumes and softwareRAIDVolumes can not be set at the same time; \
         remove one of the two",
    )
    .reason(Reason::FieldValueForbidden)
}

pub(super) fn one_root_volume() -> Rule {
    Rule::new(
        "!has(self.softwareRAIDVolumes) || size(self.softwareRAIDVolumes.filter(volume, \
         has(volume.rootVolume) && volume.rootVolume)) <= 1",
    )
    .message(
        "spec.raid.softwareRAIDVolumes: only one volume can be the rootVolume; remove it from the \
         other",
    )
    .field_path(".softwareRAIDVolumes")
}

pub(super) fn disks_need_a_controller() -> Rule {
    Rule::new(
        "!has(self.physicalDisks) || size(self.physicalDisks) == 0 \
         || (has(self.controller) && self.controller != '')",
    )
    .message(
        "spec.raid.hardwareRAIDVolumes[].controller: required with physicalDisks; name the \
         controller that the disks belong to",
    )
}

pub(super) fn disks_are_as_many_as_said() -> Rule {
    Rule::new(
        "!has(self.numberOfPhysicalDisks) || !has(self.physicalDisks) \
         || size(self.physicalDisks) == 0 || size(self.physicalDisks) == self.numberOfPhysicalDisks",
    )
    .message(
        "spec.raid.hardwareRAIDVolumes[].numberOfPhysicalDisks: must be the number of \
         physicalDisks; correct it, or remove it",
    )
}

pub(super) fn root_volume_is_mirrored() -> Rule {
    Rule::new("!has(self.rootVolume) || !self.rootVolume || self.level == '1'").message(
        "spec.raid.softwareRAIDVolumes[].level: must be 1 for the rootVolume, or the host would not \
         boot with a broken disk; set it to 1",
    )
}
