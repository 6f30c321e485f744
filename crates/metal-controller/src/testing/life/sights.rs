//! What there is to see, and what a test expects of it.

use ironic_sim::{Boot, Seed, Slot};
use metal_plan::{Plan, Step, Wait};
use secrecy::ExposeSecret;
use serde_json::{Value, json};

use super::{Life, key_of, node_name};
use crate::testing::host::NAME;
use crate::testing::picture;

impl Life {
    /// The host; null once it is gone.
    pub(crate) fn host(&self) -> Value {
        self.host_named(NAME)
    }

    /// Another host than the usual one; null once it is gone.
    pub(crate) fn host_named(&self, name: &str) -> Value {
        self.kubernetes.get(&key_of(name)).unwrap_or_default()
    }

    /// A Secret; null once it is gone.
    pub(crate) fn secret(&self, name: &str) -> Value {
        self.kubernetes
            .get(&super::secret(name))
            .unwrap_or_default()
    }

    /// The Secret with the key of the installation.
    pub(crate) fn key(&self) -> Value {
        self.kubernetes
            .get(&super::key_secret())
            .unwrap_or_default()
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

    /// What the machine would boot if it were switched on.
    pub(crate) fn boot(&self) -> Option<Boot> {
        self.sim.boot(&node_name())
    }

    /// The password with which the machine's next boot logs in to its volume; none if it boots from none, or without.
    pub(crate) fn boots_with(&self) -> Option<String> {
        let boot = self.sim.boot(&node_name())?;
        let password = boot.san()?.hooks.first()?.password.clone()?;
        Some(password.expose_secret().to_owned())
    }

    /// Reason and message of a condition; both empty if the host doesn't have it.
    pub(crate) fn condition(&self, kind: &str) -> (String, String) {
        let host = self.host();
        let conditions = host["status"]["conditions"].as_array();
        let mut conditions = conditions.into_iter().flatten();
        let condition = conditions.find(|condition| condition["type"] == kind);
        let text = |field: &str| {
            let value = condition.and_then(|condition| condition[field].as_str());
            value.unwrap_or_default().to_owned()
        };
        (text("reason"), text("message"))
    }

    #[track_caller]
    pub(crate) fn expect_condition(&mut self, kind: &str, reason: &str) -> &mut Self {
        let (found, message) = self.condition(kind);
        assert_eq!(found, reason, "{message}");
        self
    }

    /// Whether there is a disc in the machine's virtual CD drive.
    pub(crate) fn has_disc(&self) -> bool {
        let machine = self.sim.machine(&Seed::default().address, &Seed::system(0));
        machine.unwrap().media.contains_key(&Slot::Cd)
    }

    /// Whether the machine is on.
    pub(crate) fn is_on(&self) -> bool {
        let machine = self.sim.machine(&Seed::default().address, &Seed::system(0));
        machine.unwrap().power == ironic_sim::Power::On
    }

    /// Where everything stands, without what differs from run to run.
    pub(crate) fn picture(&self) -> Value {
        json!({
            "host": if self.is_gone() { Value::Null } else { picture::of_host(&self.host()) },
            "ironic": picture::of_ironic(&self.door),
            "leases": picture::of_leases(&self.kubernetes),
            "isOn": self.is_on(),
            "hasDisc": self.has_disc(),
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

    /// Nothing ever failed, as far as events tell.
    #[track_caller]
    pub(crate) fn expect_no_warning(&self, disturbance: &str) {
        for event in self.kubernetes.events() {
            assert_eq!(event["type"], "Normal", "{disturbance}: {}", event["note"]);
        }
    }

    /// Who holds the Leases of volumes.
    pub(crate) fn lease_holders(&self) -> Vec<String> {
        let leases = self.kubernetes.all("leases").into_iter();
        leases
            .filter_map(|lease| Some(lease["spec"]["holderIdentity"].as_str()?.to_owned()))
            .collect()
    }

    /// Ironic has so many connectors, and so many targets.
    #[track_caller]
    pub(crate) fn expect_volumes(&mut self, count: usize) -> &mut Self {
        let ironic = picture::of_ironic(&self.door);
        for list in ["connectors", "targets"] {
            assert_eq!(ironic[list].as_array().map(Vec::len), Some(count), "{list}");
        }
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
        let is_told = !self.error().is_empty() || self.has_condition_with_reason();
        assert!(
            self.is_gone() || is_told,
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
}
