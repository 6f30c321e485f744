//! Whether what a host is deployed from is wanted no more.

use metal_api::conditions::BootVolumeReason;
use metal_api::v1alpha1::{BareMetalHost, CustomDeploy, DeployedVolume, Image, VolumeDriver};

use crate::boot_volume;
use crate::claim;
use crate::host::deployment;
use crate::plan::Blocker;

/// Whether the spec asks for something else than what is deployed, or is being deployed.
///
/// For images and custom deployments these are the peer's rules (baremetal-operator, `provisioningCancelled` in
/// `internal/controller/metal3.io/host_state_machine.go`): of an image only the URL counts, and a custom deployment goes
/// before an image. A boot volume is released when it is taken from the spec, or by the end of the claim that it was
/// deployed for, and nothing else releases it: another one in its place is a conflict that is told, not a wish to lose the
/// first.
pub(crate) fn is_cancelled(host: &BareMetalHost) -> bool {
    let wants_volume = boot_volume::effective(&host.spec).is_some();
    if let Some(deployed) = deployment(host) {
        return claim::is_withdrawn(host, deployed)
            || (!wants_volume && conflict(host, deployed).is_none());
    }
    let status = host.status.as_ref().map(|status| &status.provisioning);
    let deployed_method = method(status.and_then(|status| status.custom_deploy.as_ref()));
    let deployed_url = url(status.and_then(|status| status.image.as_ref()));
    let wanted_url = url(host.spec.image.as_ref());
    match (method(host.spec.custom_deploy.as_ref()), deployed_method) {
        (Some(wanted), Some(deployed)) if wanted != deployed => true,
        (Some(_), _) => deployed_url.is_some() && wanted_url != deployed_url,
        (None, Some(_)) => true,
        (None, None) => match (wanted_url, deployed_url) {
            (None, _) => true,
            (Some(_), None) => false,
            (Some(wanted), Some(deployed)) => wanted != deployed,
        },
    }
}

/// What is said of a spec that takes the volume from a deployed host and is no wish to release it. Admission refuses it,
/// too.
pub(crate) fn blocker(host: &BareMetalHost) -> Option<Blocker> {
    let deployed = deployment(host).filter(|deployed| !claim::is_withdrawn(host, deployed))?;
    conflict(host, deployed).map(|message| Blocker::BootVolume {
        reason: BootVolumeReason::VolumeConflict,
        message,
    })
}

fn conflict(host: &BareMetalHost, deployed: &DeployedVolume) -> Option<String> {
    let volume_id = &deployed.volume_id;
    match &host.spec.boot_volume {
        // More likely the mistake of a client that was built before the field existed than a wish to lose the machine.
        None if host.spec.consumer_ref.is_some() => Some(format!(
            "spec.bootVolume: it was removed while spec.consumerRef is set, so the machine is left on the volume {volume_id}; put it back, or clear spec.consumerRef to release the host"
        )),
        Some(volume) if volume.volume_driver == VolumeDriver::Noop => Some(format!(
            "spec.bootVolume.volumeDriver: noop, while the host is deployed from the volume {volume_id}; put {} back, or remove spec.bootVolume to release the host",
            deployed.volume_driver
        )),
        None | Some(_) => None,
    }
}

/// A custom deployment without a method is none.
fn method(deploy: Option<&CustomDeploy>) -> Option<&str> {
    deploy
        .map(|deploy| deploy.method.as_str())
        .filter(|method| !method.is_empty())
}

/// An image without a URL is none.
fn url(image: Option<&Image>) -> Option<&str> {
    image
        .map(|image| image.url.as_str())
        .filter(|url| !url.is_empty())
}
