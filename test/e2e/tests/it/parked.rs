//! Hosts in states that last.

use anyhow::{Context, Result, ensure};
use e2e::{DEPLOYMENT, Fake, Inventory, Scenario, host, until};
use ironic_types::ProvisionState;
use metal_api::v1alpha1::{OperationalStatus, ProvisioningState};

/// A host that stays as it is.
#[derive(Clone)]
pub(crate) struct Parked {
    pub(crate) name: String,
    pub(crate) state: ProvisioningState,
    pub(crate) is_on: bool,
}

impl Parked {
    pub(crate) fn available(fake: &Fake) -> Self {
        Self::new(fake, ProvisioningState::Available, false)
    }

    pub(crate) fn taken_over(fake: &Fake, is_on: bool) -> Self {
        Self::new(fake, ProvisioningState::ExternallyProvisioned, is_on)
    }

    pub(crate) fn provisioned(fake: &Fake) -> Self {
        Self::new(fake, ProvisioningState::Provisioned, true)
    }

    fn new(fake: &Fake, state: ProvisioningState, is_on: bool) -> Self {
        Self {
            name: fake.name.clone(),
            state,
            is_on,
        }
    }

    /// Waits until Ironic has a node for it that isn't the old one, in the state that belongs to the host's, and the
    /// host has no error. Returns the node's id.
    pub(crate) async fn is_managed(&self, test: &mut Scenario, old: &str) -> Result<String> {
        let found = test
            .host(
                &self.name,
                &format!("it is {}, has a new node and no error", self.state),
                DEPLOYMENT,
                |found| {
                    found.state() == self.state
                        && host::operational_status(found) == OperationalStatus::Ok
                        && host::is_on(found) == self.is_on
                        && host::node_id(found) != old
                },
            )
            .await?;
        let id = host::node_id(&found).to_owned();
        let expected = if self.state == ProvisioningState::Available {
            ProvisionState::Available
        } else {
            ProvisionState::Active
        };
        let what = format!("the node of {} is {expected}", self.name);
        until(&what, DEPLOYMENT, async || {
            let inventory = Inventory::read(&test.ironic).await?;
            let node = inventory.nodes.iter().find(|it| it.uuid.to_string() == id);
            let node = node.with_context(|| format!("no node {id}"))?;
            Ok((node.provision_state.as_ref() == Some(&expected)).then_some(()))
        })
        .await?;
        Ok(id)
    }
}

/// What a machine's next reboot needs is there: connector, target, and the script that a machine with its card gets.
pub(crate) async fn boots_from_its_volume(
    test: &Scenario,
    node: &str,
    mac: &str,
    iqn: &str,
) -> Result<()> {
    let inventory = Inventory::read(&test.ironic).await?;
    let connectors = inventory
        .connectors
        .iter()
        .filter(|it| it.node_uuid.to_string() == node);
    ensure!(connectors.count() == 1, "not one connector: {inventory}");
    let targets = inventory
        .targets
        .iter()
        .filter(|it| it.node_uuid.to_string() == node);
    ensure!(targets.count() == 1, "not one target: {inventory}");

    let path = format!("pxelinux.cfg/{}", mac.replace(':', "-"));
    let script = test.boot_file(&path).await?.context("no iPXE script")?;
    let own = test.boot_file(&format!("{node}/config")).await?;
    ensure!(own.as_ref() == Some(&script), "{path} is another node's");
    ensure!(
        script.contains(iqn),
        "the script doesn't name {iqn}: {script}"
    );
    Ok(())
}
