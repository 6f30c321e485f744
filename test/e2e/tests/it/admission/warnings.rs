//! What is accepted with a warning.

use anyhow::{Context, Result, ensure};
use e2e::{Scenario, run, until};
use kube::Resource;
use kube::api::PostParams;
use kube::client::Body;
use kube::core::Request;
use metal_api::v1alpha1::BareMetalHost;
use serde_json::json;

use super::cases::with_warning;
use super::{Case, IN_FORCE, example, in_spec, messages_of};

#[test]
fn every_warning_is_given_and_nothing_is_refused_for_it() -> Result<()> {
    run("admission-warnings", async |test| {
        let mut ungiven = messages_of(test, "deploy/admission/warnings.yaml")?;
        for (field, warned, quiet) in with_warning() {
            let case = (field, warned, quiet);
            let message = until("the policy is in force", IN_FORCE, async || {
                warning(test, &case).await
            })
            .await?;
            ungiven.remove(&message);
            let given = warnings(test, &in_spec(&case.2)).await?;
            ensure!(given.is_empty(), "{} gives {given:#?}", case.2);
        }
        ensure!(ungiven.is_empty(), "no case for the warnings {ungiven:#?}");
        Ok(())
    })
}

/// The one warning for a case; none before the policy is in force.
async fn warning(test: &Scenario, (field, warned, _): &Case) -> Result<Option<String>> {
    let given = warnings(test, &in_spec(warned)).await?;
    let [given] = given.as_slice() else {
        ensure!(given.is_empty(), "{warned} gives {given:#?}");
        return Ok(None);
    };
    // The policy's name comes before it, and it is quoted.
    let start = format!("': {field}: ");
    let (_, message) = given
        .split_once(&start)
        .with_context(|| format!("{field} is not named for {warned}: {given}"))?;
    let message = message.trim_end_matches('"');
    Ok(Some(format!("{field}: {message}")))
}

/// The warnings with which the example is accepted, with a change; kube's client keeps them for itself.
async fn warnings(test: &Scenario, change: &serde_json::Value) -> Result<Vec<String>> {
    let dry_run = PostParams {
        dry_run: true,
        ..PostParams::default()
    };
    let mut host = serde_json::to_value(example(test, "new", change)?)?;
    let kind = (BareMetalHost::api_version(&()), BareMetalHost::kind(&()));
    host["apiVersion"] = json!(kind.0);
    host["kind"] = json!(kind.1);
    let url = BareMetalHost::url_path(&(), Some(&test.namespace));
    let request = Request::new(url).create(&dry_run, serde_json::to_vec(&host)?)?;
    let answer = test.cluster.client.send(request.map(Body::from)).await?;
    ensure!(
        answer.status().is_success(),
        "{change} is refused: {}",
        answer.status()
    );
    answer
        .headers()
        .get_all("warning")
        .iter()
        .map(|warning| Ok(warning.to_str()?.to_owned()))
        .collect()
}
