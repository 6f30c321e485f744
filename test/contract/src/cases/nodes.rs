//! Creating and finding nodes. See `ironic/api/controllers/v1/node.py`.

use anyhow::{Result, ensure};
use ironic_types::calls::{CreateNode, GetNode};
use ironic_types::{DriverInfo, NewNode, NodeIdent, ProvisionState};
use secrecy::SecretString;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::env::Env;
use crate::expect::{has, text};

pub(crate) async fn a_new_node_is_in_enroll_and_nothing_is_known_of_it(env: &Env) -> Result<()> {
    let node = env.create(json!({"driver": "fake-hardware"})).await?;
    let seen = node.get().await?;
    has(
        &seen,
        [
            ("provision_state", json!("enroll")),
            ("target_provision_state", Value::Null),
            ("power_state", Value::Null),
            ("target_power_state", Value::Null),
            ("last_error", Value::Null),
            ("reservation", Value::Null),
            ("maintenance", json!(false)),
            ("maintenance_reason", Value::Null),
            ("fault", Value::Null),
            ("instance_uuid", Value::Null),
            ("automated_clean", Value::Null),
            ("name", Value::Null),
            ("properties", json!({})),
            ("driver_info", json!({})),
            ("instance_info", json!({})),
            ("extra", json!({})),
        ],
    )
}

pub(crate) async fn an_interface_that_is_not_named_becomes_the_drivers_default(
    env: &Env,
) -> Result<()> {
    let driver = env.api.get("/v1/drivers/fake-hardware").await?.is(200)?;
    let node = env.create(json!({"driver": "fake-hardware"})).await?;
    let seen = node.get().await?;
    for interface in [
        "bios",
        "boot",
        "console",
        "deploy",
        "firmware",
        "inspect",
        "management",
        "network",
        "power",
        "raid",
        "rescue",
        "storage",
        "vendor",
    ] {
        let default = &driver[format!("default_{interface}_interface")];
        let chosen = &seen[format!("{interface}_interface")];
        ensure!(
            chosen == default,
            "{interface}: {chosen}, the default is {default}"
        );
        ensure!(chosen.is_string(), "{interface}: {chosen}");
    }
    ensure!(seen["storage_interface"] == "noop", "{seen}");
    Ok(())
}

pub(crate) async fn a_node_is_found_by_its_uuid_and_by_its_name(env: &Env) -> Result<()> {
    let node = env.node().await?;
    let by_uuid = node.get().await?;
    let name = text(&by_uuid, "name")?;
    let by_name = env.api.get(&format!("/v1/nodes/{name}")).await?.is(200)?;
    ensure!(by_name["uuid"] == node.uuid.as_str(), "{by_name}");
    let other_case = format!("/v1/nodes/{}", name.to_uppercase());
    env.api
        .get(&other_case)
        .await?
        .refuses(404, "could not be found")?;
    Ok(())
}

/// Why whoever asks by name must look at the name that is answered.
pub(crate) async fn before_1_91_a_name_with_json_finds_the_node_without_it_first(
    env: &Env,
) -> Result<()> {
    let node = env.node().await?;
    let seen = node.get().await?;
    let name = text(&seen, "name")?;
    let path = format!("/v1/nodes/{name}.json");
    let api = env.api.at(90);
    let found = api.get(&path).await?.is(200)?;
    ensure!(found["uuid"] == node.uuid.as_str(), "{found}");
    let other = env
        .node_with(json!({"name": format!("{name}.json")}))
        .await?;
    let found = api.get(&path).await?.is(200)?;
    ensure!(found["uuid"] == node.uuid.as_str(), "{found}");
    env.api.delete(&node.path("")).await?.is(204)?;
    let found = api.get(&path).await?.is(200)?;
    ensure!(found["uuid"] == other.uuid.as_str(), "{found}");
    Ok(())
}

pub(crate) async fn since_1_91_a_name_with_json_is_a_name_like_any_other(env: &Env) -> Result<()> {
    let node = env.node().await?;
    let seen = node.get().await?;
    let path = format!("/v1/nodes/{}.json", text(&seen, "name")?);
    env.api
        .at(91)
        .get(&path)
        .await?
        .refuses(404, "could not be found")?;
    Ok(())
}

pub(crate) async fn a_name_belongs_to_one_node(env: &Env) -> Result<()> {
    let node = env.node().await?;
    let name = text(&node.get().await?, "name")?.to_owned();
    let body = json!({"driver": "fake-hardware", "name": name});
    let words = format!("A node with name {name} already exists.");
    env.api
        .post("/v1/nodes", body)
        .await?
        .refuses(409, &words)?;
    let other = env.node().await?;
    other
        .set("/name", json!(name))
        .await?
        .refuses(409, &words)?;
    Ok(())
}

pub(crate) async fn a_uuid_belongs_to_one_node(env: &Env) -> Result<()> {
    let uuid = Uuid::new_v4().to_string();
    let node = env.node_with(json!({"uuid": uuid})).await?;
    ensure!(node.uuid == uuid, "the node got another UUID");
    let body = json!({"driver": "fake-hardware", "uuid": uuid});
    let words = format!("A node with UUID {uuid} already exists.");
    env.api
        .post("/v1/nodes", body)
        .await?
        .refuses(409, &words)?;
    Ok(())
}

pub(crate) async fn an_instance_belongs_to_one_node(env: &Env) -> Result<()> {
    let instance = Uuid::new_v4().to_string();
    env.node_with(json!({"instance_uuid": instance})).await?;
    let body = json!({"driver": "fake-hardware", "instance_uuid": instance});
    let words = format!("Instance {instance} is already associated with a node");
    env.api
        .post("/v1/nodes", body)
        .await?
        .refuses(409, &words)?;
    Ok(())
}

pub(crate) async fn a_name_that_could_not_be_in_a_path_is_refused(env: &Env) -> Result<()> {
    let uuid = Uuid::new_v4().to_string();
    let long = "a".repeat(256);
    for name in ["a b", "a/b", "", &uuid, &long] {
        let body = json!({"driver": "fake-hardware", "name": name});
        env.api
            .post("/v1/nodes", body)
            .await?
            .refuses(400, "Cannot create node with invalid name")?;
    }
    for name in ["maintenance", "states", "detail", "validate"] {
        let body = json!({"driver": "fake-hardware", "name": name});
        env.api
            .post("/v1/nodes", body)
            .await?
            .refuses(400, "is reserved")?;
    }
    let name = format!("metal~host.1_a-{}", Uuid::new_v4().simple());
    let node = env.node_with(json!({"name": name})).await?;
    ensure!(node.get().await?["name"] == name.as_str());
    Ok(())
}

pub(crate) async fn a_driver_that_no_conductor_runs_is_refused(env: &Env) -> Result<()> {
    let body = json!({"driver": "no-driver"});
    env.api.post("/v1/nodes", body).await?.refuses(
        400,
        "No conductor service registered which supports driver no-driver",
    )?;
    Ok(())
}

pub(crate) async fn an_interface_that_is_not_enabled_is_refused(env: &Env) -> Result<()> {
    for interface in ["boot_interface", "storage_interface", "deploy_interface"] {
        let body = json!({"driver": "fake-hardware", interface: "none-such"});
        env.api
            .post("/v1/nodes", body)
            .await?
            .refuses(400, "none-such")?;
    }
    Ok(())
}

pub(crate) async fn an_interface_that_the_driver_lacks_is_refused(env: &Env) -> Result<()> {
    for (interface, words) in [
        ("boot_interface", "boot interface implementation"),
        ("storage_interface", "storage interface implementation"),
    ] {
        let body = json!({"driver": "redfish", interface: "fake"});
        let refused = env.api.post("/v1/nodes", body).await?;
        refused.refuses(400, words)?;
        refused.refuses(400, "is not supported by hardware type")?;
    }
    Ok(())
}

pub(crate) async fn a_field_that_is_none_is_refused(env: &Env) -> Result<()> {
    for field in ["none_such", "provision_state", "power_state", "last_error"] {
        let body = json!({"driver": "fake-hardware", field: "x"});
        let words = format!("Additional properties are not allowed ('{field}' was unexpected)");
        env.api
            .post("/v1/nodes", body)
            .await?
            .refuses(400, &words)?;
    }
    Ok(())
}

pub(crate) async fn a_node_needs_a_driver(env: &Env) -> Result<()> {
    env.api
        .post("/v1/nodes", json!({"name": "without-a-driver"}))
        .await?
        .refuses(400, "'driver' is a required property")?;
    Ok(())
}

pub(crate) async fn secrets_of_driver_info_are_masked_wherever_it_is_read(env: &Env) -> Result<()> {
    let info = json!({
        "redfish_username": "admin",
        "redfish_password": "hidden",
        "ipmi_password": "hidden",
        "a_secret": "hidden",
        "token": "hidden",
    });
    let masked = json!({
        "redfish_username": "admin",
        "redfish_password": "******",
        "ipmi_password": "******",
        "a_secret": "******",
        "token": "******",
    });
    let body = json!({"driver": "fake-hardware", "driver_info": info});
    let created = env.api.post("/v1/nodes", body).await?.is(201)?;
    let node = env.adopt(text(&created, "uuid")?);
    let patched = node.set("/extra/note", json!(1)).await?.is(200)?;
    for seen in [created, patched, node.get().await?] {
        has(&seen, [("driver_info", masked.clone())])?;
    }
    Ok(())
}

pub(crate) async fn a_node_that_is_not_there_is_not_found(env: &Env) -> Result<()> {
    let uuid = Uuid::new_v4();
    let path = format!("/v1/nodes/{uuid}");
    let words = format!("Node {uuid} could not be found.");
    let api = &env.api;
    let change = json!([{"op": "add", "path": "/extra/a", "value": 1}]);
    let provision = format!("{path}/states/provision");
    let power = format!("{path}/states/power");
    for answer in [
        api.get(&path).await?,
        api.patch(&path, change).await?,
        api.delete(&path).await?,
        api.get(&format!("{path}/validate")).await?,
        api.put(&provision, json!({"target": "manage"})).await?,
        api.put(&power, json!({"target": "power on"})).await?,
        api.put(&format!("{path}/maintenance"), json!({})).await?,
    ] {
        answer.refuses(404, &words)?;
    }
    let ident = NodeIdent::Id(uuid.into());
    match env.ironic.send(&GetNode { ident }).await {
        Err(error) if error.is_not_found() => Ok(()),
        other => anyhow::bail!("the typed client says {other:?}"),
    }
}

pub(crate) async fn the_typed_client_reads_what_it_created(env: &Env) -> Result<()> {
    let new = NewNode {
        name: Some(format!("contract-{}", Uuid::new_v4().simple())),
        driver: "fake-hardware".to_owned(),
        driver_info: DriverInfo::new()
            .with("redfish_username", "admin")
            .with("redfish_password", SecretString::from("hidden")),
        boot_interface: Some("ipxe".to_owned()),
        automated_clean: Some(false),
        ..NewNode::default()
    };
    let created = env.ironic.send(&CreateNode { node: new.clone() }).await?;
    env.adopt(&created.uuid.to_string());
    let ident = NodeIdent::Id(created.uuid);
    let read = env.ironic.send(&GetNode { ident }).await?;
    ensure!(read.name == new.name, "{read:?}");
    ensure!(
        read.provision_state == Some(ProvisionState::Enroll),
        "{read:?}"
    );
    ensure!(read.boot_interface == new.boot_interface, "{read:?}");
    ensure!(read.automated_clean == Some(false), "{read:?}");
    ensure!(read.driver_info["redfish_password"] == "******", "{read:?}");
    ensure!(created == read, "{created:?} was created, {read:?} read");
    Ok(())
}
