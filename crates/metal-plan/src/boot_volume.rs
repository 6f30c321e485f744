//! The boot volume that a host's spec asks for: read, checked, and compared with what is deployed.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Display;

use metal_api::conditions::BootVolumeReason;
use metal_api::v1alpha1::{
    BareMetalHost, BareMetalHostSpec, BootVolume, DataVolume, DeployedVolume, ProvisionOn,
    ProvisioningState, UsedCredentials,
};
use metal_api::values::{Iqn, IqnError, Mac, VolumeId, default_connector_id};

use crate::config_drive;
use crate::effect::ChapRef;
use crate::host::{deployment, is_externally_provisioned};
use crate::observation::{Observation, SecretFacts};
use crate::plan::Blocker;
use crate::redeploy;

mod data;
pub(crate) mod ibft;
mod target;
mod wanted;

use data::Taken;
pub use wanted::{WantedTarget, wanted_targets};

/// The boot volume that counts: with `volumeDriver: noop` the block is kept and not used.
pub fn effective(spec: &BareMetalHostSpec) -> Option<&BootVolume> {
    spec.boot_volume.as_ref().filter(|volume| volume.is_used())
}

/// The IQN with which the host logs in: the spec's, or the default that is made of the host's name.
pub fn initiator(host: &BareMetalHost, volume: &BootVolume) -> Result<Iqn, IqnError> {
    match &volume.connector_id {
        Some(connector_id) => connector_id.parse(),
        None => Ok(default_initiator(host)),
    }
}

fn default_initiator(host: &BareMetalHost) -> Iqn {
    default_connector_id(
        host.metadata.namespace.as_deref().unwrap_or_default(),
        host.metadata.name.as_deref().unwrap_or_default(),
    )
}

/// The Secrets with the credentials of the volumes that are deployed or being deployed, and of those that the spec asks
/// for, as far as the host may be deployed from them next.
pub fn iscsi_secrets(host: &BareMetalHost) -> BTreeSet<&str> {
    use ProvisioningState as S;
    match host.state() {
        S::Available => wanted_secrets(host),
        S::Deprovisioning => recorded_secrets(host),
        S::Provisioning | S::Provisioned => &recorded_secrets(host) | &wanted_secrets(host),
        S::None
        | S::Unmanaged
        | S::Registering
        | S::Inspecting
        | S::MatchProfile
        | S::Preparing
        | S::Ready
        | S::ExternallyProvisioned
        | S::PoweringOffBeforeDelete
        | S::Deleting => match deployment(host) {
            Some(_) => recorded_secrets(host),
            None => wanted_secrets(host),
        },
    }
}

/// The Secrets of the deployment on record.
pub(crate) fn recorded_secrets(host: &BareMetalHost) -> BTreeSet<&str> {
    let recorded = deployment(host).into_iter().flat_map(wanted_targets);
    recorded
        .filter_map(|target| target.iscsi_credentials_name)
        .collect()
}

/// The Secrets that the spec names.
pub(crate) fn wanted_secrets(host: &BareMetalHost) -> BTreeSet<&str> {
    let Some(volume) = effective(&host.spec) else {
        return BTreeSet::new();
    };
    let data = &host.spec.data_volumes;
    let of_data = data.iter().map(|data| &data.iscsi_credentials_name);
    std::iter::once(&volume.iscsi_credentials_name)
        .chain(of_data)
        .filter_map(Option::as_deref)
        .collect()
}

/// The volume, and the data volumes beside it, as they would be recorded and deployed. Admission checks the same, but objects get in by other ways.
pub(crate) fn checked(
    host: &BareMetalHost,
    volume: &BootVolume,
    deployment_id: String,
) -> Result<DeployedVolume, Blocker> {
    let Some(mac) = &host.spec.boot_mac_address else {
        return Err(invalid(
            "spec.bootMACAddress",
            &"it is required with a bootVolume; set it to the MAC address of the network card that boots",
        ));
    };
    mac.parse::<Mac>()
        .map_err(|error| invalid("spec.bootMACAddress", &error))?;
    // What this operator has deployed doesn't become somebody else's by the flag.
    if is_externally_provisioned(host) && deployment(host).is_none() {
        return Err(invalid(
            "spec.externallyProvisioned",
            &"a machine that somebody else deployed is not deployed from a bootVolume; remove one of the two",
        ));
    }
    volume
        .volume_id
        .parse::<VolumeId>()
        .map_err(|error| invalid("spec.bootVolume.volumeId", &error))?;
    let connector =
        initiator(host, volume).map_err(|error| invalid("spec.bootVolume.connectorId", &error))?;
    let Some(target) = &volume.iscsi_target else {
        return Err(invalid(
            "spec.bootVolume.iscsiTarget",
            &"it is required with volumeDriver external; give the target's iqn and portal",
        ));
    };
    if volume.reclaim_policy.is_some() && volume.provision_on != ProvisionOn::Claim {
        return Err(invalid(
            "spec.bootVolume.reclaimPolicy",
            &"it is only for volumes with provisionOn Claim; remove it, or set provisionOn to Claim",
        ));
    }
    let credentials = volume.iscsi_credentials_name.as_deref();
    let iscsi_target = target::checked("spec.bootVolume", target, credentials)?;
    let taken = Taken::by(&volume.volume_id, &iscsi_target.iqn, iscsi_target.lun);
    Ok(DeployedVolume {
        volume_id: volume.volume_id.clone(),
        volume_driver: volume.volume_driver,
        target_type: volume.target_type,
        connector_id: connector.to_string(),
        data_volumes: data::checked("spec.dataVolumes", &host.spec.data_volumes, taken)?,
        iscsi_target,
        iscsi_credentials_name: volume.iscsi_credentials_name.clone(),
        provision_on: volume.provision_on,
        config_drive: None,
        credentials: Vec::new(),
        redeploy: None,
        deployment_id,
    })
}

/// The data volumes that an annotation says were deployed beside a volume.
pub(crate) fn checked_data_volumes(
    annotation: &str,
    volumes: &[DataVolume],
    beside: &DeployedVolume,
) -> Result<Vec<DataVolume>, Blocker> {
    let target = &beside.iscsi_target;
    let taken = Taken::by(&beside.volume_id, &target.iqn, target.lun);
    data::checked(annotation, volumes, taken)
}

/// Data volumes have no use of their own. Admission refuses them, too.
pub(crate) fn lone_data_volumes(spec: &BareMetalHostSpec) -> Option<Blocker> {
    (spec.boot_volume.is_none() && !spec.data_volumes.is_empty()).then(|| {
        invalid(
            "spec.dataVolumes",
            &"they can be used together with spec.bootVolume only; remove them, or set spec.bootVolume",
        )
    })
}

fn invalid(field: &str, problem: &dyn Display) -> Blocker {
    Blocker::BootVolume {
        reason: BootVolumeReason::Invalid,
        message: format!("{field}: {problem}"),
    }
}

/// The Secrets of a deployment's volumes as they were seen: all of them, and all usable.
#[derive(Debug, Default)]
pub(crate) struct Credentials(BTreeMap<String, ChapRef>);

impl Credentials {
    /// The credentials of a volume that names this Secret; none for one that names none.
    pub(crate) fn of(&self, name: Option<&str>) -> Option<&ChapRef> {
        self.0.get(name?)
    }

    /// As they are recorded.
    pub(crate) fn used(&self) -> Vec<UsedCredentials> {
        let secrets = self.0.values();
        secrets
            .map(|secret| UsedCredentials {
                name: secret.name.clone(),
                fingerprint: secret.fingerprint.to_string(),
            })
            .collect()
    }
}

/// The credentials of a deployment's volumes, if all Secrets that they name can be used.
pub(crate) fn credentials(
    observation: &Observation,
    volume: &DeployedVolume,
) -> Result<Credentials, Blocker> {
    credentials_of(observation, wanted_targets(volume))
}

/// The credentials of some of them, likewise.
pub(crate) fn credentials_of<'a>(
    observation: &Observation,
    targets: impl IntoIterator<Item = WantedTarget<'a>>,
) -> Result<Credentials, Blocker> {
    targets
        .into_iter()
        .filter_map(|target| Some((target.field(), target.iscsi_credentials_name?)))
        .map(|(field, name)| {
            let field = format!("{field}.iscsiCredentialsName");
            let secret = secret(observation, &field, name)?;
            Ok((name.to_owned(), secret))
        })
        .collect::<Result<_, _>>()
        .map(Credentials)
}

/// The Secret that a field names, if it can be used.
fn secret(observation: &Observation, field: &str, name: &str) -> Result<ChapRef, Blocker> {
    let blocked = |reason, problem: &str| {
        Err(Blocker::BootVolume {
            reason,
            message: format!("{field}: Secret {name} {problem}"),
        })
    };
    if observation
        .host
        .spec
        .bmc
        .as_ref()
        .is_some_and(|bmc| bmc.credentials_name == name)
    {
        return blocked(
            BootVolumeReason::SecretNotOptedIn,
            "is the host's BMC credentials; a volume's credentials end in a boot script, give them a Secret of their own",
        );
    }
    match observation.iscsi_facts(name) {
        SecretFacts::Chap(chap) => Ok(ChapRef {
            name: name.to_owned(),
            fingerprint: chap.fingerprint.clone(),
        }),
        // What was read for a BMC says nothing of a volume.
        SecretFacts::Missing | SecretFacts::NotRead | SecretFacts::Usable { .. } => blocked(
            BootVolumeReason::SecretMissing,
            "does not exist in the host's namespace; create it",
        ),
        SecretFacts::NotOptedIn => blocked(
            BootVolumeReason::SecretNotOptedIn,
            "may not be used for iSCSI; give it the type kubernetes.io/iscsi-chap or the label ironboot.io/iscsi-credentials: \"true\"",
        ),
        SecretFacts::Invalid { problem } => blocked(
            BootVolumeReason::SecretInvalid,
            &format!("can't be used: {problem}"),
        ),
    }
}

/// A new deployment of the volume that the spec asks for, with the credentials that are in its Secrets by now: what is
/// recorded before anything is done.
pub(crate) fn intent(
    observation: &Observation,
    volume: &BootVolume,
) -> Result<DeployedVolume, Blocker> {
    let host = &observation.host;
    let intent = checked(host, volume, observation.fresh_id.to_string())?;
    is_no_default_of_another(host, volume)?;
    ibft::fits(host, &intent)?;
    let credentials = credentials(observation, &intent)?.used();
    Ok(DeployedVolume {
        config_drive: config_drive::content(observation)?.map(ToString::to_string),
        credentials,
        redeploy: redeploy::token(host).map(str::to_owned),
        ..intent
    })
}

/// Nobody takes the name that another host has by default: it is known before that host is deployed.
fn is_no_default_of_another(host: &BareMetalHost, volume: &BootVolume) -> Result<(), Blocker> {
    let Some(Ok(named)) = volume.connector_id.as_ref().map(|name| name.parse::<Iqn>()) else {
        return Ok(());
    };
    if !named.is_a_default() || named.is_same(&default_initiator(host)) {
        return Ok(());
    }
    Err(invalid(
        "spec.bootVolume.connectorId",
        &format!(
            "{named} begins as the names do that hosts have by default, and is not this host's; remove the field, or give a name of your own"
        ),
    ))
}

/// Whether what is deployed is what the spec asks for. Credentials and a config drive can't be compared by their names
/// alone.
pub(crate) fn same_settings(one: &DeployedVolume, other: &DeployedVolume) -> bool {
    let settings = |volume: &DeployedVolume| DeployedVolume {
        config_drive: None,
        credentials: Vec::new(),
        redeploy: None,
        deployment_id: String::new(),
        ..volume.clone()
    };
    settings(one) == settings(other)
}

/// What the annotation of a deployment says of it: the volume, and the deployment that it is of.
pub(crate) fn in_annotation(volume: &DeployedVolume) -> String {
    let target = &volume.iscsi_target;
    format!(
        "{}/{}/{}@{}",
        target.iqn, target.lun, volume.volume_id, volume.deployment_id
    )
}

/// What an annotation says of data volumes; none where there are none.
pub(crate) fn data_in_annotation(volumes: &[DataVolume]) -> Option<String> {
    // Strings and numbers have a JSON form.
    (!volumes.is_empty())
        .then(|| serde_json::to_string(volumes).ok())
        .flatten()
}

/// Whether two records mean the same volume by the same way: what can't change while a host is deployed.
pub(crate) fn same_identity(one: &DeployedVolume, other: &DeployedVolume) -> bool {
    one.volume_id == other.volume_id
        && one.volume_driver == other.volume_driver
        && one.target_type == other.target_type
        && one.connector_id == other.connector_id
        && one.iscsi_target.iqn == other.iscsi_target.iqn
        && one.iscsi_target.lun == other.iscsi_target.lun
        && one.iscsi_target.lun_mapping == other.iscsi_target.lun_mapping
}
