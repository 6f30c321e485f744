//! What a deployment from a volume takes: the validation matrix. See `ironic/drivers/modules/storage/external.py`,
//! `ironic/drivers/modules/deploy_utils.py` and `ironic/drivers/modules/ipxe_config.template`.

use anyhow::{Result, ensure};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::boot::{Boot, Hook};
use crate::env::Env;
use crate::expect::has;
use crate::iscsi::Volume;
use crate::test_node::TestNode;

const NO_IMAGE: &str = "Missing are: ['instance_info.image_source']";

/// All interfaces that matter would do: what fails then, fails while it is deployed.
async fn validates(node: &TestNode<'_>) -> Result<()> {
    for interface in ["power", "management", "boot", "storage", "deploy"] {
        let problem = node.problem(interface).await?;
        ensure!(
            problem.is_none(),
            "{interface} does not validate: {problem:?}"
        );
    }
    Ok(())
}

/// The deployment is accepted and fails with these words.
async fn fails(node: &TestNode<'_>, words: &str) -> Result<Value> {
    let seen = node.after("active").await?;
    has(&seen, [("provision_state", json!("deploy failed"))])?;
    node.has_failed(&seen, words).await?;
    ensure!(node.boot().await? == Boot::NoConfiguration);
    Ok(seen)
}

async fn with_volume(env: &Env, changes: Value, volume: Volume) -> Result<TestNode<'_>> {
    let node = env.node_with(changes).await?.ready().await?;
    node.target(volume).await?.is(201)?;
    Ok(node)
}

pub(crate) async fn a_volume_with_chap_is_attached_by_the_script(env: &Env) -> Result<()> {
    let node = with_volume(env, json!({}), Volume::boot()).await?;
    let initiator = format!("iqn.2026-11.org.example:{}", Uuid::new_v4());
    node.connector("iqn", &initiator).await?.is(201)?;
    validates(&node).await?;
    let seen = node.reaches("active", "active").await?;
    has(
        &seen,
        [
            ("power_state", json!("power on")),
            ("target_provision_state", Value::Null),
            ("last_error", Value::Null),
        ],
    )?;
    let wanted = Boot::Iscsi {
        initiator: Some(initiator),
        hooks: vec![Hook {
            drive: "0x80".to_owned(),
            uris: vec!["iscsi:192.0.2.1::3260:1:iqn.2026-11.org.example:vol-0".to_owned()],
            username: "user-0".to_owned(),
            password: Volume::PASSWORD.to_owned(),
        }],
    };
    let found = node.boot().await?;
    ensure!(found == wanted, "{found:?}, wanted {wanted:?}");
    Ok(())
}

pub(crate) async fn without_a_connector_no_initiator_is_named(env: &Env) -> Result<()> {
    let node = env.node().await?.deployed().await?;
    match node.boot().await? {
        Boot::Iscsi {
            initiator: None, ..
        } => Ok(()),
        other => anyhow::bail!("{other:?}"),
    }
}

pub(crate) async fn the_last_iqn_connector_names_the_initiator(env: &Env) -> Result<()> {
    let node = with_volume(env, json!({}), Volume::boot()).await?;
    let id = || format!("iqn.2026-11.org.example:{}", Uuid::new_v4());
    let (first, second) = (id(), id());
    node.connector("ip", &id()).await?.is(201)?;
    node.connector("iqn", &first).await?.is(201)?;
    node.connector("iqn", &second).await?.is(201)?;
    node.reaches("active", "active").await?;
    match node.boot().await? {
        Boot::Iscsi {
            initiator: Some(name),
            ..
        } if name == second => Ok(()),
        other => anyhow::bail!("{other:?}, wanted {second}"),
    }
}

pub(crate) async fn a_deployment_needs_a_volume_to_boot_from(env: &Env) -> Result<()> {
    let node = env.node().await?.ready().await?;
    for _ in 0..2 {
        node.verb("active").await?.refuses(400, NO_IMAGE)?;
        let problem = node.problem("deploy").await?.unwrap_or_default();
        ensure!(problem.contains(NO_IMAGE), "{problem}");
        ensure!(node.problem("storage").await?.is_none());
        // The second time with a volume that is not to be booted from.
        if node.targets().await?.is_empty() {
            node.target(Volume::at(1)).await?.is(201)?;
        }
    }
    has(
        &node.get().await?,
        [("provision_state", json!("available"))],
    )
}

pub(crate) async fn a_storage_interface_of_noop_ignores_volumes(env: &Env) -> Result<()> {
    let node = with_volume(env, json!({"storage_interface": "noop"}), Volume::boot()).await?;
    node.verb("active").await?.refuses(400, NO_IMAGE).map(drop)
}

pub(crate) async fn without_the_capability_a_deployment_fails_after_all(env: &Env) -> Result<()> {
    let without = json!({"properties": {"capabilities": "boot_mode:bios"}});
    let node = with_volume(env, without, Volume::boot()).await?;
    validates(&node).await?;
    let words = "has an iSCSI boot volume defined and no iSCSI boot support available.";
    let seen = fails(&node, words).await?;
    has(
        &seen,
        [
            ("target_provision_state", json!("active")),
            ("maintenance", json!(false)),
        ],
    )
}

/// Why the planner takes the capability away instead of writing `false`.
pub(crate) async fn a_capability_counts_whatever_its_value(env: &Env) -> Result<()> {
    let off = json!({"properties": {"capabilities": "boot_mode:bios,iscsi_boot:false"}});
    let node = with_volume(env, off, Volume::boot()).await?;
    node.reaches("active", "active").await?;
    ensure!(node.hooks().await?.len() == 1);
    Ok(())
}

pub(crate) async fn a_logical_unit_must_be_a_number(env: &Env) -> Result<()> {
    for volume in [
        Volume::boot().property("target_lun", json!("1")),
        Volume::boot().without_properties(&["target_lun"]),
    ] {
        let node = with_volume(env, json!({}), volume).await?;
        validates(&node).await?;
        fails(&node, "an integer is required").await?;
    }
    Ok(())
}

pub(crate) async fn a_volume_without_credentials_is_attached_without(env: &Env) -> Result<()> {
    let keys = ["auth_method", "auth_username", "auth_password"];
    let missing = Volume::boot().without_properties(&keys);
    let empty = keys.iter().fold(Volume::boot(), |volume, key| {
        volume.property(key, json!(""))
    });
    for volume in [missing, empty] {
        let node = with_volume(env, json!({}), volume).await?;
        node.reaches("active", "active").await?;
        let hooks = node.hooks().await?;
        ensure!(hooks.len() == 1, "{hooks:?}");
        ensure!(
            hooks[0].username.is_empty() && hooks[0].password.is_empty(),
            "{hooks:?}"
        );
    }
    Ok(())
}

pub(crate) async fn a_fibre_channel_volume_needs_its_capability(env: &Env) -> Result<()> {
    let volume = Volume::boot().with("volume_type", json!("fibre_channel"));
    let node = with_volume(env, json!({}), volume).await?;
    validates(&node).await?;
    let words =
        "has a Fibre Channel boot volume defined and no Fibre Channel boot support available.";
    fails(&node, words).await.map(drop)
}

/// Its adapter boots by itself: no script, and the boot device becomes the disk, which `fake-hardware` lacks.
pub(crate) async fn a_fibre_channel_volume_gets_no_script(env: &Env) -> Result<()> {
    let able = json!({"properties": {"capabilities": "boot_mode:bios,fibre_channel_boot:true"}});
    let volume = Volume::boot().with("volume_type", json!("fibre_channel"));
    let node = with_volume(env, able, volume).await?;
    validates(&node).await?;
    fails(&node, "Invalid boot device disk").await.map(drop)
}

/// It is booted like a disk of the machine's own, which this one cannot.
pub(crate) async fn a_volume_of_another_type_is_no_iscsi_volume(env: &Env) -> Result<()> {
    let volume = Volume::boot().with("volume_type", json!("none-such"));
    let node = with_volume(env, json!({}), volume).await?;
    validates(&node).await?;
    fails(&node, "Invalid boot device disk").await.map(drop)
}

pub(crate) async fn a_deployment_needs_a_kernel_and_a_ramdisk_that_nobody_reads(
    env: &Env,
) -> Result<()> {
    let node = with_volume(env, json!({"driver_info": {}}), Volume::boot()).await?;
    let words = "Missing are: ['deploy_kernel', 'deploy_ramdisk']";
    node.verb("active").await?.refuses(400, words)?;
    for interface in ["boot", "deploy"] {
        let problem = node.problem(interface).await?.unwrap_or_default();
        ensure!(problem.contains(words), "{interface}: {problem}");
    }
    let nowhere =
        json!({"deploy_kernel": "http://192.0.2.1/k", "deploy_ramdisk": "http://192.0.2.1/r"});
    node.set("/driver_info", nowhere).await?.is(200)?;
    node.reaches("active", "active").await.map(drop)
}

pub(crate) async fn a_deployment_needs_a_port(env: &Env) -> Result<()> {
    let node = env.node().await?.available().await?;
    node.target(Volume::boot()).await?.is(201)?;
    let words = format!(
        "Node {} does not have any port associated with it",
        node.uuid
    );
    node.verb("active").await?.refuses(400, &words)?;
    let problem = node.problem("boot").await?.unwrap_or_default();
    ensure!(problem.contains(&words), "{problem}");
    Ok(())
}

pub(crate) async fn a_port_that_does_not_boot_gets_no_script_and_nobody_says_so(
    env: &Env,
) -> Result<()> {
    let node = env.node().await?;
    let port = node.port().await?;
    let path = format!("/v1/ports/{}", crate::test_node::uuid_of(&port)?);
    let change = json!([{"op": "replace", "path": "/pxe_enabled", "value": false}]);
    env.api.patch(&path, change).await?.is(200)?;
    let node = node.available().await?;
    node.target(Volume::boot()).await?.is(201)?;
    validates(&node).await?;
    let seen = node.reaches("active", "active").await?;
    has(
        &seen,
        [
            ("last_error", Value::Null),
            ("power_state", json!("power on")),
        ],
    )?;
    ensure!(node.boot().await? == Boot::NoConfiguration);
    Ok(())
}

/// Why the planner removes it first.
pub(crate) async fn an_image_goes_before_the_volume(env: &Env) -> Result<()> {
    let node = with_volume(env, json!({}), Volume::boot()).await?;
    let image = json!("http://192.0.2.1/image");
    node.set("/instance_info/image_source", image)
        .await?
        .is(200)?;
    node.verb("active").await?.refuses(400, "image_checksum")?;
    let patch = json!([{"op": "remove", "path": "/instance_info/image_source"}]);
    node.patch(patch).await?.is(200)?;
    node.reaches("active", "active").await.map(drop)
}

pub(crate) async fn boot_by_http_attaches_volumes_as_well(env: &Env) -> Result<()> {
    let http = json!({"boot_interface": "http-ipxe"});
    let node = with_volume(env, http, Volume::boot()).await?;
    validates(&node).await?;
    node.reaches("active", "active").await?;
    ensure!(node.hooks().await?.len() == 1);
    Ok(())
}

pub(crate) async fn a_custom_agent_deploys_to_volumes_and_a_ramdisk_does_not(
    env: &Env,
) -> Result<()> {
    let agent = json!({"deploy_interface": "custom-agent"});
    let node = with_volume(env, agent, Volume::boot()).await?;
    node.reaches("active", "active").await?;
    ensure!(node.hooks().await?.len() == 1);
    let ramdisk = json!({"deploy_interface": "ramdisk"});
    let node = with_volume(env, ramdisk, Volume::boot()).await?;
    validates(&node).await?;
    fails(&node, "Missing are: ['kernel', 'ramdisk']")
        .await
        .map(drop)
}

pub(crate) async fn a_boot_interface_without_ipxe_is_refused_by_validation(
    env: &Env,
) -> Result<()> {
    let media = json!({"boot_interface": "redfish-virtual-media"});
    let node = with_volume(env, media, Volume::boot()).await?;
    let problem = node.problem("storage").await?.unwrap_or_default();
    ensure!(
        problem.contains("the boot interface must be set to ``ipxe``"),
        "{problem}"
    );
    Ok(())
}

pub(crate) async fn cinder_wants_an_initiator_of_its_own(env: &Env) -> Result<()> {
    let node = env
        .node_with(json!({"storage_interface": "cinder"}))
        .await?;
    node.target(Volume::boot()).await?.is(201)?;
    let problem = node.problem("storage").await?.unwrap_or_default();
    let words = "volume_connector type must be valid for iSCSI (iqn)";
    ensure!(problem.contains(words), "{problem}");
    let id = format!("iqn.2026-11.org.example:{}", Uuid::new_v4());
    node.connector("iqn", &id).await?.is(201)?;
    ensure!(node.problem("storage").await?.is_none());
    Ok(())
}

pub(crate) async fn cinder_wants_as_many_nodes_as_ports_of_fibre_channel(env: &Env) -> Result<()> {
    let node = env
        .node_with(json!({
            "storage_interface": "cinder",
            "properties": {"capabilities": "fibre_channel_boot:true"},
        }))
        .await?;
    let id = || Uuid::new_v4().simple().to_string();
    for (kind, ports, nodes) in [
        ("wwpn", 1, 0),
        ("wwnn", 1, 1),
        ("wwpn", 2, 1),
        ("wwnn", 2, 2),
        ("wwnn", 2, 3),
    ] {
        node.connector(kind, &id()).await?.is(201)?;
        let problem = node.problem("storage").await?;
        if ports == nodes {
            ensure!(problem.is_none(), "{ports} to {nodes}: {problem:?}");
        } else {
            let problem = problem.unwrap_or_default();
            let words = format!("There are {ports} wwpn entries and {nodes} wwnn entries.");
            ensure!(
                problem.contains(&words),
                "{problem}, wanted {words:?} in it"
            );
        }
    }
    Ok(())
}

pub(crate) async fn cinder_wants_the_capability_in_validation(env: &Env) -> Result<()> {
    let node = env
        .node_with(json!({
            "storage_interface": "cinder",
            "properties": {"capabilities": "boot_mode:bios"},
        }))
        .await?;
    let id = format!("iqn.2026-11.org.example:{}", Uuid::new_v4());
    node.connector("iqn", &id).await?.is(201)?;
    node.target(Volume::boot()).await?.is(201)?;
    let problem = node.problem("storage").await?.unwrap_or_default();
    ensure!(
        problem.contains("'iscsi_boot' is not set for the node"),
        "{problem}"
    );
    Ok(())
}

/// The way out of it: nobody asks Cinder for the volume any more.
pub(crate) async fn without_cinder_a_node_is_neither_deployed_nor_undeployed(
    env: &Env,
) -> Result<()> {
    const DOWN: &str = ":8776/v3";
    let cinder = json!({"storage_interface": "cinder"});
    let node = with_volume(env, cinder, Volume::boot()).await?;
    let id = format!("iqn.2026-11.org.example:{}", Uuid::new_v4());
    node.connector("iqn", &id).await?.is(201)?;
    validates(&node).await?;
    fails(&node, DOWN).await?;
    let seen = node.reaches("deleted", "error").await?;
    node.has_failed(&seen, DOWN).await?;
    let external = json!("external");
    node.set("/storage_interface", external.clone())
        .await?
        .refuses(409, "can not have storage_interface updated unless")?;
    let maintenance = node.path("/maintenance");
    env.api.put(&maintenance, json!({})).await?.is(202)?;
    node.set("/storage_interface", external).await?.is(200)?;
    env.api.delete(&maintenance).await?.is(202)?;
    node.reaches("deleted", "available").await?;
    ensure!(node.targets().await?.is_empty());
    Ok(())
}
