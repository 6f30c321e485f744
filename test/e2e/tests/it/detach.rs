//! Detached hosts: their nodes leave Ironic and come back, and their machines don't notice.

use anyhow::{Result, ensure};
use e2e::{DEPLOYMENT, Inventory, Scenario, host, run, until};
use metal_api::names;
use metal_api::v1alpha1::OperationalStatus;
use serde_json::json;

use crate::parked::{self, Parked};

#[test]
fn a_detached_host_leaves_ironic_and_comes_back_and_its_machine_runs_on() -> Result<()> {
    run("detach", async |test| {
        let [free, taken_over, diskless] = test.fakes(["free", "taken-over", "diskless"]).await?;
        test.start_operator().await?;
        let volume = json!({ "bootVolume": diskless.boot_volume(), "online": true });
        test.create(&diskless.host(volume)?).await?;
        let taken = json!({ "externallyProvisioned": true, "online": true });
        test.create(&taken_over.host(taken)?).await?;
        test.create(&free.host(json!({}))?).await?;
        let hosts = [
            Parked::available(&free),
            Parked::taken_over(&taken_over, true),
            Parked::provisioned(&diskless),
        ];
        let mut nodes = Vec::new();
        for host in &hosts {
            nodes.push(host.is_managed(test, "").await?);
        }
        let power_actions = test.stack.power_actions()?;

        for host in &hosts {
            test.annotate(&host.name, names::DETACHED_ANNOTATION, Some(""))
                .await?;
        }
        for host in &hosts {
            is_detached(test, host).await?;
        }
        until("Ironic is empty", DEPLOYMENT, async || {
            let inventory = Inventory::read(&test.ironic).await?;
            Ok(inventory.is_empty().then_some(()))
        })
        .await?;
        ensure!(test.stack.power_actions()? == power_actions);

        for host in &hosts {
            test.annotate(&host.name, names::DETACHED_ANNOTATION, None)
                .await?;
        }
        for (host, old) in hosts.iter().zip(&mut nodes) {
            *old = host.is_managed(test, old).await?;
        }
        parked::boots_from_its_volume(test, &nodes[2], &diskless.mac, &diskless.iqn()).await?;
        ensure!(test.stack.power_actions()? == power_actions);
        Ok(())
    })
}

/// All else is as it was before.
async fn is_detached(test: &mut Scenario, parked: &Parked) -> Result<()> {
    let found = test
        .host(&parked.name, "it is detached", DEPLOYMENT, |found| {
            host::operational_status(found) == OperationalStatus::Detached
        })
        .await?;
    ensure!(found.state() == parked.state);
    ensure!(host::is_on(&found) == parked.is_on);
    host::ensure_conditions(
        &found,
        &[
            ("Ready", "False", "Detached"),
            ("Progressing", "False", "Detached"),
        ],
    )
}
