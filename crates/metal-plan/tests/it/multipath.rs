//! A volume that is reached by several portals.

use ironic_types::{PowerState, ProvisionState as N};
use metal_api::v1alpha1::{BareMetalHost, IscsiTarget, ProvisioningState as S};
use rstest::rstest;
use serde_json::{Value, json};

use crate::fixtures::*;

fn with_portals(host: &mut BareMetalHost, portals: &[&str]) {
    let target = iscsi(host);
    target.portal = None;
    target.portals = portals.iter().map(|&portal| portal.to_owned()).collect();
}

fn recorded(host: BareMetalHost) -> IscsiTarget {
    let next = after(&observe(host).seeing(node(N::Available, PowerState::Off)));
    let volume = next.host.status.unwrap().provisioning.boot_volume;
    volume.unwrap().iscsi_target
}

#[rstest]
#[case(&["192.0.2.2:860", "storage"], json!({"portals": ["192.0.2.2:860", "storage:3260"]}))]
#[case(&["192.0.2.2"], json!({"portal": "192.0.2.2:3260"}))]
fn portals_are_recorded_in_their_order_with_their_ports_and_a_single_one_as_such(
    #[case] portals: &[&str],
    #[case] expected: Value,
) {
    let target = recorded(host(S::Available).with(|host| with_portals(host, portals)));
    let mut expected: IscsiTarget =
        from(json!({"iqn": TARGET, "authMethod": "CHAP"}).with(|target| {
            let target = target.as_object_mut().unwrap();
            target.extend(expected.as_object().unwrap().clone());
        }));
    expected.lun = 1;
    assert_eq!(target, expected);
    assert_eq!(
        target.all_portals().count(),
        portals.len(),
        "none is lost: {target:?}"
    );
}

#[test]
fn other_portals_change_nothing_on_a_host_that_is_deployed() {
    let host = host(S::Provisioned).with(|host| with_portals(host, &["192.0.2.2", "192.0.2.3"]));
    expect(
        &observe(host).seeing(deployed_node(N::Active, PowerState::On)),
        "rest",
    );
}

#[test]
fn other_portals_begin_with_another_intent_before_anything_is_deployed() {
    let host = host(S::Provisioning).with(|host| with_portals(host, &["192.0.2.2", "192.0.2.3"]));
    expect(
        &observe(host).seeing(node(N::Available, PowerState::Off)),
        "enter: deprovisioning",
    );
}
