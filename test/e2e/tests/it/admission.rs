//! What the API server refuses and what it accepts: every rule, on a real one.

mod cases;
mod warnings;

use std::collections::BTreeSet;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use e2e::{Scenario, run, until};
use kube::Api;
use kube::api::{ApiResource, DynamicObject, Patch, PatchParams, PostParams};
use kube::core::CustomResourceExt;
use kube::core::response::StatusCause;
use metal_api::v1alpha1::BareMetalHost;
use serde_json::{Value, json};

use cases::{
    Case, Update, claim_rules, data_volumes, example_volume, host_rules, json_merge, malformed,
    metal3, policy, too_long, volume_rules, volume_updates,
};

/// Until the API server knows of a policy that was applied.
const IN_FORCE: Duration = Duration::from_mins(1);

#[test]
fn every_rule_accepts_what_it_should_and_refuses_the_rest_by_the_name_of_the_field() -> Result<()> {
    run("admission", async |test| {
        let mut untried = all_messages()?;
        let rules = volume_rules().into_iter().chain(data_volumes::rules());
        let rules = rules.chain(claim_rules()).chain(host_rules());
        for (field, refused, accepted) in rules.chain(metal3::rules()) {
            let (refused, accepted) = (in_spec(&refused), in_spec(&accepted));
            untried.remove(&one_refusal(create(test, &refused).await, field, &refused)?);
            create(test, &accepted)
                .await
                .with_context(|| format!("{field}: {accepted} is refused"))?;
        }
        let malformed = malformed().into_iter().chain(too_long());
        for (field, change) in malformed.chain(data_volumes::malformed()) {
            let change = in_spec(&change);
            refusal(create(test, &change).await, field, &change)?;
        }
        for case in volume_updates().into_iter().chain(metal3::updates()) {
            untried.remove(&try_update(test, &case).await?);
        }
        ensure!(untried.is_empty(), "no case for the rules {untried:#?}");
        test.delete_hosts().await
    })
}

#[test]
fn every_rule_of_the_policy_accepts_what_it_should_and_refuses_the_rest() -> Result<()> {
    run("admission-policy", async |test| {
        let mut untried = messages_of(test, "deploy/admission/policy.yaml")?;
        let named_like_a_node = policy::named_like_a_node();
        until("the policy is in force", IN_FORCE, async || {
            Ok(create(test, &named_like_a_node).await.err())
        })
        .await?;
        let stored = example(test, "stored", &policy::bare())?;
        hosts(test).create(&PostParams::default(), &stored).await?;
        for (field, refused, accepted) in policy::rules(&test.namespace) {
            let message = denial(create(test, &refused).await, field, &refused)?;
            create(test, &accepted)
                .await
                .with_context(|| format!("{field}: {accepted} is refused"))?;
            // A name can't be changed.
            if refused["metadata"]["name"].is_null() {
                let again = denial(update(test, "stored", &refused).await, field, &refused)?;
                ensure!(again == message, "{again} is not {message}");
                update(test, "stored", &accepted)
                    .await
                    .with_context(|| format!("{field}: a change to {accepted} is refused"))?;
            }
            untried.remove(&message);
        }
        ensure!(untried.is_empty(), "no case for the rules {untried:#?}");
        test.delete_hosts().await
    })
}

/// The messages of all rules, wherever they stand.
fn all_messages() -> Result<BTreeSet<String>> {
    fn collect(schema: &Value, messages: &mut BTreeSet<String>) {
        match schema {
            Value::Object(fields) => {
                let rules = fields
                    .get("x-kubernetes-validations")
                    .and_then(Value::as_array);
                messages.extend(
                    rules
                        .into_iter()
                        .flatten()
                        .filter_map(|rule| Some(rule["message"].as_str()?.to_owned())),
                );
                fields.values().for_each(|value| collect(value, messages));
            }
            Value::Array(items) => items.iter().for_each(|item| collect(item, messages)),
            _ => {}
        }
    }
    let mut messages = BTreeSet::new();
    let definition = serde_json::to_value(BareMetalHost::crd()).context("no JSON")?;
    collect(&definition, &mut messages);
    ensure!(
        messages.len() > 15,
        "these can't be all rules: {messages:#?}"
    );
    Ok(messages)
}

/// The messages of a policy.
fn messages_of(test: &Scenario, file: &str) -> Result<BTreeSet<String>> {
    let yaml = test.cluster.file(file)?;
    let policy: Value = serde_saphyr::from_str(&yaml).context("the policy is no YAML")?;
    let validations = policy["spec"]["validations"]
        .as_array()
        .context("the policy has no rules")?;
    validations
        .iter()
        .map(|validation| {
            let message = validation["message"].as_str();
            Ok(message.context("a rule has no message")?.to_owned())
        })
        .collect()
}

fn in_spec(change: &Value) -> Value {
    json!({ "spec": change })
}

fn hosts(test: &Scenario) -> Api<DynamicObject> {
    let kind = ApiResource::erase::<BareMetalHost>(&());
    Api::namespaced_with(test.cluster.client.clone(), &test.namespace, &kind)
}

/// Tries to make the example with a change.
async fn create(test: &Scenario, change: &Value) -> Result<(), kube::Error> {
    let dry_run = PostParams {
        dry_run: true,
        ..PostParams::default()
    };
    let host = example(test, "new", change).map_err(kube::Error::SerdeError)?;
    hosts(test).create(&dry_run, &host).await.map(drop)
}

fn example(
    test: &Scenario,
    name: &str,
    change: &Value,
) -> Result<DynamicObject, serde_json::Error> {
    let mut host = serde_json::to_value(&test.example)?;
    host["metadata"] = json!({ "name": name, "namespace": test.namespace });
    json_merge(&mut host, change);
    serde_json::from_value(host)
}

/// Tries to change a stored host as it is refused and as it is accepted; returns the message of the refusal.
async fn try_update(test: &Scenario, case: &Update) -> Result<String> {
    let Update { name, field, .. } = case;
    store(test, name, &in_spec(&case.stored)).await?;
    let (refused, accepted) = (in_spec(&case.refused), in_spec(&case.accepted));
    let message = one_refusal(update(test, name, &refused).await, field, &refused)?;
    let status = Patch::Merge(json!({ "status": case.status }));
    hosts(test)
        .patch_status(name, &PatchParams::default(), &status)
        .await
        .with_context(|| format!("{name}: the status can't be written"))?;
    update(test, name, &accepted)
        .await
        .with_context(|| format!("{name}: {accepted} is refused"))?;
    Ok(message)
}

/// Makes the example, deployed as its status says, and then changes it.
async fn store(test: &Scenario, name: &str, change: &Value) -> Result<()> {
    let hosts = hosts(test);
    let host = example(test, name, &json!({}))?;
    hosts.create(&PostParams::default(), &host).await?;
    let mut record = example_volume()["bootVolume"].clone();
    record["targetType"] = json!("iscsi");
    record["deploymentId"] = json!("3b8e1a52-3a44-4a56-a5b4-0a5d5ae0a0c1");
    let status = json!({ "status": {
        "errorCount": 0,
        "errorMessage": "",
        "operationalStatus": "OK",
        "poweredOn": true,
        "provisioningFailCount": 0,
        "provisioning": { "ID": "", "state": "provisioned", "bootVolume": record },
    } });
    hosts
        .patch_status(name, &PatchParams::default(), &Patch::Merge(status))
        .await?;
    hosts
        .patch(name, &PatchParams::default(), &Patch::Merge(change))
        .await
        .with_context(|| format!("{name}: {change} is refused"))?;
    Ok(())
}

/// Tries to change a host.
async fn update(test: &Scenario, name: &str, change: &Value) -> Result<(), kube::Error> {
    let change = Patch::Merge(change);
    let dry_run = PatchParams::default().dry_run();
    hosts(test).patch(name, &dry_run, &change).await.map(drop)
}

/// Checks that one rule and no other refused it, which alone proves that this rule has a case of its own.
fn one_refusal(result: Result<(), kube::Error>, field: &str, change: &Value) -> Result<String> {
    let mut messages = refusal(result, field, change)?;
    let message = messages.pop_first().context("no message")?;
    ensure!(
        messages.is_empty(),
        "{change} is refused by {message} and by {messages:#?}"
    );
    Ok(message)
}

/// Checks that the policy refused it and that the field is named; returns the message.
fn denial(result: Result<(), kube::Error>, field: &str, change: &Value) -> Result<String> {
    let message = match result {
        Ok(()) => anyhow::bail!("{field}: {change} is accepted"),
        Err(kube::Error::Api(status)) => status.message,
        Err(error) => return Err(error).context("neither accepted nor refused"),
    };
    let (_, message) = message
        .split_once(" denied request: ")
        .with_context(|| format!("{field}: {change} is refused by something else: {message}"))?;
    ensure!(
        message.starts_with(&format!("{field}: ")),
        "{field} is not named for {change}: {message}"
    );
    Ok(message.to_owned())
}

/// Checks that it was refused and that the field is named; returns the messages.
fn refusal(
    result: Result<(), kube::Error>,
    field: &str,
    change: &Value,
) -> Result<BTreeSet<String>> {
    let causes = match result {
        Ok(()) => anyhow::bail!("{field}: {change} is accepted"),
        Err(kube::Error::Api(status)) if status.code == 422 => {
            status.details.context("no details are given")?.causes
        }
        Err(error) => return Err(error).context("neither accepted nor refused"),
    };
    let named = |cause: &StatusCause| cause.field == field;
    ensure!(
        causes.iter().any(named),
        "{field} is not named for {change}: {causes:#?}"
    );
    let messages: BTreeSet<_> = causes
        .iter()
        .map(|cause| match cause.message.split_once(": spec.") {
            Some((_, message)) => format!("spec.{message}"),
            None => cause.message.clone(),
        })
        .collect();
    Ok(messages)
}
