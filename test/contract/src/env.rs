//! What a case has.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use ironic_client::Ironic;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::api::Api;
use crate::backend::{Silence, World};
use crate::boot::Boot;
use crate::real::Lease;
use crate::simulated::SYSTEM;
use crate::test_node::{TestNode, fresh_mac};

/// What one case has: an Ironic and what is around it. What the case creates is removed after it.
#[derive(Debug)]
pub struct Env {
    /// Ironic by the typed client.
    pub ironic: Ironic,
    /// Ironic by raw HTTP.
    pub api: Api,
    world: World,
    scope: Mutex<Scope>,
}

/// A machine with a Redfish BMC, that nobody else uses at the time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Machine {
    /// The BMC's address.
    pub address: String,
    /// The path of its system.
    pub system_id: String,
    /// The account that the BMC takes.
    pub username: String,
    /// Its password.
    pub password: String,
    /// The MAC address of the card that boots.
    pub mac: String,
    /// `bios` or `uefi`.
    pub boot_mode: String,
}

/// What must be undone.
#[derive(Debug, Default)]
struct Scope {
    nodes: Vec<String>,
    leases: Vec<Lease>,
    bmcs: Vec<Silence>,
}

impl Env {
    pub(crate) fn new(ironic: Ironic, api: Api, world: World) -> Self {
        Self {
            ironic,
            api,
            world,
            scope: Mutex::default(),
        }
    }

    /// A node of `fake-hardware` in `enroll`, with the interfaces and capabilities that boot from a volume.
    pub async fn node(&self) -> Result<TestNode<'_>> {
        self.node_with(json!({})).await
    }

    /// The same with other values for some fields; `null` leaves a field out.
    pub async fn node_with(&self, changes: Value) -> Result<TestNode<'_>> {
        let mut body = json!({
            "name": format!("contract-{}", Uuid::new_v4().simple()),
            "driver": "fake-hardware",
            "boot_interface": "ipxe",
            "deploy_interface": "direct",
            "storage_interface": "external",
            "automated_clean": false,
            "driver_info": {
                "deploy_kernel": "http://192.0.2.1/kernel",
                "deploy_ramdisk": "http://192.0.2.1/ramdisk",
            },
            "properties": {"capabilities": "boot_mode:bios,iscsi_boot:true"},
        });
        merge(&mut body, changes);
        self.create(body).await
    }

    /// A node for a machine in `enroll`, with what a boot from a volume takes.
    pub async fn redfish_node(&self, machine: &Machine) -> Result<TestNode<'_>> {
        self.node_with(json!({
            "driver": "redfish",
            "driver_info": machine.driver_info(),
            "properties": {"capabilities": format!("boot_mode:{},iscsi_boot:true", machine.boot_mode)},
        }))
        .await
    }

    /// Creates a node from this body; it is removed after the case.
    pub async fn create(&self, body: Value) -> Result<TestNode<'_>> {
        let created = self.api.post("/v1/nodes", body).await?.is(201)?;
        let uuid = created["uuid"]
            .as_str()
            .context("the new node has no UUID")?;
        Ok(self.adopt(uuid))
    }

    /// Takes care of a node that exists: it is removed after the case.
    pub fn adopt(&self, uuid: &str) -> TestNode<'_> {
        self.scope().nodes.push(uuid.to_owned());
        TestNode::new(self, uuid)
    }

    /// A machine of its own, switched off; waits until one is free.
    pub async fn machine(&self) -> Result<Machine> {
        let (machine, lease) = self.world.machine().await?;
        self.scope().leases.extend(lease);
        Ok(machine)
    }

    /// A machine whose BMC takes requests and does not answer until [`Env::release_bmcs`], or the end
    /// of the case.
    pub async fn silent_bmc(&self) -> Result<Machine> {
        let bmc = self.world.silent_bmc().await?;
        let machine = unreachable_at(bmc.address());
        self.scope().bmcs.push(bmc);
        Ok(machine)
    }

    /// Lets the silent BMCs answer that they have nothing.
    pub fn release_bmcs(&self) {
        for bmc in &self.scope().bmcs {
            bmc.end();
        }
    }

    /// A machine whose BMC is not there: connections are refused.
    pub fn dead_bmc(&self) -> Machine {
        // The discard port: nobody listens there in the stack's network.
        unreachable_at("http://127.0.0.1:9")
    }

    /// What the machine of this node, with this network card, finds when it boots.
    pub fn boot(&self, node: &str, mac: &str) -> Result<Boot> {
        self.world.boot(node, mac)
    }

    /// Cuts a machine's power, behind Ironic's back.
    pub async fn cut_power(&self, machine: &Machine) -> Result<()> {
        self.world.cut_power(machine).await
    }

    /// Whether a machine is on, as its BMC says.
    pub async fn is_on(&self, machine: &Machine) -> Result<bool> {
        self.world.is_on(machine).await
    }

    /// The URL of an image that exists.
    pub fn image(&self) -> Result<String> {
        self.world.image()
    }

    /// The URL of an image that does not.
    pub fn missing_image(&self) -> String {
        self.world.missing_image()
    }

    /// Looks until there is something; how often and how long is the backend's affair.
    pub async fn until<T>(
        &self,
        what: &str,
        mut look: impl AsyncFnMut() -> Result<Option<T>>,
    ) -> Result<T> {
        let mut waited = Duration::ZERO;
        loop {
            if let Some(found) = look().await? {
                return Ok(found);
            }
            if waited > self.world.limit() {
                bail!("waited in vain for {what}");
            }
            waited += self.world.tick().await;
        }
    }

    /// Removes what the case made, whatever state it is in.
    pub(crate) async fn clean_up(&self) -> Result<()> {
        self.release_bmcs();
        let (nodes, leases) = {
            let mut scope = self.scope();
            (
                std::mem::take(&mut scope.nodes),
                std::mem::take(&mut scope.leases),
            )
        };
        for node in &nodes {
            self.until("the removal of a node", async || self.remove(node).await)
                .await?;
        }
        for lease in leases {
            lease.give_back().await?;
        }
        self.scope().bmcs.clear();
        Ok(())
    }

    /// By force; none while it is locked.
    async fn remove(&self, node: &str) -> Result<Option<()>> {
        let path = format!("/v1/nodes/{node}");
        let removed = self.api.delete(&path).await?;
        if matches!(removed.status, 204 | 404) {
            return Ok(Some(()));
        }
        // Whatever Ironic says against it, it may be another word in a moment.
        let maintenance = format!("{path}/maintenance");
        self.api.put(&maintenance, json!({})).await?;
        Ok(None)
    }

    fn scope(&self) -> MutexGuard<'_, Scope> {
        self.scope.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn unreachable_at(address: &str) -> Machine {
    Machine {
        address: address.to_owned(),
        system_id: SYSTEM.to_owned(),
        username: "admin".to_owned(),
        password: "bmc-password".to_owned(),
        mac: fresh_mac(),
        boot_mode: "bios".to_owned(),
    }
}

impl Machine {
    /// What Ironic needs to drive it, and to deploy to it.
    pub fn driver_info(&self) -> Value {
        let Self {
            address,
            system_id,
            username,
            password,
            mac: _,
            boot_mode: _,
        } = self;
        json!({
            "redfish_address": address,
            "redfish_system_id": system_id,
            "redfish_username": username,
            "redfish_password": password,
            "redfish_verify_ca": false,
            "deploy_kernel": "http://192.0.2.1/kernel",
            "deploy_ramdisk": "http://192.0.2.1/ramdisk",
        })
    }
}

/// Puts the changes' keys over those that are there; `null` takes a key away.
fn merge(body: &mut Value, changes: Value) {
    let (Value::Object(body), Value::Object(changes)) = (body, changes) else {
        return;
    };
    for (key, value) in changes {
        if value.is_null() {
            body.remove(&key);
        } else {
            body.insert(key, value);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Backend;

    #[tokio::test]
    async fn what_a_case_made_is_removed_whatever_it_is_doing() {
        crate::run::tests::provider();
        let env = Backend::Simulated.env().await.unwrap();
        env.node().await.unwrap().deployed().await.unwrap();
        let bmc = env.silent_bmc().await.unwrap();
        let locked = env.redfish_node(&bmc).await.unwrap();
        locked.verb("manage").await.unwrap().is(202).unwrap();
        assert!(!locked.get().await.unwrap()["reservation"].is_null());
        let gone = env.node().await.unwrap();
        env.api.delete(&gone.path("")).await.unwrap();

        env.clean_up().await.unwrap();

        let left = env.api.get("/v1/nodes").await.unwrap().is(200).unwrap();
        assert_eq!(left["nodes"], json!([]));
    }
}
