//! The metrics themselves.

use metal_api::v1alpha1::ErrorType;
use metal_plan::EventReason;
use prometheus::core::Collector;
use prometheus::{
    HistogramOpts, HistogramVec, IntCounter, IntCounterVec, IntGaugeVec, Opts, Registry, Result,
};

use super::ConfigDriveAnswer;
use super::info::{self, MetricInfo};

/// All metrics. How many label values each takes stands in `info`.
pub(super) struct Families {
    pub(super) reconcile: IntCounterVec,
    pub(super) reconcile_error: IntCounter,
    pub(super) host_error: IntCounterVec,
    pub(super) power_change: IntCounterVec,
    pub(super) host_config_data_error: IntCounterVec,
    pub(super) credentials_missing: IntCounter,
    pub(super) credentials_invalid: IntCounter,
    pub(super) credentials_unhandled_error: IntCounter,
    pub(super) credentials_updated: IntCounter,
    pub(super) no_management_access: IntCounter,
    pub(super) delayed_provisioning: IntCounterVec,
    pub(super) delayed_deprovisioning: IntCounterVec,
    pub(super) register_duration: HistogramVec,
    pub(super) inspect_duration: HistogramVec,
    pub(super) provision_duration: HistogramVec,
    pub(super) deprovision_duration: HistogramVec,
    pub(super) state_change: IntCounterVec,
    pub(super) registration_required: IntCounter,
    pub(super) unmanaged: IntCounter,
    pub(super) delete_without_deprovisioning: IntCounter,
    pub(super) delete_without_powering_off: IntCounter,
    pub(super) provisioner_not_ready: IntCounter,
    pub(super) delete_delayed_for_detached: IntCounter,
    pub(super) hosts: IntGaugeVec,
    pub(super) pass_duration: HistogramVec,
    pub(super) config_drive_requests: IntCounterVec,
    pub(super) ironic_requests: IntCounterVec,
    pub(super) ironic_request_duration: HistogramVec,
}

const ERROR_TYPES: [ErrorType; 8] = [
    ErrorType::Detach,
    ErrorType::ProvisionedRegistration,
    ErrorType::Registration,
    ErrorType::Inspection,
    ErrorType::Preparation,
    ErrorType::Provisioning,
    ErrorType::PowerManagement,
    ErrorType::Servicing,
];

/// The keys of the Secrets that Metal3 reads for a host.
const HOST_DATA_TYPES: [&str; 3] = ["userData", "networkData", "metaData"];

/// Registers all; an error is one in this program.
pub(super) fn register(registry: &Registry) -> Result<(Families, Vec<MetricInfo>)> {
    let mut new = Registrar {
        registry,
        described: Vec::new(),
    };
    nothing_counts_these_yet(&mut new)?;
    let families = Families {
        reconcile: new.counters(&info::RECONCILE)?,
        reconcile_error: new.counter(&info::RECONCILE_ERROR)?,
        host_error: new.counters(&info::HOST_ERROR)?,
        power_change: new.counters(&info::POWER_CHANGE)?,
        host_config_data_error: new.counters(&info::HOST_CONFIG_DATA_ERROR)?,
        credentials_missing: new.counter(&info::CREDENTIALS_MISSING)?,
        credentials_invalid: new.counter(&info::CREDENTIALS_INVALID)?,
        credentials_unhandled_error: new.counter(&info::CREDENTIALS_UNHANDLED_ERROR)?,
        credentials_updated: new.counter(&info::CREDENTIALS_UPDATED)?,
        no_management_access: new.counter(&info::NO_MANAGEMENT_ACCESS)?,
        delayed_provisioning: new.counters(&info::DELAYED_PROVISIONING)?,
        delayed_deprovisioning: new.counters(&info::DELAYED_DEPROVISIONING)?,
        register_duration: new.histogram(&info::REGISTER_DURATION)?,
        inspect_duration: new.histogram(&info::INSPECT_DURATION)?,
        provision_duration: new.histogram(&info::PROVISION_DURATION)?,
        deprovision_duration: new.histogram(&info::DEPROVISION_DURATION)?,
        state_change: new.counters(&info::STATE_CHANGE)?,
        registration_required: new.counter(&info::REGISTRATION_REQUIRED)?,
        unmanaged: new.counter(&info::UNMANAGED)?,
        delete_without_deprovisioning: new.counter(&info::DELETE_WITHOUT_DEPROVISIONING)?,
        delete_without_powering_off: new.counter(&info::DELETE_WITHOUT_POWERING_OFF)?,
        provisioner_not_ready: new.counter(&info::PROVISIONER_NOT_READY)?,
        delete_delayed_for_detached: new.counter(&info::DELETE_DELAYED_FOR_DETACHED)?,
        hosts: new.gauges(&info::HOSTS)?,
        pass_duration: new.histogram(&info::PASS_DURATION)?,
        config_drive_requests: new.counters(&info::CONFIG_DRIVE_REQUESTS)?,
        ironic_requests: new.counters(&info::IRONIC_REQUESTS)?,
        ironic_request_duration: new.histogram(&info::IRONIC_REQUEST_DURATION)?,
    };
    for error_type in ERROR_TYPES {
        // From now on it is 0, and its first increase can be seen.
        families
            .host_error
            .with_label_values(&[EventReason::Error(error_type).as_str()]);
    }
    for answer in ConfigDriveAnswer::ALL {
        families
            .config_drive_requests
            .with_label_values(&[answer.as_str()]);
    }
    for host_data_type in HOST_DATA_TYPES {
        let errors = &families.host_config_data_error;
        errors.with_label_values(&[host_data_type]);
    }
    Ok((families, new.described))
}

/// What it counts can't happen yet: there is no preprovisioning image.
fn nothing_counts_these_yet(new: &mut Registrar<'_>) -> Result<()> {
    new.counter(&info::WAITING_FOR_PREPROV_IMAGE)?;
    Ok(())
}

impl Families {
    /// Removes a host's own series.
    pub(super) fn forget(&self, namespace: &str, host: &str) {
        let labels = [namespace, host];
        for counters in [
            &self.reconcile,
            &self.delayed_provisioning,
            &self.delayed_deprovisioning,
        ] {
            // An error is that it has none.
            counters.remove_label_values(&labels).ok();
        }
        for histograms in [
            &self.register_duration,
            &self.inspect_duration,
            &self.provision_duration,
            &self.deprovision_duration,
        ] {
            histograms.remove_label_values(&labels).ok();
        }
        for on_off in ["on", "off"] {
            self.power_change
                .remove_label_values(&[namespace, host, on_off])
                .ok();
        }
    }
}

struct Registrar<'a> {
    registry: &'a Registry,
    described: Vec<MetricInfo>,
}

impl Registrar<'_> {
    fn counter(&mut self, info: &MetricInfo) -> Result<IntCounter> {
        self.add(info, IntCounter::new(info.name, info.help)?)
    }

    fn counters(&mut self, info: &MetricInfo) -> Result<IntCounterVec> {
        let opts = Opts::new(info.name, info.help);
        self.add(info, IntCounterVec::new(opts, info.labels)?)
    }

    fn gauges(&mut self, info: &MetricInfo) -> Result<IntGaugeVec> {
        let opts = Opts::new(info.name, info.help);
        self.add(info, IntGaugeVec::new(opts, info.labels)?)
    }

    fn histogram(&mut self, info: &MetricInfo) -> Result<HistogramVec> {
        let opts = HistogramOpts::new(info.name, info.help).buckets(info.buckets.to_vec());
        self.add(info, HistogramVec::new(opts, info.labels)?)
    }

    fn add<C: Collector + Clone + 'static>(&mut self, info: &MetricInfo, metric: C) -> Result<C> {
        self.registry.register(Box::new(metric.clone()))?;
        self.described.push(*info);
        Ok(metric)
    }
}
