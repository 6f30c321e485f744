//! A machine without a disk and the host that stands for it, as `docs/examples/` has them.

use anyhow::{Context, Result, ensure};
use metal_api::v1alpha1::{BareMetalHost, BootVolume};
use serde_json::Value;

use crate::environment::Environment;

/// How a machine starts: the stack has one of each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Firmware {
    /// BIOS.
    Bios,
    /// UEFI.
    Uefi,
}

impl Firmware {
    fn example(self) -> &'static str {
        match self {
            Self::Bios => "host-bios.yaml",
            Self::Uefi => "host-uefi.yaml",
        }
    }
}

/// A machine, prepared for one test.
#[derive(Debug, Clone)]
pub struct Machine {
    /// The example's host, in the test's namespace.
    pub host: BareMetalHost,
    /// Its name in Kubernetes and in the stack.
    pub name: String,
    /// What the test's copy of the volume has in its marker file.
    pub marker: String,
    /// The password of its BMC.
    pub bmc_password: String,
    /// The CHAP password that opens the volume.
    pub chap_password: String,
    /// How long the console was before what counts.
    pub(crate) console_start: usize,
}

impl Machine {
    pub(crate) fn example(environment: &Environment, firmware: Firmware) -> Result<BareMetalHost> {
        let file = environment
            .root
            .join("docs/examples")
            .join(firmware.example());
        let text = std::fs::read_to_string(&file)
            .with_context(|| format!("failed to read {}", file.display()))?;
        let documents: Vec<Value> = serde_saphyr::from_multiple(&text)
            .with_context(|| format!("{} is no YAML", file.display()))?;
        let host = documents
            .into_iter()
            .find(|document| document["kind"] == "BareMetalHost")
            .with_context(|| format!("{} has no host", file.display()))?;
        serde_json::from_value(host)
            .with_context(|| format!("{} has no valid host", file.display()))
    }

    /// The boot volume of the host's spec.
    pub fn volume(&self) -> Result<&BootVolume> {
        self.host
            .spec
            .boot_volume
            .as_ref()
            .context("the host has no boot volume")
    }

    /// Has its BMC at an address that can be [cut](crate::Stack::cut_frail_redfish).
    pub fn use_frail_bmc(&mut self, environment: &Environment) -> Result<()> {
        let (port, frail) = environment.redfish_ports()?;
        let bmc = self.host.spec.bmc.as_mut().context("the host has no BMC")?;
        bmc.address = bmc
            .address
            .replace(&format!(":{port}/"), &format!(":{frail}/"));
        ensure!(bmc.address.contains(&frail), "no port {port}");
        Ok(())
    }

    /// Boots from another machine's volume, as an initiator of its own.
    pub fn take_over(&mut self, other: &Self) -> Result<()> {
        let own = self.volume()?.connector_id.clone();
        let mut volume = other.volume()?.clone();
        volume.connector_id = own;
        self.host.spec.boot_volume = Some(volume);
        self.marker.clone_from(&other.marker);
        self.chap_password.clone_from(&other.chap_password);
        Ok(())
    }

    /// The MAC address of its network card.
    pub fn mac(&self) -> Result<&str> {
        let mac = self.host.spec.boot_mac_address.as_deref();
        mac.context("the host has no MAC address")
    }

    /// The name of the Secret with the CHAP credentials.
    pub fn chap_secret(&self) -> Result<&str> {
        self.volume()?
            .iscsi_credentials_name
            .as_deref()
            .context("the volume names no Secret")
    }

    /// The name of the Secret with the BMC's credentials.
    pub fn bmc_secret(&self) -> Result<&str> {
        let bmc = self.host.spec.bmc.as_ref().context("the host has no BMC")?;
        Ok(&bmc.credentials_name)
    }

    /// The lines of a console that begin with `IRONBOOT-` and this word, without both.
    pub fn said(console: &str, word: &str) -> Vec<String> {
        let prefix = format!("IRONBOOT-{word} ");
        console
            .lines()
            .filter_map(|line| line.strip_prefix(&prefix))
            .map(|rest| rest.trim_end().to_owned())
            .collect()
    }
}
