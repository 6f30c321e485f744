//! Registration in every state of the host: the node is found, made, told, verified, gets its ports, and comes back after a
//! loss of Ironic's database.
//!
//! The rows are Metal3's (`Register` in `pkg/provisioner/ironic/register.go`, `registerHost` in
//! `internal/controller/metal3.io/baremetalhost_controller.go`).

use ironic_types::{Node, Port, PowerState, ProvisionState as N};
use metal_api::v1alpha1::{
    BareMetalHost, BootMode, ErrorType, HardwareDetails, InspectionMode, ProvisioningState as S,
};
use metal_plan::{Effect, EventKind, MacOwner, Observation, SecretFacts, Step};
use rstest::rstest;
use serde_json::json;

use crate::fixtures::*;
use crate::toy::Toy;

/// The states in which a node is kept.
const REGISTERED: [S; 9] = [
    S::Registering,
    S::Inspecting,
    S::Preparing,
    S::Ready,
    S::Available,
    S::Provisioning,
    S::Provisioned,
    S::ExternallyProvisioned,
    S::Deprovisioning,
];

/// A host whose credentials Ironic was told.
fn told(state: S) -> BareMetalHost {
    host(state).with(|host| {
        let status = host.status.as_mut().unwrap();
        status.tried_credentials = Some(from(json!({"credentialsVersion": "7"})));
        if state == S::ExternallyProvisioned {
            host.spec.boot_volume = None;
            host.spec.externally_provisioned = Some(true);
        }
    })
}

fn usable(version: &str) -> SecretFacts {
    SecretFacts::Usable {
        version: version.into(),
    }
}

fn words(observation: &Observation) -> Vec<String> {
    match planned(observation).step {
        Step::Act(effects) => effects.iter().map(Effect::to_string).collect(),
        _ => Vec::new(),
    }
}

fn blocked(observation: &Observation, problem: &str) {
    let plan = planned(observation).to_string();
    assert!(plan.contains(problem), "{plan}");
    let status = after(observation).host.status.unwrap();
    assert_eq!(status.error_type, Some(ErrorType::Registration), "{plan}");
    assert_eq!(status.error_count, 0, "somebody must change something");
    assert!(
        status.error_message.contains(problem),
        "{}",
        status.error_message
    );
}

#[test]
fn a_node_is_made_in_every_state_that_needs_one() {
    for state in REGISTERED {
        expect(&observe(told(state)), "act: CreateNode(metal~node-0)");
    }
}

#[test]
fn nothing_is_registered_that_conflicts_with_another_node() {
    for state in REGISTERED {
        let taken = observe(told(state)).with(|observation| {
            observation.seen().mac_owner = Some(MacOwner {
                address: "52:54:00:e2:e0:01".into(),
                node: "metal~node-1".into(),
            });
        });
        blocked(
            &taken,
            "MAC address 52:54:00:e2:e0:01 conflicts with existing node metal~node-1",
        );
    }
}

#[rstest]
#[case::missing(SecretFacts::Missing, "Secret node-0-bmc does not exist")]
#[case::not_read(SecretFacts::NotRead, "Secret node-0-bmc does not exist")]
#[case::invalid(SecretFacts::Invalid { problem: "key password is missing".into() }, "key password is missing")]
fn without_credentials_no_living_host_goes_on(#[case] facts: SecretFacts, #[case] problem: &str) {
    for state in REGISTERED {
        let lost = observe(told(state)).with(|lost| lost.bmc_credentials = facts.clone());
        blocked(&lost, problem);
        let kept = lost.seeing(deployed_node(N::Active, PowerState::On));
        blocked(&kept, problem);
        assert_eq!(after(&kept).events[0].kind, EventKind::Warning);
    }
}

#[rstest]
#[case::unknown_scheme("floppy://192.0.2.1", "spec.bmc.address: ")]
#[case::no_host("redfish:///redfish/v1", "spec.bmc.address: ")]
fn without_an_address_no_living_host_goes_on(#[case] address: &str, #[case] problem: &str) {
    for state in REGISTERED {
        let observation = observe(told(state))
            .with(|lost| lost.host.spec.bmc.as_mut().unwrap().address = address.into());
        blocked(&observation, problem);
    }
}

#[test]
fn a_bmc_that_was_removed_is_asked_for() {
    for state in REGISTERED {
        let removed = observe(told(state)).with(|removed| removed.host.spec.bmc = None);
        blocked(&removed, "spec.bmc: it was removed");
    }
}

/// Metal3: only an inspection could find the address.
#[rstest]
#[case(Some(InspectionMode::Disabled), None, true)]
#[case(Some(InspectionMode::Disabled), Some(""), true)]
#[case(Some(InspectionMode::Disabled), Some("52:54:00:e2:e0:01"), false)]
#[case(Some(InspectionMode::Agent), None, false)]
#[case(None, None, false)]
fn a_host_that_is_not_inspected_needs_its_mac_address(
    #[case] mode: Option<InspectionMode>,
    #[case] address: Option<&str>,
    #[case] is_refused: bool,
) {
    let host = told(S::Registering).with(without_volume).with(|host| {
        host.spec.inspection_mode = mode;
        host.spec.boot_mac_address = address.map(String::from);
    });
    let observation = observe(host);
    if is_refused {
        blocked(&observation, "spec.bootMACAddress: it is required");
    } else {
        expect(&observation, "act: CreateNode(metal~node-0)");
    }
}

/// A node that was found by its MAC address, or by the name that old versions gave.
#[rstest]
#[case(None, true)]
#[case(Some("node-0"), true)]
#[case(Some("metal~node-0"), false)]
fn a_node_gets_the_hosts_name(#[case] name: Option<&str>, #[case] is_renamed: bool) {
    for state in [N::Manageable, N::Available] {
        let found = node(state, PowerState::Off).with(|node| node.name = name.map(String::from));
        let observation = observe(told(S::Registering)).seeing(found);
        let is_patched = words(&observation).contains(&"UpdateNode(/name)".to_owned());
        assert_eq!(is_patched, is_renamed);
    }
}

#[rstest]
#[case(None, None, None)]
#[case(Some("x86_64"), None, Some("/properties/cpu_arch"))]
#[case(Some("aarch64"), Some("x86_64"), Some("/properties/cpu_arch"))]
#[case(Some("x86_64"), Some("x86_64"), None)]
#[case(None, Some("x86_64"), None)]
fn a_node_gets_the_hosts_architecture(
    #[case] wanted: Option<&str>,
    #[case] present: Option<&str>,
    #[case] patched: Option<&str>,
) {
    let known = node(N::Manageable, PowerState::Off).with(|node| {
        if let Some(present) = present {
            node.properties.insert("cpu_arch".into(), present.into());
        }
    });
    let host = told(S::Registering).with(|host| host.spec.architecture = wanted.map(String::from));
    let expected: Vec<_> = patched
        .map(|path| format!("UpdateNode({path})"))
        .into_iter()
        .collect();
    assert_eq!(words(&observe(host).seeing(known)), expected);
}

/// Whether it may be told anything on this node: Ironic locks a node that it works on.
#[rstest]
#[case(N::Manageable, true)]
#[case(N::Available, true)]
#[case(N::Active, true)]
#[case(N::DeployFailed, true)]
#[case(N::CleanFailed, true)]
#[case(N::InspectFailed, true)]
#[case(N::AdoptFailed, true)]
#[case(N::Error, true)]
#[case(N::Rescue, true)]
#[case(N::RescueFailed, true)]
#[case(N::UnrescueFailed, true)]
#[case(N::Service, true)]
#[case(N::ServiceFailed, true)]
#[case(N::Deploying, false)]
#[case(N::DeployWait, false)]
#[case(N::DeployHold, false)]
#[case(N::DeployComplete, false)]
#[case(N::Deleting, false)]
#[case(N::Deleted, false)]
#[case(N::Cleaning, false)]
#[case(N::CleanWait, false)]
#[case(N::CleanHold, false)]
#[case(N::Rebuild, false)]
#[case(N::Inspecting, false)]
#[case(N::InspectWait, false)]
#[case(N::Adopting, false)]
#[case(N::Rescuing, false)]
#[case(N::RescueWait, false)]
#[case(N::Unrescuing, false)]
#[case(N::Servicing, false)]
#[case(N::ServiceWait, false)]
#[case(N::ServiceHold, false)]
fn other_credentials_are_told_in_every_state_that_lasts(#[case] state: N, #[case] is_told: bool) {
    let is_deployed = matches!(
        state,
        N::Active | N::DeployFailed | N::Error | N::AdoptFailed
    );
    for host_state in REGISTERED {
        // Nothing is told of a machine that this host has no record of.
        let is_unknown = !matches!(
            host_state,
            S::Provisioning
                | S::Provisioned
                | S::Deprovisioning
                | S::ExternallyProvisioned
                | S::PoweringOffBeforeDelete
        );
        let is_told = is_told && !(is_deployed && is_unknown);
        let changed = observe(told(host_state))
            .seeing(deployed_node(state.clone(), PowerState::Off))
            .with(|changed| changed.bmc_credentials = usable("8"));
        let has_told = words(&changed).first().map(String::as_str) == Some("SetDriverInfo");
        assert_eq!(has_told, is_told, "{host_state}");
        // Nothing else is done in that pass but what registration does.
        if is_told {
            let next = after(&changed).host.status.unwrap();
            assert_eq!(
                next.tried_credentials.unwrap().credentials_version.unwrap(),
                "8"
            );
        }
    }
}

#[test]
fn other_credentials_are_told_before_the_node_is_verified() {
    for state in REGISTERED {
        let changed = observe(told(state).with(without_volume))
            .seeing(node(N::Enroll, PowerState::Off))
            .with(|changed| {
                changed.bmc_credentials = usable("8");
                let status = changed.host.status.as_mut().unwrap();
                status.provisioning.boot_volume = None;
            });
        expect(&changed, "act: SetDriverInfo SetProvisionState(manage)");
        let verifying = changed.seeing(node(N::Verifying, PowerState::Off));
        expect(&verifying, "wait: node is verifying");
    }
}

#[test]
fn credentials_are_good_once_ironic_has_verified_them() {
    let mut observation = observe(told(S::Provisioned).with(|host| {
        host.status.as_mut().unwrap().tried_credentials = None;
        host.status.as_mut().unwrap().good_credentials = None;
    }))
    .seeing(deployed_node(N::Active, PowerState::On));
    let validated = |observation: &Observation| {
        let next = after(observation);
        let is_validated = next.events.iter().any(|event| {
            event.reason.as_str() == "BMCAccessValidated" && event.kind == EventKind::Normal
        });
        (next.host, is_validated)
    };
    expect(&observation, "act: SetDriverInfo");
    let (host, is_validated) = validated(&observation);
    assert!(!is_validated, "they were told, no more");
    assert_eq!(host.status.as_ref().unwrap().good_credentials, None);

    observation.host = host;
    let (host, is_validated) = validated(&observation);
    assert!(is_validated);
    let status = host.status.as_ref().unwrap();
    assert_eq!(status.good_credentials, status.tried_credentials);

    observation.host = host;
    assert!(!validated(&observation).1, "it is told once");
}

#[rstest]
#[case(S::Registering, N::Enroll)]
#[case(S::Preparing, N::Enroll)]
#[case(S::Preparing, N::Verifying)]
#[case(S::Provisioned, N::Verifying)]
fn credentials_that_are_being_tried_are_not_good(#[case] state: S, #[case] node_state: N) {
    let trying = told(state).with(|host| host.status.as_mut().unwrap().good_credentials = None);
    let next = after(&observe(trying).seeing(node(node_state, PowerState::Off)));
    assert_eq!(next.host.status.unwrap().good_credentials, None);
}

/// Of a BMC that refuses what it is told, in every state in which a node can be in `enroll`.
#[test]
fn a_verification_that_fails_is_a_registration_error_in_every_state() {
    for state in REGISTERED {
        let refused = |version: &str| {
            observe(told(state).with(without_volume))
                .seeing(
                    node(N::Enroll, PowerState::Off)
                        .with(|node| node.last_error = Some("HTTP response code: 401".into())),
                )
                .with(|observation| {
                    observation.bmc_credentials = usable(version);
                    let status = observation.host.status.as_mut().unwrap();
                    status.provisioning.boot_volume = None;
                })
        };
        let mut observation = refused("7");
        expect(&observation, "enter: failure: HTTP response code: 401");
        let next = after(&observation);
        assert_eq!(next.events[0].reason.as_str(), "RegistrationError");
        assert_eq!(next.host.status.as_ref().unwrap().provisioning.state, state);
        observation.host = next.host;
        expect_start(&observation, "wait: next attempt at ");
        let shown = after(&observation).host.status.unwrap();
        assert_eq!(shown.error_message, "HTTP response code: 401");

        let corrected = observation
            .clone()
            .with(|corrected| corrected.bmc_credentials = usable("8"));
        expect(&corrected, "act: SetDriverInfo SetProvisionState(manage)");

        let moved = observation.clone().with(|moved| {
            moved.host.spec.bmc.as_mut().unwrap().address = "redfish://192.0.2.9".into();
            moved.host.metadata.generation = Some(2);
        });
        expect(&moved, "act: SetDriverInfo SetProvisionState(manage)");

        observation.now += jiff::SignedDuration::from_mins(2);
        expect(&observation, "act: SetProvisionState(manage)");
        observation.host = after(&observation).host;
        let status = observation.host.status.as_ref().unwrap();
        assert_eq!((status.error_type, status.error_count), (None, 1));
    }
}

/// It failed again: the count goes on, until the registration is over.
#[test]
fn failed_verifications_are_counted_until_one_succeeds() {
    let mut toy = Toy {
        reaches_bmc: false,
        ..Toy::default()
    };
    let mut observation = observe(host(S::Registering).with(|host| {
        host.status.as_mut().unwrap().provisioning.id = String::new();
    }));
    for _ in 0..20 {
        toy.pass(&mut observation);
    }
    let errors = observation.host.status.as_ref().unwrap().error_count;
    assert!(errors > 3, "{errors}");
    toy.reaches_bmc = true;
    observation.now += jiff::SignedDuration::from_hours(9);
    while observation.host.state() == S::Registering {
        toy.pass(&mut observation);
    }
    let status = observation.host.status.unwrap();
    assert_eq!((status.error_type, status.error_count), (None, 0));
    assert_eq!(status.good_credentials, status.tried_credentials);
}

fn hardware(nics: &serde_json::Value) -> HardwareDetails {
    from(json!({"nics": nics, "storage": [{"name": "/dev/sda"}]}))
}

/// Each port that is made: its address, and whether the card boots.
fn ports_made(observation: &Observation) -> Vec<(String, bool)> {
    let Step::Act(effects) = planned(observation).step else {
        return Vec::new();
    };
    let made = effects.into_iter().filter_map(|effect| match effect {
        Effect::CreatePort {
            address,
            pxe_enabled,
            ..
        } => Some((address, pxe_enabled)),
        _ => None,
    });
    made.collect()
}

const BOOT: &str = "52:54:00:e2:e0:01";
const OTHER: &str = "52:54:00:e2:e0:02";

#[rstest]
#[case::boot_address_alone(Some(BOOT), json!([]), &[], &[(BOOT, true)])]
#[case::in_upper_case(Some("52:54:00:E2:E0:01"), json!([]), &[], &[(BOOT, true)])]
#[case::there_already(Some(BOOT), json!([]), &[BOOT], &[])]
#[case::there_in_upper_case(Some(BOOT), json!([]), &["52:54:00:E2:E0:01"], &[])]
#[case::cards_without_boot_address(None, json!([{"mac": BOOT, "pxe": true}, {"mac": OTHER}]), &[], &[(BOOT, true), (OTHER, false)])]
#[case::the_boot_address_boots(Some(BOOT), json!([{"mac": BOOT, "pxe": false}]), &[], &[(BOOT, true)])]
#[case::another_card_boots_too(Some(BOOT), json!([{"mac": OTHER, "pxe": true}]), &[], &[(BOOT, true), (OTHER, true)])]
#[case::another_card_does_not(Some(BOOT), json!([{"mac": OTHER, "pxe": false}]), &[], &[(BOOT, true), (OTHER, false)])]
#[case::one_of_two_is_there(Some(BOOT), json!([{"mac": OTHER}]), &[BOOT], &[(OTHER, false)])]
#[case::cards_in_upper_case(None, json!([{"mac": "52:54:00:E2:E0:02", "pxe": true}]), &[], &[(OTHER, true)])]
#[case::two_addresses_of_one_card(None, json!([{"mac": OTHER, "ip": "192.0.2.2"}, {"mac": OTHER, "ip": "2001:db8::2"}]), &[], &[(OTHER, false)])]
#[case::a_card_without_address(Some(BOOT), json!([{"name": "eth0"}, {"mac": ""}]), &[BOOT], &[])]
#[case::nothing_known(None, json!([]), &[], &[])]
#[case::empty_boot_address(Some(""), json!([]), &[], &[])]
fn ports_are_made_of_the_boot_address_and_the_hardware(
    #[case] address: Option<&str>,
    #[case] nics: serde_json::Value,
    #[case] present: &[&str],
    #[case] expected: &[(&str, bool)],
) {
    let host = told(S::Registering).with(without_volume).with(|host| {
        host.spec.boot_mac_address = address.map(String::from);
        host.spec.inspection_mode = None;
    });
    let observation = observe(host)
        .seeing(node(N::Manageable, PowerState::Off))
        .with(|observation| {
            observation.hardware = Some(hardware(&nics));
            let of = |address: &&str| port(true).with(|port| port.address = (*address).to_owned());
            observation.seen().ports = present.iter().map(of).collect();
        });
    let made = ports_made(&observation);
    let made: Vec<_> = made
        .iter()
        .map(|(mac, boots)| (mac.as_str(), *boots))
        .collect();
    assert_eq!(made, expected);
}

/// A node that was made anew passes through `manageable` in every state, and gets its ports there.
#[test]
fn ports_that_were_lost_are_made_again_in_every_state() {
    for state in REGISTERED {
        let lost = observe(told(state))
            .seeing(node(N::Manageable, PowerState::Off))
            .with(|lost| lost.seen().ports.clear());
        assert_eq!(ports_made(&lost), [(BOOT.to_owned(), true)], "{state}");
    }
}

#[test]
fn no_port_is_made_on_a_node_that_ironic_works_on() {
    for state in REGISTERED {
        for node_state in N::KNOWN.iter().filter(|state| state.is_transient()) {
            let busy = observe(told(state))
                .seeing(node(node_state.clone(), PowerState::Off))
                .with(|busy| busy.seen().ports.clear());
            assert_eq!(ports_made(&busy), [], "{state} on {node_state}");
        }
    }
}

/// A node is lost, with all that Ironic knew of it; its machine is as it was.
fn after_a_loss(host: BareMetalHost, machine: PowerState) -> (Observation, Toy) {
    let lost = observe(host).with(|observation| {
        observation.seen().ports.clear();
        observation.hardware = Some(hardware(&json!([])));
    });
    let toy = Toy {
        machine,
        ..Toy::default()
    };
    (lost, toy)
}

const ANEW: [&str; 4] = [
    "act: CreateNode(metal~node-0)",
    "act: SetProvisionState(manage)",
    "wait: node is verifying",
    "act: CreatePort(52:54:00:e2:e0:01)",
];

/// Ironic's database was dropped: what each state does until it is where it was.
#[rstest]
#[case::registering(told(S::Registering).with(without_volume), PowerState::Off, "enter: preparing", S::Available)]
#[case::preparing(told(S::Preparing).with(without_volume), PowerState::Off, "act: UpdateNode(/automated_clean) SetProvisionState(provide)", S::Available)]
#[case::available(told(S::Available).with(without_volume), PowerState::Off, "enter: preparing", S::Available)]
#[case::ready(told(S::Ready).with(without_volume), PowerState::Off, "enter: preparing", S::Available)]
#[case::provisioning(
    told(S::Provisioning),
    PowerState::Off,
    "enter: deprovisioning",
    S::Provisioned
)]
#[case::external(
    told(S::ExternallyProvisioned),
    PowerState::On,
    "act: SetProvisionState(adopt)",
    S::ExternallyProvisioned
)]
#[case::by_image(
    by_image(),
    PowerState::On,
    "act: SetProvisionState(adopt)",
    S::Provisioned
)]
fn a_loss_of_ironics_database_heals_in_every_state(
    #[case] host: BareMetalHost,
    #[case] machine: PowerState,
    #[case] goes_on: &str,
    #[case] ends_as: S,
) {
    let (mut lost, mut toy) = after_a_loss(host, machine);
    let plans = toy.live(&mut lost, 60);
    let begin: Vec<_> = plans
        .iter()
        .take(5)
        .filter(|plan| *plan != ANEW[2])
        // What may be deployed is marked.
        .map(|plan| plan.replace("UpdateNode(/instance_uuid) ", ""))
        .collect();
    let expected = [ANEW[0], ANEW[1], ANEW[3], goes_on];
    assert_eq!(begin[..4], expected, "{plans:#?}");
    assert_eq!(plans.last().unwrap(), "rest", "{plans:#?}");
    assert_eq!(lost.host.state(), ends_as, "{plans:#?}");
    let status = lost.host.status.unwrap();
    assert_eq!(
        (status.error_count, status.error_type),
        (0, None),
        "{plans:#?}"
    );
}

fn by_image() -> BareMetalHost {
    told(S::Provisioned).with(without_volume).with(|host| {
        host.spec.image = Some(from(json!({"url": "http://192.0.2.1/image"})));
        let provisioning = &mut host.status.as_mut().unwrap().provisioning;
        provisioning.boot_volume = None;
        provisioning.image.clone_from(&host.spec.image);
    })
}

/// In any other order Ironic goes to `active` without a boot script, and the machine fails its next start.
#[test]
fn a_machine_that_runs_from_its_volume_is_adopted_only_with_the_volume() {
    let (mut lost, mut toy) = after_a_loss(told(S::Provisioned), PowerState::On);
    let plans = toy.live(&mut lost, 60);
    assert_eq!(
        plans,
        [
            "act: CreateNode(metal~node-0)",
            "act: UpdateNode(/instance_uuid) SetProvisionState(manage)",
            "act: CreatePort(52:54:00:e2:e0:01)",
            "act: UpdateNode(/storage_interface,/properties/capabilities) \
             CreateConnector(iqn.2026-11.org.example:node-0) CreateTarget(vol-1) Validate \
             SetProvisionState(adopt)",
            "rest",
        ]
    );
    assert_eq!(toy.machine, PowerState::On);
    assert_eq!(toy.asked, None, "its power is not touched");
}

/// The deployment that is called off may have been done without anybody seeing it.
#[rstest]
#[case(S::Provisioning)]
#[case(S::Deprovisioning)]
fn a_release_that_lost_its_node_adopts_it_to_undeploy_it(#[case] state: S) {
    let releasing = told(state).with(without_volume);
    let (mut lost, mut toy) = after_a_loss(releasing, PowerState::On);
    let plans = toy.live(&mut lost, 60);
    let has = |words: &str| plans.iter().position(|plan| plan.contains(words));
    let (adopts, off, undeploys) = (
        has("SetProvisionState(adopt)"),
        has("SetPower(soft power off)"),
        has("SetProvisionState(deleted)"),
    );
    assert!(
        adopts.is_some() && adopts < off && off < undeploys,
        "{plans:#?}"
    );
    assert_eq!(lost.host.state(), S::Available, "{plans:#?}");
}

#[rstest]
#[case(SecretFacts::Missing, "SecretMissing")]
#[case(SecretFacts::NotOptedIn, "SecretNotOptedIn")]
#[case(SecretFacts::Invalid { problem: "key username is missing".into() }, "SecretInvalid")]
fn without_the_volumes_secret_the_node_waits_in_manageable(
    #[case] facts: SecretFacts,
    #[case] reason: &str,
) {
    let (mut lost, mut toy) = after_a_loss(told(S::Provisioned), PowerState::On);
    lost.iscsi_credentials = chap_secret(facts);
    let plans = toy.live(&mut lost, 60);
    let last = plans.last().unwrap();
    assert!(last.starts_with(&format!("wait: {reason}: ")), "{plans:#?}");
    let node = lost.seen().node.clone().unwrap();
    assert_eq!(node.provision_state, Some(N::Manageable));
    assert_eq!(toy.asked, None, "its power is not touched");
    lost.iscsi_credentials = chap_secret(usable("7"));
    assert_eq!(toy.live(&mut lost, 60).last().unwrap(), "rest");
}

#[test]
fn an_adoption_that_fails_is_tried_again_with_its_back_off() {
    let (mut lost, mut toy) = after_a_loss(told(S::Provisioned), PowerState::On);
    toy.adopts = false;
    for _ in 0..30 {
        toy.pass(&mut lost);
    }
    let status = lost.host.status.clone().unwrap();
    assert!(status.error_count > 3, "{}", status.error_count);
    let failed = lost.seen().node.as_ref().unwrap().provision_state.clone();
    assert!(
        matches!(failed, Some(N::AdoptFailed | N::Adopting)),
        "{failed:?}"
    );
    assert_eq!(status.provisioning.state, S::Provisioned);
    toy.adopts = true;
    lost.now += jiff::SignedDuration::from_hours(9);
    assert_eq!(toy.live(&mut lost, 20).last().unwrap(), "rest");
    assert_eq!(lost.host.status.unwrap().error_count, 0);
}

/// A new node has a new id, and the host follows.
#[test]
fn the_id_of_a_node_that_was_made_anew_is_recorded() {
    let lost = observe(told(S::Provisioned).with(|host| {
        host.status.as_mut().unwrap().provisioning.id = OTHER_NODE.into();
    }));
    let made = metal_plan::next_host(
        &lost,
        &planned(&lost),
        &[metal_plan::Outcome::NodeCreated(NODE.parse().unwrap())],
    );
    assert_eq!(made.host.status.unwrap().provisioning.id, NODE);
    let found = lost.seeing(Node {
        name: None,
        ..deployed_node(N::Active, PowerState::On)
    });
    assert_eq!(after(&found).host.status.unwrap().provisioning.id, NODE);
}

/// The machine has the boot mode of its deployment, and adoption has Ironic set the node's in the BMC.
#[test]
fn a_node_that_is_made_anew_has_the_boot_mode_of_the_deployment() {
    let pending = host(S::Provisioned).with(|host| {
        let provisioning = &mut host.status.as_mut().unwrap().provisioning;
        provisioning.boot_mode = Some(BootMode::Legacy);
        host.spec.boot_mode = Some(BootMode::Uefi);
    });
    let Step::Act(effects) = planned(&observe(pending.clone())).step else {
        panic!("nothing is made");
    };
    let [Effect::CreateNode { node: made, .. }] = effects.as_slice() else {
        panic!("{effects:?}");
    };
    assert_eq!(made.capabilities, "boot_mode:bios");

    let manageable = node(N::Manageable, PowerState::On).with(|node| {
        node.properties = from(json!({"capabilities": "boot_mode:bios"}));
    });
    let Step::Act(effects) = planned(&observe(pending).seeing(manageable)).step else {
        panic!("it is not adopted");
    };
    let patches = effects.iter().filter_map(|effect| match effect {
        Effect::UpdateNode { patch, .. } => Some(serde_json::to_string(patch).unwrap()),
        _ => None,
    });
    let patches: Vec<_> = patches.collect();
    assert!(
        patches
            .iter()
            .any(|patch| patch.contains("boot_mode:bios,iscsi_boot:true")),
        "{patches:?}"
    );
}

/// Ironic may have deployed it before its node was lost, and still serves the boot script.
#[test]
fn a_deployment_whose_node_was_made_anew_is_undone_before_it_begins_again() {
    let anew = node(N::Manageable, PowerState::On).with(|node| {
        node.instance_uuid = Some("33333333-3333-4333-8333-333333333333".parse().unwrap());
    });
    expect(
        &observe(host(S::Provisioning)).seeing(anew),
        "enter: deprovisioning",
    );
}

/// A redeployment undeploys first, and what was changed of the port while the machine ran is put right then: the machine
/// would boot nothing.
#[rstest]
#[case::disabled(vec![port(false)], "act: SetProvisionState(manage)")]
#[case::gone(vec![], "act: CreatePort(52:54:00:e2:e0:01)")]
fn a_port_is_put_right_before_the_deployment(#[case] ports: Vec<Port>, #[case] plan: &str) {
    let observation = observe(told(S::Provisioning))
        .seeing(node(N::Available, PowerState::Off))
        .with(|observation| observation.seen().ports = ports);
    expect(&observation, plan);
}
