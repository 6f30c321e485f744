//! Fields that Metal3 has and that nothing here acts on yet. One that is set stops the deployment: it is never ignored.

use metal_api::conditions::BootVolumeReason;
use metal_api::v1alpha1::{BareMetalHost, BareMetalHostSpec};

use crate::boot_volume;
use crate::claim;
use crate::plan::Blocker;
use crate::power;

/// The first field that stops a deployment.
pub(crate) fn blocker(host: &BareMetalHost) -> Option<Blocker> {
    let spec = &host.spec;
    if let Some(conflict) = conflict(host) {
        return Some(conflict);
    }
    if power::must_stay_on(host) && boot_volume::effective(spec).is_some() {
        return Some(Blocker::BootVolume {
            reason: BootVolumeReason::Invalid,
            message: "spec.disablePowerOff: a volume is released only after its host was powered off, so a host with a bootVolume must allow that; remove one of the two".into(),
        });
    }
    if let Some(blocker) = boot_volume::lone_data_volumes(spec) {
        return Some(blocker);
    }
    FIELDS
        .iter()
        .find(|field| (field.is_set)(host))
        .map(|field| Blocker::NotImplemented {
            message: field.message(),
        })
}

/// Another way to deploy the host than the boot volume that it has, or its own without one. A consumer may write it, since
/// it need not know of the volume, and nothing is deployed until it is cleared.
pub(crate) fn conflict(host: &BareMetalHost) -> Option<Blocker> {
    let spec = &host.spec;
    let has_volume = boot_volume::effective(spec).is_some();
    let (reason, message) = if has_volume && has_image(spec) {
        (
            BootVolumeReason::ImageConflict,
            "spec.image: a host with a bootVolume can't be deployed from an image; remove one of the two",
        )
    } else if has_volume && has_custom_deploy(spec) && !claim::is_claimed(host) {
        (
            BootVolumeReason::ImageConflict,
            "spec.customDeploy.method: a host with a bootVolume can't be deployed by another method than boot-volume; correct or remove it",
        )
    } else if !has_volume && claim::is_claimed(host) {
        (
            BootVolumeReason::Invalid,
            "spec.customDeploy.method: boot-volume asks for a deployment from spec.bootVolume, which the host does not have; set that, or remove customDeploy",
        )
    } else {
        return None;
    };
    Some(Blocker::BootVolume {
        reason,
        message: message.into(),
    })
}

/// What is said of a deployment that isn't one from a volume.
pub(crate) fn deployment(spec: &BareMetalHostSpec) -> Blocker {
    let path = if has_image(spec) {
        "spec.image"
    } else {
        "spec.customDeploy"
    };
    Blocker::NotImplemented {
        message: format!(
            "{path}: going on with a deployment that another operator began is not implemented yet; {REMOVE} to undeploy the host"
        ),
    }
}

struct Field {
    path: &'static str,
    is_set: fn(&BareMetalHost) -> bool,
    what: &'static str,
}

impl Field {
    fn message(&self) -> String {
        format!("{}: {} not implemented yet; {REMOVE}", self.path, self.what)
    }
}

const REMOVE: &str = "remove the field";

/// Fields at Metal3's default don't count as set. Not listed: what is acted on, and `description`, `consumerRef` and
/// `hardwareProfile`'s value `unknown`, which ask for nothing.
const FIELDS: &[Field] = &[
    Field {
        path: "spec.image",
        is_set: |host| has_image(&host.spec),
        what: "deploying from an image is",
    },
    Field {
        path: "spec.customDeploy",
        is_set: |host| has_custom_deploy(&host.spec) && !claim::is_claimed(host),
        what: "a custom deployment is",
    },
    Field {
        path: "spec.raid",
        is_set: |host| host.spec.raid.is_some(),
        what: "RAID is",
    },
    Field {
        path: "spec.firmware",
        is_set: |host| host.spec.firmware.is_some(),
        what: "firmware settings are",
    },
    Field {
        path: "spec.rootDeviceHints",
        is_set: |host| host.spec.root_device_hints.is_some(),
        what: "choosing a local disk is",
    },
    Field {
        path: "spec.userData",
        is_set: |host| host.spec.user_data.is_some() && !boots_from_volume(host),
        what: "delivering user data is",
    },
    Field {
        path: "spec.networkData",
        is_set: |host| host.spec.network_data.is_some() && !boots_from_volume(host),
        what: "delivering network data is",
    },
    Field {
        path: "spec.metaData",
        is_set: |host| host.spec.meta_data.is_some() && !boots_from_volume(host),
        what: "delivering metadata is",
    },
    Field {
        path: "spec.preprovisioningNetworkDataName",
        is_set: |host| {
            host.spec
                .preprovisioning_network_data_name
                .as_deref()
                .is_some_and(|name| !name.is_empty())
        },
        what: "network data for the ramdisk is",
    },
    Field {
        path: "spec.networkInterfaces",
        is_set: |host| !host.spec.network_interfaces.is_empty(),
        what: "programming switches is",
    },
    Field {
        path: "spec.taints",
        is_set: |host| !host.spec.taints.is_empty(),
        what: "taints are",
    },
    Field {
        path: "spec.hardwareProfile",
        is_set: |host| names_profile(&host.spec),
        what: "a hardware profile is",
    },
];

/// Then it is [delivered](crate::config_drive).
fn boots_from_volume(host: &BareMetalHost) -> bool {
    boot_volume::effective(&host.spec).is_some()
}

/// Metal3 takes an image without a URL for none.
fn has_image(spec: &BareMetalHostSpec) -> bool {
    spec.image
        .as_ref()
        .is_some_and(|image| !image.url.is_empty())
}

/// Likewise a custom deployment without a method.
fn has_custom_deploy(spec: &BareMetalHostSpec) -> bool {
    spec.custom_deploy
        .as_ref()
        .is_some_and(|deploy| !deploy.method.is_empty())
}

fn names_profile(spec: &BareMetalHostSpec) -> bool {
    spec.hardware_profile
        .as_deref()
        .is_some_and(|profile| !matches!(profile, "" | "unknown" | "empty"))
}
