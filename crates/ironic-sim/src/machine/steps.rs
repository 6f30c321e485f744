//! What a node's history says of the steps of its deployments and cleanings.

use serde_json::{Value, json};

use super::World;
use crate::model::NodeKey;
use crate::python;

/// What is done in steps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Flow {
    Deployment,
    AutomatedCleaning,
    ManualCleaning,
    Servicing,
}

impl Flow {
    fn event_type(self) -> &'static str {
        match self {
            Self::Deployment => "deployment",
            Self::AutomatedCleaning => "automated_cleaning",
            Self::ManualCleaning => "manual_cleaning",
            Self::Servicing => "servicing",
        }
    }

    fn title(self) -> &'static str {
        match self {
            Self::Deployment => "Deployment",
            Self::AutomatedCleaning => "Automated Cleaning",
            Self::ManualCleaning => "Manual Cleaning",
            Self::Servicing => "Servicing",
        }
    }
}

/// The steps of a deployment by this deploy interface: names and priorities.
fn deploy_steps(interface: &str) -> &'static [(&'static str, u32)] {
    match interface {
        "direct" => &[
            ("deploy", 100),
            ("write_image", 80),
            ("prepare_instance_boot", 60),
            ("tear_down_agent", 40),
            ("switch_to_tenant_network", 30),
            ("boot_instance", 20),
        ],
        "custom-agent" => &[
            ("deploy", 100),
            ("prepare_instance_boot", 60),
            ("tear_down_agent", 40),
            ("switch_to_tenant_network", 30),
            ("boot_instance", 20),
        ],
        _ => &[("deploy", 100)],
    }
}

impl World {
    /// The steps of a node's deployment.
    pub(super) fn deploy_steps_of(&self, key: NodeKey) -> Vec<Value> {
        let interface = self
            .store
            .nodes
            .get(&key)
            .map_or("", |node| Self::deploy_interface(node));
        deploy_steps(interface)
            .iter()
            .map(|(name, priority)| {
                json!({
                    "step": name, "priority": priority, "abortable": true, "argsinfo": null,
                    "interface": "deploy",
                })
            })
            .collect()
    }

    pub(super) fn flow_starts(&mut self, key: NodeKey, flow: Flow, steps: &[Value]) {
        let event_type = flow.event_type();
        let text = format!(
            "Starting {} with steps={}",
            event_type.replace('_', " "),
            python::repr(&Value::from(steps))
        );
        self.record(key, &format!("{event_type}_start"), &text, false);
    }

    pub(super) fn flow_ends(&mut self, key: NodeKey, flow: Flow, steps: &[Value]) {
        let text = format!(
            "{} completed successfully with steps={}",
            flow.title(),
            python::repr(&Value::from(steps))
        );
        self.record(key, &format!("{}_end", flow.event_type()), &text, false);
    }

    pub(super) fn flow_aborts(&mut self, key: NodeKey, flow: Flow, step: &str, steps: &[Value]) {
        let text = format!(
            "{} aborted at step '{step}' with steps={}",
            flow.title(),
            python::repr(&Value::from(steps))
        );
        self.record(key, &format!("{}_end", flow.event_type()), &text, true);
    }
}

/// The step of automated cleaning that fake hardware has.
pub(super) fn fake_clean_step() -> Value {
    json!({
        "step": "log_passthrough", "priority": 1, "abortable": false, "argsinfo": null,
        "interface": "vendor", "requires_ramdisk": true,
    })
}
