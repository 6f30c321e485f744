//! The way to the BMC: its address and its credentials, as the spec and its Secret give them and as Ironic has them.

use ironic_types::Node;
use metal_api::v1alpha1::{BareMetalHost, BmcDetails};
use serde_json::Value;

use super::refused;
use crate::bmc::Bmc;
use crate::effect::{CredentialsRef, DriverBlueprint, Effect};
use crate::observation::{Observation, SecretFacts};
use crate::plan::Blocker;

/// All that Ironic must be told to reach the BMC.
pub(crate) struct Access {
    pub(crate) driver: DriverBlueprint,
    pub(crate) credentials: CredentialsRef,
}

/// What the spec and its Secret say.
pub(super) fn of(observation: &Observation) -> Result<Access, Blocker> {
    let Observation { host, settings, .. } = observation;
    let Some(details) = &host.spec.bmc else {
        return Err(refused(
            "spec.bmc: it was removed; give the BMC's address and credentialsName",
        ));
    };
    Ok(Access {
        driver: DriverBlueprint {
            bmc: Bmc::parse(details).map_err(|error| refused(error.to_string()))?,
            deploy_kernel: settings.deploy_kernel.clone(),
            deploy_ramdisk: settings.deploy_ramdisk.clone(),
        },
        credentials: credentials(observation, details)?,
    })
}

fn credentials(observation: &Observation, details: &BmcDetails) -> Result<CredentialsRef, Blocker> {
    let name = &details.credentials_name;
    let unusable = |problem: &str| {
        Err(refused(format!(
            "spec.bmc.credentialsName: Secret {name} {problem}"
        )))
    };
    match &observation.bmc_credentials {
        SecretFacts::Usable { version } => Ok(CredentialsRef {
            name: name.clone(),
            version: version.clone(),
        }),
        SecretFacts::Missing | SecretFacts::NotOptedIn | SecretFacts::NotRead => {
            unusable("does not exist in the host's namespace; create it with username and password")
        }
        SecretFacts::Invalid { problem } => unusable(&format!("can't be used: {problem}")),
    }
}

/// Tells Ironic anew how to reach the BMC, if it has another way. The password isn't to be seen, so the version of the
/// Secret that was told last is what counts.
pub(super) fn renewal(observation: &Observation, node: &Node, access: Access) -> Option<Effect> {
    let changed = credentials_changed(observation) || !is_reached_by(node, &access.driver.bmc);
    changed.then(|| Effect::SetDriverInfo {
        node: node.uuid,
        driver: access.driver,
        credentials: access.credentials,
    })
}

/// Whether the BMC's Secret is another than the one that was tried last.
pub(crate) fn credentials_changed(observation: &Observation) -> bool {
    match &observation.bmc_credentials {
        SecretFacts::Usable { version } => tried_version(&observation.host) != Some(version),
        SecretFacts::NotRead
        | SecretFacts::Missing
        | SecretFacts::NotOptedIn
        | SecretFacts::Invalid { .. } => false,
    }
}

fn tried_version(host: &BareMetalHost) -> Option<&String> {
    let tried = host.status.as_ref()?.tried_credentials.as_ref()?;
    tried.credentials_version.as_ref()
}

/// Whether the node has the BMC's address of the spec.
fn is_reached_by(node: &Node, bmc: &Bmc) -> bool {
    let has = |key: &str| node.driver_info.get(key).and_then(Value::as_str);
    let verifies = node
        .driver_info
        .get("redfish_verify_ca")
        .and_then(Value::as_bool);
    has("redfish_address") == Some(&bmc.redfish_address)
        && has("redfish_system_id") == bmc.redfish_system_id.as_deref()
        && verifies == Some(bmc.verify_ca)
}
