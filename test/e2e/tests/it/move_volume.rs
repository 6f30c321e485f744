//! A boot volume that moves from one server to the other: when the first dies, and back while both live.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use e2e::{DEPLOYMENT, Firmware, Inventory, Machine, RELEASE, Scenario, host, run, step};
use metal_api::v1alpha1::OperationalStatus;

const DETACHED: &str = "baremetalhost.metal3.io/detached";
const CONFLICT: (&str, &str, &str) = ("BootVolumeReady", "False", "VolumeConflict");

#[test]
fn a_volume_moves_from_a_dead_server_once_that_is_fenced_and_from_a_live_one_by_its_release()
-> Result<()> {
    run("move-volume", async |test| {
        let mut first = test.prepare(Firmware::Bios).await?;
        let mut second = test.prepare(Firmware::Uefi).await?;
        test.stack.restore_frail_redfish()?;
        first.use_frail_bmc(&test.environment)?;
        second.take_over(&first)?;
        let ironic = test.ironic_url.clone();
        test.start_operator_at(&ironic, Duration::from_mins(1))
            .await?;
        test.create(&first.host).await?;
        let boot = test.booted(&first).await?;

        step(format!("  {} dies, and its BMC", first.name));
        test.stack.cut_frail_redfish()?;
        test.stack.cut_power(&first.name)?;
        test.create(&second.host).await?;
        waits_for_the_volume(test, &second, &first.name).await?;

        is_given_up(test, &first).await?;
        waits_for_the_volume(test, &second, &first.name).await?;
        fence(test, &first).await?;
        let second_boot = test.booted(&second).await?;
        finds_boot_of(test, &second, &first, &boot)?;
        ensure!(!test.stack.is_on(&first.name)?, "a dead machine is on");

        step("  back to the first, which was repaired");
        test.stack.restore_frail_redfish()?;
        test.release(&second).await?;
        test.skip_console(&mut first)?;
        test.create(&first.host).await?;
        test.booted(&first).await?;
        finds_boot_of(test, &first, &second, &second_boot)
    })
}

/// It names who has the volume, and nothing of it is in Ironic.
async fn waits_for_the_volume(test: &mut Scenario, machine: &Machine, holder: &str) -> Result<()> {
    let found = test
        .host(
            &machine.name,
            "its volume is another's",
            DEPLOYMENT,
            |found| host::ensure_conditions(found, &[CONFLICT]).is_ok(),
        )
        .await?;
    let status = host::status(&found)?;
    ensure!(status.provisioning.boot_volume.is_none());
    ensure!(
        status.error_message.contains(holder),
        "it does not name {holder}: {}",
        status.error_message
    );
    let node = host::node_id(&found);
    let inventory = Inventory::read(&test.ironic).await?;
    let targets = inventory.targets.iter();
    ensure!(
        targets
            .filter(|it| it.node_uuid.to_string() == node)
            .count()
            == 0,
        "{inventory}"
    );
    Ok(())
}

/// Its BMC answers no more, so it is taken out of Ironic without being asked, and its host goes.
async fn is_given_up(test: &mut Scenario, machine: &Machine) -> Result<()> {
    test.annotate(&machine.name, DETACHED, Some("")).await?;
    test.host(&machine.name, "it is detached", RELEASE, |found| {
        host::operational_status(found) == OperationalStatus::Detached
    })
    .await?;
    test.delete_host(&machine.name).await
}

/// As an administrator who pulled its plug.
async fn fence(test: &Scenario, machine: &Machine) -> Result<()> {
    let holder = format!("{}/{}/{}", test.namespace, machine.name, machine.mac()?);
    let fenced = test.cluster.fence(&holder, &holder).await?;
    step(format!("  fence    {holder}: {fenced} Leases"));
    ensure!(fenced > 0, "{holder} holds no Lease");
    Ok(())
}

/// What the other machine's system wrote on the volume.
fn finds_boot_of(test: &Scenario, machine: &Machine, other: &Machine, boot: &str) -> Result<()> {
    let initiator = other.volume()?.connector_id.as_deref();
    let line = format!("initiator={} id={boot}", initiator.context("no initiator")?);
    let found = Machine::said(&test.console(machine)?, "EARLIER-BOOT");
    ensure!(found.contains(&line), "{line} is not among {found:?}");
    step(format!("  volume   {line}"));
    Ok(())
}
