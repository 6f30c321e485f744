//! The example program of the client: the same machine, without an operator.

use std::process::Command;

use anyhow::{Context, Result, ensure};
use e2e::{Firmware, Inventory, Machine, Scenario, output, run, step};
use ironic_types::ProvisionState;
use url::Url;

#[test]
fn the_example_program_boots_a_machine_from_its_volume_and_releases_it() -> Result<()> {
    run("client-example", async |test| {
        let machine = test.prepare(Firmware::Bios).await?;
        tell(&output(&mut example(test, &machine)?, "")?);
        let node = Inventory::read(&test.ironic).await?.node()?.clone();
        ensure!(node.provision_state == Some(ProvisionState::Active));
        test.runs_from_volume(&machine).await?;

        tell(&output(example(test, &machine)?.arg("--release"), "")?);
        ensure!(!test.stack.is_on(&machine.name)?, "the machine is still on");
        let volume = &machine.volume()?.volume_id;
        let shutdown = test.stack.volume_file(volume, "shutdown.txt");
        ensure!(shutdown.is_some(), "the machine was not asked to shut down");
        let left = Inventory::read(&test.ironic).await?;
        ensure!(left.is_empty(), "Ironic still has {left}");
        Ok(())
    })
}

fn example(test: &Scenario, machine: &Machine) -> Result<Command> {
    let spec = &machine.host.spec;
    let bmc = spec.bmc.as_ref().context("the host has no BMC")?;
    let address = bmc
        .address
        .strip_prefix("redfish+")
        .context("another scheme")?;
    let mut address: Url = address.parse().context("the BMC's address is no URL")?;
    let system = address.path().to_owned();
    address.set_path("");
    let volume = machine.volume()?;
    let target = volume
        .iscsi_target
        .as_ref()
        .context("the volume has no target")?;
    let mac = machine.mac()?;

    let initiator = volume
        .connector_id
        .as_ref()
        .context("the volume has no connector")?;

    let portal = target.portal.as_ref().context("the volume has no portal")?;

    let mut command = Command::new(test.environment.example());
    command
        .args([
            "--ironic",
            &test.ironic_url,
            "--name",
            &machine.name,
            "--mac",
            mac,
        ])
        .args([
            "--bmc",
            address.as_str(),
            "--system",
            &system,
            "--bmc-user",
            "admin",
        ])
        .args(["--initiator", initiator, "--portal", portal])
        .args(["--target", &target.iqn, "--lun", &target.lun.to_string()])
        .args(["--chap-user", &machine.name])
        .env("BMC_PASSWORD", &machine.bmc_password)
        .env("CHAP_PASSWORD", &machine.chap_password);
    Ok(command)
}

fn tell(said: &str) {
    for line in said.lines() {
        step(format!("  example  {line}"));
    }
}
