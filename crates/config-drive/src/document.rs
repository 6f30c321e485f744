//! YAML as Metal3 reads it, which includes JSON.
//!
//! Metal3 uses `sigs.k8s.io/yaml`: YAML 1.1 is resolved (`yes` is a boolean, `0755` is octal), keys become texts, of
//! equal keys the last one counts, and what has no place in JSON (`.nan`, a list as a key) is refused.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::fmt;

use secrecy::zeroize::Zeroize;
use serde::de::{DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde::ser::{Serialize, Serializer};
use serde_json::Number;
use serde_saphyr::Error;
use serde_saphyr::budget::BudgetBreach;
use serde_saphyr::options::{DuplicateKeyPolicy, NonFiniteFloatPolicy};

/// A value without a schema. It is written as JSON with sorted keys, whatever features `serde_json` is built with.
pub(crate) enum Document {
    Null,
    Bool(bool),
    Number(Number),
    Text(String),
    List(Vec<Self>),
    Mapping(BTreeMap<String, Self>),
}

/// Why there is no document, without a word of it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// Line and column, from 1.
    Unreadable {
        position: Option<(u64, u64)>,
    },
    NotAMapping,
    TooLarge,
}

/// The most keys and values of a document: a hundred times what a network of a hundred links has.
const MAX_NODES: usize = 100_000;

/// Reads a mapping of at most `limit` bytes, as far as texts and the number of values go: a few aliases of aliases would
/// become gigabytes. What is empty or null is an empty mapping.
pub(crate) fn mapping(bytes: &[u8], limit: usize) -> Result<BTreeMap<String, Document>, Fault> {
    let text = str::from_utf8(bytes).map_err(|_| Fault::Unreadable { position: None })?;
    let left = Cell::new(Some(limit));
    let options = serde_saphyr::options! {
        budget: serde_saphyr::budget! {
            max_nodes: MAX_NODES,
            // Nothing is wrong with many aliases of something small.
            enforce_alias_anchor_ratio: false,
        },
        duplicate_keys: DuplicateKeyPolicy::LastWins,
        legacy_octal_numbers: true,
        non_finite_float_policy: NonFiniteFloatPolicy::Reject,
        with_snippet: false,
    };
    let read =
        serde_saphyr::with_deserializer_from_str_with_options(text, options, |deserializer| {
            Reader { left: &left }.deserialize(deserializer)
        });
    match read {
        Ok(mut document) => match &mut document {
            Document::Mapping(mapping) => Ok(std::mem::take(mapping)),
            Document::Null => Ok(BTreeMap::new()),
            Document::Bool(_) | Document::Number(_) | Document::Text(_) | Document::List(_) => {
                Err(Fault::NotAMapping)
            }
        },
        Err(_) if left.get().is_none() => Err(Fault::TooLarge),
        Err(error) if is_too_much(&error) => Err(Fault::TooLarge),
        Err(error) => Err(Fault::Unreadable {
            position: error
                .location()
                .map(|location| (location.line(), location.column())),
        }),
    }
}

/// Whether the reader itself gave up: it keeps what is behind an anchor before anything is counted here.
fn is_too_much(error: &Error) -> bool {
    match error {
        Error::AliasError { error, .. } => is_too_much(error),
        Error::Budget { breach, .. } => matches!(
            breach,
            BudgetBreach::Nodes { .. }
                | BudgetBreach::Events { .. }
                | BudgetBreach::Aliases { .. }
                | BudgetBreach::Anchors { .. }
                | BudgetBreach::RecordedAnchorEvents { .. }
                | BudgetBreach::RecordedAnchorBytes { .. }
        ),
        _ => false,
    }
}

impl Drop for Document {
    fn drop(&mut self) {
        if let Self::Text(text) = self {
            text.zeroize();
        }
    }
}

impl Serialize for Document {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Null => serializer.serialize_unit(),
            Self::Bool(value) => serializer.serialize_bool(*value),
            Self::Number(value) => value.serialize(serializer),
            Self::Text(value) => serializer.serialize_str(value),
            Self::List(values) => serializer.collect_seq(values),
            Self::Mapping(values) => serializer.collect_map(values),
        }
    }
}

/// Reads a document and counts what it takes; `None` when it was too much.
#[derive(Clone, Copy)]
struct Reader<'a> {
    left: &'a Cell<Option<usize>>,
}

impl Reader<'_> {
    fn take<E: serde::de::Error>(self, bytes: usize) -> Result<(), E> {
        self.left
            .set(self.left.get().and_then(|left| left.checked_sub(bytes)));
        match self.left.get() {
            Some(_) => Ok(()),
            None => Err(E::custom("too large")),
        }
    }
}

impl<'de> DeserializeSeed<'de> for Reader<'_> {
    type Value = Document;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Document, D::Error> {
        self.take(1)?;
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Reader<'_> {
    type Value = Document;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value that JSON has")
    }

    fn visit_unit<E>(self) -> Result<Document, E> {
        Ok(Document::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Document, E> {
        Ok(Document::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Document, E> {
        Ok(Document::Number(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Document, E> {
        Ok(Document::Number(value.into()))
    }

    fn visit_f64<E: serde::de::Error>(self, value: f64) -> Result<Document, E> {
        number(value)
            .map(Document::Number)
            .ok_or_else(|| E::custom("not finite"))
    }

    fn visit_str<E: serde::de::Error>(self, value: &str) -> Result<Document, E> {
        self.take(value.len())?;
        Ok(Document::Text(value.to_owned()))
    }

    fn visit_string<E: serde::de::Error>(self, value: String) -> Result<Document, E> {
        self.take(value.len())?;
        Ok(Document::Text(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Document, A::Error> {
        let mut values = Vec::new();
        while let Some(value) = access.next_element_seed(self)? {
            values.push(value);
        }
        Ok(Document::List(values))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Document, A::Error> {
        let mut values = BTreeMap::new();
        while let Some(key) = access.next_key_seed(self)? {
            let key = key_text(&key).ok_or_else(|| A::Error::custom("not a key"))?;
            values.insert(key, access.next_value_seed(self)?);
        }
        Ok(Document::Mapping(values))
    }
}

/// As `convertToJSONableObject` in `sigs.k8s.io/yaml` makes texts of keys.
fn key_text(key: &Document) -> Option<String> {
    match key {
        Document::Text(text) => Some(text.clone()),
        Document::Bool(value) => Some(value.to_string()),
        Document::Number(value) => Some(value.to_string()),
        Document::Null | Document::List(_) | Document::Mapping(_) => None,
    }
}

/// Without a fraction as Go writes it: `1.0` is `1`. Up to where all integers are doubles.
fn number(value: f64) -> Option<Number> {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    if value.fract() == 0.0 && value.abs() <= EXACT {
        format!("{value:.0}").parse::<i64>().ok().map(Number::from)
    } else {
        Number::from_f64(value)
    }
}
