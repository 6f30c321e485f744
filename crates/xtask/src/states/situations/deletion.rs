//! What may be out of the ordinary with a host that is deleted.

use jiff::SignedDuration;
use metal_api::names;
use metal_api::v1alpha1::ErrorType;

use super::record::failed;
use super::{Change, Of, Situation, all, annotate, drawn, lose_node, power};
use crate::states::example;
use metal_plan::SecretFacts;

const LONG_AGO: SignedDuration = SignedDuration::from_hours(24);

pub(super) const ALL: &[Situation] = &[
    deletion("the BMC's Secret is missing", |seen| {
        seen.bmc_credentials = SecretFacts::Missing;
        Ok(())
    }),
    deletion("there is neither a node nor the BMC's Secret", |seen| {
        seen.bmc_credentials = SecretFacts::Missing;
        lose_node(seen);
        Ok(())
    }),
    drawn(deletion("its registration failed four times", |seen| {
        failed(seen, ErrorType::Registration, 4, LONG_AGO)
    })),
    drawn(deletion("its undeployment failed four times", |seen| {
        failed(seen, ErrorType::Provisioning, 4, LONG_AGO)
    })),
    drawn(deletion("powering off failed four times", |seen| {
        failed(seen, ErrorType::PowerManagement, 4, LONG_AGO)
    })),
    drawn(deletion(
        "Ironic has not known the power state for long",
        |seen| {
            power(seen, None);
            seen.host.metadata.deletion_timestamp = Some(example::ago(LONG_AGO));
            Ok(())
        },
    )),
    deletion("it is detached", |seen| {
        annotate(seen, names::DETACHED_ANNOTATION, "");
        Ok(())
    }),
    deletion(
        "it is detached with `{\"deleteAction\": \"delay\"}`",
        |seen| {
            annotate(
                seen,
                names::DETACHED_ANNOTATION,
                r#"{"deleteAction": "delay"}"#,
            );
            Ok(())
        },
    ),
    deletion(
        "its status was lost but for the annotation `ironboot.io/deployed-volume`",
        |seen| {
            let status = seen.host.status.get_or_insert_default();
            status.provisioning.boot_volume = None;
            annotate(seen, names::DEPLOYED_VOLUME_ANNOTATION, "vol-1");
            Ok(())
        },
    ),
    all(
        "it is not deleted: its status was copied from a host that was",
        |seen| {
            seen.host.metadata.deletion_timestamp = None;
            Ok(())
        },
    ),
];

const fn deletion(when: &'static str, change: Change) -> Situation {
    Situation {
        of: Of::Deleted,
        ..all(when, change)
    }
}
