//! Volumes in ways that the examples don't have.

use anyhow::{Context, Result};
use e2e::{Machine, Scenario};
use serde_json::{Value, json};

/// A portal of the stack's storage, or what looks like one.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Portal {
    First,
    Silent,
}

pub(crate) fn portal(test: &Scenario, which: Portal) -> Result<String> {
    test.environment.portal(match which {
        Portal::First => "server",
        Portal::Silent => "silent_portal",
    })
}

/// The name of the target of its boot volume.
pub(crate) fn iqn(machine: &Machine) -> Result<String> {
    let target = machine.volume()?.iscsi_target.as_ref();
    Ok(target.context("no target")?.iqn.clone())
}

/// Changes the host's spec before it is applied.
fn change_spec(machine: &mut Machine, change: impl FnOnce(&mut Value)) -> Result<()> {
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
