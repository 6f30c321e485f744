//! What must hold once everything that was wrong is right again, and nothing changes any more.

use ironic_sim::{Power, Slot};
use metal_api::conditions::BootVolumeReason;
use metal_api::names;
use metal_plan::{Blocker, Step, Wait};
use secrecy::ExposeSecret;
use serde_json::{Value, json};

use super::volumes::{recorded, seen_by_machine, wanted};
use super::watch::{boot_of, machine, volumes};
use super::world::{HOSTS, SECRETS, World, host_name, node_name, secret_name};
use crate::testing::ISCSI_PASSWORD;
use crate::testing::picture::list;

mod leases;

/// A check of one host at rest, by name.
type Check = fn(&World, usize, &Value);

const CHECKS: &[(&str, Check)] = &[
    ("a deployed host lacks what it needs", deployed),
    ("a host with a volume is not deployed", goes_on),
    ("a host without a volume has something left", released),
    ("the power is not as wanted", power),
    ("a Secret is not guarded", guarded),
    (
        "something is pending that is said to be applied",
        is_up_to_date,
    ),
    ("a Lease is not held", leases::holds_its_volumes),
];

/// Each host is in a state that its spec explains.
pub(super) fn expect_explained(world: &World) {
    for number in 0..HOSTS {
        let host = world.host(number);
        if host.is_null() {
            continue;
        }
        waits_are_told(world, number, &host);
        if is_excused(world, number, &host) {
            continue;
        }
        for (name, check) in CHECKS {
            world
                .life
                .witness
                .tell(format!("{name}? {}", host_name(number)));
            check(world, number, &host);
        }
    }
    strangers(world);
    leases::leases_have_reasons(world);
    unused_secrets_are_free(world);
}

/// Nothing is left of hosts that were deleted.
pub(super) fn expect_nothing_left(world: &World) {
    for number in 0..HOSTS {
        let host = world.host(number);
        assert!(host.is_null(), "a deleted host stays: {:#}", host["status"]);
    }
    for (path, field) in LISTS {
        let left = list(&world.life.door, path, field);
        assert!(left.is_empty(), "left in Ironic: {left:#?}");
    }
    leases::leases_have_reasons(world);
    for (key, object) in world.life.kubernetes.everything() {
        let metadata = &object["metadata"];
        let finalizers = &metadata["finalizers"];
        assert!(
            finalizers.is_null(),
            "a guard is left on {key:?}: {finalizers}"
        );
        let labels = &metadata["labels"];
        assert!(
            key.plural != "secrets" || labels.is_null(),
            "a label is left on {key:?}: {labels}"
        );
    }
}

const LISTS: [(&str, &str); 4] = [
    ("/v1/nodes/detail", "nodes"),
    ("/v1/ports/detail", "ports"),
    ("/v1/volume/connectors?detail=true", "connectors"),
    ("/v1/volume/targets?detail=true", "targets"),
];

fn state(host: &Value) -> &str {
    host["status"]["provisioning"]["state"]
        .as_str()
        .unwrap_or_default()
}

fn error(host: &Value) -> &str {
    host["status"]["errorMessage"].as_str().unwrap_or_default()
}

fn wants_volume(host: &Value) -> bool {
    !host["spec"]["bootVolume"].is_null()
}

/// Who waits says for what.
fn waits_are_told(world: &World, number: usize, host: &Value) {
    let Some(plan) = world.life.witness.last_plan(&host_name(number)) else {
        panic!("nobody looked at {}", host_name(number));
    };
    match &plan.step {
        // By the user's own wish.
        Step::Rest | Step::Wait(Wait::Offline | Wait::RebootNotForced { .. }) => {}
        // For a consumer, who looks for a host without a message.
        Step::Wait(Wait::Unclaimed) => assert_eq!(error(host), "", "{plan}"),
        Step::Wait(Wait::Held { .. }) => assert_ne!(error(host), "", "{plan}"),
        // For the machine to be off once, or for somebody's record that was lost.
        Step::Wait(Wait::Drifted { message }) => {
            let conditions = host["status"]["conditions"].as_array();
            let is_told = |condition: &Value| condition["message"] == message.as_str();
            assert!(
                conditions.into_iter().flatten().any(is_told),
                "not told: {plan}"
            );
        }
        Step::Wait(Wait::Blocked(_)) => {
            let message = error(host);
            let conditions = host["status"]["conditions"]
                .as_array()
                .into_iter()
                .flatten();
            let is_told = conditions
                .into_iter()
                .any(|condition| condition["status"] == "False" && condition["message"] != "");
            assert!(!message.is_empty() || is_told, "not told: {plan}");
        }
        Step::Ignore | Step::Enter(_) | Step::Act(_) | Step::Wait(_) => {
            panic!("{} is not at rest: {plan}", host_name(number))
        }
    }
}

/// Whether somebody must see to the host for a reason that no operator can do away with, and the host says so: its status
/// was lost, so that nobody knows what became of what was going on; another host has its machine, or its volume; or its
/// deployments failed so often that only another wish leads to one more.
fn is_excused(world: &World, number: usize, host: &Value) -> bool {
    let plan = world.life.witness.last_plan(&host_name(number));
    let Some(Step::Wait(Wait::Blocked(blocker))) = plan.map(|plan| plan.step) else {
        return false;
    };
    let message = error(host);
    world.has_lost_status(number)
        || message.contains("a machine belongs to one host")
        || is_conflict(&blocker) && leases::is_held_by_other(world, number, host)
        || matches!(blocker, Blocker::TooManyFailures { .. })
}

/// A deployed node has its target, its connector and its port, and would boot from its volume.
fn deployed(world: &World, number: usize, host: &Value) {
    let record = &host["status"]["provisioning"]["bootVolume"];
    if state(host) != "provisioned" || record.is_null() {
        return;
    }
    if !record["configDrive"].is_null() {
        let machine = machine(&world.life.sim, world.machine_of(number));
        assert!(machine.media.contains_key(&Slot::Cd), "{number}: no disc");
    }
    let node = world
        .life
        .door
        .look(&format!("/v1/nodes/{}", node_name(number)));
    assert_eq!(node["provision_state"], "active", "{number}");
    assert_eq!(node["storage_interface"], "external", "{number}");
    assert_eq!(node["boot_interface"], "ipxe", "{number}");
    let of_node = |path, field| -> Vec<Value> {
        let mut all = list(&world.life.door, path, field);
        all.retain(|one| one["node_uuid"] == node["uuid"]);
        all
    };
    let mut targets = of_node("/v1/volume/targets?detail=true", "targets");
    targets.sort_by_key(|target| target["boot_index"].as_i64());
    let found: Vec<_> = targets
        .iter()
        .map(|target| {
            (
                target["boot_index"].clone(),
                &target["volume_id"],
                &target["extra"]["ironboot_deployment"],
            )
        })
        .collect();
    let all = recorded(host);
    let expected: Vec<_> = all
        .iter()
        .enumerate()
        .map(|(index, volume)| (json!(index), &volume["volumeId"], &record["deploymentId"]))
        .collect();
    assert_eq!(found, expected, "{number}");
    let connectors = of_node("/v1/volume/connectors?detail=true", "connectors");
    let found: Vec<_> = connectors.iter().map(|one| &one["connector_id"]).collect();
    assert_eq!(found, [&record["connectorId"]], "{number}");
    let ports = of_node("/v1/ports/detail", "ports");
    assert!(
        ports.iter().any(|port| port["pxe_enabled"] == true),
        "{number}: {ports:#?}"
    );
    expect_boots(world, number, host);
}

/// What the machine boots from are the volumes on record, by the machine's own eyes.
fn expect_boots(world: &World, number: usize, host: &Value) {
    let index = world.machine_of(number);
    let wanted: Vec<_> = recorded(host).iter().map(seen_by_machine).collect();
    let machine = machine(&world.life.sim, index);
    let boot = boot_of(&world.life.sim, index);
    let found = boot.as_ref().map(volumes).unwrap_or_default();
    assert_eq!(found, wanted, "machine {index} would boot {boot:?}");
    let initiator = boot.as_ref().and_then(|boot| boot.san()?.initiator.clone());
    assert_eq!(
        initiator.as_deref(),
        host["status"]["provisioning"]["bootVolume"]["connectorId"].as_str(),
        "machine {index}"
    );
    if machine.power == Power::On {
        let running = machine.booted.as_ref().map(volumes).unwrap_or_default();
        assert_eq!(running, wanted, "machine {index} runs {:?}", machine.booted);
    }
}

/// Whoever asks for a volume gets it, or reads why not.
fn goes_on(world: &World, number: usize, host: &Value) {
    if !wants_volume(host) || state(host) == "provisioned" {
        return;
    }
    let plan = world.life.witness.last_plan(&host_name(number));
    let is_explained = match plan.map(|plan| plan.step) {
        Some(Step::Wait(Wait::Offline)) => true,
        Some(Step::Wait(Wait::Unclaimed)) => !is_claimed(host) && world.is_for_claims(number),
        Some(Step::Wait(Wait::Held { .. })) => {
            !host["metadata"]["annotations"][names::RELEASED_VOLUME_ANNOTATION].is_null()
        }
        _ => false,
    };
    let name = host_name(number);
    assert!(
        is_explained,
        "{name} in {}: {:#}",
        state(host),
        host["status"]
    );
}

fn is_claimed(host: &Value) -> bool {
    host["spec"]["customDeploy"]["method"] == names::BOOT_VOLUME_METHOD
}

fn is_conflict(blocker: &Blocker) -> bool {
    matches!(
        blocker,
        Blocker::BootVolume {
            reason: BootVolumeReason::VolumeConflict,
            ..
        }
    )
}

/// A host that asks for no volume has none.
fn released(world: &World, number: usize, host: &Value) {
    if wants_volume(host) {
        return;
    }
    assert_eq!(state(host), "available", "{:#}", host["status"]);
    assert_eq!(host["status"]["provisioning"]["bootVolume"], Value::Null);
    let node = world
        .life
        .door
        .look(&format!("/v1/nodes/{}", node_name(number)));
    for (path, field) in &LISTS[2..] {
        let mut left = list(&world.life.door, path, field);
        left.retain(|one| one["node_uuid"] == node["uuid"]);
        assert!(left.is_empty(), "{number}: {left:#?}");
    }
    assert_eq!(node["provision_state"], "available", "{number}");
    assert_eq!(node["instance_uuid"], Value::Null, "{number}");
    let boot = boot_of(&world.life.sim, world.machine_of(number));
    assert_eq!(
        boot.as_ref().map(volumes).unwrap_or_default(),
        [] as [&str; 0],
        "it would boot still: {boot:?}"
    );
}

/// A deployed machine is on if it is to be online, else off.
fn power(world: &World, number: usize, host: &Value) {
    let is_to_be_on = host["spec"]["online"] == true;
    let is_on = machine(&world.life.sim, world.machine_of(number)).power == Power::On;
    if state(host) == "provisioned" {
        assert_eq!(is_on, is_to_be_on, "{number}");
    }
}

/// The Secrets of a deployed host are kept from deletion, as long as it needs them.
fn guarded(world: &World, _number: usize, host: &Value) {
    for volume in recorded(host) {
        let Some(name) = volume["iscsiCredentialsName"].as_str() else {
            continue;
        };
        let finalizers = &world.life.secret(name)["metadata"]["finalizers"];
        let guard = json!([names::SECRET_GUARD_FINALIZER]);
        assert_eq!(finalizers, &guard, "{name}");
    }
}

/// Whoever is said to run with the credentials of its Secrets would boot with them, and whoever asked for another
/// deployment has its answer.
fn is_up_to_date(world: &World, number: usize, host: &Value) {
    if state(host) != "provisioned" || recorded(host).is_empty() {
        return;
    }
    let conditions = host["status"]["conditions"].as_array();
    let conditions: Vec<_> = conditions.into_iter().flatten().collect();
    let is_true = |kind: &str| {
        let mut conditions = conditions.iter();
        conditions.any(|condition| condition["type"] == kind && condition["status"] == "True")
    };
    let boot = boot_of(&world.life.sim, world.machine_of(number));
    let hooks = boot
        .as_ref()
        .and_then(|boot| Some(boot.san()?.hooks.as_slice()));
    for (volume, hook) in recorded(host).iter().zip(hooks.unwrap_or_default()) {
        let password = hook.password.as_ref().map(ExposeSecret::expose_secret);
        assert!(
            volume["iscsiCredentialsName"].is_null()
                || !is_true("CredentialsApplied")
                || password == Some(ISCSI_PASSWORD),
            "{number} would boot with what no Secret holds"
        );
    }
    if is_true("DataVolumesApplied") {
        let ids = |volumes: &[Value]| -> Vec<Value> {
            let ids = volumes.iter().map(|volume| volume["volumeId"].clone());
            ids.collect()
        };
        assert_eq!(ids(&recorded(host)), ids(&wanted(host)), "{number}");
    }
    let annotations = &host["metadata"]["annotations"];
    if host["spec"]["online"] == true {
        assert_eq!(
            annotations[names::REDEPLOY_ANNOTATION],
            annotations[names::REDEPLOY_HANDLED_ANNOTATION],
            "{number}"
        );
    }
}

/// Only Secrets that some host uses are kept from deletion.
fn unused_secrets_are_free(world: &World) {
    let is_named = |host: usize, name: &str| {
        world
            .host(host)
            .to_string()
            .contains(&format!("\"{name}\""))
    };
    for name in (0..SECRETS).map(secret_name) {
        let is_used = (0..HOSTS).any(|host| is_named(host, &name));
        let metadata = &world.life.secret(&name)["metadata"];
        let guard = [&metadata["finalizers"], &metadata["labels"]];
        assert!(
            is_used || guard == [&Value::Null, &Value::Null],
            "a guard that nobody needs: {name} with {guard:?}"
        );
    }
}

/// Ironic has no node that no host has, and nothing of such a node.
fn strangers(world: &World) {
    let known: Vec<_> = (0..HOSTS)
        .filter(|number| !world.host(*number).is_null())
        .map(node_name)
        .collect();
    let nodes = list(&world.life.door, LISTS[0].0, LISTS[0].1);
    for node in &nodes {
        let name = node["name"].as_str().unwrap_or_default();
        assert!(
            known.iter().any(|known| known == name),
            "a node without a host: {name}"
        );
    }
    for (path, field) in &LISTS[1..] {
        for one in list(&world.life.door, path, field) {
            let has_node = nodes.iter().any(|node| node["uuid"] == one["node_uuid"]);
            assert!(has_node, "of no node: {one:#}");
        }
    }
}
