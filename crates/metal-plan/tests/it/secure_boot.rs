//! `bootMode: UEFISecureBoot`: Ironic switches it at the deployment, and back at the undeployment.

use ironic_types::{Node, Patch, PowerState, ProvisionState as N};
use metal_api::v1alpha1::{BareMetalHost, BootMode, ProvisioningState as S};
use metal_plan::{Effect, Observation, Step, has_drifted};
use rstest::rstest;
use serde_json::{Value, json};

use crate::fixtures::*;

const OF_INSTANCE: &str = "/instance_info/capabilities";
const CAPABILITIES: &str = "boot_mode:uefi,secure_boot:true,iscsi_boot:true";

fn secure(state: S) -> BareMetalHost {
    host(state).with(|host| {
        host.spec.boot_mode = Some(BootMode::UefiSecureBoot);
        let provisioning = &mut host.status.as_mut().unwrap().provisioning;
        provisioning.boot_mode = host.spec.boot_mode;
    })
}

/// A node that is as the deployment left it, but for what it has of its instance, and the firmware's word.
fn secure_node(state: N, capabilities: &Value, is_on: Option<bool>) -> Node {
    deployed_node(state, PowerState::Off).with(|node| {
        node.properties = from(json!({ "capabilities": CAPABILITIES }));
        if !capabilities.is_null() {
            node.instance_info = from(json!({ "capabilities": capabilities }));
        }
        node.secure_boot = is_on;
    })
}

fn patch(observation: &Observation) -> Patch {
    let plan = planned(observation);
    let Step::Act(effects) = &plan.step else {
        panic!("nothing is done: {plan}");
    };
    let mut patches = effects.iter().filter_map(|effect| match effect {
        Effect::UpdateNode { patch, .. } => Some(patch.clone()),
        _ => None,
    });
    patches.next().unwrap_or_default()
}

#[test]
fn a_deployment_asks_for_it_and_a_boot_mode_without_it_takes_it_back() {
    let with_volume = |host, node| {
        observe(host).seeing(node).with(|observation| {
            observation.seen().connectors = vec![connector(INITIATOR)];
            observation.seen().targets = vec![target(NODE, DEPLOYMENT, "7")];
        })
    };
    let bios = deployed_node(N::Available, PowerState::Off);
    let secure_boot = json!({ "secure_boot": "true" });
    let in_both = Patch::new()
        .add(
            "/properties/capabilities",
            "boot_mode:uefi,iscsi_boot:true,secure_boot:true",
        )
        .add(OF_INSTANCE, secure_boot.clone());
    assert_eq!(patch(&with_volume(secure(S::Provisioning), bios)), in_both);
    let asked = patch(&with_volume(
        secure(S::Provisioning),
        secure_node(N::Available, &Value::Null, Some(false)),
    ));
    assert_eq!(asked, Patch::new().add(OF_INSTANCE, secure_boot.clone()));

    let other = secure(S::Provisioning).with(|host| {
        host.spec.boot_mode = Some(BootMode::Uefi);
        host.status.as_mut().unwrap().provisioning.boot_mode = Some(BootMode::Uefi);
    });
    let left = secure_node(N::Available, &secure_boot, Some(false));
    let expected = Patch::new()
        .add("/properties/capabilities", "boot_mode:uefi,iscsi_boot:true")
        .remove(OF_INSTANCE);
    assert_eq!(patch(&with_volume(other, left)), expected);
}

/// Ironic would reboot the machine, which runs.
#[rstest]
#[case::on(Some(true), true)]
#[case::off(Some(false), false)]
#[case::unknown(None, false)]
fn an_adoption_asks_for_it_only_where_it_is_on(#[case] is_on: Option<bool>, #[case] asks: bool) {
    let node = secure_node(N::Manageable, &Value::Null, is_on);
    let observation = observe(secure(S::Provisioned)).seeing(node);
    let expected = if asks {
        Patch::new().add(OF_INSTANCE, json!({ "secure_boot": "true" }))
    } else {
        Patch::new()
    };
    assert_eq!(patch(&observation), expected);
}

#[rstest]
#[case::lost(
    BootMode::UefiSecureBoot,
    Value::Null,
    Some(true),
    "act: UpdateNode(/instance_info/capabilities)"
)]
#[case::lost_and_off(BootMode::UefiSecureBoot, Value::Null, Some(false), "rest")]
#[case::there(BootMode::UefiSecureBoot, json!({"secure_boot": "true"}), Some(true), "rest")]
#[case::for_the_next_deployment(BootMode::Uefi, json!({"secure_boot": "true"}), Some(true), "rest")]
fn a_running_machine_keeps_what_it_was_deployed_with(
    #[case] wanted: BootMode,
    #[case] capabilities: Value,
    #[case] is_on: Option<bool>,
    #[case] expected: &str,
) {
    let node = secure_node(N::Active, &capabilities, is_on)
        .with(|node| node.power_state = Some(PowerState::On));
    let host = secure(S::Provisioned).with(|host| host.spec.boot_mode = Some(wanted));
    let observation = observe(host).seeing(node).with(|seen| {
        let seen = seen.seen();
        seen.ports = vec![port(true)];
        seen.connectors = vec![connector(INITIATOR)];
        seen.targets = vec![target(NODE, DEPLOYMENT, "7")];
        seen.knows_belongings = true;
    });
    assert!(!has_drifted(&observation.host, observation.clone().seen()));
    expect(&observation, expected);
}

/// An undeployment clears it; an attempt that ended before is undone.
#[test]
fn a_release_leaves_nothing_of_it_behind() {
    let node = secure_node(N::Available, &json!({"secure_boot": "true"}), Some(false));
    let released = secure(S::Deprovisioning).with(without_volume);
    let undone = patch(&observe(released).seeing(node));
    assert!(undone.paths().any(|path| path == OF_INSTANCE), "{undone:?}");
}

#[test]
fn a_node_is_made_with_it() {
    let registering = host(S::Registering).with(|host| {
        host.spec.boot_mode = Some(BootMode::UefiSecureBoot);
    });
    let Step::Act(effects) = planned(&observe(registering)).step else {
        panic!("nothing is done");
    };
    let Effect::CreateNode { node, .. } = &effects[0] else {
        panic!("{}", effects[0]);
    };
    assert_eq!(node.capabilities, "boot_mode:uefi,secure_boot:true");
}

#[rstest]
#[case("ipmi://192.0.2.1")]
#[case("libvirt://192.0.2.1")]
fn a_bmc_that_cannot_switch_it_is_told(#[case] address: &str) {
    let registering = secure(S::Registering)
        .with(|host| host.spec.bmc.as_mut().unwrap().address = address.into());
    expect_start(
        &observe(registering),
        "wait: spec.bootMode: UEFISecureBoot can't be switched by a BMC with the scheme ",
    );
}

/// What is recorded of the mode is what the machine is deployed in.
#[rstest]
#[case::before_ironic_begins(S::Provisioning, N::Available, "enter: deprovisioning")]
#[case::once_it_runs(S::Provisioned, N::Active, "rest")]
fn another_boot_mode_begins_with_another_intent(
    #[case] state: S,
    #[case] node: N,
    #[case] expected: &str,
) {
    let changed = secure(state).with(|host| {
        host.spec.boot_mode = Some(BootMode::Uefi);
        host.spec.online = false;
    });
    expect(
        &observe(changed).seeing(secure_node(node, &Value::Null, None)),
        expected,
    );
}
