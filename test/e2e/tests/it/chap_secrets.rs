//! CHAP Secrets that can't be used.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use e2e::{DEPLOYMENT, Firmware, Inventory, Machine, Scenario, Secrets, run, step};
use metal_api::v1alpha1::{BareMetalHost, ProvisioningState};
use serde_json::json;

const CHAP: &str = "kubernetes.io/iscsi-chap";

#[test]
fn a_chap_secret_that_cannot_be_used_is_named_and_nothing_is_made_until_it_is_fixed() -> Result<()>
{
    run("chap-secrets", async |test| {
        let machine = test.prepare(Firmware::Bios).await?;
        let name = machine.chap_secret()?.to_owned();
        test.cluster.delete_secret(&test.namespace, &name).await?;
        let ironic = test.ironic_url.clone();
        test.start_operator_at(&ironic, Duration::from_secs(5))
            .await?;
        test.create(&machine.host).await?;
        refused(test, &machine, "SecretMissing", "does not exist").await?;

        let (good, short) = (Secrets::fresh(16), Secrets::fresh(9));
        let bad = Secrets::fresh(16).replace('/', "$");
        for (type_, data, reason, problem) in [
            (
                "Opaque",
                vec![("username", "node-0"), ("password", &*good)],
                "SecretNotOptedIn",
                "may not be used for iSCSI",
            ),
            (
                CHAP,
                vec![("username", "node-0")],
                "SecretInvalid",
                "key password is missing",
            ),
            (
                CHAP,
                vec![("password", &*good)],
                "SecretInvalid",
                "key username is missing",
            ),
            (
                CHAP,
                vec![("username", "node-0"), ("password", &*short)],
                "SecretInvalid",
                "key password is shorter than 12",
            ),
            (
                CHAP,
                vec![("username", "node-0"), ("password", &*bad)],
                "SecretInvalid",
                "key password has a character",
            ),
        ] {
            test.plant(&name, type_, &data).await?;
            refused(test, &machine, reason, problem).await?;
            test.cluster.delete_secret(&test.namespace, &name).await?;
        }
        the_bmcs_own_secret_is_refused(test, &machine).await?;

        let data = [("username", "node-0"), ("password", bad.as_str())];
        test.plant(&name, CHAP, &data).await?;
        refused(
            test,
            &machine,
            "SecretInvalid",
            "key password has a character",
        )
        .await?;
        step("  secret   fixed");
        test.replace_password(&name, &machine.chap_password).await?;
        test.host_in(&machine.name, ProvisioningState::Provisioning, DEPLOYMENT)
            .await?;
        Ok(())
    })
}

/// Whoever may write hosts could otherwise read the BMC's password in a boot script.
async fn the_bmcs_own_secret_is_refused(test: &mut Scenario, machine: &Machine) -> Result<()> {
    let (bmc, chap) = (machine.bmc_secret()?, machine.chap_secret()?);
    let name = |name: &str| json!({ "bootVolume": { "iscsiCredentialsName": name } });
    test.change_spec(&machine.name, name(bmc)).await?;
    refused_for(
        test,
        machine,
        bmc,
        "SecretNotOptedIn",
        "is the host's BMC credentials",
    )
    .await?;
    test.change_spec(&machine.name, name(chap)).await
}

async fn refused(
    test: &mut Scenario,
    machine: &Machine,
    reason: &str,
    problem: &str,
) -> Result<()> {
    refused_for(test, machine, machine.chap_secret()?, reason, problem).await
}

/// The condition says so, with the Secret's name and what is wrong, and nothing is in Ironic.
async fn refused_for(
    test: &mut Scenario,
    machine: &Machine,
    secret: &str,
    reason: &str,
    problem: &str,
) -> Result<()> {
    let what = format!("BootVolumeReady is False for {reason}: {secret} {problem}");
    let host = test
        .host(&machine.name, &what, DEPLOYMENT, |host| {
            condition(host).is_some_and(|(status, found, message)| {
                status == "False"
                    && found == reason
                    && message.contains(&format!("Secret {secret} "))
                    && message.contains(problem)
            })
        })
        .await?;
    let status = host.status.as_ref().context("no status")?;
    let (_, _, message) = condition(&host).context("no condition")?;
    ensure!(
        status.error_message == message,
        "{} is not {message}",
        status.error_message
    );
    ensure!(
        message.starts_with("spec.bootVolume.iscsiCredentialsName: "),
        "{message}"
    );
    ensure!(status.provisioning.state == ProvisioningState::Available);
    ensure!(
        status.provisioning.boot_volume.is_none(),
        "an intent was recorded"
    );
    let inventory = Inventory::read(&test.ironic).await?;
    ensure!(
        inventory.targets.is_empty() && inventory.connectors.is_empty(),
        "a half-made deployment: {inventory}"
    );
    Ok(())
}

fn condition(host: &BareMetalHost) -> Option<(&str, &str, &str)> {
    let condition = host
        .status
        .as_ref()?
        .conditions
        .iter()
        .find(|condition| condition.type_ == "BootVolumeReady")?;
    Some((&condition.status, &condition.reason, &condition.message))
}
