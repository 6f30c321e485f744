//! Hosts are enrolled: many at once, one of them with a BMC that doesn't answer at first.

use anyhow::{Context, Result, ensure};
use e2e::{DEPLOYMENT, Fake, Inventory, Scenario, host, run};
use ironic_types::{Node, ProvisionState};
use metal_api::names;
use metal_api::v1alpha1::{BareMetalHost, ErrorType, OperationalStatus, ProvisioningState};
use serde_json::json;

#[test]
fn hosts_are_enrolled_side_by_side_and_say_what_became_of_them() -> Result<()> {
    run("enrol", async |test| {
        let [off, other, on, taken_over, discovered, unreachable] = test
            .fakes([
                "off",
                "other",
                "on",
                "taken-over",
                "discovered",
                "unreachable",
            ])
            .await?;
        test.stack.cut_frail_bmc()?;
        test.start_operator().await?;
        for (fake, fields) in [
            (&unreachable, json!({ "bmc": unreachable.frail_bmc() })),
            (&discovered, json!({ "bmc": null })),
            (&on, json!({ "online": true })),
            (
                &taken_over,
                json!({ "externallyProvisioned": true, "online": true }),
            ),
            (&off, json!({})),
            (&other, json!({})),
        ] {
            test.create(&fake.host(fields)?).await?;
        }

        is_discovered(test, &discovered).await?;
        let details = json!({ "bmc": discovered.bmc() });
        test.change_spec(&discovered.name, details).await?;
        for fake in [&off, &other, &discovered] {
            is_available(test, fake, &[]).await?;
        }
        is_available(test, &on, &["On"]).await?;
        is_taken_over(test, &taken_over).await?;

        has_registration_error(test, &unreachable).await?;
        test.stack.restore_frail_bmc()?;
        // It would be tried again by itself, but that may take two minutes.
        let change = json!({ "description": "its BMC answers" });
        test.change_spec(&unreachable.name, change).await?;
        is_available(test, &unreachable, &[]).await
    })
}

async fn is_discovered(test: &mut Scenario, fake: &Fake) -> Result<()> {
    let found = test
        .host_in(&fake.name, ProvisioningState::Unmanaged, DEPLOYMENT)
        .await?;
    ensure!(host::operational_status(&found) == OperationalStatus::Discovered);
    host::ensure_conditions(
        &found,
        &[
            ("Manageable", "False", "NotManaged"),
            ("AvailableForProvisioning", "False", "NotAvailable"),
            ("Provisioned", "False", "NotProvisioned"),
            ("Ready", "False", "NotProvisioned"),
            ("Progressing", "False", "NotProgressing"),
        ],
    )
}

/// Without an error, with all on record, and with its port in Ironic.
async fn is_available(test: &mut Scenario, fake: &Fake, power_actions: &[&str]) -> Result<()> {
    let on = !power_actions.is_empty();
    let found = test
        .host(
            &fake.name,
            &format!("it is available, powered on: {on}"),
            DEPLOYMENT,
            |found| {
                found.state() == ProvisioningState::Available
                    && host::is_on(found) == on
                    && host::operational_status(found) == OperationalStatus::Ok
            },
        )
        .await?;
    host::ensure_conditions(
        &found,
        &[
            ("Manageable", "True", "Manageable"),
            ("AvailableForProvisioning", "True", "Available"),
            ("Provisioned", "False", "NotProvisioned"),
            ("Ready", "False", "NotProvisioned"),
            ("Progressing", "False", "NotProgressing"),
        ],
    )?;
    let inventory = Inventory::read(&test.ironic).await?;
    let node = is_registered(test, &found, &inventory)?;
    ensure!(node.provision_state == Some(ProvisionState::Available));
    ensure!(
        node.automated_clean == Some(false),
        "it would be cleaned: {node:?}"
    );
    ensure!(
        inventory
            .ports
            .iter()
            .any(|port| port.node_uuid == Some(node.uuid) && port.address == fake.mac),
        "{} has no port: {:?}",
        fake.name,
        inventory.ports
    );
    ensure!(test.power_actions(&fake.machine)? == power_actions);
    Ok(())
}

async fn is_taken_over(test: &mut Scenario, fake: &Fake) -> Result<()> {
    let found = test
        .host(
            &fake.name,
            "it is externally provisioned and on",
            DEPLOYMENT,
            |found| found.state() == ProvisioningState::ExternallyProvisioned && host::is_on(found),
        )
        .await?;
    host::ensure_conditions(
        &found,
        &[
            ("Manageable", "True", "Manageable"),
            ("AvailableForProvisioning", "False", "NotAvailable"),
            ("Provisioned", "True", "Provisioned"),
            ("Ready", "True", "Provisioned"),
            ("Progressing", "False", "NotProgressing"),
        ],
    )?;
    let inventory = Inventory::read(&test.ironic).await?;
    let node = is_registered(test, &found, &inventory)?;
    ensure!(
        node.provision_state == Some(ProvisionState::Active),
        "it was not adopted"
    );
    ensure!(test.power_actions(&fake.machine)? == ["On"]);
    Ok(())
}

/// The node's id, the credentials that work, and when that was found out are on record.
fn is_registered<'a>(
    test: &Scenario,
    found: &BareMetalHost,
    inventory: &'a Inventory,
) -> Result<&'a Node> {
    let status = host::status(found)?;
    ensure!(
        status.error_message.is_empty() && status.error_type.is_none() && status.error_count == 0
    );
    let good = status.good_credentials.as_ref();
    let good = good.context("no goodCredentials")?;
    let secret = good.credentials.as_ref().and_then(|it| it.name.as_deref());
    ensure!(secret == Some(Fake::SECRET) && good.credentials_version.is_some());
    ensure!(status.tried_credentials.as_ref() == Some(good));
    let registered = status
        .operation_history
        .as_ref()
        .and_then(|history| history.register.as_ref())
        .context("the registration is not on record")?;
    ensure!(registered.start.is_some() && registered.end.is_some());
    let finalizers = found.metadata.finalizers.iter().flatten();
    ensure!(finalizers.into_iter().any(|it| it == names::FINALIZER));

    let id = host::node_id(found);
    let node = inventory
        .nodes
        .iter()
        .find(|node| node.uuid.to_string() == id)
        .with_context(|| format!("no node {id}"))?;
    let name = found.metadata.name.as_deref().unwrap_or_default();
    let name = format!("{}~{name}", test.namespace);
    ensure!(node.name.as_deref() == Some(name.as_str()));
    Ok(node)
}

async fn has_registration_error(test: &mut Scenario, fake: &Fake) -> Result<()> {
    let found = test
        .host(
            &fake.name,
            "it has a registration error",
            DEPLOYMENT,
            |found| host::error_type(found) == Some(ErrorType::Registration),
        )
        .await?;
    let status = host::status(&found)?;
    ensure!(found.state() == ProvisioningState::Registering);
    ensure!(status.error_count > 0 && !status.error_message.is_empty());
    ensure!(status.good_credentials.is_none());
    host::ensure_conditions(
        &found,
        &[
            ("Manageable", "False", "RegistrationFailed"),
            ("AvailableForProvisioning", "False", "NotAvailable"),
            ("Provisioned", "False", "NotProvisioned"),
            ("Ready", "False", "Error"),
            ("Progressing", "True", "Registering"),
        ],
    )
}
