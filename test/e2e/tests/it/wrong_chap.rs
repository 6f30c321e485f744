//! A CHAP password that the target doesn't take: only the machine finds out.

use std::time::Duration;

use anyhow::{Result, ensure};
use e2e::{BOOT, DEPLOYMENT, Firmware, Inventory, Secrets, run, step, until};
use ironic_types::ProvisionState;
use metal_api::v1alpha1::ProvisioningState;

#[test]
fn a_wrong_chap_password_shows_on_the_console_and_nowhere_else() -> Result<()> {
    run("wrong-chap", async |test| {
        let machine = test.prepare(Firmware::Bios).await?;
        let volume = &machine.volume()?.volume_id;
        let opens_it = Secrets::fresh(16);
        test.planted
            .add("the target's password", &opens_it, "no Secret");
        test.stack.set_chap(volume, &machine.name, &opens_it)?;
        let ironic = test.ironic_url.clone();
        test.start_operator_at(&ironic, Duration::from_secs(5))
            .await?;
        test.create(&machine.host).await?;
        test.host_in(&machine.name, ProvisioningState::Provisioned, DEPLOYMENT)
            .await?;

        let refused = until(
            "the console says `Could not open SAN device`",
            BOOT,
            async || {
                let console = test.console(&machine)?;
                let line = console
                    .lines()
                    .find(|line| line.contains("Could not open SAN device"));
                Ok(line.map(str::to_owned))
            },
        )
        .await?;
        step(format!("  console  {refused}"));
        let host = test
            .host(&machine.name, "it is as before", DEPLOYMENT, |_| true)
            .await?;
        ensure!(host.state() == ProvisioningState::Provisioned);
        let node = Inventory::read(&test.ironic).await?.node()?.clone();
        ensure!(
            node.provision_state == Some(ProvisionState::Active) && node.last_error.is_none(),
            "Ironic can't know, but says {:?}: {:?}",
            node.provision_state,
            node.last_error
        );

        test.release(&machine).await?;
        let events = test.cluster.events(&test.namespace).await?;
        let cut = |(reason, note): &(String, String)| {
            reason == "PowerOff" && note.contains("cutting its power")
        };
        ensure!(
            events.iter().any(cut),
            "no event says that the power was cut: {events:?}"
        );
        ensure!(!test.stack.is_on(&machine.name)?, "the machine is still on");
        let console = test.console(&machine)?;
        ensure!(
            !console.contains(&machine.marker) && !console.contains("IRONBOOT-"),
            "a machine without the password has read the volume"
        );
        ensure!(test.stack.volume_file(volume, "shutdown.txt").is_none());
        Ok(())
    })
}
