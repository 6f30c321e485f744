//! `DataVolumesApplied`: whether the machine was deployed with the data volumes that the spec asks for.

use metal_api::conditions::DataVolumesReason;
use metal_api::v1alpha1::{DataVolume, ProvisioningState};

use super::Facts;
use crate::boot_volume;

/// None for a host that neither has nor asks for any.
pub(super) fn verdict(facts: &Facts<'_>) -> Option<(DataVolumesReason, String)> {
    let status = &facts.status.provisioning;
    let recorded = status.boot_volume.as_ref();
    let deployed = recorded.map_or(&[][..], |volume| &volume.data_volumes);
    let wanted = wanted(facts);
    if wanted.is_empty() && deployed.is_empty() {
        return None;
    }
    let pending = |message: String| Some((DataVolumesReason::Pending, message));
    if status.state != ProvisioningState::Provisioned {
        return pending("the next deployment attaches them, a release takes them away".to_owned());
    }
    let differences = differences(deployed, &wanted);
    if differences.is_empty() {
        return Some((DataVolumesReason::Applied, String::new()));
    }
    pending(format!(
        "{}; the next deployment applies it",
        differences.join(", ")
    ))
}

/// What the spec asks for, as it would be recorded; as it stands where it can't be used.
fn wanted(facts: &Facts<'_>) -> Vec<DataVolume> {
    let Some(volume) = boot_volume::effective(&facts.host.spec) else {
        return Vec::new();
    };
    boot_volume::checked(facts.host, volume, String::new()).map_or_else(
        |_| facts.host.spec.data_volumes.clone(),
        |checked| checked.data_volumes,
    )
}

fn differences(deployed: &[DataVolume], wanted: &[DataVolume]) -> Vec<String> {
    let mut differences: Vec<_> = wanted
        .iter()
        .filter_map(|volume| match find(deployed, &volume.name) {
            None => Some(format!("{} is not attached yet", volume.name)),
            Some(same) if same == volume => None,
            Some(_) => Some(format!("{} has changed", volume.name)),
        })
        .collect();
    differences.extend(
        deployed
            .iter()
            .filter(|volume| find(wanted, &volume.name).is_none())
            .map(|volume| format!("{} is still attached", volume.name)),
    );
    if differences.is_empty() && deployed != wanted {
        differences.push("their order has changed".to_owned());
    }
    differences
}

fn find<'a>(volumes: &'a [DataVolume], name: &str) -> Option<&'a DataVolume> {
    volumes.iter().find(|volume| volume.name == name)
}
