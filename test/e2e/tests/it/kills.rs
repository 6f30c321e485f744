//! The operator is killed while Ironic is in the middle of a request: the next one goes on from what it observes.

use anyhow::{Context, Result, ensure};
use e2e::{Asked, DEPLOYMENT, Firmware, Inventory, Point, Proxy, Scenario, host, run, until};
use ironic_types::{ProvisionState, TargetId, VolumeTarget};
use metal_api::v1alpha1::{BareMetalHost, DeployedVolume};
use metal_plan::DEPLOYMENT_KEY;

/// One deployment, and three operators that don't live to see its end: a boot takes longer than all of them.
#[test]
fn a_deployment_outlives_each_operator_that_is_killed_in_the_middle_of_a_request() -> Result<()> {
    run("kills", async |test| {
        let machine = test.prepare(Firmware::Bios).await?;
        let proxy = test.start_proxy().await?;
        let hold = proxy.hold(Point::BeforeForwarding, Asked::makes_target);
        test.start_operator_at(proxy.url(), DEPLOYMENT).await?;
        test.create(&machine.host).await?;

        hold.held(DEPLOYMENT).await?;
        test.kill_operator()?;
        let left = Inventory::read(&test.ironic).await?;
        ensure!(left.targets.is_empty(), "the request was forwarded: {left}");
        ensure!(
            left.connectors.len() == 1,
            "the connector comes first: {left}"
        );
        let recorded = intent(test, &machine.name).await?;

        killed_again(test, &proxy, Point::BeforeForwarding).await?;
        let left = Inventory::read(&test.ironic).await?;
        let made = only_target(&left)?.uuid;
        ensure!(left.node()?.provision_state == Some(ProvisionState::Available));
        let second_life = proxy.journal();
        ensure!(count(&second_life, Asked::makes_target) == 1);
        ensure!(count(&second_life, deploys) == 0);

        killed_again(test, &proxy, Point::AfterAnswer).await?;
        let third_life = proxy.journal().split_off(second_life.len());
        ensure!(count(&third_life, Asked::makes_target) == 0);
        ensure!(count(&third_life, deploys) == 1);
        until("Ironic deploys", DEPLOYMENT, async || {
            let inventory = Inventory::read(&test.ironic).await?;
            let state = inventory.node()?.provision_state.clone();
            Ok((state != Some(ProvisionState::Available)).then_some(()))
        })
        .await?;

        let before = proxy.journal().len();
        test.start_operator_at(proxy.url(), DEPLOYMENT).await?;
        test.booted(&machine).await?;
        let last_life = proxy.journal().split_off(before);
        ensure!(count(&last_life, Asked::makes_target) == 0);
        ensure!(count(&last_life, deploys) == 0);
        ensure!(count(&last_life, |request| request.asks_for_provision("deleted")) == 0);
        let found = intent(test, &machine.name).await?;
        ensure!(
            found == recorded,
            "the intent was recorded anew: {found:?}, it was {recorded:?}"
        );
        let kept = is_deployed(test, &recorded).await?;
        ensure!(kept == made, "the target was made again");
        Ok(())
    })
}

/// Starts another operator, holds its request for the deployment, and kills it.
async fn killed_again(test: &mut Scenario, proxy: &Proxy, point: Point) -> Result<()> {
    let hold = proxy.hold(point, deploys);
    test.start_operator_at(proxy.url(), DEPLOYMENT).await?;
    hold.held(DEPLOYMENT).await?;
    test.kill_operator()
}

/// What the host has on record.
async fn intent(test: &mut Scenario, name: &str) -> Result<DeployedVolume> {
    fn recorded(found: &BareMetalHost) -> Option<&DeployedVolume> {
        let status = host::status(found).ok()?;
        status.provisioning.boot_volume.as_ref()
    }
    let found = test
        .host(name, "it has an intent on record", DEPLOYMENT, |found| {
            recorded(found).is_some()
        })
        .await?;
    recorded(&found).cloned().context("no intent")
}

/// Ironic has what was recorded, and all of it once; returns the target.
async fn is_deployed(test: &Scenario, recorded: &DeployedVolume) -> Result<TargetId> {
    let inventory = Inventory::read(&test.ironic).await?;
    ensure!(inventory.node()?.provision_state == Some(ProvisionState::Active));
    ensure!(
        inventory.connectors.len() == 1,
        "not one connector: {inventory}"
    );
    let connector = &inventory.connectors[0].connector_id;
    ensure!(*connector == recorded.connector_id, "{connector}");
    let target = only_target(&inventory)?;
    ensure!(
        target.extra[DEPLOYMENT_KEY] == recorded.deployment_id.as_str(),
        "the target is another deployment's: {:?}",
        target.extra
    );
    Ok(target.uuid)
}

fn deploys(request: &Asked) -> bool {
    request.asks_for_provision("active")
}

fn only_target(inventory: &Inventory) -> Result<&VolumeTarget> {
    let [target] = inventory.targets.as_slice() else {
        anyhow::bail!("not one target: {inventory}");
    };
    Ok(target)
}

fn count(journal: &[Asked], chosen: impl Fn(&Asked) -> bool) -> usize {
    journal.iter().filter(|asked| chosen(asked)).count()
}
