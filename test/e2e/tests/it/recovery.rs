//! Ironic's database is lost under a machine that runs from its volume, and more goes wrong at the same time.
//!
//! All on one boot: whatever happens, the machine runs on, and its next boot proves that nothing was lost.

use anyhow::{Context, Result, ensure};
use e2e::{
    Asked, DEPLOYMENT, Firmware, Inventory, Machine, Point, Proxy, Scenario, Secrets, host, run,
    step,
};
use ironic_types::ProvisionState;
use metal_api::v1alpha1::ProvisioningState;

use crate::parked::{self, Parked};

#[test]
fn a_recovery_outlives_a_missing_secret_a_changed_one_and_the_operators_end() -> Result<()> {
    run("recovery", async |test| {
        let mut machine = test.prepare(Firmware::Bios).await?;
        let proxy = test.start_proxy().await?;
        start_operator(test, &proxy).await?;
        test.create(&machine.host).await?;
        test.booted(&machine).await?;
        let power_actions = test.stack.power_actions()?;

        let lost = database_and_secret_are_lost(test, &machine).await?;
        let asked = proxy.journal().len();
        start_operator(test, &proxy).await?;
        the_missing_secret_is_named(test, &machine).await?;
        ensure!(
            !proxy.journal()[asked..].iter().any(adopts),
            "adopted without its Secret"
        );

        another_secret_opens_the_volume(test, &mut machine)?;
        let hold = proxy.hold(Point::AfterAnswer, Asked::makes_target);
        // A new Secret triggers its host, so it comes after the trap.
        plant(test, &machine).await?;
        hold.held(DEPLOYMENT).await?;
        test.kill_operator()?;
        let hold = proxy.hold(Point::AfterAnswer, adopts);
        start_operator(test, &proxy).await?;
        hold.held(DEPLOYMENT).await?;
        test.kill_operator()?;
        start_operator(test, &proxy).await?;
        the_change_is_told(test).await?;

        let parked = Parked {
            name: machine.name.clone(),
            state: ProvisioningState::Provisioned,
            is_on: true,
        };
        let node = parked.is_managed(test, &lost).await?;
        let target = machine.volume()?.iscsi_target.as_ref();
        let iqn = &target.context("no target")?.iqn;
        parked::boots_from_its_volume(test, &node, machine.mac()?, iqn).await?;
        ensure!(
            test.stack.power_actions()? == power_actions && test.boots(&machine)?.len() == 1,
            "the power was touched: {:?}",
            test.stack.power_actions()?
        );
        // Only the present password opens the volume.
        test.reboots(&machine).await
    })
}

async fn start_operator(test: &mut Scenario, proxy: &Proxy) -> Result<()> {
    test.start_operator_at(proxy.url(), DEPLOYMENT).await
}

fn adopts(request: &Asked) -> bool {
    request.asks_for_provision("adopt")
}

/// While no operator runs. Returns the id of the node that is gone.
async fn database_and_secret_are_lost(test: &mut Scenario, machine: &Machine) -> Result<String> {
    test.kill_operator()?;
    let found = test
        .host(&machine.name, "it is there", DEPLOYMENT, |_| true)
        .await?;
    step("  ironic   loses its database, and Kubernetes the Secret");
    test.cluster
        .lose_secret(&test.namespace, machine.chap_secret()?)
        .await?;
    test.stack.lose_database()?;
    Ok(host::node_id(&found).to_owned())
}

/// The host says so, and its node waits: one that were adopted now would have no boot script.
async fn the_missing_secret_is_named(test: &mut Scenario, machine: &Machine) -> Result<()> {
    let secret = machine.chap_secret()?;
    let found = test
        .host(&machine.name, "it misses its Secret", DEPLOYMENT, |found| {
            let missing = ("BootVolumeReady", "False", "SecretMissing");
            host::ensure_conditions(found, &[missing]).is_ok()
        })
        .await?;
    ensure!(found.state() == ProvisioningState::Provisioned);
    let message = &host::status(&found)?.error_message;
    ensure!(
        message.contains(secret),
        "it does not name {secret}: {message}"
    );
    let inventory = Inventory::read(&test.ironic).await?;
    let state = inventory.node()?.provision_state.clone();
    ensure!(state == Some(ProvisionState::Manageable), "{state:?}");
    Ok(())
}

async fn the_change_is_told(test: &Scenario) -> Result<()> {
    let events = test.cluster.events(&test.namespace).await?;
    let is_told = |(reason, _): &(String, String)| reason == "CredentialsChanged";
    ensure!(
        events.iter().any(is_told),
        "no word of the Secret: {events:?}"
    );
    Ok(())
}

/// On the storage. The session of the running machine stays.
fn another_secret_opens_the_volume(test: &Scenario, machine: &mut Machine) -> Result<()> {
    machine.chap_password = Secrets::fresh(16);
    let volume = &machine.volume()?.volume_id;
    test.stack
        .set_chap(volume, &machine.name, &machine.chap_password)
}

async fn plant(test: &mut Scenario, machine: &Machine) -> Result<()> {
    let data = [
        ("username", machine.name.as_str()),
        ("password", machine.chap_password.as_str()),
    ];
    let name = machine.chap_secret()?;
    test.plant(name, "kubernetes.io/iscsi-chap", &data).await
}
