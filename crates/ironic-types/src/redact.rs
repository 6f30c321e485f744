//! Helpers that keep secrets out of what people read, and nulls out of the way.

use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Deserializer, Serializer};
use serde_json::{Map, Value};

/// The keys of a map, none of its values.
pub(crate) fn masked(map: &Map<String, Value>) -> Map<String, Value> {
    map.keys()
        .map(|key| (key.clone(), Value::from("******")))
        .collect()
}

/// Writes a secret in clear: for request bodies.
pub(crate) fn expose<S: Serializer>(
    secret: &SecretString,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(secret.expose_secret())
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
    let mut text = text.to_owned();
    for secret in secrets.iter().map(|secret| secret.expose_secret()) {
        let escaped = secret.replace('\\', "\\\\");
        let forms = [
            escaped.replace('"', "\\\""),
            escaped.replace('\'', "\\'"),
            escaped,
            secret.to_owned(),
        ];
        for form in forms.iter().filter(|form| !form.is_empty()) {
            text = text.replace(form.as_str(), "******");
        }
    }
    text
}
