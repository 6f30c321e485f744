//! A machine with a boot volume and data volumes, each reached in its own way.

use anyhow::{Context, Result, ensure};
use e2e::{DEPLOYMENT, Firmware, Inventory, Machine, Scenario, host, run};
use serde_json::{Value, json};

use crate::volumes::{self, Portal};

const APPLIED: (&str, &str, &str) = ("DataVolumesApplied", "True", "Applied");
const PENDING: (&str, &str, &str) = ("DataVolumesApplied", "False", "Pending");

/// By UEFI: for BIOS iPXE has no room for three targets.
#[test]
fn a_machine_finds_its_data_volumes_and_both_paths_to_its_boot_volume() -> Result<()> {
    run("data-volumes", async |test| {
        let mut machine = test.prepare(Firmware::Uefi).await?;
        let (first, second) = (
            volumes::portal(test, Portal::First)?,
            volumes::portal(test, Portal::Second)?,
        );
        volumes::set_portals(&mut machine, &[&first, &second])?;
        let locked = volumes::prepare_data(test, "data-1", true).await?;
        let open = volumes::prepare_data(test, "data-2", false).await?;
        volumes::change_spec(&mut machine, |spec| {
            spec["dataVolumes"] = json!([locked.spec, open.spec]);
        })?;
        test.start_operator().await?;
        test.create(&machine.host).await?;
        test.booted(&machine).await?;

        let console = test.console(&machine)?;
        let boot = (volumes::iqn(&machine)?, machine.marker.as_str());
        let user = machine.name.as_str();
        let expected = [
            (boot.0.as_str(), &first, user, boot.1),
            (boot.0.as_str(), &second, user, boot.1),
            (locked.iqn.as_str(), &first, "data-1", &locked.marker),
            (open.iqn.as_str(), &first, "", &open.marker),
        ];
        let told = Machine::said(&console, "IBFT");
        let disks = Machine::said(&console, "DISK");
        ensure!(disks.len() == expected.len(), "{disks:?}");
        for ((iqn, portal, user, marker), disk) in expected.iter().zip(&disks) {
            let target = format!("target={iqn} portal={portal} lun=01000000 chap-user={user} ");
            ensure!(
                told.iter().any(|line| line.starts_with(&target)),
                "the iBFT lacks {target}: {told:?}"
            );
            let end = format!(" target={iqn} portal={portal} marker={marker}");
            ensure!(disk.ends_with(&end), "{disk} is not{end}");
        }
        is_pending_without_one(test, &machine, &locked.spec).await
    })
}

/// What is taken away stays until the next deployment.
async fn is_pending_without_one(
    test: &mut Scenario,
    machine: &Machine,
    kept: &Value,
) -> Result<()> {
    let host = test
        .host(
            &machine.name,
            "its data volumes are applied",
            DEPLOYMENT,
            |found| host::ensure_conditions(found, &[APPLIED]).is_ok(),
        )
        .await?;
    let before = Inventory::read(&test.ironic).await?.targets;
    ensure!(before.len() == 3, "{before:?}");
    test.change_spec(&machine.name, json!({ "dataVolumes": [kept] }))
        .await?;
    let pending = test
        .host(
            &machine.name,
            "its data volumes are pending",
            DEPLOYMENT,
            |found| host::ensure_conditions(found, &[PENDING]).is_ok(),
        )
        .await?;
    let generation = |host: &metal_api::v1alpha1::BareMetalHost| host.metadata.generation;
    ensure!(generation(&pending) > generation(&host));
    host::ensure_conditions(&pending, &[("Ready", "True", "Provisioned")])
        .context("it still runs")?;
    let after = Inventory::read(&test.ironic).await?.targets;
    let ids = |targets: &[ironic_types::VolumeTarget]| {
        targets.iter().map(|target| target.uuid).collect::<Vec<_>>()
    };
    ensure!(ids(&after) == ids(&before), "{after:?}");
    Ok(())
}
