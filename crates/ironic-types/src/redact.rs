//! Helpers that keep secrets out of what people read, and nulls out of the way.

mod quoted;

use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Deserializer, Serializer};
use serde_json::{Map, Value};

/// The keys of a map, none of its values.
pub(crate) fn masked(map: &Map<String, Value>) -> Map<String, Value> {
    map.keys()
        .map(|key| (key.clone(), Value::from("******")))
        .collect()
}

/// A step without its arguments: some are passwords, and Ironic masks none.
pub(crate) fn without_args(step: &Map<String, Value>) -> Map<String, Value> {
    let mut step = step.clone();
    if let Some(args) = step.get_mut("args") {
        *args = "******".into();
    }
    step
}

/// Writes a secret in clear: for request bodies.
pub(crate) fn expose<S: Serializer>(
    secret: &SecretString,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(secret.expose_secret())
}

/// Writes a secret in clear, where there is one: for request bodies.
#[expect(clippy::ref_option, reason = "serde gives the field as it is")]
pub(crate) fn expose_option<S: Serializer>(
    secret: &Option<SecretString>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    match secret {
        Some(secret) => serializer.serialize_some(secret.expose_secret()),
        None => serializer.serialize_none(),
    }
}

/// Reads `null` as the default: Ironic stores an empty object and "not set" alike.
pub(crate) fn or_default<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de> + Default,
{
    Option::<T>::deserialize(deserializer).map(Option::unwrap_or_default)
}

/// A text with these secrets taken out, also where Python or JSON quoted them.
pub fn without_secrets(text: &str, secrets: &[&SecretString]) -> String {
    let parts = secrets
        .iter()
        .flat_map(|secret| parts(secret.expose_secret()));
    let mut places: Vec<_> = parts.flat_map(|part| quoted::find(text, part)).collect();
    places.sort_by_key(|place| place.start);
    let mut kept = String::new();
    let mut end = 0;
    for place in places {
        if place.start >= end {
            kept.push_str(&text[end..place.start]);
            kept.push_str("******");
        }
        end = end.max(place.end);
    }
    kept.push_str(&text[end..]);
    kept
}

/// A secret, and of an address what opens it: libraries for HTTP repeat parts of one.
fn parts(secret: &str) -> Vec<&str> {
    const SHORTEST: usize = 4;
    let mut parts = vec![secret];
    if let Some((_, rest)) = secret.split_once("://") {
        let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        let user = authority.rsplit_once('@').map(|(user, _)| user);
        let password = user.and_then(|user| Some(user.split_once(':')?.1));
        let query = path.split_once('?').map(|(_, query)| query);
        let found = [user, password, Some(path), query].into_iter().flatten();
        parts.extend(found.filter(|part| part.len() >= SHORTEST));
    }
    parts
}

/// Leaves out what is between the first opening brace and the last closing one.
pub(crate) fn without_objects(message: &str) -> String {
    let Some((before, rest)) = message.split_once('{') else {
        return message.to_owned();
    };
    let after = rest.rsplit_once('}').map_or("", |(_, after)| after);
    format!("{before}{{…}}{after}")
}
