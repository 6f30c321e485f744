//! Which volumes a hold is on: all of the deployment that a consumer left.

use metal_api::names;
use metal_api::v1alpha1::{BareMetalHost, BootVolume, DataVolume, IscsiTarget, LunMapping};

use crate::boot_volume;
use crate::host::annotation;

/// A volume that is held, as far as it tells it from others.
struct Held {
    iqn: String,
    lun: i64,
    volume_id: String,
}

/// Whether none of the volumes that the spec asks for is held. An annotation that can't be read may be of any.
pub(super) fn are_others(host: &BareMetalHost, wanted: &BootVolume, released: &str) -> bool {
    let (Some(held), Some(target)) = (of_annotations(host, released), &wanted.iscsi_target) else {
        return false;
    };
    let data = host.spec.data_volumes.iter();
    let mut wanted = std::iter::once((target, &wanted.volume_id))
        .chain(data.map(|data| (&data.iscsi_target, &data.volume_id)));
    !wanted.any(|(target, volume_id)| held.iter().any(|held| is_it(held, target, volume_id)))
}

/// Where each initiator has LUNs of its own, the same volume may come back under another one.
fn is_it(held: &Held, target: &IscsiTarget, volume_id: &str) -> bool {
    let has_its_lun = match target.lun_mapping {
        LunMapping::Shared => held.lun == target.lun,
        LunMapping::PerInitiator => true,
    };
    // iSCSI names are the same in any case (RFC 3722).
    held.iqn.eq_ignore_ascii_case(&target.iqn) && has_its_lun && held.volume_id == volume_id
}

/// What is written down of the data volumes that are held: those of the annotation, which an earlier deployment for the
/// same consumer had, and these.
pub(crate) fn data_volumes(host: &BareMetalHost, these: &[DataVolume]) -> Option<String> {
    let before = annotation(host, names::RELEASED_DATA_VOLUMES_ANNOTATION);
    let mut held: Vec<DataVolume> = before
        .and_then(|text| serde_json::from_str(text).ok())
        .unwrap_or_default();
    for volume in these {
        if !held.contains(volume) {
            held.push(volume.clone());
        }
    }
    boot_volume::data_in_annotation(&held)
}

fn of_annotations(host: &BareMetalHost, released: &str) -> Option<Vec<Held>> {
    let (identity, _) = released.rsplit_once('@')?;
    let (iqn, rest) = identity.split_once('/')?;
    let (lun, volume_id) = rest.split_once('/')?;
    let mut held = vec![Held {
        iqn: iqn.to_owned(),
        lun: lun.parse().ok()?,
        volume_id: volume_id.to_owned(),
    }];
    if let Some(text) = annotation(host, names::RELEASED_DATA_VOLUMES_ANNOTATION) {
        let data: Vec<DataVolume> = serde_json::from_str(text).ok()?;
        held.extend(data.into_iter().map(|data| Held {
            iqn: data.iscsi_target.iqn,
            lun: data.iscsi_target.lun,
            volume_id: data.volume_id,
        }));
    }
    Some(held)
}
