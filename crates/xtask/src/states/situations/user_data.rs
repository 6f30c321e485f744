//! What is to be delivered to the machine, and whether that can be.

use anyhow::Result;
use metal_plan::{ConfigDriveFacts, Fingerprint, Observation, VirtualMediaFacts};
use serde_json::json;

use super::{Situation, in_ironic, living};
use crate::states::example::{KEY_ID, from};

pub(super) const ALL: &[Situation] = &[
    living("the host has user data", deliver),
    living(
        "the host has user data, and its Secret is missing",
        |seen| {
            seen.config_drive = ConfigDriveFacts::SecretMissing {
                field: "spec.userData",
                secret: "node-0-user-data".to_owned(),
            };
            deliver(seen)
        },
    ),
    living(
        "the host has user data, and its BMC has no virtual CD drive",
        |seen| {
            find(
                seen,
                VirtualMediaFacts::Lacking {
                    problem: "its BMC has no virtual CD drive".to_owned(),
                },
            );
            deliver(seen)
        },
    ),
    living(
        "the host has user data, and there is a disc in the virtual CD drive",
        |seen| {
            find(seen, drive(true));
            deliver(seen)
        },
    ),
    living(
        "the host has user data, and Ironic is changing its virtual media",
        |seen| {
            find(seen, VirtualMediaFacts::Busy);
            deliver(seen)
        },
    ),
];

/// What the host's Secrets make.
pub(in crate::states) fn content() -> ConfigDriveFacts {
    ConfigDriveFacts::Usable {
        fingerprint: fingerprint(),
    }
}

fn fingerprint() -> Fingerprint {
    Fingerprint::new(KEY_ID, "5")
}

/// The machine's virtual CD drive.
pub(in crate::states) fn drive(is_inserted: bool) -> VirtualMediaFacts {
    VirtualMediaFacts::Drive {
        is_inserted,
        last_error: None,
        is_asked_in_vain: false,
    }
}

/// With the record of a deployment that has it where there is one.
fn deliver(seen: &mut Observation) -> Result<()> {
    seen.host.spec.user_data = from(json!({"name": "node-0-user-data"}))?;
    let status = seen.host.status.as_mut();
    if let Some(record) = status.and_then(|status| status.provisioning.boot_volume.as_mut()) {
        record.config_drive = Some(fingerprint().to_string());
    }
    Ok(())
}

fn find(seen: &mut Observation, media: VirtualMediaFacts) {
    if let Some(seen) = in_ironic(seen) {
        seen.virtual_media = media;
    }
}
