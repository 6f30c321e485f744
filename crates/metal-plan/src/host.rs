//! What a host says of itself.

use jiff::Timestamp;
use metal_api::names;
use metal_api::v1alpha1::{BareMetalHost, BareMetalHostStatus, DeployedVolume, InspectionMode};

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

/// Whether somebody wants the host to be taken out of Ironic.
pub(crate) fn is_detached(host: &BareMetalHost) -> bool {
    is_annotated(host, names::DETACHED_ANNOTATION)
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

/// Whether this operator deployed the host. A status can be lost; the annotation survives.
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

/// Whether a failure is on record and shown, so that the next attempt waits.
pub(crate) fn shows_failure(host: &BareMetalHost) -> bool {
    host.status.as_ref().is_some_and(is_failure)
}

/// Whether a status shows a failure that is counted.
pub(crate) fn is_failure(status: &BareMetalHostStatus) -> bool {
    status.error_count > 0 && status.error_type.is_some()
}
