//! Whether a host is deployed with the credentials that are in its volumes' Secrets by now.

use metal_api::names;
use metal_api::v1alpha1::{BareMetalHost, DeployedVolume};

use crate::boot_volume::{effective, recorded_secrets};
use crate::fingerprint::Comparison;
use crate::observation::{Observation, SecretFacts};

/// How the deployment on record stands to the Secrets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Applied {
    /// It has what is in them.
    Yes {
        /// A Secret whose password is longer than some take.
        long: Option<String>,
    },
    /// They hold something else by now.
    Outdated {
        /// What was changed.
        what: String,
    },
    /// It can't be told.
    Unknown {
        /// Why.
        why: String,
    },
}

/// None for a deployment without credentials, of a host whose spec names none; an error where the Secrets weren't read.
pub(crate) fn applied(
    observation: &Observation,
    deployed: &DeployedVolume,
) -> Result<Option<Applied>, NotRead> {
    let host = &observation.host;
    let recorded = recorded_secrets(host);
    let names_another = names_another(host, deployed);
    if recorded.is_empty() && !names_another {
        return Ok(None);
    }
    let mut worst = Applied::Yes { long: None };
    for name in recorded {
        worst = worst.or(of_secret(observation, deployed, name)?);
    }
    if names_another {
        worst = worst.or(Applied::Outdated {
            what: "spec.bootVolume.iscsiCredentialsName is not what the host was deployed with"
                .to_owned(),
        });
    }
    Ok(Some(worst))
}

/// The Secrets were not looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct NotRead;

/// Whether the spec names another Secret for the boot volume. Other data volumes have a condition of their own.
fn names_another(host: &BareMetalHost, deployed: &DeployedVolume) -> bool {
    effective(&host.spec)
        .is_some_and(|volume| volume.iscsi_credentials_name != deployed.iscsi_credentials_name)
}

fn of_secret(
    observation: &Observation,
    deployed: &DeployedVolume,
    name: &str,
) -> Result<Applied, NotRead> {
    let unknown = |why: String| Ok(Applied::Unknown { why });
    let used = deployed.credentials.iter().find(|used| used.name == name);
    let now = match observation.iscsi_facts(name) {
        SecretFacts::NotRead | SecretFacts::Usable { .. } => return Err(NotRead),
        SecretFacts::Missing => return unknown(format!("Secret {name} does not exist any more")),
        SecretFacts::NotOptedIn => {
            return unknown(format!("Secret {name} may not be used for iSCSI any more"));
        }
        SecretFacts::Invalid { problem } => {
            return unknown(format!("Secret {name} can't be used: {problem}"));
        }
        SecretFacts::Chap(chap) => chap,
    };
    let Some(used) = used else {
        return unknown(format!(
            "it is not on record what was in Secret {name} when the host was deployed"
        ));
    };
    match now.fingerprint.compare(&used.fingerprint) {
        Comparison::Same => Ok(Applied::Yes {
            long: now.is_long.then(|| name.to_owned()),
        }),
        Comparison::Other => Ok(Applied::Outdated {
            what: format!("Secret {name} was changed since the deployment"),
        }),
        Comparison::Unknown => unknown(format!(
            "what was in Secret {name} when the host was deployed is recorded under another key than that of this installation"
        )),
    }
}

impl Applied {
    /// The worse of the two; the first of two that are as bad.
    fn or(self, other: Self) -> Self {
        let badness = |applied: &Self| match applied {
            Self::Yes { long: None } => 0,
            Self::Yes { long: Some(_) } => 1,
            Self::Unknown { .. } => 2,
            Self::Outdated { .. } => 3,
        };
        if badness(&other) > badness(&self) {
            other
        } else {
            self
        }
    }

    /// For people.
    pub(crate) fn message(&self) -> String {
        let how = format!(
            "set the annotation {} to a new value to shut the machine down and deploy it anew",
            names::REDEPLOY_ANNOTATION
        );
        match self {
            Self::Yes { long: None } => String::new(),
            Self::Yes { long: Some(name) } => format!(
                "the password in Secret {name} is longer than 16 characters, which some initiators and targets refuse"
            ),
            Self::Outdated { what } => {
                format!("{what}, and the machine boots with the old credentials; {how}")
            }
            Self::Unknown { why } => format!("{why}; to be sure, {how}"),
        }
    }
}
