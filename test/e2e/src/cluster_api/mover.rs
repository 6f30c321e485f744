//! `clusterctl move` of a namespace: which objects it takes, and what it does to them.
//!
//! It begins when the Clusters are paused already, and leaves out what it does to Clusters and to objects of no namespace.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use k8s_openapi::api::core::v1::{ConfigMap, Namespace, Secret};
use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::OwnerReference;
use kube::api::{DeleteParams, DynamicObject, ListParams, Patch, PatchParams, PostParams};
use kube::core::ApiResource;
use kube::{Api, Client, ResourceExt};
use metal_api::names;
use serde_json::json;

use super::BLOCK_MOVE_ANNOTATION;
use crate::cluster::Cluster;
use crate::progress::step;
use crate::wait::until;

const CLUSTERCTL_LABEL: &str = "clusterctl.cluster.x-k8s.io";
const MOVE_HIERARCHY_LABEL: &str = "clusterctl.cluster.x-k8s.io/move-hierarchy";
/// `clusterctl` gives up after two minutes.
const UNBLOCKED: Duration = Duration::from_mins(2);

/// An object that was moved.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Moved {
    /// Its kind.
    pub kind: String,
    /// Its name.
    pub name: String,
}

/// An object that may be moved.
struct Node {
    kind: ApiResource,
    name: String,
    uid: String,
    owners: Vec<OwnerReference>,
    is_forced: bool,
    heads_hierarchy: bool,
    blocks: bool,
}

/// A kind whose objects are looked at, and what the labels of its definition say of all of them.
struct Kind {
    resource: ApiResource,
    is_forced: bool,
    heads_hierarchy: bool,
}

/// Moves all that is to be moved from a namespace to the same one of another cluster. `in_gap` is called for each object
/// whose annotations were replaced, that is being deleted, and that still has its finalizers.
pub async fn clusterctl_move(
    from: &Cluster,
    to: &Cluster,
    namespace: &str,
    mut in_gap: impl AsyncFnMut(&Moved) -> Result<()>,
) -> Result<BTreeSet<Moved>> {
    let nodes = discover(&from.client, namespace).await?;
    let groups = groups(&nodes);
    wait_until_unblocked(&from.client, namespace, &groups).await?;
    ensure_namespace(&to.client, namespace).await?;
    let mut new_uids = BTreeMap::new();
    for node in groups.iter().flatten() {
        let uid = create(&from.client, &to.client, namespace, node, &new_uids).await?;
        new_uids.insert(node.uid.clone(), uid);
    }
    step(format!(
        "  move     {} objects are in the other cluster",
        new_uids.len()
    ));
    for node in groups.iter().rev().flatten() {
        delete(&from.client, namespace, node, &mut in_gap).await?;
    }
    Ok(groups.iter().flatten().map(|node| moved(node)).collect())
}

fn moved(node: &Node) -> Moved {
    Moved {
        kind: node.kind.kind.clone(),
        name: node.name.clone(),
    }
}

/// `getDiscoveryTypes` and `Discovery`.
async fn discover(client: &Client, namespace: &str) -> Result<Vec<Node>> {
    let definitions: Api<CustomResourceDefinition> = Api::all(client.clone());
    let labelled = ListParams::default().labels(CLUSTERCTL_LABEL);
    let definitions = definitions.list(&labelled).await;
    let mut kinds = vec![
        plain(ApiResource::erase::<Secret>(&())),
        plain(ApiResource::erase::<ConfigMap>(&())),
    ];
    for definition in definitions.context("failed to list definitions")? {
        let labels = definition.labels();
        let heads_hierarchy = labels.contains_key(MOVE_HIERARCHY_LABEL);
        kinds.push(Kind {
            is_forced: heads_hierarchy || labels.contains_key(names::MOVE_LABEL),
            heads_hierarchy,
            resource: resource(&definition)?,
        });
    }
    let mut nodes = Vec::new();
    for kind in kinds {
        let api: Api<DynamicObject> =
            Api::namespaced_with(client.clone(), namespace, &kind.resource);
        for object in api.list(&ListParams::default()).await? {
            let has_label = |label: &str| object.labels().contains_key(label);
            nodes.push(Node {
                kind: kind.resource.clone(),
                name: object.name_any(),
                uid: object.uid().context("an object has no UID")?,
                owners: object.owner_references().to_vec(),
                is_forced: kind.is_forced || has_label(names::MOVE_LABEL),
                heads_hierarchy: kind.heads_hierarchy || has_label(MOVE_HIERARCHY_LABEL),
                blocks: object.annotations().contains_key(BLOCK_MOVE_ANNOTATION),
            });
        }
    }
    Ok(nodes)
}

fn plain(resource: ApiResource) -> Kind {
    Kind {
        resource,
        is_forced: false,
        heads_hierarchy: false,
    }
}

fn resource(definition: &CustomResourceDefinition) -> Result<ApiResource> {
    let spec = &definition.spec;
    let version = spec.versions.iter().find(|version| version.storage);
    let version = version.context("a definition stores no version")?;
    Ok(ApiResource {
        group: spec.group.clone(),
        version: version.name.clone(),
        api_version: format!("{}/{}", spec.group, version.name),
        kind: spec.names.kind.clone(),
        plural: spec.names.plural.clone(),
    })
}

/// What is forced, or below the head of a hierarchy, each after all its owners (`getMoveNodes`, `getMoveSequence`).
fn groups(nodes: &[Node]) -> Vec<Vec<&Node>> {
    let mut taken: BTreeSet<&str> = nodes
        .iter()
        .filter(|node| node.heads_hierarchy)
        .map(|node| node.uid.as_str())
        .collect();
    loop {
        let below = nodes.iter().filter(|node| {
            let mut owners = node.owners.iter();
            !taken.contains(node.uid.as_str())
                && owners.any(|owner| taken.contains(owner.uid.as_str()))
        });
        let below: Vec<_> = below.map(|node| node.uid.as_str()).collect();
        if below.is_empty() {
            break;
        }
        taken.extend(below);
    }
    let mut left: Vec<&Node> = nodes
        .iter()
        .filter(|node| node.is_forced || taken.contains(node.uid.as_str()))
        .collect();
    let mut placed = BTreeSet::new();
    let mut groups = Vec::new();
    loop {
        let is_next = |node: &&Node| node.owners.iter().all(|owner| placed.contains(&owner.uid));
        let (next, rest): (Vec<_>, Vec<_>) = left.into_iter().partition(is_next);
        if next.is_empty() {
            return groups;
        }
        placed.extend(next.iter().map(|node| node.uid.clone()));
        groups.push(next);
        left = rest;
    }
}

/// `waitReadyForMove`: only what was blocked when it was found is looked at again.
async fn wait_until_unblocked(
    client: &Client,
    namespace: &str,
    groups: &[Vec<&Node>],
) -> Result<()> {
    for node in groups.iter().flatten().filter(|node| node.blocks) {
        let api: Api<DynamicObject> = Api::namespaced_with(client.clone(), namespace, &node.kind);
        until(
            &format!("{} may be moved", node.name),
            UNBLOCKED,
            async || {
                let object = api.get_metadata(&node.name).await?;
                Ok((!object.annotations().contains_key(BLOCK_MOVE_ANNOTATION)).then_some(()))
            },
        )
        .await?;
    }
    Ok(())
}

async fn ensure_namespace(client: &Client, name: &str) -> Result<()> {
    let namespaces: Api<Namespace> = Api::all(client.clone());
    if namespaces.get_opt(name).await?.is_none() {
        let namespace = serde_json::from_value(json!({ "metadata": { "name": name } }))?;
        namespaces
            .create(&PostParams::default(), &namespace)
            .await?;
    }
    Ok(())
}

/// `createTargetObject`: all of the object, but the API server takes no status. Returns the UID of the copy.
async fn create(
    from: &Client,
    to: &Client,
    namespace: &str,
    node: &Node,
    new_uids: &BTreeMap<String, String>,
) -> Result<String> {
    let source: Api<DynamicObject> = Api::namespaced_with(from.clone(), namespace, &node.kind);
    let target: Api<DynamicObject> = Api::namespaced_with(to.clone(), namespace, &node.kind);
    let mut object = source.get(&node.name).await?;
    object.metadata.resource_version = None;
    object.metadata.owner_references = (!node.owners.is_empty()).then(|| {
        let owners = node.owners.iter().cloned();
        owners
            .map(|owner| OwnerReference {
                uid: new_uids.get(&owner.uid).cloned().unwrap_or_default(),
                ..owner
            })
            .collect()
    });
    let created = match target.create(&PostParams::default(), &object).await {
        Err(kube::Error::Api(status)) if status.reason == "AlreadyExists" => {
            let existing = target.get(&node.name).await?;
            object.metadata.uid = existing.metadata.uid;
            object.metadata.resource_version = existing.metadata.resource_version;
            target
                .replace(&node.name, &PostParams::default(), &object)
                .await
        }
        created => created,
    };
    let what = format!(
        "{} {} can't be created in the other cluster",
        node.kind.kind, node.name
    );
    created.context(what)?.uid().context("no UID")
}

/// `deleteSourceObject`.
async fn delete(
    client: &Client,
    namespace: &str,
    node: &Node,
    in_gap: &mut impl AsyncFnMut(&Moved) -> Result<()>,
) -> Result<()> {
    let api: Api<DynamicObject> = Api::namespaced_with(client.clone(), namespace, &node.kind);
    let marked = json_patch::AddOperation {
        path: "/metadata/annotations".try_into()?,
        value: json!({ names::DELETE_FOR_MOVE_ANNOTATION: "" }),
    };
    let patch = json_patch::Patch(vec![json_patch::PatchOperation::Add(marked)]);
    let patch = Patch::Json::<()>(patch);
    let marked = api.patch(&node.name, &PatchParams::default(), &patch).await;
    let marked = marked.with_context(|| format!("{} can't be marked", node.name))?;
    ensure!(marked.annotations().len() == 1, "annotations are left");
    api.delete(&node.name, &DeleteParams::default()).await?;
    if !marked.finalizers().is_empty() {
        in_gap(&moved(node)).await?;
        let bare = json!({ "metadata": { "finalizers": [] } });
        api.patch(&node.name, &PatchParams::default(), &Patch::Merge(bare))
            .await
            .with_context(|| format!("{} can't be let go", node.name))?;
    }
    Ok(())
}
