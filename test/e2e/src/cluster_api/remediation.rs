//! How the provider has an unhealthy machine rebooted (`Metal3Remediation`, strategy `Reboot`).

use anyhow::{Context, Result};
use uuid::Uuid;

use super::machine::Metal3Machine;
use super::provider::Provider;

/// A `Metal3Remediation`.
#[derive(Debug, Clone)]
pub struct Remediation {
    annotation: String,
    phase: Phase,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// The machine goes off.
    Running,
    /// The machine comes back.
    Waiting,
    /// It is on again.
    Done,
    /// The user doesn't want it on.
    Failed,
}

impl Default for Remediation {
    fn default() -> Self {
        Self {
            annotation: format!("reboot.metal3.io/metal3-remediation-{}", Uuid::new_v4()),
            phase: Phase::Running,
        }
    }
}

impl Remediation {
    /// The annotation that keeps the machine off.
    pub fn annotation(&self) -> &str {
        &self.annotation
    }

    /// Whether the machine is on again.
    pub fn is_done(&self) -> bool {
        self.phase == Phase::Done
    }

    /// Whether it was given up.
    pub fn has_failed(&self) -> bool {
        self.phase == Phase::Failed
    }
}

impl Provider {
    /// One pass over a remediation.
    pub async fn remediate(
        &self,
        machine: &Metal3Machine,
        remediation: &mut Remediation,
    ) -> Result<()> {
        let host = self.host_of(machine).await?;
        let mut host = host.context("the machine has no host")?;
        if host.host["spec"]["online"] != true {
            remediation.phase = Phase::Failed;
            return Ok(());
        }
        let is_asked = host.annotation(&remediation.annotation).is_some();
        match remediation.phase {
            Phase::Running if !is_asked => {
                let hard = r#"{"mode":"hard","force":false}"#;
                host.set_annotation(&remediation.annotation, Some(hard));
                self.write(&mut host).await?;
            }
            // The node is deleted or tainted once the machine is off.
            Phase::Running if !host.is_on() => remediation.phase = Phase::Waiting,
            Phase::Waiting if is_asked => {
                host.set_annotation(&remediation.annotation, None);
                self.write(&mut host).await?;
            }
            Phase::Waiting if host.is_on() => remediation.phase = Phase::Done,
            Phase::Running | Phase::Waiting | Phase::Done | Phase::Failed => {}
        }
        Ok(())
    }
}
