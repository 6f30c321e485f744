//! The shapes that bodies must have, and what Ironic's validator says if they have not.
//!
//! Ironic checks bodies with `jsonschema`; these are the same schemas and its words.

use serde_json::{Map, Value};

use super::Error;
use crate::python;

/// The JSON types that a field may have.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Object,
    Text,
    Flag,
    Integer,
    Null,
}

impl Kind {
    fn name(self) -> &'static str {
        match self {
            Self::Object => "object",
            Self::Text => "string",
            Self::Flag => "boolean",
            Self::Integer => "integer",
            Self::Null => "null",
        }
    }

    fn fits(self, value: &Value) -> bool {
        match self {
            Self::Object => value.is_object(),
            Self::Text => value.is_string(),
            Self::Flag => value.is_boolean(),
            // 1.0 is an integer to the validator.
            Self::Integer => {
                value.is_i64()
                    || value.is_u64()
                    || value.as_f64().is_some_and(|float| float.fract() == 0.0)
            }
            Self::Null => value.is_null(),
        }
    }
}

/// A text.
pub(crate) const TEXT: &[Kind] = &[Kind::Text];
/// A text or nothing.
pub(crate) const TEXT_OR_NULL: &[Kind] = &[Kind::Text, Kind::Null];
/// A flag, also as a text, or nothing.
pub(crate) const FLAG_OR_NULL: &[Kind] = &[Kind::Text, Kind::Flag, Kind::Null];
/// A flag.
pub(crate) const FLAG: &[Kind] = &[Kind::Flag];
/// An object or nothing.
pub(crate) const OBJECT_OR_NULL: &[Kind] = &[Kind::Object, Kind::Null];
/// A whole number.
pub(crate) const INTEGER: &[Kind] = &[Kind::Integer];

/// A field.
pub(crate) struct Field {
    pub(crate) name: &'static str,
    pub(crate) kinds: &'static [Kind],
    /// The most characters, where there is a limit.
    pub(crate) max: Option<usize>,
}

pub(crate) const fn field(name: &'static str, kinds: &'static [Kind]) -> Field {
    Field {
        name,
        kinds,
        max: None,
    }
}

pub(crate) const fn limited(name: &'static str, kinds: &'static [Kind], max: usize) -> Field {
    Field {
        name,
        kinds,
        max: Some(max),
    }
}

/// An object without other fields than these.
pub(crate) struct Schema {
    pub(crate) fields: &'static [Field],
    pub(crate) required: &'static [&'static str],
}

impl Schema {
    /// Checks a body, called `what` in messages.
    pub(crate) fn check<'a>(
        &self,
        what: &str,
        value: &'a Value,
    ) -> Result<&'a Map<String, Value>, Error> {
        let Value::Object(map) = value else {
            return Err(wrong_type(what, value, &[Kind::Object]));
        };
        if let Some(missing) = self.required.iter().find(|name| !map.contains_key(**name)) {
            return Err(error(
                what,
                &format!("{} is a required property", python::quoted(missing)),
            ));
        }
        let extra: Vec<&str> = map
            .keys()
            .map(String::as_str)
            .filter(|name| self.fields.iter().all(|field| field.name != *name))
            .collect();
        if !extra.is_empty() {
            let were = if extra.len() == 1 { "was" } else { "were" };
            let names = python::list(extra.into_iter().map(python::quoted));
            return Err(error(
                what,
                &format!("Additional properties are not allowed ({names} {were} unexpected)"),
            ));
        }
        for field in self.fields {
            if let Some(value) = map.get(field.name) {
                field.check(what, value)?;
            }
        }
        Ok(map)
    }
}

impl Field {
    fn check(&self, what: &str, value: &Value) -> Result<(), Error> {
        if !self.kinds.iter().any(|kind| kind.fits(value)) {
            return Err(wrong_type(what, value, self.kinds));
        }
        let is_long = self.max.is_some_and(|max| {
            value
                .as_str()
                .is_some_and(|text| text.chars().count() > max)
        });
        if is_long {
            return Err(error(what, &format!("{} is too long", python::repr(value))));
        }
        Ok(())
    }
}

/// A value of the wrong type.
pub(crate) fn wrong_type(what: &str, value: &Value, kinds: &[Kind]) -> Error {
    let names = python::list(kinds.iter().map(|kind| python::quoted(kind.name())));
    error(
        what,
        &format!("{} is not of type {names}", python::repr(value)),
    )
}

/// A value that is none of those allowed.
pub(crate) fn not_one_of(what: &str, value: &Value, allowed: &[&str]) -> Error {
    let allowed = python::quoted_list(allowed.iter().copied());
    error(
        what,
        &format!("{} is not one of {allowed}", python::repr(value)),
    )
}

/// What the validator says.
pub(crate) fn error(what: &str, text: &str) -> Error {
    Error::invalid(format!("Schema error for {what}: {text}"))
}
