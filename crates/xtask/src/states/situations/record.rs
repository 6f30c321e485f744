//! What is on record: failures, and the annotations that ask for something.

use anyhow::Result;
use ironic_types::PowerState;
use jiff::SignedDuration;
use metal_api::names;
use metal_api::v1alpha1::{ErrorType, OperationalStatus, ProvisioningState};
use metal_plan::Observation;
use serde_json::json;

use super::{Situation, all, annotate, drawn, living, lose_node, power};
use crate::states::example::{self, from};

const JUST_NOW: SignedDuration = SignedDuration::from_secs(1);
const RELEASED: &str = "iqn.2026-11.org.example:vol-1/1/vol-1@44444444-4444-4444-8444-444444444444";
const REBOOT_WITH_KEY: &str = "reboot.metal3.io/key";

pub(super) const ALL: &[Situation] = &[
    all("the last attempt failed a moment ago", |seen| {
        failed(seen, likely_error(seen.host.state()), 1, JUST_NOW)
    }),
    drawn(living("a deployment failed", |seen| {
        failed_to_deploy(seen, 1)?;
        failed(seen, ErrorType::Provisioning, 1, JUST_NOW)
    })),
    living("deployments failed as often as may be", |seen| {
        failed_to_deploy(seen, seen.settings.max_provisioning_retries)
    }),
    living("the annotation `inspect.metal3.io` is set", |seen| {
        annotate(seen, names::INSPECT_ANNOTATION, "");
        Ok(())
    }),
    living(
        "the annotation `reboot.metal3.io` is set, and the machine is on",
        |seen| {
            annotate(seen, names::REBOOT_ANNOTATION, "");
            power(seen, Some(PowerState::On));
            Ok(())
        },
    ),
    living(
        "the annotation `reboot.metal3.io` is set, and the machine is off",
        |seen| {
            annotate(seen, names::REBOOT_ANNOTATION, "");
            power(seen, Some(PowerState::Off));
            Ok(())
        },
    ),
    living(
        "an annotation `reboot.metal3.io/KEY` is set, and the machine is on",
        |seen| {
            annotate(seen, REBOOT_WITH_KEY, "");
            power(seen, Some(PowerState::On));
            Ok(())
        },
    ),
    living(
        "an annotation `reboot.metal3.io/KEY` is set, and the machine is off",
        |seen| {
            annotate(seen, REBOOT_WITH_KEY, "");
            power(seen, Some(PowerState::Off));
            Ok(())
        },
    ),
    living(
        "`spec.bootVolume` is not set, and the annotation `reboot.metal3.io` is",
        |seen| {
            seen.host.spec.boot_volume = None;
            annotate(seen, names::REBOOT_ANNOTATION, "");
            power(seen, Some(PowerState::On));
            Ok(())
        },
    ),
    living(
        "the volume is held by the annotation `ironboot.io/released-volume`",
        hold,
    ),
    living(
        "the volume is held, and the annotation `ironboot.io/reuse-volume` says the same",
        |seen| {
            hold(seen)?;
            annotate(seen, names::REUSE_VOLUME_ANNOTATION, RELEASED);
            Ok(())
        },
    ),
    all("the paused annotation is set", |seen| {
        annotate(seen, names::PAUSED_ANNOTATION, "");
        Ok(())
    }),
    living("the detached annotation is set", |seen| {
        annotate(seen, names::DETACHED_ANNOTATION, "");
        Ok(())
    }),
    living("the detached annotation says `{\"force\": true}`", |seen| {
        annotate(seen, names::DETACHED_ANNOTATION, r#"{"force": true}"#);
        Ok(())
    }),
    living(
        "the detached annotation is set, and the node is gone",
        |seen| {
            annotate(seen, names::DETACHED_ANNOTATION, "");
            lose_node(seen);
            Ok(())
        },
    ),
    living(
        "the detached annotation is set, and the host is shown as detached",
        |seen| {
            annotate(seen, names::DETACHED_ANNOTATION, "");
            show_detached(seen);
            Ok(())
        },
    ),
    living(
        "the detached annotation was removed from a host that is shown as detached",
        |seen| {
            show_detached(seen);
            Ok(())
        },
    ),
];

fn hold(seen: &mut Observation) -> Result<()> {
    seen.host.spec.boot_volume = Some(example::volume()?);
    annotate(seen, names::RELEASED_VOLUME_ANNOTATION, RELEASED);
    Ok(())
}

fn show_detached(seen: &mut Observation) {
    lose_node(seen);
    seen.host.status.get_or_insert_default().operational_status = OperationalStatus::Detached;
}

/// What kind of error is likely in a state.
fn likely_error(state: ProvisioningState) -> ErrorType {
    use ProvisioningState as S;
    match state {
        S::None | S::Unmanaged | S::Registering => ErrorType::Registration,
        S::Inspecting => ErrorType::Inspection,
        S::MatchProfile | S::Preparing => ErrorType::Preparation,
        S::Ready
        | S::Available
        | S::Provisioned
        | S::ExternallyProvisioned
        | S::Provisioning
        | S::PoweringOffBeforeDelete => ErrorType::PowerManagement,
        S::Deprovisioning | S::Deleting => ErrorType::Provisioning,
    }
}

/// So many attempts in a row have failed.
pub(super) fn failed(
    seen: &mut Observation,
    error_type: ErrorType,
    count: i64,
    since: SignedDuration,
) -> Result<()> {
    let at = example::ago(since);
    let generation = seen.host.metadata.generation;
    let status = seen.host.status.get_or_insert_default();
    status.operational_status = OperationalStatus::Error;
    status.error_type = Some(error_type);
    example::WORDS.clone_into(&mut status.error_message);
    status.error_count = count;
    status.last_updated = Some(at.clone());
    // The generation says that the spec was not changed since.
    status.conditions = from(json!([{
        "type": "Ready",
        "status": "False",
        "reason": "Error",
        "message": example::WORDS,
        "observedGeneration": generation,
        "lastTransitionTime": at,
    }]))?;
    Ok(())
}

/// So many deployments in a row have failed, and the last was undone.
fn failed_to_deploy(seen: &mut Observation, count: i64) -> Result<()> {
    let at = example::ago(JUST_NOW);
    let generation = seen.host.metadata.generation;
    let status = seen.host.status.get_or_insert_default();
    status.operational_status = OperationalStatus::Error;
    status.error_type = Some(ErrorType::Provisioning);
    example::WORDS.clone_into(&mut status.error_message);
    status.provisioning_fail_count = count;
    status.boot_volume = from(json!({"failedGeneration": generation}))?;
    status.operation_history = from(json!({"deprovision": {"start": at, "end": at}}))?;
    Ok(())
}
