//! What a host says of itself.

use jiff::Timestamp;
use metal_api::names;
use metal_api::v1alpha1::{
    BareMetalHost, DeployedVolume, OperationHistory, OperationMetric, ProvisioningState,
};

/// The state that the host's status records.
pub(crate) fn state(host: &BareMetalHost) -> ProvisioningState {
    host.status
        .as_ref()
        .map(|status| status.provisioning.state)
        .unwrap_or_default()
}

/// Whether the host is being deleted.
pub(crate) fn is_deleted(host: &BareMetalHost) -> bool {
    host.metadata.deletion_timestamp.is_some()
}

/// Whether nothing of it may be touched. `clusterctl move` marks a host that it takes away with the second annotation and then removes its finalizers.
pub(crate) fn is_paused(host: &BareMetalHost) -> bool {
    is_annotated(host, names::PAUSED_ANNOTATION)
        || is_annotated(host, names::DELETE_FOR_MOVE_ANNOTATION)
}

/// Whether somebody wants the host to be taken out of Ironic.
pub(crate) fn is_detached(host: &BareMetalHost) -> bool {
    is_annotated(host, names::DETACHED_ANNOTATION)
}

fn is_annotated(host: &BareMetalHost, name: &str) -> bool {
    let annotations = host.metadata.annotations.as_ref();
    annotations.is_some_and(|all| all.contains_key(name))
}

/// The deployment on record.
pub(crate) fn deployment(host: &BareMetalHost) -> Option<&DeployedVolume> {
    host.status.as_ref()?.provisioning.boot_volume.as_ref()
}

/// When the operation that this picks was begun, by the host's own record.
pub(crate) fn began(
    host: &BareMetalHost,
    pick: fn(&OperationHistory) -> Option<&OperationMetric>,
) -> Option<Timestamp> {
    let history = host.status.as_ref()?.operation_history.as_ref()?;
    Some(pick(history)?.start.as_ref()?.0)
}
