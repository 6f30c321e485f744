//! The config drives of hosts: what is known of them, the URLs under which Ironic gets them, and the server behind those.
//!
//! Nothing is kept: a drive is made whenever it is needed, from the Secrets that the host names then. So any replica of
//! the operator can serve what another one has signed.

use std::time::Duration;

use config_drive::{Grant, InvalidGrant};
use kube::ResourceExt;
use metal_api::v1alpha1::BareMetalHost;
use metal_plan::{ConfigDriveFacts, Fingerprint};
use secrecy::SecretString;

use crate::context::Context;
use crate::credentials;

mod answers;
mod server;
#[cfg(test)]
mod tests;
mod tls;

pub use server::{ConfigDriveAddress, ConfigDrives, ConfigDrivesError};
pub use tls::{TlsError, TlsFiles};

/// How long a URL can be used: Ironic asks at once, unless it is busy.
const LIFETIME: Duration = Duration::from_mins(10);

/// There may be a config drive, but neither facts nor a URL.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// Kubernetes refused, or gave no answer; that a Secret isn't there, or is of no use, is no error.
    #[error(transparent)]
    Credentials(#[from] credentials::Error),
    #[error("failed to sign the URL of a config drive")]
    Url(#[from] InvalidGrant),
}

/// What is known of a host's config drive without its contents: opens the Secrets that the host names.
pub(crate) async fn facts(
    context: &Context,
    host: &BareMetalHost,
) -> Result<ConfigDriveFacts, Error> {
    if context.config_drive_url.is_none() {
        return Ok(ConfigDriveFacts::NotServed);
    }
    let drive = match context.secrets.config_drive(host).await? {
        Ok(drive) => drive,
        Err(problem) => return Ok(problem.into()),
    };
    match context.secrets.config_drive_key().await {
        Ok(key) => Ok(ConfigDriveFacts::Usable {
            fingerprint: for_the_planner(&key.fingerprint(&drive)),
        }),
        // Until somebody sees to it.
        Err(credentials::Error::NoKey {
            namespace,
            name,
            problem,
        }) => Ok(ConfigDriveFacts::SecretInvalid {
            field: "the key of the installation",
            secret: name.to_owned(),
            problem: format!("in namespace {namespace} it {problem}"),
        }),
        Err(error) => Err(error.into()),
    }
}

/// Where Ironic gets the drive that was observed, for a few minutes; nowhere if the drive is another one by now.
pub(crate) async fn url(
    context: &Context,
    host: &BareMetalHost,
    expected: &Fingerprint,
) -> Result<Option<SecretString>, Error> {
    let Some(base) = &context.config_drive_url else {
        return Ok(None);
    };
    let Ok(drive) = context.secrets.config_drive(host).await? else {
        return Ok(None);
    };
    let key = context.secrets.config_drive_key().await?;
    let fingerprint = key.fingerprint(&drive);
    if fingerprint.as_str() != expected.as_str() {
        return Ok(None);
    }
    let grant = Grant {
        namespace: host.namespace().unwrap_or_default(),
        name: host.name_any(),
        content: fingerprint,
        expires: context.clock.now() + LIFETIME,
    };
    Ok(Some(key.sign(base, &grant)?))
}

/// The planner has a type of its own, and compares what is recorded.
fn for_the_planner(fingerprint: &config_drive::Fingerprint) -> Fingerprint {
    // Each has both.
    let (key_id, hash) = fingerprint.as_str().split_once('.').unwrap_or_default();
    Fingerprint::new(key_id, hash)
}
