//! The annotations that have a machine rebooted, or keep it off.

use anyhow::{Result, ensure};
use e2e::{DEPLOYMENT, Fake, Scenario, host, run, until};
use metal_api::v1alpha1::ProvisioningState;
use serde_json::json;

const REBOOT: &str = "reboot.metal3.io";
const KEY: &str = "reboot.metal3.io/maintenance";
const OTHER_KEY: &str = "reboot.metal3.io/remediation";
const HARD: Option<&str> = Some(r#"{"mode":"hard"}"#);
const SOFT: Option<&str> = Some("");

#[test]
fn a_machine_is_rebooted_once_or_kept_off_as_its_annotations_say() -> Result<()> {
    run("reboot-annotations", async |test| {
        let [soft, hard, held, never_off] =
            test.fakes(["soft", "hard", "held", "never-off"]).await?;
        test.start_operator().await?;
        for fake in [&soft, &hard, &held] {
            let fields = json!({ "externallyProvisioned": true, "online": true });
            test.create(&fake.host(fields)?).await?;
        }
        let fields =
            json!({ "externallyProvisioned": true, "online": true, "disablePowerOff": true });
        test.create(&never_off.host(fields)?).await?;
        for fake in [&soft, &hard, &held, &never_off] {
            is_taken_over(test, fake).await?;
        }

        test.annotate(&soft.name, REBOOT, SOFT).await?;
        test.annotate(&hard.name, REBOOT, HARD).await?;
        test.annotate(&never_off.name, REBOOT, SOFT).await?;
        test.annotate(&held.name, KEY, SOFT).await?;
        test.annotate(&held.name, OTHER_KEY, HARD).await?;
        is_rebooted(test, &soft, &["On", "GracefulShutdown", "On"]).await?;
        is_rebooted(test, &hard, &["On", "ForceOff", "On"]).await?;
        is_rebooted(test, &never_off, &["On", "GracefulRestart"]).await?;
        is_held(test, &held, &[KEY, OTHER_KEY]).await?;

        test.annotate(&held.name, KEY, None).await?;
        // Whoever has seen this one has seen the other.
        test.annotate(&soft.name, REBOOT, HARD).await?;
        let twice = ["On", "GracefulShutdown", "On", "ForceOff", "On"];
        is_rebooted(test, &soft, &twice).await?;
        is_held(test, &held, &[OTHER_KEY]).await?;

        test.annotate(&held.name, OTHER_KEY, None).await?;
        test.host(&held.name, "it is on again", DEPLOYMENT, host::is_on)
            .await?;
        let actions = test.power_actions(&held.machine)?;
        ensure!(actions.len() == 3 && actions[2] == "On", "{actions:?}");
        Ok(())
    })
}

async fn is_taken_over(test: &mut Scenario, fake: &Fake) -> Result<()> {
    test.host(
        &fake.name,
        "it is externally provisioned and on",
        DEPLOYMENT,
        |found| found.state() == ProvisioningState::ExternallyProvisioned && host::is_on(found),
    )
    .await?;
    ensure!(test.power_actions(&fake.machine)? == ["On"]);
    Ok(())
}

/// It is on, its annotation is gone, and this is all that was done to the machine.
async fn is_rebooted(test: &mut Scenario, fake: &Fake, actions: &[&str]) -> Result<()> {
    // The annotation goes a moment before the status says that the machine is off.
    until(
        "the machine was asked for all of it",
        DEPLOYMENT,
        async || {
            let done = test.power_actions(&fake.machine)?;
            Ok((done.len() >= actions.len()).then_some(()))
        },
    )
    .await?;
    let found = test
        .host(&fake.name, "it was rebooted", DEPLOYMENT, |found| {
            host::is_on(found) && !host::has_annotation(found, REBOOT)
        })
        .await?;
    ensure!(found.state() == ProvisioningState::ExternallyProvisioned);
    let done = test.power_actions(&fake.machine)?;
    ensure!(
        done == actions,
        "{} was asked for {done:?}, not {actions:?}",
        fake.name
    );
    Ok(())
}

/// It was switched off and not on again, and nobody took its annotations away.
async fn is_held(test: &mut Scenario, fake: &Fake, annotations: &[&str]) -> Result<()> {
    let found = test
        .host(&fake.name, "it is off", DEPLOYMENT, |found| {
            !host::is_on(found)
        })
        .await?;
    for annotation in annotations {
        ensure!(
            host::has_annotation(&found, annotation),
            "{annotation} was removed"
        );
    }
    // The first of two annotations may be seen before the second: either mode will do.
    let done = test.power_actions(&fake.machine)?;
    ensure!(
        done == ["On", "GracefulShutdown"] || done == ["On", "ForceOff"],
        "{} was asked for {done:?}",
        fake.name
    );
    Ok(())
}
