//! Server-side apply, as far as the operator uses it: labels and finalizers, without force.
//!
//! As after `structured-merge-diff`: what a manager applied before and doesn't any more goes, unless somebody else has it
//! too; what somebody else has with another value is a conflict.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::objects::{Key, Objects, Part, Refusal};

/// What each field manager applied last, and what somebody else had by then.
#[derive(Default)]
pub(super) struct Managers(BTreeMap<(Key, String), Owned>);

#[derive(Clone, Default)]
struct Owned {
    uid: Value,
    fields: BTreeSet<Field>,
    /// Those that were there before this manager applied them.
    shared: BTreeSet<Field>,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Field {
    Label(String, String),
    Finalizer(String),
}

impl Managers {
    pub(super) fn apply(
        &mut self,
        objects: &mut Objects,
        key: &Key,
        manager: &str,
        applied: &Value,
    ) -> Result<Value, Refusal> {
        let uid = &applied["metadata"]["uid"];
        let Ok(old) = objects.get(key) else {
            assert!(uid.is_string(), "it would be created");
            return Err(conflict(&format!(
                "uid mismatch: the provided object specified uid {uid}, and no existing object was found"
            )));
        };
        let mut object = old.clone();
        let at = (key.clone(), manager.to_owned());
        let mut owned = self.0.get(&at).cloned().unwrap_or_default();
        if owned.uid != object["metadata"]["uid"] {
            owned = Owned::default();
        }
        let wanted = fields(applied);
        let present = fields(&object);
        for field in &wanted {
            if let Field::Label(name, value) = field
                && let Some(other) = object["metadata"]["labels"][name].as_str()
                && other != value
            {
                return Err(conflict(&format!(
                    "Apply failed with 1 conflict: .metadata.labels.{name}"
                )));
            }
            if present.contains(field) && !owned.fields.contains(field) {
                owned.shared.insert(field.clone());
            }
        }
        for gone in owned.fields.difference(&wanted) {
            if !owned.shared.contains(gone) {
                remove(&mut object, gone);
            }
        }
        for field in &wanted {
            add(&mut object, field);
        }
        object["metadata"]["managedFields"] = managed_fields(manager, &wanted);
        // The preconditions are those of what was applied.
        object["metadata"]["uid"] = uid.clone();
        object["metadata"]["resourceVersion"] = applied["metadata"]["resourceVersion"].clone();
        let written = objects.write(key, Part::Main, object)?;
        owned.uid = written["metadata"]["uid"].clone();
        owned.shared.retain(|field| wanted.contains(field));
        owned.fields = wanted;
        self.0.insert(at, owned);
        Ok(written)
    }
}

fn fields(object: &Value) -> BTreeSet<Field> {
    let metadata = &object["metadata"];
    let labels = metadata["labels"].as_object().into_iter().flatten();
    let labels = labels.map(|(name, value)| {
        Field::Label(name.clone(), value.as_str().unwrap_or_default().to_owned())
    });
    let finalizers = metadata["finalizers"].as_array().into_iter().flatten();
    let finalizers =
        finalizers.filter_map(|finalizer| Some(Field::Finalizer(finalizer.as_str()?.to_owned())));
    labels.chain(finalizers).collect()
}

/// What `metadata.managedFields` says of the only manager that applies.
fn managed_fields(manager: &str, owned: &BTreeSet<Field>) -> Value {
    if owned.is_empty() {
        return Value::Null;
    }
    let mut fields = json!({"f:metadata": {}});
    for field in owned {
        let (map, key) = match field {
            Field::Label(name, _) => ("f:labels", format!("f:{name}")),
            Field::Finalizer(finalizer) => ("f:finalizers", format!("v:\"{finalizer}\"")),
        };
        fields["f:metadata"][map][key] = json!({});
    }
    json!([{
        "manager": manager, "operation": "Apply", "apiVersion": "v1", "fieldsType": "FieldsV1", "fieldsV1": fields,
    }])
}

fn add(object: &mut Value, field: &Field) {
    match field {
        Field::Label(name, value) => object["metadata"]["labels"][name] = value.as_str().into(),
        Field::Finalizer(finalizer) => {
            if !fields(object).contains(field) {
                let finalizers = &mut object["metadata"]["finalizers"];
                if finalizers.is_null() {
                    *finalizers = json!([]);
                }
                finalizers
                    .as_array_mut()
                    .unwrap()
                    .push(finalizer.as_str().into());
            }
        }
    }
}

/// A label that somebody gave another value since is theirs.
fn remove(object: &mut Value, field: &Field) {
    let metadata = &mut object["metadata"];
    match field {
        Field::Label(name, value) => {
            if let Some(labels) = metadata["labels"].as_object_mut()
                && labels.get(name).and_then(Value::as_str) == Some(value)
            {
                labels.remove(name);
            }
        }
        Field::Finalizer(finalizer) => {
            if let Some(finalizers) = metadata["finalizers"].as_array_mut() {
                finalizers.retain(|present| present.as_str() != Some(finalizer));
            }
        }
    }
}

fn conflict(message: &str) -> Refusal {
    Refusal {
        code: 409,
        reason: "Conflict",
        message: message.to_owned(),
    }
}
