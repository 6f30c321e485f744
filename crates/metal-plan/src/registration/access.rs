//! The way to the BMC: its address and its credentials, as the spec and its Secret give them and as Ironic has them.

use ironic_types::Node;
use metal_api::v1alpha1::{BareMetalHost, BmcDetails};

use super::driver;
use crate::bmc::Bmc;
use crate::effect::{CredentialsRef, DriverBlueprint, Effect};
use crate::observation::{Observation, SecretFacts, Seen};
use crate::plan::Blocker;

/// All that Ironic must be told to reach the BMC.
pub(crate) struct Access {
    pub(crate) driver: DriverBlueprint,
    pub(crate) credentials: CredentialsRef,
}

/// What the spec and its Secret say.
pub(super) fn of(observation: &Observation, seen: &Seen) -> Result<Access, Blocker> {
    let Observation { host, settings, .. } = observation;
    let Some(details) = &host.spec.bmc else {
        return Err(unusable(
            "spec.bmc: it was removed; give the BMC's address and credentialsName",
        ));
    };
    let bmc = Bmc::parse(details).map_err(|error| unusable(error.to_string()))?;
    driver::checked(host, &bmc, seen)?;
    Ok(Access {
        driver: DriverBlueprint {
            interfaces: driver::interfaces(host, &bmc, seen.abilities.as_ref()),
            bmc,
            deploy_kernel: settings.deploy_kernel.clone(),
            deploy_ramdisk: settings.deploy_ramdisk.clone(),
        },
        credentials: credentials(observation, details)?,
    })
}

fn credentials(observation: &Observation, details: &BmcDetails) -> Result<CredentialsRef, Blocker> {
    let name = &details.credentials_name;
    let secret = |problem: &str| {
        Err(unusable(format!(
            "spec.bmc.credentialsName: Secret {name} {problem}"
        )))
    };
    match &observation.bmc_credentials {
        SecretFacts::Usable { version } => Ok(CredentialsRef {
            name: name.clone(),
            version: version.clone(),
        }),
        SecretFacts::Missing
        | SecretFacts::NotOptedIn
        | SecretFacts::NotRead
        // What was read for a volume says nothing of a BMC.
        | SecretFacts::Chap(_) => {
            secret("does not exist in the host's namespace; create it with username and password")
        }
        SecretFacts::Invalid { problem } => secret(&format!("can't be used: {problem}")),
    }
}

fn unusable(message: impl Into<String>) -> Blocker {
    Blocker::BmcAccess {
        message: message.into(),
    }
}

/// Tells Ironic anew how to reach the BMC, if it has another way. The password isn't to be seen, so the version of the
/// Secret that was told last is what counts.
pub(super) fn renewal(observation: &Observation, node: &Node, access: Access) -> Option<Effect> {
    let DriverBlueprint {
        bmc, interfaces, ..
    } = &access.driver;
    let settings = driver::changes(node, bmc, interfaces);
    let changed =
        credentials_changed(observation) || !bmc.is_reached_by(node) || !settings.is_empty();
    changed.then(|| Effect::SetDriverInfo {
        node: node.uuid,
        settings,
        driver: Box::new(access.driver),
        credentials: access.credentials,
    })
}

/// Whether the BMC's Secret is another than the one that was tried last.
pub(crate) fn credentials_changed(observation: &Observation) -> bool {
    matches!(observation.bmc_credentials, SecretFacts::Usable { .. })
        && !credentials_are_told(observation)
}

/// Whether the BMC's Secret is the one that was tried last.
pub(crate) fn credentials_are_told(observation: &Observation) -> bool {
    match &observation.bmc_credentials {
        SecretFacts::Usable { version } => tried_version(&observation.host) == Some(version),
        SecretFacts::NotRead
        | SecretFacts::Missing
        | SecretFacts::NotOptedIn
        | SecretFacts::Invalid { .. }
        | SecretFacts::Chap(_) => false,
    }
}

fn tried_version(host: &BareMetalHost) -> Option<&String> {
    let tried = host.status.as_ref()?.tried_credentials.as_ref()?;
    tried.credentials_version.as_ref()
}
