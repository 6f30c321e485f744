//! Claims: a host that is deployed only once a consumer asks for it, and the hold on the volume that a consumer leaves.
//!
//! A consumer, such as Cluster API's Metal3 provider, looks at nothing but `available` and an empty `errorMessage`, sets
//! `customDeploy` to claim the host and clears it to let go.

use metal_api::names;
use metal_api::v1alpha1::{BareMetalHost, DeployedVolume, ProvisionOn, ReclaimPolicy};

use crate::boot_volume;
use crate::host::{annotation, deployment, is_deleted};

pub(crate) mod held;

/// What an annotation of an earlier release means for the volume that the spec asks for now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Hold<'a> {
    /// Nobody gets the volume. With the annotation's value.
    Holds(&'a str),
    /// The user said that the next one may have it as it is.
    GivenFree,
    /// Another volume is asked for.
    OfAnotherVolume,
}

/// Whether the host is offered to consumers to be booted from its volume.
pub(crate) fn is_for_claims(host: &BareMetalHost) -> bool {
    boot_volume::effective(&host.spec)
        .is_some_and(|volume| volume.provision_on == ProvisionOn::Claim)
}

/// Whether a consumer asks for a deployment from the volume.
pub(crate) fn is_claimed(host: &BareMetalHost) -> bool {
    let deploy = host.spec.custom_deploy.as_ref();
    deploy.is_some_and(|deploy| deploy.method == names::BOOT_VOLUME_METHOD)
}

/// Whether the host is not deployed before somebody claims it.
pub(crate) fn is_awaited(host: &BareMetalHost) -> bool {
    is_for_claims(host) && !is_claimed(host)
}

/// Whether the consumer that a deployment is for has let go of it.
pub(crate) fn is_withdrawn(host: &BareMetalHost, deployed: &DeployedVolume) -> bool {
    deployed.provision_on == ProvisionOn::Claim && !is_claimed(host)
}

/// What is held once the deployment on record is undone, as it stands in the annotation; none if its volume may go to the
/// next consumer, or is not being released.
pub(crate) fn to_be_held(host: &BareMetalHost) -> Option<String> {
    let deployed = deployment(host)?;
    let is_used = boot_volume::effective(&host.spec).is_some();
    let is_let_go =
        is_withdrawn(host, deployed) || (deployed.provision_on == ProvisionOn::Claim && !is_used);
    (is_let_go && is_retained(host) && !is_deleted(host))
        .then(|| boot_volume::in_annotation(deployed))
}

/// Whether what a consumer leaves is held. What the spec doesn't say any more counts as not said.
pub(crate) fn is_retained(host: &BareMetalHost) -> bool {
    let volume = host.spec.boot_volume.as_ref();
    match volume.and_then(|volume| volume.reclaim_policy) {
        Some(ReclaimPolicy::Retain) | None => true,
        Some(ReclaimPolicy::Reuse) => false,
    }
}

/// The hold on the volume that the spec asks for; none without an annotation or a volume. It asks for no
/// `provisionOn`: whoever deploys the volume next would boot what its consumer left.
pub(crate) fn hold(host: &BareMetalHost) -> Option<Hold<'_>> {
    let released = annotation(host, names::RELEASED_VOLUME_ANNOTATION)?;
    let wanted = boot_volume::effective(&host.spec)?;
    Some(
        if annotation(host, names::REUSE_VOLUME_ANNOTATION) == Some(released) {
            Hold::GivenFree
        } else if held::are_others(host, wanted, released) {
            Hold::OfAnotherVolume
        } else {
            Hold::Holds(released)
        },
    )
}

/// The annotation's value, while the volume that the spec asks for is held.
pub(crate) fn held(host: &BareMetalHost) -> Option<&str> {
    match hold(host)? {
        Hold::Holds(released) => Some(released),
        Hold::GivenFree | Hold::OfAnotherVolume => None,
    }
}

/// Whether the hold is of the very deployment on record: its release was about to begin, and then the consumer asked for
/// it again.
pub(crate) fn holds_what_is_deployed(host: &BareMetalHost) -> bool {
    let released = annotation(host, names::RELEASED_VOLUME_ANNOTATION);
    deployment(host).is_some_and(|deployed| {
        released.is_some_and(|released| released == boot_volume::in_annotation(deployed))
    })
}

/// What is said of a volume that is held.
pub(crate) fn held_in_words(released: &str) -> String {
    format!(
        "spec.bootVolume: the volume is held as its last consumer left it (reclaimPolicy Retain); name another volume, or give this one with its data to the next by the annotation {}: \"{released}\"",
        names::REUSE_VOLUME_ANNOTATION
    )
}
