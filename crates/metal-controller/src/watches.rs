//! What calls a host: its own changes, and changes of the Secrets that it names.

use std::future::{Future, ready};
use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt;
use k8s_openapi::api::core::v1::Secret;
use kube::core::PartialObjectMeta;
use kube::runtime::controller::{Action, Config, Controller, Error as ControllerError};
use kube::runtime::reflector::{ObjectRef, Store};
use kube::runtime::watcher;
use kube::{Api, ResourceExt};
use metal_api::v1alpha1::BareMetalHost;

use crate::chain::Chain;
use crate::context::Context;
use crate::reconcile::{Error, Stored, reconcile};

/// As many hosts at once as a handful of Ironic conductors serve without refusing.
const CONCURRENCY: u16 = 16;

/// Cares for all hosts until `shutdown`; passes under way are ended, not cut off.
pub async fn run(context: Context, shutdown: impl Future<Output = ()> + Send + Sync + 'static) {
    let hosts: Api<Stored> = api(&context);
    let secrets: Api<PartialObjectMeta<Secret>> = api(&context);
    let controller = Controller::new(hosts, watcher::Config::default());
    let store = controller.store();
    controller
        .with_config(Config::default().concurrency(CONCURRENCY))
        .watches(secrets, watcher::Config::default(), move |secret| {
            hosts_that_name(&store, &secret)
        })
        .graceful_shutdown_on(shutdown)
        .run(reconcile, retry, Arc::new(context))
        .for_each(|outcome| {
            if let Err(ControllerError::QueueError(error)) = outcome {
                tracing::warn!(error = %Chain(&error), "a watch was interrupted and goes on");
            }
            ready(())
        })
        .await;
}

fn api<K>(context: &Context) -> Api<K>
where
    K: kube::Resource<Scope = kube::core::NamespaceResourceScope>,
    K::DynamicType: Default,
{
    match &context.namespace {
        Some(namespace) => Api::namespaced(context.kube.clone(), namespace),
        None => Api::all(context.kube.clone()),
    }
}

fn hosts_that_name(
    store: &Store<Stored>,
    secret: &PartialObjectMeta<Secret>,
) -> Vec<ObjectRef<Stored>> {
    let (namespace, name) = (secret.namespace(), secret.name_any());
    let names = |host: &BareMetalHost| {
        let bmc = host.spec.bmc.as_ref().map(|bmc| &bmc.credentials_name);
        let volume = metal_plan::iscsi_secret(host);
        host.namespace() == namespace && (bmc == Some(&name) || volume == Some(name.as_str()))
    };
    store
        .state()
        .iter()
        .filter(|stored| stored.0.as_ref().is_ok_and(names))
        .map(|stored| ObjectRef::from_obj(stored.as_ref()))
        .collect()
}

/// Kubernetes refused or didn't answer: the same pass again, soon.
#[expect(
    clippy::needless_pass_by_value,
    reason = "the signature is the controller's"
)]
fn retry(stored: Arc<Stored>, error: &Error, _: Arc<Context>) -> Action {
    tracing::warn!(host = %stored.name_any(), namespace = stored.namespace(), error = %Chain(error), "the pass failed and is tried again");
    Action::requeue(Duration::from_secs(5))
}
