//! The operator as one process: its context, its watches, and what calls its hosts.
//!
//! This is `watches::run` without the controller of `kube`, which would need watches that last: the same passes, called
//! by the same events, one after the other.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use futures_util::stream::BoxStream;
use futures_util::{FutureExt, StreamExt};
use ironic_client::watch::{Event, Inventory, WatchSettings, watch};
use k8s_openapi::api::coordination::v1::Lease;
use k8s_openapi::api::core::v1::Secret;
use kube::ResourceExt;
use kube::core::{DeserializeGuard, PartialObjectMeta};
use kube::runtime::reflector::store::Writer;
use kube::runtime::reflector::{ObjectRef, Store, store};
use kube::runtime::watcher;
use metal_plan::{NODE_FIELDS, YOUNG_NODE_FIELDS};
use serde_json::Value;
use tokio::time::{Instant, sleep_until};

use super::ironic::Door;
use super::kubernetes::Kubernetes;
use super::objects::Change;
use super::witness::Witness;
use crate::clock::Clock;
use crate::context::{Context, Setup};
use crate::credentials::Secrets;
use crate::guard;
use crate::health::Health;
use crate::metrics::Metrics;
use crate::reconcile::{AFTER_FAILURE, Stored, pass};
use crate::secret_versions::SecretName;
use crate::watches::{hosts_that_name, hosts_to_call};

/// What a watch over Kubernetes takes to bring a change: a host may be called in between, and is old then.
const LAG: Duration = Duration::from_millis(30);

/// Where Ironic would get config drives.
const CONFIG_DRIVE_URL: &str = "https://ironboot.example";

/// The process. To drop it is to kill it.
pub(crate) struct Operator {
    context: Arc<Context>,
    inventory: Inventory,
    events: BoxStream<'static, Event>,
    kubernetes: Kubernetes,
    door: Arc<Door>,
    store: Store<Stored>,
    writer: Writer<Stored>,
    /// How many of Kubernetes' changes were sent.
    cursor: usize,
    /// Those that are on their way, and when they arrive.
    on_their_way: VecDeque<(Instant, Change)>,
    /// The first list of Leases, likewise.
    leases_on_their_way: Option<(Instant, Vec<Value>)>,
    /// When hosts are to be looked at.
    due: BTreeMap<(String, String), Instant>,
    /// Until when the watch over Secrets brings nothing.
    secrets_lag: Option<Instant>,
}

/// What came of a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Went {
    On,
    /// The process was stopped.
    Stopped,
}

impl Operator {
    pub(crate) fn start(
        kubernetes: &Kubernetes,
        door: &Arc<Door>,
        settings: metal_plan::Settings,
        clock: Clock,
        witness: Witness,
    ) -> Self {
        let kube = kubernetes.client();
        let secrets = Secrets::new(kube.clone(), "ironboot-system".to_owned());
        let setup = Setup {
            kube,
            ironic: door.client(),
            settings,
            namespace: None,
            secrets: secrets.into(),
            config_drive_url: Some(CONFIG_DRIVE_URL.parse().unwrap()),
            metrics: Metrics::new().unwrap(),
            health: Health::default(),
        };
        let pace = WatchSettings {
            fields: NODE_FIELDS,
            dispensable_fields: YOUNG_NODE_FIELDS,
            quiet: Duration::from_secs(10),
            idle: Duration::from_mins(5),
            ..WatchSettings::default()
        };
        let (inventory, events) = watch(setup.ironic.clone(), pace);
        let mut context = Context::new(setup, inventory.clone());
        context.clock = clock;
        context.witness = witness;
        // Nothing is there at first, and then one thing after the other: all as it happened.
        for event in [watcher::Event::Init, watcher::Event::InitDone] {
            context.secret_versions.follow(&event);
        }
        for event in [watcher::Event::Init, watcher::Event::InitDone] {
            guard::after_host(&context, &event);
        }
        let (store, writer) = store();
        Self {
            context: Arc::new(context),
            inventory,
            events: events.boxed(),
            kubernetes: kubernetes.clone(),
            door: door.clone(),
            store,
            writer,
            cursor: 0,
            on_their_way: VecDeque::new(),
            leases_on_their_way: None,
            due: BTreeMap::new(),
            secrets_lag: None,
        }
    }

    /// One pass, or one event, or no more than a wait until the next; but not beyond a time.
    pub(crate) async fn step(&mut self, until: Instant) -> Went {
        self.hear_kubernetes();
        while let Some(Some(event)) = self.events.next().now_or_never() {
            self.hear(&event);
        }
        if let Some(secret) = self.context.guard_calls.take() {
            return self.guard(&secret).await;
        }
        let arrives = self.on_their_way.front().map_or(until, |(at, _)| *at);
        let listed = self.leases_on_their_way.as_ref();
        let listed = listed.map_or(until, |(at, _)| *at);
        let until = until.min(arrives).min(listed);
        let next = self.due.iter().min_by_key(|(_, at)| **at);
        match next.map(|(host, at)| (host.clone(), *at)) {
            None => self.wait(until).await,
            Some((_, at)) if at > Instant::now() => self.wait(until.min(at)).await,
            Some((host, _)) => {
                self.due.remove(&host);
                self.look_at(&host).await
            }
        }
    }

    async fn wait(&mut self, until: Instant) -> Went {
        let (kubernetes, door) = (self.kubernetes.clone(), self.door.clone());
        tokio::select! {
            biased;
            () = door.stopper().stopped() => return Went::Stopped,
            () = kubernetes.stopper().stopped() => return Went::Stopped,
            event = self.events.next() => {
                if let Some(event) = event {
                    self.hear(&event);
                }
            }
            () = sleep_until(until) => {}
        }
        Went::On
    }

    /// A pass, and beside it the watch over Ironic.
    async fn look_at(&mut self, host: &(String, String)) -> Went {
        let reference = ObjectRef::new(&host.1).within(&host.0);
        let Some(stored) = self.store.get(&reference) else {
            return Went::On;
        };
        let (context, kubernetes) = (self.context.clone(), self.kubernetes.clone());
        let door = self.door.clone();
        let mut pass = Box::pin(pass(&context, &stored));
        let look_again = loop {
            tokio::select! {
                biased;
                () = door.stopper().stopped() => return Went::Stopped,
                () = kubernetes.stopper().stopped() => return Went::Stopped,
                outcome = &mut pass => break outcome,
                event = self.events.next() => {
                    if let Some(event) = event {
                        self.hear(&event);
                    }
                }
            }
        };
        let after = match look_again {
            Ok((after, _)) => after,
            Err(error) => {
                let words = ironic_client::Chain(&error).to_string();
                context.witness.tell(format!("the pass failed: {words}"));
                Some(AFTER_FAILURE)
            }
        };
        if let Some(after) = after {
            self.call(host.clone(), Instant::now() + after);
        }
        Went::On
    }

    pub(crate) fn keep_secret_events_back(&mut self) {
        self.secrets_lag = Some(Instant::now() + Duration::from_secs(30));
    }

    /// The guard of one Secret is put right, as `guard::keep` does it.
    async fn guard(&mut self, secret: &SecretName) -> Went {
        let (context, kubernetes) = (self.context.clone(), self.kubernetes.clone());
        let written = tokio::select! {
            biased;
            () = kubernetes.stopper().stopped() => return Went::Stopped,
            written = guard::put_right(&context, secret) => written,
        };
        if let Err(error) = written {
            let words = ironic_client::Chain(&error).to_string();
            context.witness.tell(words);
            context.guard_calls.call([secret.clone()]);
        }
        Went::On
    }

    fn call(&mut self, host: (String, String), at: Instant) {
        let due = self.due.entry(host).or_insert(at);
        *due = at.min(*due);
    }

    fn call_all(&mut self, hosts: Vec<ObjectRef<Stored>>) {
        for host in hosts {
            let key = (host.namespace.unwrap_or_default(), host.name);
            self.call(key, Instant::now());
        }
    }

    fn hear(&mut self, event: &Event) {
        let called = hosts_to_call(&self.store, &self.inventory, event);
        self.call_all(called);
    }

    fn hear_list(&mut self, leases: Vec<Value>) {
        self.context.leases.follow(&watcher::Event::Init);
        for lease in leases {
            let event = watcher::Event::InitApply(parsed(lease));
            self.context.leases.follow(&event);
        }
        let called = self.context.leases.follow(&watcher::Event::InitDone);
        self.call_all(called);
    }

    /// What the watches over hosts, Secrets and Leases bring.
    fn hear_kubernetes(&mut self) {
        let mut changes = self.kubernetes.changes_since(self.cursor);
        let arrives = Instant::now() + LAG;
        let is_first = self.cursor == 0;
        self.cursor += changes.len();
        if is_first {
            // The watch over Leases begins with a list; what was before is not told.
            changes.retain(|change| change.key().plural != "leases");
            self.leases_on_their_way = Some((arrives, self.kubernetes.all("leases")));
        }
        let later = self.secrets_lag.filter(|later| *later > arrives);
        for change in changes {
            match later {
                Some(later) if change.key().plural == "secrets" => {
                    self.on_their_way.push_back((later, change));
                }
                Some(_) | None => self.on_their_way.push_back((arrives, change)),
            }
        }
        // Those of Secrets may be brought later than others.
        self.on_their_way
            .make_contiguous()
            .sort_by_key(|(arrives, _)| *arrives);
        if let Some((_, leases)) = self
            .leases_on_their_way
            .take_if(|(at, _)| *at <= Instant::now())
        {
            self.hear_list(leases);
        }
        while let Some((at, _)) = self.on_their_way.front()
            && *at <= Instant::now()
            && let Some((_, change)) = self.on_their_way.pop_front()
        {
            let (key, object, is_gone) = match change {
                Change::Applied(key, object) => (key, object, false),
                Change::Deleted(key, object) => (key, object, true),
            };
            match key.plural.as_str() {
                "baremetalhosts" => {
                    let host: Stored = parsed(object);
                    let event = if is_gone {
                        self.due.remove(&(key.namespace, key.name));
                        watcher::Event::Delete(host)
                    } else {
                        self.call((key.namespace, key.name), Instant::now());
                        watcher::Event::Apply(host)
                    };
                    let freed = self.context.rivals.follow(&event);
                    self.writer.apply_watcher_event(&event);
                    guard::after_host(&self.context, &event);
                    self.call_all(freed);
                }
                "secrets" => {
                    let secret: PartialObjectMeta<Secret> = parsed(object);
                    let called = hosts_that_name(&self.store, &secret);
                    let event = if is_gone {
                        watcher::Event::Delete(secret)
                    } else {
                        watcher::Event::Apply(secret)
                    };
                    self.context.secret_versions.follow(&event);
                    guard::after_secret(&self.context, &event);
                    self.call_all(called);
                }
                "leases" => {
                    let lease: Lease = parsed(object);
                    let event = if is_gone {
                        watcher::Event::Delete(lease)
                    } else {
                        watcher::Event::Apply(lease)
                    };
                    let called = self.context.leases.follow(&event);
                    self.call_all(called);
                }
                _ => {}
            }
        }
    }
}

fn parsed<K: serde::de::DeserializeOwned>(object: Value) -> K {
    serde_json::from_value(object).unwrap()
}

/// What the operator can't read it can't manage either: no test stores such a thing unawares.
pub(crate) fn assert_readable(object: &Value) {
    let host: DeserializeGuard<metal_api::v1alpha1::BareMetalHost> = parsed(object.clone());
    if let Err(error) = &host.0 {
        panic!("host {} can't be read: {}", host.name_any(), error.error);
    }
}
