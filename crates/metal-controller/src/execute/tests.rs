//! Effects on a simulated Ironic.

use std::pin::Pin;

use futures_util::{Stream, StreamExt};
use ironic_client::Ironic;
use ironic_client::watch::{Event, Look, WatchSettings, watch};
use ironic_sim::{Fault, FaultKind, Seed, Server, Settings, Sim, State};
use ironic_types::{Node, PowerState, ProvisionState, ProvisionVerb};
use metal_plan::{IronicView, LeaseFacts, RETRY, SecretFacts, Seen};
use uuid::Uuid;

mod leases;

use super::*;
use crate::context::Setup;
use crate::credentials::Secrets;
use crate::health::Health;
use crate::metrics::Metrics;

struct Bench {
    sim: Sim,
    context: Context,
    events: Pin<Box<dyn Stream<Item = Event> + Send>>,
    _server: Server,
}

/// An Ironic with one node that is available and off, and the inventory that knows it.
async fn bench() -> Bench {
    drop(rustls::crypto::ring::default_provider().install_default());
    // Effects without Secrets and Leases ask Kubernetes for nothing.
    let nowhere = kube::Config::new("http://127.0.0.1:1".parse().unwrap());
    bench_with(kube::Client::try_from(nowhere).unwrap()).await
}

async fn bench_with(kube: kube::Client) -> Bench {
    drop(rustls::crypto::ring::default_provider().install_default());
    let sim = Sim::new(Settings::default());
    sim.seed(&Seed {
        nodes: Some(State::Available),
        ..Seed::default()
    });
    let server = sim.serve(([127, 0, 0, 1], 0).into()).await.unwrap();
    let ironic = Ironic::builder(server.url().parse().unwrap())
        .build()
        .unwrap();
    let (inventory, events) = watch(ironic.clone(), WatchSettings::default());
    let secrets = Secrets::new(kube.clone(), "ironboot-system".to_owned());
    let setup = Setup {
        kube,
        ironic,
        settings: settings(),
        namespace: None,
        secrets: secrets.into(),
        config_drive_url: None,
        metrics: Metrics::new().unwrap(),
        health: Health::default(),
    };
    let mut events = Box::pin(events);
    assert_eq!(events.next().await, Some(Event::Synced));
    sim.clear_journal();
    Bench {
        sim,
        context: Context::new(setup, inventory),
        events,
        _server: server,
    }
}

fn settings() -> metal_plan::Settings {
    metal_plan::Settings {
        soft_power_off_timeout: Duration::from_mins(3),
        deploy_kernel: "http://kernel.example/".to_owned(),
        deploy_ramdisk: "http://ramdisk.example/".to_owned(),
        max_provisioning_retries: 5,
        provisioning_limit: 20,
        volume_lease_namespace: "ironboot-system".to_owned(),
    }
}

fn node() -> NodeId {
    Seed::uuid(0).parse().unwrap()
}

impl Bench {
    /// Carries out effects on a node that was observed available and off.
    async fn act(&self, effects: Vec<Effect>) -> Vec<Outcome> {
        let host = metal_api::v1alpha1::BareMetalHost::default();
        self.act_for(host, effects).await
    }

    async fn act_for(
        &self,
        host: metal_api::v1alpha1::BareMetalHost,
        effects: Vec<Effect>,
    ) -> Vec<Outcome> {
        let node = Node {
            uuid: node(),
            provision_state: Some(ProvisionState::Available),
            power_state: Some(PowerState::Off),
            ..Node::default()
        };
        let seen = Seen {
            node: Some(node),
            ..Seen::default()
        };
        let observation = Observation {
            host,
            hardware: None,
            bmc_credentials: SecretFacts::NotRead,
            iscsi_credentials: std::collections::BTreeMap::new(),
            rivals: Vec::new(),
            leases: LeaseFacts::NotRead,
            config_drive: metal_plan::ConfigDriveFacts::NotRead,
            ironic: IronicView::Seen(Box::new(seen)),
            settings: settings(),
            now: jiff::Timestamp::UNIX_EPOCH,
            fresh_id: Uuid::nil(),
        };
        let plan = Plan {
            step: Step::Act(effects),
            look_again: RETRY,
        };
        execute(&self.context, &observation, &plan).await
    }

    fn count(&self, kind: &str) -> usize {
        self.sim.journal().count(kind)
    }

    fn look(&self) -> Look {
        self.context.inventory.look(node())
    }
}

const PROVISION: &str = "PUT /v1/nodes/{node}/states/provision";

fn set_state(verb: ProvisionVerb) -> Effect {
    Effect::SetProvisionState { node: node(), verb }
}

#[tokio::test]
async fn a_machine_that_was_switched_on_since_is_not_deployed() {
    let bench = bench().await;
    let on = SetPowerState {
        node: node(),
        target: PowerTarget::On,
        timeout: None,
    };
    bench.sim.send(&on).unwrap();
    bench.sim.settle(Duration::from_mins(1));

    let outcomes = bench.act(vec![set_state(ProvisionVerb::Active)]).await;

    assert!(
        matches!(outcomes[..], [Outcome::Overtaken { .. }]),
        "{outcomes:?}"
    );
    assert_eq!(bench.count(PROVISION), 0);
    assert_eq!(
        bench.look(),
        Look::Pending,
        "it is read anew before the next plan"
    );
}

#[tokio::test]
async fn a_node_is_pending_after_a_change_and_called_when_it_was_read() {
    let mut bench = bench().await;
    let outcomes = bench.act(vec![set_state(ProvisionVerb::Manage)]).await;
    assert_eq!(outcomes, [Outcome::Done]);
    assert_eq!(bench.look(), Look::Pending);

    let called = loop {
        if let Some(Event::Changed(nodes)) = bench.events.next().await {
            break nodes;
        }
    };
    assert_eq!(called, [node()].into());
    let Look::Known(known) = bench.look() else {
        panic!("{:?}", bench.look());
    };
    assert_eq!(known.provision_state, Some(ProvisionState::Manageable));
}

#[tokio::test]
async fn what_ironic_answers_to_a_patch_is_known_at_once() {
    let bench = bench().await;
    let patch = Patch::new().add("/automated_clean", false);
    let update = Effect::UpdateNode {
        node: node(),
        patch,
        skips_cleaning: true,
    };
    assert_eq!(bench.act(vec![update]).await, [Outcome::Done]);
    let Look::Known(known) = bench.look() else {
        panic!("{:?}", bench.look());
    };
    assert_eq!(known.automated_clean, Some(false));
}

#[tokio::test]
async fn a_locked_node_ends_the_plan_and_is_no_failure() {
    let bench = bench().await;
    let locked = FaultKind::Locked(Duration::from_mins(1));
    bench.sim.inject(Fault::once(locked).on_kind(PROVISION));
    let effects = vec![
        set_state(ProvisionVerb::Manage),
        Effect::DeleteNode { node: node() },
    ];
    let outcomes = bench.act(effects).await;
    assert!(
        matches!(outcomes[..], [Outcome::Locked { .. }]),
        "{outcomes:?}"
    );
    assert_eq!(bench.count("DELETE /v1/nodes/{node}"), 0);
}

#[tokio::test]
async fn a_request_without_an_answer_is_sent_once_and_its_node_is_left_alone_for_a_while() {
    let bench = bench().await;
    bench
        .sim
        .inject(Fault::once(FaultKind::CutAfter).on_kind(PROVISION));
    let outcomes = bench.act(vec![set_state(ProvisionVerb::Manage)]).await;
    assert!(
        matches!(outcomes[..], [Outcome::Unavailable { .. }]),
        "{outcomes:?}"
    );
    assert_eq!(bench.count(PROVISION), 1);
    assert_eq!(bench.look(), Look::Pending);
}

#[tokio::test]
async fn a_refusal_of_what_an_earlier_request_did_is_no_failure() {
    let bench = bench().await;
    // As if the answer to the first had been lost.
    bench
        .sim
        .send(&SetProvisionState {
            node: node(),
            target: ProvisionVerb::Manage,
        })
        .unwrap();
    bench.sim.settle(Duration::from_mins(1));
    let outcomes = bench.act(vec![set_state(ProvisionVerb::Manage)]).await;
    assert!(
        matches!(outcomes[..], [Outcome::Overtaken { .. }]),
        "{outcomes:?}"
    );
}
