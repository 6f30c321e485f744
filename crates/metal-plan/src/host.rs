//! What a host says of itself.

use ironic_types::Node;
use jiff::Timestamp;
use metal_api::annotations::{self, Detached};
use metal_api::names;
use metal_api::v1alpha1::{
    BareMetalHost, BareMetalHostStatus, BootMode, DeployedVolume, InspectionMode, OperationalStatus,
};

/// Whether the host is being deleted.
pub(crate) fn is_deleted(host: &BareMetalHost) -> bool {
    host.metadata.deletion_timestamp.is_some()
}

/// Whether nothing of it may be touched. `clusterctl move` marks a host that it takes away with the second annotation
/// and then removes its finalizers.
pub(crate) fn is_paused(host: &BareMetalHost) -> bool {
    is_annotated(host, names::PAUSED_ANNOTATION)
        || is_annotated(host, names::DELETE_FOR_MOVE_ANNOTATION)
}

/// Whether and how somebody wants the host to be taken out of Ironic.
pub(crate) fn detached(host: &BareMetalHost) -> Option<Detached> {
    annotations::detached(host.metadata.annotations.as_ref()?)
}

/// Whether the host is shown as taken out of Ironic.
pub fn is_shown_detached(host: &BareMetalHost) -> bool {
    host.status
        .as_ref()
        .is_some_and(|status| status.operational_status == OperationalStatus::Detached)
}

/// Whether the host is shown as waiting for other machines that boot a ramdisk.
pub(crate) fn is_shown_delayed(host: &BareMetalHost) -> bool {
    host.status
        .as_ref()
        .is_some_and(|status| status.operational_status == OperationalStatus::Delayed)
}

/// Whether somebody else deployed the machine, as the spec says.
pub(crate) fn is_externally_provisioned(host: &BareMetalHost) -> bool {
    host.spec.externally_provisioned == Some(true)
}

/// Whether somebody asks for another inspection.
pub(crate) fn asks_for_inspection(host: &BareMetalHost) -> bool {
    annotation(host, names::INSPECT_ANNOTATION)
        .is_some_and(|value| value != names::INSPECT_DISABLED)
}

/// Whether the node is marked as an instance: from the deployment on, until the undeployment. The mark may be of before a
/// move to another cluster, where the host had another UID.
pub(crate) fn is_instance(node: &Node) -> bool {
    node.instance_uuid.is_some()
}

/// Whether the spec says how to reach a BMC. Empty strings, as templates leave them, say nothing.
pub(crate) fn has_bmc(host: &BareMetalHost) -> bool {
    let bmc = host.spec.bmc.as_ref();
    bmc.is_some_and(|bmc| !bmc.address.is_empty() || !bmc.credentials_name.is_empty())
}

/// The MAC address of the network card that boots. An empty one says nothing.
pub(crate) fn boot_mac_address(host: &BareMetalHost) -> Option<&str> {
    let address = host.spec.boot_mac_address.as_deref()?;
    (!address.is_empty()).then_some(address)
}

/// Whether this operator took the host over and has not let go of it.
pub(crate) fn has_finalizer(host: &BareMetalHost) -> bool {
    let finalizers = host.metadata.finalizers.as_deref().unwrap_or_default();
    finalizers
        .iter()
        .any(|finalizer| finalizer == names::FINALIZER)
}

/// The value of an annotation.
pub(crate) fn annotation<'a>(host: &'a BareMetalHost, name: &str) -> Option<&'a str> {
    let annotations = host.metadata.annotations.as_ref()?;
    annotations.get(name).map(String::as_str)
}

fn is_annotated(host: &BareMetalHost, name: &str) -> bool {
    annotation(host, name).is_some()
}

/// Whether nobody wants the host's hardware to be looked at.
pub(crate) fn skips_inspection(host: &BareMetalHost) -> bool {
    host.spec.inspection_mode == Some(InspectionMode::Disabled)
        || annotation(host, names::INSPECT_ANNOTATION) == Some(names::INSPECT_DISABLED)
}

/// The deployment on record.
pub(crate) fn deployment(host: &BareMetalHost) -> Option<&DeployedVolume> {
    host.status.as_ref()?.provisioning.boot_volume.as_ref()
}

/// The boot mode that the spec asks for; Metal3's default is UEFI.
pub(crate) fn wanted_boot_mode(host: &BareMetalHost) -> BootMode {
    host.spec.boot_mode.unwrap_or(BootMode::Uefi)
}

/// The boot mode on record, of the deployment or else of the registration.
pub(crate) fn recorded_boot_mode(host: &BareMetalHost) -> Option<BootMode> {
    host.status.as_ref()?.provisioning.boot_mode
}

/// The boot mode that the machine has: that of the spec may be another by now, for the next deployment.
pub(crate) fn boot_mode(host: &BareMetalHost) -> BootMode {
    recorded_boot_mode(host)
        .filter(|_| deployment(host).is_some())
        .unwrap_or_else(|| wanted_boot_mode(host))
}

/// Whether the spec asks for another boot mode than the host was deployed in, as far as that is on record.
pub(crate) fn wants_another_boot_mode(host: &BareMetalHost) -> bool {
    recorded_boot_mode(host).is_some_and(|mode| mode != wanted_boot_mode(host))
}

/// Whether this operator deployed the host from a volume. A status can be lost; the annotation survives.
pub(crate) fn is_ours(host: &BareMetalHost) -> bool {
    deployment(host).is_some() || is_annotated(host, names::DEPLOYED_VOLUME_ANNOTATION)
}

/// When its operating system was asked to shut down, if the machine still runs as far as is on record.
pub(crate) fn shutdown_asked_at(host: &BareMetalHost) -> Option<Timestamp> {
    let shutdown = host
        .status
        .as_ref()?
        .boot_volume
        .as_ref()?
        .shutdown_asked_at
        .as_ref()?;
    Some(shutdown.0)
}

/// When its power was first cut, if the machine still runs as far as is on record.
pub(crate) fn power_cut_at(host: &BareMetalHost) -> Option<Timestamp> {
    let shown = host.status.as_ref()?.boot_volume.as_ref()?;
    shown.power_cut_at.as_ref().map(|time| time.0)
}

/// Whether a failure is on record and shown, so that the next attempt waits.
pub(crate) fn shows_failure(host: &BareMetalHost) -> bool {
    host.status.as_ref().is_some_and(is_failure)
}

/// Whether a status shows a failure that is counted.
pub(crate) fn is_failure(status: &BareMetalHostStatus) -> bool {
    status.error_count > 0 && status.error_type.is_some()
}
