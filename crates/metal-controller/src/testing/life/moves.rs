//! A move to another cluster, as Cluster API does it (`cmd/clusterctl/client/cluster/mover.go`, and Metal3's provider for
//! the annotations of a host whose cluster is paused).

use std::time::Duration;

use serde_json::{Value, json};

use super::{Life, key, secret};
use crate::testing::host::{BMC_SECRET, ISCSI_SECRET};
use crate::testing::kubernetes::Kubernetes;
use crate::testing::objects::Part;

const PAUSED: &str = "baremetalhost.metal3.io/paused";
const STATUS: &str = "baremetalhost.metal3.io/status";
const DELETE_FOR_MOVE: &str = "clusterctl.cluster.x-k8s.io/delete-for-move";

/// As long as nobody may do anything.
const A_WHILE: Duration = Duration::from_mins(10);

impl Life {
    /// Moves the host and its Secrets to another cluster, where it is paused yet. What the first operator asks of Ironic
    /// meanwhile fails the test.
    pub(crate) async fn change_cluster(&mut self) -> &mut Self {
        self.pause_for_move();
        self.run_for(Duration::from_secs(1)).await;
        let changes = self.door.changes();
        self.run_for(A_WHILE).await;
        self.witness.tell("the host is copied to another cluster");
        let target = self.copy();
        self.take_away().await;
        assert_eq!(
            self.door.changes(),
            changes,
            "the first operator kept still"
        );
        self.stop();
        self.kubernetes = target;
        self
    }

    /// Lets the operator of the cluster begin, and waits.
    pub(crate) async fn unpause(&mut self) -> &mut Self {
        self.annotate(PAUSED, Value::Null).await
    }

    /// The provider pauses the host and writes its status down, with Metal3's types.
    fn pause_for_move(&mut self) {
        let mut status = self.host()["status"].take();
        let fields = status.as_object_mut().unwrap();
        fields.remove("hardware");
        fields.remove("bootVolume");
        let provisioning = fields["provisioning"].as_object_mut().unwrap();
        provisioning.remove("bootVolume");
        provisioning.insert("image".to_owned(), json!({"url": ""}));
        let annotations = json!({PAUSED: "metal3.io/capm3", STATUS: status.to_string()});
        self.start_patch(&json!({"metadata": {"annotations": annotations}}));
    }

    /// The first cluster loses the original.
    async fn take_away(&mut self) {
        self.kubernetes.edit(&key(), Part::Main, |host| {
            host["metadata"]["annotations"][DELETE_FOR_MOVE] = "".into();
        });
        self.kubernetes.delete(&key());
        self.run_for(A_WHILE).await;
        self.kubernetes.edit(&key(), Part::Main, |host| {
            host["metadata"]["finalizers"] = json!([]);
        });
        self.run_for(A_WHILE).await;
        assert!(self.is_gone());
    }

    /// Everything but the status, and what the API server makes anew.
    fn copy(&self) -> Kubernetes {
        let target = Kubernetes::new(self.clock);
        // The host gets another UID.
        let others = ["a-secret-of-its-own", "another", BMC_SECRET, ISCSI_SECRET];
        for name in others {
            let of_source = self.kubernetes.get(&secret(name));
            let content = of_source.unwrap_or_else(|| json!({"metadata": {}}));
            target.create(&secret(name), without_identity(content));
        }
        let copied = target.create(&key(), without_identity(self.host()));
        assert_ne!(copied["metadata"]["uid"], self.host()["metadata"]["uid"]);
        assert_eq!(copied["status"], Value::Null);
        target
    }
}

fn without_identity(mut object: Value) -> Value {
    let metadata = object["metadata"].as_object_mut().unwrap();
    for field in ["uid", "resourceVersion", "generation", "creationTimestamp"] {
        metadata.remove(field);
    }
    object
}
