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
}

impl Context {
    /// Writes one event. A recorder that is kept would fold a second note with the same reason into the first and lose
    /// it; the planner tells only what is new, so there is nothing to fold.
    pub(crate) fn recorder(&self) -> Recorder {
        let reporter = Reporter {
            controller: metal_api::names::FIELD_MANAGER.to_owned(),
            instance: None,
        };
        Recorder::new(self.kube.clone(), reporter)
    }
}
