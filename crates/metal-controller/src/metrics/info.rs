//! Which metrics there are, and what they count.
//!
//! The names, types, labels and buckets of those that begin with `metal3_` are Metal3's
//! (`internal/controller/metal3.io/metrics.go`), two of them included that Metal3 counts and never registers.

/// A metric, as its documentation has it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MetricInfo {
    /// Its name.
    pub name: &'static str,
    /// Prometheus' word for its type.
    pub kind: &'static str,
    /// The names of its labels.
    pub labels: &'static [&'static str],
    /// What it counts or measures.
    pub help: &'static str,
    /// The upper bounds of a histogram's buckets, in seconds.
    pub buckets: &'static [f64],
}

const NO_LABELS: &[&str] = &[];
const HOST: &[&str] = &["namespace", "host"];

/// Metal3's, of all operations but the registration, which has the Go client's default: seconds.
const SLOW: &[f64] = &[30.0, 90.0, 180.0, 360.0, 720.0, 1440.0];
const DEFAULT: &[f64] = prometheus::DEFAULT_BUCKETS;

/// A request to Ironic may take a minute, and a pass may wait for several.
const REQUESTS: &[f64] = &[
    0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0,
];

pub(super) const RECONCILE: MetricInfo = counter(
    "metal3_reconcile_total",
    HOST,
    "Passes over a host, whatever came of them.",
);

pub(super) const RECONCILE_ERROR: MetricInfo = counter(
    "metal3_reconcile_error_total",
    NO_LABELS,
    "Passes that failed because Kubernetes refused something or gave no answer.",
);

pub(super) const HOST_ERROR: MetricInfo = counter(
    "metal3_host_error_total",
    &["error_type"],
    "Failures that were counted in `errorCount`, and errors of another type \
     that a host came to show.",
);

pub(super) const POWER_CHANGE: MetricInfo = counter(
    "metal3_operation_power_change_total",
    &["namespace", "host", "on_off"],
    "Power actions that Ironic accepted; a reboot counts as \
     `off`.",
);

pub(super) const CREDENTIALS_MISSING: MetricInfo = counter(
    "metal3_credentials_missing_total",
    NO_LABELS,
    "Passes that found no Secret for the BMC.",
);

pub(super) const CREDENTIALS_INVALID: MetricInfo = counter(
    "metal3_credentials_invalid_total",
    NO_LABELS,
    "Passes that found a Secret for the BMC, or an address of it, that can't be used.",
);

pub(super) const CREDENTIALS_UNHANDLED_ERROR: MetricInfo = counter(
    "metal3_credentials_unhandled_error_total",
    NO_LABELS,
    "Passes in which Kubernetes refused to give a Secret, or gave no answer.",
);

pub(super) const CREDENTIALS_UPDATED: MetricInfo = counter(
    "metal3_credentials_updated_total",
    NO_LABELS,
    "Credentials of a BMC that Ironic was told: the first, and each change \
     (`triedCredentials`).",
);

pub(super) const NO_MANAGEMENT_ACCESS: MetricInfo = counter(
    "metal3_credentials_no_management_access_total",
    NO_LABELS,
    "Registrations that failed, because the BMC gave no answer or refused the credentials.",
);

pub(super) const DELAYED_PROVISIONING: MetricInfo = counter(
    "metal3_delayed__provisioning_total",
    HOST,
    "Hosts that came to wait for a free place before an inspection or a deployment.",
);

pub(super) const DELAYED_DEPROVISIONING: MetricInfo = counter(
    "metal3_delayed__deprovisioning_total",
    HOST,
    "Hosts that came to wait for a free place before an undeployment.",
);

pub(super) const REGISTER_DURATION: MetricInfo = histogram(
    "metal3_operation_register_duration_seconds",
    HOST,
    DEFAULT,
    "How long a registration took, by `operationHistory`.",
);

pub(super) const INSPECT_DURATION: MetricInfo = histogram(
    "metal3_operation_inspect_duration_seconds",
    HOST,
    SLOW,
    "How long an inspection took, by `operationHistory`.",
);

pub(super) const PROVISION_DURATION: MetricInfo = histogram(
    "metal3_operation_provision_duration_seconds",
    HOST,
    SLOW,
    "How long a deployment took, by `operationHistory`.",
);

pub(super) const DEPROVISION_DURATION: MetricInfo = histogram(
    "metal3_operation_deprovision_duration_seconds",
    HOST,
    SLOW,
    "How long an undeployment took, by `operationHistory`.",
);

pub(super) const STATE_CHANGE: MetricInfo = counter(
    "metal3_provisioning_state_change_total",
    &["prev_state", "new_state"],
    "Changes of `status.provisioning.state`.",
);

pub(super) const REGISTRATION_REQUIRED: MetricInfo = counter(
    "metal3_host_registration_required_total",
    NO_LABELS,
    "Hosts that were registered and must be again, because Ironic lost their node or \
     something about it changed.",
);

pub(super) const UNMANAGED: MetricInfo = counter(
    "metal3_host_unmanaged_total",
    NO_LABELS,
    "Hosts that became `unmanaged`.",
);

pub(super) const DELETE_WITHOUT_DEPROVISIONING: MetricInfo = counter(
    "metal3_delete_without_deprovisioning_total",
    NO_LABELS,
    "Hosts that are deleted though their deployment could not be undone.",
);

pub(super) const DELETE_WITHOUT_POWERING_OFF: MetricInfo = counter(
    "metal3_delete_without_powering_off_total",
    NO_LABELS,
    "Hosts that are deleted though their machine is not known to be off.",
);

pub(super) const PROVISIONER_NOT_READY: MetricInfo = counter(
    "metal3_provisioner_not_ready_total",
    NO_LABELS,
    "Passes that waited because Ironic gave no answer.",
);

pub(super) const DELETE_DELAYED_FOR_DETACHED: MetricInfo = counter(
    "metal3_delete_delayed_for_detached_total",
    NO_LABELS,
    "Passes over a deleted host that waits because it is detached with `deleteAction: delay`.",
);

pub(super) const HOSTS: MetricInfo = gauge(
    "ironboot_hosts",
    &["state"],
    "Hosts in each state now; `none` without a state, `unreadable` if the object \
     can't be read.",
);

pub(super) const PASS_DURATION: MetricInfo = histogram(
    "ironboot_pass_duration_seconds",
    &["result"],
    REQUESTS,
    "How long a pass over a host took; `result` says what came of it, \
     and the count how often.",
);

pub(super) const CONFIG_DRIVE_REQUESTS: MetricInfo = counter(
    "ironboot_config_drive_requests_total",
    &["answer"],
    "Requests for config drives, by what was answered.",
);

pub(super) const IRONIC_REQUESTS: MetricInfo = counter(
    "ironboot_ironic_requests_total",
    &["call", "method", "outcome"],
    "Requests to Ironic, each attempt by itself; `outcome` is \
     the status class (`2xx`) or why there was no answer.",
);

pub(super) const IRONIC_REQUEST_DURATION: MetricInfo = histogram(
    "ironboot_ironic_request_duration_seconds",
    &["call"],
    REQUESTS,
    "How long a request to Ironic took, to the last byte of the answer.",
);

pub(super) const WAITING_FOR_PREPROV_IMAGE: MetricInfo = counter(
    "metal3_waiting_for_preprov_image_total",
    NO_LABELS,
    "Always 0: preprovisioning images are not implemented.",
);

pub(super) const HOST_CONFIG_DATA_ERROR: MetricInfo = counter(
    "metal3_host_config_data_error_total",
    &["host_data_type"],
    "Passes in which a host was not deployed because a Secret of its `userData`, `networkData` or \
     `metaData` is missing or can't be used.",
);

const fn counter(
    name: &'static str,
    labels: &'static [&'static str],
    help: &'static str,
) -> MetricInfo {
    MetricInfo {
        name,
        kind: "counter",
        labels,
        help,
        buckets: &[],
    }
}

const fn gauge(
    name: &'static str,
    labels: &'static [&'static str],
    help: &'static str,
) -> MetricInfo {
    MetricInfo {
        kind: "gauge",
        ..counter(name, labels, help)
    }
}

const fn histogram(
    name: &'static str,
    labels: &'static [&'static str],
    buckets: &'static [f64],
    help: &'static str,
) -> MetricInfo {
    MetricInfo {
        kind: "histogram",
        buckets,
        ..counter(name, labels, help)
    }
}
