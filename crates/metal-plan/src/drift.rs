//! Drift: what somebody else changed of a deployed node, of its port, its volume connector and its volume target.
//!
//! The machine runs on as it is, and its boot script stays. But Ironic writes the script anew when another conductor takes
//! the node over, and undeploys by what it knows, so its record is put right as soon as it allows that:
//!
//! * a port, a connector and a target are made, and the node's capabilities changed, at any time;
//! * a connector and a target are removed only while the machine is off (`ironic/conductor/manager.py`,
//!   `destroy_volume_target`);
//! * an interface and a port's `pxe_enabled` are changed only in maintenance (`update_node`, `update_port`, likewise).
//!
//! Nothing here switches a machine off or sets maintenance: what must wait is told.

use ironic_types::{Node, Patch, Port, PowerState, ProvisionState};
use metal_api::v1alpha1::{BareMetalHost, DeployedVolume, ProvisioningState};

use crate::boot_volume;
use crate::effect::Effect;
use crate::host::{boot_mac_address, deployment, recorded_boot_mode};
use crate::observation::{IronicView, Observation, Seen};
use crate::plan::{Blocker, Plan, Wait};
use crate::volumes::{self, Differences};

/// What is otherwise than it was deployed.
#[derive(Debug, Default)]
pub(crate) struct Drift {
    /// What Ironic lets be put right now.
    effects: Vec<Effect>,
    /// The same in words.
    mended: Vec<String>,
    /// The rest in words, and what each waits for.
    waiting: Vec<(String, Awaited)>,
}

/// What must be before Ironic lets something be put right.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Awaited {
    Maintenance,
    PowerOff,
    /// The volume's Secret can't be used.
    Secret(String),
}

/// Whether the plan looks for drift: the host is deployed from a volume, by its own record and by Ironic's.
pub(crate) fn matters(host: &BareMetalHost, node: &Node) -> bool {
    host.state() == ProvisioningState::Provisioned
        && deployment(host).is_some()
        && node.provision_state == Some(ProvisionState::Active)
}

/// Whether what was seen of the ports, connectors and targets of a host's node, which may be some minutes old, is
/// otherwise than it was deployed: then they are to be read anew before anything is planned.
pub fn has_drifted(host: &BareMetalHost, seen: &Seen) -> bool {
    within(host, seen).is_some_and(|(node, volume)| {
        let differences = Differences::of(node, seen, volume, |_, _| true);
        !differences.is_empty() || PortDrift::of(host, seen).is_some()
    })
}

/// Whether a target of the host must be made again, for which its Secret is needed.
pub fn lacks_target(host: &BareMetalHost, seen: &Seen) -> bool {
    within(host, seen).is_some_and(|(node, volume)| {
        let differences = Differences::of(node, seen, volume, |_, _| true);
        !differences.lacks_targets.is_empty()
    })
}

/// What of an observation is otherwise; none where that isn't known.
pub(crate) fn of(observation: &Observation) -> Option<Drift> {
    let IronicView::Seen(seen) = &observation.ironic else {
        return None;
    };
    let (node, volume) = within(&observation.host, seen)?;
    let mut drift = Drift::default();
    drift.of_node(&observation.host, node);
    drift.of_port(&observation.host, node, seen);
    drift.of_volume(observation, seen, node, volume);
    Some(drift)
}

fn within<'a>(host: &'a BareMetalHost, seen: &'a Seen) -> Option<(&'a Node, &'a DeployedVolume)> {
    let node = seen.node.as_ref()?;
    let volume = deployment(host)?;
    (seen.knows_belongings && matters(host, node)).then_some((node, volume))
}

impl Drift {
    /// The boot mode is the deployment's, if that is on record: that of the spec may be another by now, for the next one.
    fn of_node(&mut self, host: &BareMetalHost, node: &Node) {
        let mut patch = volumes::fields_patch(host, node, recorded_boot_mode(host), Patch::new());
        let mut words: Vec<_> = patch
            .paths()
            .map(|path| path[1..].replace('/', "."))
            .collect();
        for other in volumes::other_interfaces(node) {
            let item = format!("{} ({})", other.field, other.present.unwrap_or("none"));
            if node.maintenance {
                patch = patch.add(format!("/{}", other.field), other.wanted);
                words.push(item);
            } else {
                self.waiting.push((item, Awaited::Maintenance));
            }
        }
        if !patch.is_empty() {
            self.mended.append(&mut words);
            self.effects.push(Effect::UpdateNode {
                node: node.uuid,
                patch,
                skips_cleaning: false,
            });
        }
    }

    fn of_port(&mut self, host: &BareMetalHost, node: &Node, seen: &Seen) {
        match PortDrift::of(host, seen) {
            None => {}
            Some(PortDrift::Missing(address)) => self.mend(
                Effect::CreatePort {
                    node: node.uuid,
                    address: address.to_lowercase(),
                    pxe_enabled: true,
                },
                format!("port {address} (missing)"),
            ),
            Some(PortDrift::Disabled(port)) => {
                let item = format!("pxe_enabled of port {} (false)", port.address);
                if node.maintenance {
                    self.mend(Effect::EnablePxe { port: port.uuid }, item);
                } else {
                    self.waiting.push((item, Awaited::Maintenance));
                }
            }
        }
    }

    /// What must go goes first: Ironic refuses a second target with one boot index.
    fn of_volume(
        &mut self,
        observation: &Observation,
        seen: &Seen,
        node: &Node,
        volume: &DeployedVolume,
    ) {
        let differences = Differences::of(node, seen, volume, |_, _| true);
        if is_off(node) {
            self.effects.extend(differences.deletions());
        }
        let others = differences.others_in_words();
        if is_off(node) {
            self.mended.extend(others);
        } else {
            let waiting = others.map(|item| (item, Awaited::PowerOff));
            self.waiting.extend(waiting);
        }
        if differences.lacks_connector {
            let item = format!("volume connector {} (missing)", volume.connector_id);
            self.mend(volumes::connector(node, volume), item);
        }
        for missing in &differences.lacks_targets {
            let item = format!("volume target of {} (missing)", missing.volume_id);
            match boot_volume::credentials_of(observation, [*missing]) {
                Ok(_) if differences.has_taken(missing.boot_index) && !is_off(node) => {
                    self.waiting.push((item, Awaited::PowerOff));
                }
                // The Secret as it is now: what the target had can't be read back.
                Ok(credentials) => {
                    let effect = volumes::target(node, volume, missing, &credentials);
                    self.mend(effect, item);
                }
                Err(blocker) => self.waiting.push((item, Awaited::Secret(problem(blocker)))),
            }
        }
    }

    fn mend(&mut self, effect: Effect, item: String) {
        self.effects.push(effect);
        self.mended.push(item);
    }

    /// Whether there is something that Ironic lets be put right now.
    pub(crate) fn can_be_mended(&self) -> bool {
        !self.effects.is_empty()
    }

    /// Puts right what can be, and ends a maintenance that somebody set, as adoption does.
    pub(crate) fn mending(&self, node: &Node) -> Vec<Effect> {
        let mut effects = self.effects.clone();
        if node.maintenance && node.fault.is_none() {
            effects.push(Effect::UnsetMaintenance { node: node.uuid });
        }
        effects
    }

    /// What is planned for a machine whose power is as it is to be.
    pub(crate) fn plan(&self, node: &Node) -> Plan {
        if self.can_be_mended() {
            return Plan::act(self.mending(node));
        }
        match self.in_words() {
            None => Plan::rest(),
            Some(message) => Plan::wait(Wait::Drifted { message }),
        }
    }

    /// What these effects put right, if they are of this drift.
    pub(crate) fn mended_by(&self, effects: &[Effect]) -> Option<String> {
        let is_of_it = self.can_be_mended() && effects.starts_with(&self.effects);
        is_of_it.then(|| format!("{CHANGED}, and put right: {}", self.mended.join(", ")))
    }

    /// What waits, and for what.
    pub(crate) fn in_words(&self) -> Option<String> {
        if self.waiting.is_empty() {
            return None;
        }
        let groups = self
            .waiting
            .chunk_by(|one, other| one.1 == other.1)
            .map(|group| {
                let items: Vec<_> = group.iter().map(|(item, _)| item.as_str()).collect();
                format!("{}, {}", items.join(", "), group[0].1.in_words())
            });
        let groups: Vec<_> = groups.collect();
        Some(format!("{CHANGED}: {}", groups.join("; ")))
    }
}

const CHANGED: &str = "Ironic's record of this deployment was changed by somebody else";

impl Awaited {
    fn in_words(&self) -> String {
        match self {
            Self::Maintenance => "which Ironic lets be put right in maintenance only: set it on the node, and it is done and the maintenance ended".to_owned(),
            Self::PowerOff => "which Ironic lets be put right only while the machine is off: it is done at its next reboot by annotation".to_owned(),
            Self::Secret(problem) => format!("which can't be made again: {problem}"),
        }
    }
}

fn problem(blocker: Blocker) -> String {
    match blocker {
        Blocker::Node { message, .. }
        | Blocker::BmcAccess { message }
        | Blocker::BootVolume { message, .. }
        | Blocker::UserData { message, .. }
        | Blocker::PowerUnknown { message }
        | Blocker::NotImplemented { message }
        | Blocker::TooManyFailures { message } => message,
    }
}

/// The port that boots, where it isn't as a boot needs it.
enum PortDrift<'a> {
    Missing(&'a str),
    Disabled(&'a Port),
}

impl<'a> PortDrift<'a> {
    fn of(host: &'a BareMetalHost, seen: &'a Seen) -> Option<Self> {
        let address = boot_mac_address(host)?;
        let is_it = |port: &&Port| port.address.eq_ignore_ascii_case(address);
        match seen.ports.iter().find(is_it) {
            None => Some(Self::Missing(address)),
            Some(port) => (port.pxe_enabled != Some(true)).then_some(Self::Disabled(port)),
        }
    }
}

/// Whether the machine is off and stays so for now.
pub(crate) fn is_off(node: &Node) -> bool {
    node.power_state == Some(PowerState::Off) && node.target_power_state.is_none()
}
