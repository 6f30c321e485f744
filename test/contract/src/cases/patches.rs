//! Changing nodes by JSON patches. See `ironic/api/controllers/v1/node.py`, `NodesController.patch`,
//! and `ironic/api/controllers/v1/utils.py`, `apply_jsonpatch`.

use anyhow::{Result, ensure};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::env::Env;
use crate::expect::{has, text};

pub(crate) async fn only_some_fields_can_be_changed(env: &Env) -> Result<()> {
    let node = env.node().await?;
    for path in [
        "/uuid",
        "/provision_state",
        "/power_state",
        "/last_error",
        "/none_such",
    ] {
        let words = format!("Cannot patch {path}. Only the following can be updated: ");
        node.set(path, json!("x")).await?.refuses(400, &words)?;
    }
    Ok(())
}

pub(crate) async fn a_patch_changes_all_or_nothing(env: &Env) -> Result<()> {
    let node = env.node().await?;
    let patch = json!([
        {"op": "add", "path": "/extra/first", "value": 1},
        {"op": "remove", "path": "/extra/second"},
    ]);
    node.patch(patch)
        .await?
        .refuses(400, "Couldn't apply patch")?;
    has(&node.get().await?, [("extra", json!({}))])
}

pub(crate) async fn a_key_that_is_not_there_cannot_be_removed(env: &Env) -> Result<()> {
    let node = env.node().await?;
    for path in [
        "/extra/nothing",
        "/instance_info/image_source",
        "/driver_info/nothing",
    ] {
        node.patch(json!([{"op": "remove", "path": path}]))
            .await?
            .refuses(400, "can't remove a non-existent object")?;
    }
    Ok(())
}

pub(crate) async fn a_field_without_a_value_can_be_removed_again(env: &Env) -> Result<()> {
    let node = env.node().await?;
    for path in ["/instance_uuid", "/storage_interface", "/name"] {
        for _ in 0..2 {
            node.patch(json!([{"op": "remove", "path": path}]))
                .await?
                .is(200)?;
        }
    }
    Ok(())
}

pub(crate) async fn a_key_that_is_not_there_cannot_be_replaced(env: &Env) -> Result<()> {
    let node = env.node().await?;
    let replace = json!([{"op": "replace", "path": "/extra/note", "value": 2}]);
    node.patch(replace.clone())
        .await?
        .refuses(400, "can't replace a non-existent object")?;
    node.set("/extra/note", json!(1)).await?.is(200)?;
    let seen = node.patch(replace).await?.is(200)?;
    has(&seen, [("extra", json!({"note": 2}))])
}

pub(crate) async fn a_key_below_one_that_is_not_there_cannot_be_added(env: &Env) -> Result<()> {
    let node = env.node().await?;
    node.set("/extra/note/part", json!(1))
        .await?
        .refuses(400, "Couldn't apply patch")?;
    Ok(())
}

pub(crate) async fn an_operation_is_add_replace_or_remove(env: &Env) -> Result<()> {
    let node = env.node().await?;
    for operation in ["test", "none_such"] {
        let patch = json!([{"op": operation, "path": "/extra", "value": {}}]);
        node.patch(patch)
            .await?
            .refuses(400, "is not one of ['add', 'replace', 'remove']")?;
    }
    let moved = json!([{"op": "move", "from": "/extra", "path": "/properties"}]);
    node.patch(moved)
        .await?
        .refuses(400, "Schema error for patch")?;
    node.patch(json!({}))
        .await?
        .refuses(400, "is not of type 'array'")?;
    Ok(())
}

pub(crate) async fn a_path_has_letters_digits_and_dashes_only(env: &Env) -> Result<()> {
    let node = env.node().await?;
    for path in ["extra", "/extra/a~1b", "/extra/a.b", "/extra/", ""] {
        node.set(path, json!(1))
            .await?
            .refuses(400, "Schema error for patch")?;
    }
    for path in ["/extra/a-b", "/extra/a_b", "/extra/ä1"] {
        node.set(path, json!(1)).await?.is(200)?;
    }
    Ok(())
}

pub(crate) async fn an_interface_that_is_removed_becomes_the_default(env: &Env) -> Result<()> {
    let node = env.node().await?;
    has(
        &node.get().await?,
        [("storage_interface", json!("external"))],
    )?;
    let patch = json!([{"op": "remove", "path": "/storage_interface"}]);
    let seen = node.patch(patch).await?.is(200)?;
    has(&seen, [("storage_interface", json!("noop"))])
}

pub(crate) async fn driver_info_is_replaced_as_a_whole(env: &Env) -> Result<()> {
    let node = env.node().await?;
    let wanted = json!({"redfish_address": "http://192.0.2.1"});
    let seen = node.set("/driver_info", wanted.clone()).await?.is(200)?;
    has(&seen, [("driver_info", wanted)])
}

pub(crate) async fn a_patch_without_operations_changes_nothing(env: &Env) -> Result<()> {
    let node = env.node().await?;
    let before = node.get().await?;
    let after = node.patch(json!([])).await?.is(200)?;
    has(
        &after,
        [
            ("extra", before["extra"].clone()),
            ("name", before["name"].clone()),
        ],
    )
}

pub(crate) async fn a_name_can_be_changed_and_removed(env: &Env) -> Result<()> {
    let node = env.node().await?;
    let name = format!("contract-{}", Uuid::new_v4().simple());
    let seen = node.set("/name", json!(name)).await?.is(200)?;
    has(&seen, [("name", json!(name))])?;
    let removed = json!([{"op": "remove", "path": "/name"}]);
    let seen = node.patch(removed).await?.is(200)?;
    has(&seen, [("name", Value::Null)])?;
    env.api
        .get(&format!("/v1/nodes/{name}"))
        .await?
        .refuses(404, "could not be found")?;
    Ok(())
}

pub(crate) async fn another_nodes_instance_cannot_be_taken(env: &Env) -> Result<()> {
    let (node, other) = (env.node().await?, env.node().await?);
    let instance = json!(Uuid::new_v4().to_string());
    node.set("/instance_uuid", instance.clone())
        .await?
        .is(200)?;
    // Once more is no conflict.
    node.set("/instance_uuid", instance.clone())
        .await?
        .is(200)?;
    other
        .set("/instance_uuid", instance)
        .await?
        .refuses(409, "is already associated with a node")?;
    Ok(())
}

pub(crate) async fn a_driver_that_does_not_fit_the_interfaces_is_refused(env: &Env) -> Result<()> {
    let node = env.node().await?;
    node.set("/driver", json!("redfish"))
        .await?
        .refuses(400, "is not supported by hardware type")?;
    node.set("/driver", json!("no-driver"))
        .await?
        .refuses(400, "No conductor service registered")?;
    node.patch(json!([{"op": "remove", "path": "/driver"}]))
        .await?
        .refuses(400, "'driver' is a required property")?;
    has(&node.get().await?, [("driver", json!("fake-hardware"))])
}

pub(crate) async fn interfaces_change_until_the_node_is_deployed(env: &Env) -> Result<()> {
    let changes = [
        ("storage_interface", "noop", "external"),
        ("boot_interface", "fake", "ipxe"),
        ("deploy_interface", "fake", "direct"),
    ];
    let there_and_back = async |node: &crate::TestNode<'_>| -> Result<()> {
        for (field, there, back) in changes {
            for value in [there, back] {
                let seen = node
                    .set(&format!("/{field}"), json!(value))
                    .await?
                    .is(200)?;
                ensure!(text(&seen, field)? == value, "{seen}");
            }
        }
        Ok(())
    };
    let node = env.node().await?;
    there_and_back(&node).await?;
    let node = node.manageable().await?;
    there_and_back(&node).await?;
    node.reaches("provide", "available").await?;
    there_and_back(&node).await?;
    node.port().await?;
    node.target(crate::Volume::boot()).await?.is(201)?;
    node.reaches("active", "active").await?;
    for (field, there, _) in changes {
        let refused = node.set(&format!("/{field}"), json!(there)).await?;
        let words = format!("can not have {field} updated unless it is in one of allowed");
        refused.refuses(409, &words)?;
    }
    Ok(())
}

pub(crate) async fn all_else_changes_while_the_node_is_deployed(env: &Env) -> Result<()> {
    let node = env.node().await?.deployed().await?;
    let info = json!({"redfish_address": "http://192.0.2.1", "redfish_password": "new"});
    for (path, value) in [
        ("/driver_info", info),
        ("/automated_clean", json!(true)),
        ("/automated_clean", json!(false)),
        ("/properties/capabilities", json!("iscsi_boot:true,other:1")),
        ("/instance_uuid", json!(Uuid::new_v4().to_string())),
        ("/extra/note", json!("kept")),
        (
            "/name",
            json!(format!("contract-{}", Uuid::new_v4().simple())),
        ),
    ] {
        node.set(path, value).await?.is(200)?;
    }
    node.patch(json!([{"op": "remove", "path": "/instance_uuid"}]))
        .await?
        .is(200)?;
    has(&node.get().await?, [("provision_state", json!("active"))])
}

pub(crate) async fn cleaning_is_switched_off_and_on(env: &Env) -> Result<()> {
    let node = env.node_with(json!({"automated_clean": null})).await?;
    has(&node.get().await?, [("automated_clean", Value::Null)])?;
    for clean in [true, false] {
        let seen = node.set("/automated_clean", json!(clean)).await?.is(200)?;
        has(&seen, [("automated_clean", json!(clean))])?;
    }
    node.set("/automated_clean", json!("maybe"))
        .await?
        .refuses(400, "Unrecognized value 'maybe'")?;
    Ok(())
}
