//! Volume targets as JSON.

use serde_json::{Map, Value, json};

/// The body of a volume target: iSCSI with CHAP, and what a case changes of it.
#[derive(Debug, Clone)]
pub struct Volume {
    body: Value,
}

impl Volume {
    /// What the boot volume's password is.
    pub const PASSWORD: &'static str = "chap-password-of-a-case";

    /// A volume to boot from.
    pub fn boot() -> Self {
        Self::at(0)
    }

    /// A volume at this place among the node's.
    pub fn at(boot_index: i64) -> Self {
        Self {
            body: json!({
                "volume_type": "iscsi",
                "volume_id": format!("vol-{boot_index}"),
                "boot_index": boot_index,
                "properties": {
                    "target_iqn": format!("iqn.2026-11.org.example:vol-{boot_index}"),
                    "target_portal": "192.0.2.1:3260",
                    "target_lun": 1,
                    "auth_method": "CHAP",
                    "auth_username": format!("user-{boot_index}"),
                    "auth_password": Self::PASSWORD,
                },
            }),
        }
    }

    /// With another value for a field.
    #[must_use]
    pub fn with(mut self, field: &str, value: Value) -> Self {
        self.body[field] = value;
        self
    }

    /// Without a field.
    #[must_use]
    pub fn without(mut self, field: &str) -> Self {
        if let Some(body) = self.body.as_object_mut() {
            body.remove(field);
        }
        self
    }

    /// With another value for a property.
    #[must_use]
    pub fn property(mut self, name: &str, value: Value) -> Self {
        self.properties().insert(name.to_owned(), value);
        self
    }

    /// Without some of the properties.
    #[must_use]
    pub fn without_properties(mut self, names: &[&str]) -> Self {
        self.properties()
            .retain(|name, _| !names.contains(&name.as_str()));
        self
    }

    /// The body for a node.
    pub fn of(self, node: &str) -> Value {
        self.with("node_uuid", node.into()).body
    }

    fn properties(&mut self) -> &mut Map<String, Value> {
        let properties = &mut self.body["properties"];
        if !properties.is_object() {
            *properties = json!({});
        }
        match properties {
            Value::Object(map) => map,
            // It was made an object just above.
            _ => unreachable!(),
        }
    }
}
