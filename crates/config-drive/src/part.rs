//! The three Secrets that a host names, and which of their keys counts.

use std::fmt;

use secrecy::SecretSlice;

use crate::content::Error;

/// The most bytes that one file of the drive has: what a Secret can hold (`MaxSecretSize` in Kubernetes'
/// `pkg/apis/core/types.go`), so it is met only by what grows when it is read, as YAML's aliases do.
pub const MAX_BYTES: usize = 1024 * 1024;

/// The key that is taken where the part's own is missing.
const FALLBACK: &str = "value";

/// One of the three that make a config drive, each from a Secret of the host's namespace.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// `spec.userData`: bytes that are passed on as they are.
    UserData,
    /// `spec.networkData`, or if there is none the Secret that `spec.preprovisioningNetworkDataName` names: YAML or JSON
    /// in the format of OpenStack's `network_data.json`.
    NetworkData,
    /// `spec.metaData`: YAML or JSON, whose keys are added to the generated ones.
    MetaData,
}

impl Part {
    /// The Secret's key, and the field in the host's spec: they have the same names.
    pub const fn key(self) -> &'static str {
        match self {
            Self::UserData => "userData",
            Self::NetworkData => "networkData",
            Self::MetaData => "metaData",
        }
    }

    /// Takes this part out of a Secret, whose data `data` looks up by key.
    ///
    /// As `getSecretDataWithFinalizer` in Metal3's `host_config_data.go`: the part's own key, else `value`; with neither
    /// there is no network data, and the other two are an error.
    ///
    /// # Errors
    /// [`Error::NoKey`], [`Error::TooLarge`].
    pub fn read<'a>(
        self,
        data: impl Fn(&str) -> Option<&'a [u8]>,
    ) -> Result<Option<SecretValue>, Error> {
        let found = [self.key(), FALLBACK]
            .into_iter()
            .find_map(|key| data(key).map(|bytes| (key, bytes)));
        match found {
            Some((key, bytes)) if bytes.len() > MAX_BYTES => {
                Err(Error::TooLarge { part: self, key })
            }
            Some((key, bytes)) => Ok(Some(SecretValue {
                key,
                bytes: bytes.to_vec().into(),
            })),
            None => match self {
                Self::NetworkData => Ok(None),
                Self::UserData | Self::MetaData => Err(Error::NoKey { part: self }),
            },
        }
    }
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.key())
    }
}

/// What stands in a Secret under one key.
#[derive(Debug)]
pub struct SecretValue {
    /// Which key it was found under; errors name it.
    pub key: &'static str,
    /// What is there.
    pub bytes: SecretSlice<u8>,
}
