//! Microversions: what a server offers, what a call needs, and which one is sent.

pub mod feature;

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A version of Ironic's API, such as `1.89`.
///
/// Ironic's API grows by microversions: a request names the one it speaks in the header
/// `X-OpenStack-Ironic-API-Version`, and gets the behaviour of exactly that one.
/// See `ironic/api/controllers/v1/versions.py` and "REST API Version History" in Ironic's
/// contributor documentation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Microversion {
    /// The part before the dot; `1` since Ironic exists.
    pub major: u16,
    /// The part after the dot.
    pub minor: u16,
}

/// The lowest version that is ever sent: `1.89`, of Ironic 2024.1.
///
/// Older behaviour is neither tested nor wanted, so a call that would be content with `1.1` is
/// still sent with this version: what comes back has one shape, whichever call asked.
pub const FLOOR: Microversion = Microversion::v1(89);

impl Microversion {
    /// The version `1.minor`.
    pub const fn v1(minor: u16) -> Self {
        Self { major: 1, minor }
    }

    /// Whether this is the younger of the two. As `>`, which constants cannot use.
    pub(crate) const fn is_after(self, other: Self) -> bool {
        self.major > other.major || (self.major == other.major && self.minor > other.minor)
    }
}

impl fmt::Display for Microversion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { major, minor } = self;
        write!(f, "{major}.{minor}")
    }
}

/// A text that is no microversion.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} is no API version: expected two numbers with a dot between, such as 1.89")]
pub struct ParseVersionError {
    /// The text.
    pub text: String,
}

impl FromStr for Microversion {
    type Err = ParseVersionError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let number = |part: &str| {
            // `u16::from_str` would let a sign pass.
            part.bytes()
                .all(|byte| byte.is_ascii_digit())
                .then(|| part.parse().ok())
                .flatten()
        };
        text.split_once('.')
            .and_then(|(major, minor)| {
                Some(Self {
                    major: number(major)?,
                    minor: number(minor)?,
                })
            })
            .ok_or_else(|| ParseVersionError {
                text: text.to_owned(),
            })
    }
}

impl Serialize for Microversion {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Microversion {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(serde::de::Error::custom)
    }
}

/// The versions that a server speaks, both ends included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct VersionRange {
    /// The oldest.
    pub min: Microversion,
    /// The newest.
    pub max: Microversion,
}

impl VersionRange {
    /// Whether the server speaks this version.
    pub fn contains(&self, version: Microversion) -> bool {
        (self.min..=self.max).contains(&version)
    }
}

impl fmt::Display for VersionRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} to {}", self.min, self.max)
    }
}

/// A server that does not speak the version that a call needs.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum VersionError {
    /// The server is older than the call.
    #[error(
        "`{what}` needs {}version {needed} of Ironic's API; this Ironic offers {found}",
        Feature(*.feature)
    )]
    TooOld {
        /// What was to be done: the name of a call.
        what: &'static str,
        /// What came with the version that is needed, by [`feature::name`]; `None` if that is
        /// [`FLOOR`] only because nothing older is ever sent.
        feature: Option<&'static str>,
        /// The lowest version that would do.
        needed: Microversion,
        /// What the server offers.
        found: VersionRange,
    },
    /// The server no longer speaks a version as old as the call's.
    #[error("`{what}` speaks version {needed} of Ironic's API; this Ironic offers only {found}")]
    TooNew {
        /// What was to be done: the name of a call.
        what: &'static str,
        /// The version that would have been sent.
        needed: Microversion,
        /// What the server offers.
        found: VersionRange,
    },
}

struct Feature(Option<&'static str>);

impl fmt::Display for Feature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.map_or(Ok(()), |name| write!(f, "{name}, "))
    }
}

/// The version to send for a call that needs `needed`: the higher of that and [`FLOOR`].
///
/// Not the newest that the server offers: what a call does must not change because the server was
/// upgraded.
///
/// # Errors
///
/// [`VersionError`] if the server does not offer that version; it names `what`, the feature and the
/// version that are needed, and the range that was found.
pub fn negotiate(
    server: VersionRange,
    what: &'static str,
    needed: Microversion,
) -> Result<Microversion, VersionError> {
    let feature = (needed >= FLOOR).then(|| feature::name(needed)).flatten();
    let needed = needed.max(FLOOR);
    let found = server;
    if needed > server.max {
        Err(VersionError::TooOld {
            what,
            feature,
            needed,
            found,
        })
    } else if needed < server.min {
        Err(VersionError::TooNew {
            what,
            needed,
            found,
        })
    } else {
        Ok(needed)
    }
}
