//! How Ironic refuses (`ironic/api/middleware/parsable_error.py`), and what it repeats of a request.

use anyhow::{Result, ensure};
use ironic_types::calls::{GetNode, PatchNode};
use ironic_types::{Fault, Patch};
use reqwest::Method;
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};

use crate::env::Env;

pub(crate) async fn every_answer_has_a_request_id(env: &Env) -> Result<()> {
    for path in ["/", "/v1/nodes", "/v1/nodes/nobody"] {
        let answer = env.api.get(path).await?;
        let id = answer
            .header("x-openstack-request-id")
            .or_else(|| answer.header("openstack-request-id"))
            .unwrap_or_default();
        ensure!(id.starts_with("req-"), "{answer}: {:?}", answer.headers);
    }
    Ok(())
}

pub(crate) async fn an_error_is_an_object_in_a_text(env: &Env) -> Result<()> {
    let answer = env.api.get("/v1/nodes/nobody").await?;
    ensure!(answer.status == 404, "{answer}");
    ensure!(
        answer.header("content-type") == Some("application/json"),
        "{:?}",
        answer.headers
    );
    let body = answer.json()?;
    ensure!(body["error_message"].is_string(), "{body}");
    let fault = answer.fault()?;
    ensure!(fault["faultcode"] == "Client", "{fault}");
    ensure!(
        fault["faultstring"] == "Node nobody could not be found.",
        "{fault}"
    );
    ensure!(fault["debuginfo"].is_null(), "{fault}");
    let read = Fault::from_body(answer.text.as_bytes(), &[]);
    ensure!(
        read.is_ironics() && read.message() == "Node nobody could not be found.",
        "{read:?}"
    );
    Ok(())
}

pub(crate) async fn a_route_that_is_none_is_not_found_in_ironics_words(env: &Env) -> Result<()> {
    for path in ["/v1/nowhere", "/nowhere"] {
        let answer = env.api.get(path).await?;
        ensure!(answer.status == 404, "{answer}");
        let fault = answer.fault()?;
        ensure!(
            fault["code"] == 404 && fault["title"] == "Not Found",
            "{fault}"
        );
        ensure!(Fault::from_body(answer.text.as_bytes(), &[]).is_ironics());
    }
    Ok(())
}

pub(crate) async fn a_body_that_is_no_object_is_refused(env: &Env) -> Result<()> {
    for body in ["[]", "\"text\"", "{}", ""] {
        let sent = Some(body.to_owned());
        let answer = env.api.send(Method::POST, "/v1/nodes", sent).await?;
        ensure!(answer.status == 400, "{body:?}: {answer}");
        answer.fault()?;
    }
    Ok(())
}

/// Why the client takes secrets out of what Ironic says.
pub(crate) async fn a_text_in_place_of_an_object_is_refused_and_repeated(env: &Env) -> Result<()> {
    let body = json!({"driver": "fake-hardware", "driver_info": "secret-text"});
    let answer = env.api.post("/v1/nodes", body).await?;
    answer.refuses(400, "'secret-text' is not of type 'object'")?;
    let read = Fault::from_body(
        answer.text.as_bytes(),
        &[&SecretString::from("secret-text")],
    );
    ensure!(!read.message().contains("secret-text"), "{read}");
    Ok(())
}

pub(crate) async fn what_a_patch_could_not_change_is_repeated_in_the_refusal(
    env: &Env,
) -> Result<()> {
    let secret = SecretString::from("secret-in-a-patch");
    let node = env.node().await?;
    let operations: Value = json!([{
        "op": "replace",
        "path": "/driver_info/nothing_password",
        "value": secret.expose_secret(),
    }]);
    let refused = node.patch(operations).await?;
    refused.refuses(400, "Couldn't apply patch")?;
    refused.refuses(400, secret.expose_secret())?;
    let patch = Patch::new().replace("/driver_info/nothing_password", secret.clone());
    let id = node.id()?;
    let Err(error) = env.ironic.send(&PatchNode { node: id, patch }).await else {
        anyhow::bail!("the patch was accepted");
    };
    let said = format!("{error:?} {error} {}", error.in_words());
    ensure!(
        !said.contains(secret.expose_secret()),
        "the client repeats the secret"
    );
    env.ironic.send(&GetNode { ident: id.into() }).await?;
    Ok(())
}
