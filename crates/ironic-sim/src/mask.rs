//! What Ironic hides in its answers.

use serde_json::{Map, Value};

/// What it puts in the place of a secret.
const MASK: &str = "******";

/// A key that contains one of these, in whatever case, has a secret value
/// (`oslo_utils/strutils.py`, `_SANITIZE_KEYS`).
const SECRET_KEYS: [&str; 35] = [
    "adminpass",
    "admin_pass",
    "password",
    "admin_password",
    "auth_token",
    "new_pass",
    "auth_password",
    "secret_uuid",
    "secret",
    "sys_pswd",
    "token",
    "configdrive",
    "chappassword",
    "encrypted_key",
    "private_key",
    "fernetkey",
    "sslkey",
    "passphrase",
    "cephclusterfsid",
    "octaviaheartbeatkey",
    "rabbitcookie",
    "cephmanilaclientkey",
    "pacemakerremoteauthkey",
    "designaterndckey",
    "cephadminkey",
    "heatauthencryptionkey",
    "cephclientkey",
    "keystonecredential",
    "barbicansimplecryptokek",
    "cephrgwkey",
    "swifthashsuffix",
    "migrationsshkey",
    "cephmdskey",
    "cephmonkey",
    "chapsecret",
];

/// A map with the values of its secret keys hidden, at any depth.
///
/// Objects are entered even under a secret key, as Ironic does.
/// Not done: Ironic also looks for `password=…` inside of texts.
pub(crate) fn masked(map: &Map<String, Value>) -> Map<String, Value> {
    map.iter()
        .map(|(key, value)| {
            let value = match value {
                Value::Object(inner) => Value::Object(masked(inner)),
                _ if is_secret(key) => Value::from(MASK),
                Value::Array(items) => Value::Array(items.iter().map(masked_item).collect()),
                other => other.clone(),
            };
            (key.clone(), value)
        })
        .collect()
}

/// `driver_info`, which may hold SNMP keys, too (`api/controllers/v1/node.py`, `node_sanitize`).
pub(crate) fn masked_driver_info(map: &Map<String, Value>) -> Map<String, Value> {
    hide(masked(map), &["snmp_auth_key", "snmp_priv_key"])
}

/// `instance_info`, whose image URL may be signed.
pub(crate) fn masked_instance_info(map: &Map<String, Value>) -> Map<String, Value> {
    hide(masked(map), &["configdrive", "image_url"])
}

fn hide(mut map: Map<String, Value>, keys: &[&str]) -> Map<String, Value> {
    for key in keys {
        if let Some(value) = map.get_mut(*key).filter(|value| is_truthy(value)) {
            *value = Value::from(MASK);
        }
    }
    map
}

fn masked_item(item: &Value) -> Value {
    match item {
        Value::Object(map) => Value::Object(masked(map)),
        other => other.clone(),
    }
}

fn is_secret(key: &str) -> bool {
    let key = key.to_lowercase();
    SECRET_KEYS.iter().any(|secret| key.contains(secret))
}

/// Whether Python takes a value for true.
pub(crate) fn is_truthy(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Bool(value) => *value,
        Value::Number(number) => number.as_f64() != Some(0.0),
        Value::String(text) => !text.is_empty(),
        Value::Array(items) => !items.is_empty(),
        Value::Object(map) => !map.is_empty(),
    }
}
