//! User data: the machine boots from its volume and reads what its Secrets say from a CD, and after the release there is no
//! CD any more.

use anyhow::{Context, Result, ensure};
use e2e::{DEPLOYMENT, Firmware, Inventory, Machine, RELEASE, Scenario, host, run};
use ironic_types::calls::GetVirtualMedia;
use metal_api::v1alpha1::ProvisioningState;
use serde_json::json;

const FILES: [&str; 4] = [
    "openstack/latest/meta_data.json",
    "openstack/latest/network_data.json",
    "openstack/latest/user_data",
    "openstack/latest/vendor_data.json",
];

#[test]
fn machines_of_either_firmware_read_their_user_data_from_a_cd_and_lose_it_with_the_release()
-> Result<()> {
    run("user-data", async |test| {
        test.start_operator().await?;
        let mut machines = Vec::new();
        for firmware in [Firmware::Bios, Firmware::Uefi] {
            let mut machine = test.prepare(firmware).await?;
            let name = machine.name.clone();
            test.plant_user_data(&user_data(&name), &first_line(&name))
                .await?;
            let links = [("networkData", r#"{"links": []}"#)];
            test.plant(&format!("{name}-network"), "Opaque", &links)
                .await?;
            let secret = |name: String| serde_json::from_value(json!({ "name": name }));
            let spec = &mut machine.host.spec;
            spec.user_data = secret(user_data(&name)).context("no reference")?;
            spec.network_data = secret(format!("{name}-network")).context("no reference")?;
            test.create(&machine.host).await?;
            machines.push(machine);
        }
        for machine in &machines {
            let name = &machine.name;
            let deployed = test
                .host_in(name, ProvisioningState::Provisioned, DEPLOYMENT)
                .await?;
            host::ensure_conditions(&deployed, &[("UserDataDelivered", "True", "Attached")])?;
            test.booted(machine).await?;
            let drive = test
                .config_drive(machine)?
                .context("the machine found no CD")?;
            ensure!(drive.user_data == first_line(name), "{drive:?}");
            let has_all = FILES
                .iter()
                .all(|file| drive.files.iter().any(|found| found.ends_with(file)));
            ensure!(has_all, "{drive:?}");
            ensure!(has_disc(test, machine).await?, "it was taken out");
        }
        for machine in &machines {
            let nothing = json!({ "bootVolume": null, "userData": null, "networkData": null });
            test.change_spec(&machine.name, nothing).await?;
        }
        for machine in &machines {
            test.host_in(&machine.name, ProvisioningState::Available, RELEASE)
                .await?;
            ensure!(!has_disc(test, machine).await?, "it was left in");
        }
        test.delete_hosts().await
    })
}

fn user_data(name: &str) -> String {
    format!("{name}-user-data")
}

fn first_line(name: &str) -> String {
    format!("#cloud-config of {name}")
}

/// What the machine's BMC says.
pub(crate) async fn has_disc(test: &Scenario, machine: &Machine) -> Result<bool> {
    let name = format!("{}~{}", test.namespace, machine.name);
    let inventory = Inventory::read(&test.ironic).await?;
    let nodes = inventory.nodes.iter();
    let mut nodes = nodes.filter(|node| node.name.as_ref() == Some(&name));
    let node = nodes.next().context("no node")?.uuid;
    let media = test
        .ironic
        .send(&GetVirtualMedia { node })
        .await
        .context("the BMC's virtual media can't be read")?;
    Ok(media.iter().any(|drive| drive.inserted))
}
