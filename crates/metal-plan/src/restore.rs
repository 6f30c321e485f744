//! What annotations bring along: the status of a host that comes from another cluster, and hardware that nobody inspects.
//!
//! An annotation is removed only after what it says was published: a pass that is cut off loses nothing.

use metal_api::conditions::BootVolumeReason;
use metal_api::names;
use metal_api::v1alpha1::{
    BareMetalHost, BareMetalHostStatus, DataVolume, DeployedVolume, ErrorType, HardwareDetails,
    ProvisioningState,
};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::boot_volume;
use crate::host::{annotation, is_deleted, skips_inspection};
use crate::observation::Observation;
use crate::plan::{Blocker, Plan, Transition};

mod strict;

/// What an annotation leads to, before all else that is planned for a host.
pub(crate) fn plan(observation: &Observation) -> Option<Plan> {
    of_status(observation).or_else(|| of_hardware(observation))
}

/// Whether the plan depends on the HardwareData object, whatever the host's state.
pub(crate) fn needs_hardware(host: &BareMetalHost) -> bool {
    annotation(host, names::STATUS_ANNOTATION).is_some()
        || annotation(host, names::HARDWARE_DETAILS_ANNOTATION).is_some()
}

fn of_status(observation: &Observation) -> Option<Plan> {
    let host = &observation.host;
    let Some(text) = annotation(host, names::STATUS_ANNOTATION) else {
        return of_deployment(host);
    };
    if has_record(host) || text.is_empty() {
        return Some(drop_annotation(names::STATUS_ANNOTATION, None));
    }
    match restored(observation, text) {
        Ok(status) => Some(Plan::enter(Transition::Restore(Box::new(status)))),
        // It can always be deleted: as if it had no record, which it has not.
        Err(Blocker::Node { .. }) if is_deleted(host) => None,
        Err(blocker) => Some(Plan::blocked(blocker)),
    }
}

/// The whole status was lost, as from a backup that holds none: the machine is deployed, and is adopted, never deployed
/// again.
fn of_deployment(host: &BareMetalHost) -> Option<Plan> {
    let is_lost =
        !has_record(host) && annotation(host, names::DEPLOYED_VOLUME_ANNOTATION).is_some();
    if !is_lost || is_deleted(host) {
        return None;
    }
    let mut status = BareMetalHostStatus::default();
    status.provisioning.state = ProvisioningState::Provisioned;
    Some(match restore_volume(host, &mut status) {
        Ok(()) => Plan::enter(Transition::Restore(Box::new(status))),
        Err(blocker) => Plan::blocked(blocker),
    })
}

/// Whether the host has come anywhere here. `lastUpdated` tells less: what the annotation holds may be unreadable, and
/// the status that says so is written too.
fn has_record(host: &BareMetalHost) -> bool {
    host.state() != ProvisioningState::None
}

fn restored(observation: &Observation, text: &str) -> Result<BareMetalHostStatus, Blocker> {
    let (mut status, _): (BareMetalHostStatus, _) =
        strict::read_known(text).map_err(|problem| {
            unreadable(names::STATUS_ANNOTATION, &problem, ErrorType::Registration)
        })?;
    if let Some(hardware) = &observation.hardware {
        status.hardware = Some(hardware.clone());
    }
    without_empty_images(&mut status);
    // They are found anew in this pass. Those of another version, or another hand, may be some that the schema refuses.
    status.conditions.clear();
    // Somebody may have written it by hand.
    status.error_count = status.error_count.max(0);
    status.provisioning_fail_count = status.provisioning_fail_count.max(0);
    // Generations and a shutdown of another cluster mean nothing here.
    status.boot_volume = None;
    match restore_volume(&observation.host, &mut status) {
        // It can always be deleted, and the annotation has its machine shut down.
        Err(_) if is_deleted(&observation.host) => status.provisioning.boot_volume = None,
        restored => restored?,
    }
    Ok(status)
}

/// What the status in the annotation says and nothing here knows, as another version of Metal3 or of this operator may
/// write it: the first such field.
pub(crate) fn unknown_field(host: &BareMetalHost) -> Option<String> {
    let text = annotation(host, names::STATUS_ANNOTATION)?;
    let (_, unknown) = strict::read_known::<BareMetalHostStatus>(text).ok()?;
    unknown
}

/// Metal3's types have no way to leave an image out.
fn without_empty_images(status: &mut BareMetalHostStatus) {
    let images = [
        &mut status.provisioning.image,
        &mut status.last_attempted_image,
    ];
    for image in images {
        image.take_if(|image| image.url.is_empty());
    }
}

/// Cluster API writes the annotation with Metal3's types, which drop the record of a deployed volume. What the machine
/// runs from stands in another annotation, and must be what the spec asks for.
fn restore_volume(host: &BareMetalHost, status: &mut BareMetalHostStatus) -> Result<(), Blocker> {
    use ProvisioningState as S;
    let is_releasing = match status.provisioning.state {
        S::Provisioning | S::Provisioned => false,
        S::Deprovisioning => true,
        S::None
        | S::Unmanaged
        | S::Registering
        | S::Inspecting
        | S::MatchProfile
        | S::Preparing
        | S::Ready
        | S::Available
        | S::ExternallyProvisioned
        | S::PoweringOffBeforeDelete
        | S::Deleting => return Ok(()),
    };
    let Some(deployed) = annotation(host, names::DEPLOYED_VOLUME_ANNOTATION) else {
        // The record alone is anybody's word.
        return match &status.provisioning.boot_volume {
            Some(recorded) => Err(conflict(&boot_volume::in_annotation(recorded))),
            None => Ok(()),
        };
    };
    if let Some(recorded) = &status.provisioning.boot_volume {
        return (boot_volume::in_annotation(recorded) == deployed)
            .then_some(())
            .ok_or_else(|| conflict(deployed));
    }
    let Some(wanted) = boot_volume::effective(&host.spec) else {
        // A release may go on without: what it needs to know is that the deployment is this operator's.
        return is_releasing.then_some(()).ok_or_else(|| conflict(deployed));
    };
    let Some((_, deployment_id)) = deployed.rsplit_once('@') else {
        return Err(conflict(deployed));
    };
    let mut volume = boot_volume::checked(host, wanted, deployment_id.to_owned())?;
    if boot_volume::in_annotation(&volume) != deployed {
        return Err(conflict(deployed));
    }
    volume.data_volumes = data_volumes(host, &volume)?;
    volume.config_drive = config_drive(host);
    status.provisioning.boot_volume = Some(volume);
    Ok(())
}

/// Those of the spec may be others by now, which wait for the next deployment.
fn data_volumes(host: &BareMetalHost, beside: &DeployedVolume) -> Result<Vec<DataVolume>, Blocker> {
    const NAME: &str = names::DEPLOYED_DATA_VOLUMES_ANNOTATION;
    let Some(text) = annotation(host, NAME) else {
        return Ok(Vec::new());
    };
    let volumes: Vec<DataVolume> = serde_json::from_str(text).map_err(|error| {
        Blocker::BootVolume {
            reason: BootVolumeReason::VolumeConflict,
            message: format!(
                "annotation {NAME}: it can't be read ({error}), so it is not known which data volumes the machine has; correct it, or remove it if it has none"
            ),
        }
    })?;
    boot_volume::checked_data_volumes(&format!("annotation {NAME}"), &volumes, beside)
}

/// Whatever it says, it leads to no more than an ejection at the release, and to a redeployment that somebody asks for.
fn config_drive(host: &BareMetalHost) -> Option<String> {
    /// The schema's limit.
    const LONGEST: usize = 128;
    let recorded = annotation(host, names::DEPLOYED_CONFIG_DRIVE_ANNOTATION)?;
    Some(recorded.chars().take(LONGEST).collect())
}

fn conflict(deployed: &str) -> Blocker {
    Blocker::BootVolume {
        reason: BootVolumeReason::VolumeConflict,
        message: format!(
            "{}: the host is deployed from {deployed}, which spec.bootVolume does not name; put spec.bootVolume back as it was, or remove the annotation if the machine runs from something else",
            names::DEPLOYED_VOLUME_ANNOTATION
        ),
    }
}

fn of_hardware(observation: &Observation) -> Option<Plan> {
    const NAME: &str = names::HARDWARE_DETAILS_ANNOTATION;
    const IGNORED: &str = "the hardware in the annotation is ignored: the host has hardware on record and is inspected, or has a HardwareData";
    let host = &observation.host;
    let text = annotation(host, NAME)?;
    let known = host
        .status
        .as_ref()
        .and_then(|status| status.hardware.as_ref());
    let counts = known.is_none() || skips_inspection(host);
    if text.is_empty() || !counts || observation.hardware.is_some() {
        return Some(drop_annotation(NAME, Some(IGNORED)));
    }
    match read::<HardwareDetails>(NAME, text, ErrorType::Inspection) {
        Ok(hardware) if known == Some(&hardware) => Some(drop_annotation(NAME, None)),
        Ok(hardware) => Some(Plan::enter(Transition::TakeHardware(Box::new(hardware)))),
        Err(_) if is_deleted(host) => None,
        Err(blocker) => Some(Plan::blocked(blocker)),
    }
}

fn drop_annotation(name: &'static str, note: Option<&'static str>) -> Plan {
    Plan::enter(Transition::DropAnnotation { name, note })
}

fn read<T: DeserializeOwned + Serialize + Default>(
    name: &str,
    text: &str,
    error_type: ErrorType,
) -> Result<T, Blocker> {
    strict::read(text).map_err(|problem| unreadable(name, &problem, error_type))
}

fn unreadable(name: &str, problem: &strict::Problem, error_type: ErrorType) -> Blocker {
    Blocker::Node {
        error_type,
        message: format!("annotation {name}: {problem}; correct it, or remove it to go on without"),
    }
}
