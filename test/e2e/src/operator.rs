//! The operator: a process of the test's own, which it kills.

use std::ffi::OsString;
use std::fs::{self, File};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, bail};

use crate::wait::until;

/// How an operator is started.
#[derive(Debug, Clone)]
pub struct OperatorFlags {
    /// Where it finds Ironic.
    pub ironic: String,
    /// The address at which Ironic gets config drives from it, and the certificate and the key that it has for that.
    pub server: String,
    /// PEM files.
    pub certificate: (PathBuf, PathBuf),
    /// How long a machine gets to shut down.
    pub soft_power_off_timeout: Duration,
}

/// A running operator; killed when it is dropped.
#[derive(Debug)]
pub struct Operator {
    process: Child,
    log: PathBuf,
    arguments: String,
}

impl Operator {
    /// Starts an operator that logs all it can, under the rights that this kubeconfig gives, and waits until it works.
    pub async fn start(
        binary: &Path,
        kubeconfig: &Path,
        log: PathBuf,
        flags: &OperatorFlags,
    ) -> Result<Self> {
        let file =
            File::create(&log).with_context(|| format!("failed to make {}", log.display()))?;
        let process = Command::new("setpriv") // it ends with the test, whatever ends that
            .args(["--pdeathsig", "KILL", "--"])
            .arg(binary)
            .args([
                "run",
                "--log-format",
                "text",
                "--ironic-endpoint",
                &flags.ironic,
            ])
            // Several may run at once.
            .args(["--metrics-addr", "127.0.0.1:0"])
            .args(["--health-addr", "127.0.0.1:0"])
            .args(config_drive_flags(flags)?)
            .arg("--soft-power-off-timeout")
            .arg(flags.soft_power_off_timeout.as_secs().to_string())
            .env_clear()
            .env("PATH", "/usr/bin:/bin")
            .env("KUBECONFIG", kubeconfig)
            .env("RUST_LOG", "trace")
            .stdin(Stdio::null())
            .stdout(file.try_clone().context("no second handle of the log")?)
            .stderr(file)
            .spawn()
            .with_context(|| format!("failed to start {}", binary.display()))?;
        let mut operator = Self {
            process,
            log,
            arguments: String::new(),
        };
        until(
            "the operator says that it starts",
            Duration::from_secs(30),
            async || {
                operator.check_alive()?;
                Ok(operator.log_text()?.contains("starting").then_some(()))
            },
        )
        .await?;
        operator.arguments = operator.arguments_now()?;
        Ok(operator)
    }

    /// Fails if the process ended by itself.
    pub fn check_alive(&mut self) -> Result<()> {
        if let Some(status) = self
            .process
            .try_wait()
            .context("failed to look after the operator")?
        {
            bail!(
                "the operator ended by itself: {status}; its log is {}",
                self.log.display()
            );
        }
        Ok(())
    }

    /// SIGKILL; returns when the process is gone.
    pub fn kill(mut self) -> Result<()> {
        self.check_alive()?;
        self.process.kill().context("failed to kill the operator")?;
        self.process
            .wait()
            .context("failed to see the operator's end")?;
        Ok(())
    }

    /// The arguments that everybody on the machine can read.
    pub fn arguments(&self) -> &str {
        &self.arguments
    }

    /// Where it logs.
    pub fn log(&self) -> &Path {
        &self.log
    }

    fn log_text(&self) -> Result<String> {
        let bytes = fs::read(&self.log)
            .with_context(|| format!("failed to read {}", self.log.display()))?;
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }

    fn arguments_now(&self) -> Result<String> {
        let file = format!("/proc/{}/cmdline", self.process.id());
        let bytes = fs::read(&file).with_context(|| format!("failed to read {file}"))?;
        let arguments = String::from_utf8_lossy(&bytes).replace('\0', " ");
        if !arguments.contains("--ironic-endpoint") {
            bail!("{file} does not show the operator's arguments: {arguments}");
        }
        Ok(arguments)
    }
}

/// At a port that nothing listens at.
fn config_drive_flags(flags: &OperatorFlags) -> Result<Vec<OsString>> {
    let free = TcpListener::bind((flags.server.as_str(), 0))
        .and_then(|listener| listener.local_addr())
        .with_context(|| format!("no port is free at {}", flags.server))?;
    let (certificate, key) = &flags.certificate;
    Ok(vec![
        "--config-drive-addr".into(),
        free.to_string().into(),
        "--config-drive-url".into(),
        format!("https://{free}").into(),
        "--config-drive-tls-cert-file".into(),
        certificate.into(),
        "--config-drive-tls-private-key-file".into(),
        key.into(),
    ])
}

impl Drop for Operator {
    fn drop(&mut self) {
        // It may have been killed before.
        drop(self.process.kill());
        drop(self.process.wait());
    }
}
