//! Objects as the API server keeps them: what a write changes, what it can't, and when it is refused.
//!
//! Custom resources as after `apiextensions-apiserver`'s `registry/customresource`, metadata as after `apiserver`'s
//! `registry/rest/{update,delete}.go`. Schemas and CEL rules are not applied.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::{Map, Value, json};

/// Where an object is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Key {
    /// Such as `baremetalhosts`.
    pub(crate) plural: String,
    pub(crate) namespace: String,
    pub(crate) name: String,
}

/// What a watch would tell.
#[derive(Clone, Debug)]
pub(crate) enum Change {
    Applied(Key, Value),
    Deleted(Key, Value),
}

impl Change {
    pub(crate) fn key(&self) -> &Key {
        match self {
            Self::Applied(key, _) | Self::Deleted(key, _) => key,
        }
    }
}

/// Which part of an object a request is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    /// All but what has a subresource of its own.
    Main,
    /// `/status`.
    Status,
}

/// Why a request was refused.
#[derive(Clone, Debug)]
pub(crate) struct Refusal {
    pub(crate) code: u16,
    pub(crate) reason: &'static str,
    pub(crate) message: String,
}

/// All objects, and what happened to them.
#[derive(Default)]
pub(crate) struct Objects {
    all: BTreeMap<Key, Value>,
    changes: Vec<Change>,
    version: u64,
}

impl Objects {
    pub(crate) fn get(&self, key: &Key) -> Result<&Value, Refusal> {
        self.all.get(key).ok_or_else(|| Refusal {
            code: 404,
            reason: "NotFound",
            message: format!("{} \"{}\" not found", key.plural, key.name),
        })
    }

    /// Those of a kind, in a namespace or in all.
    pub(crate) fn list(&self, plural: &str, namespace: Option<&str>) -> Vec<&Value> {
        let of_kind = self.all.iter().filter(|(key, _)| {
            key.plural == plural && namespace.is_none_or(|namespace| key.namespace == namespace)
        });
        of_kind.map(|(_, object)| object).collect()
    }

    pub(crate) fn everything(&self) -> impl Iterator<Item = (&Key, &Value)> {
        self.all.iter()
    }

    /// What happened since there were so many changes.
    pub(crate) fn changes_since(&self, cursor: usize) -> &[Change] {
        &self.changes[cursor..]
    }

    /// The version of the last change.
    pub(crate) fn version(&self) -> u64 {
        self.version
    }

    pub(crate) fn create(
        &mut self,
        key: &Key,
        mut object: Value,
        now: Timestamp,
    ) -> Result<Value, Refusal> {
        if self.all.contains_key(key) {
            return Err(Refusal {
                code: 409,
                reason: "AlreadyExists",
                message: format!("{} \"{}\" already exists", key.plural, key.name),
            });
        }
        if has_status(&key.plural)
            && let Some(object) = object.as_object_mut()
        {
            object.remove("status");
        }
        let metadata = metadata_of(&mut object);
        metadata.insert("name".to_owned(), key.name.as_str().into());
        metadata.insert("namespace".to_owned(), key.namespace.as_str().into());
        metadata.insert("creationTimestamp".to_owned(), seconds(now));
        let uid = uuid::Uuid::from_u128(0x_3333_0000 + u128::from(self.version));
        metadata.insert("uid".to_owned(), uid.to_string().into());
        if has_generation(&key.plural) {
            metadata.insert("generation".to_owned(), 1.into());
        }
        tidy(&mut object);
        Ok(self.store(key, object))
    }

    /// Puts a new object in the place of the one that is there, as far as the part goes.
    pub(crate) fn write(
        &mut self,
        key: &Key,
        part: Part,
        mut wanted: Value,
    ) -> Result<Value, Refusal> {
        let old = self.get(key)?.clone();
        if part == Part::Status && !has_status(&key.plural) {
            return Err(Refusal {
                code: 404,
                reason: "NotFound",
                message: "the server could not find the requested resource".to_owned(),
            });
        }
        check_preconditions(key, &old, &wanted)?;
        let mut next = match part {
            Part::Status => with(&old, "status", wanted["status"].take()),
            Part::Main if has_status(&key.plural) => with(&wanted, "status", old["status"].clone()),
            Part::Main => wanted,
        };
        keep_what_is_the_servers(&old, &mut next);
        tidy(&mut next);
        check_finalizers(key, &old, &next)?;
        if next == old {
            return Ok(old);
        }
        if has_generation(&key.plural) && without_metadata(&old) != without_metadata(&next) {
            raise_generation(&mut next);
        }
        if is_deleted(&next) && finalizers(&next).is_empty() {
            return Ok(self.remove(key, next));
        }
        Ok(self.store(key, next))
    }

    /// Whether an object is as somebody wants it to be who deletes it.
    pub(crate) fn check_preconditions(&self, key: &Key, wanted: &Value) -> Result<(), Refusal> {
        check_preconditions(key, self.get(key)?, &json!({"metadata": wanted}))
    }

    /// Deletes an object, or marks it as deleted as long as it has finalizers.
    pub(crate) fn delete(&mut self, key: &Key, now: Timestamp) -> Result<Value, Refusal> {
        let mut object = self.get(key)?.clone();
        if finalizers(&object).is_empty() {
            return Ok(self.remove(key, object));
        }
        if is_deleted(&object) {
            return Ok(object);
        }
        let metadata = metadata_of(&mut object);
        metadata.insert("deletionTimestamp".to_owned(), seconds(now));
        metadata.insert("deletionGracePeriodSeconds".to_owned(), 0.into());
        if has_generation(&key.plural) {
            raise_generation(&mut object);
        }
        Ok(self.store(key, object))
    }

    fn store(&mut self, key: &Key, mut object: Value) -> Value {
        self.version += 1;
        metadata_of(&mut object).insert(
            "resourceVersion".to_owned(),
            self.version.to_string().into(),
        );
        self.all.insert(key.clone(), object.clone());
        self.changes
            .push(Change::Applied(key.clone(), object.clone()));
        object
    }

    fn remove(&mut self, key: &Key, object: Value) -> Value {
        self.version += 1;
        self.all.remove(key);
        self.changes
            .push(Change::Deleted(key.clone(), object.clone()));
        object
    }
}

/// Whether a kind has `/status`.
fn has_status(plural: &str) -> bool {
    plural == "baremetalhosts"
}

/// Of the kinds here, custom resources count their generations.
fn has_generation(plural: &str) -> bool {
    matches!(plural, "baremetalhosts" | "hardwaredata")
}

fn check_preconditions(key: &Key, old: &Value, wanted: &Value) -> Result<(), Refusal> {
    for field in ["resourceVersion", "uid"] {
        let (old, wanted) = (&old["metadata"][field], &wanted["metadata"][field]);
        if wanted.as_str().is_some_and(|wanted| !wanted.is_empty()) && wanted != old {
            return Err(Refusal {
                code: 409,
                reason: "Conflict",
                message: format!(
                    "Operation cannot be fulfilled on {} \"{}\": the object has been modified; please apply your changes to the latest version and try again",
                    key.plural, key.name
                ),
            });
        }
    }
    Ok(())
}

fn check_finalizers(key: &Key, old: &Value, next: &Value) -> Result<(), Refusal> {
    let known = finalizers(old);
    let is_new = |finalizer: &Value| !known.contains(&finalizer);
    if is_deleted(old) && finalizers(next).iter().any(|finalizer| is_new(finalizer)) {
        return Err(Refusal {
            code: 422,
            reason: "Invalid",
            message: format!(
                "{} \"{}\" is invalid: metadata.finalizers: Forbidden: no new finalizers can be added if the object is being deleted",
                key.plural, key.name
            ),
        });
    }
    Ok(())
}

fn keep_what_is_the_servers(old: &Value, next: &mut Value) {
    let metadata = metadata_of(next);
    for field in [
        "name",
        "namespace",
        "uid",
        "creationTimestamp",
        "generation",
        "resourceVersion",
        "deletionTimestamp",
        "deletionGracePeriodSeconds",
    ] {
        match old["metadata"].get(field) {
            Some(value) => metadata.insert(field.to_owned(), value.clone()),
            None => metadata.remove(field),
        };
    }
}

/// What is empty in metadata is not stored (`omitempty`), nor is a null anywhere.
fn tidy(object: &mut Value) {
    drop_nulls(object);
    metadata_of(object).retain(|_, value| match value {
        Value::Object(map) => !map.is_empty(),
        Value::Array(list) => !list.is_empty(),
        _ => true,
    });
}

fn drop_nulls(value: &mut Value) {
    match value {
        Value::Object(map) => {
            map.retain(|_, value| !value.is_null());
            map.values_mut().for_each(drop_nulls);
        }
        Value::Array(list) => list.iter_mut().for_each(drop_nulls),
        _ => {}
    }
}

fn with(object: &Value, field: &str, value: Value) -> Value {
    let mut object = object.clone();
    object[field] = value;
    object
}

/// All that counts for the generation: neither metadata nor what has a subresource.
fn without_metadata(object: &Value) -> Value {
    let mut object = object.clone();
    if let Some(object) = object.as_object_mut() {
        object.remove("metadata");
        object.remove("status");
    }
    object
}

fn raise_generation(object: &mut Value) {
    let generation = &mut object["metadata"]["generation"];
    *generation = json!(generation.as_i64().unwrap_or_default() + 1);
}

fn is_deleted(object: &Value) -> bool {
    object["metadata"].get("deletionTimestamp").is_some()
}

fn finalizers(object: &Value) -> Vec<&Value> {
    let finalizers = object["metadata"]["finalizers"].as_array();
    finalizers.into_iter().flatten().collect()
}

fn metadata_of(object: &mut Value) -> &mut Map<String, Value> {
    let metadata = &mut object["metadata"];
    if !metadata.is_object() {
        *metadata = json!({});
    }
    metadata.as_object_mut().unwrap()
}

/// Kubernetes keeps whole seconds.
fn seconds(time: Timestamp) -> Value {
    time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::UNIX_EPOCH;

    fn key() -> Key {
        Key {
            plural: "baremetalhosts".to_owned(),
            namespace: "metal".to_owned(),
            name: "node-0".to_owned(),
        }
    }

    /// One host with a finalizer.
    fn objects() -> Objects {
        let mut objects = Objects::default();
        let host = json!({
            "metadata": {"finalizers": ["one"]}, "spec": {"online": true}, "status": {"errorCount": 7},
        });
        objects.create(&key(), host, NOW).unwrap();
        objects
    }

    fn merged(objects: &Objects, patch: &Value) -> Value {
        let mut object = objects.get(&key()).unwrap().clone();
        json_patch::merge(&mut object, patch);
        object
    }

    fn patched(objects: &mut Objects, part: Part, patch: &Value) -> Result<Value, Refusal> {
        let object = merged(objects, patch);
        objects.write(&key(), part, object)
    }

    #[test]
    fn a_new_host_has_no_status_and_its_first_generation() {
        let objects = objects();
        let host = objects.get(&key()).unwrap();
        assert_eq!(host.get("status"), None);
        assert_eq!(host["metadata"]["generation"], 1);
        assert_eq!(host["metadata"]["resourceVersion"], "1");
    }

    #[test]
    fn only_a_change_of_the_spec_is_a_generation() {
        let mut objects = objects();
        let labels = json!({"metadata": {"labels": {"a": "b"}}});
        assert_eq!(
            patched(&mut objects, Part::Main, &labels).unwrap()["metadata"]["generation"],
            1
        );
        let status = json!({"status": {"errorCount": 1}});
        assert_eq!(
            patched(&mut objects, Part::Status, &status).unwrap()["metadata"]["generation"],
            1
        );
        let spec = json!({"spec": {"online": false}});
        assert_eq!(
            patched(&mut objects, Part::Main, &spec).unwrap()["metadata"]["generation"],
            2
        );
    }

    #[test]
    fn each_part_is_written_through_its_own_request_only() {
        let mut objects = objects();
        let both = json!({
            "metadata": {"annotations": {"a": "b"}}, "spec": {"online": false}, "status": {"errorCount": 1},
        });
        let host = patched(&mut objects, Part::Status, &both).unwrap();
        assert_eq!(host["status"]["errorCount"], 1);
        assert_eq!(host["spec"]["online"], true);
        assert_eq!(host["metadata"].get("annotations"), None);
        let other = json!({"spec": {"online": false}, "status": {"errorCount": 2}});
        let host = patched(&mut objects, Part::Main, &other).unwrap();
        assert_eq!(host["status"]["errorCount"], 1);
        assert_eq!(host["spec"]["online"], false);
    }

    #[test]
    fn a_write_that_changes_nothing_keeps_the_version() {
        let mut objects = objects();
        let host = patched(
            &mut objects,
            Part::Main,
            &json!({"metadata": {"labels": {}}}),
        )
        .unwrap();
        assert_eq!(host["metadata"]["resourceVersion"], "1");
        assert_eq!(objects.changes_since(1).len(), 0);
    }

    #[test]
    fn a_write_for_an_older_version_is_a_conflict() {
        let mut objects = objects();
        let patch = json!({"metadata": {"resourceVersion": "0"}, "spec": {"online": false}});
        let refusal = patched(&mut objects, Part::Main, &patch).unwrap_err();
        assert_eq!((refusal.code, refusal.reason), (409, "Conflict"));
    }

    #[test]
    fn a_deleted_object_stays_until_its_last_finalizer_is_gone_and_gets_no_new_one() {
        let mut objects = objects();
        let host = objects.delete(&key(), NOW).unwrap();
        assert_eq!(
            host["metadata"]["deletionTimestamp"],
            "1970-01-01T00:00:00Z"
        );
        assert_eq!(host["metadata"]["generation"], 2);
        let another = json!({"metadata": {"finalizers": ["one", "two"]}});
        let refusal = patched(&mut objects, Part::Main, &another).unwrap_err();
        assert_eq!(refusal.code, 422);
        patched(
            &mut objects,
            Part::Main,
            &json!({"metadata": {"finalizers": null}}),
        )
        .unwrap();
        assert_eq!(objects.get(&key()).unwrap_err().code, 404);
        assert!(matches!(objects.changes_since(2), [Change::Deleted(..)]));
    }
}
