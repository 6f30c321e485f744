//! How a client says who it is.

use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use reqwest::header::HeaderValue;
use secrecy::{ExposeSecret, SecretString};

use crate::builder::BuildError;
use crate::files::{File, FileError, Recipe};

/// How a client says who it is.
///
/// Over plain `http` everyone on the way can read what is said. That is right within a pod, and
/// hardly anywhere else.
#[derive(Clone, Debug, Default)]
pub enum Auth {
    /// Not at all: Ironic's `auth_strategy = noauth`.
    #[default]
    None,
    /// HTTP basic: Ironic's `auth_strategy = http_basic`, or a proxy's.
    Basic {
        /// The user. Without a colon.
        username: String,
        /// The password.
        password: SecretString,
    },
    /// HTTP basic, from files such as those of a mounted Secret of the type
    /// `kubernetes.io/basic-auth`. Line ends at the end of a file do not count.
    BasicFiles {
        /// The file with the user.
        username: PathBuf,
        /// The file with the password.
        password: PathBuf,
    },
    /// `Authorization: Bearer …`, for a proxy that takes one. Ironic itself does not; in
    /// particular, this is not the token of OpenStack's Keystone.
    Bearer(SecretString),
    /// The same from a file. Line ends at its end do not count.
    BearerFile(PathBuf),
}

/// The header that says who the client is.
#[derive(Clone)]
pub(crate) struct Credentials {
    header: Option<HeaderValue>,
    /// What must not be shown, should somebody repeat it.
    secrets: Vec<SecretString>,
}

impl Credentials {
    const NONE: Self = Self {
        header: None,
        secrets: Vec::new(),
    };

    pub(crate) fn header(&self) -> Option<&HeaderValue> {
        self.header.as_ref()
    }

    pub(crate) fn secrets(&self) -> &[SecretString] {
        &self.secrets
    }

    fn basic(username: &str, password: &SecretString) -> Result<Self, &'static str> {
        if username.contains(':') {
            return Err("holds a colon, which a user name must not");
        }
        let pair = SecretString::from(format!("{username}:{}", password.expose_secret()));
        let encoded = SecretString::from(BASE64_STANDARD.encode(pair.expose_secret()));
        let secrets = vec![encoded.clone(), password.clone()];
        Self::new("Basic", &encoded, secrets)
    }

    fn bearer(token: &SecretString) -> Result<Self, &'static str> {
        Self::new("Bearer", token, vec![token.clone()])
    }

    fn new(
        scheme: &str,
        value: &SecretString,
        secrets: Vec<SecretString>,
    ) -> Result<Self, &'static str> {
        if value.expose_secret().is_empty() {
            return Err("is empty");
        }
        let line = SecretString::from(format!("{scheme} {}", value.expose_secret()));
        let mut header = HeaderValue::from_str(line.expose_secret())
            .map_err(|_| "holds characters that no header can")?;
        header.set_sensitive(true);
        Ok(Self {
            header: Some(header),
            secrets,
        })
    }
}

impl PartialEq for Credentials {
    fn eq(&self, other: &Self) -> bool {
        self.header == other.header
    }
}

impl Recipe for Auth {
    type Read = Credentials;
    type Made = Credentials;

    const WHAT: &'static str = "credentials";

    fn has_files(&self) -> bool {
        match self {
            Self::None | Self::Basic { .. } | Self::Bearer(_) => false,
            Self::BasicFiles { .. } | Self::BearerFile(_) => true,
        }
    }

    fn read(&self) -> Result<Credentials, BuildError> {
        let unfit = |problem| BuildError::Credentials { problem };
        match self {
            Self::None => Ok(Credentials::NONE),
            Self::Basic { username, password } => {
                Credentials::basic(username, password).map_err(unfit)
            }
            Self::BasicFiles { username, password } => {
                let (file, username, password) = pair(username, password)?;
                Credentials::basic(username.expose_secret(), &password)
                    .map_err(|problem| file.unfit(problem).into())
            }
            Self::Bearer(token) => Credentials::bearer(token).map_err(unfit),
            Self::BearerFile(token) => {
                let (file, token) = text(token, "the token")?;
                Credentials::bearer(&token).map_err(|problem| file.unfit(problem).into())
            }
        }
    }

    fn make(&self, read: &Credentials) -> Result<Credentials, BuildError> {
        Ok(read.clone())
    }
}

/// A user name and a password that belong together: whoever replaces both may be half done.
fn pair(username: &Path, password: &Path) -> Result<(File, SecretString, SecretString), FileError> {
    const ATTEMPTS: u32 = 3;
    let mut before = text(username, "the user name")?;
    for _ in 1..ATTEMPTS {
        let (_, password) = text(password, "the password")?;
        let after = text(username, "the user name")?;
        if before.0 == after.0 {
            return Ok((after.0, after.1, password));
        }
        before = after;
    }
    let (_, password) = text(password, "the password")?;
    Ok((before.0, before.1, password))
}

/// The text in a file, without the line ends at its end.
fn text(path: &Path, role: &'static str) -> Result<(File, SecretString), FileError> {
    let file = File::read(path, role)?;
    let text = std::str::from_utf8(file.bytes())
        .map_err(|_| file.unfit("is no text in UTF-8"))?
        .trim_end_matches(['\r', '\n']);
    if text.is_empty() {
        return Err(file.unfit("is empty"));
    }
    let text = text.into();
    Ok((file, text))
}
