//! Verifying that a BMC answers, and what is said when it doesn't. See `ironic/conductor/manager.py`,
//! `_do_node_verify`.

use anyhow::{Result, ensure};
use serde_json::{Value, json};

use crate::env::Env;
use crate::expect::{has, text};
use crate::test_node::TestNode;

/// The node is in `enroll` again and says why.
async fn is_refused(node: &TestNode<'_>, words: &str) -> Result<Value> {
    let seen = node.after("manage").await?;
    has(
        &seen,
        [
            ("provision_state", json!("enroll")),
            ("target_provision_state", Value::Null),
            ("power_state", Value::Null),
            ("maintenance", json!(false)),
            ("fault", Value::Null),
        ],
    )?;
    node.has_failed(&seen, words).await?;
    Ok(seen)
}

pub(crate) async fn a_bmc_that_answers_makes_a_node_manageable(env: &Env) -> Result<()> {
    let machine = env.machine().await?;
    let node = env.redfish_node(&machine).await?;
    let seen = node.reaches("manage", "manageable").await?;
    has(
        &seen,
        [
            ("power_state", json!("power off")),
            ("target_provision_state", Value::Null),
            ("last_error", Value::Null),
        ],
    )
}

pub(crate) async fn wrong_credentials_lead_back_to_enroll_and_last_error_says_so(
    env: &Env,
) -> Result<()> {
    let machine = env.machine().await?;
    let node = env.redfish_node(&machine).await?;
    let wrong = json!("a-wrong-password");
    node.set("/driver_info/redfish_password", wrong)
        .await?
        .is(200)?;
    let seen = is_refused(&node, "Failed to get power state for node").await?;
    node.has_failed(&seen, "code 401").await?;
    ensure!(
        !text(&seen, "last_error")?.contains("a-wrong-password"),
        "{seen}"
    );
    // The error stays while the credentials are replaced, until the next attempt.
    let right = json!(machine.password);
    let seen = node
        .set("/driver_info/redfish_password", right)
        .await?
        .is(200)?;
    ensure!(seen["last_error"].is_string(), "{seen}");
    Ok(())
}

pub(crate) async fn a_wrong_system_leads_back_to_enroll_and_last_error_says_so(
    env: &Env,
) -> Result<()> {
    let machine = env.machine().await?;
    let node = env.redfish_node(&machine).await?;
    let wrong = json!("/redfish/v1/Systems/none-such");
    node.set("/driver_info/redfish_system_id", wrong)
        .await?
        .is(200)?;
    is_refused(&node, "/redfish/v1/Systems/none-such not found")
        .await
        .map(drop)
}

pub(crate) async fn an_address_that_is_missing_leads_back_to_enroll(env: &Env) -> Result<()> {
    let node = env
        .create(json!({"driver": "redfish", "driver_info": {}}))
        .await?;
    is_refused(&node, "driver_info: ['redfish_address']")
        .await
        .map(drop)
}

pub(crate) async fn a_bmc_that_refuses_connections_leads_back_to_enroll(env: &Env) -> Result<()> {
    let node = env.redfish_node(&env.dead_bmc()).await?;
    is_refused(&node, "Failed to get power state for node")
        .await
        .map(drop)
}

pub(crate) async fn a_bmc_that_has_nothing_leads_back_to_enroll(env: &Env) -> Result<()> {
    let machine = env.silent_bmc().await?;
    env.release_bmcs();
    let node = env.redfish_node(&machine).await?;
    is_refused(&node, "Failed to get power state for node")
        .await
        .map(drop)
}

pub(crate) async fn a_verification_that_succeeds_clears_the_error(env: &Env) -> Result<()> {
    let machine = env.machine().await?;
    let node = env.redfish_node(&machine).await?;
    let wrong = json!("/redfish/v1/Systems/none-such");
    node.set("/driver_info/redfish_system_id", wrong)
        .await?
        .is(200)?;
    is_refused(&node, "not found").await?;
    node.set("/driver_info", machine.driver_info())
        .await?
        .is(200)?;
    let seen = node.reaches("manage", "manageable").await?;
    has(
        &seen,
        [
            ("last_error", Value::Null),
            ("power_state", json!("power off")),
        ],
    )
}
