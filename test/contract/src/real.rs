//! A real Ironic with what `hack/stack` starts around it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use anyhow::{Context, Result, ensure};
use reqwest::{RequestBuilder, Response};
use serde_json::{Value, json};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use url::Url;

use crate::boot::Boot;
use crate::env::Machine;

/// Where the parts of the stack are.
#[derive(Debug, Clone)]
pub struct Site {
    /// Where Ironic listens.
    pub ironic: Url,
    /// The folder that Ironic serves to booting machines.
    pub http_folder: PathBuf,
    /// Where it is served.
    pub http: Url,
    /// The machines, all of one BMC.
    pub machines: Vec<Machine>,
}

/// A real Ironic, its machines, and who uses them.
#[derive(Debug)]
pub struct Real {
    pub(crate) site: Site,
    http: reqwest::Client,
    free: Mutex<Vec<Machine>>,
    permits: Arc<Semaphore>,
}

/// A machine that a case has for itself.
#[derive(Debug)]
pub(crate) struct Lease {
    real: Arc<Real>,
    machine: Machine,
    _permit: OwnedSemaphorePermit,
}

impl Site {
    /// The stack in a folder, as `test/stack/site.env` describes it.
    pub fn read(ironic: Url, stack: &Path, site_env: &Path) -> Result<Self> {
        let text = std::fs::read_to_string(site_env)
            .with_context(|| format!("failed to read {}", site_env.display()))?;
        let settings = settings(&text);
        let value = |key: &str| {
            settings
                .get(key)
                .cloned()
                .with_context(|| format!("{} does not set {key}", site_env.display()))
        };
        let server = value("server")?;
        let machine = |name: &str| -> Result<Machine> {
            Ok(Machine {
                address: format!("http://{server}:{}", value("redfish_port")?),
                system_id: format!(
                    "/redfish/v1/Systems/{}",
                    value(&format!("node_uuid[{name}]"))?
                ),
                username: value("bmc_username")?,
                password: value("bmc_password")?,
                mac: value(&format!("node_mac[{name}]"))?,
                boot_mode: value(&format!("node_firmware[{name}]"))?,
            })
        };
        let names = settings
            .keys()
            .filter_map(|key| key.strip_prefix("node_uuid[")?.strip_suffix(']'));
        Ok(Self {
            ironic,
            http_folder: stack.join("http"),
            http: format!("http://{server}:{}/", value("http_port")?).parse()?,
            machines: names.map(machine).collect::<Result<_>>()?,
        })
    }
}

/// `key=value`, and of `declare -A table=([row]=value …)` `table[row]`: all that the file has of bash.
fn settings(text: &str) -> BTreeMap<String, String> {
    let mut table = None;
    let mut settings = BTreeMap::new();
    for line in text.lines() {
        let line = line.split('#').next().unwrap_or_default();
        for word in line.split_whitespace() {
            let (word, closes) = match word.strip_suffix(')') {
                Some(word) => (word, true),
                None => (word, false),
            };
            let word = match word.split_once("=(") {
                Some((name, first)) => {
                    table = Some(name.to_owned());
                    first
                }
                None => word,
            };
            if let Some((key, value)) = word.split_once('=') {
                let key = match &table {
                    Some(table) => format!("{table}{key}"),
                    None => key.to_owned(),
                };
                settings.insert(key, value.to_owned());
            }
            if closes {
                table = None;
            }
        }
    }
    settings
}

impl Real {
    /// Takes the stack over; nobody else may use its machines.
    pub fn new(site: Site) -> Result<Self> {
        let free = site.machines.clone();
        ensure!(!free.is_empty(), "the stack has no machines");
        Ok(Self {
            site,
            http: reqwest::Client::builder().build()?,
            permits: Arc::new(Semaphore::new(free.len())),
            free: Mutex::new(free),
        })
    }

    pub(crate) async fn machine(self: &Arc<Self>) -> Result<Lease> {
        let permit = self.permits.clone().acquire_owned().await?;
        let machine = self
            .free()
            .pop()
            .context("there are more permits than machines")?;
        let lease = Lease {
            real: self.clone(),
            machine,
            _permit: permit,
        };
        self.switch_off(&lease.machine).await?;
        self.forget_script(&lease.machine.mac)?;
        Ok(lease)
    }

    /// A node that is removed by force leaves its script, which is none of the next one's.
    fn forget_script(&self, mac: &str) -> Result<()> {
        let file = self.script(mac);
        match std::fs::remove_file(&file) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                Err(error).with_context(|| format!("failed to remove {}", file.display()))
            }
            Ok(()) | Err(_) => Ok(()),
        }
    }

    fn script(&self, mac: &str) -> PathBuf {
        let folder = self.site.http_folder.join("pxelinux.cfg");
        folder.join(mac.replace(':', "-"))
    }

    pub(crate) fn boot(&self, mac: &str) -> Result<Boot> {
        let file = self.script(mac);
        match std::fs::read_to_string(&file) {
            Ok(script) => Ok(Boot::from_script(&script)),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Boot::NoConfiguration),
            Err(error) => Err(error).with_context(|| format!("failed to read {}", file.display())),
        }
    }

    pub(crate) fn image(&self) -> Result<String> {
        const NAME: &str = "contract.iso";
        let file = self.site.http_folder.join(NAME);
        std::fs::write(&file, vec![0; 64 * 1024])
            .with_context(|| format!("failed to write {}", file.display()))?;
        Ok(format!("{}{NAME}", self.site.http))
    }

    pub(crate) fn missing_image(&self) -> String {
        format!("{}missing.iso", self.site.http)
    }

    /// Cuts a machine's power at its BMC.
    pub(crate) async fn switch_off(&self, machine: &Machine) -> Result<()> {
        let url = format!(
            "{}{}/Actions/ComputerSystem.Reset",
            machine.address, machine.system_id
        );
        let request = self.http.post(url).json(&json!({"ResetType": "ForceOff"}));
        ask(request, machine).await.map(drop)
    }

    /// Whether a machine is on, as its BMC says.
    pub(crate) async fn is_on(&self, machine: &Machine) -> Result<bool> {
        let url = format!("{}{}", machine.address, machine.system_id);
        let system: Value = ask(self.http.get(url), machine).await?.json().await?;
        Ok(system["PowerState"] == "On")
    }

    fn free(&self) -> MutexGuard<'_, Vec<Machine>> {
        self.free.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn ask(request: RequestBuilder, machine: &Machine) -> Result<Response> {
    let answer = request
        .basic_auth(&machine.username, Some(&machine.password))
        .send()
        .await
        .context("the machines' BMC does not answer")?;
    let status = answer.status();
    ensure!(status.is_success(), "the machines' BMC answered {status}");
    Ok(answer)
}

impl Lease {
    pub(crate) fn machine(&self) -> &Machine {
        &self.machine
    }

    /// For the next case, switched off.
    pub(crate) async fn give_back(self) -> Result<()> {
        self.real.switch_off(&self.machine).await
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        let machine = self.machine.clone();
        self.real.free().push(machine);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_machines_of_the_stack_are_read_from_its_settings() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let site = Site::read(
            "http://127.0.0.1:6385".parse().unwrap(),
            Path::new("/stack"),
            &root.join("../stack/site.env"),
        )
        .unwrap();
        let modes: Vec<_> = site.machines.iter().map(|one| &one.boot_mode).collect();
        assert_eq!(modes, ["bios", "uefi"]);
        assert!(site.machines[0].mac.starts_with("52:54:"));
    }
}
