//! Which versions of the API there are, and what came with which.
//! See `ironic/api/controllers/v1/versions.py` and "REST API Version History".

use anyhow::{Result, ensure};
use ironic_types::Microversion;
use serde_json::json;

use crate::env::Env;
use crate::expect::{lacks, text};

const VERSION: &str = "x-openstack-ironic-api-version";
const MIN: &str = "x-openstack-ironic-api-minimum-version";
const MAX: &str = "x-openstack-ironic-api-maximum-version";

pub(crate) async fn the_root_document_says_which_versions_are_spoken(env: &Env) -> Result<()> {
    let answer = env.api.without_version().get("/").await?;
    let document = answer.is(200)?;
    let v1 = &document["default_version"];
    ensure!(v1["id"] == "v1" && v1["status"] == "CURRENT", "{v1}");
    let nodes = env.api.get("/v1/nodes?limit=1").await?;
    ensure!(
        nodes.header(MIN) == v1["min_version"].as_str(),
        "{document}"
    );
    ensure!(nodes.header(MAX) == v1["version"].as_str(), "{document}");
    Ok(())
}

pub(crate) async fn every_answer_says_its_version_and_which_are_spoken(env: &Env) -> Result<()> {
    for path in ["/v1/nodes", "/v1/nodes/nobody", "/v1/ports", "/v1/drivers"] {
        let answer = env.api.at(89).get(path).await?;
        ensure!(
            answer.header(VERSION) == Some("1.89"),
            "{answer}: {:?}",
            answer.headers
        );
        ensure!(
            answer.header(MIN) == Some("1.1"),
            "{answer}: {:?}",
            answer.headers
        );
        let max: Microversion = answer.header(MAX).unwrap_or_default().parse()?;
        ensure!(max >= Microversion::v1(89), "{max}");
    }
    Ok(())
}

pub(crate) async fn a_version_that_is_not_spoken_is_refused_and_the_range_is_told(
    env: &Env,
) -> Result<()> {
    for version in ["1.999", "1.0", "2.0"] {
        let refused = env.api.in_version(version).get("/v1/nodes").await?;
        ensure!(refused.status == 406, "{refused}");
        ensure!(refused.header(MIN) == Some("1.1"), "{:?}", refused.headers);
        ensure!(refused.header(MAX).is_some(), "{:?}", refused.headers);
    }
    for version in ["newest", "1.89.1"] {
        env.api
            .in_version(version)
            .get("/v1/nodes")
            .await?
            .refuses(406, "Invalid value for")?;
    }
    Ok(())
}

pub(crate) async fn a_request_without_a_version_is_answered_in_the_oldest(env: &Env) -> Result<()> {
    let node = env.node().await?;
    let answer = env.api.without_version().get(&node.path("")).await?;
    let seen = answer.is(200)?;
    ensure!(
        answer.header(VERSION) == Some("1.1"),
        "{:?}",
        answer.headers
    );
    ensure!(seen["uuid"] == node.uuid.as_str(), "{seen}");
    lacks(&seen, ["name", "storage_interface", "automated_clean"])?;
    // What came before there were names for it: `enroll` and `available` read as no state at all.
    ensure!(
        seen["provision_state"].is_string() || seen["provision_state"].is_null(),
        "{seen}"
    );
    Ok(())
}

pub(crate) async fn latest_stands_for_the_newest_version(env: &Env) -> Result<()> {
    let answer = env
        .api
        .in_version("latest")
        .get("/v1/nodes?limit=1")
        .await?;
    answer.is(200)?;
    ensure!(
        answer.header(VERSION) == answer.header(MAX),
        "{:?}",
        answer.headers
    );
    Ok(())
}

pub(crate) async fn the_typed_client_reads_the_range(env: &Env) -> Result<()> {
    let range = env.ironic.versions().await?;
    let answer = env.api.get("/v1/drivers").await?;
    ensure!(
        answer.header(MIN) == Some(range.min.to_string().as_str()),
        "{range}"
    );
    ensure!(
        answer.header(MAX) == Some(range.max.to_string().as_str()),
        "{range}"
    );
    Ok(())
}

pub(crate) async fn volumes_came_with_1_32(env: &Env) -> Result<()> {
    for path in ["/v1/volume/connectors", "/v1/volume/targets"] {
        let refused = env.api.at(31).get(path).await?;
        ensure!(refused.status == 404, "{refused}");
        env.api.at(32).get(path).await?.is(200)?;
    }
    Ok(())
}

pub(crate) async fn the_storage_interface_came_with_1_33(env: &Env) -> Result<()> {
    let node = env.node().await?;
    let (old, new) = (env.api.at(32), env.api.at(33));
    let fields = "/v1/nodes?limit=1&fields=storage_interface";
    old.get(fields)
        .await?
        .refuses(406, "Request not acceptable.")?;
    new.get(fields).await?.is(200)?;
    let body = json!({"driver": "fake-hardware", "storage_interface": "external"});
    ensure!(old.post("/v1/nodes", body).await?.status == 406);
    let patch = json!([{"op": "add", "path": "/storage_interface", "value": "external"}]);
    ensure!(old.patch(&node.path(""), patch.clone()).await?.status == 406);
    new.patch(&node.path(""), patch).await?.is(200)?;
    lacks(
        &old.get(&node.path("")).await?.is(200)?,
        ["storage_interface"],
    )?;
    let seen = new.get(&node.path("")).await?.is(200)?;
    ensure!(text(&seen, "storage_interface")? == "external");
    Ok(())
}

pub(crate) async fn soft_power_and_timeouts_came_with_1_27(env: &Env) -> Result<()> {
    let node = env.node().await?;
    let path = node.path("/states/power");
    for body in [
        json!({"target": "soft power off"}),
        json!({"target": "power on", "timeout": 5}),
    ] {
        let refused = env.api.at(26).put(&path, body.clone()).await?;
        ensure!(refused.status == 406, "{refused}");
        env.api.at(27).put(&path, body).await?.is(202)?;
        node.power_settles().await?;
    }
    Ok(())
}

pub(crate) async fn attaching_media_came_with_1_89(env: &Env) -> Result<()> {
    let node = env.node().await?;
    let path = node.path("/vmedia");
    let body = json!({"device_type": "cdrom", "image_url": "http://192.0.2.1/image.iso"});
    let refused = env.api.at(88).post(&path, body.clone()).await?;
    ensure!(refused.status == 404, "{refused}");
    env.api.at(89).post(&path, body).await?.is(204)?;
    Ok(())
}

pub(crate) async fn listing_media_came_with_1_93(env: &Env) -> Result<()> {
    let node = env.node().await?;
    let path = node.path("/vmedia");
    let refused = env.api.at(92).get(&path).await?;
    ensure!(refused.status == 404, "{refused}");
    // This driver has none, and says so rather than that there is no such route.
    ensure!(env.api.at(93).get(&path).await?.status == 400);
    Ok(())
}
