//! Which reboots are asked for by annotations, and which of them count.

use metal_api::annotations::{self, RebootMode, Unreadable};
use metal_api::names;
use metal_api::v1alpha1::{BareMetalHost, ProvisioningState};

/// The host's reboot annotations, taken together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Reboots {
    /// The names of those that count: the machine goes down for them.
    pub(crate) that_count: Vec<String>,
    /// The first of those that don't: they lack `force`, and the host isn't deployed.
    pub(crate) ignored: Option<String>,
    /// Hard, if one of those that count asks for it.
    pub(crate) mode: RebootMode,
    /// Whether the annotation without a key is there, counting or not.
    pub(crate) one_shot_is_set: bool,
    /// What can't be read of those that count.
    pub(crate) unreadable: Vec<Unreadable>,
}

impl Reboots {
    /// Those of a host, in its state.
    pub(crate) fn of(host: &BareMetalHost) -> Self {
        let mut all = Self {
            that_count: Vec::new(),
            ignored: None,
            mode: RebootMode::Soft,
            one_shot_is_set: false,
            unreadable: Vec::new(),
        };
        let Some(annotations) = &host.metadata.annotations else {
            return all;
        };
        for reboot in annotations::reboots(annotations) {
            all.one_shot_is_set |= reboot.is_one_shot();
            if !reboot.force && !is_deployed(host) {
                all.ignored.get_or_insert_with(|| reboot.name.to_owned());
                continue;
            }
            all.that_count.push(reboot.name.to_owned());
            all.unreadable.extend(reboot.unreadable);
            if reboot.mode == RebootMode::Hard {
                all.mode = RebootMode::Hard;
            }
        }
        all
    }

    /// Whether the annotation without a key counts.
    pub(crate) fn one_shot_counts(&self) -> bool {
        self.that_count
            .iter()
            .any(|name| name == names::REBOOT_ANNOTATION)
    }
}

/// Whether something runs on the machine that may be rebooted as its user likes.
fn is_deployed(host: &BareMetalHost) -> bool {
    matches!(
        host.state(),
        ProvisioningState::Provisioned | ProvisioningState::ExternallyProvisioned
    )
}
