//! Hosts in every state that lasts are deleted at once: nothing keeps any of them.

use std::time::Duration;

use anyhow::{Result, ensure};
use e2e::{DEPLOYMENT, Fake, Inventory, Scenario, Secrets, host, run, step};
use metal_api::names;
use metal_api::v1alpha1::{BareMetalHost, ErrorType, OperationalStatus, ProvisioningState};
use serde_json::{Value, json};

/// How long a machine gets to shut down: one whose BMC is dead takes a few times that.
const SHUTDOWN: Duration = Duration::from_secs(5);
/// A Secret that is deleted before the hosts are.
const SOON_GONE: &str = "soon-gone-bmc";
/// One with another password than the BMC's.
const WRONG: &str = "wrong-bmc";

#[test]
fn hosts_in_every_state_are_deleted_at_once_and_nothing_is_left() -> Result<()> {
    run("deletion-sweep", async |test| {
        let fakes = test.fakes(CASES.each_ref().map(|case| case.name)).await?;
        let password = fakes[0].bmc_password.as_str();
        for (secret, password) in [(SOON_GONE, password), (WRONG, &Secrets::fresh(20))] {
            let data = [("username", "admin"), ("password", password)];
            test.plant(secret, "Opaque", &data).await?;
        }
        let ironic = test.ironic_url.clone();
        test.start_operator_at(&ironic, SHUTDOWN).await?;
        for (case, fake) in CASES.iter().zip(&fakes) {
            test.create(&fake.host((case.fields)(fake))?).await?;
        }
        for case in &CASES {
            test.host(case.name, "it stays as it is", DEPLOYMENT, case.is_parked)
                .await?;
        }
        lose_secret(test, "secret-gone").await?;
        detach(test).await?;
        test.stack.cut_frail_bmc()?;
        let before = test.stack.power_actions()?;

        step("  delete   all at once");
        test.delete_hosts().await?;
        let left = Inventory::read(&test.ironic).await?;
        ensure!(left.is_empty(), "Ironic still has {left}");
        let actions = test.stack.power_actions()?.split_off(before.len());
        for (case, fake) in CASES.iter().zip(&fakes) {
            check_power(case, fake, &actions)?;
        }
        Ok(())
    })
}

async fn lose_secret(test: &mut Scenario, host: &str) -> Result<()> {
    test.cluster
        .delete_secret(&test.namespace, SOON_GONE)
        .await?;
    test.host(host, "it misses its Secret", DEPLOYMENT, |found| {
        host::error_type(found) == Some(ErrorType::Registration)
    })
    .await?;
    Ok(())
}

async fn detach(test: &mut Scenario) -> Result<()> {
    let detached = || CASES.iter().filter(|case| case.is_detached());
    for case in detached() {
        test.annotate(case.name, names::DETACHED_ANNOTATION, Some(""))
            .await?;
    }
    for case in detached() {
        test.host(case.name, "it is detached", DEPLOYMENT, |found| {
            host::operational_status(found) == OperationalStatus::Detached
        })
        .await?;
    }
    Ok(())
}

/// A machine that was ours is off, and no other was touched.
fn check_power(case: &Case, fake: &Fake, actions: &[String]) -> Result<()> {
    let own: Vec<_> = actions
        .iter()
        .filter_map(|action| action.strip_prefix(&fake.machine)?.strip_prefix(' '))
        .collect();
    if case.is_switched_off {
        ensure!(
            matches!(own.last(), Some(&"GracefulShutdown" | &"ForceOff")) && !own.contains(&"On"),
            "{} was not just switched off: {own:?}",
            case.name
        );
    } else {
        ensure!(own.is_empty(), "{} was touched: {own:?}", case.name);
    }
    Ok(())
}

/// A host, and how it is when it is deleted.
struct Case {
    name: &'static str,
    /// What its spec has beside its BMC and its MAC address.
    fields: fn(&Fake) -> Value,
    is_parked: fn(&BareMetalHost) -> bool,
    is_switched_off: bool,
}

impl Case {
    /// By the annotation, once it is parked.
    fn is_detached(&self) -> bool {
        self.name.starts_with("detached-")
    }
}

const CASES: [Case; 18] = [
    Case {
        name: "discovered",
        fields: |_| json!({ "bmc": null }),
        is_parked: |found| found.state() == ProvisioningState::Unmanaged,
        is_switched_off: false,
    },
    Case {
        name: "wrong-password",
        fields: |fake| json!({ "bmc": { "address": fake.address, "credentialsName": WRONG } }),
        is_parked: cannot_be_registered,
        is_switched_off: false,
    },
    Case {
        name: "no-secret",
        fields: |fake| json!({ "bmc": { "address": fake.address, "credentialsName": "nowhere" } }),
        is_parked: cannot_be_registered,
        is_switched_off: false,
    },
    Case {
        name: "unknown-driver",
        fields: |_| json!({ "bmc": { "address": "ipmi://172.22.0.1", "credentialsName": Fake::SECRET } }),
        is_parked: cannot_be_registered,
        is_switched_off: false,
    },
    Case {
        name: "dead-bmc",
        fields: |fake| {
            let address = fake.address.replace(":8001/", ":9/");
            json!({ "bmc": { "address": address, "credentialsName": Fake::SECRET } })
        },
        is_parked: cannot_be_registered,
        is_switched_off: false,
    },
    Case {
        name: "bmc-gone",
        fields: |fake| json!({ "bmc": fake.frail_bmc() }),
        is_parked: |found| found.state() == ProvisioningState::Available,
        is_switched_off: false,
    },
    Case {
        name: "bmc-gone-taken-over",
        fields: |fake| {
            json!({
                "bmc": fake.frail_bmc(),
                "externallyProvisioned": true,
                "online": true,
            })
        },
        is_parked: is_taken_over,
        is_switched_off: false,
    },
    Case {
        name: "bmc-gone-diskless",
        fields: |fake| {
            json!({
                "bmc": fake.frail_bmc(),
                "bootVolume": fake.boot_volume(),
                "online": true,
            })
        },
        is_parked: is_provisioned,
        is_switched_off: false,
    },
    Case {
        name: "free",
        fields: |_| json!({}),
        is_parked: |found| found.state() == ProvisioningState::Available,
        is_switched_off: false,
    },
    Case {
        name: "free-on",
        fields: |_| json!({ "online": true }),
        is_parked: |found| found.state() == ProvisioningState::Available && host::is_on(found),
        is_switched_off: true,
    },
    Case {
        name: "no-chap-secret",
        fields: |fake| {
            let mut volume = fake.boot_volume();
            volume["iscsiCredentialsName"] = json!("nowhere");
            json!({ "bootVolume": volume, "online": true })
        },
        is_parked: |found| {
            found.state() == ProvisioningState::Available
                && host::operational_status(found) == OperationalStatus::Error
        },
        is_switched_off: false,
    },
    Case {
        name: "taken-over",
        fields: |_| json!({ "externallyProvisioned": true, "online": true }),
        is_parked: is_taken_over,
        is_switched_off: true,
    },
    Case {
        name: "diskless",
        fields: |fake| json!({ "bootVolume": fake.boot_volume(), "online": true }),
        is_parked: is_provisioned,
        is_switched_off: true,
    },
    Case {
        name: "secret-gone",
        fields: |fake| {
            json!({
                "bmc": { "address": fake.address, "credentialsName": SOON_GONE },
                "bootVolume": fake.boot_volume(),
                "online": true,
            })
        },
        is_parked: is_provisioned,
        is_switched_off: true,
    },
    Case {
        name: "detached-free",
        fields: |_| json!({}),
        is_parked: |found| found.state() == ProvisioningState::Available,
        is_switched_off: false,
    },
    Case {
        name: "detached-taken-over",
        fields: |_| json!({ "externallyProvisioned": true, "online": true }),
        is_parked: is_taken_over,
        is_switched_off: false,
    },
    Case {
        name: "detached-diskless",
        fields: |fake| json!({ "bootVolume": fake.boot_volume(), "online": true }),
        is_parked: is_provisioned,
        is_switched_off: false,
    },
    Case {
        name: "not-implemented",
        fields: |_| {
            json!({
                "image": { "url": "http://172.22.0.1:8080/image.raw", "format": "raw", "checksum": "http://172.22.0.1:8080/image.raw.sha256sum", "checksumType": "sha256" },
                "online": true,
            })
        },
        is_parked: |found| host::operational_status(found) == OperationalStatus::Error,
        is_switched_off: false,
    },
];

fn cannot_be_registered(found: &BareMetalHost) -> bool {
    found.state() == ProvisioningState::Registering
        && host::error_type(found) == Some(ErrorType::Registration)
}

fn is_taken_over(found: &BareMetalHost) -> bool {
    found.state() == ProvisioningState::ExternallyProvisioned && host::is_on(found)
}

fn is_provisioned(found: &BareMetalHost) -> bool {
    found.state() == ProvisioningState::Provisioned && host::is_on(found)
}
