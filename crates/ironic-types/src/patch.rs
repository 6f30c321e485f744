//! Changes to what Ironic has, as JSON patches.

use std::fmt;

use secrecy::{ExposeSecret, SecretString};
use serde::{Serialize, Serializer};
use serde_json::{Map, Value};

use crate::new_node::DriverInfo;

/// A list of changes, applied in order and all or none.
///
/// A path is a JSON pointer (RFC 6901), such as `/properties/capabilities`.
/// Ironic takes `add` for fields and keys that exist as well; `replace` and `remove` fail where
/// there is nothing. A top-level field that is removed goes back to its default.
///
/// `Debug` shows no secret; `Serialize` writes all in clear.
///
/// ```
/// use ironic_types::Patch;
///
/// let patch = Patch::new()
///     .add("/properties/capabilities", "boot_mode:bios,iscsi_boot:true")
///     .replace("/automated_clean", false)
///     .remove("/instance_info/image_source");
/// assert_eq!(patch.paths().count(), 3);
/// ```
///
/// See `ironic/api/controllers/v1/utils.py`, `apply_jsonpatch`.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(transparent)]
pub struct Patch(Vec<Operation>);

#[derive(Clone, PartialEq, Serialize)]
#[serde(tag = "op", rename_all = "lowercase")]
enum Operation {
    Add { path: String, value: PatchValue },
    Replace { path: String, value: PatchValue },
    Remove { path: String },
}

impl Patch {
    /// No change.
    pub fn new() -> Self {
        Self::default()
    }

    /// And sets what is at `path`, whether or not it exists.
    #[must_use]
    pub fn add(mut self, path: impl Into<String>, value: impl Into<PatchValue>) -> Self {
        self.0.push(Operation::Add {
            path: path.into(),
            value: value.into(),
        });
        self
    }

    /// And sets what is at `path`, which must exist.
    #[must_use]
    pub fn replace(mut self, path: impl Into<String>, value: impl Into<PatchValue>) -> Self {
        self.0.push(Operation::Replace {
            path: path.into(),
            value: value.into(),
        });
        self
    }

    /// And removes what is at `path`, which must exist.
    #[must_use]
    pub fn remove(mut self, path: impl Into<String>) -> Self {
        self.0.push(Operation::Remove { path: path.into() });
        self
    }

    /// Whether it changes nothing.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What it touches, in order.
    pub fn paths(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|operation| match operation {
            Operation::Add { path, .. }
            | Operation::Replace { path, .. }
            | Operation::Remove { path } => path.as_str(),
        })
    }

    /// The fields that its paths lead into.
    pub(crate) fn fields(&self) -> impl Iterator<Item = &str> {
        self.paths().map(|path| {
            let path = path.strip_prefix('/').unwrap_or(path);
            path.split_once('/').map_or(path, |(field, _)| field)
        })
    }

    /// The secrets in it.
    pub(crate) fn secrets(&self) -> impl Iterator<Item = &SecretString> {
        self.0.iter().flat_map(|operation| match operation {
            Operation::Add { value, .. } | Operation::Replace { value, .. } => value.secrets(),
            Operation::Remove { .. } => Vec::new(),
        })
    }
}

/// A value in a [`Patch`].
#[derive(Clone)]
pub enum PatchValue {
    /// Any JSON that anyone may see.
    Json(Value),
    /// A text that nobody may see.
    Secret(SecretString),
    /// A whole `driver_info`, some of it secret.
    DriverInfo(DriverInfo),
}

impl PatchValue {
    fn secrets(&self) -> Vec<&SecretString> {
        match self {
            Self::Json(_) => Vec::new(),
            Self::Secret(secret) => vec![secret],
            Self::DriverInfo(driver_info) => driver_info.secrets().collect(),
        }
    }
}

impl fmt::Debug for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (name, path, value) = match self {
            Self::Add { path, value } => ("Add", path, Some(value)),
            Self::Replace { path, value } => ("Replace", path, Some(value)),
            Self::Remove { path } => ("Remove", path, None),
        };
        let mut operation = f.debug_struct(name);
        operation.field("path", path);
        match value {
            // The caller may have forgotten to say that it is one.
            Some(PatchValue::Json(_)) if may_be_secret(path) => {
                operation.field("value", &format_args!("[REDACTED]"));
            }
            Some(value) => {
                operation.field("value", value);
            }
            None => {}
        }
        operation.finish()
    }
}

/// Where passwords are kept: of a BMC, of an instance, of a volume.
fn may_be_secret(path: &str) -> bool {
    let word = path.to_lowercase();
    ["/driver_info", "/instance_info"]
        .iter()
        .any(|root| word.starts_with(root))
        || word == "/properties"
        || ["password", "secret", "token", "key"]
            .iter()
            .any(|part| word.contains(part))
}

impl fmt::Debug for PatchValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Json(value) => write!(f, "{value}"),
            Self::Secret(_) => f.write_str("[REDACTED]"),
            Self::DriverInfo(driver_info) => driver_info.fmt(f),
        }
    }
}

impl Serialize for PatchValue {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Json(value) => value.serialize(serializer),
            Self::Secret(secret) => serializer.serialize_str(secret.expose_secret()),
            Self::DriverInfo(driver_info) => driver_info.serialize(serializer),
        }
    }
}

/// Two values are equal if Ironic would be sent the same.
impl PartialEq for PatchValue {
    fn eq(&self, other: &Self) -> bool {
        match (serde_json::to_value(self), serde_json::to_value(other)) {
            (Ok(mine), Ok(theirs)) => mine == theirs,
            _ => false,
        }
    }
}

impl From<Value> for PatchValue {
    fn from(value: Value) -> Self {
        Self::Json(value)
    }
}

impl From<Map<String, Value>> for PatchValue {
    fn from(map: Map<String, Value>) -> Self {
        Self::Json(map.into())
    }
}

impl From<&str> for PatchValue {
    fn from(text: &str) -> Self {
        Self::Json(text.into())
    }
}

impl From<String> for PatchValue {
    fn from(text: String) -> Self {
        Self::Json(text.into())
    }
}

impl From<bool> for PatchValue {
    fn from(flag: bool) -> Self {
        Self::Json(flag.into())
    }
}

impl From<i64> for PatchValue {
    fn from(number: i64) -> Self {
        Self::Json(number.into())
    }
}

impl From<SecretString> for PatchValue {
    fn from(secret: SecretString) -> Self {
        Self::Secret(secret)
    }
}

impl From<DriverInfo> for PatchValue {
    fn from(driver_info: DriverInfo) -> Self {
        Self::DriverInfo(driver_info)
    }
}

/// A key that no patch can name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("Ironic takes no patch of the key {key:?}: letters, digits, `_` and `-` only")]
pub struct KeyNotAddressable {
    /// The key.
    pub key: String,
}

/// The path that leads through these keys: `pointer(["extra", "owner"])` is `/extra/owner`.
///
/// # Errors
///
/// [`KeyNotAddressable`] if a key has characters other than letters, digits, `_` and `-`.
/// JSON pointers can escape others, but Ironic refuses the escapes too (`ironic/common/args.py`,
/// `patch`): replace the whole object around such a key.
pub fn pointer<'a>(keys: impl IntoIterator<Item = &'a str>) -> Result<String, KeyNotAddressable> {
    let mut path = String::new();
    for key in keys {
        let plain = |c: char| c.is_alphanumeric() || c == '_' || c == '-';
        if key.is_empty() || !key.chars().all(plain) {
            return Err(KeyNotAddressable {
                key: key.to_owned(),
            });
        }
        path.push('/');
        path.push_str(key);
    }
    Ok(path)
}
