//! The files of a config drive, in OpenStack's format (Nova's documentation, "Config drives", and
//! `openstack/baremetal/configdrive.py` of the OpenStack SDK, which Ironic uses).

use std::collections::BTreeMap;

use secrecy::{ExposeSecret, SecretSlice};

use crate::document::{self, Document, Fault};
use crate::image::{self, Image};
use crate::part::{MAX_BYTES, Part, SecretValue};

/// What is known of a host without opening a Secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Host {
    /// `metadata.uid`: it becomes cloud-init's instance id, so a machine whose host was made anew is a new instance.
    pub uid: String,
    /// `metadata.namespace`.
    pub namespace: String,
    /// `metadata.name`: it becomes the machine's host name.
    pub name: String,
}

/// What a config drive is made of. What the host doesn't name is `None`.
#[derive(Debug)]
pub struct Content {
    /// Whose it is.
    pub host: Host,
    /// By [`Part::UserData`].
    pub user_data: Option<SecretValue>,
    /// By [`Part::NetworkData`].
    pub network_data: Option<SecretValue>,
    /// By [`Part::MetaData`].
    pub meta_data: Option<SecretValue>,
}

/// The files of a config drive, ready to be read by the machine.
#[derive(Debug)]
pub struct ConfigDrive {
    /// Sorted by name.
    files: Vec<File>,
}

/// A file in `openstack/latest`.
#[derive(Debug)]
pub(crate) struct File {
    pub(crate) name: &'static str,
    pub(crate) bytes: SecretSlice<u8>,
}

/// Why there is no config drive: what is wrong with one of the Secrets. The text names its keys, and never what is in them;
/// which Secret it is, and which field names it, is known to whoever read it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The Secret lacks what it was named for.
    #[error("it has neither the key {part} nor the key value; add one of them")]
    NoKey {
        /// Which Secret.
        part: Part,
    },
    /// A value that can't be passed on.
    #[error(
        "key {key} is too large: it may have 1 MiB and, if it is YAML, 100000 values, with its aliases resolved"
    )]
    TooLarge {
        /// Which Secret.
        part: Part,
        /// Which of its keys.
        key: &'static str,
    },
    /// A value that can't be read. The cause would quote it, so it is left out.
    #[error("key {key} can't be read as YAML or JSON{}; correct it", at(*.position))]
    NotYaml {
        /// Which Secret.
        part: Part,
        /// Which of its keys.
        key: &'static str,
        /// Line and column, from 1, if the reader knows.
        position: Option<(u64, u64)>,
    },
    /// A value that is a list or a scalar.
    #[error("key {key} is no mapping; write it as keys with values")]
    NotAMapping {
        /// Which Secret.
        part: Part,
        /// Which of its keys.
        key: &'static str,
    },
}

impl Error {
    /// Which of the Secrets it is about.
    pub const fn part(&self) -> Part {
        match self {
            Self::NoKey { part }
            | Self::TooLarge { part, .. }
            | Self::NotYaml { part, .. }
            | Self::NotAMapping { part, .. } => *part,
        }
    }
}

fn at(position: Option<(u64, u64)>) -> String {
    position.map_or_else(String::new, |(line, column)| {
        format!(" at line {line}, column {column}")
    })
}

impl ConfigDrive {
    /// The drive for a host and what its Secrets hold.
    ///
    /// As `getConfigDrive` in Metal3's `pkg/provisioner/ironic/ironic.go` and, for what becomes a file, `build` in the
    /// OpenStack SDK:
    /// * `meta_data.json` has six generated keys, and those of the host's own metaData, which win.
    /// * `network_data.json` is there only if there is any: an empty one would make cloud-init configure nothing, while
    ///   without one it tries DHCP.
    /// * `user_data` is there only if it isn't empty. Its bytes are kept; through Ironic they would have to be UTF-8.
    /// * `vendor_data.json` is `{}`, as Nova writes it where there is none.
    ///
    /// # Errors
    /// All but [`Error::NoKey`].
    pub fn new(content: Content) -> Result<Self, Error> {
        let mut meta_data = generated(&content.host);
        if let Some(value) = &content.meta_data {
            meta_data.extend(mapping(Part::MetaData, value)?);
        }
        let meta_key = content.meta_data.as_ref().map(|value| value.key);
        let meta_data = json(&meta_data, Part::MetaData, meta_key)?;

        let network_data = match &content.network_data {
            Some(value) => Some((mapping(Part::NetworkData, value)?, value.key)),
            None => None,
        };
        let network_data = network_data
            .filter(|(mapping, _)| !mapping.is_empty())
            .map(|(mapping, key)| json(&mapping, Part::NetworkData, Some(key)))
            .transpose()?;

        if let Some(value) = &content.user_data {
            within_limit(Part::UserData, value)?;
        }
        let user_data = content
            .user_data
            .map(|value| value.bytes)
            .filter(|bytes| !bytes.expose_secret().is_empty());

        let files = [
            ("meta_data.json", Some(meta_data)),
            ("network_data.json", network_data),
            ("user_data", user_data),
            ("vendor_data.json", Some(b"{}".to_vec().into())),
        ];
        Ok(Self {
            files: files
                .into_iter()
                .filter_map(|(name, bytes)| bytes.map(|bytes| File { name, bytes }))
                .collect(),
        })
    }

    /// The names and the bytes of the files in `openstack/latest`, sorted by name.
    pub fn files(&self) -> impl Iterator<Item = (&'static str, &SecretSlice<u8>)> {
        self.files.iter().map(|file| (file.name, &file.bytes))
    }

    /// The drive as an ISO 9660 image: the same for the same files.
    pub fn image(&self) -> Image {
        image::of(&self.files)
    }
}

/// The keys that each machine finds in its metadata, whatever its Secrets say.
fn generated(host: &Host) -> BTreeMap<String, Document> {
    [
        ("uuid", &host.uid),
        ("metal3-namespace", &host.namespace),
        ("metal3-name", &host.name),
        ("local-hostname", &host.name),
        ("local_hostname", &host.name),
        ("name", &host.name),
    ]
    .into_iter()
    .map(|(key, value)| (key.to_owned(), Document::Text(value.clone())))
    .collect()
}

fn mapping(part: Part, value: &SecretValue) -> Result<BTreeMap<String, Document>, Error> {
    within_limit(part, value)?;
    let key = value.key;
    document::mapping(value.bytes.expose_secret(), MAX_BYTES).map_err(|fault| match fault {
        Fault::Unreadable { position } => Error::NotYaml {
            part,
            key,
            position,
        },
        Fault::NotAMapping => Error::NotAMapping { part, key },
        Fault::TooLarge => Error::TooLarge { part, key },
    })
}

/// The key is that of the Secret which makes it too large, if anything does.
fn json(
    mapping: &BTreeMap<String, Document>,
    part: Part,
    key: Option<&'static str>,
) -> Result<SecretSlice<u8>, Error> {
    let key = key.unwrap_or(part.key());
    // Nothing in a document can't be written: keys are texts, and numbers are finite.
    let bytes: SecretSlice<u8> = serde_json::to_vec(mapping)
        .map_err(|_| Error::NotYaml {
            part,
            key,
            position: None,
        })?
        .into();
    match bytes.expose_secret().len() {
        ..=MAX_BYTES => Ok(bytes),
        _ => Err(Error::TooLarge { part, key }),
    }
}

fn within_limit(part: Part, value: &SecretValue) -> Result<(), Error> {
    match value.bytes.expose_secret().len() {
        ..=MAX_BYTES => Ok(()),
        _ => Err(Error::TooLarge {
            part,
            key: value.key,
        }),
    }
}
