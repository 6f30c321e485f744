//! How the Rust types become the schemas that the clients of Metal3 know.
//!
//! kube's derive would mark every optional field `nullable`, give every integer a `format` and
//! require `spec`. Metal3 does none of this, and a schema that differs accepts or refuses objects
//! that Metal3 does not.

use kube::core::{Rule, validate};
use schemars::{
    JsonSchema, Schema, SchemaGenerator, json_schema,
    transform::{Transform, transform_subschemas},
};
use serde_json::{Map, Value, json};
use std::borrow::Cow;

/// The schema of an integer without a `format`.
pub(super) struct Integer;

impl JsonSchema for Integer {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Integer".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "integer" })
    }
}

/// The schema of `status.conditions`.
///
/// Kubernetes' own `Condition` in Rust has none of these limits.
pub(super) fn conditions(_: &mut SchemaGenerator) -> Schema {
    json_schema!({
        "type": "array",
        "maxItems": 32,
        "x-kubernetes-list-type": "map",
        "x-kubernetes-list-map-keys": ["type"],
        "items": {
            "description": "One aspect of the state of the host.",
            "type": "object",
            "required": ["lastTransitionTime", "message", "reason", "status", "type"],
            "properties": {
                "lastTransitionTime": {
                    "description": "When `status` changed last.",
                    "type": "string",
                    "format": "date-time",
                },
                "message": {
                    "description": "The details, in words. It may be empty.",
                    "type": "string",
                    "maxLength": 32768,
                },
                "observedGeneration": {
                    "description": "The metadata.generation of the host that the condition is about.",
                    "type": "integer",
                    "format": "int64",
                    "minimum": 0,
                },
                "reason": {
                    "description": "Why `status` has its value, as one word for programs.",
                    "type": "string",
                    "minLength": 1,
                    "maxLength": 1024,
                    "pattern": "^[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?$",
                },
                "status": {
                    "description": "Whether the condition holds: True, False or Unknown.",
                    "type": "string",
                    "enum": ["True", "False", "Unknown"],
                },
                "type": {
                    "description": "Which aspect it is.",
                    "type": "string",
                    "maxLength": 316,
                    "pattern": concat!(
                        r"^([a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*/)?",
                        r"(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])$",
                    ),
                },
            },
        },
    })
}

/// The parts of a custom resource's schema.
pub(super) struct CustomResource {
    /// What the resource is.
    pub(super) description: &'static str,
    /// The schema of `spec`, which is optional as in Metal3.
    pub(super) spec: Schema,
    /// The schema of `status`.
    pub(super) status: Option<Schema>,
    /// The rules that need `spec` and `status` both.
    pub(super) rules: Vec<Rule>,
}

impl From<CustomResource> for Schema {
    fn from(resource: CustomResource) -> Self {
        let CustomResource {
            description,
            spec,
            status,
            rules,
        } = resource;
        let mut properties = Map::new();
        properties.insert("spec".into(), spec.to_value());
        if let Some(mut status) = status {
            // Rules judge what users ask for. The operator's own writes are never refused by them.
            WithoutRules.transform(&mut status);
            properties.insert("status".into(), status.to_value());
        }
        let mut schema = json_schema!({
            "description": description,
            "type": "object",
            "properties": properties,
        });
        NotNullable.transform(&mut schema);
        Paragraphs.transform(&mut schema);
        for rule in rules {
            add_rule(&mut schema, rule);
        }
        schema
    }
}

/// A schema with rules.
pub(super) fn with_rules(mut schema: Schema, rules: impl IntoIterator<Item = Rule>) -> Schema {
    for rule in rules {
        add_rule(&mut schema, rule);
    }
    schema
}

/// Adds a rule to the root of a schema.
#[expect(
    clippy::expect_used,
    reason = "a rule consists of strings and booleans, which always have a JSON form"
)]
fn add_rule(schema: &mut Schema, rule: Rule) {
    validate(schema, rule).expect("a rule is JSON");
}

/// Lets an optional field be absent, and not `null`.
struct NotNullable;

impl Transform for NotNullable {
    fn transform(&mut self, schema: &mut Schema) {
        transform_subschemas(self, schema);
        let Some(object) = schema.as_object_mut() else {
            return;
        };
        if let Some(Value::Array(types)) = object.get_mut("type") {
            types.retain(|name| name != "null");
            if let [only] = types.as_slice() {
                let only = only.clone();
                object.insert("type".into(), only);
            }
        }
        let Some(Value::Array(choices)) = object.get("anyOf") else {
            return;
        };
        if let [Value::Object(some), none] = choices.as_slice()
            && none == &json!({ "type": "null" })
        {
            let some = some.clone();
            object.remove("anyOf");
            for (key, value) in some {
                object.entry(key).or_insert(value);
            }
        }
    }
}

/// Removes all rules.
struct WithoutRules;

impl Transform for WithoutRules {
    fn transform(&mut self, schema: &mut Schema) {
        transform_subschemas(self, schema);
        schema.remove("x-kubernetes-validations");
    }
}

/// Joins the lines of each paragraph of a description, whose breaks come from the source code.
struct Paragraphs;

impl Transform for Paragraphs {
    fn transform(&mut self, schema: &mut Schema) {
        transform_subschemas(self, schema);
        if let Some(Value::String(description)) = schema.get_mut("description") {
            let paragraphs: Vec<String> = description
                .split("\n\n")
                .map(|paragraph| paragraph.replace('\n', " "))
                .collect();
            *description = paragraphs.join("\n\n");
        }
    }
}
