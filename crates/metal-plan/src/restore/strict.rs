//! JSON of which nothing is lost unnoticed: what a type doesn't know is told.

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// Why a text can't be read.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Problem {
    /// Not JSON, or not of the type.
    Unreadable(String),
    /// A field that the type doesn't have.
    UnknownField(String),
}

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Unreadable(problem) => write!(f, "it can't be read ({problem})"),
            Self::UnknownField(path) => {
                write!(
                    f,
                    "it holds {path}, which nothing here knows and which would be lost"
                )
            }
        }
    }
}

/// Reads an object. Fields that are absent or null are as in the type's default, as Metal3's own types take them.
/// Unknown fields are an error, unless they say nothing.
pub(super) fn read<T: DeserializeOwned + Serialize + Default>(text: &str) -> Result<T, Problem> {
    match read_known(text)? {
        (value, None) => Ok(value),
        (_, Some(path)) => Err(Problem::UnknownField(path)),
    }
}

/// Likewise, but unknown fields are left out. With the path of the first of them that says something.
pub(super) fn read_known<T: DeserializeOwned + Serialize + Default>(
    text: &str,
) -> Result<(T, Option<String>), Problem> {
    let unreadable = |error: serde_json::Error| Problem::Unreadable(error.to_string());
    let given: Value = serde_json::from_str(text).map_err(unreadable)?;
    if !given.is_object() {
        return Err(Problem::Unreadable("it is no JSON object".to_owned()));
    }
    let mut whole = serde_json::to_value(T::default()).map_err(unreadable)?;
    overlay(&mut whole, &given);
    let value: T = serde_json::from_value(whole).map_err(unreadable)?;
    let kept = serde_json::to_value(&value).map_err(unreadable)?;
    Ok((value, lost(&given, &kept, "")))
}

fn overlay(base: &mut Value, over: &Value) {
    match (base, over) {
        (_, Value::Null) => {}
        (Value::Object(base), Value::Object(over)) => {
            for (key, value) in over {
                overlay(base.entry(key.clone()).or_insert(Value::Null), value);
            }
        }
        (base, over) => *base = over.clone(),
    }
}

/// The first field that is in `given`, says something, and is not in `kept`.
fn lost(given: &Value, kept: &Value, path: &str) -> Option<String> {
    match (given, kept) {
        (Value::Object(given), Value::Object(kept)) => given.iter().find_map(|(key, value)| {
            let path = if path.is_empty() {
                key.clone()
            } else {
                format!("{path}.{key}")
            };
            match kept.get(key) {
                Some(kept) => lost(value, kept, &path),
                None => says_something(value).then_some(path),
            }
        }),
        (Value::Array(given), Value::Array(kept)) => given
            .iter()
            .zip(kept)
            .enumerate()
            .find_map(|(i, (given, kept))| lost(given, kept, &format!("{path}[{i}]"))),
        _ => None,
    }
}

fn says_something(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::String(text) => !text.is_empty(),
        Value::Array(items) => !items.is_empty(),
        Value::Object(fields) => fields.values().any(says_something),
        Value::Bool(_) | Value::Number(_) => true,
    }
}
