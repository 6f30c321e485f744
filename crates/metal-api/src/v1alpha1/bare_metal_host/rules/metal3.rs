//! What Metal3's webhook says of a host's spec (`internal/webhooks/metal3.io/v1alpha1/baremetalhost_validation.go`),
//! as far as the spec and the status alone tell it.

use kube::core::{Reason, Rule};

use super::UNUSED;

/// True for a host without a BMC: the webhook judges nothing then that depends on the driver.
const NO_BMC: &str = "!has(self.bmc) || self.bmc.address == ''";

/// True for a BMC that is reached by Redfish, whatever boots the host.
const REDFISH: &str =
    "self.bmc.address.lowerAscii().matches('^(redfish|ilo5-|idrac-)[a-z-]*([+]https?)?:')";

/// A libvirt BMC has a rule of its own.
pub(in super::super) fn boot_mac_address_without_inspection() -> Rule {
    Rule::new(format!(
        "!({UNUSED}) || {NO_BMC} || (has(self.bootMACAddress) && self.bootMACAddress != '') \
         || !has(self.inspectionMode) || self.inspectionMode != 'disabled' \
         || self.bmc.address.lowerAscii().startsWith('libvirt:')"
    ))
    .message(
        "spec.bootMACAddress: required with inspectionMode disabled, because nothing else tells \
         which interface boots; give the MAC address of that interface",
    )
    .field_path(".bootMACAddress")
    .reason(Reason::FieldValueRequired)
}

/// Metal3's pattern has no anchors, so it also fits longer strings that contain a MAC address.
/// Addresses of 8 and 20 octets are taken as Go's `net.ParseMAC` takes them.
pub(in super::super) fn boot_mac_address_parses() -> Rule {
    Rule::new(format!(
        "!({UNUSED}) || {NO_BMC} || !has(self.bootMACAddress) || self.bootMACAddress == '' \
         || (size(self.bootMACAddress) in [17, 23, 59] \
         && self.bootMACAddress.matches('^[0-9a-fA-F]{{2}}(:[0-9a-fA-F]{{2}})+$'))"
    ))
    .message(
        "spec.bootMACAddress: must be one MAC address and nothing else; give six pairs of \
         hexadecimal digits, for example 52:54:00:e2:e0:01",
    )
    .field_path(".bootMACAddress")
}

/// Tests of others look for the words in the middle.
pub(in super::super) fn boot_mac_address_is_kept() -> Rule {
    Rule::new(
        "!has(oldSelf.bootMACAddress) || oldSelf.bootMACAddress == '' || (has(self.bootMACAddress) \
         && self.bootMACAddress.lowerAscii() == oldSelf.bootMACAddress.lowerAscii())",
    )
    .message(
        "spec.bootMACAddress: bootMACAddress can not be changed once it is set; put it back, or \
         delete the host and create it anew",
    )
    .field_path(".bootMACAddress")
    .reason(Reason::FieldValueForbidden)
}

pub(in super::super) fn secure_boot_for_driver() -> Rule {
    Rule::new(format!(
        "{NO_BMC} || !has(self.bootMode) || self.bootMode != 'UEFISecureBoot' || {REDFISH}"
    ))
    .message(
        "spec.bootMode: UEFISecureBoot can't be switched by an ipmi or libvirt BMC; set it to UEFI \
         or legacy, or use a Redfish address",
    )
    .field_path(".bootMode")
}

pub(in super::super) fn fast_inspection_for_driver() -> Rule {
    Rule::new(format!(
        "{NO_BMC} || !has(self.inspectionMode) || self.inspectionMode != 'fast' || {REDFISH}"
    ))
    .message(
        "spec.inspectionMode: fast needs a BMC that is asked by Redfish; set it to agent or \
         disabled, or use a Redfish address",
    )
    .field_path(".inspectionMode")
}

pub(in super::super) fn hardware_raid_for_driver() -> Rule {
    Rule::new(format!(
        "{NO_BMC} || !has(self.raid) || !has(self.raid.hardwareRAIDVolumes) \
         || size(self.raid.hardwareRAIDVolumes) == 0 || {REDFISH}"
    ))
    .message(
        "spec.raid.hardwareRAIDVolumes: an ipmi or libvirt BMC can't configure a RAID controller; \
         use softwareRAIDVolumes, or a Redfish address",
    )
    .field_path(".raid.hardwareRAIDVolumes")
}

pub(in super::super) fn one_root_device() -> Rule {
    Rule::new(
        "!has(self.rootDeviceHints) || !has(self.raid) || !has(self.raid.softwareRAIDVolumes) \
         || !self.raid.softwareRAIDVolumes.exists(volume, has(volume.rootVolume) && volume.rootVolume)",
    )
    .message(
        "spec.rootDeviceHints: can't be used together with a softwareRAIDVolumes that is the \
         rootVolume; remove one of the two",
    )
    .field_path(".rootDeviceHints")
    .reason(Reason::FieldValueForbidden)
}

pub(in super::super) fn root_device_name() -> Rule {
    Rule::new(
        "!has(self.rootDeviceHints) || !has(self.rootDeviceHints.deviceName) \
         || self.rootDeviceHints.deviceName == '' \
         || self.rootDeviceHints.deviceName.matches('^/dev/(disk/by-path/)?[^/]*$')",
    )
    .message(
        "spec.rootDeviceHints.deviceName: must be a path in /dev/ or /dev/disk/by-path/; give such \
         a path, or another hint",
    )
    .field_path(".rootDeviceHints.deviceName")
}

pub(in super::super) fn online_where_power_stays() -> Rule {
    Rule::new("!has(self.disablePowerOff) || !self.disablePowerOff || self.online")
        .message(
            "spec.online: must be true with disablePowerOff; set it to true, or remove \
             disablePowerOff",
        )
        .field_path(".online")
}

/// True while the spec names the same BMC, or named none.
const SAME_BMC: &str = "(!has(oldSelf.spec) || !has(oldSelf.spec.bmc) || oldSelf.spec.bmc.address == '' \
    || (has(self.spec) && has(self.spec.bmc) && self.spec.bmc.address == oldSelf.spec.bmc.address))";

/// True while Ironic need not know the host. The webhook knows of the last two only.
const NOT_REGISTERED: &str = "(!has(self.status) || !has(self.status.provisioning) \
    || self.status.provisioning.state in ['', 'unmanaged', 'registering'] \
    || self.status.operationalStatus == 'detached')";

pub(in super::super) fn bmc_address_is_kept() -> Rule {
    Rule::new(format!("{SAME_BMC} || {NOT_REGISTERED}"))
        .message(
            "spec.bmc.address: BMC address can not be changed if the BMH is not in the Registering \
             state, or if the BMH is not detached; detach the host before, by the annotation \
             baremetalhost.metal3.io/detached",
        )
        .field_path(".spec.bmc.address")
        .reason(Reason::FieldValueForbidden)
}

/// A host that is created with it needs no state.
pub(in super::super) fn externally_provisioned_only_when_available() -> Rule {
    Rule::new(
        "!has(self.spec) || !has(self.spec.externallyProvisioned) || !self.spec.externallyProvisioned \
         || (has(oldSelf.spec) && has(oldSelf.spec.externallyProvisioned) && oldSelf.spec.externallyProvisioned) \
         || (has(self.status) && has(self.status.provisioning) && self.status.provisioning.state == 'available') \
         || (has(oldSelf.status) && has(oldSelf.status.provisioning) && oldSelf.status.provisioning.state == 'available')",
    )
    .message(
        "spec.externallyProvisioned: can only be enabled when the host is created or in the state \
         available; wait until it is available",
    )
    .field_path(".spec.externallyProvisioned")
    .reason(Reason::FieldValueForbidden)
}
