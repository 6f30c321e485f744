//! A host that was stored before the rules existed: nobody is kept from writing its status or from deleting it.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use e2e::{DEPLOYMENT, Firmware, Inventory, Scenario, run, step, until};
use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition;
use kube::Api;
use kube::api::{ApiResource, DynamicObject, Patch, PatchParams, PostParams};
use metal_api::names;
use metal_api::v1alpha1::BareMetalHost;
use serde_json::{Value, json};

const IN_FORCE: Duration = Duration::from_mins(1);

#[test]
fn a_host_that_was_stored_before_the_rules_is_served_refused_and_deleted() -> Result<()> {
    run("stored-before", async |test| {
        let mut machine = test.prepare(Firmware::Bios).await?;
        machine.host.spec.boot_mac_address = None;
        if let Some(target) = machine
            .host
            .spec
            .boot_volume
            .as_mut()
            .and_then(|volume| volume.iscsi_target.as_mut())
        {
            target.portal = Some("[2001:db8::1]:3260".to_owned());
        }
        let stored = store_without_rules(test, &machine.host).await;
        test.cluster.deploy().await?;
        rules_are_in_force(test, &machine.host, true).await?;
        stored?;

        writes_pass(test, &machine.name).await?;
        test.start_operator().await?;
        let host = test
            .host(
                &machine.name,
                "its condition names the field",
                DEPLOYMENT,
                |host| says(host, "False", "Invalid", "spec.bootMACAddress: "),
            )
            .await?;
        let status = host.status.context("no status")?;
        ensure!(status.error_message.starts_with("spec.bootMACAddress: "));
        ensure!(
            host.metadata.finalizers == Some(vec![names::FINALIZER.to_owned()]),
            "{:?}",
            host.metadata.finalizers
        );
        let made = Inventory::read(&test.ironic).await?;
        ensure!(made.is_empty(), "something was made: {made}");
        test.delete_hosts().await
    })
}

/// Takes the rules away and stores a host that they refuse. The caller puts them back.
async fn store_without_rules(test: &Scenario, host: &BareMetalHost) -> Result<()> {
    let kind = ApiResource::erase::<CustomResourceDefinition>(&());
    let definitions: Api<DynamicObject> = Api::all_with(test.cluster.client.clone(), &kind);
    let name = "baremetalhosts.metal3.io";
    let mut definition = definitions
        .get(name)
        .await
        .context("there is no such definition")?;
    without_rules(&mut definition.data);
    definitions
        .replace(name, &PostParams::default(), &definition)
        .await
        .context("the definition without rules is refused")?;
    rules_are_in_force(test, host, false).await?;
    step("  rules    taken away");
    test.create(host).await
}

fn without_rules(schema: &mut Value) {
    match schema {
        Value::Object(fields) => {
            fields.remove("x-kubernetes-validations");
            fields.values_mut().for_each(without_rules);
        }
        Value::Array(items) => items.iter_mut().for_each(without_rules),
        _ => {}
    }
}

/// The API server takes a moment to serve a definition that was changed.
async fn rules_are_in_force(test: &Scenario, host: &BareMetalHost, expected: bool) -> Result<()> {
    let mut host = host.clone();
    host.metadata.name = Some("another".to_owned());
    let dry_run = PostParams {
        dry_run: true,
        ..PostParams::default()
    };
    let hosts = test.cluster.hosts(&test.namespace);
    let what = format!("the rules are in force: {expected}");
    until(&what, IN_FORCE, async || {
        let refused = match hosts.create(&dry_run, &host).await {
            Ok(_) => false,
            Err(kube::Error::Api(status)) if status.code == 422 => true,
            Err(error) => return Err(error).context("neither accepted nor refused"),
        };
        Ok((refused == expected).then_some(()))
    })
    .await
}

/// Writes that don't touch the spec, as others than the operator make them.
async fn writes_pass(test: &Scenario, name: &str) -> Result<()> {
    let hosts = test.cluster.hosts(&test.namespace);
    let params = PatchParams::default();
    let status = json!({ "status": {
        "errorCount": 0,
        "errorMessage": "",
        "operationalStatus": "",
        "poweredOn": false,
        "provisioningFailCount": 0,
        "provisioning": { "ID": "", "state": "" },
    } });
    hosts
        .patch_status(name, &params, &Patch::Merge(status))
        .await
        .context("the status can't be written")?;
    for finalizers in [json!(["example.org/other"]), Value::Null] {
        let metadata = json!({ "metadata": { "finalizers": finalizers } });
        hosts
            .patch(name, &params, &Patch::Merge(metadata))
            .await
            .with_context(|| format!("finalizers can't become {finalizers}"))?;
    }
    Ok(())
}

fn says(host: &BareMetalHost, status: &str, reason: &str, message: &str) -> bool {
    host.status
        .iter()
        .flat_map(|host| &host.conditions)
        .any(|condition| {
            condition.type_ == "BootVolumeReady"
                && condition.status == status
                && condition.reason == reason
                && condition.message.starts_with(message)
        })
}
