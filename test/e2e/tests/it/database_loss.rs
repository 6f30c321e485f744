//! Ironic's database is lost under hosts in every state that lasts: they are registered again, and no machine notices.

use anyhow::{Context, Result, ensure};
use e2e::{Firmware, Inventory, run, step};
use metal_api::v1alpha1::ProvisioningState;
use serde_json::json;

use crate::parked::{self, Parked};

#[test]
fn after_the_loss_of_ironics_database_all_hosts_are_registered_again_and_no_machine_is_touched()
-> Result<()> {
    run("database-loss", async |test| {
        let machine = test.prepare(Firmware::Bios).await?;
        let [free, on, off, diskless] = test
            .fakes(["free", "taken-over-on", "taken-over-off", "diskless"])
            .await?;
        test.start_operator().await?;
        test.create(&machine.host).await?;
        for host in [
            free.host(json!({}))?,
            on.host(json!({ "externallyProvisioned": true, "online": true }))?,
            off.host(json!({ "externallyProvisioned": true }))?,
            diskless.host(json!({ "bootVolume": diskless.boot_volume(), "online": true }))?,
        ] {
            test.create(&host).await?;
        }
        let hosts = [
            Parked {
                name: machine.name.clone(),
                state: ProvisioningState::Provisioned,
                is_on: true,
            },
            Parked::provisioned(&diskless),
            Parked::available(&free),
            Parked::taken_over(&on, true),
            Parked::taken_over(&off, false),
        ];
        test.booted(&machine).await?;
        let mut nodes = Vec::new();
        for host in &hosts {
            nodes.push(host.is_managed(test, "").await?);
        }
        let power_actions = test.stack.power_actions()?;

        step("  ironic   loses its database");
        test.stack.lose_database()?;
        for (host, old) in hosts.iter().zip(&mut nodes) {
            *old = host.is_managed(test, old).await?;
        }
        let inventory = Inventory::read(&test.ironic).await?;
        ensure!(
            inventory.nodes.len() == hosts.len() && inventory.ports.len() == hosts.len(),
            "Ironic has {inventory}"
        );
        let volume = machine.volume()?.iscsi_target.as_ref();
        let iqn = &volume.context("no target")?.iqn;
        parked::boots_from_its_volume(test, &nodes[0], machine.mac()?, iqn).await?;
        parked::boots_from_its_volume(test, &nodes[1], &diskless.mac, &diskless.iqn()).await?;
        ensure!(test.boots(&machine)?.len() == 1, "the machine was reset");
        ensure!(
            test.stack.power_actions()? == power_actions,
            "the power was touched: {:?}",
            test.stack.power_actions()?
        );

        test.reboots(&machine).await
    })
}
