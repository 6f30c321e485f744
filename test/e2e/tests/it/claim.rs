//! A host that a consumer claims, releases and claims again, as Cluster API's Metal3 provider does it
//! (`baremetal/metal3machine_manager.go`): its patches in its order, and it looks at nothing that it doesn't look at.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use e2e::{DEPLOYMENT, Firmware, Inventory, Machine, RELEASE, Scenario, host, run};
use kube::ResourceExt;
use kube::api::{Patch, PatchParams};
use metal_api::names;
use metal_api::v1alpha1::{
    BareMetalHost, ConfigDrive, OperationalStatus, ProvisionOn, ProvisioningState,
};
use serde_json::{Value, json};

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
        offered(test, &machine).await?;
        ensure!(test.power_actions(&machine.name)?.is_empty());

        claim(test, &machine).await?;
        let first_boot = test.booted(&machine).await?;
        let released = let_go(test, &machine).await?;
        check_hold(test, &machine, &released).await?;
        let marker = test.stack.volume_file(volume_id(&machine)?, "shutdown.txt");
        let marker = marker.context("the machine was not shut down")?;
        ensure!(marker.contains(&first_boot), "{marker}");

        test.annotate(
            &machine.name,
            names::REUSE_VOLUME_ANNOTATION,
            Some(&released),
        )
        .await?;
        let free = offered(test, &machine).await?;
        ensure!(free.annotations().is_empty(), "{:?}", free.annotations());

        test.turn_page(&mut machine)?;
        claim(test, &machine).await?;
        let second_boot = test.booted(&machine).await?;
        ensure!(second_boot != first_boot, "it never was off");
        test.delete_hosts().await
    })
}

fn volume_id(machine: &Machine) -> Result<&str> {
    Ok(&machine.volume()?.volume_id)
}

/// What the provider looks at when it chooses a host, with a selector for the label.
fn may_be_chosen(host: &BareMetalHost) -> bool {
    let is_labelled = host
        .labels()
        .get(names::BOOT_VOLUME_LABEL)
        .map(String::as_str);
    is_labelled == Some("true")
        && host.state() == ProvisioningState::Available
        && host
            .status
            .as_ref()
            .is_some_and(|status| status.error_message.is_empty())
        && host.spec.consumer_ref.is_none()
}

async fn offered(test: &mut Scenario, machine: &Machine) -> Result<BareMetalHost> {
    let host = test
        .host(&machine.name, "it is offered", DEPLOYMENT, may_be_chosen)
        .await?;
    host::ensure_conditions(&host, &[("BootVolumeReady", "True", "Ready")])?;
    Ok(host)
}

/// With a data template: first the consumer, and when the data is ready the deployment.
async fn claim(test: &Scenario, machine: &Machine) -> Result<()> {
    let consumer = json!({
        "apiVersion": "infrastructure.cluster.x-k8s.io/v1beta2", "kind": "Metal3Machine",
        "name": "machine-0", "namespace": test.namespace,
    });
    let label = json!({ "labels": { "cluster.x-k8s.io/cluster-name": "cluster" } });
    patch(
        test,
        machine,
        &json!({ "metadata": label, "spec": { "consumerRef": consumer } }),
    )
    .await?;
    let deploy = json!({ "customDeploy": { "method": names::BOOT_VOLUME_METHOD }, "online": true });
    patch(test, machine, &json!({ "spec": deploy })).await
}

/// Clears the deployment, waits for `available`, and then clears the consumer. Returns what the hold says.
async fn let_go(test: &mut Scenario, machine: &Machine) -> Result<String> {
    let cleared = json!({ "customDeploy": null, "online": false });
    patch(test, machine, &json!({ "spec": cleared })).await?;
    let host = test
        .host_in(&machine.name, ProvisioningState::Available, RELEASE)
        .await?;
    ensure!(
        !host::status(&host)?.error_message.is_empty(),
        "it was offered for a moment"
    );
    let label = json!({ "labels": { "cluster.x-k8s.io/cluster-name": null } });
    patch(
        test,
        machine,
        &json!({ "metadata": label, "spec": { "consumerRef": null } }),
    )
    .await?;
    let released = host.annotations().get(names::RELEASED_VOLUME_ANNOTATION);
    Ok(released.context("the volume is not held")?.clone())
}

/// Nobody would choose it, nothing is wrong with it, and whoever claims it all the same gets nothing.
async fn check_hold(test: &mut Scenario, machine: &Machine, released: &str) -> Result<()> {
    let inventory = Inventory::read(&test.ironic).await?;
    ensure!(
        inventory.targets.is_empty() && inventory.connectors.is_empty(),
        "{inventory}"
    );
    claim(test, machine).await?;
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
        status.error_message.contains(released),
        "{}",
        status.error_message
    );
    ensure!(let_go(test, machine).await? == released);
    let host = looked_at(test, machine).await?;
    ensure!(!may_be_chosen(&host) && !test.stack.is_on(&machine.name)?);
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

/// As the provider writes: a merge patch without a version.
async fn patch(test: &Scenario, machine: &Machine, change: &Value) -> Result<()> {
    let hosts = test.cluster.hosts(&test.namespace);
    hosts
        .patch(
            &machine.name,
            &PatchParams::default(),
            &Patch::Merge(change),
        )
        .await
        .context("the consumer's patch is refused")?;
    Ok(())
}
