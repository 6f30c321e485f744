//! A host in Metal3's types, and the patch of what somebody changed in it.

use std::collections::BTreeSet;

use anyhow::{Context, Result, ensure};
use kube::api::DynamicObject;
use serde_json::{Map, Value, json};

use crate::cluster::Cluster;

/// The fields that Metal3's types have; all others are dropped when a host is read.
#[derive(Debug, Clone)]
pub(super) struct Metal3Types {
    fields: BTreeSet<String>,
}

impl Metal3Types {
    pub(super) fn read(cluster: &Cluster) -> Result<Self> {
        let table = cluster.file("test/data/metal3-crd-fields.tsv")?;
        let paths = table.lines().filter_map(|line| {
            let path = line.strip_prefix("BareMetalHost\t")?.split('\t').next()?;
            Some(path.replace('!', ""))
        });
        let fields: BTreeSet<_> = paths.collect();
        ensure!(
            fields.contains(".spec.consumerRef.name") && !fields.contains(".spec.bootVolume"),
            "the table of Metal3's fields can't be read"
        );
        Ok(Self { fields })
    }

    /// The host as a program sees it that was built with Metal3's types.
    pub(super) fn host(&self, host: &DynamicObject) -> Result<Value> {
        let mut host = serde_json::to_value(host).context("a host is no JSON")?;
        for part in ["spec", "status"] {
            host[part] = self.known(&host[part], &format!(".{part}"));
        }
        Ok(host)
    }

    fn known(&self, value: &Value, path: &str) -> Value {
        match value {
            Value::Object(fields) => {
                let path_of = |name: &str| format!("{path}.{name}");
                let known = fields
                    .iter()
                    .filter(|(name, _)| self.fields.contains(&path_of(name)));
                known
                    .map(|(name, value)| (name.clone(), self.known(value, &path_of(name))))
                    .collect::<Map<_, _>>()
                    .into()
            }
            Value::Array(items) => {
                let path = format!("{path}[]");
                items.iter().map(|item| self.known(item, &path)).collect()
            }
            other => other.clone(),
        }
    }
}

/// A host as it was read, and as it is to be.
#[derive(Debug, Clone)]
pub(super) struct Edit {
    before: Value,
    pub(super) host: Value,
}

impl Edit {
    pub(super) fn of(host: Value) -> Self {
        Self {
            before: host.clone(),
            host,
        }
    }

    pub(super) fn name(&self) -> &str {
        text(&self.host["metadata"]["name"])
    }

    pub(super) fn label(&self, name: &str) -> Option<&str> {
        self.host["metadata"]["labels"][name].as_str()
    }

    pub(super) fn set_label(&mut self, name: &str, value: Option<&str>) {
        set(&mut self.host["metadata"]["labels"], name, value);
    }

    pub(super) fn annotation(&self, name: &str) -> Option<&str> {
        self.host["metadata"]["annotations"][name].as_str()
    }

    pub(super) fn set_annotation(&mut self, name: &str, value: Option<&str>) {
        set(&mut self.host["metadata"]["annotations"], name, value);
    }

    pub(super) fn spec(&mut self) -> &mut Value {
        &mut self.host["spec"]
    }

    pub(super) fn state(&self) -> &str {
        text(&self.host["status"]["provisioning"]["state"])
    }

    pub(super) fn is_on(&self) -> bool {
        self.host["status"]["poweredOn"] == true
    }

    /// The merge patch of all that differs; none if nothing does.
    pub(super) fn patch(&self) -> Option<Value> {
        let mut patch = difference(&self.before, &self.host)?;
        // The status has a patch of its own, and nobody changes it.
        patch.as_object_mut()?.remove("status");
        Some(patch)
    }

    /// What was changed was written.
    pub(super) fn written(&mut self) {
        self.before = self.host.clone();
    }
}

pub(super) fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

/// An empty map is left out, as Go does it: a patch that takes the last label away takes all that others set since.
fn set(map: &mut Value, name: &str, value: Option<&str>) {
    if map.is_null() {
        *map = json!({});
    }
    let Some(entries) = map.as_object_mut() else {
        return;
    };
    match value {
        Some(value) => drop(entries.insert(name.to_owned(), value.into())),
        None => drop(entries.remove(name)),
    }
    if entries.is_empty() {
        *map = Value::Null;
    }
}

/// RFC 7386: null stands for what is gone.
fn difference(before: &Value, after: &Value) -> Option<Value> {
    let (Value::Object(old), Value::Object(new)) = (before, after) else {
        return (before != after).then(|| after.clone());
    };
    let mut patch = Map::new();
    for (name, value) in new {
        if let Some(part) = difference(old.get(name).unwrap_or(&Value::Null), value) {
            patch.insert(name.clone(), part);
        }
    }
    for name in old.keys().filter(|name| !new.contains_key(*name)) {
        patch.insert(name.clone(), Value::Null);
    }
    (!patch.is_empty()).then(|| patch.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn edit(metadata: &Value) -> Edit {
        Edit::of(
            json!({"metadata": metadata, "spec": {"online": true}, "status": {"poweredOn": true}}),
        )
    }

    #[test]
    fn a_patch_holds_what_was_changed_and_nothing_else() {
        let mut edit = edit(&json!({"labels": {"a": "1", "b": "2"}, "annotations": {"c": "3"}}));
        assert_eq!(edit.patch(), None);
        edit.set_label("a", None);
        edit.set_annotation("d", Some(""));
        edit.spec()["image"] = json!({"url": "u", "format": ""});
        let patch = json!({
            "metadata": {"labels": {"a": null}, "annotations": {"d": ""}},
            "spec": {"image": {"url": "u", "format": ""}},
        });
        assert_eq!(edit.patch(), Some(patch));
        edit.written();
        assert_eq!(edit.patch(), None);
    }

    #[test]
    fn the_last_label_goes_with_the_whole_map() {
        let mut edit = edit(&json!({"labels": {"a": "1"}}));
        edit.set_label("a", None);
        assert_eq!(edit.patch(), Some(json!({"metadata": {"labels": null}})));
    }
}
