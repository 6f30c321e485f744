//! Steps: what Ironic does to a node, one after the other.

use std::fmt;

use serde::Serialize;
use serde_json::{Map, Value};

use crate::redact::masked;

/// A step of cleaning or servicing.
///
/// `Debug` shows no argument's value: some are passwords.
/// See `_STEPS_SCHEMA` in `ironic/api/controllers/v1/node.py`.
#[derive(Clone, Default, PartialEq, Eq, Serialize)]
pub struct Step {
    /// The kind of interface that has it, such as `bios`.
    pub interface: String,
    /// Its name, such as `apply_configuration`.
    pub step: String,
    /// Its arguments.
    #[serde(skip_serializing_if = "Map::is_empty")]
    pub args: Map<String, Value>,
}

impl fmt::Debug for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Step")
            .field("interface", &self.interface)
            .field("step", &self.step)
            .field("args", &masked(&self.args))
            .finish()
    }
}

/// A step of a deployment.
///
/// `Debug` shows no argument's value: some are passwords.
/// See `DEPLOY_STEP_SCHEMA` in `ironic/api/controllers/v1/utils.py`.
#[derive(Clone, Default, PartialEq, Eq, Serialize)]
pub struct DeployStep {
    /// The kind of interface that has it, such as `deploy`.
    pub interface: String,
    /// Its name, such as `write_image`.
    pub step: String,
    /// Its arguments. Always sent: Ironic insists on them.
    pub args: Map<String, Value>,
    /// Its place: higher ones come first, and 0 takes the driver's own step of that name out.
    pub priority: u32,
}

impl fmt::Debug for DeployStep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DeployStep")
            .field("interface", &self.interface)
            .field("step", &self.step)
            .field("args", &masked(&self.args))
            .field("priority", &self.priority)
            .finish()
    }
}

/// The steps that a node is cleaned or serviced by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Steps {
    /// These, in this order; at least one.
    These(Vec<Step>),
    /// Those of a runbook, by its name or UUID. Ironic's API asks that the node has the runbook's
    /// name as a trait.
    Runbook(String),
}
