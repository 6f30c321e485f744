//! What calls a host: its own changes, changes of the Secrets that it names, and changes of its node in Ironic.

use std::collections::HashSet;
use std::future::{Future, pending, ready};
use std::sync::Arc;
use std::time::Duration;

use futures_util::{FutureExt, Stream, StreamExt, TryStreamExt, stream};
use ironic_client::Chain;
use ironic_client::watch::{Event, Inventory, WatchSettings, watch};
use k8s_openapi::api::coordination::v1::Lease;
use k8s_openapi::api::core::v1::Secret;
use kube::core::PartialObjectMeta;
use kube::runtime::controller::{Action, Config, Controller, Error as ControllerError};
use kube::runtime::reflector::{self, ObjectRef, Store, reflector};
use kube::runtime::{WatchStreamExt, watcher};
use kube::{Api, ResourceExt};
use metal_api::names;
use metal_api::v1alpha1::{BareMetalHost, ProvisioningState};
use metal_plan::{NODE_FIELDS, YOUNG_NODE_FIELDS};
use tokio::sync::mpsc;

use crate::context::{Context, Setup};
use crate::guard;
use crate::health::Health;
use crate::leases::Leases;
use crate::metrics::Metrics;
use crate::observe::recorded_node;
use crate::reconcile::{AFTER_FAILURE, Error, Stored, reconcile};

/// As many hosts at once as a handful of Ironic conductors serve without refusing.
const CONCURRENCY: u16 = 16;

/// Longer than Prometheus takes from one scrape to the next.
const SWEEP: Duration = Duration::from_mins(5);

/// Cares for all hosts until `shutdown`; passes under way are ended, not cut off.
pub async fn run(setup: Setup, shutdown: impl Future<Output = ()> + Send + Sync + 'static) {
    let hosts: Api<Stored> = api(&setup);
    let secrets: Api<PartialObjectMeta<Secret>> = api(&setup);
    let leases: Api<Lease> =
        Api::namespaced(setup.kube.clone(), &setup.settings.volume_lease_namespace);
    let settings = WatchSettings {
        fields: NODE_FIELDS,
        dispensable_fields: YOUNG_NODE_FIELDS,
        ..WatchSettings::default()
    };
    let (inventory, events) = watch(setup.ironic.clone(), settings);
    let (metrics, health) = (setup.metrics.clone(), setup.health.clone());
    let shutdown = shutdown.shared();
    let context = Arc::new(Context::new(setup, inventory.clone()));
    let (calls, mut called) = mpsc::unbounded_channel();
    let (store, writer) = reflector::store();
    let (followed, freed) = (context.clone(), calls.clone());
    // As `Controller::new` does it, and the indices follow.
    let hosts =
        reflector(writer, watcher(hosts, watcher::Config::default())).inspect_ok(move |event| {
            for host in followed.rivals.follow(event) {
                freed.send(host).ok();
            }
            guard::after_host(&followed, event);
        });
    let followed = context.clone();
    // Of Secrets nothing but the metadata is watched.
    let secrets = watcher(secrets, watcher::Config::default())
        .inspect_ok(move |event| {
            followed.secret_versions.follow(event);
            guard::after_secret(&followed, event);
        })
        .touched_objects();
    let controller = Controller::for_stream(hosts.applied_objects(), store.clone());
    metrics.look_up_hosts_in(store.clone());
    let keep_leases = Box::pin(follow_leases(
        watcher(leases, leases_of_volumes()),
        context.leases.clone(),
        calls.clone(),
    ));
    let call_hosts = events.for_each(|event| {
        health.saw(&event);
        for host in hosts_to_call(&store, &inventory, &event) {
            // None is called any more only while the operator stops.
            calls.send(host).ok();
        }
        ready(())
    });
    let guarding = context.clone();
    let controlling = controller
        .with_config(Config::default().concurrency(CONCURRENCY))
        .watches_stream(secrets, {
            let store = store.clone();
            move |secret| hosts_that_name(&store, &secret)
        })
        .reconcile_on(stream::poll_fn(move |cx| called.poll_recv(cx)))
        .graceful_shutdown_on(shutdown.clone())
        .run(reconcile, retry, context)
        .for_each(|outcome| {
            if let Err(ControllerError::QueueError(error)) = outcome {
                tracing::warn!(error = %Chain(&error), "a watch was interrupted and goes on");
            }
            ready(())
        });
    // Beside the controller and not within: it polls none of its triggers for a while when one of them fails.
    tokio::select! {
        () = call_hosts => {}
        () = keep_leases => {}
        () = controlling => {}
        () = guard::keep(&guarding) => {}
        () = keep_house(&store, &metrics, &health, shutdown) => {}
    }
}

fn leases_of_volumes() -> watcher::Config {
    watcher::Config::default().labels(&format!("{}=true", names::VOLUME_LEASE_LABEL))
}

/// Calls the hosts for whose volumes something changed.
async fn follow_leases(
    events: impl Stream<Item = watcher::Result<watcher::Event<Lease>>>,
    leases: Leases,
    calls: mpsc::UnboundedSender<ObjectRef<Stored>>,
) {
    let mut events = std::pin::pin!(events.default_backoff());
    while let Some(event) = events.next().await {
        let called = match event {
            Ok(event) => leases.follow(&event),
            Err(error) => {
                tracing::warn!(error = %Chain(&error), "the watch over Leases was interrupted and goes on");
                leases.fail(Chain(&error).to_string())
            }
        };
        for host in called {
            // None is called any more only while the operator stops.
            calls.send(host).ok();
        }
    }
}

/// Tells when all hosts were read, and removes the series of those that are gone.
/// Ends only if the operator is to stop before: the controller would wait for the hosts first.
async fn keep_house(
    store: &Store<Stored>,
    metrics: &Metrics,
    health: &Health,
    shutdown: impl Future<Output = ()>,
) {
    tokio::select! {
        synced = store.wait_until_ready() => if synced.is_err() {
            // The watch was dropped: the operator stops.
            return pending().await;
        },
        () = shutdown => return,
    }
    health.hosts_synced();
    let mut sweeps = tokio::time::interval(SWEEP);
    loop {
        sweeps.tick().await;
        metrics.sweep(|host| store.get(host).is_some());
    }
}

fn api<K>(setup: &Setup) -> Api<K>
where
    K: kube::Resource<Scope = kube::core::NamespaceResourceScope>,
    K::DynamicType: Default,
{
    match &setup.namespace {
        Some(namespace) => Api::namespaced(setup.kube.clone(), namespace),
        None => Api::all(setup.kube.clone()),
    }
}

pub(crate) fn hosts_to_call(
    store: &Store<Stored>,
    inventory: &Inventory,
    event: &Event,
) -> Vec<ObjectRef<Stored>> {
    match event {
        Event::Synced => hosts_where(store, |_| true),
        Event::Changed(nodes) => {
            let names: HashSet<_> = nodes
                .iter()
                .filter_map(|node| inventory.name(*node))
                .collect();
            hosts_where(store, |host| {
                recorded_node(host).is_some_and(|node| nodes.contains(&node))
                    || names.contains(&metal_plan::node_name_of(host))
            })
        }
        // The others need not know.
        Event::Lost { .. } => hosts_where(store, has_something_to_do),
    }
}

pub(crate) fn hosts_that_name(
    store: &Store<Stored>,
    secret: &PartialObjectMeta<Secret>,
) -> Vec<ObjectRef<Stored>> {
    let (namespace, name) = (secret.namespace(), secret.name_any());
    let names = |host: &BareMetalHost| {
        let bmc = host.spec.bmc.as_ref().map(|bmc| &bmc.credentials_name);
        let names_it = bmc == Some(&name)
            || metal_plan::iscsi_secrets(host).contains(name.as_str())
            || metal_plan::config_drive_secrets(host).any(|other| other == name);
        host.namespace() == namespace && names_it
    };
    hosts_where(store, names)
}

/// Whether the host waits for Ironic, as far as its state tells.
fn has_something_to_do(host: &BareMetalHost) -> bool {
    match host.state() {
        ProvisioningState::None
        | ProvisioningState::Registering
        | ProvisioningState::Inspecting
        | ProvisioningState::MatchProfile
        | ProvisioningState::Preparing
        | ProvisioningState::Provisioning
        | ProvisioningState::Deprovisioning
        | ProvisioningState::PoweringOffBeforeDelete
        | ProvisioningState::Deleting => true,
        ProvisioningState::Unmanaged
        | ProvisioningState::Ready
        | ProvisioningState::Available
        | ProvisioningState::Provisioned
        | ProvisioningState::ExternallyProvisioned => false,
    }
}

fn hosts_where(
    store: &Store<Stored>,
    is_meant: impl Fn(&BareMetalHost) -> bool,
) -> Vec<ObjectRef<Stored>> {
    store
        .state()
        .iter()
        .filter(|stored| stored.0.as_ref().is_ok_and(&is_meant))
        .map(|stored| ObjectRef::from_obj(stored.as_ref()))
        .collect()
}

#[expect(
    clippy::needless_pass_by_value,
    reason = "the signature is the controller's"
)]
fn retry(stored: Arc<Stored>, error: &Error, _: Arc<Context>) -> Action {
    tracing::warn!(host = %stored.name_any(), namespace = stored.namespace(), error = %Chain(error), "the pass failed and is tried again");
    Action::requeue(AFTER_FAILURE)
}

#[cfg(test)]
mod tests {
    use ironic_client::Ironic;
    use metal_plan::Settings;

    use super::*;
    use crate::credentials::Secrets;

    #[tokio::test]
    async fn an_operator_that_never_reached_kubernetes_can_be_stopped() {
        drop(rustls::crypto::ring::default_provider().install_default());
        let nowhere = "http://127.0.0.1:1";
        let health = Health::default();
        let kube = kube::Client::try_from(kube::Config::new(nowhere.parse().unwrap())).unwrap();
        let secrets = Secrets::new(kube.clone(), "ironboot-system".to_owned());
        let setup = Setup {
            kube,
            ironic: Ironic::builder(nowhere.parse().unwrap()).build().unwrap(),
            settings: Settings {
                soft_power_off_timeout: Duration::from_mins(3),
                deploy_kernel: String::new(),
                deploy_ramdisk: String::new(),
                max_provisioning_retries: 5,
                provisioning_limit: 20,
                volume_lease_namespace: "ironboot-system".to_owned(),
            },
            namespace: None,
            secrets: secrets.into(),
            config_drive_url: None,
            metrics: Metrics::new().unwrap(),
            health: health.clone(),
        };
        let ended = tokio::time::timeout(Duration::from_mins(1), run(setup, ready(()))).await;
        assert_eq!(ended, Ok(()));
        assert!(!health.readiness().is_ready);
    }
}
