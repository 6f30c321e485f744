//! What the API server refuses and what it accepts: every rule, on a real one.

mod cases;

use std::collections::BTreeSet;

use anyhow::{Context, Result, ensure};
use e2e::{Scenario, run};
use kube::Api;
use kube::api::{ApiResource, DynamicObject, Patch, PatchParams, PostParams};
use kube::core::CustomResourceExt;
use kube::core::response::StatusCause;
use metal_api::v1alpha1::BareMetalHost;
use serde_json::{Value, json};

use cases::{example_volume, host_rules, json_merge, malformed, update_rules, volume_rules};

#[test]
fn every_rule_accepts_what_it_should_and_refuses_the_rest_by_the_name_of_the_field() -> Result<()> {
    run("admission", async |test| {
        let mut untried = all_messages()?;
        for (field, refused, accepted) in volume_rules().into_iter().chain(host_rules()) {
            let messages = refusal(create(test, &refused).await, field, &refused)?;
            untried.retain(|message| !messages.contains(message));
            create(test, &accepted)
                .await
                .with_context(|| format!("{field}: {accepted} is refused"))?;
        }
        for (field, change) in malformed() {
            refusal(create(test, &change).await, field, &change)?;
        }
        for (name, setup, refused, accepted) in update_rules() {
            store(test, name, &setup).await?;
            let messages = refusal(
                update(test, name, &refused).await,
                "spec.bootVolume",
                &refused,
            )?;
            untried.retain(|message| !messages.contains(message));
            update(test, name, &accepted)
                .await
                .with_context(|| format!("{name}: {accepted} is refused"))?;
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
    json_merge(&mut host["spec"], change);
    serde_json::from_value(host)
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
        .patch(
            name,
            &PatchParams::default(),
            &Patch::Merge(json!({ "spec": change })),
        )
        .await
        .with_context(|| format!("{name}: {change} is refused"))?;
    Ok(())
}

/// Tries to change a host.
async fn update(test: &Scenario, name: &str, change: &Value) -> Result<(), kube::Error> {
    let change = Patch::Merge(json!({ "spec": change }));
    let dry_run = PatchParams::default().dry_run();
    hosts(test).patch(name, &dry_run, &change).await.map(drop)
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
