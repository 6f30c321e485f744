//! A password that is changed while a machine runs from its volume, and the guard of its Secret.

use anyhow::{Context, Result, ensure};
use e2e::{
    Asked, DEPLOYMENT, Firmware, Inventory, Machine, Point, RELEASE, Scenario, Secrets, host, run,
    step,
};
use k8s_openapi::api::core::v1::Secret;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use kube::api::Api;
use metal_api::conditions::{ConditionType, find_condition};
use metal_api::names;
use metal_api::v1alpha1::{BareMetalHost, ProvisioningState};
use metal_plan::{CREDENTIALS_KEY, DEPLOYMENT_KEY};

#[test]
fn a_machine_boots_with_a_changed_password_after_one_redeployment_whoever_is_killed() -> Result<()>
{
    run("redeploy", async |test| {
        let mut machine = test.prepare(Firmware::Bios).await?;
        let proxy = test.start_proxy().await?;
        test.start_operator_at(proxy.url(), DEPLOYMENT).await?;
        test.create(&machine.host).await?;
        let first_boot = test.booted(&machine).await?;
        let first = told(test, &machine, "Applied").await?;
        plant_key(test).await?;

        step("  password changed on the storage and in the Secret");
        let password = Secrets::fresh(16);
        let volume = machine.volume()?.volume_id.clone();
        test.planted
            .add("the new password", &password, "no Secret yet");
        test.stack.set_chap(&volume, &machine.name, &password)?;
        test.replace_password(machine.chap_secret()?, &password)
            .await?;
        let outdated = told(test, &machine, "Outdated").await?;
        ensure!(outdated.state() == ProvisioningState::Provisioned);
        ensure!(
            test.stack.is_on(&machine.name)?,
            "nothing is done to the machine"
        );

        test.skip_console(&mut machine)?;
        let hold = proxy.hold(Point::AfterAnswer, undeploys);
        test.annotate(&machine.name, names::REDEPLOY_ANNOTATION, Some("1"))
            .await?;
        hold.held(RELEASE).await?;
        test.kill_operator()?;
        test.start_operator_at(proxy.url(), DEPLOYMENT).await?;
        let second_boot = test.runs_from_volume(&machine).await?;
        ensure!(first_boot != second_boot, "it is the same boot");
        let second = told(test, &machine, "Applied").await?;
        was_shut_down(test, &volume)?;

        let (before, after) = (deployment(&first)?, deployment(&second)?);
        ensure!(before.deployment_id != after.deployment_id);
        ensure!(before.credentials != after.credentials);
        ensure!(
            annotation(&second, names::REDEPLOY_HANDLED_ANNOTATION) == Some("1"),
            "the token is not handled: {:?}",
            second.metadata.annotations
        );
        let inventory = Inventory::read(&test.ironic).await?;
        let [target] = inventory.targets.as_slice() else {
            anyhow::bail!("not one target: {inventory}");
        };
        ensure!(target.extra[DEPLOYMENT_KEY] == after.deployment_id.as_str());
        ensure!(target.extra[CREDENTIALS_KEY] == after.credentials[0].fingerprint.as_str());
        for (verb, wanted) in [("active", 2), ("deleted", 1)] {
            let asked = proxy.journal();
            let asked = asked
                .iter()
                .filter(|asked| asked.asks_for_provision(verb))
                .count();
            ensure!(asked == wanted, "{verb} was asked for {asked} times");
        }
        test.search_kubernetes().await
    })
}

#[test]
fn a_secret_that_a_host_uses_can_not_be_deleted_before_the_release() -> Result<()> {
    run("guard", async |test| {
        let machine = test.prepare(Firmware::Bios).await?;
        let secret = machine.chap_secret()?.to_owned();
        ensure!(!is_guarded(
            &metadata(test, &secret).await?.context("no Secret")?
        ));
        test.start_operator().await?;
        test.create(&machine.host).await?;
        test.host_in(&machine.name, ProvisioningState::Provisioned, DEPLOYMENT)
            .await?;
        let guarded = e2e::until("the Secret is guarded", DEPLOYMENT, async || {
            Ok(metadata(test, &secret).await?.filter(is_guarded))
        })
        .await?;
        ensure!(guarded.owner_references.is_none(), "{guarded:?}");
        let bmc = metadata(test, machine.bmc_secret()?)
            .await?
            .context("no BMC Secret")?;
        ensure!(!is_guarded(&bmc), "the BMC's Secret is not a volume's");

        test.cluster.delete_secret(&test.namespace, &secret).await?;
        let marked = metadata(test, &secret)
            .await?
            .context("the Secret is gone")?;
        ensure!(
            marked.deletion_timestamp.is_some(),
            "it is not marked as deleted"
        );
        told(test, &machine, "Applied").await?;
        ensure!(
            metadata(test, &secret).await?.is_some(),
            "the Secret is gone"
        );

        test.release(&machine).await?;
        e2e::until("the Secret goes with the release", RELEASE, async || {
            Ok(metadata(test, &secret).await?.is_none().then_some(()))
        })
        .await
    })
}

/// Waits until the host is deployed and says this of its credentials.
async fn told(test: &mut Scenario, machine: &Machine, reason: &str) -> Result<BareMetalHost> {
    let what = format!("it is provisioned, and its credentials are {reason}");
    test.host(&machine.name, &what, DEPLOYMENT, |host| {
        let conditions = host
            .status
            .as_ref()
            .map(|status| status.conditions.as_slice());
        let told = find_condition(
            conditions.unwrap_or_default(),
            ConditionType::CredentialsApplied,
        );
        host.state() == ProvisioningState::Provisioned
            && told.is_some_and(|told| told.reason == reason)
    })
    .await
}

/// The key of the installation must be nowhere but in its own Secret.
async fn plant_key(test: &mut Scenario) -> Result<()> {
    const NAMESPACE: &str = "ironboot-system";
    let secrets: Api<Secret> = Api::namespaced(test.cluster.client.clone(), NAMESPACE);
    let key = secrets
        .get(names::FINGERPRINT_KEY_SECRET)
        .await
        .context("there is no key of the installation")?;
    ensure!(key.immutable == Some(true), "the key can be changed");
    let data = key.data.context("the key's Secret is empty")?;
    let home = format!("{NAMESPACE}/{}", names::FINGERPRINT_KEY_SECRET);
    for bytes in data.values() {
        ensure!(bytes.0.len() == 32, "a key of {} bytes", bytes.0.len());
        let base64 = serde_json::to_value(bytes)?;
        let base64 = base64.as_str().context("the key is no text in JSON")?;
        test.planted
            .add("the key of the installation", base64, &home);
    }
    Ok(())
}

fn was_shut_down(test: &Scenario, volume: &str) -> Result<()> {
    let file = test.stack.volume_file(volume, "shutdown.txt");
    ensure!(file.is_some(), "the guest was not asked to shut down");
    Ok(())
}

fn deployment(found: &BareMetalHost) -> Result<&metal_api::v1alpha1::DeployedVolume> {
    let recorded = host::status(found)?.provisioning.boot_volume.as_ref();
    recorded.context("no deployment is on record")
}

fn annotation<'a>(host: &'a BareMetalHost, name: &str) -> Option<&'a str> {
    let annotations = host.metadata.annotations.as_ref()?;
    annotations.get(name).map(String::as_str)
}

fn undeploys(request: &Asked) -> bool {
    request.asks_for_provision("deleted")
}

async fn metadata(test: &Scenario, secret: &str) -> Result<Option<ObjectMeta>> {
    let secrets: Api<Secret> = Api::namespaced(test.cluster.client.clone(), &test.namespace);
    let found = secrets.get_metadata_opt(secret).await;
    let found = found.with_context(|| format!("failed to read Secret {secret}"))?;
    Ok(found.map(|secret| secret.metadata))
}

fn is_guarded(secret: &ObjectMeta) -> bool {
    let labels = secret.labels.clone().unwrap_or_default();
    let finalizers = secret.finalizers.as_deref().unwrap_or_default();
    let has_labels = names::SECRET_GUARD_LABELS
        .iter()
        .all(|(name, value)| labels.get(*name).is_some_and(|found| found == value));
    has_labels
        && finalizers
            .iter()
            .any(|finalizer| finalizer == names::SECRET_GUARD_FINALIZER)
}
