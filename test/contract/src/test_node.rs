//! A node of a case.

use anyhow::{Context, Result, bail, ensure};
use ironic_types::{NodeId, ProvisionState};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::answer::Answer;
use crate::boot::Boot;
use crate::env::Env;
use crate::expect;
use crate::iscsi::Volume;

/// A node that is removed after the case.
#[derive(Debug, Clone)]
pub struct TestNode<'e> {
    /// What the case has.
    pub env: &'e Env,
    /// Its UUID.
    pub uuid: String,
}

impl<'e> TestNode<'e> {
    pub(crate) fn new(env: &'e Env, uuid: &str) -> Self {
        Self {
            env,
            uuid: uuid.to_owned(),
        }
    }

    /// Its id, for the typed client.
    pub fn id(&self) -> Result<NodeId> {
        Ok(self.uuid.parse()?)
    }

    /// Its path, with something after it.
    pub fn path(&self, rest: &str) -> String {
        format!("/v1/nodes/{}{rest}", self.uuid)
    }

    /// As Ironic has it.
    pub async fn get(&self) -> Result<Value> {
        self.env.api.get(&self.path("")).await?.is(200)
    }

    /// Changes it.
    pub async fn patch(&self, operations: Value) -> Result<Answer> {
        self.env.api.patch(&self.path(""), operations).await
    }

    /// Sets one field, or one key of a field, by its path.
    pub async fn set(&self, path: &str, value: Value) -> Result<Answer> {
        self.patch(json!([{"op": "add", "path": path, "value": value}]))
            .await
    }

    /// Asks for a provision state.
    pub async fn verb(&self, verb: &str) -> Result<Answer> {
        self.verb_with(json!({"target": verb})).await
    }

    /// Asks for a provision state with this body.
    pub async fn verb_with(&self, body: Value) -> Result<Answer> {
        self.env
            .api
            .put(&self.path("/states/provision"), body)
            .await
    }

    /// Asks for a provision state, which must be accepted, and waits for what comes of it.
    pub async fn after(&self, verb: &str) -> Result<Value> {
        self.verb(verb).await?.is(202)?;
        self.settles().await
    }

    /// Asks for a provision state and waits until the node is in the given one.
    pub async fn reaches(&self, verb: &str, state: &str) -> Result<Value> {
        let node = self.after(verb).await?;
        ensure!(
            node["provision_state"] == state,
            "{verb} led to {}, wanted {state:?}; last_error: {}",
            node["provision_state"],
            node["last_error"]
        );
        Ok(node)
    }

    /// Waits until nothing is done to it, and no verb is under way.
    pub async fn settles(&self) -> Result<Value> {
        self.env
            .until("a node to settle", async || {
                let node = self.get().await?;
                let state: ProvisionState =
                    serde_json::from_value(node["provision_state"].clone())?;
                let settled = node["reservation"].is_null() && !state.is_transient();
                Ok(settled.then_some(node))
            })
            .await
    }

    /// Asks for a power state, and waits for what comes of it.
    pub async fn power(&self, target: &str) -> Result<Value> {
        let body = json!({"target": target});
        let asked = self.env.api.put(&self.path("/states/power"), body).await?;
        asked.is(202)?;
        self.power_settles().await
    }

    /// Waits until no power action is under way.
    pub async fn power_settles(&self) -> Result<Value> {
        self.env
            .until("a power action", async || {
                let node = self.get().await?;
                let settled = node["reservation"].is_null() && node["target_power_state"].is_null();
                Ok(settled.then_some(node))
            })
            .await
    }

    /// Ironic says, or has said, these words about what went wrong. It clears `last_error` when it looks at the power
    /// next, which may be at once; the history keeps it.
    pub async fn has_failed(&self, seen: &Value, words: &str) -> Result<()> {
        if seen["last_error"].is_string() {
            return expect::says(seen, "last_error", words);
        }
        let history = self.path("/history");
        let list = self.env.api.get(&history).await?.is(200)?;
        let mut said = Vec::new();
        for event in expect::items(&list, "history")? {
            // The list shortens what is long.
            let path = format!("{history}/{}", expect::text(event, "uuid")?);
            let event = self.env.api.get(&path).await?.is(200)?;
            said.push(expect::text(&event, "event")?.to_owned());
        }
        ensure!(
            said.iter().any(|event| event.contains(words)),
            "last_error is null and the history {said:?}, wanted {words:?} in it"
        );
        Ok(())
    }

    /// Waits until Ironic says what went wrong.
    pub async fn error(&self) -> Result<String> {
        self.env
            .until("last_error", async || {
                Ok(self.get().await?["last_error"].as_str().map(str::to_owned))
            })
            .await
    }

    /// Brings it from `enroll` to `manageable`.
    pub async fn manageable(self) -> Result<Self> {
        self.reaches("manage", "manageable").await?;
        Ok(self)
    }

    /// Brings it from `enroll` to `available`.
    pub async fn available(self) -> Result<Self> {
        let node = self.manageable().await?;
        node.reaches("provide", "available").await?;
        Ok(node)
    }

    /// Brings it from `enroll` to `available`, with a port: all but the volume.
    pub async fn ready(self) -> Result<Self> {
        self.port().await?;
        self.available().await
    }

    /// Brings it from `enroll` to `active`, deployed to a volume.
    pub async fn deployed(self) -> Result<Self> {
        let node = self.ready().await?;
        node.target(Volume::boot()).await?.is(201)?;
        node.reaches("active", "active").await?;
        Ok(node)
    }

    /// Adds a port with an address that nobody has.
    pub async fn port(&self) -> Result<Value> {
        self.port_with(&fresh_mac()).await?.is(201)
    }

    /// Adds a port with this address.
    pub async fn port_with(&self, mac: &str) -> Result<Answer> {
        let body = json!({"node_uuid": self.uuid, "address": mac});
        self.env.api.post("/v1/ports", body).await
    }

    /// Adds a connector with this type and id.
    pub async fn connector(&self, kind: &str, id: &str) -> Result<Answer> {
        let body = json!({"node_uuid": self.uuid, "type": kind, "connector_id": id});
        self.env.api.post("/v1/volume/connectors", body).await
    }

    /// Adds a volume target.
    pub async fn target(&self, volume: Volume) -> Result<Answer> {
        let body = volume.of(&self.uuid);
        self.env.api.post("/v1/volume/targets", body).await
    }

    /// Its volume targets, with all they have.
    pub async fn targets(&self) -> Result<Vec<Value>> {
        let path = format!("/v1/volume/targets?detail=True&node={}", self.uuid);
        let list = self.env.api.get(&path).await?.is(200)?;
        Ok(expect::items(&list, "targets")?.to_vec())
    }

    /// Its volume connectors, with all they have.
    pub async fn connectors(&self) -> Result<Vec<Value>> {
        let path = format!("/v1/volume/connectors?detail=True&node={}", self.uuid);
        let list = self.env.api.get(&path).await?.is(200)?;
        Ok(expect::items(&list, "connectors")?.to_vec())
    }

    /// Its ports, with all they have.
    pub async fn ports(&self) -> Result<Vec<Value>> {
        let path = format!("/v1/ports?detail=True&node={}", self.uuid);
        let list = self.env.api.get(&path).await?.is(200)?;
        Ok(expect::items(&list, "ports")?.to_vec())
    }

    /// What Ironic says about whether it could be deployed.
    pub async fn validation(&self) -> Result<Value> {
        self.env.api.get(&self.path("/validate")).await?.is(200)
    }

    /// What its machine finds when it boots, by its only port.
    pub async fn boot(&self) -> Result<Boot> {
        match self.ports().await?.as_slice() {
            [port] => self.env.boot(&self.uuid, expect::text(port, "address")?),
            ports => bail!("the node has {} ports, not one", ports.len()),
        }
    }

    /// The volumes that its machine attaches, which must be by iSCSI.
    pub async fn hooks(&self) -> Result<Vec<crate::boot::Hook>> {
        match self.boot().await? {
            Boot::Iscsi { hooks, .. } => Ok(hooks),
            other @ (Boot::NoConfiguration | Boot::Other(_)) => {
                bail!("the machine boots no volume by iSCSI: {other:?}")
            }
        }
    }

    /// The verdict on one interface: none if it would do, else the reason.
    pub async fn problem(&self, interface: &str) -> Result<Option<String>> {
        let verdict = &self.validation().await?[interface];
        match verdict["result"].as_bool() {
            Some(true) => Ok(None),
            Some(false) => Ok(Some(expect::text(verdict, "reason")?.to_owned())),
            None => bail!("no verdict on {interface}: {verdict}"),
        }
    }
}

/// A MAC address that nobody has.
pub(crate) fn fresh_mac() -> String {
    let [a, b, c, d, ..] = Uuid::new_v4().into_bytes();
    format!("52:54:{a:02x}:{b:02x}:{c:02x}:{d:02x}")
}

/// The UUID in an answer.
pub(crate) fn uuid_of(created: &Value) -> Result<&str> {
    created["uuid"]
        .as_str()
        .with_context(|| format!("no UUID in {created}"))
}
