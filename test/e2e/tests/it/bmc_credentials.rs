//! Wrong credentials of a BMC.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use e2e::{DEPLOYMENT, Firmware, Inventory, Secrets, run, step};
use ironic_types::ProvisionState;
use metal_api::v1alpha1::{BareMetalHost, ErrorType, OperationalStatus, ProvisioningState};

/// Far less than the back-off after the failures, which is minutes.
const AT_ONCE: Duration = Duration::from_secs(45);

#[test]
fn wrong_bmc_credentials_are_a_registration_error_until_the_secret_is_fixed() -> Result<()> {
    run("bmc-credentials", async |test| {
        let mut machine = test.prepare(Firmware::Bios).await?;
        machine.host.spec.online = false;
        let right = Secrets::fresh(20);
        test.planted
            .add("the BMC's password", &right, "no Secret yet");
        test.stack.set_bmc("admin", &right)?;
        test.start_operator().await?;
        test.create(&machine.host).await?;

        let host = test
            .host(
                &machine.name,
                "it has a registration error",
                DEPLOYMENT,
                |host| error_type(host) == Some(ErrorType::Registration),
            )
            .await?;
        check_error(&host)?;
        let events = test.cluster.events(&test.namespace).await?;
        ensure!(
            events
                .iter()
                .any(|(reason, _)| reason == "RegistrationError"),
            "{events:?}"
        );
        let inventory = Inventory::read(&test.ironic).await?;
        ensure!(inventory.node()?.provision_state == Some(ProvisionState::Enroll));
        ensure!(
            inventory.ports.is_empty()
                && inventory.connectors.is_empty()
                && inventory.targets.is_empty(),
            "more than the node was made: {inventory}"
        );

        step("  secret   fixed");
        let secret = machine.bmc_secret()?.to_owned();
        test.replace_password(&secret, &right).await?;
        let host = test
            .host_in(&machine.name, ProvisioningState::Available, AT_ONCE)
            .await?;
        let status = host.status.as_ref().context("no status")?;
        ensure!(status.error_type.is_none(), "{}", status.error_message);
        ensure!(status.operational_status == OperationalStatus::Ok && status.error_count == 0);
        ensure!(status.good_credentials.is_some());
        ensure!(Inventory::read(&test.ironic).await?.ports.len() == 1);
        Ok(())
    })
}

fn error_type(host: &BareMetalHost) -> Option<ErrorType> {
    host.status.as_ref()?.error_type
}

fn check_error(host: &BareMetalHost) -> Result<()> {
    let status = host.status.as_ref().context("no status")?;
    ensure!(host.state() == ProvisioningState::Registering);
    ensure!(status.operational_status == OperationalStatus::Error);
    ensure!(status.error_count > 0, "the error was not counted");
    ensure!(status.good_credentials.is_none());
    ensure!(
        status.error_message.contains("Redfish")
            && status
                .error_message
                .contains("Incorrect username or password"),
        "these are not Ironic's words: {}",
        status.error_message
    );
    let ready = status
        .conditions
        .iter()
        .find(|condition| condition.type_ == "Ready")
        .context("no condition Ready")?;
    ensure!((ready.status.as_str(), ready.reason.as_str()) == ("False", "Error"));
    ensure!(ready.message == status.error_message);
    Ok(())
}
