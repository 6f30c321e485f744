//! Lists: fields, filters, pages. See `ironic/api/controllers/v1/node.py`, `NodesController.get_all`, and
//! `ironic/api/controllers/v1/collection.py`.

use anyhow::{Context, Result, ensure};
use ironic_types::calls::ListPorts;
use ironic_types::{Node, Page};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::env::Env;
use crate::expect::{has, items, lacks, text, uuids};
use crate::iscsi::Volume;
use crate::test_node::TestNode;

/// Nodes that no other case has, and the filter that finds them.
async fn some(env: &Env, count: usize) -> Result<(Vec<TestNode<'_>>, String)> {
    let class = format!("class-{}", Uuid::new_v4().simple());
    let mut nodes = Vec::new();
    for _ in 0..count {
        nodes.push(env.node_with(json!({"resource_class": class})).await?);
    }
    Ok((nodes, format!("/v1/nodes?resource_class={class}")))
}

pub(crate) async fn a_list_of_nodes_has_seven_fields(env: &Env) -> Result<()> {
    let (nodes, list) = some(env, 1).await?;
    let found = env.api.get(&list).await?.is(200)?;
    let node = items(&found, "nodes")?[0]
        .as_object()
        .context("no object")?;
    let keys: Vec<_> = node.keys().map(String::as_str).collect();
    let mut wanted = vec![
        "instance_uuid",
        "links",
        "maintenance",
        "name",
        "power_state",
        "provision_state",
        "uuid",
    ];
    wanted.sort_unstable();
    let mut keys = keys;
    keys.sort_unstable();
    ensure!(keys == wanted, "{keys:?}");
    ensure!(node["uuid"] == nodes[0].uuid.as_str());
    Ok(())
}

pub(crate) async fn all_fields_that_the_planner_reads_can_be_asked_for(env: &Env) -> Result<()> {
    let (nodes, list) = some(env, 1).await?;
    let path = format!("{list}&fields={}", Node::FIELDS.join(","));
    let found = env.api.get(&path).await?.is(200)?;
    let listed = &items(&found, "nodes")?[0];
    let read = nodes[0].get().await?;
    for &field in Node::FIELDS {
        ensure!(
            listed.get(field).is_some(),
            "{field} is missing in {listed}"
        );
        ensure!(listed[field] == read[field], "{field} is {}", listed[field]);
    }
    let typed: Page<Node> = serde_json::from_value(found)?;
    ensure!(typed.items.len() == 1, "{typed:?}");
    Ok(())
}

/// The list stumbles over it; the node says that the request is bad.
pub(crate) async fn a_field_that_is_none_is_an_error(env: &Env) -> Result<()> {
    let node = env.node().await?;
    env.api
        .get("/v1/nodes?fields=uuid,none_such")
        .await?
        .refuses(500, "type object 'Node' has no attribute 'none_such'")?;
    env.api
        .get(&node.path("?fields=uuid,none_such"))
        .await?
        .refuses(400, "Field none_such is not a valid field.")?;
    Ok(())
}

pub(crate) async fn the_time_of_the_last_change_cannot_be_asked_for(env: &Env) -> Result<()> {
    let (nodes, list) = some(env, 1).await?;
    let refused = env
        .api
        .get(&format!("{list}&fields=uuid,updated_at"))
        .await?;
    refused.refuses(400, "updated_at")?;
    nodes[0].set("/extra/note", json!(1)).await?.is(200)?;
    ensure!(nodes[0].get().await?["updated_at"].is_string());
    Ok(())
}

pub(crate) async fn secrets_are_masked_in_lists(env: &Env) -> Result<()> {
    let class = format!("class-{}", Uuid::new_v4().simple());
    let info = json!({"redfish_password": "hidden", "redfish_username": "shown"});
    env.node_with(json!({"resource_class": class, "driver_info": info}))
        .await?;
    for query in ["fields=driver_info", "detail=True"] {
        let path = format!("/v1/nodes?resource_class={class}&{query}");
        let found = env.api.get(&path).await?.is(200)?;
        let masked = json!({"redfish_password": "******", "redfish_username": "shown"});
        has(&items(&found, "nodes")?[0], [("driver_info", masked)])?;
    }
    Ok(())
}

pub(crate) async fn a_page_says_where_the_next_one_is(env: &Env) -> Result<()> {
    let node = env.node().await?;
    let mut wanted = Vec::new();
    for _ in 0..3 {
        wanted.push(text(&node.port().await?, "uuid")?.to_owned());
    }
    let list = format!("/v1/ports?node={}&limit=2&fields=uuid", node.uuid);
    let first = env.api.get(&list).await?.is(200)?;
    // In the order in which they were made.
    ensure!(uuids(&first, "ports")? == wanted[..2], "{first}");
    let next = text(&first, "next")?.to_owned();
    let path = &next[next.find("/v1/").context("the link has no path")?..];
    ensure!(path.starts_with("/v1/ports?"), "{next}");
    for part in ["limit=2", "fields=uuid", &format!("marker={}", wanted[1])] {
        ensure!(next.contains(part), "{part} is missing in {next}");
    }
    let typed: Page<Value> = serde_json::from_value(first)?;
    ensure!(typed.next_marker().as_ref() == Some(&wanted[1]), "{next}");
    let rest = env
        .api
        .get(&format!("{list}&marker={}", wanted[1]))
        .await?
        .is(200)?;
    ensure!(uuids(&rest, "ports")? == wanted[2..], "{rest}");
    lacks(&rest, ["next"])
}

/// Why the client asks for the next page by itself, with the marker.
pub(crate) async fn the_link_to_the_next_page_forgets_the_filter(env: &Env) -> Result<()> {
    let (nodes, list) = some(env, 2).await?;
    let found = env.api.get(&format!("{list}&limit=1")).await?.is(200)?;
    ensure!(
        uuids(&found, "nodes")? == [nodes[0].uuid.clone()],
        "{found}"
    );
    let next = text(&found, "next")?;
    ensure!(next.contains("marker="), "{next}");
    ensure!(!next.contains("resource_class"), "{next}");
    for node in &nodes {
        nodes[0].port().await?;
        node.target(Volume::at(node.targets().await?.len().try_into()?))
            .await?
            .is(201)?;
    }
    nodes[0].target(Volume::at(1)).await?.is(201)?;
    for kind in ["ports", "volume/targets"] {
        let path = format!("/v1/{kind}?node={}&limit=1", nodes[0].uuid);
        let found = env.api.get(&path).await?.is(200)?;
        let next = text(&found, "next")?;
        ensure!(!next.contains(&nodes[0].uuid), "{next}");
    }
    Ok(())
}

pub(crate) async fn the_typed_client_reads_all_pages(env: &Env) -> Result<()> {
    let node = env.node().await?;
    let mut wanted = Vec::new();
    for _ in 0..5 {
        wanted.push(text(&node.port().await?, "uuid")?.to_owned());
    }
    let call = ListPorts {
        node: Some(node.id()?),
        limit: Some(2),
        ..ListPorts::default()
    };
    let ports = env.ironic.list_all(&call).await?;
    let found: Vec<_> = ports.iter().map(|port| port.uuid.to_string()).collect();
    ensure!(found == wanted, "{found:?}, wanted {wanted:?}");
    Ok(())
}

pub(crate) async fn a_marker_that_is_gone_is_not_found(env: &Env) -> Result<()> {
    let marker = Uuid::new_v4();
    env.api
        .get(&format!("/v1/nodes?marker={marker}"))
        .await?
        .refuses(404, &marker.to_string())?;
    Ok(())
}

pub(crate) async fn nodes_are_listed_by_provision_state(env: &Env) -> Result<()> {
    let (nodes, list) = some(env, 2).await?;
    nodes[1].reaches("manage", "manageable").await?;
    for (state, node) in [("enroll", &nodes[0]), ("manageable", &nodes[1])] {
        let found = env
            .api
            .get(&format!("{list}&provision_state={state}"))
            .await?
            .is(200)?;
        ensure!(
            uuids(&found, "nodes")? == [node.uuid.clone()],
            "{state}: {found}"
        );
    }
    let none = env
        .api
        .get(&format!("{list}&provision_state=active"))
        .await?
        .is(200)?;
    ensure!(items(&none, "nodes")?.is_empty(), "{none}");
    Ok(())
}

pub(crate) async fn nodes_are_listed_by_driver_and_by_maintenance(env: &Env) -> Result<()> {
    let (nodes, list) = some(env, 2).await?;
    env.api
        .put(&nodes[1].path("/maintenance"), json!({}))
        .await?
        .is(202)?;
    for (filter, wanted) in [
        ("maintenance=true", vec![&nodes[1]]),
        ("maintenance=false", vec![&nodes[0]]),
        ("driver=fake-hardware", vec![&nodes[0], &nodes[1]]),
        ("driver=redfish", vec![]),
    ] {
        let found = env.api.get(&format!("{list}&{filter}")).await?.is(200)?;
        let wanted: Vec<_> = wanted.iter().map(|node| node.uuid.clone()).collect();
        ensure!(uuids(&found, "nodes")? == wanted, "{filter}: {found}");
    }
    Ok(())
}

pub(crate) async fn nodes_are_listed_by_instance(env: &Env) -> Result<()> {
    let (nodes, list) = some(env, 2).await?;
    let instance = Uuid::new_v4().to_string();
    nodes[1]
        .set("/instance_uuid", json!(instance))
        .await?
        .is(200)?;
    for (path, wanted) in [
        (format!("/v1/nodes?instance_uuid={instance}"), &nodes[1]),
        (format!("{list}&associated=true"), &nodes[1]),
        (format!("{list}&associated=false"), &nodes[0]),
    ] {
        let found = env.api.get(&path).await?.is(200)?;
        ensure!(
            uuids(&found, "nodes")? == [wanted.uuid.clone()],
            "{path}: {found}"
        );
    }
    Ok(())
}

pub(crate) async fn details_are_listed_on_request(env: &Env) -> Result<()> {
    let (nodes, list) = some(env, 1).await?;
    let read = nodes[0].get().await?;
    for path in [
        format!("{list}&detail=True"),
        list.replace("/v1/nodes", "/v1/nodes/detail"),
    ] {
        let found = env.api.get(&path).await?.is(200)?;
        let node: &Value = &items(&found, "nodes")?[0];
        for &field in Node::FIELDS {
            ensure!(
                node[field] == read[field],
                "{path}: {field} is {}",
                node[field]
            );
        }
    }
    env.api
        .get(&format!("{list}&detail=True&fields=uuid"))
        .await?
        .refuses(
            400,
            "Can not specify ?detail=True and fields in the same request.",
        )?;
    Ok(())
}

pub(crate) async fn a_filter_of_nodes_that_does_not_exist_is_refused(env: &Env) -> Result<()> {
    env.api
        .get("/v1/nodes?none_such=1")
        .await?
        .refuses(400, "none_such")?;
    env.api
        .get("/v1/nodes?provision_state=none-such")
        .await?
        .refuses(400, "none-such")?;
    Ok(())
}
