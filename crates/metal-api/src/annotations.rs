//! What the values of annotations mean.
//!
//! Nothing checks an annotation before it is stored, so each value is read as far as it can be: a part that can't be
//! read counts as not given, and [`Unreadable`] says what is wrong with it.
//! The values are those of Metal3's baremetal-operator, which takes the names in them in any case (`apis/metal3.io/v1alpha1/baremetalhost_types.go`).

use std::collections::BTreeMap;
use std::fmt;

use serde_json::{Map, Value};

use crate::names;

/// How a machine is taken down for a reboot.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum RebootMode {
    /// Its operating system is asked to shut down.
    #[default]
    Soft,
    /// Its power is cut.
    Hard,
}

/// An annotation that asks for a reboot: [`names::REBOOT_ANNOTATION`], or one that begins with
/// [`names::KEYED_REBOOT_ANNOTATION_PREFIX`]. Its value is empty, or JSON:
/// `{"mode": "soft"|"hard", "force": true|false}`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reboot<'a> {
    /// The annotation's name.
    pub name: &'a str,
    /// How the machine is taken down.
    pub mode: RebootMode,
    /// Whether it counts for a host that isn't deployed, too.
    pub force: bool,
    /// What of its value can't be read, if anything.
    pub unreadable: Option<Unreadable>,
}

impl Reboot<'_> {
    /// Whether it asks for one reboot, and doesn't keep the machine off until it is removed.
    pub fn is_one_shot(&self) -> bool {
        self.name == names::REBOOT_ANNOTATION
    }
}

/// What happens to a detached host that is deleted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum DeleteAction {
    /// It is deleted at once, as it is.
    #[default]
    Delete,
    /// It stays until it is attached again.
    Delay,
}

/// The annotation [`names::DETACHED_ANNOTATION`]. Its value may be anything; if it is JSON, it may say more:
/// `{"deleteAction": "delete"|"delay", "force": true|false}`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Detached {
    /// What happens if the host is deleted meanwhile.
    pub delete_action: DeleteAction,
    /// Whether an operation that is under way is broken off for it.
    pub force: bool,
}

/// What is wrong with an annotation's value.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{name}: {problem}; leave the value empty or give for example {{\"mode\": \"hard\"}}")]
pub struct Unreadable {
    name: String,
    problem: Problem,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Problem {
    NoObject,
    Mode,
    Force,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoObject => "the value is no JSON object, and a soft reboot is assumed",
            Self::Mode => "mode is neither \"soft\" nor \"hard\", and soft is assumed",
            Self::Force => "force is neither true nor false, and false is assumed",
        })
    }
}

/// The annotations that ask for a reboot, ordered by name.
pub fn reboots(annotations: &BTreeMap<String, String>) -> impl Iterator<Item = Reboot<'_>> {
    annotations
        .iter()
        .filter(|(name, _)| is_reboot(name))
        .map(|(name, value)| reboot(name, value))
}

/// The annotation that takes a host out of Ironic, if it is set.
pub fn detached(annotations: &BTreeMap<String, String>) -> Option<Detached> {
    let value = annotations.get(names::DETACHED_ANNOTATION)?;
    let fields = fields(value).unwrap_or_default();
    Some(Detached {
        delete_action: match field(&fields, "deleteAction").and_then(Value::as_str) {
            Some("delay") => DeleteAction::Delay,
            Some(_) | None => DeleteAction::Delete,
        },
        force: field(&fields, "force").and_then(Value::as_bool) == Some(true),
    })
}

fn is_reboot(name: &str) -> bool {
    name == names::REBOOT_ANNOTATION || name.starts_with(names::KEYED_REBOOT_ANNOTATION_PREFIX)
}

fn reboot<'a>(name: &'a str, value: &str) -> Reboot<'a> {
    let (mode, force, problem) = match fields(value) {
        None => (RebootMode::Soft, false, Some(Problem::NoObject)),
        Some(fields) => {
            let mode = mode(&fields);
            let force = force(&fields);
            let problem = mode.err().or(force.err());
            (mode.unwrap_or_default(), force.unwrap_or_default(), problem)
        }
    };
    Reboot {
        name,
        mode,
        force,
        unreadable: problem.map(|problem| Unreadable {
            name: name.to_owned(),
            problem,
        }),
    }
}

fn mode(fields: &Map<String, Value>) -> Result<RebootMode, Problem> {
    match field(fields, "mode") {
        None => Ok(RebootMode::Soft),
        Some(mode) => match mode.as_str() {
            Some("soft" | "") => Ok(RebootMode::Soft),
            Some("hard") => Ok(RebootMode::Hard),
            Some(_) | None => Err(Problem::Mode),
        },
    }
}

fn force(fields: &Map<String, Value>) -> Result<bool, Problem> {
    field(fields, "force").map_or(Ok(false), |force| force.as_bool().ok_or(Problem::Force))
}

/// The fields of a JSON object; none of an empty value and of JSON's `null`. None where it is something else.
fn fields(value: &str) -> Option<Map<String, Value>> {
    if value.is_empty() {
        return Some(Map::new());
    }
    match serde_json::from_str(value) {
        Ok(Value::Object(fields)) => Some(fields),
        Ok(Value::Null) => Some(Map::new()),
        Ok(_) | Err(_) => None,
    }
}

/// The field of this name, in any case as Go's decoder has it; `null` says nothing.
fn field<'a>(fields: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
    let exact = fields.get(name);
    let similar = || {
        let mut all = fields.iter();
        all.find(|(other, _)| other.eq_ignore_ascii_case(name))
            .map(|(_, value)| value)
    };
    exact.or_else(similar).filter(|value| !value.is_null())
}
