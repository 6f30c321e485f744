//! Machines that exist in their BMC only: a dozen of them costs a test a second.

use anyhow::{Context, Result, ensure};
use metal_api::v1alpha1::BareMetalHost;
use serde_json::{Value, json};

/// A machine that exists in its BMC only, and the host that stands for it. At first it is off.
#[derive(Debug, Clone)]
pub struct Fake {
    /// The host's name.
    pub name: String,
    /// What its BMC calls it.
    pub machine: String,
    /// The MAC address of its network card.
    pub mac: String,
    /// `spec.bmc.address`.
    pub address: String,
    /// Another address of the same BMC, which nothing answers at while
    /// [the frail BMC is down](crate::Stack::cut_frail_bmc).
    pub frail_address: String,
    /// The password of its BMC.
    pub bmc_password: String,
}

impl Fake {
    /// The name of the Secret with the BMC's credentials, in the test's namespace.
    pub const SECRET: &'static str = "fakes-bmc";

    /// Reads a line of `hack/stack fake-systems`.
    fn parse(name: &str, line: &str, password: &str) -> Result<Self> {
        let words: Vec<_> = line.split(' ').map(str::to_owned).collect();
        let [machine, mac, address, frail_address] = <[String; 4]>::try_from(words)
            .ok()
            .with_context(|| format!("not a fake machine: {line}"))?;
        Ok(Self {
            name: name.to_owned(),
            machine,
            mac,
            address,
            frail_address,
            bmc_password: password.to_owned(),
        })
    }

    /// Its host, off and neither inspected nor cleaned, with these fields in its spec. One that is null is left out.
    pub fn host(&self, fields: Value) -> Result<BareMetalHost> {
        let mut spec = json!({
            "online": false,
            "bootMACAddress": self.mac,
            "inspectionMode": "disabled",
            "automatedCleaningMode": "disabled",
            "bmc": self.bmc(),
        });
        let Value::Object(fields) = fields else {
            anyhow::bail!("no fields of a spec: {fields}");
        };
        for (field, value) in fields {
            spec[field] = value;
        }
        let host = json!({
            "apiVersion": "metal3.io/v1alpha1",
            "kind": "BareMetalHost",
            "metadata": { "name": self.name },
            "spec": spec,
        });
        serde_json::from_value(host).context("no valid host")
    }

    /// `spec.bmc`.
    pub fn bmc(&self) -> Value {
        json!({ "address": self.address, "credentialsName": Self::SECRET })
    }

    /// `spec.bmc`, at the frail address.
    pub fn frail_bmc(&self) -> Value {
        json!({ "address": self.frail_address, "credentialsName": Self::SECRET })
    }

    /// The name of the target that [its volume](Self::boot_volume) would be behind.
    pub fn iqn(&self) -> String {
        format!("iqn.2026-11.org.example:{}", self.machine)
    }

    /// `spec.bootVolume`. There is no such volume, which only a machine would find out.
    pub fn boot_volume(&self) -> Value {
        json!({
            "volumeId": self.machine,
            "volumeDriver": "external",
            "iscsiTarget": {
                "iqn": self.iqn(),
                "portal": "172.22.0.1:3260",
                "lun": 1,
            },
        })
    }
}

/// The fakes of these names, of what `hack/stack fake-systems` said.
pub(crate) fn parse<const N: usize>(
    names: [&str; N],
    said: &str,
    password: &str,
) -> Result<[Fake; N]> {
    let lines: Vec<_> = said.lines().collect();
    ensure!(lines.len() == N, "not {N} fake machines: {said}");
    let fakes: Result<Vec<_>> = names
        .iter()
        .zip(lines)
        .map(|(name, line)| Fake::parse(name, line, password))
        .collect();
    fakes?.try_into().ok().context("as many as there are names")
}
