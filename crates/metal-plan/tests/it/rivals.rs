//! Hosts that claim the same machine.

use ironic_types::{PowerState, ProvisionState};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
use metal_api::v1alpha1::{BareMetalHost, ErrorType, ProvisioningState as S};
use metal_plan::{Claim, Observation, Rival, claims};
use rstest::rstest;

use crate::fixtures::*;

const REGISTERS: &str = "act: CreateNode(metal~node-0)";

/// A host without a node yet, created a minute ago.
fn registering() -> Observation {
    observe(host(S::Registering).with(|host| {
        host.metadata.creation_timestamp = Some(ago(60));
        host.status.as_mut().unwrap().provisioning.id = String::new();
    }))
}

/// Another host with the same BMC, created at the same time.
fn rival(observation: &Observation) -> Rival {
    Rival {
        claim: claims(&observation.host)[0].clone(),
        namespace: "metal".into(),
        name: "node-1".into(),
        created_at: Some(ago(60).0),
        has_node: false,
        is_deployed: false,
    }
}

fn beside(change: impl FnOnce(&mut Rival)) -> Observation {
    let observation = registering();
    let rival = rival(&observation).with(change);
    observation.with(|observation| observation.rivals = vec![rival])
}

#[rstest]
#[case::older(|rival: &mut Rival| rival.created_at = Some(ago(61).0), true)]
#[case::younger(|rival: &mut Rival| rival.created_at = Some(ago(59).0), false)]
#[case::as_old_with_a_later_name(|_: &mut Rival| {}, false)]
#[case::as_old_with_an_earlier_name(|rival: &mut Rival| rival.name = "node".into(), true)]
#[case::as_old_in_an_earlier_namespace(|rival: &mut Rival| rival.namespace = "a".into(), false)]
#[case::as_old_in_a_later_namespace(|rival: &mut Rival| rival.namespace = "z".into(), false)]
#[case::younger_and_registered_already(|rival: &mut Rival| {
    rival.created_at = Some(ago(1).0);
    rival.has_node = true;
}, true)]
#[case::younger_and_deployed(|rival: &mut Rival| {
    rival.created_at = Some(ago(1).0);
    rival.is_deployed = true;
}, true)]
#[case::older_and_deployed_in_another_namespace(|rival: &mut Rival| {
    rival.created_at = Some(ago(61).0);
    rival.namespace = "a".into();
    rival.is_deployed = true;
}, false)]
#[case::of_another_machine(|rival: &mut Rival| {
    rival.created_at = Some(ago(61).0);
    rival.claim = Claim::BootMac("52:54:00:00:00:00".into());
}, false)]
fn only_the_first_of_two_hosts_with_one_bmc_is_registered(
    #[case] change: fn(&mut Rival),
    #[case] is_blocked: bool,
) {
    let observation = beside(change);
    if is_blocked {
        expect_start(&observation, "wait: spec.bmc.address: ");
    } else {
        expect(&observation, REGISTERS);
    }
}

/// Ironic lost its node, and its machine may run.
#[rstest]
#[case(S::Provisioned)]
#[case(S::Provisioning)]
#[case(S::Deprovisioning)]
#[case(S::ExternallyProvisioned)]
fn a_deployed_host_gets_its_node_back_before_an_older_one(#[case] state: S) {
    let host = host(state).with(|host| {
        host.metadata.creation_timestamp = Some(ago(60));
        host.spec.externally_provisioned = Some(state == S::ExternallyProvisioned);
    });
    let alone = observe(host);
    let rival = rival(&alone).with(|rival| rival.created_at = Some(ago(61).0));
    let beside = alone
        .clone()
        .with(|observation| observation.rivals = vec![rival]);
    assert_eq!(planned(&beside), planned(&alone));
    let registered = beside.with(|observation| observation.rivals[0].has_node = true);
    expect_start(&registered, "wait: spec.bmc.address: ");
}

#[test]
fn the_message_names_field_and_host_and_what_to_do() {
    let mut observation = beside(|rival| rival.created_at = Some(ago(61).0));
    let message = |observation: &Observation| {
        let status = after(observation).host.status.unwrap();
        assert_eq!(status.error_type, Some(ErrorType::Registration));
        status.error_message
    };
    assert_eq!(
        message(&observation),
        "spec.bmc.address: host node-1 has the same BMC; a machine belongs to one host: correct it, or delete one of the two hosts"
    );
    observation.rivals[0].claim = claims(&observation.host)[1].clone();
    assert!(
        message(&observation)
            .starts_with("spec.bootMACAddress: host node-1 has the same MAC address; ")
    );
}

#[test]
fn a_host_of_another_namespace_is_not_named() {
    let observation = beside(|rival| {
        rival.namespace = "a-secret-project".into();
        rival.has_node = true;
    });
    let status = after(&observation).host.status.unwrap();
    let shown = serde_json::to_string(&status).unwrap();
    assert!(shown.contains("spec.bmc.address: a host in another namespace has the same BMC"));
    assert!(!shown.contains("a-secret-project") && !shown.contains("node-1"));
}

#[test]
fn the_first_of_several_decides() {
    let mut observation = beside(|rival| rival.created_at = Some(ago(59).0));
    let older = rival(&observation).with(|rival| {
        rival.name = "node-2".into();
        rival.created_at = Some(ago(100).0);
    });
    observation.rivals.push(older);
    expect_start(&observation, "wait: spec.bmc.address: host node-2 ");
}

#[test]
fn a_node_that_is_not_recorded_yet_counts() {
    let observation = beside(|rival| rival.has_node = true);
    expect_start(&observation, "wait: spec.bmc.address: ");
    let seeing = observation.seeing(node(ProvisionState::Enroll, PowerState::Off));
    expect_start(&seeing, "act: ");
}

#[test]
fn a_rival_keeps_nobody_from_being_deleted() {
    let observation =
        beside(|rival| rival.has_node = true).with(|observation| deleted(&mut observation.host));
    expect(&observation, "enter: deleting");
}

#[rstest]
#[case(
    S::Available,
    ProvisionState::Available,
    "enter: provisioning from vol-1"
)]
#[case(S::Provisioned, ProvisionState::Active, "rest")]
fn a_registered_host_goes_on(
    #[case] state: S,
    #[case] node_state: ProvisionState,
    #[case] expected: &str,
) {
    let mut observation = observe(host(state)).seeing(deployed_node(node_state, PowerState::On));
    let older = rival(&observation).with(|rival| rival.has_node = true);
    observation.rivals = vec![older];
    expect(&observation, expected);
}

#[rstest]
#[case(
    "redfish://BMC.example/redfish/v1/Systems/1/",
    "52:54:00:E2:E0:01",
    true
)]
#[case(
    "redfish-virtualmedia+https://bmc.example:443",
    "52:54:00:e2:e0:01",
    true
)]
#[case(
    "redfish://bmc.example/redfish/v1/Systems/2",
    "52:54:00:e2:e0:02",
    false
)]
fn claims_are_compared_by_what_they_mean(
    #[case] address: &str,
    #[case] mac: &str,
    #[case] is_same: bool,
) {
    let claims_of = |address: &str, mac: &str| {
        claims(&host(S::None).with(|host| {
            host.spec.bmc.as_mut().unwrap().address = address.into();
            host.spec.boot_mac_address = Some(mac.into());
        }))
    };
    let one = claims_of(
        "redfish://bmc.example/redfish/v1/Systems/1",
        "52:54:00:e2:e0:01",
    );
    let other = claims_of(address, mac);
    assert_eq!(one.len(), 2);
    for (one, other) in one.iter().zip(&other) {
        assert_eq!(one.is_same(other), is_same, "{one:?} {other:?}");
    }
    assert!(!one[0].is_same(&other[1]) && !one[1].is_same(&other[0]));
}

#[test]
fn a_host_whose_address_cannot_be_read_claims_its_mac_address() {
    let host =
        host(S::None).with(|host| host.spec.bmc.as_mut().unwrap().address = "foo://a".into());
    assert_eq!(claims(&host), [Claim::BootMac("52:54:00:e2:e0:01".into())]);
}

#[rstest]
#[case::without_a_bmc(|host: &mut BareMetalHost| host.spec.bmc = None)]
#[case::without_an_address(|host: &mut BareMetalHost| host.spec.bmc.as_mut().unwrap().address = String::new())]
#[case::moved_away(|host: &mut BareMetalHost| {
    host.metadata.annotations = Some([("clusterctl.cluster.x-k8s.io/delete-for-move".to_owned(), String::new())].into());
})]
fn a_host_that_is_not_managed_claims_nothing(#[case] change: fn(&mut BareMetalHost)) {
    assert_eq!(claims(&host(S::None).with(change)), []);
}

#[test]
fn a_host_without_a_time_of_creation_comes_first() {
    let observation = beside(|rival| rival.created_at = None);
    expect_start(&observation, "wait: spec.bmc.address: ");
    let both = observation.with(|observation| {
        observation.host.metadata.creation_timestamp = None::<Time>;
    });
    expect(&both, REGISTERS);
}
