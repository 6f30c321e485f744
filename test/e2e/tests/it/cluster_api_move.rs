//! `clusterctl move` to another Kubernetes API and back, under a machine that runs.

use std::collections::BTreeSet;

use anyhow::{Context, Result, ensure};
use e2e::cluster_api::{BLOCK_MOVE_ANNOTATION, Metal3Machine, Moved, Provider, clusterctl_move};
use e2e::{
    Cluster, DEPLOYMENT, Fake, Firmware, Machine, Scenario, Secrets, host, run, step, until,
};
use kube::ResourceExt;
use kube::api::{Api, DeleteParams, ListParams, PostParams};
use metal_api::names;
use metal_api::v1alpha1::{BareMetalHost, HardwareData, ProvisionOn, ProvisioningState};
use serde_json::json;

use crate::consumers::{POOL, for_claims, hardware, is_offered, let_go, reconcile, reconcile_one};
use crate::parked::{self, Parked};
use crate::user_data::has_disc;

const FIRST_LINE: &str = "#cloud-config of a machine that moves";
const LEFT_BEHIND: &str = "nobody-uses-it";

#[test]
fn hosts_move_to_another_cluster_and_back_and_no_machine_notices() -> Result<()> {
    run("cluster-api-move", async |test| {
        let mut machine = test.prepare(Firmware::Bios).await?;
        let volume = machine.host.spec.boot_volume.as_mut();
        volume.context("no volume")?.provision_on = ProvisionOn::Claim;
        machine.host.metadata.labels = Some([(POOL.to_owned(), "runs".to_owned())].into());
        let fakes = test.fakes(["claimed", "held", "free"]).await?;
        test.plant(LEFT_BEHIND, "Opaque", &[("password", &Secrets::fresh(16))])
            .await?;
        let user_data = Metal3Machine::USER_DATA;
        test.plant_user_data(user_data, FIRST_LINE).await?;
        // Its owner is a machine's bootstrap configuration, and moves.
        let moves = json!({ "metadata": { "labels": { names::MOVE_LABEL: "" } } });
        test.cluster
            .change_secret(&test.namespace, user_data, moves)
            .await?;
        test.start_operator().await?;
        let mut machines = claimed_held_and_free(test, &machine, &fakes).await?;
        let boot = test.booted(&machine).await?;
        let drive = test
            .config_drive(&machine)?
            .context("the machine found no CD")?;
        ensure!(drive.user_data == FIRST_LINE, "{drive:?}");
        test.start_other_cluster().await?;

        let actions = test.stack.power_actions()?;
        move_over(test, &machine, &mut machines, async || Ok(())).await?;
        all_is_there(test, &machine, &mut machines).await?;
        has_not_noticed(test, &machine, &boot, &actions)?;
        works_on(test, &mut machines[1]).await?;

        machines.truncate(1);
        let actions = test.stack.power_actions()?;
        let node = node_of(test, &machine).await?;
        let stack = test.stack.clone();
        move_over(test, &machine, &mut machines, async || {
            step("  ironic   loses its database");
            stack.lose_database()
        })
        .await?;
        is_adopted(test, &machine, &mut machines, &node).await?;
        has_not_noticed(test, &machine, &boot, &actions)?;
        is_released(test, &machine, &mut machines[0], &boot).await
    })
}

/// One real machine and one fake that are claimed, one that a consumer has left, one that nobody has wanted yet.
async fn claimed_held_and_free(
    test: &mut Scenario,
    machine: &Machine,
    [claimed, held, free]: &[Fake; 3],
) -> Result<Vec<Metal3Machine>> {
    let offered = test.cluster.hosts(&test.namespace);
    test.create(&machine.host).await?;
    test.create(&for_claims(claimed, "claimed", "Reuse")?)
        .await?;
    test.create(&for_claims(held, "held", "Retain")?).await?;
    test.create(&for_claims(free, "free", "Retain")?).await?;
    give_hardware(test, &offered.get("claimed").await?).await?;
    let provider = Provider::new(&test.cluster, &test.namespace, "cluster")?;
    let machine_of = |pool| Metal3Machine::diskless(&format!("m-{pool}"), (POOL, pool));
    let mut machines = vec![
        machine_of("runs"),
        machine_of("claimed"),
        machine_of("held"),
    ];
    reconcile(
        &provider,
        &mut machines,
        "they are deployed",
        Metal3Machine::is_ready,
    )
    .await?;
    let mut leaves = machines.pop().context("no machine")?;
    let left = let_go(test, &provider, &mut leaves).await?;
    ensure!(host::status(&left)?.error_message.contains("is held"));
    is_offered(test, "free").await?;
    Ok(machines)
}

/// As Metal3's operator has it: with a finalizer, and owned by its host.
async fn give_hardware(test: &Scenario, owner: &BareMetalHost) -> Result<()> {
    let mut data = hardware(&owner.name_any(), "192.0.2.9")?;
    let uid = owner.uid().context("no UID")?;
    let reference = json!({
        "apiVersion": "metal3.io/v1alpha1", "kind": "BareMetalHost", "name": owner.name_any(), "uid": uid,
        "controller": true,
    });
    data.metadata.owner_references = Some(vec![serde_json::from_value(reference)?]);
    data.metadata.finalizers = Some(vec![names::HARDWARE_DATA_FINALIZER.to_owned()]);
    let api: Api<HardwareData> = Api::namespaced(test.cluster.client.clone(), &test.namespace);
    api.create(&PostParams::default(), &data).await?;
    Ok(())
}

/// Moves everything to the cluster where the test is not, and goes there. In the gap the first operator has seen that its
/// host goes, and can still write to it.
async fn move_over(
    test: &mut Scenario,
    machine: &Machine,
    machines: &mut [Metal3Machine],
    in_gap: impl AsyncFn() -> Result<()>,
) -> Result<()> {
    let mut provider = Provider::new(&test.cluster, &test.namespace, "cluster")?;
    provider.is_paused = true;
    for it in machines {
        provider.reconcile(it).await?;
    }
    unblock_unclaimed(test).await?;
    let (from, to) = (&test.cluster, test.other_cluster()?);
    let mut gaps = 0;
    let moved = clusterctl_move(from, to, &test.namespace, async |object| {
        if object.kind != "BareMetalHost" || object.name != machine.name {
            return Ok(());
        }
        gaps += 1;
        in_gap().await?;
        is_left_alone(from, &test.namespace, &machine.name).await
    })
    .await?;
    ensure!(gaps == 1, "there was no gap");
    let is_moved = |kind: &str, name: &str| {
        moved.contains(&Moved {
            kind: kind.to_owned(),
            name: name.to_owned(),
        })
    };
    let objects = [
        ("BareMetalHost", "free"),
        ("HardwareData", "claimed"),
        ("Secret", machine.chap_secret()?),
        ("Secret", machine.bmc_secret()?),
        ("Secret", Fake::SECRET),
    ];
    for (kind, name) in objects {
        ensure!(
            is_moved(kind, name),
            "{kind} {name} was left behind: {moved:?}"
        );
    }
    ensure!(!is_moved("Secret", LEFT_BEHIND), "{moved:?}");
    ensure!(!from.has_hosts().await?, "the first cluster has hosts yet");
    test.cross_over()
}

/// The provider leaves its annotation on the hosts that it lets go of, and `clusterctl` would wait for it in vain: as
/// docs/boot-volume.md has it.
async fn unblock_unclaimed(test: &Scenario) -> Result<()> {
    let hosts = test.cluster.hosts(&test.namespace);
    for host in hosts.list(&ListParams::default()).await? {
        if host.spec.consumer_ref.is_none() && host::has_annotation(&host, BLOCK_MOVE_ANNOTATION) {
            test.annotate(&host.name_any(), BLOCK_MOVE_ANNOTATION, None)
                .await?;
        }
    }
    Ok(())
}

/// The operator looks at a host that was made after this one was marked, and this one keeps its finalizer.
async fn is_left_alone(cluster: &Cluster, namespace: &str, name: &str) -> Result<()> {
    let hosts = cluster.hosts(namespace);
    let witness: BareMetalHost = serde_json::from_value(json!({
        "apiVersion": "metal3.io/v1alpha1", "kind": "BareMetalHost", "metadata": { "name": "witness" },
        "spec": { "online": false },
    }))?;
    hosts.create(&PostParams::default(), &witness).await?;
    until("the operator has seen it", DEPLOYMENT, async || {
        let witness = hosts.get("witness").await?;
        Ok((witness.state() == ProvisioningState::Unmanaged).then_some(()))
    })
    .await?;
    hosts.delete("witness", &DeleteParams::default()).await?;
    let marked = hosts.get(name).await?;
    let annotations: Vec<_> = marked.annotations().keys().collect();
    ensure!(
        annotations == [names::DELETE_FOR_MOVE_ANNOTATION],
        "{annotations:?}"
    );
    ensure!(marked.metadata.deletion_timestamp.is_some());
    ensure!(
        marked.finalizers() == [names::FINALIZER],
        "{:?}",
        marked.finalizers()
    );
    Ok(())
}

async fn all_is_there(
    test: &mut Scenario,
    machine: &Machine,
    machines: &mut [Metal3Machine],
) -> Result<()> {
    let provider = Provider::new(&test.cluster, &test.namespace, "cluster")?;
    for it in machines.iter_mut() {
        provider.reconcile(it).await?;
    }
    for name in [machine.name.as_str(), "claimed"] {
        is_back(test, name).await?;
    }
    let claimed = test.cluster.hosts(&test.namespace).get("claimed").await?;
    let hardware = host::status(&claimed)?.hardware.as_ref();
    let hostname = hardware.and_then(|hardware| hardware.hostname.as_deref());
    ensure!(hostname == Some("claimed.example.org"), "{hostname:?}");
    is_offered(test, "free").await?;
    test.host("held", "it is held here, too", DEPLOYMENT, |host| {
        host::status(host).is_ok_and(|status| status.error_message.contains("is held"))
    })
    .await?;
    reconcile(
        &provider,
        machines,
        "they are ready",
        Metal3Machine::is_ready,
    )
    .await
}

/// It is provisioned, and nothing of the move is left on it.
async fn is_back(test: &mut Scenario, name: &str) -> Result<BareMetalHost> {
    let found = test
        .host(name, "its status is back", DEPLOYMENT, |host| {
            host.state() == ProvisioningState::Provisioned
                && !host::has_annotation(host, names::STATUS_ANNOTATION)
                && host::is_on(host)
                && host::ensure_conditions(host, &[("Ready", "True", "Provisioned")]).is_ok()
        })
        .await?;
    ensure!(!host::has_annotation(&found, names::PAUSED_ANNOTATION));
    host::ensure_conditions(&found, &[("BootVolumeReady", "True", "Ready")])?;
    Ok(found)
}

fn has_not_noticed(
    test: &Scenario,
    machine: &Machine,
    boot: &str,
    actions: &[String],
) -> Result<()> {
    let boots = test.boots(machine)?;
    ensure!(boots == BTreeSet::from([boot.to_owned()]), "{boots:?}");
    let now = test.stack.power_actions()?;
    ensure!(
        now == actions,
        "the power was touched: {:?}",
        &now[actions.len()..]
    );
    Ok(())
}

/// The new cluster's operator has the host now.
async fn works_on(test: &mut Scenario, machine: &mut Metal3Machine) -> Result<()> {
    let provider = Provider::new(&test.cluster, &test.namespace, "cluster")?;
    let_go(test, &provider, machine).await?;
    let offered = is_offered(test, "claimed").await?;
    ensure!(!host::is_on(&offered));
    Ok(())
}

async fn node_of(test: &Scenario, machine: &Machine) -> Result<String> {
    let host = test
        .cluster
        .hosts(&test.namespace)
        .get(&machine.name)
        .await?;
    Ok(host::node_id(&host).to_owned())
}

async fn is_adopted(
    test: &mut Scenario,
    machine: &Machine,
    machines: &mut [Metal3Machine],
    old_node: &str,
) -> Result<()> {
    let provider = Provider::new(&test.cluster, &test.namespace, "cluster")?;
    for it in machines {
        provider.reconcile(it).await?;
    }
    let adopted = Parked {
        name: machine.name.clone(),
        state: ProvisioningState::Provisioned,
        is_on: true,
    };
    let node = adopted.is_managed(test, old_node).await?;
    is_back(test, &machine.name).await?;
    let target = machine.volume()?.iscsi_target.as_ref();
    let iqn = &target.context("no target")?.iqn;
    parked::boots_from_its_volume(test, &node, machine.mac()?, iqn).await
}

async fn is_released(
    test: &mut Scenario,
    machine: &Machine,
    consumer: &mut Metal3Machine,
    boot: &str,
) -> Result<()> {
    let provider = Provider::new(&test.cluster, &test.namespace, "cluster")?;
    let mut consumer = consumer.clone();
    reconcile_one(
        &provider,
        &mut consumer,
        "it is ready",
        Metal3Machine::is_ready,
    )
    .await?;
    let left = let_go(test, &provider, &mut consumer).await?;
    ensure!(host::status(&left)?.error_message.contains("is held"));
    ensure!(!test.stack.is_on(&machine.name)?);
    ensure!(!has_disc(test, machine).await?, "its user data is left");
    let volume = &machine.volume()?.volume_id;
    let marker = test.stack.volume_file(volume, "shutdown.txt");
    let marker = marker.context("the machine was not shut down")?;
    ensure!(marker.contains(boot), "{marker}");
    test.delete_hosts().await
}
