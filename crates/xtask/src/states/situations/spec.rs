//! What the spec asks for, and the Secrets that it names.

use anyhow::Result;
use metal_api::names;
use metal_api::v1alpha1::{InspectionMode, ProvisionOn};
use metal_plan::{Observation, SecretFacts};
use serde_json::json;

use super::{Situation, all, annotate, drawn, living, node};
use crate::states::example::{self, chap, chap_secret, from};

pub(super) const ALL: &[Situation] = &[
    drawn(living("`spec.bmc` is set", |seen| {
        if seen.host.spec.bmc.is_none() {
            let bmc = json!({"address": "redfish://192.0.2.1", "credentialsName": "node-0-bmc"});
            seen.host.spec.bmc = from(bmc)?;
        }
        Ok(())
    })),
    drawn(living("`spec.bmc` is not set", |seen| {
        seen.host.spec.bmc = None;
        Ok(())
    })),
    living("`spec.bmc.address` has changed", |seen| {
        if let Some(bmc) = &mut seen.host.spec.bmc {
            bmc.address = bmc.address.replace("192.0.2.1", "192.0.2.2");
        }
        Ok(())
    }),
    all("the BMC's Secret is missing", |seen| {
        seen.bmc_credentials = SecretFacts::Missing;
        Ok(())
    }),
    living("the BMC's Secret lacks a key", |seen| {
        seen.bmc_credentials = lacks_password();
        Ok(())
    }),
    all("the BMC's Secret has changed", |seen| {
        let version = "8".to_owned();
        seen.bmc_credentials = SecretFacts::Usable { version };
        Ok(())
    }),
    drawn(living("`spec.inspectionMode` is not `disabled`", |seen| {
        seen.host.spec.inspection_mode = Some(InspectionMode::Agent);
        Ok(())
    })),
    drawn(living("`spec.externallyProvisioned` is true", |seen| {
        seen.host.spec.externally_provisioned = Some(true);
        let status = seen.host.status.as_ref();
        if status.is_none_or(|status| status.provisioning.boot_volume.is_none()) {
            seen.host.spec.boot_volume = None;
        }
        Ok(())
    })),
    living(
        "`spec.externallyProvisioned` is true beside `spec.bootVolume`",
        |seen| {
            seen.host.spec.externally_provisioned = Some(true);
            seen.host.spec.boot_volume = Some(example::volume()?);
            Ok(())
        },
    ),
    drawn(living("`spec.externallyProvisioned` is not true", |seen| {
        seen.host.spec.externally_provisioned = None;
        Ok(())
    })),
    living("`spec.online` is false", |seen| {
        seen.host.spec.online = false;
        Ok(())
    }),
    all("`spec.disablePowerOff` is true", |seen| {
        disable_power_off(seen);
        Ok(())
    }),
    living(
        "`spec.disablePowerOff` is true and `spec.online` is false",
        |seen| {
            disable_power_off(seen);
            seen.host.spec.online = false;
            Ok(())
        },
    ),
    living("`spec.raid` is set", |seen| {
        seen.host.spec.raid = from(json!({}))?;
        Ok(())
    }),
    drawn(living("`spec.bootVolume` is set", |seen| {
        seen.host.spec.boot_volume = Some(example::volume()?);
        Ok(())
    })),
    drawn(living("`spec.bootVolume` is not set", |seen| {
        seen.host.spec.boot_volume = None;
        Ok(())
    })),
    living("`spec.bootVolume` names another volume", |seen| {
        let mut other = example::volume()?;
        "vol-2".clone_into(&mut other.volume_id);
        seen.host.spec.boot_volume = Some(other);
        Ok(())
    }),
    living(
        "`spec.bootVolume` is set without `spec.bootMACAddress`",
        |seen| {
            seen.host.spec.boot_volume = Some(example::volume()?);
            seen.host.spec.boot_mac_address = None;
            Ok(())
        },
    ),
    living("`spec.bootVolume` and `spec.image` are set", |seen| {
        seen.host.spec.boot_volume = Some(example::volume()?);
        seen.host.spec.image = from(json!({"url": "http://images.example.org/disk.qcow2"}))?;
        Ok(())
    }),
    drawn(living(
        "`spec.bootVolume.provisionOn` is `Claim`, and `spec.customDeploy` is not set",
        wait_for_claims,
    )),
    living(
        "`spec.bootVolume.provisionOn` is `Claim`, and `spec.customDeploy.method` is `boot-volume`",
        |seen| {
            wait_for_claims(seen)?;
            claim(seen)
        },
    ),
    living(
        "`spec.customDeploy.method` is `boot-volume`, and `spec.bootVolume` is not set",
        |seen| {
            seen.host.spec.boot_volume = None;
            claim(seen)
        },
    ),
    living("the volume's Secret is missing", |seen| {
        seen.iscsi_credentials = chap_secret(SecretFacts::Missing);
        Ok(())
    }),
    living(
        "the volume's Secret has neither the type nor the label",
        |seen| {
            seen.iscsi_credentials = chap_secret(SecretFacts::NotOptedIn);
            Ok(())
        },
    ),
    living("the volume's Secret lacks a key", |seen| {
        seen.iscsi_credentials = chap_secret(lacks_password());
        Ok(())
    }),
    living(
        "the credentials in the volume's Secret have changed",
        |seen| {
            seen.iscsi_credentials = chap_secret(chap("8"));
            Ok(())
        },
    ),
    drawn(living(
        "the credentials in the volume's Secret have changed, and the annotation `ironboot.io/redeploy` has a new value",
        |seen| {
            seen.iscsi_credentials = chap_secret(chap("8"));
            annotate(seen, names::REDEPLOY_ANNOTATION, "1");
            Ok(())
        },
    )),
    living(
        "the annotation `ironboot.io/redeploy` has a new value, and nothing is outdated or pending",
        |seen| {
            annotate(seen, names::REDEPLOY_ANNOTATION, "1");
            Ok(())
        },
    ),
];

/// With the record of a deployment for a claim where there is one.
fn wait_for_claims(seen: &mut Observation) -> Result<()> {
    let mut volume = example::volume()?;
    volume.provision_on = ProvisionOn::Claim;
    seen.host.spec.boot_volume = Some(volume);
    let status = seen.host.status.as_mut();
    if let Some(record) = status.and_then(|status| status.provisioning.boot_volume.as_mut()) {
        record.provision_on = ProvisionOn::Claim;
    }
    Ok(())
}

fn claim(seen: &mut Observation) -> Result<()> {
    seen.host.spec.custom_deploy = from(json!({"method": names::BOOT_VOLUME_METHOD}))?;
    Ok(())
}

fn disable_power_off(seen: &mut Observation) {
    seen.host.spec.disable_power_off = Some(true);
    if let Some(node) = node(seen) {
        node.disable_power_off = Some(true);
    }
}

fn lacks_password() -> SecretFacts {
    SecretFacts::Invalid {
        problem: "key password is missing".to_owned(),
    }
}
