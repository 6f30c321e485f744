//! The config drive of a host, from the Secrets that it names now.

use config_drive::{ConfigDrive, Content, Host, Part, SecretValue};
use k8s_openapi::ByteString;
use k8s_openapi::api::core::v1::SecretReference;
use kube::ResourceExt;
use metal_api::v1alpha1::BareMetalHost;
use metal_api::values::is_object_name;
use metal_plan::ConfigDriveFacts;

use super::{Error, FORBIDDEN, NOT_A_NAME, Secrets};

/// Of another namespace nothing is read, as with Metal3.
const FOREIGN: &str =
    "it is in another namespace; remove the namespace, and name a Secret in the host's own";

/// A field of a host that names a Secret.
struct Named<'a> {
    part: Part,
    /// The field.
    field: &'static str,
    /// Where the Secret is; in the host's own namespace where none.
    namespace: Option<&'a str>,
    secret: &'a str,
}

/// Why a host has no config drive, without a word of what is in its Secrets.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NoConfigDrive {
    #[error("{field}: there is no Secret {secret}")]
    SecretMissing { field: &'static str, secret: String },
    #[error("{field}: Secret {secret} can't be used: {problem}")]
    SecretInvalid {
        field: &'static str,
        secret: String,
        problem: String,
    },
}

impl From<NoConfigDrive> for ConfigDriveFacts {
    fn from(problem: NoConfigDrive) -> Self {
        match problem {
            NoConfigDrive::SecretMissing { field, secret } => Self::SecretMissing { field, secret },
            NoConfigDrive::SecretInvalid {
                field,
                secret,
                problem,
            } => Self::SecretInvalid {
                field,
                secret,
                problem,
            },
        }
    }
}

impl Secrets {
    /// The config drive of a host as its Secrets are now, or which of them is why there is none.
    pub(crate) async fn config_drive(
        &self,
        host: &BareMetalHost,
    ) -> Result<Result<ConfigDrive, NoConfigDrive>, Error> {
        let namespace = host.namespace().unwrap_or_default();
        let mut content = Content {
            host: Host {
                uid: host.uid().unwrap_or_default(),
                name: host.name_any(),
                namespace: namespace.clone(),
            },
            user_data: None,
            network_data: None,
            meta_data: None,
        };
        for named in named(host) {
            let value = match self.part(&namespace, &named).await? {
                Ok(value) => value,
                Err(problem) => return Ok(Err(problem)),
            };
            match named.part {
                Part::UserData => content.user_data = value,
                Part::NetworkData => content.network_data = value,
                Part::MetaData => content.meta_data = value,
            }
        }
        Ok(ConfigDrive::new(content).map_err(|error| {
            // Without such a Secret nothing can be wrong with it.
            let named = named(host).find(|named| named.part == error.part());
            invalid(
                named.as_ref().map_or("", |named| named.field),
                named.as_ref().map_or("", |named| named.secret),
                error.to_string(),
            )
        }))
    }

    /// The key under which config drives are fingerprinted and their URLs are signed.
    pub(crate) async fn config_drive_key(&self) -> Result<&config_drive::Key, Error> {
        Ok(self.key().await?.config_drive())
    }

    async fn part(
        &self,
        namespace: &str,
        named: &Named<'_>,
    ) -> Result<Result<Option<SecretValue>, NoConfigDrive>, Error> {
        let &Named {
            part,
            field,
            namespace: given,
            secret,
        } = named;
        let refused = |problem: &str| Ok(Err(invalid(field, secret, problem.to_owned())));
        if given.is_some_and(|given| given != namespace) {
            return refused(FOREIGN);
        }
        if !is_object_name(secret) {
            return refused(NOT_A_NAME);
        }
        let data = match self.get(namespace, secret).await {
            Ok(Some(found)) => found.data.unwrap_or_default(),
            Ok(None) => {
                let secret = secret.to_owned();
                return Ok(Err(NoConfigDrive::SecretMissing { field, secret }));
            }
            Err(error) if error.is_forbidden() => return refused(FORBIDDEN),
            Err(error) => return Err(error),
        };
        let value = part.read(|key| data.get(key).map(|ByteString(bytes)| bytes.as_slice()));
        Ok(value.map_err(|error| invalid(field, secret, error.to_string())))
    }
}

/// The fields that name Secrets, in the order in which they are told.
fn named(host: &BareMetalHost) -> impl Iterator<Item = Named<'_>> {
    let spec = &host.spec;
    let network_data = given(
        Part::NetworkData,
        "spec.networkData",
        spec.network_data.as_ref(),
    );
    [
        given(Part::UserData, "spec.userData", spec.user_data.as_ref()),
        network_data.or_else(|| fallback(host)),
        given(Part::MetaData, "spec.metaData", spec.meta_data.as_ref()),
    ]
    .into_iter()
    .flatten()
}

fn given<'a>(
    part: Part,
    field: &'static str,
    reference: Option<&'a SecretReference>,
) -> Option<Named<'a>> {
    let reference = reference?;
    Some(Named {
        part,
        field,
        namespace: reference.namespace.as_deref().filter(|it| !it.is_empty()),
        secret: reference.name.as_deref().unwrap_or_default(),
    })
}

/// As `NetworkData` in Metal3's `host_config_data.go`.
fn fallback(host: &BareMetalHost) -> Option<Named<'_>> {
    let name = host.spec.preprovisioning_network_data_name.as_deref();
    name.filter(|name| !name.is_empty()).map(|secret| Named {
        part: Part::NetworkData,
        field: "spec.preprovisioningNetworkDataName",
        namespace: None,
        secret,
    })
}

fn invalid(field: &'static str, secret: &str, problem: String) -> NoConfigDrive {
    NoConfigDrive::SecretInvalid {
        field,
        secret: secret.to_owned(),
        problem,
    }
}
