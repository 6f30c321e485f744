//! The world of one test: a Kubernetes, an Ironic with a machine, and the operator between them.

use std::sync::Arc;
use std::time::Duration;

use ironic_sim::{Credentials, Delays, Seed, Settings, Sim, Strangers};
use jiff::Timestamp;
use metal_plan::{Step, Wait};
use secrecy::SecretString;
use tokio::time::Instant;
use tracing::subscriber::DefaultGuard;

use super::host::{self, BMC_SECRET, ISCSI_SECRET, NAME, NAMESPACE};
use super::ironic::Door;
use super::kubernetes::Kubernetes;
use super::logs::Logs;
use super::objects::Key;
use super::operator::{Operator, Went};
use super::witness::Witness;
use crate::clock::Clock;

mod acts;
mod consumer;
mod crowd;
mod moves;
mod sights;

/// The simulator's own beginning of time.
const EPOCH: Timestamp = Timestamp::constant(1_767_225_600, 0);

/// When nothing has changed for so long, nothing will: longer than anybody waits for anything here.
const QUIET: Duration = Duration::from_mins(6);

/// No life may take longer to come to rest, back-off included.
const LONGEST: Duration = Duration::from_hours(24);

/// Nor more passes.
const MOST_PASSES: usize = 3000;

/// Where the Leases of volumes are.
const LEASES: &str = "ironboot-system";

/// So many errors in a row, and it is known how the next attempt ends.
const GIVEN_UP: i64 = 5;

/// A world. When a test fails in it, it tells its story.
pub(crate) struct Life {
    pub(crate) kubernetes: Kubernetes,
    pub(crate) sim: Sim,
    pub(crate) door: Arc<Door>,
    pub(crate) witness: Witness,
    operator: Option<Operator>,
    clock: Clock,
    began: Instant,
    logs: Logs,
    /// What must be nowhere but in Secrets.
    passwords: Vec<String>,
    /// Whether nobody wants to hear its story.
    pub(crate) is_silent: bool,
    _logging: DefaultGuard,
}

impl Life {
    /// A machine behind its BMC, the Secrets for it, and neither a host nor a node.
    pub(crate) fn begin() -> Self {
        Self::with(|_| {})
    }

    /// The same, with an Ironic of other settings.
    pub(crate) fn with(change: impl FnOnce(&mut Settings)) -> Self {
        Self::logged(change, Logs::capture())
    }

    fn logged(change: impl FnOnce(&mut Settings), (logs, logging): (Logs, DefaultGuard)) -> Self {
        drop(rustls::crypto::ring::default_provider().install_default());
        // The watch's jitter is the same in each run.
        fastrand::seed(7);
        let began = Instant::now();
        let clock = Clock::Virtual {
            began,
            epoch: EPOCH,
        };
        let mut settings = settings();
        change(&mut settings);
        let sim = Sim::new(settings);
        sim.seed(&Seed {
            credentials: Credentials {
                username: host::BMC_USER.to_owned(),
                password: SecretString::from(host::BMC_PASSWORD),
            },
            ..Seed::default()
        });
        let life = Self {
            kubernetes: Kubernetes::new(clock),
            door: Door::new(sim.clone(), began),
            sim,
            witness: Witness::default(),
            operator: None,
            clock,
            began,
            logs,
            passwords: vec![
                host::BMC_PASSWORD.to_owned(),
                host::ISCSI_PASSWORD.to_owned(),
            ],
            is_silent: false,
            _logging: logging,
        };
        life.kubernetes
            .create(&secret(BMC_SECRET), host::bmc_secret(host::BMC_PASSWORD));
        life.kubernetes.create(
            &secret(ISCSI_SECRET),
            host::iscsi_secret(host::ISCSI_PASSWORD),
        );
        life
    }

    /// Lets everybody work until nothing changes any more.
    ///
    /// That is when nothing was written and nothing was going on for longer than any wait lasts, and
    /// no attempt is about to be repeated; or when an attempt has failed too often to end otherwise.
    pub(crate) async fn settle(&mut self) -> &mut Self {
        self.settle_unless(GIVEN_UP).await
    }

    /// The same, but for hosts that have failed so often.
    async fn settle_unless(&mut self, given_up: i64) -> &mut Self {
        let limit = Instant::now() + LONGEST;
        let most_passes = self.witness.passes() + MOST_PASSES;
        let mut quiet_since = Instant::now();
        let mut before = self.mark();
        while quiet_since.elapsed() < QUIET || self.is_coming_back(given_up) {
            self.step(Instant::now() + QUIET).await;
            let now = self.mark();
            if now != before || self.sim.next_event().is_some() {
                quiet_since = Instant::now();
                before = now;
            }
            assert!(Instant::now() < limit, "no end within {LONGEST:?}");
            assert!(
                self.witness.passes() < most_passes,
                "no end within {MOST_PASSES} passes"
            );
        }
        self.assert_no_secret_told();
        self
    }

    /// Lets everybody work for a time.
    pub(crate) async fn run_for(&mut self, time: Duration) -> &mut Self {
        let end = Instant::now() + time;
        while Instant::now() < end {
            self.step(end).await;
        }
        self
    }

    pub(crate) async fn run_until_node_is(&mut self, state: &str) -> &mut Self {
        self.run_until(|life| life.node_state() == state).await
    }

    pub(crate) async fn run_until_state_is(&mut self, state: &str) -> &mut Self {
        self.run_until(|life| life.state() == state).await
    }

    async fn run_until(&mut self, is_reached: impl Fn(&Self) -> bool) -> &mut Self {
        let end = Instant::now() + LONGEST;
        while !is_reached(self) {
            assert!(Instant::now() < end, "not reached");
            self.step(end).await;
        }
        self
    }

    async fn step(&mut self, until: Instant) {
        let operator = self.operator.get_or_insert_with(|| {
            Operator::start(
                &self.kubernetes,
                &self.door,
                planner_settings(),
                self.clock,
                self.witness.clone(),
            )
        });
        if operator.step(until).await == Went::Stopped {
            self.stop();
        }
        self.door.catch_up();
    }

    /// What changes when anything is done.
    fn mark(&self) -> (u64, usize) {
        (self.kubernetes.version(), self.door.changes())
    }

    /// Whether an attempt is to be repeated, and may end otherwise.
    fn is_coming_back(&self, given_up: i64) -> bool {
        self.witness.hosts().iter().any(|name| {
            let host = self.host_named(name);
            let errors = host["status"]["errorCount"].as_i64().unwrap_or_default();
            let plan = self.witness.last_plan(name);
            let waits =
                plan.is_some_and(|plan| matches!(plan.step, Step::Wait(Wait::BackOff { .. })));
            waits && !host.is_null() && errors < given_up
        })
    }

    #[track_caller]
    fn assert_no_secret_told(&self) {
        let mut told: Vec<(String, String)> = self
            .kubernetes
            .everything()
            .into_iter()
            .filter(|(key, _)| key.plural != "secrets")
            .map(|(key, object)| (format!("{key:?}"), object.to_string()))
            .collect();
        let events = self.kubernetes.events();
        told.extend(
            events
                .iter()
                .map(|event| ("an event".to_owned(), event.to_string())),
        );
        told.push(("the log".to_owned(), self.logs.take()));
        for (place, text) in told {
            for password in &self.passwords {
                assert!(!text.contains(password), "a password is in {place}: {text}");
            }
        }
    }
}

impl Drop for Life {
    fn drop(&mut self) {
        if std::thread::panicking() && !self.is_silent {
            eprintln!("{}", self.witness.story(self.began));
        }
    }
}

fn key() -> Key {
    key_of(NAME)
}

/// Where a host is.
pub(crate) fn key_of(host: &str) -> Key {
    Key {
        plural: "baremetalhosts".to_owned(),
        namespace: NAMESPACE.to_owned(),
        name: host.to_owned(),
    }
}

fn secret(name: &str) -> Key {
    Key {
        plural: "secrets".to_owned(),
        namespace: NAMESPACE.to_owned(),
        name: name.to_owned(),
    }
}

/// The key of the installation.
fn key_secret() -> Key {
    Key {
        plural: "secrets".to_owned(),
        namespace: "ironboot-system".to_owned(),
        name: metal_api::names::FINGERPRINT_KEY_SECRET.to_owned(),
    }
}

fn node_name() -> String {
    metal_plan::node_name(NAMESPACE, NAME)
}

/// An Ironic that boots ramdisks, and knows no machines but its own.
fn settings() -> Settings {
    Settings {
        ramdisk_agent: true,
        strangers: Strangers::Absent,
        delays: Delays {
            ramdisk: Duration::from_mins(1),
            callback_timeout: Duration::from_mins(4),
            ..Delays::default()
        },
        ..Settings::default()
    }
}

pub(crate) fn planner_settings() -> metal_plan::Settings {
    metal_plan::Settings {
        soft_power_off_timeout: Duration::from_mins(1),
        deploy_kernel: "http://192.0.2.1/kernel".to_owned(),
        deploy_ramdisk: "http://192.0.2.1/ramdisk".to_owned(),
        max_provisioning_retries: 5,
        provisioning_limit: 20,
        volume_lease_namespace: LEASES.to_owned(),
    }
}
