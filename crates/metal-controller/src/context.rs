//! What every step needs.

use std::sync::Arc;

use ironic_client::Ironic;
use ironic_client::watch::Inventory;
use kube::runtime::events::{Recorder, Reporter};
use metal_plan::Settings;
use url::Url;

use crate::abilities::Drivers;
use crate::clock::Clock;
use crate::credentials::Secrets;
use crate::guard::{GuardCalls, SecretUsers};
use crate::health::Health;
use crate::leases::Leases;
use crate::metrics::Metrics;
use crate::refusals::Refusals;
use crate::rivals::Rivals;
use crate::secret_versions::SecretVersions;
use crate::shared::Shared;
use crate::started::Started;
use crate::superseded::Superseded;
use crate::virtual_media::VirtualMediaMemory;

/// The two clients and the settings, as [`run`](crate::run) takes them.
#[derive(Clone)]
pub struct Setup {
    /// Kubernetes.
    pub kube: kube::Client,
    /// Ironic.
    pub ironic: Ironic,
    /// What the planner must know of the flags.
    pub settings: Settings,
    /// Hosts of this namespace only; all where none.
    pub namespace: Option<String>,
    /// What Secrets are opened with; [`ConfigDrives`](crate::ConfigDrives) must have the same.
    pub secrets: Arc<Secrets>,
    /// The URL under which Ironic reaches what [`ConfigDrives`](crate::ConfigDrives) serves; none where nothing is served.
    pub config_drive_url: Option<Url>,
    /// What passes are counted in.
    pub metrics: Metrics,
    /// What is told how far the operator is.
    pub health: Health,
}

/// What every step of a pass needs: built once, passed first.
pub(crate) struct Context {
    pub(crate) kube: kube::Client,
    pub(crate) ironic: Ironic,
    /// What the watch over Ironic knows: hosts ask here first.
    pub(crate) inventory: Inventory,
    pub(crate) drivers: Drivers,
    /// That all volume targets were read into the inventory.
    pub(crate) targets: Shared<()>,
    /// What Secrets are opened with.
    pub(crate) secrets: Arc<Secrets>,
    /// Where Ironic gets config drives; nowhere where none.
    pub(crate) config_drive_url: Option<Url>,
    /// Which version each Secret has.
    pub(crate) secret_versions: SecretVersions,
    /// Which hosts have to do with which Secrets.
    pub(crate) secret_users: SecretUsers,
    /// The Secrets whose guard is to be looked at.
    pub(crate) guard_calls: GuardCalls,
    /// Which hosts claim the same machine.
    pub(crate) rivals: Rivals,
    /// Who holds which volume.
    pub(crate) leases: Leases,
    /// Which nodes were just told to boot a ramdisk.
    pub(crate) started: Started,
    pub(crate) superseded: Superseded,
    /// Which machines have a virtual CD drive.
    pub(crate) virtual_media: VirtualMediaMemory,
    /// Whose status Kubernetes refuses.
    pub(crate) refusals: Refusals,
    pub(crate) settings: Settings,
    pub(crate) metrics: Metrics,
    pub(crate) clock: Clock,
    /// Sees every pass from within.
    #[cfg(test)]
    pub(crate) witness: crate::testing::Witness,
}

impl Context {
    pub(crate) fn new(setup: Setup, inventory: Inventory) -> Self {
        let Setup {
            kube,
            ironic,
            settings,
            namespace: _,
            secrets,
            config_drive_url,
            metrics,
            health: _,
        } = setup;
        Self {
            kube,
            ironic,
            inventory,
            drivers: Drivers::default(),
            targets: Shared::default(),
            secrets,
            config_drive_url,
            secret_versions: SecretVersions::default(),
            secret_users: SecretUsers::default(),
            guard_calls: GuardCalls::default(),
            rivals: Rivals::default(),
            leases: Leases::default(),
            started: Started::default(),
            superseded: Superseded::default(),
            virtual_media: VirtualMediaMemory::default(),
            refusals: Refusals::default(),
            settings,
            metrics,
            clock: Clock::System,
            #[cfg(test)]
            witness: crate::testing::Witness::default(),
        }
    }

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
