//! What every step needs.

use ironic_client::Ironic;
use kube::runtime::events::{Recorder, Reporter};
use metal_plan::Settings;

/// The two clients and the settings: built once, passed first.
#[derive(Clone)]
pub struct Context {
    /// Kubernetes.
    pub kube: kube::Client,
    /// Ironic.
    pub ironic: Ironic,
    /// What the planner must know of the flags.
    pub settings: Settings,
    /// Hosts of this namespace only; all where none.
    pub namespace: Option<String>,
    pub(crate) recorder: Recorder,
}

impl Context {
    /// A context that reports its events as `ironboot`.
    pub fn new(
        kube: kube::Client,
        ironic: Ironic,
        settings: Settings,
        namespace: Option<String>,
    ) -> Self {
        let reporter = Reporter {
            controller: metal_api::names::FIELD_MANAGER.to_owned(),
            instance: None,
        };
        Self {
            recorder: Recorder::new(kube.clone(), reporter),
            kube,
            ironic,
            settings,
            namespace,
        }
    }
}
