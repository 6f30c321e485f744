//! The parts of the stack that have no API: through `hack/stack`, which works inside, too.

use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

use crate::environment::Environment;

/// The running stack.
#[derive(Debug, Clone)]
pub struct Stack {
    environment: Environment,
}

impl Stack {
    /// The stack that the tests run in.
    pub fn new(environment: &Environment) -> Self {
        Self {
            environment: environment.clone(),
        }
    }

    /// Replaces the account that opens a volume.
    pub fn set_chap(&self, volume: &str, user: &str, password: &str) -> Result<()> {
        self.hack("chap", &[volume, user], password).map(drop)
    }

    /// Replaces the account of the BMC.
    pub fn set_bmc(&self, user: &str, password: &str) -> Result<()> {
        self.hack("bmc", &[user], password).map(drop)
    }

    /// Puts a fresh copy of the guest there, with a marker.
    pub fn reset_volume(&self, volume: &str, marker: &str) -> Result<()> {
        self.hack("reset-volume", &[volume, marker], "").map(drop)
    }

    /// A file of the volume; none if it isn't there.
    pub fn volume_file(&self, volume: &str, file: &str) -> Option<String> {
        self.hack("volume-file", &[volume, file], "").ok()
    }

    /// All that a machine ever wrote on its console.
    pub fn console(&self, node: &str) -> Result<String> {
        self.hack("console", &[node], "")
    }

    /// Whether a machine is on, as its hypervisor says.
    pub fn is_on(&self, node: &str) -> Result<bool> {
        let state = output(virsh().args(["domstate", node]), "")?;
        Ok(state.trim() != "shut off")
    }

    /// Cuts a machine's power, behind everybody's back.
    pub fn cut_power(&self, node: &str) -> Result<()> {
        if self.is_on(node)? {
            output(virsh().args(["destroy", node]), "")?;
        }
        Ok(())
    }

    /// The power actions that all BMCs were asked for since the stack is up, `node-0 ForceOff`, oldest first.
    pub fn power_actions(&self) -> Result<Vec<String>> {
        let journal = self.hack("power-actions", &[], "")?;
        Ok(journal.lines().map(str::to_owned).collect())
    }

    /// Starts as many machines that exist in their BMC only, anew; says their names and addresses.
    pub(crate) fn start_fakes(&self, count: usize, user: &str, password: &str) -> Result<String> {
        self.hack("fake-systems", &[&count.to_string(), user], password)
    }

    /// From now on no BMC answers at a [frail address](crate::Fake::frail_address).
    pub fn cut_frail_bmc(&self) -> Result<()> {
        self.hack("frail-bmc", &["down"], "").map(drop)
    }

    /// They answer there again.
    pub fn restore_frail_bmc(&self) -> Result<()> {
        self.hack("frail-bmc", &["up"], "").map(drop)
    }

    /// From now on no BMC answers at the address of a machine that [uses a frail one](crate::Machine::use_frail_bmc).
    pub fn cut_frail_redfish(&self) -> Result<()> {
        self.hack("frail-redfish", &["down"], "").map(drop)
    }

    /// They answer there again.
    pub fn restore_frail_redfish(&self) -> Result<()> {
        self.hack("frail-redfish", &["up"], "").map(drop)
    }

    /// Ironic forgets everything; returns when it works again.
    pub fn lose_database(&self) -> Result<()> {
        self.hack("lose-database", &[], "").map(drop)
    }

    /// Starts another Kubernetes API inside the stack, empty; says where its administrator's kubeconfig is.
    pub(crate) fn start_control_plane(&self) -> Result<PathBuf> {
        let folder = self.other_control_plane();
        // A run that was killed leaves it behind.
        self.control_plane("stop")?;
        self.control_plane("start")?;
        Ok(folder.join("admin.kubeconfig"))
    }

    /// Ends it.
    pub(crate) fn stop_control_plane(&self) -> Result<()> {
        self.control_plane("stop")
    }

    fn control_plane(&self, command: &str) -> Result<()> {
        let script = self.environment.root.join("hack/control-plane");
        let folder = self.other_control_plane();
        output(Command::new(script).arg(command).arg(folder), "").map(drop)
    }

    fn other_control_plane(&self) -> PathBuf {
        self.environment.stack.join("other-control-plane")
    }

    fn hack(&self, command: &str, arguments: &[&str], input: &str) -> Result<String> {
        output(
            Command::new(self.environment.root.join("hack/stack"))
                .arg(command)
                .arg(self.environment.stack_name()?)
                .args(arguments),
            input,
        )
    }
}

fn virsh() -> Command {
    let mut command = Command::new("virsh");
    command.args(["-q", "-c", "qemu:///system"]);
    command
}

/// Runs a command to its end, and gives what it says. Secrets go through its standard input or its environment.
pub fn output(command: &mut Command, input: &str) -> Result<String> {
    let title = format!("{}", command.get_program().display());
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .with_context(|| format!("failed to run {title}"))?;
    if let Some(mut stdin) = child.stdin.take()
        && !input.is_empty()
    {
        writeln!(stdin, "{input}").with_context(|| format!("failed to write to {title}"))?;
    }
    let output = child
        .wait_with_output()
        .with_context(|| format!("failed to run {title}"))?;
    if !output.status.success() {
        bail!(
            "{title} ended with {}: {}",
            output.status,
            String::from_utf8_lossy(&output.stderr).trim()
        );
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}
