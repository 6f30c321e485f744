//! The schemas beside those of Metal3's baremetal-operator.

use metal_api::v1alpha1::{BareMetalHost, HardwareData};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

use crate::fixtures::schema;

/// Every field of Metal3's schemas.
const METAL3: &str = include_str!("../../../../test/data/metal3-crd-fields.tsv");

/// Fields that Metal3 doesn't have.
const ADDED: [&str; 4] = [
    "BareMetalHost .spec.bootVolume",
    "BareMetalHost .spec.dataVolumes",
    "BareMetalHost .status.bootVolume",
    "BareMetalHost .status.provisioning!.bootVolume",
];

/// Fields of Metal3 that accept more values than there.
const WIDER: [(&str, &str); 4] = [
    ("BareMetalHost .spec.image.format", "''"),
    ("BareMetalHost .status.lastAttemptedImage.format", "''"),
    ("BareMetalHost .status.provisioning!.image.format", "''"),
    ("BareMetalHost .status.errorType", "'detach error'"),
];

/// Limits that Metal3 has and the list of its fields doesn't mention.
const UNLISTED: [(&str, &str); 1] = [("BareMetalHost .status.conditions[].reason!", "minLength=1")];

/// The facts that are compared, in the order of the list.
const FACTS: [&str; 18] = [
    "type",
    "format",
    "enum",
    "default",
    "pattern",
    "minimum",
    "maximum",
    "minItems",
    "maxItems",
    "maxLength",
    "nullable",
    "x-kubernetes-list-type",
    "minLength",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "multipleOf",
    "uniqueItems",
    "x-kubernetes-int-or-string",
];

/// Keywords that would change what is accepted and that no fact shows.
const FOREIGN: [&str; 6] = [
    "allOf",
    "anyOf",
    "oneOf",
    "not",
    "additionalProperties",
    "x-kubernetes-preserve-unknown-fields",
];

type Fields = BTreeMap<String, String>;

fn metal3() -> Fields {
    METAL3
        .lines()
        .filter(|line| !line.starts_with('#'))
        .map(|line| {
            let (kind, rest) = line.split_once('\t').unwrap();
            let (path, facts) = rest.split_once('\t').unwrap();
            (format!("{kind} {path}"), facts.to_owned())
        })
        .collect()
}

fn ironboot() -> Fields {
    let mut fields = Fields::new();
    for (kind, schema) in [
        ("BareMetalHost", schema::<BareMetalHost>()),
        ("HardwareData", schema::<HardwareData>()),
    ] {
        flatten_properties(&format!("{kind} "), &schema, &mut fields);
    }
    fields
}

fn flatten_properties(path: &str, schema: &Value, fields: &mut Fields) {
    let required = schema["required"].as_array().cloned().unwrap_or_default();
    for (name, property) in schema["properties"].as_object().into_iter().flatten() {
        let mark = if required.contains(&Value::from(name.as_str())) {
            "!"
        } else {
            ""
        };
        flatten(format!("{path}.{name}{mark}"), property, fields);
    }
}

fn flatten(path: String, schema: &Value, fields: &mut Fields) {
    flatten_properties(&path, schema, fields);
    if let Some(items) = schema.get("items") {
        flatten(format!("{path}[]"), items, fields);
    }
    let keywords = schema.as_object().unwrap();
    for foreign in FOREIGN {
        assert!(!keywords.contains_key(foreign), "{path} has {foreign}");
    }
    fields.insert(path, facts(keywords));
}

fn facts(keywords: &Map<String, Value>) -> String {
    let facts: Vec<String> = FACTS
        .iter()
        .filter_map(|key| Some(format!("{key}={}", python(keywords.get(*key)?))))
        .collect();
    facts.join(" ")
}

/// A value as the list, which a Python program wrote, shows it.
fn python(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Bool(true) => "True".into(),
        Value::Bool(false) => "False".into(),
        Value::Array(values) => {
            let items: Vec<String> = values
                .iter()
                .map(|value| match value {
                    Value::String(text) => format!("'{text}'"),
                    other => python(other),
                })
                .collect();
            format!("[{}]", items.join(", "))
        }
        // kube keeps limits as floating-point numbers.
        Value::Number(number) => number.to_string().trim_end_matches(".0").to_owned(),
        other => panic!("not a fact: {other}"),
    }
}

fn is_added(path: &str) -> bool {
    ADDED.iter().any(|added| {
        path.strip_prefix(added)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[', '!']))
    })
}

/// What a field is expected to be, given what Metal3 says about it.
fn expected(path: &str, facts: &str) -> String {
    let mut expected = facts.to_owned();
    for (wider, value) in WIDER {
        if wider == path {
            expected = expected.replace(']', &format!(", {value}]"));
        }
    }
    for (unlisted, limit) in UNLISTED {
        if unlisted == path {
            expected = format!("{expected} {limit}");
        }
    }
    expected
}

/// Makes values comparable that are sets.
fn sorted(facts: &str) -> String {
    let (Some(start), Some(end)) = (facts.find("enum=["), facts.find(']')) else {
        return facts.to_owned();
    };
    let start = start + "enum=[".len();
    let mut values: Vec<&str> = facts[start..end].split(", ").collect();
    values.sort_unstable();
    format!("{}{}{}", &facts[..start], values.join(", "), &facts[end..])
}

#[test]
fn every_field_of_metal3_is_there_with_its_limits_and_no_others() {
    let ironboot = ironboot();
    let mut differences = Vec::new();
    for (path, facts) in metal3() {
        let expected = expected(&path, &facts);
        match ironboot.get(&path) {
            None => differences.push(format!("{path}: missing ({expected})")),
            Some(actual) if sorted(actual) != sorted(&expected) => {
                differences.push(format!("{path}: {actual}, not {expected}"));
            }
            Some(_) => {}
        }
    }
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}

#[test]
fn no_field_is_added_to_those_of_metal3_but_the_boot_volume() {
    let metal3 = metal3();
    let added: Vec<String> = ironboot()
        .into_keys()
        .filter(|path| !metal3.contains_key(path) && !is_added(path))
        .collect();
    assert!(added.is_empty(), "{}", added.join("\n"));
}

#[test]
fn the_list_of_metal3s_fields_is_whole() {
    assert_eq!(metal3().len(), 306);
}

/// The paths of all rules of a schema, those of array items included.
fn rules(path: &str, schema: &Value, found: &mut Vec<String>) {
    if schema.get("x-kubernetes-validations").is_some() {
        found.push(path.to_owned());
    }
    for (name, property) in schema["properties"].as_object().into_iter().flatten() {
        rules(&format!("{path}.{name}"), property, found);
    }
    if let Some(items) = schema.get("items") {
        rules(&format!("{path}[]"), items, found);
    }
}

#[test]
fn rules_stand_at_the_root_and_in_the_spec_only() {
    let mut found = Vec::new();
    rules("", &schema::<BareMetalHost>(), &mut found);
    found.retain(|path| !path.starts_with(".spec."));
    assert_eq!(found, ["", ".spec"]);
    let mut found = Vec::new();
    rules("", &schema::<HardwareData>(), &mut found);
    assert!(found.is_empty());
}

/// What `kubectl explain` shows.
#[test]
fn every_field_has_a_description() {
    fn undescribed(path: &str, schema: &Value, found: &mut Vec<String>) {
        for (name, property) in schema["properties"].as_object().into_iter().flatten() {
            let path = format!("{path}.{name}");
            if !property["description"].is_string() && path.matches('.').count() > 1 {
                found.push(path.clone());
            }
            undescribed(&path, property, found);
        }
        if let Some(items) = schema.get("items") {
            undescribed(&format!("{path}[]"), items, found);
        }
    }
    let mut found = Vec::new();
    undescribed("", &schema::<BareMetalHost>(), &mut found);
    undescribed("", &schema::<HardwareData>(), &mut found);
    assert!(found.is_empty(), "{found:#?}");
}
