//! Power in states whose plans don't lead here yet in every case.

use std::time::Duration;

use ironic_types::{Node, PowerState, ProvisionState};
use metal_api::v1alpha1::{BareMetalHost, ErrorType};
use rstest::rstest;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{follow_online, shut_down};
use crate::check::check;
use crate::leases::LeaseFacts;
use crate::observation::{IronicView, Observation, SecretFacts, Seen, Settings};

const ONE_SHOT: &str = "reboot.metal3.io";
const KEYED: &str = "reboot.metal3.io/key";
const HARD: &str = r#"{"mode": "hard"}"#;

/// A machine that something else deployed.
fn observed(power: PowerState, spec: &Value, annotations: &[(&str, &str)]) -> (Observation, Node) {
    let node = Node {
        provision_state: Some(ProvisionState::Active),
        power_state: Some(power),
        disable_power_off: Some(spec["disablePowerOff"] == true),
        ..Node::default()
    };
    let mut host: BareMetalHost = serde_json::from_value(json!({
        "apiVersion": "metal3.io/v1alpha1",
        "kind": "BareMetalHost",
        "metadata": {"name": "node-0", "namespace": "metal"},
        "spec": spec,
        "status": {
            "provisioning": {"state": "externally provisioned", "ID": ""},
            "errorCount": 0, "errorMessage": "", "operationalStatus": "OK", "poweredOn": true,
            "provisioningFailCount": 0,
        },
    }))
    .unwrap();
    let annotations = annotations.iter();
    let annotations = annotations.map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    host.metadata.annotations = Some(annotations.collect());
    let observation = Observation {
        host,
        hardware: None,
        bmc_credentials: SecretFacts::NotRead,
        iscsi_credentials: std::collections::BTreeMap::new(),
        rivals: Vec::new(),
        leases: LeaseFacts::NotRead,
        config_drive: crate::ConfigDriveFacts::NotRead,
        ironic: IronicView::Seen(Box::new(Seen {
            node: Some(node.clone()),
            ..Seen::default()
        })),
        settings: Settings {
            soft_power_off_timeout: Duration::from_mins(3),
            deploy_kernel: String::new(),
            deploy_ramdisk: String::new(),
            max_provisioning_retries: 5,
            provisioning_limit: 20,
            volume_lease_namespace: "ironboot-system".to_owned(),
        },
        now: "2026-11-22T12:00:00Z".parse().unwrap(),
        fresh_id: Uuid::nil(),
    };
    (observation, node)
}

#[rstest]
#[case(PowerState::On, true, &[], "rest")]
#[case(PowerState::Off, true, &[], "act: SetPower(power on)")]
#[case(PowerState::On, false, &[], "act: SetPower(soft power off)")]
#[case(PowerState::Off, false, &[], "rest")]
#[case(PowerState::On, true, &[(ONE_SHOT, "")], "act: SetPower(soft power off)")]
#[case(PowerState::On, true, &[(ONE_SHOT, HARD)], "act: SetPower(power off)")]
#[case(PowerState::Off, true, &[(ONE_SHOT, "")], "enter: off for the reboot")]
#[case(PowerState::On, true, &[(KEYED, "")], "act: SetPower(soft power off)")]
#[case(PowerState::Off, true, &[(KEYED, "")], "wait: kept off by reboot.metal3.io/key")]
fn an_externally_provisioned_machine(
    #[case] power: PowerState,
    #[case] online: bool,
    #[case] annotations: &[(&str, &str)],
    #[case] expected: &str,
) {
    let (observation, node) = observed(power, &json!({"online": online}), annotations);
    let plan = follow_online(&observation, &node);
    assert!(plan.to_string().starts_with(expected), "{plan}");
    assert_eq!(check(&observation, &plan), []);
}

#[rstest]
#[case(&[], "rest")]
#[case(&[(ONE_SHOT, "")], "act: SetPower(soft rebooting)")]
#[case(&[(ONE_SHOT, HARD)], "act: SetPower(rebooting)")]
#[case(&[(KEYED, HARD)], "wait: spec.disablePowerOff keeps the machine on: ")]
fn an_externally_provisioned_machine_that_must_stay_on(
    #[case] annotations: &[(&str, &str)],
    #[case] expected: &str,
) {
    let spec = json!({"online": true, "disablePowerOff": true});
    let (observation, node) = observed(PowerState::On, &spec, annotations);
    let plan = follow_online(&observation, &node);
    assert!(plan.to_string().starts_with(expected), "{plan}");
    assert_eq!(check(&observation, &plan), []);
}

#[test]
fn an_externally_provisioned_machine_is_switched_off_hard_after_a_power_failure() {
    let (mut observation, node) = observed(PowerState::On, &json!({"online": false}), &[]);
    let status = observation.host.status.as_mut().unwrap();
    status.error_count = 1;
    status.error_type = Some(ErrorType::PowerManagement);
    let plan = follow_online(&observation, &node);
    assert_eq!(plan.to_string(), "act: SetPower(power off)");
    assert_eq!(check(&observation, &plan), []);
}

#[test]
fn nothing_is_shut_down_that_must_stay_on_and_has_no_volume_of_ours() {
    let spec = json!({"online": true, "disablePowerOff": true});
    let (observation, node) = observed(PowerState::On, &spec, &[]);
    assert_eq!(shut_down(&observation, &node), None);
}
