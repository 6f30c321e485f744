//! What a host says about itself.

use std::collections::BTreeSet;

use anyhow::{Context, Result, ensure};
use kube::ResourceExt;
use metal_api::v1alpha1::{BareMetalHost, BareMetalHostStatus, ErrorType, OperationalStatus};

/// Its status.
pub fn status(host: &BareMetalHost) -> Result<&BareMetalHostStatus> {
    host.status
        .as_ref()
        .with_context(|| format!("{} has no status", host.name_any()))
}

/// Its `operationalStatus`.
pub fn operational_status(host: &BareMetalHost) -> OperationalStatus {
    host.status
        .as_ref()
        .map(|status| status.operational_status)
        .unwrap_or_default()
}

/// Its `errorType`.
pub fn error_type(host: &BareMetalHost) -> Option<ErrorType> {
    host.status.as_ref()?.error_type
}

/// The id of its node; empty if it has none.
pub fn node_id(host: &BareMetalHost) -> &str {
    host.status
        .as_ref()
        .map(|status| status.provisioning.id.as_str())
        .unwrap_or_default()
}

/// Whether its machine is on.
pub fn is_on(host: &BareMetalHost) -> bool {
    host.status.as_ref().is_some_and(|status| status.powered_on)
}

/// Whether it has this annotation.
pub fn has_annotation(host: &BareMetalHost, annotation: &str) -> bool {
    host.annotations().contains_key(annotation)
}

/// Checks that it has these conditions: type, status and reason.
pub fn ensure_conditions(
    host: &BareMetalHost,
    expected: &[(&'static str, &'static str, &'static str)],
) -> Result<()> {
    let conditions = &status(host)?.conditions;
    let found: BTreeSet<_> = conditions
        .iter()
        .map(|condition| {
            (
                condition.type_.as_str(),
                condition.status.as_str(),
                condition.reason.as_str(),
            )
        })
        .collect();
    for condition in expected {
        ensure!(
            found.contains(condition),
            "{} is not {condition:?}: {found:?}",
            host.name_any()
        );
    }
    Ok(())
}
