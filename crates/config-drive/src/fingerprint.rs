//! Telling contents apart without showing them, under the key of the installation.

use std::fmt;
use std::str::FromStr;

use ring::hmac::{self, HMAC_SHA256};
use secrecy::ExposeSecret;

use crate::content::ConfigDrive;
use crate::hex;

/// How many bytes of the key's identifier are written.
const ID_BYTES: usize = 4;

/// As long as a hash of SHA-256.
const HASH_BYTES: usize = 32;

/// The key of the installation, in the three forms in which it is used here.
///
/// Contents and URLs are hashed under keys of their own, so that no hash of one kind can pass for another.
pub struct Key {
    id: String,
    content: hmac::Key,
    pub(crate) url: hmac::Key,
}

/// A keyed hash of the files of a config drive: `<key id>.<hash>`.
///
/// A plain hash would do to tell them apart, but passwords in user data could be tried against it, and hosts and URLs
/// are seen by many. It is one of the files, not of the image, so that another layout of the image is no other content.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Fingerprint(String);

/// A text that is no fingerprint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a fingerprint: expected 8 hexadecimal digits, a dot and 64 hexadecimal digits")]
pub struct InvalidFingerprint;

impl Key {
    /// From the installation's 32 random bytes.
    pub fn new(bytes: &[u8; HASH_BYTES]) -> Self {
        let key = hmac::Key::new(HMAC_SHA256, bytes);
        let derived = |label: &[u8]| {
            let bytes = hmac::sign(&key, label);
            hmac::Key::new(HMAC_SHA256, bytes.as_ref())
        };
        Self {
            id: hex::encode(&hmac::sign(&key, b"id of the key").as_ref()[..ID_BYTES]),
            content: derived(b"config drive: content"),
            url: derived(b"config drive: URL"),
        }
    }

    /// By which all fingerprints under the installation's key are told from those under another: 8 hexadecimal digits.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Of all files of a config drive. The lengths keep them apart: no other files are written the same.
    pub fn fingerprint(&self, drive: &ConfigDrive) -> Fingerprint {
        let mut hash = hmac::Context::with_key(&self.content);
        for (name, bytes) in drive.files() {
            for part in [name.as_bytes(), bytes.expose_secret()] {
                hash.update(&(part.len() as u64).to_be_bytes());
                hash.update(part);
            }
        }
        Fingerprint(format!("{}.{}", self.id, hex::encode(hash.sign().as_ref())))
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Key")
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}

impl Fingerprint {
    /// As it is recorded.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for Fingerprint {
    type Err = InvalidFingerprint;

    fn from_str(text: &str) -> Result<Self, InvalidFingerprint> {
        let (id, hash) = text.split_once('.').ok_or(InvalidFingerprint)?;
        hex::decode::<ID_BYTES>(id).ok_or(InvalidFingerprint)?;
        hex::decode::<HASH_BYTES>(hash).ok_or(InvalidFingerprint)?;
        Ok(Self(text.to_owned()))
    }
}
