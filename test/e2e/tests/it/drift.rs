//! Somebody deletes what Ironic has of a deployed machine: it is put back, and the machine runs on.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use e2e::{BOOT, Firmware, Inventory, Machine, Scenario, run, step, until};
use ironic_types::calls::{DeleteConnector, DeleteTarget, SetPowerState};
use ironic_types::{NodeId, PowerState, PowerTarget};
use metal_api::conditions::{ConditionType, find_condition};
use serde_json::json;

/// A machine's power follows in seconds.
const POWER: Duration = Duration::from_mins(1);
/// From an operator's start until it has read everything, and looked at the host.
const PUT_RIGHT: Duration = Duration::from_mins(2);

#[test]
fn a_connector_and_a_target_that_were_deleted_come_back_and_the_machine_runs_on() -> Result<()> {
    run("drift", async |test| {
        let machine = test.prepare(Firmware::Bios).await?;
        test.start_operator().await?;
        test.create(&machine.host).await?;
        test.booted(&machine).await?;
        let before = Inventory::read(&test.ironic).await?;
        let node = before.node()?.uuid;

        // Ironic removes them only while the machine is off, and an operator would be quicker.
        test.kill_operator()?;
        switch(test, node, PowerTarget::Off).await?;
        delete(test, &before).await?;
        switch(test, node, PowerTarget::On).await?;
        until("the machine boots by its script", BOOT, async || {
            Ok((boots(test, &machine)? > 1).then_some(()))
        })
        .await?;
        let power_actions = test.power_actions(&machine.name)?;

        test.start_operator().await?;
        let mut looks = 0;
        let after = until("Ironic has all of it again", PUT_RIGHT, async || {
            // It looks by itself within five minutes; a change of the host calls it.
            looks += 1;
            let look = json!({ "description": format!("look {looks}") });
            test.change_spec(&machine.name, look).await?;
            let now = Inventory::read(&test.ironic).await?;
            Ok(Some(now).filter(|now| now.connectors.len() + now.targets.len() == 2))
        })
        .await?;
        check_same(&before, &after)?;
        check_told(test, &machine).await?;
        ensure!(
            test.power_actions(&machine.name)? == power_actions,
            "the power was touched"
        );
        ensure!(boots(test, &machine)? == 2, "the machine was reset");

        test.annotate(&machine.name, "reboot.metal3.io", Some(""))
            .await?;
        until("the machine boots again", BOOT, async || {
            Ok((boots(test, &machine)? > 2).then_some(()))
        })
        .await
    })
}

async fn switch(test: &Scenario, node: NodeId, target: PowerTarget) -> Result<()> {
    let wanted = match target {
        PowerTarget::Off => PowerState::Off,
        _ => PowerState::On,
    };
    test.ironic
        .send(&SetPowerState {
            node,
            target,
            timeout: None,
        })
        .await?;
    until("its power has changed", POWER, async || {
        let node = Inventory::read(&test.ironic).await?.node()?.clone();
        let is_there = node.power_state == Some(wanted.clone());
        Ok((is_there && node.target_power_state.is_none()).then_some(()))
    })
    .await
}

async fn delete(test: &Scenario, inventory: &Inventory) -> Result<()> {
    step("  ironic   the connector and the target are deleted");
    for connector in &inventory.connectors {
        let call = DeleteConnector {
            connector: connector.uuid,
        };
        test.ironic.send(&call).await?;
    }
    for target in &inventory.targets {
        let call = DeleteTarget {
            target: target.uuid,
        };
        test.ironic.send(&call).await?;
    }
    let left = Inventory::read(&test.ironic).await?;
    ensure!(left.connectors.is_empty() && left.targets.is_empty());
    Ok(())
}

/// Others than before, with the same content.
fn check_same(before: &Inventory, after: &Inventory) -> Result<()> {
    let connector = |inventory: &Inventory| inventory.connectors[0].connector_id.clone();
    ensure!(connector(before) == connector(after));
    let (old, new) = (&before.targets[0], &after.targets[0]);
    ensure!(old.uuid != new.uuid);
    ensure!(
        (&old.volume_id, &old.boot_index, &old.properties, &old.extra)
            == (&new.volume_id, &new.boot_index, &new.properties, &new.extra),
        "{old:?} became {new:?}"
    );
    Ok(())
}

async fn check_told(test: &mut Scenario, machine: &Machine) -> Result<()> {
    let host = test
        .host(&machine.name, "it is ready", POWER, |host| {
            host.status.as_ref().is_some_and(|status| {
                find_condition(&status.conditions, ConditionType::BootVolumeReady)
                    .is_some_and(|ready| ready.status == "True" && ready.message.is_empty())
            })
        })
        .await?;
    let status = host.status.context("no status")?;
    ensure!(status.error_type.is_none(), "{}", status.error_message);
    let events = test.cluster.events(&test.namespace).await?;
    let drift = events
        .iter()
        .filter(|(reason, _)| reason == "BootVolumeDrift");
    let notes: Vec<_> = drift.map(|(_, note)| note).collect();
    ensure!(
        notes.len() == 1
            && notes[0].contains("volume connector")
            && notes[0].contains("volume target"),
        "{notes:?}"
    );
    Ok(())
}

/// How often the machine has booted the test's volume to the end.
fn boots(test: &Scenario, machine: &Machine) -> Result<usize> {
    let console = test.console(machine)?;
    let boots = console.split("IRONBOOT-BOOT id=").skip(1);
    Ok(boots
        .filter(|boot| boot.contains("\nIRONBOOT-DONE "))
        .count())
}
