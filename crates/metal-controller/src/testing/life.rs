//! The world of one test: a Kubernetes, an Ironic with a machine, and the operator between them.

use std::sync::Arc;
use std::time::Duration;

use ironic_sim::{Credentials, Delays, FaultKind, Machine, Seed, Settings, Sim, State, Strangers};
use jiff::Timestamp;
use metal_plan::{Plan, Step, Wait};
use secrecy::SecretString;
use serde_json::{Value, json};
use tokio::time::Instant;
use tracing::subscriber::DefaultGuard;

use super::host::{self, BMC_SECRET, ISCSI_SECRET, NAME, NAMESPACE};
use super::ironic::Door;
use super::kubernetes::{Kubernetes, Trouble};
use super::logs::Logs;
use super::objects::{Key, Part};
use super::operator::{Operator, Went, assert_readable};
use super::picture;
use super::stop::Stop;
use super::witness::Witness;
use crate::clock::Clock;

/// The simulator's own beginning of time.
const EPOCH: Timestamp = Timestamp::constant(1_767_225_600, 0);

/// When nothing has changed for so long, nothing will: longer than anybody waits for anything here.
const QUIET: Duration = Duration::from_mins(6);

/// No life may take longer to come to rest, back-off included.
const LONGEST: Duration = Duration::from_hours(24);

/// Nor more passes.
const MOST_PASSES: usize = 3000;

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
    _logging: DefaultGuard,
}

impl Life {
    /// A machine behind its BMC, the Secrets for it, and neither a host nor a node.
    pub(crate) fn begin() -> Self {
        Self::with(|_| {})
    }

    /// The same, with an Ironic of other settings.
    pub(crate) fn with(change: impl FnOnce(&mut Settings)) -> Self {
        drop(rustls::crypto::ring::default_provider().install_default());
        // The watch's jitter is the same in each run.
        fastrand::seed(7);
        let (logs, logging) = Logs::capture();
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

    // What users do.

    /// Creates the host, without waiting.
    pub(crate) fn start(&mut self, host: &Value) -> &mut Self {
        self.witness.tell("the host is created");
        let name = host["metadata"]["name"].as_str().unwrap_or(NAME);
        let stored = self.kubernetes.create(&key_of(name), host.clone());
        assert_readable(&stored);
        self
    }

    /// Merges this into the host, without waiting.
    pub(crate) fn start_patch(&mut self, patch: &Value) -> &mut Self {
        self.witness.tell(format!("the host is patched: {patch}"));
        self.edit(&key(), patch);
        self
    }

    /// Deletes the host, without waiting.
    pub(crate) fn start_deletion(&mut self) -> &mut Self {
        self.witness.tell("the host is deleted");
        self.kubernetes.delete(&key());
        self
    }

    /// Creates the host, and waits until all is quiet.
    pub(crate) async fn create(&mut self, host: Value) -> &mut Self {
        self.start(&host).settle().await
    }

    /// Merges this into the host, and waits.
    pub(crate) async fn patch(&mut self, patch: Value) -> &mut Self {
        self.start_patch(&patch).settle().await
    }

    /// Merges this into `spec`, and waits.
    pub(crate) async fn spec(&mut self, patch: Value) -> &mut Self {
        self.patch(json!({ "spec": patch })).await
    }

    /// Sets an annotation, or with null removes it, and waits.
    pub(crate) async fn annotate(&mut self, name: &str, value: impl Into<Value>) -> &mut Self {
        let value: Value = value.into();
        self.patch(json!({"metadata": {"annotations": {name: value}}}))
            .await
    }

    /// Takes the volume from the host, and waits.
    pub(crate) async fn release(&mut self) -> &mut Self {
        self.spec(json!({"bootVolume": null})).await
    }

    /// Deletes the host, and waits.
    pub(crate) async fn delete(&mut self) -> &mut Self {
        self.start_deletion().settle().await
    }

    /// Removes a Secret, without waiting.
    pub(crate) fn remove_secret(&mut self, name: &str) -> &mut Self {
        self.witness.tell(format!("Secret {name} is removed"));
        self.kubernetes.delete(&secret(name));
        self
    }

    /// Puts the BMC's Secret there, or another password into it, without waiting.
    pub(crate) fn bmc_secret(&mut self, password: &str) -> &mut Self {
        self.put_secret(BMC_SECRET, host::bmc_secret(password), password)
    }

    /// Puts the volume's Secret there, or another password into it, without waiting.
    pub(crate) fn iscsi_secret(&mut self, password: &str) -> &mut Self {
        self.put_secret(ISCSI_SECRET, host::iscsi_secret(password), password)
    }

    fn put_secret(&mut self, name: &str, content: Value, password: &str) -> &mut Self {
        self.witness.tell(format!("Secret {name} is written"));
        self.passwords.push(password.to_owned());
        let key = secret(name);
        if self.kubernetes.get(&key).is_some() {
            self.edit(&key, &json!({"data": content["data"]}));
        } else {
            self.kubernetes.create(&key, content);
        }
        self
    }

    fn edit(&self, key: &Key, patch: &Value) {
        self.kubernetes
            .edit(key, Part::Main, |object| json_patch::merge(object, patch));
    }

    /// Loses the host's status, as a backup does, without waiting.
    pub(crate) fn lose_status(&mut self) -> &mut Self {
        self.witness.tell("the status is lost");
        self.kubernetes
            .edit(&key(), Part::Status, |host| host["status"] = Value::Null);
        self
    }

    // What happens to machines and to Ironic.

    /// Changes the machine behind its BMC.
    pub(crate) fn machine(&mut self, change: impl FnOnce(&mut Machine)) -> &mut Self {
        self.door.catch_up();
        let found = self
            .sim
            .change_machine(&Seed::default().address, &Seed::system(0), change);
        assert!(found);
        self
    }

    /// Ironic's database is empty from now on.
    pub(crate) fn lose_database(&mut self) -> &mut Self {
        self.witness.tell("Ironic loses its database");
        self.door.catch_up();
        self.sim.lose_database();
        self
    }

    /// Puts the host's node into a state by hand.
    pub(crate) fn put_node(&mut self, state: State) -> &mut Self {
        self.witness
            .tell(format!("the node is put into the state {state}"));
        self.door.catch_up();
        assert!(self.sim.put_node(&node_name(), state));
        self
    }

    /// Ironic starts anew: what it was doing has failed.
    pub(crate) fn restart_ironic(&mut self) -> &mut Self {
        self.witness.tell("Ironic starts anew");
        self.door.catch_up();
        self.sim.restart();
        self
    }

    /// The request with this number goes wrong.
    pub(crate) fn fault(&mut self, request: usize, kind: FaultKind) -> &mut Self {
        self.door.fault(request, kind);
        self
    }

    /// The write with this number goes wrong.
    pub(crate) fn trouble(&mut self, write: usize, trouble: Trouble) -> &mut Self {
        self.kubernetes.trouble(write, trouble);
        self
    }

    /// The operator is killed after this, and started again.
    pub(crate) fn stop_at(&mut self, stop: Stop) -> &mut Self {
        match stop {
            Stop::Request(number) => self.door.stopper().arm(number),
            Stop::Write(number) => self.kubernetes.stopper().arm(number),
        }
        self
    }

    /// The operator is killed again and again, each time after so many more requests.
    pub(crate) fn stop_every(&mut self, requests: usize) -> &mut Self {
        self.door.stopper().arm_every(requests);
        self
    }

    /// Whether the operator is still to be killed.
    pub(crate) fn is_stop_due(&self) -> bool {
        self.door.stopper().is_armed() || self.kubernetes.stopper().is_armed()
    }

    /// Kills the operator. The next wait begins with a new one.
    pub(crate) fn stop(&mut self) -> &mut Self {
        self.witness.tell("the operator is stopped");
        self.operator = None;
        self
    }

    // Time.

    /// Lets everybody work until nothing changes any more.
    ///
    /// That is when nothing was written and nothing was going on for longer than any wait lasts, and
    /// no attempt is about to be repeated; or when an attempt has failed too often to end otherwise.
    pub(crate) async fn settle(&mut self) -> &mut Self {
        let limit = Instant::now() + LONGEST;
        let most_passes = self.witness.passes() + MOST_PASSES;
        let mut quiet_since = Instant::now();
        let mut before = self.mark();
        while quiet_since.elapsed() < QUIET || self.is_coming_back() {
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
    fn is_coming_back(&self) -> bool {
        self.witness.hosts().iter().any(|name| {
            let host = self.host_named(name);
            let errors = host["status"]["errorCount"].as_i64().unwrap_or_default();
            let plan = self.witness.last_plan(name);
            let waits =
                plan.is_some_and(|plan| matches!(plan.step, Step::Wait(Wait::BackOff { .. })));
            waits && !host.is_null() && errors < GIVEN_UP
        })
    }

    // What there is to see.

    /// The host; null once it is gone.
    pub(crate) fn host(&self) -> Value {
        self.host_named(NAME)
    }

    /// Another host than the usual one; null once it is gone.
    pub(crate) fn host_named(&self, name: &str) -> Value {
        self.kubernetes.get(&key_of(name)).unwrap_or_default()
    }

    pub(crate) fn is_gone(&self) -> bool {
        self.host().is_null()
    }

    /// The host's state; `gone` once it is.
    pub(crate) fn state(&self) -> String {
        if self.is_gone() {
            return "gone".to_owned();
        }
        let state = &self.host()["status"]["provisioning"]["state"];
        state.as_str().unwrap_or_default().to_owned()
    }

    /// The host's `status.errorMessage`.
    pub(crate) fn error(&self) -> String {
        let message = &self.host()["status"]["errorMessage"];
        message.as_str().unwrap_or_default().to_owned()
    }

    /// The host's node; null if there is none.
    pub(crate) fn node(&self) -> Value {
        self.door.look(&format!("/v1/nodes/{}", node_name()))
    }

    /// The node's provision state; `none` if there is no node.
    pub(crate) fn node_state(&self) -> String {
        let node = self.node();
        node["provision_state"]
            .as_str()
            .unwrap_or("none")
            .to_owned()
    }

    /// The last plan.
    pub(crate) fn plan(&self) -> Option<Plan> {
        self.witness.last_plan(NAME)
    }

    /// Whether the machine is on.
    pub(crate) fn is_on(&self) -> bool {
        let machine = self.sim.machine(&Seed::default().address, &Seed::system(0));
        machine.unwrap().power == ironic_sim::Power::On
    }

    /// The reasons of all events, in order.
    pub(crate) fn event_reasons(&self) -> Vec<String> {
        let events = self.kubernetes.events();
        let reasons = events
            .iter()
            .map(|event| event["reason"].as_str().unwrap_or_default());
        reasons.map(str::to_owned).collect()
    }

    /// Where everything stands, without what differs from run to run.
    pub(crate) fn picture(&self) -> Value {
        json!({
            "host": if self.is_gone() { Value::Null } else { picture::of_host(&self.host()) },
            "ironic": picture::of_ironic(&self.door),
            "isOn": self.is_on(),
        })
    }

    /// Everything stands as it did.
    #[track_caller]
    pub(crate) fn expect_picture(&mut self, wanted: &Value) -> &mut Self {
        let found = self.picture();
        assert!(
            found == *wanted,
            "it differs: {:#}",
            picture::difference(&found, wanted)
        );
        self
    }

    #[track_caller]
    pub(crate) fn expect_state(&mut self, state: &str) -> &mut Self {
        let error = self.error();
        assert_eq!(self.state(), state, "{error}");
        self
    }

    #[track_caller]
    pub(crate) fn expect_node(&mut self, state: &str) -> &mut Self {
        assert_eq!(self.node_state(), state);
        self
    }

    #[track_caller]
    pub(crate) fn expect_error(&mut self, words: &str) -> &mut Self {
        let error = self.error();
        assert!(error.contains(words), "{error:?} lacks {words:?}");
        self
    }

    #[track_caller]
    pub(crate) fn expect_no_error(&mut self) -> &mut Self {
        let status = &self.host()["status"];
        assert_eq!(
            (&status["errorType"], &status["errorCount"]),
            (&Value::Null, &json!(0)),
            "{}",
            self.error()
        );
        self
    }

    /// Nobody waits in secret, but for a node that is busy.
    #[track_caller]
    pub(crate) fn expect_visible_or_busy(&mut self) -> &mut Self {
        let step = self.plan().map(|plan| plan.step);
        match step {
            Some(Step::Wait(Wait::NodeBusy { .. } | Wait::PowerChanging { .. })) => self,
            _ => self.expect_visible(),
        }
    }

    /// Nobody waits in secret: who waits says for what.
    #[track_caller]
    pub(crate) fn expect_visible(&mut self) -> &mut Self {
        let plan = self.plan();
        let is_told = !self.error().is_empty() || self.has_condition_with_reason();
        let waits = plan
            .as_ref()
            .is_some_and(|plan| matches!(plan.step, Step::Wait(_)));
        assert!(
            self.is_gone() || !waits || is_told,
            "a wait that nobody sees: {}",
            plan.map(|plan| plan.to_string()).unwrap_or_default()
        );
        self
    }

    /// A deletion came to its end, or the host says what keeps it.
    #[track_caller]
    pub(crate) fn expect_gone_or_told(&mut self) -> &mut Self {
        assert!(
            self.is_gone() || !self.error().is_empty(),
            "it stays in {}, and nobody knows why",
            self.state()
        );
        self
    }

    /// Whether a condition says in words why something is not so, or is going on.
    fn has_condition_with_reason(&self) -> bool {
        let host = self.host();
        let conditions = host["status"]["conditions"]
            .as_array()
            .into_iter()
            .flatten();
        conditions.into_iter().any(|condition| {
            let message = condition["message"].as_str().unwrap_or_default();
            condition["type"] != "BootVolumeReady" && !message.is_empty()
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
    #[expect(clippy::print_stderr, reason = "a test that fails tells what happened")]
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("{}", self.witness.story(self.began));
        }
    }
}

fn key() -> Key {
    key_of(NAME)
}

fn key_of(host: &str) -> Key {
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

fn planner_settings() -> metal_plan::Settings {
    metal_plan::Settings {
        soft_power_off_timeout: Duration::from_mins(1),
        deploy_kernel: "http://192.0.2.1/kernel".to_owned(),
        deploy_ramdisk: "http://192.0.2.1/ramdisk".to_owned(),
        max_provisioning_retries: 5,
    }
}
