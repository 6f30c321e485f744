//! The rule for firmware settings.

use kube::core::{Reason, Rule};

/// Stored settings are left alone: the API server judges only what changes.
pub(super) fn unsupported() -> Rule {
    Rule::new("false")
        .message(
            "spec.firmware: is no longer supported; remove it, and use a HostFirmwareSettings \
             object where one is there",
        )
        .reason(Reason::FieldValueForbidden)
}
