//! From the first boot to the release, the next boot, and the deletion.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use e2e::{Asked, DEPLOYMENT, Firmware, Inventory, Machine, Scenario, run, step};
use ironic_types::{Node, ProvisionState};
use metal_api::names;
use metal_api::v1alpha1::{BareMetalHost, ProvisioningState};
use serde_json::{Value, json};

#[test]
fn a_released_machine_was_shut_down_by_its_own_system_and_boots_again_when_asked() -> Result<()> {
    run("release", async |test| {
        let mut machine = test.prepare(Firmware::Bios).await?;
        let proxy = test.start_proxy().await?;
        test.start_operator_at(proxy.url(), Duration::from_secs(90))
            .await?;
        machine.host.spec.online = false;
        test.create(&machine.host).await?;
        test.host_in(&machine.name, ProvisioningState::Available, DEPLOYMENT)
            .await?;
        let registered = Inventory::read(&test.ironic).await?;
        test.change_spec(&machine.name, json!({ "online": true }))
            .await?;
        let first_boot = test.booted(&machine).await?;
        check_record(test, &machine).await?;
        let drive = test.config_drive(&machine)?;
        ensure!(drive.is_none(), "nobody asked for {drive:?}");

        let deployed = proxy.journal().len();
        let host = test.release(&machine).await?;
        check_shutdown(test, &machine, &first_boot)?;
        check_order(&proxy.journal().split_off(deployed))?;
        check_undone(test, &host, &registered).await?;

        machine.marker += "-again";
        test.reset_volume(&machine)?;
        let volume = serde_json::to_value(machine.volume()?).context("the volume is no JSON")?;
        test.change_spec(
            &machine.name,
            json!({ "bootVolume": volume, "online": true }),
        )
        .await?;
        let second_boot = test.booted(&machine).await?;
        ensure!(second_boot != first_boot, "the machine never was off");

        test.delete_hosts().await?;
        check_shutdown(test, &machine, &second_boot)?;
        let left = Inventory::read(&test.ironic).await?;
        ensure!(left.is_empty(), "Ironic still has {left}");
        let holders = test.cluster.volume_holders().await?;
        ensure!(holders.is_empty(), "{holders:?} still hold volumes");
        Ok(())
    })
}

/// The volume is on record where a lost status can't take it along, and Ironic's target says whose it is.
async fn check_record(test: &mut Scenario, machine: &Machine) -> Result<()> {
    let host = test
        .host(
            &machine.name,
            "it is annotated",
            Duration::from_secs(5),
            |_| true,
        )
        .await?;
    let status = host.status.as_ref().context("no status")?;
    let deployed = status
        .provisioning
        .boot_volume
        .as_ref()
        .context("no record")?;
    let target = &deployed.iscsi_target;
    let expected = format!(
        "{}/{}/{}@{}",
        target.iqn, target.lun, deployed.volume_id, deployed.deployment_id
    );
    let annotations = host.metadata.annotations.unwrap_or_default();
    ensure!(annotations.get(names::DEPLOYED_VOLUME_ANNOTATION) == Some(&expected));
    let conditions: Vec<_> = status
        .conditions
        .iter()
        .map(|condition| (condition.type_.as_str(), condition.status.as_str()))
        .collect();
    for condition in ["Ready", "Provisioned", "BootVolumeReady"] {
        ensure!(conditions.contains(&(condition, "True")), "{conditions:?}");
    }
    Ok(())
}

/// The guest's own marker, of this boot, is on the volume.
fn check_shutdown(test: &Scenario, machine: &Machine, boot: &str) -> Result<()> {
    let marker = test
        .stack
        .volume_file(&machine.volume()?.volume_id, "shutdown.txt")
        .context("the guest left no marker on the volume: it was not shut down")?;
    step(format!("  volume   {}", marker.trim()));
    ensure!(
        marker.starts_with(&format!("shutdown boot={boot} ")),
        "the marker is of another boot than {boot}"
    );
    ensure!(!test.stack.is_on(&machine.name)?, "the machine is still on");
    Ok(())
}

/// Soft power off, then undeploy; nothing cut the power.
fn check_order(journal: &[Asked]) -> Result<()> {
    let first = |chosen: &dyn Fn(&Asked) -> bool| journal.iter().position(chosen);
    let soft =
        first(&|asked| asked.asks_for_power("soft power off")).context("no soft power off")?;
    let undeployed =
        first(&|asked| asked.asks_for_provision("deleted")).context("no undeployment")?;
    ensure!(soft < undeployed, "undeployed before it was shut down");
    ensure!(
        first(&|asked| asked.asks_for_power("power off")).is_none(),
        "the power was cut"
    );
    Ok(())
}

/// All that decides how a node can be deployed. That it was verified and cleaned is none of it.
fn fields(node: &Node) -> Value {
    json!({
        "driver": node.driver,
        "driver_info": node.driver_info,
        "properties": node.properties,
        "instance_info": node.instance_info,
        "instance_uuid": node.instance_uuid,
        "bios_interface": node.bios_interface,
        "boot_interface": node.boot_interface,
        "deploy_interface": node.deploy_interface,
        "firmware_interface": node.firmware_interface,
        "management_interface": node.management_interface,
        "power_interface": node.power_interface,
        "raid_interface": node.raid_interface,
        "storage_interface": node.storage_interface,
        "vendor_interface": node.vendor_interface,
        "automated_clean": node.automated_clean,
        "maintenance": node.maintenance,
        "provision_state": node.provision_state,
    })
}

/// Nothing of the deployment is left: the host could be deployed in another way next.
async fn check_undone(test: &Scenario, host: &BareMetalHost, registered: &Inventory) -> Result<()> {
    let inventory = Inventory::read(&test.ironic).await?;
    let (before, after) = (fields(registered.node()?), fields(inventory.node()?));
    ensure!(before == after, "{before:#?} became {after:#?}");
    ensure!(
        inventory.targets.is_empty() && inventory.connectors.is_empty(),
        "Ironic still has {inventory}"
    );
    let node = inventory.node()?;
    ensure!(node.provision_state == Some(ProvisionState::Available));
    ensure!(node.storage_interface.as_deref() == Some("noop"));
    ensure!(
        node.properties["capabilities"] == "boot_mode:bios",
        "{:?}",
        node.properties
    );
    ensure!(
        node.instance_uuid.is_none()
            && node.instance_info == serde_json::Map::<String, Value>::new()
    );
    ensure!(
        node.automated_clean == Some(false),
        "Ironic would clean a host without a disk"
    );
    let status = host.status.as_ref().context("no status")?;
    ensure!(status.provisioning.boot_volume.is_none());
    ensure!(
        host.metadata.annotations.is_none(),
        "{:?}",
        host.metadata.annotations
    );
    Ok(())
}
