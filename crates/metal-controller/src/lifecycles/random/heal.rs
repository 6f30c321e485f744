//! The end of all that was wrong.

use ironic_sim::Bmc;
use metal_plan::{Step, Wait};
use serde_json::{Value, json};

use super::world::{
    DETACHED, HOSTS, MACHINES, PAUSED, REBOOT, SECRETS, World, host_name, secret_name,
};

impl World {
    /// Everything that was wrong is right again, and everybody has come to rest.
    pub(super) async fn heal(&mut self) {
        self.life.witness.tell("all is well from now on");
        self.life.disarm();
        self.life.sim.clear_faults();
        for machine in 0..MACHINES {
            self.life.change_machine(machine, |machine| {
                machine.bmc = Bmc::Present;
                machine.honours_acpi = true;
            });
        }
        self.bmc_password(true);
        self.put_secrets();
        for host in 0..HOSTS {
            self.maintain(host, false);
            self.annotate(host, PAUSED, false);
            self.annotate(host, DETACHED, false);
            // As many volumes as there are have room.
            self.patch(host, &json!({"spec": {"image": null, "bootMode": "UEFI"}}));
            self.put_volume_back(host);
        }
        self.life.come_to_rest().await;
        while self.lacks_secret() {
            self.put_secrets();
            self.life.come_to_rest().await;
        }
        self.let_drift_be_put_right().await;
    }

    /// A Secret that was to be deleted may have been kept until now for a host that needed it.
    fn lacks_secret(&self) -> bool {
        (0..SECRETS).any(|secret| self.life.secret(&secret_name(secret)).is_null())
    }

    /// A host that is deployed from another volume than it asks for asks for the first again, and one without a volume has
    /// no consumer.
    fn put_volume_back(&mut self, host: usize) {
        let object = self.host(host);
        if object["spec"]["bootVolume"].is_null() {
            let nobody = json!({"consumerRef": null, "customDeploy": null});
            return self.patch(host, &json!({ "spec": nobody }));
        }
        let record = &object["status"]["provisioning"]["bootVolume"];
        if record.is_null() {
            return;
        }
        let mut volume = json!({"provisionOn": "Immediate"});
        for field in [
            "volumeId",
            "volumeDriver",
            "connectorId",
            "targetType",
            "iscsiTarget",
            "provisionOn",
        ] {
            if let Some(value) = record.get(field) {
                volume[field] = value.clone();
            }
        }
        volume["iscsiCredentialsName"] = record["iscsiCredentialsName"].clone();
        for field in ["portal", "portals"] {
            volume["iscsiTarget"][field] = record["iscsiTarget"][field].clone();
        }
        if volume["provisionOn"] == "Immediate" {
            volume["reclaimPolicy"] = Value::Null;
        }
        self.patch(host, &json!({"spec": {"bootVolume": volume}}));
    }

    /// What Ironic lets be put right only in maintenance, or while the machine is off, gets what it waits for.
    async fn let_drift_be_put_right(&mut self) {
        for (words, is_for_maintenance) in [
            ("maintenance only", true),
            ("while the machine is off", false),
        ] {
            let waiting: Vec<_> = (0..HOSTS)
                .filter(|host| self.waits_for(*host, words))
                .collect();
            if waiting.is_empty() {
                continue;
            }
            for host in waiting {
                if is_for_maintenance {
                    self.maintain(host, true);
                } else {
                    self.annotate(host, REBOOT, true);
                }
            }
            self.life.come_to_rest().await;
        }
    }

    fn waits_for(&self, host: usize, words: &str) -> bool {
        let plan = self.life.witness.last_plan(&host_name(host));
        match plan.map(|plan| plan.step) {
            Some(Step::Wait(Wait::Drifted { message })) => message.contains(words),
            _ => false,
        }
    }
}
