//! The guard of volumes' Secrets, and the label on those of BMCs: they follow the hosts, and nothing else writes to Secrets of
//! users.
//!
//! Server-side apply, so that what somebody else set as well stays when the last host lets go; with the UID, so that no
//! Secret is ever created by it. It reads and writes metadata only.

use std::collections::BTreeSet;

use ironic_client::Chain;
use k8s_openapi::api::core::v1::Secret;
use kube::api::{Api, Patch, PatchParams};
use kube::core::PartialObjectMeta;
use kube::runtime::watcher::Event;
use metal_api::names;
use metal_plan::{GuardStep, guard};
use serde_json::{Value, json};
use tokio::time::interval;
use tracing::{info, warn};

use crate::context::Context;
use crate::reconcile::{AFTER_FAILURE, Stored};
use crate::secret_versions::{SecretName, name};

mod calls;
mod users;

pub(crate) use calls::GuardCalls;
pub(crate) use users::SecretUsers;

/// A Secret's guard could not be written.
#[derive(Debug, thiserror::Error)]
#[error("failed to write the metadata of Secret {namespace}/{name}")]
pub(crate) struct Error {
    namespace: String,
    name: String,
    source: kube::Error,
}

/// Calls the Secrets whose guard may have to change after this change of a host.
pub(crate) fn after_host(context: &Context, event: &Event<Stored>) {
    let touched = context.secret_users.follow(event);
    context.guard_calls.call(touched.secrets);
    if !touched.namespaces.is_empty() {
        let is_of_them = |(namespace, _): &SecretName| touched.namespaces.contains(namespace);
        let secrets = all(context).into_iter().filter(is_of_them);
        context.guard_calls.call(secrets);
    }
    match event {
        Event::InitDone => context.guard_calls.call(all(context)),
        Event::Init | Event::InitApply(_) | Event::Apply(_) | Event::Delete(_) => {}
    }
}

/// Calls the Secrets whose guard may have to change after this change of a Secret, which `secret_versions` knows by now.
///
/// What a Secret is of whose type nobody knows is found when a host has it read, which calls again.
pub(crate) fn after_secret(context: &Context, event: &Event<PartialObjectMeta<Secret>>) {
    match event {
        Event::InitDone => context.guard_calls.call(all(context)),
        Event::Apply(secret) => context.guard_calls.call([name(secret)]),
        Event::Init | Event::InitApply(_) | Event::Delete(_) => {}
    }
}

/// A guard may have been left behind, and a list doesn't say what it no longer holds.
fn all(context: &Context) -> BTreeSet<SecretName> {
    let mut all = context.secret_users.secrets();
    all.extend(context.secret_versions.guarded());
    all
}

/// Writes the guards of the Secrets that are called, one after the other. Ends never.
pub(crate) async fn keep(context: &Context) {
    let mut failed = BTreeSet::new();
    let mut retries = interval(AFTER_FAILURE);
    loop {
        let due = tokio::select! {
            secret = context.guard_calls.next() => [secret].into(),
            _ = retries.tick(), if !failed.is_empty() => std::mem::take(&mut failed),
        };
        for secret in due {
            if let Err(error) = put_right(context, &secret).await {
                warn!(error = %Chain(&error), "a Secret's guard was not written; it is tried again");
                failed.insert(secret);
            }
        }
    }
}

/// Brings the guard of one Secret to what the hosts need that use it.
pub(crate) async fn put_right(context: &Context, secret: &SecretName) -> Result<(), Error> {
    let (Some(uses), Some((uid, seen))) = (
        context.secret_users.of(secret),
        context.secret_versions.guard_of(secret),
    ) else {
        return Ok(());
    };
    let (namespace, name) = secret;
    let api: Api<Secret> = Api::namespaced(context.kube.clone(), namespace);
    let written = match guard(&uses, &seen) {
        GuardStep::Keep => return Ok(()),
        GuardStep::Set { labels, finalizer } => {
            let mut metadata = json!({"labels": labels});
            if finalizer {
                metadata["finalizers"] = json!([names::SECRET_GUARD_FINALIZER]);
            }
            apply(&api, name, &uid, metadata).await.map(|_| finalizer)
        }
        GuardStep::Remove => remove(&api, name, &uid).await.map(|()| false),
    };
    match written {
        Ok(is_guarded) => {
            info!(
                namespace,
                name, is_guarded, "the guard of a Secret was written"
            );
            Ok(())
        }
        // It is gone, or it is another one, or somebody sets a label in this moment: each calls again.
        Err(kube::Error::Api(status)) if status.is_not_found() || status.is_conflict() => Ok(()),
        Err(source) => Err(Error {
            namespace: namespace.clone(),
            name: name.clone(),
            source,
        }),
    }
}

/// What is applied is all that this field manager has, so what it had before and isn't here goes.
async fn apply(
    api: &Api<Secret>,
    name: &str,
    uid: &str,
    mut metadata: Value,
) -> Result<PartialObjectMeta<Secret>, kube::Error> {
    metadata["name"] = name.into();
    metadata["uid"] = uid.into();
    let secret = json!({"apiVersion": "v1", "kind": "Secret", "metadata": metadata});
    let params = PatchParams::apply(names::GUARD_FIELD_MANAGER);
    api.patch_metadata(name, &params, &Patch::Apply(secret))
        .await
}

async fn remove(api: &Api<Secret>, name: &str, uid: &str) -> Result<(), kube::Error> {
    let left = apply(api, name, uid, json!({})).await?.metadata;
    let mut finalizers = left.finalizers.unwrap_or_default();
    let before = finalizers.len();
    finalizers.retain(|finalizer| finalizer != names::SECRET_GUARD_FINALIZER);
    if finalizers.len() == before {
        return Ok(());
    }
    // After a move to another cluster it is whoever brought it that owns the finalizer.
    let patch = json!({"metadata": {
        "uid": uid, "resourceVersion": left.resource_version, "finalizers": finalizers,
    }});
    let params = PatchParams {
        field_manager: Some(names::GUARD_FIELD_MANAGER.to_owned()),
        ..PatchParams::default()
    };
    api.patch_metadata(name, &params, &Patch::Merge(patch))
        .await
        .map(|_| ())
}
