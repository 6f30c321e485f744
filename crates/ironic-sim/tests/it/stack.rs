//! A simulated Ironic with short ways to ask it.

use std::time::Duration;

use ironic_sim::{Method, Request, Response, Seed, Settings, Sim, State};
use serde_json::{Value, json};

/// The version that this project speaks.
pub(crate) const VERSION: &str = "1.89";
/// More than anything takes, but for hanging BMCs and waits for a ramdisk.
pub(crate) const LIMIT: Duration = Duration::from_mins(10);
pub(crate) const ADDRESS: &str = "http://192.0.2.1:8000";

pub(crate) struct Stack {
    pub(crate) sim: Sim,
}

impl Stack {
    pub(crate) fn new(settings: Settings) -> Self {
        Self {
            sim: Sim::new(settings),
        }
    }

    /// With one machine, and its node in this state.
    pub(crate) fn with_node(state: State) -> Self {
        Self::with_settings(Settings::default(), state)
    }

    pub(crate) fn with_settings(settings: Settings, state: State) -> Self {
        let stack = Self::new(settings);
        stack.sim.seed(&Seed {
            nodes: Some(state),
            ..Seed::default()
        });
        stack
    }

    /// With a node that is ready to be deployed from one volume.
    pub(crate) fn ready() -> Self {
        let stack = Self::with_node(State::Available);
        stack.prepare_volume(&volume("vol-1", 1));
        stack
    }

    pub(crate) fn prepare_volume(&self, properties: &Value) {
        self.patch(json!([
            {"op": "add", "path": "/storage_interface", "value": "external"},
            {"op": "add", "path": "/properties/capabilities", "value": "iscsi_boot:true"},
        ]));
        let connector = json!({"node_uuid": uuid(), "type": "iqn", "connector_id": "iqn.2026-11.org.example:node-0"});
        self.post("/v1/volume/connectors", connector).status(201);
        self.target(0, properties);
    }

    /// Adds a target, and says its UUID.
    pub(crate) fn target(&self, boot_index: i64, properties: &Value) -> String {
        let target = json!({
            "node_uuid": uuid(),
            "volume_type": "iscsi",
            "volume_id": format!("volume-{boot_index}"),
            "boot_index": boot_index,
            "properties": properties,
        });
        let answer = self.post("/v1/volume/targets", target).status(201).json();
        answer["uuid"].as_str().unwrap().to_owned()
    }

    pub(crate) fn ask(&self, method: Method, path: &str, body: Option<Value>) -> Asked {
        self.ask_in(VERSION, method, path, body)
    }

    pub(crate) fn ask_in(
        &self,
        version: &str,
        method: Method,
        path: &str,
        body: Option<Value>,
    ) -> Asked {
        let mut request = Request::new(method, path).version(version);
        if let Some(body) = body {
            request = request.body(body.to_string());
        }
        Asked(self.sim.handle(&request))
    }

    pub(crate) fn get(&self, path: &str) -> Asked {
        self.ask(Method::Get, path, None)
    }

    pub(crate) fn post(&self, path: &str, body: Value) -> Asked {
        self.ask(Method::Post, path, Some(body))
    }

    pub(crate) fn put(&self, path: &str, body: Value) -> Asked {
        self.ask(Method::Put, path, Some(body))
    }

    pub(crate) fn delete(&self, path: &str) -> Asked {
        self.ask(Method::Delete, path, None)
    }

    /// Patches the node, which must work.
    pub(crate) fn patch(&self, patch: Value) {
        self.ask(Method::Patch, &node(""), Some(patch)).status(200);
    }

    /// Patches the node, if the state it is in allows that.
    pub(crate) fn patch_quietly(&self, patch: Value) {
        let _ = self.ask(Method::Patch, &node(""), Some(patch));
    }

    pub(crate) fn provision(&self, target: &str) -> Asked {
        let body = json!({ "target": target });
        self.ask_in("1.110", Method::Put, &node("/states/provision"), Some(body))
    }

    pub(crate) fn power(&self, target: &str) -> Asked {
        self.put(&node("/states/power"), json!({ "target": target }))
    }

    /// Until nothing is under way.
    pub(crate) fn settle(&self) {
        assert!(self.sim.settle(LIMIT), "it does not come to an end");
    }

    pub(crate) fn node(&self) -> Value {
        self.get(&node("")).status(200).json()
    }

    /// Provision state and last error.
    pub(crate) fn state(&self) -> (String, Option<String>) {
        let node = self.node();
        let text = |key: &str| node[key].as_str().map(str::to_owned);
        (text("provision_state").unwrap(), text("last_error"))
    }

    pub(crate) fn change_machine(&self, change: impl FnOnce(&mut ironic_sim::Machine)) {
        assert!(self.sim.change_machine(ADDRESS, &Seed::system(0), change));
    }

    pub(crate) fn machine(&self) -> ironic_sim::Machine {
        self.sim.machine(ADDRESS, &Seed::system(0)).unwrap()
    }
}

/// An answer.
pub(crate) struct Asked(pub(crate) Response);

impl Asked {
    pub(crate) fn status(self, status: u16) -> Self {
        assert_eq!(self.0.status, status, "{:?}", self.0);
        self
    }

    pub(crate) fn json(&self) -> Value {
        self.0.json()
    }

    /// Ironic's words, of a refusal with this status.
    pub(crate) fn words(self, status: u16) -> String {
        let body = self.status(status).json();
        let message = match &body["error_message"] {
            Value::String(text) => serde_json::from_str(text).unwrap(),
            other => other.clone(),
        };
        let words = message["faultstring"]
            .as_str()
            .or(message["description"].as_str());
        words
            .unwrap_or_else(|| panic!("no words in {body}"))
            .to_owned()
    }
}

pub(crate) fn uuid() -> String {
    Seed::uuid(0)
}

/// A path of the node.
pub(crate) fn node(below: &str) -> String {
    format!("/v1/nodes/{}{below}", uuid())
}

/// The properties of a volume.
pub(crate) fn volume(name: &str, lun: i64) -> Value {
    json!({
        "target_iqn": format!("iqn.2026-11.org.example:{name}"),
        "target_lun": lun,
        "target_portal": "192.0.2.10:3260",
        "auth_username": "node-0",
        "auth_password": "a-password-of-chap",
    })
}
