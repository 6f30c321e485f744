//! The only writer to Ironic: one call for each effect, in order, until one is not done.

use std::time::Duration;

use ironic_client::watch::Inventory;
use ironic_client::{Chain, ErrorKind};
use ironic_types::calls::{
    CreateConnector, CreateNode, CreatePort, CreateTarget, DeleteConnector, DeleteNode,
    DeleteTarget, GetNodeFields, PatchNode, PatchPort, SetMaintenance, SetPowerState,
    SetProvisionState, UnsetMaintenance, ValidateNode,
};
use ironic_types::{Call, Node, NodeId, NodeIdent, Patch, PowerTarget};
use kube::ResourceExt;
use metal_api::v1alpha1::DeployedVolume;
use metal_plan::{
    ChapRef, CredentialsRef, DriverBlueprint, Effect, NodeBlueprint, Observation, Outcome, Plan,
    Step, wanted_targets,
};
use tracing::{info, warn};

use crate::context::Context;
use crate::credentials::{self, Login};

mod bodies;
mod leases;
mod note;
#[cfg(test)]
mod tests;
mod virtual_media;

/// Carries out the plan's effects; what came of each that was tried.
pub(crate) async fn execute(
    context: &Context,
    observation: &Observation,
    plan: &Plan,
) -> Vec<Outcome> {
    let Step::Act(effects) = &plan.step else {
        return Vec::new();
    };
    let executor = Executor {
        context,
        observation,
        namespace: observation.host.namespace().unwrap_or_default(),
    };
    let mut outcomes = Vec::with_capacity(effects.len());
    let mut leases_are_confirmed = false;
    for effect in effects {
        let needs_leases = effect.needs_leases() && !leases_are_confirmed;
        let outcome = if needs_leases && let Some(lacking) = Box::pin(executor.lacks_leases()).await
        {
            lacking
        } else if let Some(overtaken) = executor.overtaken(effect).await {
            overtaken
        } else {
            leases_are_confirmed |= needs_leases;
            let outcome = executor.carry_out(effect).await;
            executor.recheck_state(outcome).await
        };
        executor.note(effect, &outcome);
        report(effect, &outcome);
        let goes_on = outcome.is_done();
        outcomes.push(outcome);
        if !goes_on {
            break;
        }
    }
    outcomes
}

fn report(effect: &Effect, outcome: &Outcome) {
    match outcome {
        Outcome::Done | Outcome::NodeCreated(_) => info!(%effect, "done"),
        Outcome::Locked { message } => info!(%effect, message, "the node is locked"),
        Outcome::Overtaken { message } => info!(%effect, message, "the node's state has changed"),
        Outcome::CredentialsChanged => info!(%effect, "the Secret was changed in the meantime"),
        Outcome::LeasesChanged => info!(%effect, "a Lease changed hands in the meantime"),
        Outcome::LeasesUnavailable { message } => {
            warn!(%effect, message, "Kubernetes can't read or write Leases");
        }
        Outcome::Refused { message } => warn!(%effect, message, "Ironic refused"),
        Outcome::Unavailable { message } => warn!(%effect, message, "Ironic gave no answer"),
    }
}

struct Executor<'a> {
    context: &'a Context,
    observation: &'a Observation,
    namespace: String,
}

impl Executor<'_> {
    async fn carry_out(&self, effect: &Effect) -> Outcome {
        match effect {
            Effect::CreateNode { node, credentials } => self.create_node(node, credentials).await,
            Effect::SetDriverInfo {
                node,
                settings,
                driver,
                credentials,
            } => {
                self.set_driver_info(*node, settings, driver, credentials)
                    .await
            }
            Effect::UpdateNode { node, patch, .. } => self.patch(*node, patch.clone()).await,
            Effect::SetMaintenance { node } => self.set_maintenance(*node).await,
            Effect::UnsetMaintenance { node } => self.send(&UnsetMaintenance { node: *node }).await,
            Effect::SetProvisionState { node, verb } => {
                self.send(&SetProvisionState {
                    node: *node,
                    target: *verb,
                })
                .await
            }
            Effect::SetPower {
                node,
                target,
                timeout,
            } => self.set_power(*node, *target, *timeout).await,
            Effect::CreatePort {
                node,
                address,
                pxe_enabled,
            } => {
                let port = bodies::port(*node, address, *pxe_enabled);
                self.send_and(&CreatePort { port }, Inventory::learn_port)
                    .await
            }
            Effect::EnablePxe { port } => {
                let patch = Patch::new().replace("/pxe_enabled", true);
                let call = PatchPort { port: *port, patch };
                self.send_and(&call, Inventory::learn_port).await
            }
            Effect::CreateConnector { node, connector_id } => {
                let connector = bodies::connector(*node, connector_id);
                self.send_and(&CreateConnector { connector }, Inventory::learn_connector)
                    .await
            }
            Effect::DeleteConnector { connector } => {
                self.remove(&DeleteConnector {
                    connector: *connector,
                })
                .await
            }
            Effect::CreateTarget {
                node,
                volume,
                boot_index,
                credentials,
            } => {
                self.create_target(*node, volume, *boot_index, credentials.as_ref())
                    .await
            }
            Effect::DeleteTarget { target } => self.remove(&DeleteTarget { target: *target }).await,
            Effect::Validate { node } => self.validate(*node).await,
            Effect::DeleteNode { node } => self.remove(&DeleteNode { node: *node }).await,
            Effect::AttachConfigDrive { node, content } => {
                Box::pin(self.attach_config_drive(*node, content)).await
            }
            Effect::DetachConfigDrive { node } => self.detach_config_drive(*node).await,
            Effect::TakeLeases { claims, holder } => {
                Box::pin(self.take_leases(claims, holder)).await
            }
            Effect::GiveBackLeases { leases } => Box::pin(self.give_back_leases(leases)).await,
        }
    }

    /// What came of an effect that must not be carried out, because the node is not as it was observed any more.
    ///
    /// What was observed may be as old as the last look of the watch, and Ironic cuts the power of a machine that was
    /// switched on since without asking.
    async fn overtaken(&self, effect: &Effect) -> Option<Outcome> {
        let seen = self
            .observation
            .node()
            .filter(|_| effect.is_harmful_if_outdated())?;
        let now = match self.read_state(seen.uuid).await {
            Ok(now) => now,
            Err(error) if error.is_not_found() => {
                let message = error.in_words();
                return Some(Outcome::Overtaken { message });
            }
            Err(error) => return Some(outcome(&error)),
        };
        let is_as_seen = now.provision_state == seen.provision_state
            && now.power_state == seen.power_state
            && now.target_power_state == seen.target_power_state;
        (!is_as_seen).then(|| Outcome::Overtaken {
            message: "the node was changed since it was observed".to_owned(),
        })
    }

    /// A refusal of what the node's state doesn't allow any more is no failure: an earlier request, whose answer was
    /// lost, may have brought it there.
    async fn recheck_state(&self, outcome: Outcome) -> Outcome {
        let (Outcome::Refused { message }, Some(seen)) = (&outcome, self.observation.node()) else {
            return outcome;
        };
        match self.read_state(seen.uuid).await {
            Ok(node) if node.provision_state != seen.provision_state => Outcome::Overtaken {
                message: message.clone(),
            },
            Err(error) if error.is_not_found() => Outcome::Overtaken {
                message: message.clone(),
            },
            Ok(_) | Err(_) => outcome,
        }
    }

    /// Where the node is now, and nothing else of it.
    async fn read_state(&self, node: NodeId) -> Result<Node, ironic_client::Error> {
        let call = GetNodeFields {
            ident: NodeIdent::Id(node),
            fields: &[
                "uuid",
                "provision_state",
                "power_state",
                "target_power_state",
            ],
        };
        self.context.ironic.send(&call).await
    }

    async fn create_node(&self, node: &NodeBlueprint, credentials: &CredentialsRef) -> Outcome {
        let login = match self.open(credentials).await {
            Ok(login) => login,
            Err(outcome) => return outcome,
        };
        let node = bodies::node(node, login);
        match self.context.ironic.send(&CreateNode { node }).await {
            Ok(node) => {
                let id = node.uuid;
                self.context.inventory.learn(node);
                self.context.inventory.learn_no_ports(id);
                Outcome::NodeCreated(id)
            }
            Err(error) => outcome(&error),
        }
    }

    async fn set_driver_info(
        &self,
        node: NodeId,
        settings: &Patch,
        driver: &DriverBlueprint,
        credentials: &CredentialsRef,
    ) -> Outcome {
        match self.open(credentials).await {
            Ok(login) => {
                let driver_info = bodies::driver_info(driver, login);
                self.patch(node, settings.clone().add("/driver_info", driver_info))
                    .await
            }
            Err(outcome) => outcome,
        }
    }

    async fn create_target(
        &self,
        node: NodeId,
        volume: &DeployedVolume,
        boot_index: i64,
        credentials: Option<&ChapRef>,
    ) -> Outcome {
        let mut targets = wanted_targets(volume);
        let Some(wanted) = targets.find(|target| target.boot_index == boot_index) else {
            return Outcome::Refused {
                message: format!("the deployment has no volume with the boot index {boot_index}"),
            };
        };
        let login = match credentials {
            None => None,
            Some(credentials) => {
                let opened = credentials::open_chap(self.context, &self.namespace, credentials);
                match opened_or_not(opened.await) {
                    Ok(login) => Some(login),
                    Err(outcome) => return outcome,
                }
            }
        };
        let fingerprint = credentials.map(|credentials| &credentials.fingerprint);
        match bodies::target(node, &volume.deployment_id, &wanted, login, fingerprint) {
            Ok(target) => {
                self.send_and(&CreateTarget { target }, Inventory::learn_target)
                    .await
            }
            Err(_) => Outcome::Refused {
                message: format!("lun {} is none", wanted.iscsi_target.lun),
            },
        }
    }

    async fn set_maintenance(&self, node: NodeId) -> Outcome {
        let is_deleted = self.observation.host.metadata.deletion_timestamp.is_some();
        let reason = if is_deleted { "deleted" } else { "detached" };
        let reason = Some(format!("the host is being {reason}"));
        self.send(&SetMaintenance { node, reason }).await
    }

    async fn set_power(
        &self,
        node: NodeId,
        target: PowerTarget,
        timeout: Option<Duration>,
    ) -> Outcome {
        let timeout = timeout.and_then(|timeout| u32::try_from(timeout.as_secs()).ok());
        self.send(&SetPowerState {
            node,
            target,
            timeout,
        })
        .await
    }

    async fn patch(&self, node: NodeId, patch: Patch) -> Outcome {
        self.send_and(&PatchNode { node, patch }, Inventory::learn)
            .await
    }

    async fn open(&self, credentials: &CredentialsRef) -> Result<Login, Outcome> {
        opened_or_not(credentials::open(self.context, &self.namespace, credentials).await)
    }

    async fn send<C: Call>(&self, call: &C) -> Outcome {
        self.send_and(call, |_, _| {}).await
    }

    /// Sends, and lets the inventory take in the answer.
    async fn send_and<C: Call>(
        &self,
        call: &C,
        take_in: impl FnOnce(&Inventory, C::Response),
    ) -> Outcome {
        match self.context.ironic.send(call).await {
            Ok(answer) => {
                take_in(&self.context.inventory, answer);
                Outcome::Done
            }
            Err(error) => outcome(&error),
        }
    }

    /// What is gone already is removed.
    async fn remove<C: Call>(&self, call: &C) -> Outcome {
        match self.context.ironic.send(call).await {
            Err(error) if !error.is_not_found() => outcome(&error),
            Ok(_) | Err(_) => Outcome::Done,
        }
    }

    /// Only these matter to a boot from a volume; others may be unsupported by the driver and say so.
    async fn validate(&self, node: NodeId) -> Outcome {
        let validation = match self.context.ironic.send(&ValidateNode { node }).await {
            Ok(validation) => validation,
            Err(error) => return outcome(&error),
        };
        match validation
            .failures(&["power", "management", "boot", "storage", "deploy"])
            .next()
        {
            None => Outcome::Done,
            Some((interface, reason)) => Outcome::Refused {
                message: format!("{interface} does not validate: {reason}"),
            },
        }
    }
}

fn opened_or_not(opened: Result<Option<Login>, credentials::Error>) -> Result<Login, Outcome> {
    match opened {
        Ok(Some(login)) => Ok(login),
        Ok(None) => Err(Outcome::CredentialsChanged),
        Err(error) => Err(Outcome::Unavailable {
            message: Chain(&error).to_string(),
        }),
    }
}

fn outcome(error: &ironic_client::Error) -> Outcome {
    let message = error.in_words();
    match error.kind() {
        ErrorKind::Locked => Outcome::Locked { message },
        ErrorKind::Conflict
        | ErrorKind::NotFound
        | ErrorKind::Refused
        | ErrorKind::Failed
        | ErrorKind::Unsupported
        | ErrorKind::NotSent => Outcome::Refused { message },
        // Nothing that this host could mend, or nobody knows what was done.
        ErrorKind::Denied
        | ErrorKind::Unavailable
        | ErrorKind::Mistrust
        | ErrorKind::ListChanged
        | ErrorKind::NotUnderstood => Outcome::Unavailable { message },
    }
}
