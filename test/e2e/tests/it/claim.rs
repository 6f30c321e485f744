//! A host that a consumer claims, releases and claims again, as Cluster API's Metal3 provider does it.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use e2e::cluster_api::{Chosen, DataTemplate, Metal3Machine, Provider};
use e2e::{Firmware, Inventory, Machine, Scenario, host, run};
use kube::ResourceExt;
use metal_api::names;
use metal_api::v1alpha1::{
    BareMetalHost, ConfigDrive, OperationalStatus, ProvisionOn, ProvisioningState,
};

use crate::consumers::{is_offered, let_go};

/// What takes no more than a pass or two.
const SOON: Duration = Duration::from_secs(30);

#[test]
fn a_host_is_offered_claimed_released_held_and_given_to_the_next_as_it_was_left() -> Result<()> {
    run("claim", async |test| {
        let mut machine = test.prepare(Firmware::Bios).await?;
        let volume = machine.host.spec.boot_volume.as_mut();
        let volume = volume.context("no volume")?;
        volume.provision_on = ProvisionOn::Claim;
        volume.config_drive = Some(ConfigDrive::None);
        machine.host.spec.online = false;
        test.start_operator().await?;
        test.create(&machine.host).await?;
        is_offered(test, &machine.name).await?;
        ensure!(test.power_actions(&machine.name)?.is_empty());

        let provider = Provider::new(&test.cluster, &test.namespace, "cluster")?;
        let stale = provider.choose(&diskless("late")).await?;
        let stale = stale.context("nothing to choose")?;
        let mut first = claim(&provider, "first").await?;
        let first_boot = test.booted(&machine).await?;
        let held = let_go(test, &provider, &mut first).await?;
        let message = &host::status(&held)?.error_message;
        ensure!(!message.is_empty(), "it was offered for a moment");
        let released = released(&held)?;
        check_hold(test, &provider, &machine, stale, &released).await?;
        let marker = test
            .stack
            .volume_file(&machine.volume()?.volume_id, "shutdown.txt");
        let marker = marker.context("the machine was not shut down")?;
        ensure!(marker.contains(&first_boot), "{marker}");

        let reuse = names::REUSE_VOLUME_ANNOTATION;
        test.annotate(&machine.name, reuse, Some(&released)).await?;
        let free = is_offered(test, &machine.name).await?;
        let ours = |name: &&String| name.starts_with("ironboot.io/");
        ensure!(
            !free.annotations().keys().any(|name| ours(&name)),
            "{:?}",
            free.annotations()
        );

        test.turn_page(&mut machine)?;
        claim(&provider, "second").await?;
        let second_boot = test.booted(&machine).await?;
        ensure!(second_boot != first_boot, "it never was off");
        test.delete_hosts().await
    })
}

fn diskless(name: &str) -> Metal3Machine {
    Metal3Machine::diskless(name, (names::BOOT_VOLUME_LABEL, "true"))
}

/// With a data template: first the consumer, and when the data is ready the deployment.
async fn claim(provider: &Provider, name: &str) -> Result<Metal3Machine> {
    let mut machine = diskless(name);
    machine.template.data_template = Some(DataTemplate::default());
    provider.reconcile(&mut machine).await?;
    ensure!(machine.host.is_some(), "nothing to choose");
    machine.template.data_template = Some(DataTemplate {
        is_ready: true,
        ..DataTemplate::default()
    });
    provider.reconcile(&mut machine).await?;
    Ok(machine)
}

/// What the hold says.
fn released(host: &BareMetalHost) -> Result<String> {
    let released = host.annotations().get(names::RELEASED_VOLUME_ANNOTATION);
    Ok(released.context("the volume is not held")?.clone())
}

/// Nobody would choose it, nothing is wrong with it, and whoever chose it before gets nothing.
async fn check_hold(
    test: &mut Scenario,
    provider: &Provider,
    machine: &Machine,
    stale: Chosen,
    hold: &str,
) -> Result<()> {
    let inventory = Inventory::read(&test.ironic).await?;
    ensure!(
        inventory.targets.is_empty() && inventory.connectors.is_empty(),
        "{inventory}"
    );
    ensure!(provider.choose(&diskless("next")).await?.is_none());
    let mut late = diskless("late");
    provider.take(&mut late, stale).await?;
    let host = looked_at(test, machine).await?;
    ensure!(host.state() == ProvisioningState::Available);
    host::ensure_conditions(
        &host,
        &[
            ("BootVolumeReady", "False", "Released"),
            ("Ready", "False", "Released"),
        ],
    )?;
    let status = host::status(&host)?;
    ensure!(status.operational_status == OperationalStatus::Ok && status.error_type.is_none());
    ensure!(
        status.error_message.contains(hold),
        "{}",
        status.error_message
    );
    let left = let_go(test, provider, &mut late).await?;
    ensure!(released(&left)? == hold);
    looked_at(test, machine).await?;
    let chosen = provider.choose(&diskless("next")).await?;
    ensure!(chosen.is_none() && !test.stack.is_on(&machine.name)?);
    Ok(())
}

/// The host, once the operator has seen its spec as it is.
async fn looked_at(test: &mut Scenario, machine: &Machine) -> Result<BareMetalHost> {
    test.host(&machine.name, "it was looked at", SOON, |host| {
        let conditions = host.status.iter().flat_map(|status| &status.conditions);
        let mut ready = conditions.filter(|condition| condition.type_ == "Ready");
        ready.any(|ready| ready.observed_generation == host.metadata.generation)
    })
    .await
}
