//! What a consumer does, as Cluster API's Metal3 provider has it (`baremetal/metal3machine_manager.go`).

use serde_json::{Value, json};

use super::Life;

impl Life {
    /// Whether a consumer would choose the host: it is available without a word, and has the label.
    pub(crate) fn is_offered(&self) -> bool {
        let host = self.host();
        let is_labelled = host["metadata"]["labels"]["ironboot.io/boot-volume"] == "true";
        is_labelled && self.state() == "available" && self.error().is_empty()
    }

    /// Claims the host and asks for its deployment, in one patch, and waits.
    pub(crate) async fn claim(&mut self) -> &mut Self {
        self.start_claim().settle().await
    }

    /// Claims the host, without waiting.
    pub(crate) fn start_claim(&mut self) -> &mut Self {
        self.start_patch(&json!({
            "metadata": {"labels": {"cluster.x-k8s.io/cluster-name": "c"}},
            "spec": {
                "consumerRef": {
                    "apiVersion": "infrastructure.cluster.x-k8s.io/v1beta2", "kind": "Metal3Machine",
                    "name": "machine-0", "namespace": "metal",
                },
                "customDeploy": {"method": "boot-volume"},
                "online": true,
            },
        }))
    }

    /// Lets go of the host: clears the deployment, waits for `available`, and then takes its name away.
    pub(crate) async fn let_go(&mut self) -> &mut Self {
        self.start_letting_go();
        self.run_until_state_is("available").await;
        self.patch(json!({
            "metadata": {"labels": {"cluster.x-k8s.io/cluster-name": null}},
            "spec": {"consumerRef": null},
        }))
        .await
    }

    /// Clears the deployment, without waiting.
    pub(crate) fn start_letting_go(&mut self) -> &mut Self {
        self.start_patch(&json!({"spec": {"customDeploy": null, "online": false}}))
    }

    /// The value of an annotation of the host; null without one.
    pub(crate) fn annotation(&self, name: &str) -> Value {
        self.host()["metadata"]["annotations"][name].clone()
    }
}
