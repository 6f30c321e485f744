//! Deploying (`conductor/deployments.py`, `drivers/modules/agent.py`, `ramdisk.py`).

use serde_json::Value;

use super::World;
use super::boots::PrepareFailure;
use super::steps::Flow;
use crate::boot::Boot;
use crate::faults::Failing;
use crate::model::{NodeKey, Object};
use crate::python;
use crate::states::{Event, PowerAction};
use crate::storage;

/// How a deployment fails: the words, and whether what it did so far is undone.
struct Failure {
    text: String,
    /// The step that failed, if it came to that.
    step: Option<&'static str>,
    is_undone: bool,
}

impl Failure {
    fn preparing(words: &str) -> Self {
        Self {
            text: format!("Failed to prepare to deploy: {words}"),
            step: None,
            is_undone: false,
        }
    }

    fn in_step(step: &'static str, words: &str) -> Self {
        Self {
            text: format!("Deploy step deploy.{step} failed: {words}."),
            step: Some(step),
            is_undone: true,
        }
    }
}

/// How a deployment goes on.
enum Progress {
    Done,
    /// It waits for the ramdisk.
    Waits,
}

impl World {
    /// What `deploying` does after its delay.
    pub(super) fn deploy(&mut self, key: NodeKey) {
        let uuid = self.uuid_of(key);
        let fault = self.faults.strike_work(&uuid, Failing::Deploy);
        if let Some(node) = self.store.nodes.get_mut(&key) {
            node.driver_internal_info
                .insert("deploy_steps".to_owned(), Value::Null);
        }
        let interface = self
            .store
            .nodes
            .get(&key)
            .map(|node| Self::deploy_interface(node).to_owned())
            .unwrap_or_default();
        let outcome = match (fault, interface.as_str()) {
            (Some(text), _) => Err(Failure {
                text,
                step: None,
                is_undone: true,
            }),
            (None, "fake" | "noop") => {
                let steps = self.deploy_steps_of(key);
                self.flow_starts(key, Flow::Deployment, &steps);
                Ok(Progress::Done)
            }
            (None, "ramdisk") => self.deploy_ramdisk(key),
            (None, _) => self.deploy_with_agent(key),
        };
        match outcome {
            Ok(Progress::Done) => self.deployed(key),
            Ok(Progress::Waits) => {
                if let Some(node) = self.store.nodes.get_mut(&key) {
                    node.deploy_step = deploy_step();
                }
                self.wait_for_ramdisk(key, None);
            }
            Err(Failure {
                text,
                step,
                is_undone,
            }) => {
                if let Some(step) = step {
                    let steps = self.deploy_steps_of(key);
                    self.flow_aborts(key, Flow::Deployment, step, &steps);
                }
                if is_undone {
                    self.clean_up_boot(key);
                }
                if let Some(node) = self.store.nodes.get_mut(&key) {
                    node.deploy_step = Object::new();
                }
                self.fail(key, "deploying", &text);
            }
        }
    }

    fn deployed(&mut self, key: NodeKey) {
        if let Some(node) = self.store.nodes.get_mut(&key) {
            node.deploy_step = Object::new();
        }
        let steps = self.deploy_steps_of(key);
        self.flow_ends(key, Flow::Deployment, &steps);
        self.step(key, Event::Done);
    }

    /// `direct` and `custom-agent`.
    fn deploy_with_agent(&mut self, key: NodeKey) -> Result<Progress, Failure> {
        self.populate_storage(key)
            .map_err(|words| Failure::preparing(&words))?;
        self.switch(key, PowerAction::Off)
            .map_err(|words| Failure::preparing(&words))?;
        let writes_image = self.writes_image(key);
        if storage::needs_cinder(&self.store, key) {
            return Err(Failure {
                text: format!(
                    "Failed to prepare to deploy. Exception: {}",
                    storage::CINDER_IS_DOWN
                ),
                step: None,
                is_undone: false,
            });
        }
        if writes_image {
            self.boot_image_ramdisk(key)
                .map_err(|words| Failure::preparing(&words))?;
        }
        let steps = self.deploy_steps_of(key);
        self.flow_starts(key, Flow::Deployment, &steps);
        if writes_image {
            self.switch(key, PowerAction::Reboot)
                .map_err(|words| Failure::in_step("deploy", &words))?;
            return Ok(Progress::Waits);
        }
        self.prepare_instance(key)
            .map_err(|failure| match failure {
                PrepareFailure::Python(class, words) => Failure {
                    text: format!(
                        "Deploy step deploy.prepare_instance_boot failed with {class}: {words}."
                    ),
                    step: Some("prepare_instance_boot"),
                    is_undone: true,
                },
                PrepareFailure::Ironic(words) => Failure::in_step("prepare_instance_boot", &words),
            })?;
        self.switch(key, PowerAction::On).map_err(|words| {
            let uuid = self.uuid_of(key);
            Failure {
                text: format!("Error booting node {uuid} after deploy. PowerStateFailure: {words}"),
                step: Some("boot_instance"),
                is_undone: false,
            }
        })?;
        Ok(Progress::Done)
    }

    /// `ramdisk`, which needs a kernel and a ramdisk even if there is a volume.
    fn deploy_ramdisk(&mut self, key: NodeKey) -> Result<Progress, Failure> {
        self.populate_storage(key)
            .map_err(|words| Failure::preparing(&words))?;
        self.switch(key, PowerAction::Off)
            .map_err(|words| Failure::preparing(&words))?;
        let uuid = self.uuid_of(key);
        let missing: Vec<&str> = {
            let info = self.store.nodes.get(&key).map(|node| &node.instance_info);
            let has = |name: &str| {
                info.and_then(|info| info.get(name))
                    .is_some_and(crate::mask::is_truthy)
            };
            if has("boot_iso") {
                Vec::new()
            } else {
                ["kernel", "ramdisk"]
                    .into_iter()
                    .filter(|name| !has(name))
                    .collect()
            }
        };
        if !missing.is_empty() {
            let missing = python::quoted_list(missing);
            return Err(Failure::in_step(
                "deploy",
                &format!(
                    "Cannot validate image information for node {uuid} because one or more \
                     parameters are missing from its instance_info and insufficient information \
                     is present to boot from a remote volume. Missing are: {missing}"
                ),
            ));
        }
        let macs = self.boot_macs(key);
        self.boot_server
            .publish(&uuid, &macs, Boot::InstanceRamdisk);
        self.set_boot_device(key, "pxe")
            .and_then(|()| self.switch(key, PowerAction::On))
            .map_err(|words| Failure::in_step("deploy", &words))?;
        Ok(Progress::Done)
    }

    /// The ramdisk has called, and written the image.
    pub(super) fn end_image_deploy(&mut self, key: NodeKey) {
        let outcome = self
            .set_boot_device(key, "disk")
            .and_then(|()| self.switch(key, PowerAction::Off))
            .and_then(|()| {
                self.clean_up_boot(key);
                self.switch(key, PowerAction::On)
            });
        match outcome {
            Ok(()) => self.deployed(key),
            Err(words) => {
                let failure = Failure::in_step("prepare_instance_boot", &words);
                self.fail(key, "deploying", &failure.text);
            }
        }
    }
}

/// The step in which the ramdisk is waited for.
fn deploy_step() -> Object {
    let mut step = Object::new();
    step.insert("interface".to_owned(), Value::from("deploy"));
    step.insert("step".to_owned(), Value::from("deploy"));
    step.insert("priority".to_owned(), Value::from(100));
    step.insert("abortable".to_owned(), Value::from(true));
    step.insert("argsinfo".to_owned(), Value::Null);
    step
}
