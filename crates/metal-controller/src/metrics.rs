//! What the operator tells Prometheus: Metal3's metrics under Metal3's names, and Ironboot's own.
//!
//! Nothing in the planner knows of metrics. What there is to count is taken from what a pass observed, planned, did and
//! published ([`count`]); what Ironic is asked is told by the client's observer; and how many hosts there are is looked
//! up when somebody asks.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use ironic_client::{Attempt, Observer};
use kube::runtime::reflector::{ObjectRef, Store};
use metal_api::v1alpha1::ProvisioningState;
use prometheus::{Registry, TextEncoder};

use crate::reconcile::Stored;

mod count;
mod families;
mod info;
#[cfg(test)]
pub(crate) mod tests;

pub(crate) use count::Pass;
use families::Families;
pub use info::MetricInfo;

/// The metrics could not be set up or written.
#[derive(Debug, thiserror::Error)]
pub enum MetricsError {
    /// Two of them have the same name, or one has a name that is none.
    #[error("failed to set up the metrics")]
    SetUp(#[source] prometheus::Error),
    /// They have no text.
    #[error("failed to write the metrics as text")]
    Text(#[source] prometheus::Error),
}

/// All metrics of one operator. Clones share them.
#[derive(Clone)]
pub struct Metrics(Arc<Inner>);

struct Inner {
    registry: Registry,
    families: Families,
    described: Vec<MetricInfo>,
    hosts: OnceLock<Store<Stored>>,
    /// Two scrapes at once must not see each other's count of hosts half made.
    scrape: Mutex<()>,
    /// The hosts that have series of their own.
    with_series: Mutex<HashMap<ObjectRef<Stored>, Presence>>,
}

/// Whether a host was there when the series were swept last.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Presence {
    There,
    Gone,
}

/// How an operator's pass over a host ended, for the label `result`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PassResult {
    /// The object can't be read.
    Unreadable,
    /// Our own last write is on its way.
    Superseded,
    /// The node is about to be read anew.
    Pending,
    /// The host is paused.
    Ignored,
    /// A transition was published.
    Entered,
    /// Effects were tried.
    Acted,
    /// Something else must happen first.
    Waited,
    /// There was nothing to do.
    Rested,
    /// Somebody changed the host in the meantime.
    Conflict,
    /// Kubernetes refused, or gave no answer.
    Failed,
}

impl PassResult {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Unreadable => "unreadable",
            Self::Superseded => "superseded",
            Self::Pending => "pending",
            Self::Ignored => "ignored",
            Self::Entered => "entered",
            Self::Acted => "acted",
            Self::Waited => "waited",
            Self::Rested => "rested",
            Self::Conflict => "conflict",
            Self::Failed => "failed",
        }
    }
}

/// What a request for a config drive was answered, for the label `answer`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ConfigDriveAnswer {
    /// The drive.
    Sent,
    /// 404 or 405.
    Refused,
    /// 503: Kubernetes refused, or gave no answer.
    Failed,
}

impl ConfigDriveAnswer {
    const ALL: [Self; 3] = [Self::Sent, Self::Refused, Self::Failed];

    const fn as_str(self) -> &'static str {
        match self {
            Self::Sent => "sent",
            Self::Refused => "refused",
            Self::Failed => "failed",
        }
    }
}

/// The `state` of a host that can't be read as one.
const UNREADABLE: &str = "unreadable";

impl Metrics {
    /// The type of [`Metrics::text`], for `Content-Type`.
    pub const CONTENT_TYPE: &str = prometheus::TEXT_FORMAT;

    /// Metrics with nothing counted.
    ///
    /// # Errors
    ///
    /// [`MetricsError::SetUp`], which is an error in this program.
    pub fn new() -> Result<Self, MetricsError> {
        let registry = Registry::new();
        let (families, described) = families::register(&registry).map_err(MetricsError::SetUp)?;
        Ok(Self(Arc::new(Inner {
            registry,
            families,
            described,
            hosts: OnceLock::new(),
            scrape: Mutex::default(),
            with_series: Mutex::default(),
        })))
    }

    /// What there is to see, whether or not it has series yet.
    pub fn described(&self) -> &[MetricInfo] {
        &self.0.described
    }

    /// All series, in Prometheus' text format 0.0.4.
    ///
    /// # Errors
    ///
    /// [`MetricsError::Text`].
    pub fn text(&self) -> Result<String, MetricsError> {
        let gathered = {
            let _alone = self.0.scrape.lock().unwrap_or_else(PoisonError::into_inner);
            self.show_hosts();
            self.0.registry.gather()
        };
        TextEncoder::new()
            .encode_to_string(&gathered)
            .map_err(MetricsError::Text)
    }

    /// Counts the requests of a client for Ironic.
    pub fn ironic_observer(&self) -> Arc<dyn Observer> {
        let metrics = self.clone();
        Arc::new(move |attempt: &Attempt| {
            let families = &metrics.0.families;
            families
                .ironic_requests
                .with_label_values(&[
                    attempt.call,
                    attempt.method.as_str(),
                    attempt.outcome.as_str(),
                ])
                .inc();
            families
                .ironic_request_duration
                .with_label_values(&[attempt.call])
                .observe(attempt.took.as_secs_f64());
        })
    }

    /// Where to look up how many hosts there are; the first call counts.
    pub(crate) fn look_up_hosts_in(&self, store: Store<Stored>) {
        self.0.hosts.set(store).ok();
    }

    /// A pass over a host begins.
    pub(crate) fn begin(&self, host: &ObjectRef<Stored>) {
        let labels = HostLabels::of(host);
        self.0
            .families
            .reconcile
            .with_label_values(&labels.values())
            .inc();
        self.with_series().insert(host.clone(), Presence::There);
    }

    /// It is over.
    pub(crate) fn end(&self, result: PassResult, took: Duration) {
        let families = &self.0.families;
        families
            .pass_duration
            .with_label_values(&[result.as_str()])
            .observe(took.as_secs_f64());
        if result == PassResult::Failed {
            families.reconcile_error.inc();
        }
    }

    /// A request for a config drive was answered.
    pub(crate) fn config_drive_answered(&self, answer: ConfigDriveAnswer) {
        self.0
            .families
            .config_drive_requests
            .with_label_values(&[answer.as_str()])
            .inc();
    }

    /// The BMC's Secret could not be asked for.
    pub(crate) fn credentials_unreadable(&self) {
        self.0.families.credentials_unhandled_error.inc();
    }

    /// Removes the series of hosts that are gone since the sweep before this one: whoever collects them in between has
    /// seen the last of them.
    pub(crate) fn sweep(&self, is_there: impl Fn(&ObjectRef<Stored>) -> bool) {
        self.with_series().retain(|host, presence| {
            let was = std::mem::replace(
                presence,
                if is_there(host) {
                    Presence::There
                } else {
                    Presence::Gone
                },
            );
            let is_gone = *presence == Presence::Gone && was == Presence::Gone;
            if is_gone {
                let labels = HostLabels::of(host);
                self.0.families.forget(labels.namespace, labels.host);
            }
            !is_gone
        });
    }

    fn show_hosts(&self) {
        let Some(store) = self.0.hosts.get() else {
            return;
        };
        // A state of older versions is shown only while a host is in it.
        let is_current = |state: &ProvisioningState| {
            !matches!(
                state,
                ProvisioningState::MatchProfile | ProvisioningState::Ready
            )
        };
        let mut counts: HashMap<&'static str, i64> = ProvisioningState::ALL
            .into_iter()
            .filter(is_current)
            .map(|state| (state_label(state), 0))
            .chain([(UNREADABLE, 0)])
            .collect();
        for stored in store.state() {
            let state = match &stored.0 {
                Ok(host) => state_label(host.state()),
                Err(_) => UNREADABLE,
            };
            *counts.entry(state).or_default() += 1;
        }
        let gauge = &self.0.families.hosts;
        gauge.reset();
        for (state, count) in counts {
            gauge.with_label_values(&[state]).set(count);
        }
    }

    fn with_series(&self) -> std::sync::MutexGuard<'_, HashMap<ObjectRef<Stored>, Presence>> {
        self.0
            .with_series
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

/// An empty label counts as none in Prometheus.
fn state_label(state: ProvisioningState) -> &'static str {
    match state {
        ProvisioningState::None => "none",
        state => state.as_str(),
    }
}

/// The labels of a host's own series: Metal3's.
#[derive(Clone, Copy)]
struct HostLabels<'a> {
    namespace: &'a str,
    host: &'a str,
}

impl<'a> HostLabels<'a> {
    fn of(host: &'a ObjectRef<Stored>) -> Self {
        Self {
            namespace: host.namespace.as_deref().unwrap_or_default(),
            host: &host.name,
        }
    }

    fn values(self) -> [&'a str; 2] {
        [self.namespace, self.host]
    }
}
