//! Power. See `ironic/conductor/manager.py`, `change_node_power_state` and `_sync_power_states`.

use anyhow::{Result, ensure};
use serde_json::{Value, json};

use crate::env::Env;
use crate::expect::has;

pub(crate) async fn power_is_unknown_until_it_is_asked_for(env: &Env) -> Result<()> {
    let node = env.node().await?;
    has(&node.get().await?, [("power_state", Value::Null)])?;
    // Even before it is verified.
    let seen = node.power("power on").await?;
    has(
        &seen,
        [
            ("power_state", json!("power on")),
            ("provision_state", json!("enroll")),
        ],
    )
}

pub(crate) async fn a_machine_is_switched_on_off_and_restarted(env: &Env) -> Result<()> {
    let node = env.node().await?.manageable().await?;
    for (target, state) in [
        ("power on", "power on"),
        ("power off", "power off"),
        ("rebooting", "power on"),
        ("rebooting", "power on"),
        // Once more is no error.
        ("power on", "power on"),
    ] {
        let seen = node.power(target).await?;
        has(
            &seen,
            [("power_state", json!(state)), ("last_error", Value::Null)],
        )?;
    }
    Ok(())
}

pub(crate) async fn soft_verbs_end_in_the_same_states(env: &Env) -> Result<()> {
    let node = env.node().await?.manageable().await?;
    node.power("power on").await?;
    for (target, state) in [
        ("soft rebooting", "power on"),
        ("soft power off", "power off"),
    ] {
        let seen = node.power(target).await?;
        has(
            &seen,
            [("power_state", json!(state)), ("last_error", Value::Null)],
        )?;
    }
    Ok(())
}

pub(crate) async fn a_power_state_that_is_none_is_refused(env: &Env) -> Result<()> {
    let node = env.node().await?;
    let path = node.path("/states/power");
    env.api
        .put(&path, json!({"target": "none-such"}))
        .await?
        .refuses(
            400,
            "The requested action \"none-such\" can not be performed on node",
        )?;
    env.api
        .put(&path, json!({}))
        .await?
        .refuses(400, "Missing mandatory parameter: target")?;
    Ok(())
}

pub(crate) async fn a_timeout_is_at_least_a_second(env: &Env) -> Result<()> {
    let node = env.node().await?;
    let path = node.path("/states/power");
    for timeout in [0, -1] {
        env.api
            .put(&path, json!({"target": "power on", "timeout": timeout}))
            .await?
            .refuses(400, "timeout has to be positive integer")?;
    }
    let body = json!({"target": "power on", "timeout": 1});
    env.api.put(&path, body).await?.is(202)?;
    has(
        &node.power_settles().await?,
        [("power_state", json!("power on"))],
    )
}

/// The machine has nothing to boot: nothing in it listens to its button.
pub(crate) async fn a_machine_that_ignores_the_button_stays_on_and_last_error_says_why(
    env: &Env,
) -> Result<()> {
    let machine = env.machine().await?;
    let node = env.redfish_node(&machine).await?.manageable().await?;
    has(
        &node.power("power on").await?,
        [("power_state", json!("power on"))],
    )?;
    let soft = json!({"target": "soft power off", "timeout": 2});
    env.api
        .put(&node.path("/states/power"), soft)
        .await?
        .is(202)?;
    let seen = env
        .until("the failure to switch off", async || {
            let seen = node.get().await?;
            let over = seen["reservation"].is_null() && seen["last_error"].is_string();
            Ok(over.then_some(seen))
        })
        .await?;
    // By these words the planner knows what failed.
    node.has_failed(&seen, "by 'soft power off'").await?;
    has(&seen, [("target_power_state", Value::Null)])?;
    let seen = node.power("power off").await?;
    has(
        &seen,
        [
            ("power_state", json!("power off")),
            ("last_error", Value::Null),
        ],
    )
}

/// As Ironic is configured by default (`[conductor]force_power_state_during_sync`).
pub(crate) async fn a_machine_that_went_off_by_itself_is_switched_on_again(
    env: &Env,
) -> Result<()> {
    let machine = env.machine().await?;
    let node = env.redfish_node(&machine).await?.manageable().await?;
    has(
        &node.power("power on").await?,
        [("power_state", json!("power on"))],
    )?;
    env.cut_power(&machine).await?;
    env.until("the machine to be on again", async || {
        Ok(env.is_on(&machine).await?.then_some(()))
    })
    .await?;
    let seen = node.power_settles().await?;
    ensure!(seen["provision_state"] == "manageable", "{seen}");
    has(
        &seen,
        [
            ("power_state", json!("power on")),
            ("maintenance", json!(false)),
            ("fault", Value::Null),
        ],
    )
}
