//! Provision states and verbs. See `ironic/api/controllers/v1/node.py`, `NodeStatesController`, and
//! `ironic/common/states.py`.

use anyhow::{Result, ensure};
use serde_json::{Value, json};

use crate::env::Env;
use crate::expect::{has, text};
use crate::iscsi::Volume;
use crate::test_node::TestNode;

const VERBS: [&str; 13] = [
    "manage", "provide", "active", "rebuild", "deleted", "inspect", "adopt", "abort", "clean",
    "rescue", "unrescue", "service", "unhold",
];

/// All verbs but the possible ones are refused, and so is what is no verb.
async fn only(node: &TestNode<'_>, state: &str, possible: &[&str]) -> Result<()> {
    has(&node.get().await?, [("provision_state", json!(state))])?;
    let impossible = VERBS.iter().filter(|verb| !possible.contains(verb));
    for verb in impossible.chain(&["none-such"]) {
        let words = format!(
            "The requested action \"{verb}\" can not be performed on node \"{}\" while it is in state \"{state}\".",
            node.uuid
        );
        node.verb(verb).await?.refuses(400, &words)?;
    }
    has(&node.get().await?, [("provision_state", json!(state))])
}

/// What cleans and services without booting anything.
fn without_ramdisk() -> Value {
    json!({
        "deploy_interface": "fake",
        "boot_interface": "fake",
        "bios_interface": "fake",
        "vendor_interface": "fake",
    })
}

/// A step that it has.
fn reset() -> Value {
    json!({"interface": "bios", "step": "factory_reset"})
}

pub(crate) async fn in_enroll_only_manage_is_possible(env: &Env) -> Result<()> {
    let node = env.node().await?;
    only(&node, "enroll", &["manage"]).await?;
    node.reaches("manage", "manageable").await.map(drop)
}

pub(crate) async fn in_manageable_a_node_is_provided_inspected_adopted_or_cleaned(
    env: &Env,
) -> Result<()> {
    let node = env.node_with(json!({"inspect_interface": "fake"})).await?;
    node.port().await?;
    let node = node.manageable().await?;
    // Service came to `manageable` with newer releases, and is refused for want of steps then.
    only(
        &node,
        "manageable",
        &["provide", "inspect", "adopt", "clean", "service"],
    )
    .await?;
    node.reaches("inspect", "manageable").await?;
    node.reaches("provide", "available").await?;
    node.reaches("manage", "manageable").await?;
    node.target(Volume::boot()).await?.is(201)?;
    node.reaches("adopt", "active").await?;
    let node = env.node_with(without_ramdisk()).await?.manageable().await?;
    let clean = json!({"target": "clean", "clean_steps": [reset()]});
    node.verb_with(clean).await?.is(202)?;
    let seen = node.settles().await?;
    has(&seen, [("provision_state", json!("manageable"))])
}

pub(crate) async fn in_available_a_node_is_deployed_or_managed(env: &Env) -> Result<()> {
    let node = env.node().await?.ready().await?;
    only(&node, "available", &["active", "manage"]).await?;
    node.reaches("manage", "manageable").await?;
    node.reaches("provide", "available").await?;
    node.target(Volume::boot()).await?.is(201)?;
    node.reaches("active", "active").await.map(drop)
}

pub(crate) async fn in_active_a_node_is_undeployed_or_serviced(env: &Env) -> Result<()> {
    let node = env.node().await?.deployed().await?;
    only(
        &node,
        "active",
        &["deleted", "rebuild", "rescue", "service"],
    )
    .await?;
    node.reaches("deleted", "available").await?;
    let node = env.node_with(without_ramdisk()).await?.deployed().await?;
    let step = json!({"interface": "vendor", "step": "log_passthrough"});
    let service = json!({"target": "service", "service_steps": [step]});
    node.verb_with(service).await?.is(202)?;
    let seen = node.settles().await?;
    has(&seen, [("provision_state", json!("active"))])
}

pub(crate) async fn manage_takes_a_node_from_enroll_and_from_available(env: &Env) -> Result<()> {
    let node = env.node().await?;
    node.reaches("manage", "manageable").await?;
    node.reaches("provide", "available").await?;
    let seen = node.reaches("manage", "manageable").await?;
    has(
        &seen,
        [
            ("target_provision_state", Value::Null),
            ("last_error", Value::Null),
        ],
    )
}

pub(crate) async fn a_verb_is_needed_and_nothing_else_is_known(env: &Env) -> Result<()> {
    let node = env.node().await?;
    node.verb_with(json!({}))
        .await?
        .refuses(400, "Missing mandatory parameter: target")?;
    node.verb_with(json!({"target": "manage", "none_such": 1}))
        .await?
        .refuses(400, "Unexpected arguments: none_such")?;
    Ok(())
}

pub(crate) async fn steps_are_needed_for_cleaning_and_service(env: &Env) -> Result<()> {
    let node = env.node().await?.manageable().await?;
    node.verb("clean")
        .await?
        .refuses(400, "\"clean_steps\" is required")?;
    let node = env.node().await?.deployed().await?;
    node.verb("service")
        .await?
        .refuses(400, "\"service_steps\" is required")?;
    Ok(())
}

pub(crate) async fn the_states_document_says_what_the_node_says(env: &Env) -> Result<()> {
    let node = env.node().await?.manageable().await?;
    node.power("power on").await?;
    let seen = node.get().await?;
    let states = env.api.get(&node.path("/states")).await?.is(200)?;
    for key in [
        "provision_state",
        "target_provision_state",
        "provision_updated_at",
        "power_state",
        "target_power_state",
        "last_error",
        "console_enabled",
        "boot_mode",
        "secure_boot",
    ] {
        ensure!(states.get(key).is_some(), "{key} is missing in {states}");
        ensure!(
            states[key] == seen[key],
            "{key} is {} in the node",
            seen[key]
        );
    }
    Ok(())
}

pub(crate) async fn a_change_of_state_has_a_time(env: &Env) -> Result<()> {
    let node = env.node().await?;
    has(&node.get().await?, [("provision_updated_at", Value::Null)])?;
    let first = node.reaches("manage", "manageable").await?;
    let second = node.reaches("provide", "available").await?;
    let (first, second) = (
        text(&first, "provision_updated_at")?,
        text(&second, "provision_updated_at")?,
    );
    ensure!(first < second, "{first} is not before {second}");
    ensure!(second.ends_with("+00:00"), "{second} is not in UTC");
    Ok(())
}

pub(crate) async fn inspection_ends_in_manageable(env: &Env) -> Result<()> {
    let node = env
        .node_with(json!({"inspect_interface": "fake"}))
        .await?
        .manageable()
        .await?;
    let seen = node.reaches("inspect", "manageable").await?;
    has(&seen, [("last_error", Value::Null)])
}

pub(crate) async fn cleaning_between_deployments_ends_in_available(env: &Env) -> Result<()> {
    let node = env
        .node_with(json!({
            "automated_clean": true,
            "deploy_interface": "fake",
            "boot_interface": "fake",
            "storage_interface": "noop",
        }))
        .await?
        .manageable()
        .await?;
    let seen = node.reaches("provide", "available").await?;
    has(
        &seen,
        [("last_error", Value::Null), ("clean_step", json!({}))],
    )
}

pub(crate) async fn steps_that_are_asked_for_are_carried_out(env: &Env) -> Result<()> {
    let node = env.node_with(without_ramdisk()).await?.manageable().await?;
    let clean = |step: Value| json!({"target": "clean", "clean_steps": [step]});
    node.verb_with(clean(json!({"interface": "none-such", "step": "x"})))
        .await?
        .refuses(400, "none-such")?;
    node.verb_with(clean(reset())).await?.is(202)?;
    let seen = node.settles().await?;
    has(
        &seen,
        [
            ("provision_state", json!("manageable")),
            ("last_error", Value::Null),
        ],
    )?;
    let unknown = json!({"interface": "bios", "step": "none_such"});
    node.verb_with(clean(unknown)).await?.is(202)?;
    let seen = node.settles().await?;
    has(
        &seen,
        [
            ("provision_state", json!("clean failed")),
            ("maintenance", json!(false)),
        ],
    )?;
    ensure!(seen["last_error"].is_string(), "{seen}");
    // The way out of it.
    node.reaches("manage", "manageable").await.map(drop)
}
