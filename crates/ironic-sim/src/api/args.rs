//! The arguments of a request: its query, and for some paths the keys of its body.
//!
//! See `ironic/common/args.py`.

use std::collections::BTreeMap;

use percent_encoding::percent_decode_str;
use serde_json::Value;

use super::Error;
use super::checks::{is_logical_name, is_uuid_like, normalised_mac};
use crate::python;

/// Arguments by name. One that is given twice is a list, and so no text.
#[derive(Default)]
pub(crate) struct Args(BTreeMap<String, Value>);

/// What a flag may be called.
const FLAGS: &str = "'0', '1', 'f', 'false', 'n', 'no', 'off', 'on', 't', 'true', 'y', 'yes'";

impl Args {
    /// Those of a query.
    pub(crate) fn of_query(query: &str) -> Self {
        let mut args = Self::default();
        for (name, value) in query_pairs(query) {
            match args.0.get_mut(&name) {
                None => {
                    args.0.insert(name, Value::String(value));
                }
                Some(Value::Array(values)) => values.push(Value::String(value)),
                Some(first) => *first = Value::from(vec![first.take(), Value::String(value)]),
            }
        }
        args
    }

    /// And those of a body that is an object; any other body says nothing.
    pub(crate) fn and_body(mut self, body: &[u8]) -> Self {
        if let Ok(Value::Object(map)) = serde_json::from_slice(body) {
            self.0.extend(map);
        }
        self
    }

    /// Refuses arguments that are not among those allowed.
    pub(crate) fn allow(self, allowed: &[&str]) -> Result<Self, Error> {
        let unexpected: Vec<String> = self
            .0
            .keys()
            .filter(|name| !allowed.contains(&name.as_str()))
            .cloned()
            .collect();
        if unexpected.is_empty() {
            Ok(self)
        } else {
            Err(Error::invalid(format!(
                "Unexpected arguments: {}",
                unexpected.join(", ")
            )))
        }
    }

    /// Refuses a request that lacks this argument.
    pub(crate) fn require(&self, name: &str) -> Result<(), Error> {
        if self.0.contains_key(name) {
            Ok(())
        } else {
            Err(Error::invalid(format!(
                "Missing mandatory parameter: {name}"
            )))
        }
    }

    /// The argument as it is; `null` counts as none.
    pub(crate) fn value(&self, name: &str) -> Option<&Value> {
        self.0.get(name).filter(|value| !value.is_null())
    }

    pub(crate) fn text(&self, name: &str) -> Result<Option<&str>, Error> {
        match self.value(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(other) => Err(Error::invalid(format!(
                "Expected string for {name}: {}",
                python::text(other)
            ))),
        }
    }

    pub(crate) fn flag(&self, name: &str) -> Result<Option<bool>, Error> {
        self.value(name).map(|value| flag(name, value)).transpose()
    }

    pub(crate) fn integer(&self, name: &str) -> Result<Option<i64>, Error> {
        let Some(value) = self.value(name) else {
            return Ok(None);
        };
        let number = match value {
            Value::String(text) => text.trim().parse().ok(),
            Value::Bool(flag) => Some(i64::from(*flag)),
            #[expect(clippy::cast_possible_truncation, reason = "as Python's int() cuts")]
            Value::Number(number) => number
                .as_i64()
                .or_else(|| number.as_f64().map(|float| float as i64)),
            Value::Null | Value::Array(_) | Value::Object(_) => None,
        };
        number.map(Some).ok_or_else(|| {
            Error::invalid(format!(
                "Expected an integer for {name}: {}",
                python::text(value)
            ))
        })
    }

    pub(crate) fn uuid(&self, name: &str) -> Result<Option<&str>, Error> {
        let Some(value) = self.value(name) else {
            return Ok(None);
        };
        uuid(name, value).map(Some)
    }

    pub(crate) fn uuid_or_name(&self, name: &str) -> Result<Option<&str>, Error> {
        let Some(value) = self.value(name) else {
            return Ok(None);
        };
        value
            .as_str()
            .filter(|text| is_logical_name(text) || is_uuid_like(text))
            .map(Some)
            .ok_or_else(|| {
                Error::invalid(format!(
                    "Expected UUID or name for {name}: {}",
                    python::text(value)
                ))
            })
    }

    pub(crate) fn mac(&self, name: &str) -> Result<Option<String>, Error> {
        self.value(name).map(|value| mac(name, value)).transpose()
    }

    /// A list with commas: in lower case, without repetitions.
    pub(crate) fn list(&self, name: &str) -> Result<Option<Vec<String>>, Error> {
        if let Some(Value::Array(items)) = self.value(name) {
            return Ok(Some(
                items
                    .iter()
                    .filter_map(Value::as_str)
                    .map(str::to_owned)
                    .collect(),
            ));
        }
        let Some(text) = self.text(name)? else {
            return Ok(None);
        };
        let mut items: Vec<String> = Vec::new();
        for item in text.split(',') {
            let item = item.trim().to_lowercase();
            if !item.is_empty() && !items.contains(&item) {
                items.push(item);
            }
        }
        Ok(Some(items))
    }
}

/// A flag, by any of its names.
pub(crate) fn flag(name: &str, value: &Value) -> Result<bool, Error> {
    let text = match value {
        Value::Bool(flag) => return Ok(*flag),
        other => python::text(other),
    };
    match text.trim().to_lowercase().as_str() {
        "1" | "t" | "true" | "on" | "y" | "yes" => Ok(true),
        "0" | "f" | "false" | "off" | "n" | "no" => Ok(false),
        _ => Err(Error::invalid(format!(
            "Invalid {name}: Unrecognized value '{}', acceptable values are: {FLAGS}",
            text.trim().to_lowercase()
        ))),
    }
}

/// A UUID, in any of the ways to write one.
pub(crate) fn uuid<'a>(name: &str, value: &'a Value) -> Result<&'a str, Error> {
    value
        .as_str()
        .filter(|text| is_uuid_like(text))
        .ok_or_else(|| Error::invalid(format!("Expected UUID for {name}: {}", python::text(value))))
}

/// A MAC address, in lower case.
pub(crate) fn mac(name: &str, value: &Value) -> Result<String, Error> {
    value.as_str().and_then(normalised_mac).ok_or_else(|| {
        Error::invalid(format!(
            "Expected valid MAC address for {name}: {}",
            python::text(value)
        ))
    })
}

/// The names and values of a query, decoded.
fn query_pairs(query: &str) -> impl Iterator<Item = (String, String)> {
    query
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            (decoded(name), decoded(value))
        })
}

fn decoded(text: &str) -> String {
    percent_decode_str(&text.replace('+', " "))
        .decode_utf8_lossy()
        .into_owned()
}
