//! What users do, and what happens to machines, to Ironic and to the operator.

use ironic_sim::{Credentials, FaultKind, Machine, Method, Seed, State};
use serde_json::{Value, json};

use super::{LEASES, Life, key, key_of, key_secret, node_name, secret};
use crate::testing::host::{self, BMC_SECRET, DATA_SECRET, ISCSI_SECRET, NAME, USER_DATA_SECRET};
use crate::testing::kubernetes::Trouble;
use crate::testing::objects::{Key, Part};
use crate::testing::operator::assert_readable;
use crate::testing::stop::Stop;

/// What users do.
impl Life {
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

    /// Takes the volumes from the host, and waits.
    pub(crate) async fn release(&mut self) -> &mut Self {
        self.spec(json!({"bootVolume": null, "dataVolumes": null}))
            .await
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

    /// Puts the Secret of a data volume there, or another password into it, without waiting.
    pub(crate) fn data_secret(&mut self, password: &str) -> &mut Self {
        self.put_secret(DATA_SECRET, host::iscsi_secret(password), password)
    }

    /// Puts the Secret with the host's user data there, or other data into it, without waiting.
    pub(crate) fn user_data(&mut self, text: &str) -> &mut Self {
        self.put_secret(USER_DATA_SECRET, host::user_data_secret(text), text)
    }

    /// Puts a Secret there as it is given, in the place of one that is there, without waiting.
    pub(crate) fn write_secret(&mut self, name: &str, content: Value) -> &mut Self {
        let key = secret(name);
        if self.kubernetes.get(&key).is_some() {
            self.kubernetes.delete(&key);
        }
        self.witness.tell(format!("Secret {name} is written"));
        self.kubernetes.create(&key, content);
        self
    }

    pub(super) fn put_secret(&mut self, name: &str, content: Value, password: &str) -> &mut Self {
        self.witness.tell(format!("Secret {name} is written"));
        if !self.passwords.iter().any(|known| known == password) {
            self.passwords.push(password.to_owned());
        }
        let key = secret(name);
        if self.kubernetes.get(&key).is_some() {
            self.edit(&key, &json!({"data": content["data"]}));
        } else {
            self.kubernetes.create(&key, content);
        }
        self
    }

    pub(super) fn edit(&self, key: &Key, patch: &Value) {
        self.kubernetes
            .edit(key, Part::Main, |object| json_patch::merge(object, patch));
    }

    /// Removes a Secret whatever guards it, as a loss does, without waiting.
    pub(crate) fn lose_secret(&mut self, name: &str) -> &mut Self {
        self.edit_secret(name, &json!({"metadata": {"finalizers": null}}));
        self.remove_secret(name)
    }

    /// Loses the key of the installation, without waiting.
    pub(crate) fn lose_key(&mut self) -> &mut Self {
        self.witness.tell("the key of the installation is lost");
        self.kubernetes.delete(&key_secret());
        self
    }

    /// The watch brings no change of a Secret until half a minute has passed.
    pub(crate) fn keep_secret_events_back(&mut self) -> &mut Self {
        self.witness.tell("the watch over Secrets lags behind");
        if let Some(operator) = &mut self.operator {
            operator.keep_secret_events_back();
        }
        self
    }

    /// Merges this into a Secret, without waiting.
    pub(crate) fn edit_secret(&mut self, name: &str, patch: &Value) -> &mut Self {
        self.witness.tell(format!("Secret {name} is changed"));
        self.edit(&secret(name), patch);
        self
    }

    /// Deletes another host than the usual one, and waits.
    pub(crate) async fn delete_named(&mut self, host: &str) -> &mut Self {
        self.witness.tell(format!("{host} is deleted"));
        self.kubernetes.delete(&key_of(host));
        self.settle().await
    }

    /// Merges this into all Leases of volumes, without waiting.
    pub(crate) fn edit_leases(&mut self, patch: &Value) -> &mut Self {
        self.witness
            .tell(format!("the Leases are patched: {patch}"));
        for lease in self.kubernetes.all("leases") {
            self.edit(&lease_key(&lease), patch);
        }
        self
    }

    /// Deletes all Leases of volumes, without waiting.
    pub(crate) fn remove_leases(&mut self) -> &mut Self {
        self.witness.tell("the Leases are removed");
        for lease in self.kubernetes.all("leases") {
            self.kubernetes.delete(&lease_key(&lease));
        }
        self
    }

    /// Loses the host's status, as a backup does, without waiting.
    pub(crate) fn lose_status(&mut self) -> &mut Self {
        self.witness.tell("the status is lost");
        self.kubernetes
            .edit(&key(), Part::Status, |host| host["status"] = Value::Null);
        self
    }
}

pub(super) fn lease_key(lease: &Value) -> Key {
    Key {
        plural: "leases".to_owned(),
        namespace: LEASES.to_owned(),
        name: lease["metadata"]["name"].as_str().unwrap().to_owned(),
    }
}

/// What happens to machines, to Ironic and to the operator.
impl Life {
    /// Changes the machine behind its BMC.
    pub(crate) fn machine(&mut self, change: impl FnOnce(&mut Machine)) -> &mut Self {
        self.door.catch_up();
        let found = self
            .sim
            .change_machine(&Seed::default().address, &Seed::system(0), change);
        assert!(found);
        self
    }

    /// A second machine stands beside the first.
    pub(crate) fn seed_another_machine(&mut self) -> &mut Self {
        let credentials = Credentials {
            username: host::BMC_USER.to_owned(),
            password: host::BMC_PASSWORD.into(),
        };
        self.sim.seed(&Seed {
            count: 2,
            credentials,
            ..Seed::default()
        });
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

    /// Somebody makes a node under the host's name by hand.
    pub(crate) fn make_node(&mut self) -> &mut Self {
        self.witness.tell("a node is made by hand");
        let driver_info = json!({
            "redfish_address": Seed::default().address,
            "redfish_system_id": Seed::system(0),
            "redfish_username": host::BMC_USER,
            "redfish_password": host::BMC_PASSWORD,
        });
        let node = json!({"name": node_name(), "driver": "redfish", "driver_info": driver_info});
        self.door.change(Method::Post, "/v1/nodes", &node);
        self
    }

    /// Another operator has deployed the host, that was available, from an image: its status and its node say so.
    pub(crate) fn deploy_image(&mut self) -> &mut Self {
        self.witness
            .tell("another operator has deployed from an image");
        let image =
            json!({"url": "http://192.0.2.1/image.qcow2", "checksum": "abc", "format": "qcow2"});
        self.edit(&key(), &json!({"spec": {"image": image}}));
        self.kubernetes.edit(&key(), Part::Status, |host| {
            host["status"]["provisioning"]["state"] = "provisioned".into();
            host["status"]["provisioning"]["image"] = image.clone();
        });
        let target = format!("/v1/nodes/{}", node_name());
        let patch = json!([
            {"op": "add", "path": "/instance_uuid", "value": self.host()["metadata"]["uid"]},
            {"op": "add", "path": "/instance_info/image_source", "value": image["url"]},
        ]);
        self.door.change(Method::Patch, &target, &patch);
        self.put_node(State::Active)
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
}
