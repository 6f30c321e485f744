//! Hosts for consumers, and machines that want them.

use anyhow::{Context, Result};
use e2e::cluster_api::{Metal3Machine, Provider};
use e2e::{DEPLOYMENT, Fake, Scenario, host, until};
use futures_util::future::try_join_all;
use metal_api::names;
use metal_api::v1alpha1::{BareMetalHost, HardwareData, ProvisioningState};
use serde_json::{Value, json};

/// The label by which the tests' machines choose.
pub(crate) const POOL: &str = "pool";

/// A fake's host for claims.
pub(crate) fn for_claims(fake: &Fake, pool: &str, reclaim_policy: &str) -> Result<BareMetalHost> {
    let mut volume = fake.boot_volume();
    volume["provisionOn"] = "Claim".into();
    volume["reclaimPolicy"] = reclaim_policy.into();
    volume["configDrive"] = "None".into();
    let mut host = fake.host(json!({ "bootVolume": volume }))?;
    host.metadata.labels = Some([(POOL.to_owned(), pool.to_owned())].into());
    Ok(host)
}

/// What an inspection would have found of a machine without disks.
pub(crate) fn hardware(name: &str, address: &str) -> Result<HardwareData> {
    let hardware = json!({
        "hostname": format!("{name}.example.org"), "storage": [],
        "nics": [{ "name": "eth0", "ip": address }, { "name": "eth1" }],
    });
    let data = json!({
        "apiVersion": "metal3.io/v1alpha1", "kind": "HardwareData",
        "metadata": { "name": name }, "spec": { "hardware": hardware },
    });
    serde_json::from_value(data).context("no valid HardwareData")
}

/// Waits until a consumer that looks for a diskless host would take this one.
pub(crate) async fn is_offered(test: &mut Scenario, name: &str) -> Result<BareMetalHost> {
    let found = test
        .host(name, "it is offered", DEPLOYMENT, |host| {
            let label = host.metadata.labels.iter().flatten();
            let mut label = label.filter(|(name, _)| *name == names::BOOT_VOLUME_LABEL);
            label.any(|(_, value)| value == "true")
                && host.state() == ProvisioningState::Available
                && host::status(host).is_ok_and(|status| status.error_message.is_empty())
        })
        .await?;
    host::ensure_conditions(&found, &[("BootVolumeReady", "True", "Ready")])?;
    Ok(found)
}

/// Passes over these machines, all at once, until they are as they are to be.
pub(crate) async fn reconcile(
    provider: &Provider,
    machines: &mut [Metal3Machine],
    what: &str,
    wanted: impl Fn(&Metal3Machine) -> bool,
) -> Result<()> {
    until(what, DEPLOYMENT, async || {
        try_join_all(machines.iter_mut().map(|it| provider.reconcile(it))).await?;
        Ok(machines.iter().all(&wanted).then_some(()))
    })
    .await
}

/// Passes over a machine until it is as it is to be.
pub(crate) async fn reconcile_one(
    provider: &Provider,
    machine: &mut Metal3Machine,
    what: &str,
    wanted: impl Fn(&Metal3Machine) -> bool,
) -> Result<()> {
    reconcile(provider, std::slice::from_mut(machine), what, wanted).await
}

/// Deletes a machine and passes over it until it is gone. Its host has to be `available` by then.
pub(crate) async fn let_go(
    test: &Scenario,
    provider: &Provider,
    machine: &mut Metal3Machine,
) -> Result<BareMetalHost> {
    let name = machine.host.clone().context("the machine has no host")?;
    machine.is_deleted = true;
    reconcile_one(
        provider,
        machine,
        "the machine is gone",
        Metal3Machine::is_gone,
    )
    .await?;
    let host = test.cluster.hosts(&test.namespace).get(&name).await?;
    anyhow::ensure!(
        host.state() == ProvisioningState::Available,
        "the consumer let go of a host that is {}",
        host.state()
    );
    Ok(host)
}

/// The host that a machine has.
pub(crate) fn host_of(machine: &Metal3Machine) -> Result<&str> {
    let name = machine.host.as_deref();
    name.with_context(|| format!("{} has no host", machine.name))
}

/// A consumer's name.
pub(crate) fn consumer(host: &BareMetalHost) -> Value {
    json!(host.spec.consumer_ref)
}
