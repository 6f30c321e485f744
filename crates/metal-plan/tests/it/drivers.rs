//! The driver and the interfaces that a node gets, keeps, or is given when the BMC's kind changes.

use ironic_types::{Node, PowerState, ProvisionState};
use metal_api::v1alpha1::{BareMetalHost, ProvisioningState as S};
use metal_plan::{Effect, InterfaceKind, NodeBlueprint, Observation, Step, needs};
use rstest::rstest;

use crate::fixtures::{
    Seeing, With, abilities, deleted, deployed_node, expect, expect_start, from, host, node,
    observe, planned, without_volume,
};

fn at(address: &str, state: S) -> BareMetalHost {
    host(state).with(|host| host.spec.bmc.as_mut().unwrap().address = address.into())
}

fn local(address: &str, state: S) -> BareMetalHost {
    at(address, state).with(without_volume)
}

/// Seen with the abilities of the driver that the scheme needs.
fn observed(host: BareMetalHost, driver: &str) -> Observation {
    observe(host).with(|observation| observation.seen().abilities = Some(abilities(driver)))
}

#[track_caller]
fn created(observation: &Observation) -> NodeBlueprint {
    let plan = planned(observation);
    let Step::Act(effects) = &plan.step else {
        panic!("{plan}");
    };
    let [Effect::CreateNode { node, .. }] = effects.as_slice() else {
        panic!("{plan}");
    };
    NodeBlueprint::clone(node)
}

#[rstest]
#[case("ipmi", "ipmi", "ipxe")]
#[case("libvirt", "ipmi", "ipxe")]
#[case("redfish", "redfish", "ipxe")]
#[case("ilo5-redfish", "redfish", "ipxe")]
#[case("idrac-redfish", "idrac", "ipxe")]
#[case("redfish-virtualmedia", "redfish", "redfish-virtual-media")]
#[case("ilo5-virtualmedia", "redfish", "redfish-virtual-media")]
#[case("idrac-virtualmedia", "idrac", "idrac-redfish-virtual-media")]
#[case("redfish-uefihttp", "redfish", "redfish-https")]
fn a_node_is_made_with_the_interfaces_of_its_bmc_and_boots_by_ipxe_from_a_volume(
    #[case] scheme: &str,
    #[case] driver: &str,
    #[case] boot: &'static str,
) {
    let address = format!("{scheme}://192.0.2.1");
    let made = created(&observed(local(&address, S::Registering), driver)).driver;
    assert_eq!(made.bmc.driver(), driver);
    assert_eq!(made.interfaces, made.bmc.interfaces());
    assert_eq!(made.interfaces.boot, Some(boot));

    let booting = created(&observed(at(&address, S::Registering), driver)).driver;
    assert_eq!(booting.interfaces, made.interfaces.booting_by("ipxe"));
}

#[test]
fn what_a_deployment_does_without_is_left_to_an_ironic_that_has_it_not_enabled() {
    let plain = abilities("idrac").with(|abilities| {
        abilities.bios_interfaces = vec!["no-bios".into()];
        abilities.firmware_interfaces = vec!["no-firmware".into()];
        abilities.raid_interfaces = vec!["no-raid".into()];
        abilities.vendor_interfaces = vec!["no-vendor".into()];
    });
    let host = local("idrac-redfish://192.0.2.1", S::Registering);
    let observation =
        observed(host, "idrac").with(|observation| observation.seen().abilities = Some(plain));
    let interfaces = created(&observation).driver.interfaces;
    for kind in InterfaceKind::ALL {
        let expected = match kind {
            InterfaceKind::Boot => Some("ipxe"),
            InterfaceKind::Management | InterfaceKind::Power => Some("idrac-redfish"),
            InterfaceKind::Bios
            | InterfaceKind::Firmware
            | InterfaceKind::Raid
            | InterfaceKind::Vendor => None,
        };
        assert_eq!(interfaces.get(kind), expected, "{kind:?}");
    }
}

#[track_caller]
fn refused(observation: &Observation, words: &[&str]) {
    let plan = planned(observation);
    let Step::Wait(_) = plan.step else {
        panic!("{plan}");
    };
    let plan = plan.to_string();
    for word in words {
        assert!(plan.contains(word), "{word}: {plan}");
    }
}

#[rstest]
#[case("redfish-virtualmedia", "redfish", "boot", "redfish-virtual-media")]
#[case("redfish-uefihttp", "redfish", "boot", "redfish-https")]
#[case("idrac-virtualmedia", "idrac", "boot", "idrac-redfish-virtual-media")]
#[case("idrac-redfish", "idrac", "management", "idrac-redfish")]
#[case("idrac-redfish", "idrac", "power", "idrac-redfish")]
#[case("ipmi", "ipmi", "boot", "ipxe")]
fn an_interface_that_must_be_and_that_ironic_lacks_is_told_by_its_setting(
    #[case] scheme: &str,
    #[case] driver: &str,
    #[case] kind: &str,
    #[case] interface: &str,
) {
    let host = local(&format!("{scheme}://192.0.2.1"), S::Registering);
    let observation = observed(host, driver).with(|observation| {
        let abilities = observation.seen().abilities.as_mut().unwrap();
        match kind {
            "boot" => abilities.boot_interfaces.retain(|name| name != interface),
            "management" => abilities.management_interfaces.clear(),
            _ => abilities.power_interfaces.clear(),
        }
    });
    let setting = format!("enabled_{kind}_interfaces in ironic.conf");
    refused(
        &observation,
        &["spec.bmc.address", scheme, interface, &setting],
    );
}

#[rstest]
#[case("ipmi://192.0.2.1", "ipmi")]
#[case("idrac-redfish://192.0.2.1", "idrac")]
#[case("redfish://192.0.2.1", "redfish")]
fn a_driver_that_ironic_lacks_is_told_by_its_setting(#[case] address: &str, #[case] driver: &str) {
    for host in [at(address, S::Registering), local(address, S::Registering)] {
        let observation = observe(host).with(|observation| {
            observation.seen().abilities = Some(metal_plan::Abilities::none(driver));
        });
        let words = [
            "spec.bmc.address",
            driver,
            "enabled_hardware_types in ironic.conf",
        ];
        refused(&observation, &words);
    }
}

#[test]
fn a_virtual_bmc_needs_the_mac_address() {
    let host =
        local("libvirt://192.0.2.1", S::Registering).with(|host| host.spec.boot_mac_address = None);
    refused(&observed(host, "ipmi"), &["spec.bootMACAddress", "libvirt"]);
    let host = local("ipmi://192.0.2.1", S::Registering).with(|host| {
        host.spec.boot_mac_address = None;
        host.spec.inspection_mode = None;
    });
    expect(&observed(host, "ipmi"), "act: CreateNode(metal~node-0)");
}

const ADDRESS: &str = "192.0.2.1:8000/redfish/v1/Systems/1";

/// A node of plain Redfish whose address is the host's, whatever its scheme.
fn redfish_node(state: ProvisionState) -> Node {
    node(state, PowerState::Off)
}

/// The settings of the only effect, or of the first, in words.
#[track_caller]
fn expect_settings(observation: &Observation, expected: &str) {
    expect_start(observation, &format!("act: SetDriverInfo({expected})"));
}

#[rstest]
#[case(ProvisionState::Enroll)]
#[case(ProvisionState::Manageable)]
#[case(ProvisionState::Available)]
fn another_way_to_boot_reaches_a_node_that_can_be_changed(#[case] state: ProvisionState) {
    let host = local(
        &format!("redfish-virtualmedia+http://{ADDRESS}"),
        S::Registering,
    );
    let observation = observed(host, "redfish").seeing(redfish_node(state));
    expect_settings(&observation, "/boot_interface");
}

#[test]
fn another_driver_takes_its_interfaces_along_and_leaves_none_of_the_old_ones_behind() {
    let host = local("ipmi://192.0.2.1", S::Registering);
    let observation = observed(host, "ipmi").seeing(redfish_node(ProvisionState::Manageable));
    expect_settings(
        &observation,
        "/driver,/bios_interface,/firmware_interface,/management_interface,/power_interface,\
         /raid_interface,/vendor_interface,/console_interface,/inspect_interface",
    );
    let plan = planned(&observation);
    let Step::Act(effects) = &plan.step else {
        panic!("{plan}");
    };
    let Effect::SetDriverInfo { settings, .. } = &effects[0] else {
        panic!("{plan}");
    };
    let operations = serde_json::to_value(settings).unwrap();
    let of = |path: &str| {
        operations
            .as_array()
            .unwrap()
            .iter()
            .find(|operation| operation["path"] == path)
            .unwrap()
    };
    assert_eq!(of("/driver")["value"], "ipmi");
    assert_eq!(of("/raid_interface")["value"], "no-raid");
    for left in ["bios", "firmware", "management", "power", "vendor"] {
        assert_eq!(of(&format!("/{left}_interface"))["op"], "remove");
    }
}

#[test]
fn a_node_with_the_interfaces_of_its_bmc_is_left_as_it_is() {
    let host = local(
        &format!("idrac-virtualmedia+http://{ADDRESS}"),
        S::Registering,
    );
    let as_wanted = redfish_node(ProvisionState::Manageable).with(|node| {
        node.driver = Some("idrac".into());
        node.boot_interface = Some("idrac-redfish-virtual-media".into());
        for interface in [
            &mut node.bios_interface,
            &mut node.management_interface,
            &mut node.power_interface,
            &mut node.raid_interface,
            &mut node.vendor_interface,
        ] {
            *interface = Some("idrac-redfish".into());
        }
    });
    let observation = observed(host, "idrac").seeing(as_wanted).with(tried);
    let plan = planned(&observation).to_string();
    assert!(!plan.contains("SetDriverInfo"), "{plan}");
}

/// The Secret is the one that was tried.
fn tried(observation: &mut Observation) {
    observation.host.status.as_mut().unwrap().tried_credentials =
        Some(from(serde_json::json!({"credentialsVersion": "7"})));
}

#[test]
fn interfaces_that_a_deployment_does_without_are_compared_only_where_it_is_known_what_ironic_has() {
    let other = redfish_node(ProvisionState::Available)
        .with(|node| node.firmware_interface = Some("no-firmware".into()));
    let host = local(&format!("redfish+http://{ADDRESS}"), S::Available);
    assert!(!needs(&host, Some(&other)).abilities);
    let observation = observe(host)
        .seeing(other)
        .with(|observation| observation.seen().abilities = None);
    let plan = planned(&observation).to_string();
    assert!(!plan.contains("SetDriverInfo"), "{plan}");
}

#[rstest]
#[case("redfish+http", false)]
#[case("redfish-virtualmedia+http", true)]
#[case("idrac-redfish+http", true)]
fn what_ironic_has_enabled_is_asked_for_when_the_driver_is_to_change(
    #[case] scheme: &str,
    #[case] asked: bool,
) {
    let host = local(&format!("{scheme}://{ADDRESS}"), S::Available);
    let node = redfish_node(ProvisionState::Available);
    assert_eq!(needs(&host, Some(&node)).abilities, asked);
    assert!(needs(&host, None).abilities);
}

#[rstest]
#[case("redfish-virtualmedia+http")]
#[case("idrac-redfish+http")]
fn a_node_in_use_keeps_its_driver_until_it_is_released(#[case] scheme: &str) {
    let host = at(&format!("{scheme}://{ADDRESS}"), S::Provisioned);
    let observation = observe(host)
        .seeing(deployed_node(ProvisionState::Active, PowerState::On))
        .with(tried);
    let plan = planned(&observation).to_string();
    assert!(!plan.contains("SetDriverInfo"), "{plan}");
}

#[test]
fn a_node_in_use_that_the_new_protocol_cannot_reach_keeps_the_old_way_and_says_so() {
    let host = at("ipmi://192.0.2.1", S::Provisioned);
    let running = deployed_node(ProvisionState::Active, PowerState::On);
    let observation = observed(host.clone(), "ipmi").seeing(running.clone());
    refused(
        &observation,
        &[
            "spec.bmc.address",
            "from redfish",
            "baremetalhost.metal3.io/detached",
        ],
    );
    let observation = observed(host.with(deleted), "ipmi").seeing(running);
    let plan = planned(&observation).to_string();
    assert!(!plan.contains("spec.bmc.address"), "it goes on: {plan}");
}

#[test]
fn a_volume_that_is_still_to_be_released_keeps_its_way_to_boot() {
    let address = format!("redfish-virtualmedia+http://{ADDRESS}");
    let host = at(&address, S::Deprovisioning).with(without_volume);
    let observation =
        observed(host, "redfish").seeing(deployed_node(ProvisionState::Available, PowerState::Off));
    let plan = planned(&observation).to_string();
    assert!(!plan.contains("/boot_interface"), "{plan}");
}
