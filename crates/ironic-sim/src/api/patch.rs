//! JSON patches, by Ironic's rules (`api/controllers/v1/utils.py`).

use serde_json::{Map, Value};

use super::Error;
use super::schema::{Kind, error, not_one_of, wrong_type};
use crate::python;

/// What an operation does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Op {
    Add,
    Replace,
    Remove,
}

/// One operation of a patch.
pub(crate) struct Operation {
    op: Op,
    path: String,
    value: Option<Value>,
    /// As it came, for messages.
    raw: Value,
}

/// A patch.
pub(crate) struct Patch(Vec<Operation>);

impl Patch {
    /// Reads a body: a list of `add`, `replace` and `remove`, whose paths are made of letters,
    /// digits, dashes and underscores.
    pub(crate) fn parse(body: &Value) -> Result<Self, Error> {
        let Value::Array(operations) = body else {
            return Err(error(
                "patch",
                &format!("{} is not of type 'array'", python::repr(body)),
            ));
        };
        operations
            .iter()
            .map(Operation::parse)
            .collect::<Result<_, _>>()
            .map(Self)
    }

    /// Refuses paths below other fields than these.
    pub(crate) fn allow(&self, allowed: &[&str]) -> Result<(), Error> {
        match self.0.iter().find(|op| !allowed.contains(&op.field())) {
            Some(op) => Err(Error::invalid(format!(
                "Cannot patch {}. Only the following can be updated: {}",
                op.path,
                allowed.join(", ")
            ))),
            None => Ok(()),
        }
    }

    /// The values that a path gets. Ironic falls over one that gets none.
    pub(crate) fn values(&self, path: &str) -> Result<Vec<&Value>, Error> {
        self.0
            .iter()
            .filter(|op| op.path == path && op.op != Op::Remove)
            .map(|op| op.value.as_ref().ok_or_else(|| Error::server("'value'")))
            .collect()
    }

    /// Whether a path, or something below, is set or removed.
    pub(crate) fn touches(&self, path: &str) -> bool {
        self.0.iter().any(|op| {
            op.path
                .strip_prefix(path)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        })
    }

    /// Whether it does nothing but remove this path.
    pub(crate) fn only_removes(&self, path: &str) -> bool {
        matches!(self.0.as_slice(), [op] if op.op == Op::Remove && op.path == path)
    }

    /// Applies all operations, or none.
    ///
    /// What is removed from the top is absent afterwards. Like Ironic's, the messages repeat what
    /// was sent and what is stored.
    pub(crate) fn apply(&self, document: Map<String, Value>) -> Result<Map<String, Value>, Error> {
        let is_new = |op: &&Operation| {
            let is_top = op.path.matches('/').count() == 1;
            op.op == Op::Add && is_top && !document.contains_key(op.field())
        };
        if let Some(op) = self.0.iter().find(is_new) {
            return Err(Error::invalid(format!(
                "Adding a new attribute ({}) to the root of the resource is not allowed",
                op.path
            )));
        }
        let mut document = Value::Object(document);
        for op in &self.0 {
            op.apply(&mut document).map_err(|reason| {
                Error::invalid(format!(
                    "Couldn't apply patch '{}'. Reason: {reason}",
                    python::repr(&op.raw)
                ))
            })?;
        }
        match document {
            Value::Object(map) => Ok(map),
            _ => Err(Error::server("the document is no object any more")),
        }
    }
}

impl Operation {
    fn parse(raw: &Value) -> Result<Self, Error> {
        let Value::Object(map) = raw else {
            return Err(wrong_type("patch", raw, &[Kind::Object]));
        };
        for required in ["op", "path"] {
            if !map.contains_key(required) {
                let name = python::quoted(required);
                return Err(error("patch", &format!("{name} is a required property")));
            }
        }
        if let Some(extra) = map
            .keys()
            .find(|key| !matches!(key.as_str(), "op" | "path" | "value"))
        {
            let name = python::quoted(extra);
            return Err(error(
                "patch",
                &format!("Additional properties are not allowed ({name} was unexpected)"),
            ));
        }
        let text = |key: &str| {
            let value = map.get(key).unwrap_or(&Value::Null);
            value
                .as_str()
                .ok_or_else(|| wrong_type("patch", value, &[Kind::Text]))
        };
        let path = text("path")?.to_owned();
        if !is_path(&path) {
            return Err(error(
                "patch",
                &format!("{} does not match '^(/[\\\\w-]+)+$'", python::quoted(&path)),
            ));
        }
        let op = match text("op")? {
            "add" => Op::Add,
            "replace" => Op::Replace,
            "remove" => Op::Remove,
            _ => {
                let op = map.get("op").unwrap_or(&Value::Null);
                return Err(not_one_of("patch", op, &["add", "replace", "remove"]));
            }
        };
        Ok(Self {
            op,
            path,
            value: map.get("value").cloned(),
            raw: raw.clone(),
        })
    }

    /// The field at the top.
    fn field(&self) -> &str {
        self.path.split('/').nth(1).unwrap_or_default()
    }

    fn apply(&self, document: &mut Value) -> Result<(), String> {
        let mut keys: Vec<&str> = self.path.split('/').skip(1).collect();
        let Some(last) = keys.pop() else {
            return Ok(());
        };
        let mut place = document;
        for key in keys {
            let shown = python::repr(place);
            place =
                child(place, key).ok_or_else(|| format!("member '{key}' not found in {shown}"))?;
        }
        match place {
            Value::Object(map) => self.apply_to_map(map, last),
            Value::Array(items) => self.apply_to_list(items, last),
            other => Err(format!(
                "unable to fully resolve json pointer {}, part {last} in {}",
                self.path,
                python::repr(other)
            )),
        }
    }

    fn apply_to_map(&self, map: &mut Map<String, Value>, key: &str) -> Result<(), String> {
        let value = || {
            self.value
                .clone()
                .ok_or_else(|| "The operation does not contain a 'value' member".to_owned())
        };
        match self.op {
            Op::Add => {
                map.insert(key.to_owned(), value()?);
            }
            Op::Replace => {
                let place = map
                    .get_mut(key)
                    .ok_or_else(|| format!("can't replace a non-existent object '{key}'"))?;
                *place = value()?;
            }
            Op::Remove => {
                map.remove(key)
                    .ok_or_else(|| format!("can't remove a non-existent object '{key}'"))?;
            }
        }
        Ok(())
    }

    fn apply_to_list(&self, items: &mut Vec<Value>, key: &str) -> Result<(), String> {
        let index = if key == "-" {
            items.len()
        } else {
            key.parse()
                .map_err(|_| format!("'{key}' is not a valid sequence index"))?
        };
        let value = || {
            self.value
                .clone()
                .ok_or_else(|| "The operation does not contain a 'value' member".to_owned())
        };
        match self.op {
            Op::Add if index > items.len() => return Err("can't insert outside of list".to_owned()),
            Op::Add => items.insert(index, value()?),
            Op::Replace => {
                let place = items
                    .get_mut(index)
                    .ok_or_else(|| "can't replace outside of list".to_owned())?;
                *place = value()?;
            }
            Op::Remove if index >= items.len() => {
                return Err(format!("can't remove a non-existent object '{key}'"));
            }
            Op::Remove => {
                items.remove(index);
            }
        }
        Ok(())
    }
}

fn child<'a>(place: &'a mut Value, key: &str) -> Option<&'a mut Value> {
    match place {
        Value::Object(map) => map.get_mut(key),
        Value::Array(items) => key
            .parse::<usize>()
            .ok()
            .and_then(|index| items.get_mut(index)),
        _ => None,
    }
}

/// `^(/[\w-]+)+$`
fn is_path(path: &str) -> bool {
    path.strip_prefix('/').is_some_and(|rest| {
        rest.split('/').all(|part| {
            !part.is_empty()
                && part
                    .chars()
                    .all(|char| char.is_alphanumeric() || char == '_' || char == '-')
        })
    })
}
