//! Lives of several hosts, each named in what is done to it.

use ironic_sim::{Credentials, Machine, Seed};
use secrecy::SecretString;
use serde_json::{Value, json};

use super::acts::lease_key;
use super::{Life, key_of, secret};
use crate::testing::host;
use crate::testing::logs::Logs;
use crate::testing::objects::Part;

impl Life {
    /// So many machines, of which nobody reads the operator's log.
    pub(crate) fn of_many(machines: u32) -> Self {
        let life = Self::logged(|_| {}, Logs::none());
        life.sim.seed(&Seed {
            count: machines,
            credentials: Credentials {
                username: host::BMC_USER.to_owned(),
                password: SecretString::from(host::BMC_PASSWORD),
            },
            ..Seed::default()
        });
        life
    }

    /// Waits until nothing changes any more, however often something has to be tried until then.
    pub(crate) async fn come_to_rest(&mut self) -> &mut Self {
        self.settle_unless(i64::MAX).await
    }

    /// Lets everybody work for this many requests to Ironic, or until nothing happens for a while.
    pub(crate) async fn run_for_requests(&mut self, count: usize) -> &mut Self {
        let end = self.door.count() + count;
        let limit = tokio::time::Instant::now() + super::QUIET;
        while self.door.count() < end && tokio::time::Instant::now() < limit {
            self.step(limit).await;
        }
        self
    }

    /// Neither a stop nor a fault is to come any more.
    pub(crate) fn disarm(&mut self) {
        self.door.disarm();
        self.kubernetes.stopper().disarm();
    }

    /// Somebody says of each Lease that its holder is fenced.
    pub(crate) fn fence_all(&mut self) {
        for lease in self.kubernetes.all("leases") {
            let holder = &lease["spec"]["holderIdentity"];
            let fenced = json!({"metadata": {"annotations": {"ironboot.io/fenced": holder}}});
            self.witness.tell(format!("fenced: {holder}"));
            self.edit(&lease_key(&lease), &fenced);
        }
    }

    /// Merges this into a host, if it is there.
    pub(crate) fn patch_host(&mut self, name: &str, patch: &Value) {
        let key = key_of(name);
        if self.kubernetes.get(&key).is_some() {
            self.witness.tell(format!("{name} is patched: {patch}"));
            self.edit(&key, patch);
        }
    }

    /// Sets an annotation of a host, or with null removes it.
    pub(crate) fn annotate_host(&mut self, name: &str, annotation: &str, value: impl Into<Value>) {
        let value: Value = value.into();
        self.patch_host(
            name,
            &json!({"metadata": {"annotations": {annotation: value}}}),
        );
    }

    /// Deletes a host, if it is there.
    pub(crate) fn delete_host(&mut self, name: &str) {
        if self.kubernetes.get(&key_of(name)).is_some() {
            self.witness.tell(format!("{name} is deleted"));
            self.kubernetes.delete(&key_of(name));
        }
    }

    /// Loses a host's status, as a backup does.
    pub(crate) fn lose_status_of(&mut self, name: &str) {
        if self.kubernetes.get(&key_of(name)).is_some() {
            self.witness.tell(format!("the status of {name} is lost"));
            self.kubernetes.edit(&key_of(name), Part::Status, |host| {
                host["status"] = Value::Null;
            });
        }
    }

    /// Puts a Secret for volumes there, or another password into it.
    pub(crate) fn put_iscsi_secret(&mut self, name: &str, password: &str) {
        self.put_secret(name, host::iscsi_secret(password), password);
    }

    /// Removes a Secret, if it is there.
    pub(crate) fn drop_secret(&mut self, name: &str) {
        if self.kubernetes.get(&secret(name)).is_some() {
            self.remove_secret(name);
        }
    }

    /// Changes a machine behind its BMC.
    pub(crate) fn change_machine(&mut self, index: u32, change: impl FnOnce(&mut Machine)) {
        self.door.catch_up();
        let address = Seed::default().address;
        assert!(
            self.sim
                .change_machine(&address, &Seed::system(index), change)
        );
    }
}
