//! The operator is killed while Ironic is in the middle of a request: the next one goes on from what it observes.

use anyhow::{Context, Result, ensure};
use e2e::{Asked, DEPLOYMENT, Firmware, Inventory, Machine, Point, Proxy, Scenario, run, until};
use ironic_types::{ProvisionState, VolumeTarget};
use metal_api::v1alpha1::{BareMetalHost, DeployedVolume};
use metal_plan::DEPLOYMENT_KEY;

#[test]
fn killed_before_the_target_is_made_the_operator_makes_it_once() -> Result<()> {
    run("kill-before-target", async |test| {
        let killed = Killed::at(test, Firmware::Bios, Point::BeforeForwarding, |request| {
            request.makes_target()
        })
        .await?;
        let left = Inventory::read(&test.ironic).await?;
        ensure!(left.targets.is_empty(), "the request was forwarded: {left}");
        ensure!(
            left.connectors.len() == 1,
            "the connector comes first: {left}"
        );

        let second_life = killed.goes_on(test).await?;
        ensure!(count(&second_life, Asked::makes_target) == 1);
        ensure!(count(&second_life, deploys) == 1);
        Ok(())
    })
}

#[test]
fn killed_after_the_target_was_made_the_operator_finds_it_and_deploys() -> Result<()> {
    run("kill-before-active", async |test| {
        let killed = Killed::at(test, Firmware::Uefi, Point::BeforeForwarding, deploys).await?;
        let left = Inventory::read(&test.ironic).await?;
        let made = only_target(&left)?.uuid;
        ensure!(left.node()?.provision_state == Some(ProvisionState::Available));

        let second_life = killed.goes_on(test).await?;
        ensure!(count(&second_life, Asked::makes_target) == 0);
        ensure!(count(&second_life, deploys) == 1);
        let kept = only_target(&Inventory::read(&test.ironic).await?)?.uuid;
        ensure!(kept == made, "the target was made again");
        Ok(())
    })
}

#[test]
fn killed_before_it_learns_that_ironic_deploys_the_operator_deploys_no_second_time() -> Result<()> {
    run("kill-after-active", async |test| {
        let killed = Killed::at(test, Firmware::Bios, Point::AfterAnswer, deploys).await?;
        until("Ironic deploys", DEPLOYMENT, async || {
            let inventory = Inventory::read(&test.ironic).await?;
            let state = inventory.node()?.provision_state.clone();
            Ok((state != Some(ProvisionState::Available)).then_some(()))
        })
        .await?;

        let second_life = killed.goes_on(test).await?;
        ensure!(count(&second_life, Asked::makes_target) == 0);
        ensure!(count(&second_life, deploys) == 0);
        ensure!(
            count(&second_life, |request| request
                .asks_for_provision("deleted"))
                == 0
        );
        Ok(())
    })
}

/// A host whose operator was killed.
struct Killed {
    machine: Machine,
    proxy: Proxy,
    /// What the host had on record at that moment.
    intent: DeployedVolume,
    /// How many requests had been answered by then.
    answered: usize,
}

impl Killed {
    /// Applies a host, holds the request, and kills the operator that waits for its answer.
    async fn at(
        test: &mut Scenario,
        firmware: Firmware,
        point: Point,
        request: fn(&Asked) -> bool,
    ) -> Result<Self> {
        let machine = test.prepare(firmware).await?;
        let proxy = test.start_proxy().await?;
        let hold = proxy.hold(point, request);
        test.start_operator_at(proxy.url(), DEPLOYMENT).await?;
        test.create(&machine.host).await?;
        hold.held(DEPLOYMENT).await?;
        test.kill_operator()?;
        let host = test
            .host(
                &machine.name,
                "it has an intent on record",
                DEPLOYMENT,
                |host| intent(host).is_some(),
            )
            .await?;
        Ok(Self {
            intent: intent(&host).context("no intent")?.clone(),
            answered: proxy.journal().len(),
            machine,
            proxy,
        })
    }

    /// Starts another operator and checks that it ends where the first one would have; returns what it asked of Ironic.
    async fn goes_on(self, test: &mut Scenario) -> Result<Vec<Asked>> {
        let Self {
            machine,
            proxy,
            intent: recorded,
            answered,
        } = self;
        test.start_operator_at(proxy.url(), DEPLOYMENT).await?;
        test.booted(&machine).await?;
        let host = test
            .host(
                &machine.name,
                "it has a deployment on record",
                DEPLOYMENT,
                |host| intent(host).is_some(),
            )
            .await?;
        ensure!(
            intent(&host) == Some(&recorded),
            "the intent was recorded anew: {:?}, it was {recorded:?}",
            intent(&host)
        );
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
        Ok(proxy.journal().split_off(answered))
    }
}

fn deploys(request: &Asked) -> bool {
    request.asks_for_provision("active")
}

fn intent(host: &BareMetalHost) -> Option<&DeployedVolume> {
    host.status.as_ref()?.provisioning.boot_volume.as_ref()
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
