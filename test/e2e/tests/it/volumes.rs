//! Volumes in ways that the examples don't have.

use anyhow::{Context, Result};
use e2e::{Machine, Scenario, Secrets};
use serde_json::{Value, json};

/// A portal of the stack's storage, or what looks like one.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Portal {
    First,
    Second,
    Silent,
}

/// A volume without a system on it.
pub(crate) struct DataVolume {
    pub(crate) iqn: String,
    pub(crate) marker: String,
    /// As it stands in `spec.dataVolumes`.
    pub(crate) spec: Value,
}

pub(crate) fn portal(test: &Scenario, which: Portal) -> Result<String> {
    test.environment.portal(match which {
        Portal::First => "server",
        Portal::Second => "second_portal",
        Portal::Silent => "silent_portal",
    })
}

/// The name of the target of its boot volume.
pub(crate) fn iqn(machine: &Machine) -> Result<String> {
    let target = machine.volume()?.iscsi_target.as_ref();
    Ok(target.context("no target")?.iqn.clone())
}

/// Changes the host's spec before it is applied.
pub(crate) fn change_spec(machine: &mut Machine, change: impl FnOnce(&mut Value)) -> Result<()> {
    let mut host = serde_json::to_value(&machine.host).context("the host is no JSON")?;
    change(&mut host["spec"]);
    machine.host = serde_json::from_value(host).context("no valid host")?;
    Ok(())
}

/// Has the boot volume reached by these portals.
pub(crate) fn set_portals(machine: &mut Machine, portals: &[&str]) -> Result<()> {
    change_spec(machine, |spec| {
        let target = &mut spec["bootVolume"]["iscsiTarget"];
        target["portal"] = Value::Null;
        target["portals"] = json!(portals);
    })
}

/// Gives a data volume of the stack a fresh marker, and fresh credentials of its own if it asks for any.
pub(crate) async fn prepare_data(
    test: &mut Scenario,
    name: &str,
    has_chap: bool,
) -> Result<DataVolume> {
    let iqn = format!("iqn.2026-11.org.example:{name}");
    let marker = format!("{}-{name}", test.namespace);
    test.stack.reset_volume(name, &marker)?;
    let mut spec = json!({
        "name": name,
        "volumeId": name,
        "iscsiTarget": { "iqn": iqn, "portal": portal(test, Portal::First)?, "lun": 1 },
    });
    if has_chap {
        let (secret, password) = (format!("{name}-chap"), Secrets::fresh(16));
        test.stack.set_chap(name, name, &password)?;
        let data = [("username", name), ("password", password.as_str())];
        test.plant(&secret, "kubernetes.io/iscsi-chap", &data)
            .await?;
        spec["iscsiCredentialsName"] = json!(secret);
    }
    Ok(DataVolume { iqn, marker, spec })
}
