//! Volume targets. See `ironic/api/controllers/v1/volume_target.py` and
//! `ironic/conductor/manager.py`, `update_volume_target` and `destroy_volume_target`.

use anyhow::{Result, ensure};
use ironic_types::Patch;
use ironic_types::calls::{ListTargets, PatchTarget};
use secrecy::SecretString;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::env::Env;
use crate::expect::{has, items, lacks};
use crate::iscsi::Volume;
use crate::test_node::{TestNode, uuid_of};

async fn create(node: &TestNode<'_>, volume: Volume) -> Result<String> {
    let created = node.target(volume).await?.is(201)?;
    Ok(format!("/v1/volume/targets/{}", uuid_of(&created)?))
}

fn rename() -> Value {
    json!([{"op": "replace", "path": "/volume_id", "value": "another"}])
}

pub(crate) async fn secrets_are_masked_wherever_properties_are_read(env: &Env) -> Result<()> {
    const HIDDEN: [&str; 5] = [
        "auth_password",
        "password",
        "secret",
        "token",
        "foo_password",
    ];
    const SHOWN: [&str; 4] = ["auth_username", "access_key", "target_iqn", "auth_method"];
    let node = env.node().await?;
    node.power("power off").await?;
    let volume = HIDDEN
        .iter()
        .chain(&SHOWN)
        .fold(Volume::boot(), |volume, key| {
            volume.property(key, json!(format!("the {key}")))
        });
    let created = node.target(volume).await?.is(201)?;
    let path = format!("/v1/volume/targets/{}", uuid_of(&created)?);
    let listed = node.targets().await?.swap_remove(0);
    let read = env.api.get(&path).await?.is(200)?;
    let patched = env.api.patch(&path, rename()).await?.is(200)?;
    for target in [created, listed, read, patched] {
        let properties = &target["properties"];
        for key in HIDDEN {
            ensure!(properties[key] == "******", "{key}: {target}");
        }
        for key in SHOWN {
            ensure!(properties[key] == format!("the {key}"), "{key}: {target}");
        }
    }
    Ok(())
}

pub(crate) async fn a_plain_list_has_neither_properties_nor_extra(env: &Env) -> Result<()> {
    let node = env.node().await?;
    let created = node.target(Volume::boot()).await?.is(201)?;
    let path = format!("/v1/volume/targets?node={}", node.uuid);
    let plain = env.api.get(&path).await?.is(200)?;
    let target = &items(&plain, "targets")?[0];
    for key in [
        "uuid",
        "node_uuid",
        "volume_type",
        "volume_id",
        "boot_index",
    ] {
        ensure!(target[key] == created[key], "{key}: {target}");
    }
    lacks(target, ["properties", "extra"])?;
    let call = ListTargets {
        node: Some(node.id()?),
        detail: true,
        ..ListTargets::default()
    };
    let typed = env.ironic.list_all(&call).await?;
    ensure!(
        typed.len() == 1 && typed[0].properties["target_lun"] == 1,
        "{typed:?}"
    );
    Ok(())
}

pub(crate) async fn a_boot_index_belongs_to_one_target_of_a_node(env: &Env) -> Result<()> {
    let (node, other) = (env.node().await?, env.node().await?);
    node.target(Volume::boot()).await?.is(201)?;
    node.target(Volume::boot()).await?.refuses(
        409,
        "A volume target with boot index '0' for the same node already exists.",
    )?;
    // The same volume, though: nothing keeps two nodes from it.
    other.target(Volume::boot()).await?.is(201)?;
    node.target(Volume::at(1).with("volume_id", json!("vol-0")))
        .await?
        .is(201)
        .map(drop)
}

pub(crate) async fn a_boot_index_is_a_whole_number_and_needed(env: &Env) -> Result<()> {
    let node = env.node().await?;
    for index in [json!("0"), json!(0.5), Value::Null] {
        node.target(Volume::boot().with("boot_index", index))
            .await?
            .refuses(400, "is not of type 'integer'")?;
    }
    node.target(Volume::boot().without("boot_index"))
        .await?
        .refuses(400, "'boot_index' is a required property")?;
    node.target(Volume::at(-1)).await?.is(201).map(drop)
}

pub(crate) async fn a_volume_type_is_any_text_and_properties_may_be_missing(
    env: &Env,
) -> Result<()> {
    let node = env.node().await?;
    for (index, kind) in ["iscsi", "fibre_channel", "none-such"]
        .into_iter()
        .enumerate()
    {
        let volume = Volume::at(i64::try_from(index)?).with("volume_type", json!(kind));
        let created = node.target(volume).await?.is(201)?;
        has(&created, [("volume_type", json!(kind))])?;
    }
    let created = node
        .target(Volume::at(7).with("properties", Value::Null))
        .await?
        .is(201)?;
    has(&created, [("properties", json!({}))])?;
    let created = node
        .target(Volume::at(8).without("properties"))
        .await?
        .is(201)?;
    has(&created, [("properties", json!({}))])?;
    node.target(Volume::at(9).with("properties", json!([])))
        .await?
        .refuses(400, "is not of type 'object'")?;
    node.target(Volume::at(9).with("none_such", json!(1)))
        .await?
        .refuses(400, "Additional properties are not allowed")?;
    Ok(())
}

/// By what is noted there a deployment is known again.
pub(crate) async fn extra_is_kept_as_it_was_given(env: &Env) -> Result<()> {
    let node = env.node().await?;
    let extra = json!({"ironboot_deployment": "id", "version": "12", "password": "shown"});
    node.target(Volume::boot().with("extra", extra.clone()))
        .await?
        .is(201)?;
    has(&node.targets().await?[0], [("extra", extra)])
}

pub(crate) async fn a_target_needs_a_node_that_exists(env: &Env) -> Result<()> {
    let unknown = Uuid::new_v4().to_string();
    let path = "/v1/volume/targets";
    env.api
        .post(path, Volume::boot().of(&unknown))
        .await?
        .refuses(400, &unknown)?;
    env.api
        .get(&format!("{path}?node={unknown}"))
        .await?
        .refuses(404, "could not be found")?;
    Ok(())
}

pub(crate) async fn a_target_is_created_in_resting_and_in_failed_states(env: &Env) -> Result<()> {
    let node = env.node().await?;
    node.port().await?;
    node.target(Volume::boot()).await?.is(201)?;
    node.reaches("manage", "manageable").await?;
    node.target(Volume::at(1)).await?.is(201)?;
    node.reaches("provide", "available").await?;
    node.power("power on").await?;
    node.target(Volume::at(2)).await?.is(201)?;
    node.reaches("active", "active").await?;
    node.target(Volume::at(3)).await?.is(201)?;

    let without = json!({"properties": {"capabilities": "boot_mode:bios"}});
    let node = env.node_with(without).await?;
    node.port().await?;
    let node = node.manageable().await?;
    node.target(Volume::boot()).await?.is(201)?;
    node.reaches("adopt", "adopt failed").await?;
    node.target(Volume::at(1)).await?.is(201)?;
    node.reaches("manage", "manageable").await?;
    node.reaches("provide", "available").await?;
    node.reaches("active", "deploy failed").await?;
    node.target(Volume::at(2)).await?.is(201)?;

    let fake = json!({"deploy_interface": "fake", "boot_interface": "fake"});
    let node = env.node_with(fake).await?.manageable().await?;
    let unknown = json!({"interface": "deploy", "step": "none_such"});
    let clean = json!({"target": "clean", "clean_steps": [unknown]});
    node.verb_with(clean).await?.is(202)?;
    let seen = node.settles().await?;
    has(&seen, [("provision_state", json!("clean failed"))])?;
    node.target(Volume::boot()).await?.is(201).map(drop)
}

/// Off is what Ironic knows to be off.
pub(crate) async fn a_target_changes_only_while_the_machine_is_off(env: &Env) -> Result<()> {
    let node = env.node().await?;
    let path = create(&node, Volume::boot()).await?;
    let refused = env.api.patch(&path, rename()).await?;
    refused.refuses(400, "\"volume target update\" can not be performed on node")?;
    refused.refuses(400, "while it is in state \"None\"")?;
    node.power("power on").await?;
    env.api
        .patch(&path, rename())
        .await?
        .refuses(400, "while it is in state \"power on\"")?;
    node.power("power off").await?;
    let changed = env.api.patch(&path, rename()).await?.is(200)?;
    has(&changed, [("volume_id", json!("another"))])
}

pub(crate) async fn a_target_stays_while_the_machine_uses_it(env: &Env) -> Result<()> {
    let node = env.node().await?.ready().await?;
    let path = create(&node, Volume::boot()).await?;
    let words = "\"volume target deletion\" can not be performed on node";
    // Not known to be off.
    env.api.delete(&path).await?.refuses(400, words)?;
    node.power("power on").await?;
    env.api.delete(&path).await?.refuses(400, words)?;
    node.reaches("active", "active").await?;
    env.api.delete(&path).await?.refuses(400, words)?;
    node.power("power off").await?;
    env.api.delete(&path).await?.is(204)?;
    env.api
        .delete(&path)
        .await?
        .refuses(404, "could not be found")?;
    Ok(())
}

pub(crate) async fn a_target_of_a_node_that_is_not_in_use_goes_whatever_its_power(
    env: &Env,
) -> Result<()> {
    let node = env.node().await?;
    for state in ["enroll", "manageable"] {
        let path = create(&node, Volume::boot()).await?;
        env.api.delete(&path).await?.is(204)?;
        node.power("power on").await?;
        let path = create(&node, Volume::boot()).await?;
        env.api.delete(&path).await?.is(204)?;
        if state == "enroll" {
            node.reaches("manage", "manageable").await?;
        }
    }
    Ok(())
}

pub(crate) async fn a_uuid_is_given_and_never_changed(env: &Env) -> Result<()> {
    let node = env.node().await?;
    let uuid = Uuid::new_v4().to_string();
    let created = node
        .target(Volume::boot().with("uuid", json!(uuid)))
        .await?
        .is(201)?;
    has(&created, [("uuid", json!(uuid))])?;
    let change = json!([{"op": "replace", "path": "/uuid", "value": Uuid::new_v4().to_string()}]);
    env.api
        .patch(&format!("/v1/volume/targets/{uuid}"), change)
        .await?
        .refuses(400, "Cannot patch /uuid. Only the following can be updated")?;
    Ok(())
}

/// What is read must never be written back: it is asterisks.
pub(crate) async fn a_password_is_replaced_by_its_key(env: &Env) -> Result<()> {
    let node = env.node().await?.ready().await?;
    node.power("power off").await?;
    let created = node.target(Volume::boot()).await?.is(201)?;
    let password = SecretString::from("another password");
    let patch = Patch::new().replace("/properties/auth_password", password);
    let target = uuid_of(&created)?.parse()?;
    env.ironic.send(&PatchTarget { target, patch }).await?;
    node.reaches("active", "active").await?;
    let hooks = node.hooks().await?;
    ensure!(hooks[0].password == "another password", "{hooks:?}");
    Ok(())
}

pub(crate) async fn targets_are_listed_below_their_node(env: &Env) -> Result<()> {
    let node = env.node().await?;
    node.target(Volume::boot()).await?.is(201)?;
    env.node().await?.target(Volume::boot()).await?.is(201)?;
    let list = env.api.get(&node.path("/volume/targets")).await?.is(200)?;
    let found = items(&list, "targets")?;
    ensure!(
        found.len() == 1 && found[0]["node_uuid"] == node.uuid.as_str(),
        "{list}"
    );
    Ok(())
}
