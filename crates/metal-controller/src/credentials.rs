//! The only module that opens Secrets. It gives facts to `observe`, the two strings to `execute`, and to `config_drives`
//! what a machine is to read; it alone knows the key under which they are fingerprinted.

use k8s_openapi::ByteString;
use k8s_openapi::api::core::v1::Secret;
use kube::api::GetParams;
use kube::core::Request;
use kube::{Resource, ResourceExt};
use metal_api::names;
use metal_api::values::is_object_name;
use metal_plan::{ChapFacts, ChapRef, CredentialsRef, SecretFacts};
use secrecy::{ExposeSecret, SecretString};

use crate::context::Context;

mod config_drive;
mod key;

pub(crate) use config_drive::NoConfigDrive;
use key::{InstallationKey, Keyring};

/// What Secrets are opened with, the operator's own among them: the key of the installation, which is kept once it was read.
pub struct Secrets {
    kube: kube::Client,
    /// The operator's own namespace.
    own_namespace: String,
    keyring: Keyring,
}

impl Secrets {
    /// Of a Kubernetes, and an operator in this namespace. Nothing is read yet.
    pub fn new(kube: kube::Client, own_namespace: String) -> Self {
        Self {
            kube,
            own_namespace,
            keyring: Keyring::default(),
        }
    }

    /// The key under which contents are fingerprinted.
    async fn key(&self) -> Result<&InstallationKey, Error> {
        self.keyring.key(self).await
    }

    /// The answer is read here and not by kube's client: of one that it can't read, that logs the whole text.
    async fn get(&self, namespace: &str, name: &str) -> Result<Option<Secret>, Error> {
        // It becomes a part of the request's path, and must not lead anywhere else.
        if !is_object_name(name) {
            return Ok(None);
        }
        let (namespace, name) = (namespace.to_owned(), name.to_owned());
        let url = Secret::url_path(&(), Some(&namespace));
        let answer = match Request::new(url).get(&name, &GetParams::default()) {
            Ok(request) => self.kube.request_text(request).await,
            Err(error) => Err(kube::Error::BuildRequest(error)),
        };
        match answer {
            Ok(text) => {
                serde_json::from_str(&text).map_err(|_| Error::NotASecret { namespace, name })
            }
            Err(kube::Error::Api(status)) if status.is_not_found() => Ok(None),
            Err(source) => Err(Error::Read {
                namespace,
                name,
                source,
            }),
        }
    }
}

/// What a Secret is to be used for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// A BMC's user and password.
    Bmc,
    /// A volume's CHAP user and password.
    Iscsi,
}

/// A user and a password.
#[derive(Debug)]
pub(crate) struct Login {
    pub(crate) username: String,
    pub(crate) password: SecretString,
}

impl Login {
    /// For what wants no authentication.
    pub(crate) fn empty() -> Self {
        Self {
            username: String::new(),
            password: SecretString::default(),
        }
    }
}

/// A Secret could not be read, or the operator's own not be made; that one isn't there is no error.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    #[error("failed to read Secret {namespace}/{name}")]
    Read {
        namespace: String,
        name: String,
        source: kube::Error,
    },
    /// Without a cause: that would quote the answer.
    #[error("the answer for Secret {namespace}/{name} is no Secret")]
    NotASecret { namespace: String, name: String },
    #[error("failed to write Secret {namespace}/{name}")]
    Write {
        namespace: String,
        name: &'static str,
        source: kube::Error,
    },
    /// Credentials can't be fingerprinted until somebody sees to it.
    #[error("Secret {namespace}/{name} {problem}")]
    NoKey {
        namespace: String,
        name: &'static str,
        problem: &'static str,
    },
}

impl Error {
    fn is_forbidden(&self) -> bool {
        match self {
            Self::Read {
                source: kube::Error::Api(status),
                ..
            } => status.is_forbidden(),
            Self::Read { .. }
            | Self::NotASecret { .. }
            | Self::Write { .. }
            | Self::NoKey { .. } => false,
        }
    }
}

/// The problem of a name that no Secret can have.
const NOT_A_NAME: &str = "no Secret has such a name; give lower case letters, digits, - and .";

/// The problem of a Secret that Kubernetes doesn't show to the operator.
const FORBIDDEN: &str = "the operator may not read it; see its role";

/// What is known of a Secret without its contents.
pub(crate) async fn facts(
    context: &Context,
    namespace: &str,
    name: &str,
    purpose: Purpose,
) -> Result<SecretFacts, Error> {
    if !is_object_name(name) {
        return Ok(SecretFacts::Invalid {
            problem: NOT_A_NAME.to_owned(),
        });
    }
    let secret = match context.secrets.get(namespace, name).await {
        Err(error) if error.is_forbidden() => {
            return Ok(SecretFacts::Invalid {
                problem: FORBIDDEN.to_owned(),
            });
        }
        secret => secret?,
    };
    let Some(secret) = secret else {
        return Ok(SecretFacts::Missing);
    };
    let version = secret.resource_version().unwrap_or_default();
    let facts = match (login(&secret, purpose), purpose) {
        (Err(facts), _) => facts,
        (Ok(_), Purpose::Bmc) => return Ok(SecretFacts::Usable { version }),
        (Ok(login), Purpose::Iscsi) => match chap(context, &login).await {
            // Nothing that the Secret could be blamed for: it is not remembered.
            Err(error @ Error::NoKey { .. }) => {
                return Ok(SecretFacts::Invalid {
                    problem: format!(
                        "its credentials can't be told from others: the operator's own {error}"
                    ),
                });
            }
            facts => facts?,
        },
    };
    if purpose == Purpose::Iscsi {
        let secret = (namespace.to_owned(), name.to_owned());
        let versions = &context.secret_versions;
        if versions.remember(&secret, &version, &facts) {
            context.guard_calls.call([secret]);
        }
    }
    Ok(facts)
}

async fn chap(context: &Context, login: &Login) -> Result<SecretFacts, Error> {
    /// Microsoft's initiator takes no longer one, nor do targets that follow it; RFC 7143 has no limit.
    const LONGEST: usize = 16;
    let key = context.secrets.key().await?;
    Ok(SecretFacts::Chap(ChapFacts {
        fingerprint: key.fingerprint(login),
        is_long: login.password.expose_secret().len() > LONGEST,
    }))
}

/// The BMC's login of the very Secret that was observed; none if it was changed since.
pub(crate) async fn open(
    context: &Context,
    namespace: &str,
    credentials: &CredentialsRef,
) -> Result<Option<Login>, Error> {
    let secret = context.secrets.get(namespace, &credentials.name).await?;
    Ok(secret
        .filter(|secret| secret.resource_version().as_ref() == Some(&credentials.version))
        .and_then(|secret| login(&secret, Purpose::Bmc).ok()))
}

/// The volume's credentials, if they are those that were observed.
pub(crate) async fn open_chap(
    context: &Context,
    namespace: &str,
    credentials: &ChapRef,
) -> Result<Option<Login>, Error> {
    let secret = context.secrets.get(namespace, &credentials.name).await?;
    let Some(login) = secret.and_then(|secret| login(&secret, Purpose::Iscsi).ok()) else {
        return Ok(None);
    };
    let key = context.secrets.key().await?;
    let is_as_seen = key.fingerprint(&login) == credentials.fingerprint;
    Ok(is_as_seen.then_some(login))
}

fn login(secret: &Secret, purpose: Purpose) -> Result<Login, SecretFacts> {
    match purpose {
        Purpose::Bmc => bmc_login(secret),
        Purpose::Iscsi => iscsi_login(secret),
    }
}

/// Metal3 trims whitespace, which files made with an editor end with.
fn bmc_login(secret: &Secret) -> Result<Login, SecretFacts> {
    // A host editor may send it to any address: a volume's password has opted in for a boot script, not for that.
    if opted_in(secret) {
        return Err(SecretFacts::Invalid {
            problem: "it is meant for iSCSI, as its type or label says; give the BMC's credentials a Secret of their own"
                .to_owned(),
        });
    }
    let value = |key| text(secret, key).map(|text| text.trim().to_owned());
    let (username, password) = (value("username")?, value("password")?);
    for (key, value) in [("username", &username), ("password", &password)] {
        if value.is_empty() {
            return Err(invalid(key, "is empty"));
        }
    }
    Ok(Login {
        username,
        password: password.into(),
    })
}

fn iscsi_login(secret: &Secret) -> Result<Login, SecretFacts> {
    if !opted_in(secret) {
        return Err(SecretFacts::NotOptedIn);
    }
    // Kubernetes' own keys for CHAP, or the plain ones.
    let (user_key, password_key) = if has(secret, "username") || has(secret, "password") {
        ("username", "password")
    } else {
        ("node.session.auth.username", "node.session.auth.password")
    };
    let (username, password) = (text(secret, user_key)?, text(secret, password_key)?);
    for (key, value) in [(user_key, username), (password_key, password)] {
        script_safe(value).map_err(|problem| invalid(key, problem))?;
    }
    // RFC 7143, 12.1.3: a CHAP secret under 96 bits must not be used without IPsec.
    if password.len() < 12 {
        return Err(invalid(
            password_key,
            "is shorter than 12 characters, the least that RFC 7143 allows",
        ));
    }
    Ok(Login {
        username: username.to_owned(),
        password: password.into(),
    })
}

/// A host editor may name any Secret of the namespace, and what it names ends in a boot script: so the Secret must agree.
fn opted_in(secret: &Secret) -> bool {
    secret.type_.as_deref() == Some(names::ISCSI_CHAP_SECRET_TYPE)
        || metal_plan::opts_in(&secret.metadata)
}

/// Ironic writes the value as it is into an iPXE script (`ironic/drivers/modules/ipxe_config.template`).
fn script_safe(value: &str) -> Result<(), &'static str> {
    match value
        .chars()
        .find(|c| !c.is_ascii_graphic() || "$#\"'\\`".contains(*c))
    {
        None if value.is_empty() => Err("is empty"),
        None => Ok(()),
        Some(c) if !c.is_ascii() => Err("has a character that is not ASCII"),
        Some(c) if c.is_ascii_whitespace() => Err("has a space or a line break"),
        Some(_) => Err(
            "has a character that a boot script can't hold ($, #, a quote, a backslash or a control character)",
        ),
    }
}

fn has(secret: &Secret, key: &str) -> bool {
    secret
        .data
        .as_ref()
        .is_some_and(|data| data.contains_key(key))
}

fn text<'a>(secret: &'a Secret, key: &str) -> Result<&'a str, SecretFacts> {
    let Some(ByteString(bytes)) = secret.data.as_ref().and_then(|data| data.get(key)) else {
        return Err(invalid(key, "is missing"));
    };
    std::str::from_utf8(bytes).map_err(|_| invalid(key, "is no text"))
}

fn invalid(key: &str, problem: &str) -> SecretFacts {
    SecretFacts::Invalid {
        problem: format!("key {key} {problem}"),
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    fn secret(type_: &str, data: &[(&str, &str)]) -> Secret {
        let data = data
            .iter()
            .map(|(key, value)| ((*key).to_owned(), ByteString(value.as_bytes().to_vec())));
        Secret {
            type_: Some(type_.to_owned()),
            data: Some(data.collect()),
            ..Secret::default()
        }
    }

    fn chap(data: &[(&str, &str)]) -> Result<Login, SecretFacts> {
        login(&secret("kubernetes.io/iscsi-chap", data), Purpose::Iscsi)
    }

    #[rstest]
    #[case(&[("username", "node-0"), ("password", "twelve-to-16")])]
    #[case(&[("node.session.auth.username", "node-0"), ("node.session.auth.password", "twelve-to-16")])]
    fn both_key_styles_are_read(#[case] data: &[(&str, &str)]) {
        let login = chap(data).unwrap();
        assert_eq!(login.username, "node-0");
        assert_eq!(login.password.expose_secret(), "twelve-to-16");
    }

    #[rstest]
    #[case(&[("username", "node-0")], "key password is missing")]
    #[case(&[], "key node.session.auth.username is missing")]
    #[case(&[("username", ""), ("password", "twelve-to-16")], "key username is empty")]
    #[case(&[("username", "node-0"), ("password", "tiny")], "key password is shorter than 12")]
    #[case(&[("username", "node 0"), ("password", "twelve-to-16")], "key username has a space")]
    #[case(&[("username", "node-0"), ("password", "twelve-to-16\n")], "key password has a space or a line break")]
    #[case(&[("username", "node-0"), ("password", "twelve${to}16")], "key password has a character")]
    #[case(&[("username", "node-0"), ("password", "zwölf-bis-16")], "key password has a character that is not ASCII")]
    fn a_secret_that_cannot_be_used_names_the_key_and_never_the_value(
        #[case] data: &[(&str, &str)],
        #[case] expected: &str,
    ) {
        let Err(SecretFacts::Invalid { problem }) = chap(data) else {
            panic!("accepted {data:?}")
        };
        assert!(problem.starts_with(expected), "{problem}");
        for (_, value) in data.iter().filter(|(_, value)| !value.is_empty()) {
            assert!(!problem.contains(value), "{problem}");
        }
    }

    #[test]
    fn a_secret_that_did_not_opt_in_is_not_used() {
        let data = [("username", "node-0"), ("password", "twelve-to-16")];
        assert_eq!(
            login(&secret("Opaque", &data), Purpose::Iscsi).unwrap_err(),
            SecretFacts::NotOptedIn
        );
    }

    #[test]
    fn a_label_opts_in_too() {
        let mut secret = secret(
            "Opaque",
            &[("username", "node-0"), ("password", "twelve-to-16")],
        );
        secret
            .labels_mut()
            .insert("ironboot.io/iscsi-credentials".into(), "true".into());
        assert!(login(&secret, Purpose::Iscsi).is_ok());
    }

    #[test]
    fn bmc_credentials_are_trimmed_and_must_not_be_empty() {
        let bmc = |data: &[(&str, &str)]| login(&secret("Opaque", data), Purpose::Bmc);
        assert_eq!(
            bmc(&[("username", "admin\n"), ("password", "x")])
                .unwrap()
                .username,
            "admin"
        );
        let problem = SecretFacts::Invalid {
            problem: "key password is empty".into(),
        };
        assert_eq!(
            bmc(&[("username", "admin"), ("password", " \n")]).unwrap_err(),
            problem
        );
    }

    #[test]
    fn a_volumes_credentials_are_not_sent_to_a_bmc() {
        let data = [("username", "node-0"), ("password", "twelve-to-16")];
        let refused = login(&secret("kubernetes.io/iscsi-chap", &data), Purpose::Bmc);
        let Err(SecretFacts::Invalid { problem }) = refused else {
            panic!("accepted")
        };
        assert!(problem.starts_with("it is meant for iSCSI"), "{problem}");
    }

    #[test]
    fn debug_output_of_a_login_holds_no_password() {
        let login = chap(&[("username", "node-0"), ("password", "twelve-to-16")]).unwrap();
        assert!(!format!("{login:?}").contains("twelve-to-16"));
    }
}
