//! The watch on a simulated Ironic, in virtual time, and what it costs.

use std::collections::BTreeSet;
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::stream::BoxStream;
use ironic_sim::{Fault, FaultKind, Seed, SendError, Settings, Sim, State};
use ironic_types::calls::{
    CreatePort, DeleteNode, ListNodes, SetMaintenance, SetPowerState, SetProvisionState,
};
use ironic_types::{
    Call, Microversion, NewPort, NodeId, PowerState, PowerTarget, ProvisionState, ProvisionVerb,
    VersionRange,
};
use tokio::time::{Instant, sleep, timeout};

use crate::ask::Ask;
use crate::error::{ApiError, Error};
use crate::failure::Failure;
use crate::watch::{Event, Inventory, Look, Watch, WatchSettings};

const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_mins(1);

/// A simulator whose clock is Tokio's, which is paused.
#[derive(Clone)]
struct InVirtualTime {
    sim: Sim,
    began: Instant,
    /// What a real Ironic takes for a request.
    latency: Duration,
}

impl InVirtualTime {
    /// Lets in Ironic happen what is due.
    fn catch_up(&self) {
        let now = self.began.elapsed();
        self.sim.advance(now.saturating_sub(self.sim.now()));
    }
}

impl Ask for InVirtualTime {
    async fn ask<C: Call + Sync>(&self, call: &C) -> Result<C::Response, Error> {
        sleep(self.latency).await;
        self.catch_up();
        let answer = self.sim.send(call).map_err(|error| told(call, error));
        // A slow answer has moved the simulator's clock.
        sleep(self.sim.now().saturating_sub(self.began.elapsed())).await;
        answer
    }
}

/// The error that the client has for it.
fn told<C: Call>(call: &C, error: SendError) -> Error {
    match error {
        SendError::Refused { status, fault, .. } => Error::Api(Box::new(ApiError {
            call: C::NAME,
            method: call.method(),
            path: call.path(),
            status,
            request_id: None,
            fault,
        })),
        SendError::Version(source) => Error::Version {
            call: C::NAME,
            method: call.method(),
            path: call.path(),
            source,
        },
        other => Error::Transport {
            call: C::NAME,
            method: call.method(),
            path: call.path(),
            endpoint: "ironic.example:6385".to_owned(),
            failure: Failure::Lost,
            source: other.into(),
        },
    }
}

/// A fleet, and a watch that has read all of it.
struct Fleet {
    ironic: InVirtualTime,
    inventory: Inventory,
    events: BoxStream<'static, Event>,
}

impl Fleet {
    async fn of(count: u32, state: State, settings: Settings) -> Self {
        let sim = Sim::new(settings);
        let nodes = Some(state);
        sim.seed(&Seed {
            count,
            nodes,
            ..Seed::default()
        });
        let ironic = InVirtualTime {
            sim,
            began: Instant::now(),
            latency: Duration::from_millis(20),
        };
        let watch = Watch::new(
            ironic.clone(),
            WatchSettings::default(),
            fastrand::Rng::with_seed(7),
        );
        let inventory = watch.inventory.clone();
        let mut fleet = Self {
            ironic,
            inventory,
            events: watch.into_events().boxed(),
        };
        assert_eq!(fleet.next(SECOND).await, Some(Event::Synced));
        fleet
    }

    /// The next event, if there is one within this time.
    async fn next(&mut self, limit: Duration) -> Option<Event> {
        timeout(limit, self.events.next()).await.ok().flatten()
    }

    /// Lets the watch run for a time; which nodes it tells of.
    async fn run(&mut self, time: Duration) -> BTreeSet<NodeId> {
        let end = Instant::now() + time;
        let mut told = BTreeSet::new();
        while let Some(event) = self
            .next(end.saturating_duration_since(Instant::now()))
            .await
        {
            match event {
                Event::Changed(nodes) => told.extend(nodes),
                Event::Synced | Event::Lost { .. } => panic!("{event:?}"),
            }
        }
        told
    }

    /// Asks Ironic behind the watch's back.
    fn send<C: Call>(&self, call: &C) -> C::Response {
        self.ironic.catch_up();
        self.ironic.sim.send(call).unwrap()
    }

    /// How many requests there were since this was asked last.
    fn requests(&self) -> usize {
        let requests = self.ironic.sim.journal().entries().len();
        self.ironic.sim.clear_journal();
        requests
    }

    fn state(&self, node: NodeId) -> Option<ProvisionState> {
        match self.inventory.look(node) {
            Look::Known(node) => node.provision_state.clone(),
            Look::Pending | Look::Unknown | Look::Lost { .. } => None,
        }
    }
}

fn node(index: u32) -> NodeId {
    Seed::uuid(index).parse().unwrap()
}

fn quiet() -> Settings {
    // No power sync: nothing happens but what a test does.
    Settings {
        power_sync: None,
        ..Settings::default()
    }
}

#[tokio::test(start_paused = true)]
async fn an_idle_fleet_of_a_thousand_nodes_costs_no_more_than_eight_requests_a_minute() {
    let mut fleet = Fleet::of(1000, State::Active, quiet()).await;
    fleet.run(MINUTE).await;
    fleet.requests();
    let told = fleet.run(30 * MINUTE).await;
    assert_eq!(told, BTreeSet::new());
    let requests = fleet.requests();
    assert!(
        (150..=8 * 30).contains(&requests),
        "{requests} in half an hour"
    );
}

#[tokio::test(start_paused = true)]
async fn what_others_change_is_told_within_ten_seconds_or_so() {
    let mut fleet = Fleet::of(3, State::Active, quiet()).await;
    fleet.run(17 * SECOND).await;
    fleet.send(&SetMaintenance {
        node: node(1),
        reason: None,
    });
    let told = fleet.next(12 * SECOND).await;
    assert_eq!(told, Some(Event::Changed([node(1)].into())));
}

#[tokio::test(start_paused = true)]
async fn a_node_on_its_way_is_followed_within_two_seconds_at_a_request_a_second() {
    let mut fleet = Fleet::of(50, State::Available, quiet()).await;
    fleet.run(MINUTE).await;
    fleet.requests();
    let moved = node(7);
    fleet.send(&SetProvisionState {
        node: moved,
        target: ProvisionVerb::Manage,
    });
    fleet.inventory.touch(moved);
    assert_eq!(fleet.inventory.look(moved), Look::Pending);
    let began = Instant::now();
    let told = fleet.next(2 * SECOND).await;
    assert_eq!(told, Some(Event::Changed([moved].into())));
    assert_eq!(fleet.state(moved), Some(ProvisionState::Manageable));

    // Through every state in which it stays a while.
    fleet.send(&SetProvisionState {
        node: moved,
        target: ProvisionVerb::Provide,
    });
    fleet.inventory.touch(moved);
    let mut seen = Vec::new();
    let mut late = Duration::ZERO;
    let mut since = None;
    while seen.last() != Some(&ProvisionState::CleanWait) && began.elapsed() < MINUTE {
        sleep(SECOND / 10).await;
        fleet.ironic.catch_up();
        let real = fleet.ironic.sim.send(&ListNodes::default()).unwrap().items;
        let real = real.into_iter().find(|node| node.uuid == moved).unwrap();
        fleet.next(Duration::ZERO).await;
        if fleet.state(moved) == real.provision_state {
            since = None;
            let state = real.provision_state.unwrap();
            if seen.last() != Some(&state) {
                seen.push(state);
            }
        } else {
            late = late.max(since.get_or_insert_with(Instant::now).elapsed());
        }
    }
    assert_eq!(seen.last(), Some(&ProvisionState::CleanWait), "{seen:?}");
    assert!(late <= 2 * SECOND, "{late:?}");
}

#[tokio::test(start_paused = true)]
async fn following_a_node_costs_a_request_a_second_at_most() {
    let mut fleet = Fleet::of(50, State::CleanWait, quiet()).await;
    fleet.run(MINUTE).await;
    fleet.requests();
    fleet.run(10 * MINUTE).await;
    let requests = fleet.requests();
    assert!((250..=600).contains(&requests), "{requests} in ten minutes");
}

#[tokio::test(start_paused = true)]
async fn in_a_large_fleet_a_node_is_followed_by_its_state_and_found_where_it_went() {
    let settings = Settings {
        max_limit: 100,
        ..quiet()
    };
    let mut fleet = Fleet::of(2000, State::Available, settings).await;
    fleet.run(2 * MINUTE).await;
    fleet.requests();
    let moved = node(1999);
    fleet.send(&SetPowerState {
        node: moved,
        target: PowerTarget::On,
        timeout: None,
    });
    fleet.inventory.touch(moved);
    let mut on = false;
    let began = Instant::now();
    while !on && began.elapsed() < MINUTE {
        let told = fleet.next(MINUTE).await;
        assert_eq!(told, Some(Event::Changed([moved].into())));
        on = matches!(
            fleet.inventory.look(moved),
            Look::Known(node) if node.power_state == Some(PowerState::On)
        );
    }
    assert!(on && began.elapsed() < 10 * SECOND, "{:?}", began.elapsed());
    let lists = fleet.ironic.sim.journal().count("GET /v1/nodes");
    assert!(lists <= 20, "one look at all at most, but {lists} pages");
}

#[tokio::test(start_paused = true)]
async fn a_node_that_is_left_alone_for_a_while_is_read_when_that_is_over() {
    let settings = Settings {
        max_limit: 100,
        ..quiet()
    };
    let mut fleet = Fleet::of(600, State::Active, settings).await;
    fleet.run(2 * MINUTE).await;
    fleet.inventory.touch_for(node(5), 10 * SECOND);
    assert_eq!(fleet.run(9 * SECOND).await, BTreeSet::new());
    assert_eq!(fleet.run(3 * SECOND).await, [node(5)].into());
}

#[tokio::test(start_paused = true)]
async fn a_large_fleet_is_followed_in_time_and_ironic_has_half_of_its_time_for_others() {
    let settings = Settings {
        max_limit: 100,
        ..quiet()
    };
    let mut fleet = Fleet::of(600, State::Available, settings).await;
    for index in 0..20 {
        let target = ProvisionVerb::Provide;
        let node = node(index);
        fleet.send(&SetProvisionState {
            node,
            target: ProvisionVerb::Manage,
        });
        fleet.run(Duration::ZERO).await;
        fleet.send(&SetProvisionState { node, target });
    }
    fleet.run(3 * MINUTE).await;
    // They wait for a ramdisk that never comes: a quiet fleet.
    fleet.requests();
    fleet.run(10 * MINUTE).await;
    let requests = fleet.requests();
    assert!((250..=600).contains(&requests), "{requests} in ten minutes");
    fleet.send(&SetMaintenance {
        node: node(3),
        reason: None,
    });
    let told = fleet.next(3 * SECOND).await;
    assert_eq!(told, Some(Event::Changed([node(3)].into())));
}

#[tokio::test(start_paused = true)]
async fn a_node_that_comes_and_one_that_goes_are_told() {
    let mut fleet = Fleet::of(3, State::Available, quiet()).await;
    fleet.send(&DeleteNode { node: node(2) });
    let seed = Seed {
        count: 5,
        nodes: Some(State::Available),
        ..Seed::default()
    };
    fleet.ironic.sim.seed(&seed);
    let told = fleet.run(15 * SECOND).await;
    assert!(told.is_superset(&[node(3), node(4)].into()), "{told:?}");
}

#[tokio::test(start_paused = true)]
async fn an_ironic_that_fails_is_told_once_and_everything_is_read_when_it_is_back() {
    let mut fleet = Fleet::of(3, State::Active, quiet()).await;
    fleet.run(MINUTE).await;
    fleet
        .ironic
        .sim
        .inject(Fault::once(FaultKind::Status(503)).always());
    assert!(matches!(
        fleet.next(15 * SECOND).await,
        Some(Event::Lost { .. })
    ));
    assert!(matches!(fleet.inventory.look(node(1)), Look::Lost { .. }));
    fleet.requests();
    assert_eq!(fleet.next(10 * MINUTE).await, None, "told once");
    let requests = fleet.requests();
    assert!((15..=30).contains(&requests), "{requests} in ten minutes");

    fleet.ironic.sim.clear_faults();
    assert_eq!(fleet.next(35 * SECOND).await, Some(Event::Synced));
    assert_eq!(fleet.state(node(1)), Some(ProvisionState::Active));
    fleet.run(5 * SECOND).await;
    let counts = fleet.ironic.sim.journal().counts();
    for list in [
        "GET /v1/ports",
        "GET /v1/volume/connectors",
        "GET /v1/volume/targets",
    ] {
        assert!(counts.contains_key(list), "{list} is read anew: {counts:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_failure_about_one_node_is_no_failure_of_ironic() {
    let settings = Settings {
        max_limit: 100,
        ..quiet()
    };
    let mut fleet = Fleet::of(2000, State::Active, settings).await;
    fleet.run(2 * MINUTE).await;
    let fault = Fault::once(FaultKind::Status(500)).on_kind("GET /v1/nodes/{node}");
    fleet.ironic.sim.inject(fault.always());
    fleet.inventory.touch(node(5));
    assert_eq!(
        fleet.run(10 * SECOND).await,
        [node(5)].into(),
        "and never lost"
    );
}

#[tokio::test(start_paused = true)]
async fn a_lost_database_is_a_change_of_all_nodes() {
    let mut fleet = Fleet::of(3, State::Active, quiet()).await;
    fleet.ironic.sim.lose_database();
    let told = fleet.run(15 * SECOND).await;
    assert_eq!(told, [node(0), node(1), node(2)].into());
    assert_eq!(fleet.inventory.look(node(0)), Look::Unknown);
}

#[tokio::test(start_paused = true)]
async fn a_slow_ironic_is_asked_no_more_than_half_of_the_time() {
    let mut fleet = Fleet::of(3, State::CleanWait, quiet()).await;
    fleet.run(MINUTE).await;
    fleet
        .ironic
        .sim
        .inject(Fault::once(FaultKind::Slow(5 * SECOND)).always());
    fleet.requests();
    fleet.run(10 * MINUTE).await;
    let requests = fleet.requests();
    assert!((50..=61).contains(&requests), "{requests} in ten minutes");
}

#[tokio::test(start_paused = true)]
async fn a_change_of_what_a_node_has_is_told_within_minutes() {
    let mut fleet = Fleet::of(3, State::Active, quiet()).await;
    fleet.run(MINUTE).await;
    let port = NewPort {
        node_uuid: node(1),
        address: "52:54:00:00:00:99".to_owned(),
        pxe_enabled: Some(true),
        ..NewPort::default()
    };
    fleet.send(&CreatePort { port });
    assert_eq!(fleet.run(6 * MINUTE).await, [node(1)].into());
    assert_eq!(
        fleet
            .inventory
            .known_ports(node(1))
            .map(|ports| ports.len()),
        Some(2)
    );
}

/// Removes the node that the first page of the next list ends with, between the pages.
struct Removing {
    ironic: InVirtualTime,
    last_of_page: std::sync::Mutex<Option<NodeId>>,
}

impl Ask for Removing {
    async fn ask<C: Call + Sync>(&self, call: &C) -> Result<C::Response, Error> {
        let is_second_page = call.query().iter().any(|(name, _)| *name == "marker");
        let gone = self
            .last_of_page
            .lock()
            .unwrap()
            .take_if(|_| is_second_page);
        if let Some(node) = gone {
            self.ironic.sim.send(&DeleteNode { node }).unwrap();
        }
        self.ironic.ask(call).await
    }
}

#[tokio::test(start_paused = true)]
async fn a_field_that_ironic_is_too_old_for_is_left_out_and_the_rest_is_read() {
    let versions = VersionRange {
        max: Microversion::v1(95),
        ..quiet().versions
    };
    let sim = Sim::new(Settings {
        versions,
        ..quiet()
    });
    sim.seed(&Seed {
        count: 2,
        nodes: Some(State::Available),
        ..Seed::default()
    });
    let ironic = InVirtualTime {
        sim,
        began: Instant::now(),
        latency: Duration::ZERO,
    };
    let settings = WatchSettings {
        fields: &[
            "uuid",
            "provision_state",
            "target_power_state",
            "disable_power_off",
            "health",
        ],
        dispensable_fields: 2,
        ..WatchSettings::default()
    };
    let watch = Watch::new(ironic, settings, fastrand::Rng::with_seed(7));
    let inventory = watch.inventory.clone();
    let mut events = watch.into_events().boxed();
    assert_eq!(events.next().await, Some(Event::Synced));
    let Look::Known(known) = inventory.look(node(1)) else {
        panic!("the node was not read")
    };
    assert_eq!(
        (known.disable_power_off, known.health.clone()),
        (Some(false), None)
    );
}

#[tokio::test(start_paused = true)]
async fn a_list_that_loses_its_marker_is_begun_anew_and_nothing_is_lost() {
    let settings = Settings {
        max_limit: 2,
        ..quiet()
    };
    let sim = Sim::new(settings);
    let seed = Seed {
        count: 5,
        nodes: Some(State::Available),
        ..Seed::default()
    };
    sim.seed(&seed);
    let ironic = InVirtualTime {
        sim,
        began: Instant::now(),
        latency: Duration::ZERO,
    };
    let last_of_page = std::sync::Mutex::new(Some(node(1)));
    let removing = Removing {
        ironic,
        last_of_page,
    };
    let watch = Watch::new(
        removing,
        WatchSettings::default(),
        fastrand::Rng::with_seed(7),
    );
    let inventory = watch.inventory.clone();
    let mut events = watch.into_events().boxed();
    let event = timeout(5 * SECOND, events.next()).await.unwrap();
    assert_eq!(event, Some(Event::Synced));
    assert_eq!(inventory.look(node(1)), Look::Unknown);
    assert!(matches!(inventory.look(node(4)), Look::Known(_)));
}
