//! The key of the installation, under which credentials are fingerprinted: a Secret of the operator's own namespace, made
//! at first need.
//!
//! Without it a fingerprint tells nothing: passwords that people choose could be tried against a plain hash, which hosts
//! and Ironic show to whoever may read them.

use http::Method;
use k8s_openapi::ByteString;
use k8s_openapi::api::core::v1::Secret;
use kube::Resource;
use kube::api::ObjectMeta;
use metal_api::names;
use metal_plan::Fingerprint;
use ring::hmac::{self, HMAC_SHA256};
use ring::rand::{SecureRandom, SystemRandom};
use secrecy::ExposeSecret;
use tokio::sync::OnceCell;
use tracing::info;

use super::{Error, Login, Secrets};

/// As long as the hash (RFC 2104, section 3).
const LENGTH: usize = 32;

/// The Secret's only key.
const KEY: &str = "key";

/// The key, once it was needed.
#[derive(Default)]
pub(super) struct Keyring(OnceCell<InstallationKey>);

/// The key, for credentials and for config drives, which know what it is called in fingerprints.
pub(super) struct InstallationKey {
    key: hmac::Key,
    config_drive: config_drive::Key,
}

impl Keyring {
    /// The key: read, or made if there is none.
    pub(super) async fn key(&self, secrets: &Secrets) -> Result<&InstallationKey, Error> {
        self.0.get_or_try_init(|| read_or_make(secrets)).await
    }
}

impl InstallationKey {
    fn new(bytes: &[u8; LENGTH]) -> Self {
        Self {
            key: hmac::Key::new(HMAC_SHA256, bytes),
            config_drive: config_drive::Key::new(bytes),
        }
    }

    /// The same for config drives.
    pub(super) fn config_drive(&self) -> &config_drive::Key {
        &self.config_drive
    }

    /// Of a user and a password. The length keeps them apart: no other pair is written the same.
    pub(super) fn fingerprint(&self, login: &Login) -> Fingerprint {
        let mut hash = hmac::Context::with_key(&self.key);
        hash.update(b"iscsi-chap");
        hash.update(&length(&login.username).to_be_bytes());
        hash.update(login.username.as_bytes());
        hash.update(login.password.expose_secret().as_bytes());
        Fingerprint::new(self.config_drive.id(), &hex(hash.sign().as_ref()))
    }
}

async fn read_or_make(secrets: &Secrets) -> Result<InstallationKey, Error> {
    let namespace = secrets.own_namespace.as_str();
    let secret = match read(secrets).await? {
        Some(secret) => secret,
        None => match make(secrets).await? {
            Some(secret) => secret,
            // Somebody else has made it in this moment.
            None => read(secrets)
                .await?
                .ok_or_else(|| unusable(namespace, "is gone again"))?,
        },
    };
    let bytes = secret.data.as_ref().and_then(|data| data.get(KEY));
    match bytes.map(|ByteString(bytes)| bytes.as_slice().try_into()) {
        Some(Ok(bytes)) => Ok(InstallationKey::new(bytes)),
        Some(Err(_)) | None => Err(unusable(
            namespace,
            "holds no key of 32 bytes; delete it, and another is made",
        )),
    }
}

async fn read(secrets: &Secrets) -> Result<Option<Secret>, Error> {
    let namespace = secrets.own_namespace.as_str();
    match secrets.get(namespace, names::FINGERPRINT_KEY_SECRET).await {
        Err(error) if error.is_forbidden() => Err(unusable(
            namespace,
            "may not be read; see the operator's role in that namespace",
        )),
        secret => secret,
    }
}

/// None if there is one by now.
async fn make(secrets: &Secrets) -> Result<Option<Secret>, Error> {
    let namespace = secrets.own_namespace.as_str();
    let failed = |source| Error::Write {
        namespace: namespace.to_owned(),
        name: names::FINGERPRINT_KEY_SECRET,
        source,
    };
    let mut bytes = vec![0; LENGTH];
    SystemRandom::new()
        .fill(&mut bytes)
        .map_err(|_| unusable(namespace, "can't be made: the system gives no random bytes"))?;
    let secret = Secret {
        metadata: ObjectMeta {
            name: Some(names::FINGERPRINT_KEY_SECRET.to_owned()),
            namespace: Some(namespace.to_owned()),
            ..ObjectMeta::default()
        },
        data: Some([(KEY.to_owned(), ByteString(bytes))].into()),
        immutable: Some(true),
        type_: Some("Opaque".to_owned()),
        ..Secret::default()
    };
    let not_a_secret = |_| Error::NotASecret {
        namespace: namespace.to_owned(),
        name: names::FINGERPRINT_KEY_SECRET.to_owned(),
    };
    let body = serde_json::to_vec(&secret).map_err(not_a_secret)?;
    let request = http::Request::builder()
        .method(Method::POST)
        .uri(format!(
            "{}?fieldManager={}",
            Secret::url_path(&(), Some(namespace)),
            names::FIELD_MANAGER
        ))
        .header(http::header::CONTENT_TYPE, "application/json")
        .body(body)
        .map_err(|source| failed(kube::Error::HttpError(source)))?;
    // As in `get`: kube's client would log an answer that it can't read.
    match secrets.kube.request_text(request).await {
        Ok(text) => {
            info!(
                namespace,
                name = names::FINGERPRINT_KEY_SECRET,
                "the key of this installation was made"
            );
            serde_json::from_str(&text).map(Some).map_err(not_a_secret)
        }
        Err(kube::Error::Api(status)) if status.is_already_exists() => Ok(None),
        Err(kube::Error::Api(status)) if status.is_forbidden() => Err(unusable(
            namespace,
            "may not be created; see the operator's role in that namespace",
        )),
        Err(kube::Error::Api(status)) if status.is_not_found() => Err(unusable(
            namespace,
            "can't be created; there is no such namespace",
        )),
        Err(source) => Err(failed(source)),
    }
}

fn unusable(namespace: &str, problem: &'static str) -> Error {
    Error::NoKey {
        namespace: namespace.to_owned(),
        name: names::FINGERPRINT_KEY_SECRET,
        problem,
    }
}

/// The same on each machine.
fn length(text: &str) -> u64 {
    u64::try_from(text.len()).unwrap_or(u64::MAX)
}

fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digit = |value: u8| char::from(DIGITS[usize::from(value)]);
    bytes
        .iter()
        .flat_map(|byte| [digit(byte >> 4), digit(byte & 0xf)])
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn login(username: &str, password: &str) -> Login {
        Login {
            username: username.to_owned(),
            password: password.to_owned().into(),
        }
    }

    #[test]
    fn a_fingerprint_depends_on_the_key_the_user_and_the_password_and_on_nothing_else() {
        let key = InstallationKey::new(&[1; LENGTH]);
        let one = key.fingerprint(&login("node-0", "twelve-to-16"));
        assert_eq!(
            InstallationKey::new(&[1; LENGTH]).fingerprint(&login("node-0", "twelve-to-16")),
            one
        );
        for other in [
            key.fingerprint(&login("node-1", "twelve-to-16")),
            key.fingerprint(&login("node-0", "twelve-to-17")),
            key.fingerprint(&login("node-0t", "welve-to-16")),
            InstallationKey::new(&[2; LENGTH]).fingerprint(&login("node-0", "twelve-to-16")),
        ] {
            assert_ne!(other, one);
        }
    }

    /// HMAC-SHA-256 as Python's `hmac` computes it: it must stay the same for ever, or all hosts look outdated.
    #[test]
    fn a_fingerprint_is_the_same_in_each_version() {
        let key = InstallationKey::new(&[7; LENGTH]);
        assert_eq!(
            key.fingerprint(&login("node-0", "twelve-to-16")).as_str(),
            "282b3b0f.b9b1dd0b29648ca7e561b9de48cfbaeefe63664e313277ae280b2c491ff47957"
        );
    }

    #[test]
    fn a_fingerprint_holds_neither_user_nor_password() {
        let fingerprint =
            InstallationKey::new(&[1; LENGTH]).fingerprint(&login("node-0", "twelve-to-16"));
        assert!(!fingerprint.as_str().contains("node-0"));
        assert!(!fingerprint.as_str().contains("twelve"));
        assert_eq!(fingerprint.as_str().len(), 8 + 1 + 64);
    }
}
