//! One volume, one machine: hosts that come at the same instant, and a machine whose BMC is dead.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use e2e::{DEPLOYMENT, Fake, Inventory, RELEASE, Scenario, host, run, step, until};
use futures_util::future::try_join_all;
use metal_api::v1alpha1::{BareMetalHost, ProvisioningState};
use serde_json::{Value, json};

/// Of the volume, of its LUN, and of the initiator.
const LEASES: usize = 3;
const CONFLICT: (&str, &str, &str) = ("BootVolumeReady", "False", "VolumeConflict");
/// How long a machine gets to shut down: one whose BMC is dead takes a few times that.
const SHUTDOWN: Duration = Duration::from_secs(5);

#[test]
fn of_hosts_that_come_at_the_same_instant_one_gets_the_volume_and_then_the_next() -> Result<()> {
    run("leases-race", async |test| {
        let names = ["race-0", "race-1", "race-2", "race-3", "race-4", "race-5"];
        let fakes = test.fakes(names).await?;
        test.start_operator().await?;
        let volume = fakes[0].boot_volume();
        for fake in &fakes {
            let fields = json!({ "bootVolume": volume_for(fake, &volume) });
            test.create(&fake.host(fields)?).await?;
        }
        for name in names {
            test.host(name, "it waits to be switched on", DEPLOYMENT, |host| {
                host::ensure_conditions(host, &[("BootVolumeReady", "True", "Ready")]).is_ok()
            })
            .await?;
        }

        step("  all are switched on at once");
        let on = names.map(|name| test.change_spec(name, json!({ "online": true })));
        try_join_all(on).await?;
        let first = wins(test, &fakes, &[]).await?;

        step(format!("  {} is released", first.name));
        test.change_spec(&first.name, json!({ "bootVolume": null, "online": false }))
            .await?;
        test.host_in(&first.name, ProvisioningState::Available, RELEASE)
            .await?;
        let second = wins(test, &fakes, &[&first.name]).await?;
        ensure!(second.name != first.name);
        test.delete_hosts().await?;
        let holders = test.cluster.volume_holders().await?;
        ensure!(holders.is_empty(), "{holders:?} still hold the volume");
        Ok(())
    })
}

#[test]
fn the_volume_of_a_dead_server_goes_to_the_next_only_once_it_is_fenced() -> Result<()> {
    run("leases-fence", async |test| {
        let fakes = test.fakes(["dead", "next"]).await?;
        let [dead, next] = &fakes;
        test.stack.restore_frail_bmc()?;
        let ironic = test.ironic_url.clone();
        test.start_operator_at(&ironic, SHUTDOWN).await?;
        let volume = dead.boot_volume();
        let fields = json!({ "bmc": dead.frail_bmc(), "bootVolume": volume, "online": true });
        test.create(&dead.host(fields)?).await?;
        test.host_in("dead", ProvisioningState::Provisioned, DEPLOYMENT)
            .await?;
        let holder = holder(test, dead);
        ensure!(test.cluster.volume_holders().await? == [holder.as_str(); LEASES]);

        step("  its BMC dies, and its host is deleted");
        test.stack.cut_frail_bmc()?;
        test.delete_host("dead").await?;
        let left = Inventory::read(&test.ironic).await?;
        ensure!(left.is_empty(), "Ironic still has {left}");

        let fields = json!({ "bootVolume": volume_for(next, &volume), "online": true });
        test.create(&next.host(fields)?).await?;
        says(test, "set the annotation ironboot.io/fenced").await?;
        let other = self::holder(test, next);
        test.cluster.fence(&holder, &other).await?;
        says(test, "does not name the holder").await?;
        ensure!(test.power_actions(&next.machine)?.is_empty());

        let fenced = test.cluster.fence(&holder, &holder).await?;
        step(format!("  fenced   {holder}: {fenced} Leases"));
        test.host_in("next", ProvisioningState::Provisioned, DEPLOYMENT)
            .await?;
        // The dead machine's initiator stays: the next has its own.
        let mut holders = test.cluster.volume_holders().await?;
        holders.retain(|found| *found != holder);
        ensure!(holders == [other.as_str(); LEASES], "{holders:?}");
        test.stack.restore_frail_bmc()
    })
}

/// The same volume, by another initiator.
fn volume_for(fake: &Fake, volume: &Value) -> Value {
    let mut volume = volume.clone();
    let initiator = format!("iqn.2026-11.org.example:{}-initiator", fake.machine);
    volume["connectorId"] = initiator.into();
    volume
}

fn holder(test: &Scenario, fake: &Fake) -> String {
    format!(
        "{}/{}/{}",
        test.namespace,
        fake.name,
        fake.mac.to_lowercase()
    )
}

/// Waits until one of the hosts is deployed and all others wait for it; gives the one.
async fn wins<'a>(test: &Scenario, fakes: &'a [Fake], released: &[&String]) -> Result<&'a Fake> {
    let hosts = test.cluster.hosts(&test.namespace);
    let racing = || fakes.iter().filter(|fake| !released.contains(&&fake.name));
    let winner = until("one host has the volume", DEPLOYMENT, async || {
        let mut winners = Vec::new();
        for fake in racing() {
            let host = hosts.get(&fake.name).await?;
            if host.state() == ProvisioningState::Provisioned {
                winners.push(fake);
            }
        }
        ensure!(winners.len() < 2, "more than one is deployed: {winners:?}");
        Ok(winners.pop())
    })
    .await?;
    step(format!("  {} has the volume", winner.name));
    let has_lost = |host: &BareMetalHost| {
        host.state() == ProvisioningState::Available
            && host::ensure_conditions(host, &[CONFLICT]).is_ok()
            && host::status(host).is_ok_and(|status| {
                let message = &status.error_message;
                message.contains(&format!("host {} has ", winner.name))
            })
    };
    for loser in racing().filter(|fake| fake.name != winner.name) {
        until("the others wait for it", DEPLOYMENT, async || {
            let host = hosts.get(&loser.name).await?;
            Ok(has_lost(&host).then_some(()))
        })
        .await
        .with_context(|| format!("host {}", loser.name))?;
        ensure!(test.power_actions(&loser.machine)?.is_empty());
    }
    let holder = holder(test, winner);
    ensure!(test.cluster.volume_holders().await? == [holder.as_str(); LEASES]);
    let inventory = Inventory::read(&test.ironic).await?;
    ensure!(inventory.targets.len() == 1, "not one target: {inventory}");
    Ok(winner)
}

/// The next host waits, and says why.
async fn says(test: &mut Scenario, words: &str) -> Result<()> {
    let what = format!("it says {words:?}");
    test.host("next", &what, DEPLOYMENT, |found| {
        host::ensure_conditions(found, &[CONFLICT]).is_ok()
            && host::status(found).is_ok_and(|status| status.error_message.contains(words))
    })
    .await?;
    Ok(())
}
