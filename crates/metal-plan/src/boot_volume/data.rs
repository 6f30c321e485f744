//! The data volumes of a host that boots from a volume: checked, and written in one way.

use std::collections::BTreeSet;

use metal_api::v1alpha1::{DataVolume, MAX_DATA_VOLUMES};
use metal_api::values::{VolumeId, is_dns_label};

use super::{invalid, target};
use crate::plan::Blocker;

/// What two volumes of one host can't have both: what admission compares, too.
#[derive(Default)]
pub(super) struct Taken {
    volume_ids: BTreeSet<String>,
    targets: BTreeSet<(String, i64)>,
}

impl Taken {
    pub(super) fn by(volume_id: &str, iqn: &str, lun: i64) -> Self {
        let mut taken = Self::default();
        taken.volume_ids.insert(volume_id.to_owned());
        taken.targets.insert((iqn.to_ascii_lowercase(), lun));
        taken
    }
}

/// The data volumes as they would be recorded, in their order. The field is where they stand, and what is taken is the
/// boot volume's.
pub(super) fn checked(
    field: &str,
    volumes: &[DataVolume],
    mut taken: Taken,
) -> Result<Vec<DataVolume>, Blocker> {
    if volumes.len() > MAX_DATA_VOLUMES {
        let problem = format!(
            "there are {} of them; remove all but {MAX_DATA_VOLUMES}",
            volumes.len()
        );
        return Err(invalid(field, &problem));
    }
    let mut names = BTreeSet::new();
    volumes
        .iter()
        .map(|volume| {
            if !is_dns_label(&volume.name) {
                return Err(invalid(
                    &format!("{field}[].name"),
                    &format!(
                        "{:?} is no DNS label; give lower case letters, digits and '-', at most 63",
                        volume.name
                    ),
                ));
            }
            let of_volume = format!("{field}[{}]", volume.name);
            if !names.insert(&volume.name) {
                let problem = "there are two of this name; give each a name of its own";
                return Err(invalid(&of_volume, &problem));
            }
            one(&of_volume, volume, &mut taken)
        })
        .collect()
}

fn one(field: &str, volume: &DataVolume, taken: &mut Taken) -> Result<DataVolume, Blocker> {
    volume
        .volume_id
        .parse::<VolumeId>()
        .map_err(|error| invalid(&format!("{field}.volumeId"), &error))?;
    let credentials = volume.iscsi_credentials_name.as_deref();
    let iscsi_target = target::checked(field, &volume.iscsi_target, credentials)?;
    if !taken.volume_ids.insert(volume.volume_id.clone()) {
        return Err(invalid(
            &format!("{field}.volumeId"),
            &"another volume of this host has it; remove one of the two, or correct it",
        ));
    }
    let iqn = iscsi_target.iqn.to_ascii_lowercase();
    if !taken.targets.insert((iqn, iscsi_target.lun)) {
        return Err(invalid(
            &format!("{field}.iscsiTarget"),
            &"another volume of this host has the same iqn and lun; remove one of the two, or correct it",
        ));
    }
    Ok(DataVolume {
        iscsi_target,
        ..volume.clone()
    })
}
