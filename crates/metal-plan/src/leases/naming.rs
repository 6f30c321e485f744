//! Which Leases a volume needs, what they are called, and who holds them.

use std::fmt::Write as _;
use std::iter;

use metal_api::v1alpha1::{
    BareMetalHost, DataVolume, DeployedVolume, IscsiTarget, LunMapping, ProvisioningState,
};
use sha2::{Digest, Sha256};

use crate::boot_volume::{effective, initiator};
use crate::claim;
use crate::host::deployment;
use crate::redeploy;

/// A Lease that somebody must hold whose machine runs from a volume: of the volume, or of the initiator. They are ordered by
/// name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct VolumeLease {
    /// Its name.
    pub name: String,
    /// What it stands for, for people.
    pub volume: String,
    /// The field of the host that says so.
    pub field: String,
    /// Whether the host takes it. Else it must only be no other machine's: a LUN that is this host's alone for it, and
    /// everybody's for who took it.
    pub is_taken: bool,
}

/// One volume: a field of the spec, and what tells the volume from others.
struct Volume<'a> {
    field: String,
    id: &'a str,
    target: &'a IscsiTarget,
}

impl<'a> Volume<'a> {
    fn boot(id: &'a str, target: &'a IscsiTarget) -> Self {
        let field = "spec.bootVolume".to_owned();
        Self { field, id, target }
    }

    fn data(volume: &'a DataVolume) -> Self {
        Self {
            field: format!("spec.dataVolumes[{}]", volume.name),
            id: &volume.volume_id,
            target: &volume.iscsi_target,
        }
    }
}

/// The Leases that the host needs in its state, in the order in which they are taken: for the volumes and the initiator of
/// its deployment, or before one for those that its spec names, unless nothing is deployed before somebody claims the host
/// or ends a hold.
pub fn needed_leases(host: &BareMetalHost) -> Vec<VolumeLease> {
    taken(exclusive_leases(host))
}

/// Those, and before a deployment the ones that must only be no other machine's.
pub(super) fn exclusive_leases(host: &BareMetalHost) -> Vec<VolumeLease> {
    match (deployment(host), host.state()) {
        (Some(deployed), _) => taken(of_all(
            &deployed_volumes(deployed),
            Some(&deployed.connector_id),
        )),
        (None, ProvisioningState::Ready | ProvisioningState::Available)
            if !claim::is_awaited(host) && claim::held(host).is_none() =>
        {
            wanted_leases(host)
        }
        (None, _) => Vec::new(),
    }
}

fn taken(mut leases: Vec<VolumeLease>) -> Vec<VolumeLease> {
    leases.retain(|lease| lease.is_taken);
    leases
}

/// The Leases on which the plan for the host depends: those that it [needs](needed_leases), and those of the next
/// deployment, whose volumes must be free before the host is offered, or before a deployed one is shut down for it.
pub fn looked_up_leases(host: &BareMetalHost) -> Vec<VolumeLease> {
    use ProvisioningState as S;
    let mut leases = needed_leases(host);
    let is_asked_for = match host.state() {
        S::Ready | S::Available => true,
        S::Provisioned => redeploy::token(host).is_some(),
        S::None
        | S::Unmanaged
        | S::Registering
        | S::Inspecting
        | S::MatchProfile
        | S::Preparing
        | S::Provisioning
        | S::ExternallyProvisioned
        | S::Deprovisioning
        | S::PoweringOffBeforeDelete
        | S::Deleting => false,
    };
    if is_asked_for {
        leases.extend(wanted_leases(host));
    }
    in_order(leases)
}

/// Those of the volumes and the initiator that the spec names.
pub(super) fn wanted_leases(host: &BareMetalHost) -> Vec<VolumeLease> {
    let initiator = effective(&host.spec).and_then(|volume| initiator(host, volume).ok());
    let initiator = initiator.map(|iqn| iqn.to_string());
    of_all(&wanted_volumes(host), initiator.as_deref())
}

fn of_all(volumes: &[Volume<'_>], initiator: Option<&str>) -> Vec<VolumeLease> {
    let of_volumes = volumes.iter().flat_map(of_volume);
    in_order(of_volumes.chain(initiator.map(of_initiator)).collect())
}

fn in_order(mut leases: Vec<VolumeLease>) -> Vec<VolumeLease> {
    leases.sort();
    leases.dedup_by(|one, other| one.name == other.name);
    leases
}

fn deployed_volumes(deployed: &DeployedVolume) -> Vec<Volume<'_>> {
    let boot = Volume::boot(&deployed.volume_id, &deployed.iscsi_target);
    let data = deployed.data_volumes.iter().map(Volume::data);
    iter::once(boot).chain(data).collect()
}

fn wanted_volumes(host: &BareMetalHost) -> Vec<Volume<'_>> {
    let boot = effective(&host.spec).and_then(|volume| {
        let target = volume.iscsi_target.as_ref()?;
        Some(Volume::boot(&volume.volume_id, target))
    });
    let Some(boot) = boot else {
        return Vec::new();
    };
    let data = host.spec.data_volumes.iter().map(Volume::data);
    iter::once(boot).chain(data).collect()
}

/// One for its name in its target, and one for its LUN, where that means the same volume for every initiator: of two
/// hosts that give one volume two names, or two volumes one name, one is wrong.
fn of_volume(volume: &Volume<'_>) -> Vec<VolumeLease> {
    let Volume { field, id, target } = volume;
    let iqn = target.iqn.to_lowercase();
    let of_volume = VolumeLease {
        name: name("volume", &iqn, id),
        volume: format!("volume {id} of {iqn}"),
        field: format!("{field}.volumeId"),
        is_taken: true,
    };
    let of_lun = VolumeLease {
        name: name("lun", &iqn, &target.lun.to_string()),
        volume: format!("lun {} of {iqn}", target.lun),
        field: format!("{field}.iscsiTarget.lun"),
        is_taken: match target.lun_mapping {
            LunMapping::Shared => true,
            LunMapping::PerInitiator => false,
        },
    };
    vec![of_volume, of_lun]
}

/// The storage tells machines by it: two that log in under one name break each other's sessions (RFC 7143, 4.5), and where
/// each initiator has LUNs of its own the second finds the first one's volumes.
fn of_initiator(iqn: &str) -> VolumeLease {
    let iqn = iqn.to_lowercase();
    VolumeLease {
        name: name("initiator", &iqn, ""),
        volume: format!("initiator {iqn}"),
        field: "spec.bootVolume.connectorId".to_owned(),
        is_taken: true,
    }
}

/// A volume's name may have characters that an object's may not. None of the parts holds a NUL.
fn name(kind: &str, iqn: &str, number: &str) -> String {
    const DIGITS: usize = 24;
    let hash = hex(&format!("iscsi\0{kind}\0{iqn}\0{number}"));
    format!("ironboot-volume-{}", &hash[..DIGITS])
}

fn hex(text: &str) -> String {
    let hash = Sha256::digest(text.as_bytes());
    hash.iter().fold(String::new(), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

/// Who holds the Leases of a host: `<namespace>/<name>/<bootMACAddress>`. Another MAC address is another machine,
/// whatever its name.
pub fn lease_holder(host: &BareMetalHost) -> String {
    let metadata = &host.metadata;
    format!(
        "{}/{}/{}",
        metadata.namespace.as_deref().unwrap_or_default(),
        metadata.name.as_deref().unwrap_or_default(),
        host.spec
            .boot_mac_address
            .as_deref()
            .unwrap_or_default()
            .to_lowercase()
    )
}

/// A [holder](lease_holder), taken apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LeaseHolder<'a> {
    /// The host's namespace.
    pub namespace: &'a str,
    /// The host's name.
    pub name: &'a str,
    /// The MAC address of the machine, in lower case.
    pub mac: &'a str,
}

impl<'a> LeaseHolder<'a> {
    /// None for a text that is no holder of ours.
    pub fn parse(holder: &'a str) -> Option<Self> {
        let (namespace, rest) = holder.split_once('/')?;
        let (name, mac) = rest.split_once('/')?;
        let is_whole = !namespace.is_empty() && !name.is_empty() && !mac.contains('/');
        is_whole.then_some(Self {
            namespace,
            name,
            mac,
        })
    }
}

/// A label's value that stands for a namespace or a name: as it is where it fits, else cut and closed with a hash.
pub fn label_value(text: &str) -> String {
    const LONGEST: usize = 63;
    const DIGITS: usize = 10;
    if text.len() <= LONGEST {
        return text.to_owned();
    }
    let kept: String = text.chars().take(LONGEST - 1 - DIGITS).collect();
    format!("{kept}-{}", &hex(text)[..DIGITS])
}
